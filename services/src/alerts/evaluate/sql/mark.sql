INSERT INTO alert_marks (tenant_id, product_id) VALUES (:tenant, :product)
