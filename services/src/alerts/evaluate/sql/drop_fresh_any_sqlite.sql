-- Whoever asks for the whole organisation before the work on it begins is served by that work.
DELETE FROM alert_marks WHERE tenant_id = (SELECT t.tenant_id FROM ev_tenant t) AND product_id = :any AND after_id IS NULL AND id <> :id
