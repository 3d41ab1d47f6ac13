-- The rows of the floors in the product's own tables, their names without accents; its triggers and foreign keys rest meanwhile.
CREATE FUNCTION floor.uid(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT ('0190000' || kind || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
CREATE FUNCTION floor.micros(t timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (extract(epoch FROM t) * 1000000)::bigint $$;
SET session_replication_role = replica;
SET search_path = public;
BEGIN;
CREATE TABLE floor.known AS
SELECT t.id, o.id AS tenant_id, (SELECT u.id FROM units u WHERE u.tenant_id = o.id ORDER BY u.code LIMIT 1) AS unit_id
FROM floor.tenants t JOIN organizations o ON o.name = t.name;
INSERT INTO categories (tenant_id, id, name, name_key, created_at)
SELECT k.tenant_id, floor.uid(1, c.id), c.name, lower(c.name), floor.micros(now()) FROM floor.categories c JOIN floor.known k ON k.id = c.tenant_id;
INSERT INTO suppliers (tenant_id, id, name, name_key, lead_time_days, email, created_at)
SELECT k.tenant_id, floor.uid(2, s.id), s.name, lower(s.name), s.lead_time_days, s.email, floor.micros(now())
FROM floor.suppliers s JOIN floor.known k ON k.id = s.tenant_id;
INSERT INTO warehouses (tenant_id, id, name, name_key, code, created_at)
SELECT k.tenant_id, floor.uid(3, w.id), w.name, lower(w.name), w.code, floor.micros(now()) FROM floor.warehouses w JOIN floor.known k ON k.id = w.tenant_id;
INSERT INTO products (tenant_id, id, version, sku, name, name_key, category_id, supplier_id, unit_id, sale_price, reorder_point, archived_at, search, created_at, updated_at)
SELECT k.tenant_id, floor.uid(4, p.id), 1, p.sku, p.name, lower(p.name), floor.uid(1, p.category_id), floor.uid(2, p.supplier_id), k.unit_id,
  (p.unit_price * 100)::bigint, p.reorder_point * 1000, CASE WHEN p.is_active THEN NULL ELSE floor.micros(p.updated_at) END, lower(p.sku || E'\n' || p.name),
  floor.micros(p.created_at), floor.micros(p.updated_at)
FROM floor.products p JOIN floor.known k ON k.id = p.tenant_id;
INSERT INTO stock_levels (tenant_id, id, product_id, warehouse_id, on_hand, reserved, updated_at)
SELECT k.tenant_id, floor.uid(5, l.id), floor.uid(4, l.product_id), floor.uid(3, l.warehouse_id), l.quantity * 1000, 0, floor.micros(l.updated_at)
FROM floor.stock_levels l JOIN floor.known k ON k.id = l.tenant_id;
INSERT INTO stock_movements (tenant_id, id, product_id, warehouse_id, kind, quantity, ordered_quantity, reference, occurred_at, recorded_at)
SELECT k.tenant_id, floor.uid(6, m.id), floor.uid(4, m.product_id), floor.uid(3, m.warehouse_id),
  CASE m.kind WHEN 'in' THEN 'RECEIPT' WHEN 'out' THEN 'SALE' ELSE 'ADJUSTMENT' END, m.quantity * 1000,
  CASE WHEN m.kind = 'out' THEN m.requested * 1000 END, m.reference, floor.micros(m.created_at), floor.micros(m.created_at)
FROM floor.stock_movements m JOIN floor.known k ON k.id = m.tenant_id;
INSERT INTO service_days (tenant_id, product_id, day, lines, short_lines, ordered, delivered)
SELECT k.tenant_id, floor.uid(4, m.product_id), (floor.micros(m.created_at) / 86400000000)::int, count(*),
  count(*) FILTER (WHERE -m.quantity < m.requested), sum(m.requested) * 1000, sum(-m.quantity) * 1000
FROM floor.stock_movements m JOIN floor.known k ON k.id = m.tenant_id WHERE m.kind = 'out' GROUP BY 1, 2, 3;
-- What one movement leaves beside itself.
CREATE TABLE floor.idempotency_keys (tenant_id bigint NOT NULL, key uuid NOT NULL, answer text NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, key));
CREATE TABLE floor.marks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id bigint NOT NULL, product_id bigint NOT NULL);
CREATE TABLE floor.events (tenant_id bigint NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, stream text NOT NULL, payload text NOT NULL,
  occurred_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id));
ALTER TABLE floor.bench_meta ADD COLUMN loaded boolean NOT NULL DEFAULT true;
COMMIT;
