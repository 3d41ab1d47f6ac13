-- An insert that always finds its row: SQLite would read all products for an UPDATE ... FROM.
INSERT INTO products (tenant_id, id, version, sku, name, name_key, description, barcode, category_id, supplier_id, unit_id, cost_price,
  sale_price, reorder_point, search, created_at, updated_at)
SELECT :tenant, r.id, 1, r.sku, r.name, r.name_key, r.description, r.barcode, r.category_id, r.supplier_id, r.unit_id, r.cost_price,
  r.sale_price, r.reorder_point, r.search, :now, :now
FROM :rows(r: id uuid, sku text, name text, name_key text, description text, barcode text, category_id uuid, supplier_id uuid, unit_id uuid, cost_price bigint, sale_price bigint, reorder_point bigint, search text)
WHERE true
ON CONFLICT (tenant_id, id) DO UPDATE SET version = products.version + 1, name = excluded.name, name_key = excluded.name_key,
  description = excluded.description, barcode = excluded.barcode, category_id = excluded.category_id, supplier_id = excluded.supplier_id,
  unit_id = excluded.unit_id, cost_price = excluded.cost_price, sale_price = excluded.sale_price, reorder_point = excluded.reorder_point,
  search = excluded.search, updated_at = excluded.updated_at
