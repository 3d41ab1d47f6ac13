-- One writer: nothing can have come between the reading and this.
DELETE FROM alert_marks WHERE (tenant_id, product_id) IN (SELECT w.tenant_id, w.product_id FROM ev_product w)
