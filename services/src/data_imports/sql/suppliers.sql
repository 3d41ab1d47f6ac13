SELECT r.name, s.id FROM :rows(r: name text) JOIN suppliers s ON s.tenant_id = :tenant AND s.name = r.name
