//! A notification says whether it belongs to the application's list, or only went out over other channels. A process of
//! before shows whatever it writes, as it did.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261122_090100_notifications_in_app", up: UP, down: DOWN };

// An index is dropped and made anew by one call: another of SQLite's connections may not know yet that its name is free.
const UP: &str = "
ALTER TABLE notifications ADD COLUMN in_app boolean NOT NULL DEFAULT true
;
UPDATE notifications SET in_app = false
WHERE NOT EXISTS (
  SELECT 1 FROM notification_deliveries d
  WHERE d.tenant_id = notifications.tenant_id AND d.notification_id = notifications.id AND d.channel = 'IN_APP')
;
DROP INDEX notifications_unread;
CREATE INDEX notifications_unread ON notifications (tenant_id, user_id) WHERE in_app AND read_at IS NULL AND archived_at IS NULL
";

const DOWN: &str = "
DROP INDEX notifications_unread;
ALTER TABLE notifications DROP COLUMN in_app;
CREATE INDEX notifications_unread ON notifications (tenant_id, user_id) WHERE read_at IS NULL AND archived_at IS NULL
";
