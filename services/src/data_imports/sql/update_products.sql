UPDATE products SET version = products.version + 1, name = r.name, description = r.description, barcode = r.barcode,
  category_id = r.category_id, supplier_id = r.supplier_id, unit_id = r.unit_id, cost_price = r.cost_price, sale_price = r.sale_price,
  reorder_point = r.reorder_point, updated_at = :now
FROM :rows(r: id uuid, sku text, name text, description text, barcode text, category_id uuid, supplier_id uuid, unit_id uuid, cost_price bigint, sale_price bigint, reorder_point bigint)
WHERE products.tenant_id = :tenant AND products.id = r.id
