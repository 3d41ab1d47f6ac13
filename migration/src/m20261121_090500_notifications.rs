//! Notifications, their deliveries, and what WhatsApp tells us.

crate::step!(
    "m20261121_090500_notifications",
    tables: ["notifications", "notification_deliveries", "whatsapp_inbound", "whatsapp_statuses"],
    append_only: [],
    "
CREATE TABLE notifications (
  {key},
  membership_id {id} NOT NULL,
  user_id {id} NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
  category text NOT NULL CHECK (category IN ('STOCK_ALERT', 'DATA_IMPORT', 'SECURITY', 'SYSTEM', 'DIGEST')),
  severity text NOT NULL CHECK (severity IN ('INFO', 'WARNING', 'CRITICAL')),
  key text NOT NULL,
  params text NOT NULL,
  subject_kind text,
  subject_id {id},
  dedup_key text,
  created_at bigint NOT NULL,
  read_at bigint,
  archived_at bigint,
  CHECK ((subject_kind IS NULL) = (subject_id IS NULL)),
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX notifications_dedup_key ON notifications (tenant_id, user_id, dedup_key) WHERE dedup_key IS NOT NULL
;
CREATE INDEX notifications_of_user ON notifications (tenant_id, user_id, created_at, id)
;
CREATE INDEX notifications_unread ON notifications (tenant_id, user_id) WHERE read_at IS NULL AND archived_at IS NULL
;
CREATE INDEX notifications_age ON notifications (created_at)
;
CREATE INDEX notifications_read_age ON notifications (read_at) WHERE read_at IS NOT NULL AND archived_at IS NULL
;
CREATE TABLE notification_deliveries (
  {key},
  notification_id {id} NOT NULL,
  channel text NOT NULL CHECK (channel IN ('IN_APP', 'EMAIL', 'WHATSAPP', 'SMS', 'WEB_PUSH', 'WEBHOOK')),
  state text NOT NULL CHECK (state IN ('QUEUED', 'SENT', 'DELIVERED', 'READ', 'FAILED', 'BOUNCED', 'SUPPRESSED')),
  suppressed_because text CHECK ((suppressed_because IS NULL) = (state <> 'SUPPRESSED')),
  provider text,
  provider_message_id text,
  content text CHECK (content IN ('FREE_TEXT', 'TEMPLATE')),
  attempts integer NOT NULL,
  unanswered integer NOT NULL,
  unsure_since bigint,
  error_code integer,
  error text,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  FOREIGN KEY (tenant_id, notification_id) REFERENCES notifications (tenant_id, id) ON DELETE CASCADE)
;
CREATE UNIQUE INDEX notification_deliveries_channel ON notification_deliveries (tenant_id, notification_id, channel)
;
CREATE UNIQUE INDEX notification_deliveries_message ON notification_deliveries (provider_message_id) WHERE provider_message_id IS NOT NULL
;
CREATE INDEX notification_deliveries_waiting ON notification_deliveries (created_at) WHERE state = 'QUEUED'
;
CREATE TABLE whatsapp_inbound (
  message_sid text NOT NULL PRIMARY KEY,
  phone text NOT NULL,
  received_at bigint NOT NULL)
;
CREATE INDEX whatsapp_inbound_phone ON whatsapp_inbound (phone, received_at)
;
CREATE TABLE whatsapp_statuses (
  message_sid text NOT NULL PRIMARY KEY,
  status text NOT NULL,
  error_code integer,
  error text,
  received_at bigint NOT NULL)
"
);
