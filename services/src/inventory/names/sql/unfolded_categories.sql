SELECT tenant_id, id, name FROM categories WHERE name_key = '' LIMIT :most
