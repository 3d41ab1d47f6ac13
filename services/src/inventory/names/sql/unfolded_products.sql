SELECT tenant_id, id, name FROM products WHERE name_key = '' LIMIT :most
