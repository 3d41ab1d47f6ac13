SELECT r.name, s.id FROM :rows(r: name text) CROSS JOIN suppliers s WHERE s.tenant_id = :tenant AND s.name = r.name
