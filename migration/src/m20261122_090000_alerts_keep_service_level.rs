//! An alert keeps which service level it was judged by, and over how many days: its rule may be edited or removed later,
//! and its history must go on saying what was true. Alerts of before take them from the rule they name, if that is there.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261122_090000_alerts_keep_service_level", up: UP, down: DOWN };

const UP: &str = "
ALTER TABLE alerts ADD COLUMN service_level text CHECK (service_level IN ('LINE_FILL_RATE', 'UNIT_FILL_RATE'))
;
ALTER TABLE alerts ADD COLUMN window_days bigint CHECK (window_days BETWEEN 1 AND 366)
;
UPDATE alerts SET service_level = r.service_level, window_days = r.window_days
FROM alert_rules r
WHERE r.tenant_id = alerts.tenant_id AND r.id = alerts.rule_id AND alerts.kind = 'SERVICE_LEVEL_DROP'
";

const DOWN: &str = "
ALTER TABLE alerts DROP COLUMN window_days
;
ALTER TABLE alerts DROP COLUMN service_level
";
