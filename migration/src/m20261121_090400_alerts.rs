//! Alert rules, alerts with their history, and the marks that say who must be looked at again.
//!
//! The nil id stands for "any" in marks (the whole organisation) and in alerts (all warehouses together), where NULL
//! would not sit in a unique key. Severities are numbers (1 INFO, 2 WARNING, 3 CRITICAL), because lists sort by them.
//! Durations are microseconds; targets and percentages are ten-thousandths.
//!
//! PostgreSQL adds whole numbers up as `numeric`, at twice the cost; `exact_sum` stays whole and fails when it overflows.
//! An evaluation of everything reads what it asks of a product from an index of just that. An alert whose value changes
//! stays on its page, which is left some room, so that no index is written.

use crate::dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261121_090400_alerts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        dialect::run(manager, if postgres { POSTGRES_TRIGGERS } else { SQLITE_TRIGGERS }).await?;
        dialect::run(manager, KNOWN_ORGANIZATIONS).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Postgres => {
                for function in MARKERS {
                    manager.get_connection().execute_unprepared(&format!("DROP FUNCTION {function}() CASCADE")).await?;
                }
                dialect::run(manager, "DROP INDEX products_alerting\n;\nDROP AGGREGATE exact_sum(bigint)").await?;
            }
            _ => {
                for line in SQLITE_TRIGGERS.lines().filter_map(|line| line.strip_prefix("CREATE TRIGGER ")) {
                    let name = line.split(' ').next().unwrap_or_default();
                    manager.get_connection().execute_unprepared(&format!("DROP TRIGGER {name}")).await?;
                }
            }
        }
        let tables = ["alert_tenants", "alert_marks", "alert_rules", "alert_rule_recipients", "alerts", "alert_transitions"];
        dialect::drop_tables(manager, &tables).await
    }
}

const TABLES: &str = "
CREATE TABLE alert_tenants (
  tenant_id {id} NOT NULL PRIMARY KEY,
  evaluated_at bigint NOT NULL,
  evaluated_day bigint NOT NULL)
;
CREATE TABLE alert_marks (
  tenant_id {id} NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY, -- postgres
  id bigint NOT NULL DEFAULT (random()), -- sqlite
  product_id {id} NOT NULL,
  after_id {id},
  PRIMARY KEY (tenant_id, id))
;
CREATE TABLE alert_rules (
  {key},
  version bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('STOCK_OUT', 'LOW_STOCK', 'SERVICE_LEVEL_DROP')),
  enabled boolean NOT NULL,
  severity integer NOT NULL CHECK (severity BETWEEN 1 AND 3),
  per_warehouse boolean NOT NULL,
  product_id {id},
  category_id {id},
  warehouse_id {id},
  threshold bigint CHECK (threshold >= 0),
  clear_margin bigint NOT NULL CHECK (clear_margin BETWEEN 0 AND 100000),
  service_level text CHECK (service_level IN ('LINE_FILL_RATE', 'UNIT_FILL_RATE')),
  target bigint CHECK (target BETWEEN 1 AND 10000),
  window_days bigint CHECK (window_days BETWEEN 1 AND 366),
  minimum_lines bigint CHECK (minimum_lines BETWEEN 1 AND 1000000),
  pending_for bigint NOT NULL CHECK (pending_for >= 0),
  keep_for bigint NOT NULL CHECK (keep_for >= 0),
  repeat_every bigint NOT NULL CHECK (repeat_every = 0 OR repeat_every >= 900000000),
  channels text NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CHECK (product_id IS NULL OR category_id IS NULL),
  CHECK (warehouse_id IS NULL OR per_warehouse),
  CHECK (kind <> 'SERVICE_LEVEL_DROP' OR NOT per_warehouse),
  CHECK ((kind = 'SERVICE_LEVEL_DROP') = (service_level IS NOT NULL)),
  CHECK ((service_level IS NULL) = (target IS NULL)),
  CHECK ((service_level IS NULL) = (window_days IS NULL)),
  CHECK ((service_level IS NULL) = (minimum_lines IS NULL)),
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, category_id) REFERENCES categories (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouses (tenant_id, id) ON DELETE CASCADE)
;
CREATE INDEX alert_rules_created_at ON alert_rules (tenant_id, created_at, id)
;
CREATE TABLE alert_rule_recipients (
  {key},
  rule_id {id} NOT NULL,
  membership_id {id},
  role_id {id},
  CHECK ((membership_id IS NULL) <> (role_id IS NULL)),
  FOREIGN KEY (tenant_id, rule_id) REFERENCES alert_rules (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE)
;
CREATE INDEX alert_rule_recipients_rule ON alert_rule_recipients (tenant_id, rule_id)
;
CREATE TABLE alerts (
  {key},
  version bigint NOT NULL,
  product_id {id} NOT NULL,
  warehouse_id {id} NOT NULL,
  kind text NOT NULL CHECK (kind IN ('STOCK_OUT', 'LOW_STOCK', 'SERVICE_LEVEL_DROP')),
  state text NOT NULL CHECK (state IN ('PENDING', 'FIRING', 'ACKNOWLEDGED', 'SNOOZED', 'RESOLVED')),
  severity integer NOT NULL CHECK (severity BETWEEN 1 AND 3),
  rule_id {id} NOT NULL,
  rule_version bigint NOT NULL,
  value_n bigint,
  value_d bigint,
  threshold bigint,
  pending_since bigint NOT NULL,
  fired_at bigint NOT NULL,
  clear_since bigint,
  quiet_until bigint,
  muted boolean NOT NULL,
  notified_at bigint,
  acknowledged_at bigint,
  acknowledged_by {id},
  resolved_at bigint,
  resolution text CHECK (resolution IN ('CLEARED', 'RULE_REMOVED', 'PRODUCT_ARCHIVED')),
  next_check_at bigint,
  previous_id {id},
  last_run {id} NOT NULL,
  CHECK ((state = 'RESOLVED') = (resolved_at IS NOT NULL)),
  CHECK ((state = 'RESOLVED') = (resolution IS NOT NULL)),
  FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, acknowledged_by) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT)
;
ALTER TABLE alerts SET (fillfactor = 80) -- postgres
;
CREATE UNIQUE INDEX alerts_open ON alerts (tenant_id, product_id, kind, warehouse_id) WHERE state <> 'RESOLVED'
;
CREATE INDEX alerts_subject ON alerts (tenant_id, product_id, kind, warehouse_id, fired_at)
;
CREATE INDEX alerts_next_check ON alerts (next_check_at, tenant_id, product_id) WHERE next_check_at IS NOT NULL
;
CREATE INDEX alerts_fired_at ON alerts (tenant_id, fired_at, id)
;
CREATE INDEX alerts_severity ON alerts (tenant_id, severity, id)
;
CREATE TABLE alert_transitions (
  {key},
  alert_id {id} NOT NULL,
  alert_version bigint NOT NULL,
  from_state text,
  to_state text NOT NULL CHECK (to_state IN ('PENDING', 'FIRING', 'ACKNOWLEDGED', 'SNOOZED', 'RESOLVED')),
  notice text CHECK (notice IN ('FIRST', 'AGAIN', 'REPEAT', 'GONE')),
  value_n bigint,
  value_d bigint,
  threshold bigint,
  by_membership_id {id},
  note text,
  occurred_at bigint NOT NULL,
  announced_at bigint,
  noticed_at bigint,
  FOREIGN KEY (tenant_id, alert_id) REFERENCES alerts (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, by_membership_id) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX alert_transitions_timeline ON alert_transitions (tenant_id, alert_id, alert_version)
;
CREATE INDEX alert_transitions_unannounced ON alert_transitions (tenant_id, occurred_at) WHERE announced_at IS NULL
;
CREATE INDEX alert_transitions_unnoticed ON alert_transitions (tenant_id) WHERE notice IS NOT NULL AND noticed_at IS NULL
;
CREATE INDEX products_alerting ON products (tenant_id, id) INCLUDE (category_id, reorder_point) WHERE archived_at IS NULL -- postgres
;
CREATE AGGREGATE exact_sum(bigint) (SFUNC = int8pl, STYPE = bigint, COMBINEFUNC = int8pl, PARALLEL = SAFE) -- postgres
";

/// Organisations older than this step.
const KNOWN_ORGANIZATIONS: &str = "
INSERT INTO alert_tenants (tenant_id, evaluated_at, evaluated_day) SELECT o.id, 0, 0 FROM organizations o
;
INSERT INTO alert_marks (tenant_id, product_id)
SELECT o.id, '00000000-0000-0000-0000-000000000000' -- postgres
SELECT o.id, zeroblob(16) -- sqlite
FROM organizations o
";

const MARKERS: &[&str] =
    &["alerts_mark_levels", "alerts_mark_product", "alerts_mark_edited", "alerts_mark_rule", "alerts_mark_all", "alerts_mark_organization"];

// A mark is always inserted, never merged: one merged with a mark that is being consumed would be lost with it.
// A level marks at every update, even one that leaves it as it was: a batch may net a sale against a receipt; PostgreSQL
// marks the levels of a statement together, for an import writes thousands in one. A service day whose `delivered`
// changed needs no mark of its own, because then a level was written, too.
const POSTGRES_TRIGGERS: &str = "
CREATE FUNCTION alerts_mark_levels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {schema}.alert_marks (tenant_id, product_id) SELECT c.tenant_id, c.product_id FROM changed c;
  RETURN NULL;
END $$
;
CREATE FUNCTION alerts_mark_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {schema}.alert_marks (tenant_id, product_id) VALUES (NEW.tenant_id, NEW.product_id);
  RETURN NULL;
END $$
;
CREATE FUNCTION alerts_mark_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {schema}.alert_marks (tenant_id, product_id) VALUES (NEW.tenant_id, NEW.id);
  RETURN NULL;
END $$
;
CREATE FUNCTION alerts_mark_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO {schema}.alert_marks (tenant_id, product_id) VALUES (OLD.tenant_id, coalesce(OLD.product_id, '00000000-0000-0000-0000-000000000000'));
  END IF;
  IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND OLD.product_id IS DISTINCT FROM NEW.product_id THEN
    INSERT INTO {schema}.alert_marks (tenant_id, product_id) VALUES (NEW.tenant_id, coalesce(NEW.product_id, '00000000-0000-0000-0000-000000000000'));
  END IF;
  RETURN NULL;
END $$
;
CREATE FUNCTION alerts_mark_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {schema}.alert_marks (tenant_id, product_id) VALUES (OLD.tenant_id, '00000000-0000-0000-0000-000000000000');
  RETURN NULL;
END $$
;
CREATE FUNCTION alerts_mark_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {schema}.alert_tenants (tenant_id, evaluated_at, evaluated_day) VALUES (NEW.id, 0, 0);
  INSERT INTO {schema}.alert_marks (tenant_id, product_id) VALUES (NEW.id, '00000000-0000-0000-0000-000000000000');
  RETURN NULL;
END $$
;
CREATE TRIGGER alerts_of_new_levels AFTER INSERT ON stock_levels
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION alerts_mark_levels()
;
CREATE TRIGGER alerts_of_levels AFTER UPDATE ON stock_levels
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION alerts_mark_levels()
;
CREATE TRIGGER alerts_of_old_levels AFTER DELETE ON stock_levels
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION alerts_mark_levels()
;
CREATE TRIGGER alerts_of_service_days AFTER UPDATE ON service_days
FOR EACH ROW WHEN (OLD.delivered = NEW.delivered) EXECUTE FUNCTION alerts_mark_product()
;
CREATE TRIGGER alerts_of_new_service_days AFTER INSERT ON service_days
FOR EACH ROW WHEN (NEW.delivered = 0) EXECUTE FUNCTION alerts_mark_product()
;
CREATE TRIGGER alerts_of_products AFTER UPDATE OF category_id, reorder_point, archived_at ON products
FOR EACH ROW WHEN (OLD.category_id IS DISTINCT FROM NEW.category_id OR OLD.reorder_point IS DISTINCT FROM NEW.reorder_point
  OR OLD.archived_at IS DISTINCT FROM NEW.archived_at) EXECUTE FUNCTION alerts_mark_edited()
;
CREATE TRIGGER alerts_of_rules AFTER INSERT OR UPDATE OR DELETE ON alert_rules
FOR EACH ROW EXECUTE FUNCTION alerts_mark_rule()
;
CREATE TRIGGER alerts_of_people AFTER UPDATE ON alerts
FOR EACH ROW WHEN (OLD.last_run = NEW.last_run) EXECUTE FUNCTION alerts_mark_product()
;
CREATE TRIGGER alerts_of_warehouses AFTER DELETE ON warehouses
FOR EACH ROW EXECUTE FUNCTION alerts_mark_all()
;
CREATE TRIGGER alerts_of_new_organizations AFTER INSERT ON organizations
FOR EACH ROW EXECUTE FUNCTION alerts_mark_organization()
";

const SQLITE_TRIGGERS: &str = "
CREATE TRIGGER alerts_of_new_levels AFTER INSERT ON stock_levels
BEGIN INSERT INTO alert_marks (tenant_id, product_id) VALUES (NEW.tenant_id, NEW.product_id); END
;
CREATE TRIGGER alerts_of_levels AFTER UPDATE ON stock_levels
BEGIN INSERT INTO alert_marks (tenant_id, product_id) VALUES (NEW.tenant_id, NEW.product_id); END
;
CREATE TRIGGER alerts_of_old_levels AFTER DELETE ON stock_levels
BEGIN INSERT INTO alert_marks (tenant_id, product_id) VALUES (OLD.tenant_id, OLD.product_id); END
;
CREATE TRIGGER alerts_of_service_days AFTER UPDATE ON service_days WHEN OLD.delivered = NEW.delivered
BEGIN INSERT INTO alert_marks (tenant_id, product_id) VALUES (NEW.tenant_id, NEW.product_id); END
;
CREATE TRIGGER alerts_of_new_service_days AFTER INSERT ON service_days WHEN NEW.delivered = 0
BEGIN INSERT INTO alert_marks (tenant_id, product_id) VALUES (NEW.tenant_id, NEW.product_id); END
;
CREATE TRIGGER alerts_of_products AFTER UPDATE OF category_id, reorder_point, archived_at ON products
WHEN OLD.category_id IS NOT NEW.category_id OR OLD.reorder_point IS NOT NEW.reorder_point OR OLD.archived_at IS NOT NEW.archived_at
BEGIN INSERT INTO alert_marks (tenant_id, product_id) VALUES (NEW.tenant_id, NEW.id); END
;
CREATE TRIGGER alerts_of_new_rules AFTER INSERT ON alert_rules
BEGIN INSERT INTO alert_marks (tenant_id, product_id) VALUES (NEW.tenant_id, coalesce(NEW.product_id, zeroblob(16))); END
;
CREATE TRIGGER alerts_of_rules AFTER UPDATE ON alert_rules
BEGIN
  INSERT INTO alert_marks (tenant_id, product_id) VALUES (OLD.tenant_id, coalesce(OLD.product_id, zeroblob(16)));
  INSERT INTO alert_marks (tenant_id, product_id)
  SELECT NEW.tenant_id, coalesce(NEW.product_id, zeroblob(16)) WHERE OLD.product_id IS NOT NEW.product_id;
END
;
CREATE TRIGGER alerts_of_old_rules AFTER DELETE ON alert_rules
BEGIN INSERT INTO alert_marks (tenant_id, product_id) VALUES (OLD.tenant_id, coalesce(OLD.product_id, zeroblob(16))); END
;
CREATE TRIGGER alerts_of_people AFTER UPDATE ON alerts WHEN OLD.last_run = NEW.last_run
BEGIN INSERT INTO alert_marks (tenant_id, product_id) VALUES (NEW.tenant_id, NEW.product_id); END
;
CREATE TRIGGER alerts_of_warehouses AFTER DELETE ON warehouses
BEGIN INSERT INTO alert_marks (tenant_id, product_id) VALUES (OLD.tenant_id, zeroblob(16)); END
;
CREATE TRIGGER alerts_of_new_organizations AFTER INSERT ON organizations
BEGIN
  INSERT INTO alert_tenants (tenant_id, evaluated_at, evaluated_day) VALUES (NEW.id, 0, 0);
  INSERT INTO alert_marks (tenant_id, product_id) VALUES (NEW.id, zeroblob(16));
END
";
