SELECT p.id, p.name, u.code AS unit FROM products p JOIN units u ON u.tenant_id = p.tenant_id AND u.id = p.unit_id
WHERE p.tenant_id = :tenant AND p.id :in(ids)
