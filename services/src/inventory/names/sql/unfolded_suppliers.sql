SELECT tenant_id, id, name FROM suppliers WHERE name_key = '' LIMIT :most
