SELECT tenant_id, id, name FROM warehouses WHERE name_key = '' LIMIT :most
