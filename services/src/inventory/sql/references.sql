SELECT 'CATEGORY' AS kind, c.id, c.name, c.name_key, c.parent_id, c.created_at, CAST(NULL AS text) AS code, CAST(NULL AS integer) AS number,
  CAST(NULL AS text) AS phone, CAST(NULL AS text) AS email
FROM categories c WHERE c.tenant_id = :tenant AND c.id :in(categories)
UNION ALL
SELECT 'SUPPLIER', s.id, s.name, s.name_key, NULL, s.created_at, NULL, s.lead_time_days, s.phone, s.email
FROM suppliers s WHERE s.tenant_id = :tenant AND s.id :in(suppliers)
UNION ALL
SELECT 'UNIT', u.id, u.name, NULL, NULL, NULL, u.code, u.decimals, NULL, NULL
FROM units u WHERE u.tenant_id = :tenant AND u.id :in(units)
