SELECT (SELECT COUNT(*) FROM warehouses w WHERE w.tenant_id = :tenant) AS warehouses,
  (SELECT COUNT(*) FROM categories c WHERE c.tenant_id = :tenant) AS categories,
  (SELECT COUNT(*) FROM suppliers s WHERE s.tenant_id = :tenant) AS suppliers
