//! Numbered streams of events.

crate::step!(
    "m20261121_090200_events",
    tables: ["streams", "stream_events"],
    append_only: [],
    "
CREATE TABLE streams (
  tenant_id {id} NOT NULL,
  stream text NOT NULL,
  seq bigint NOT NULL,
  followed_at bigint,
  PRIMARY KEY (tenant_id, stream))
;
CREATE INDEX streams_followed ON streams (tenant_id) WHERE followed_at IS NOT NULL
;
CREATE TABLE stream_events (
  tenant_id {id} NOT NULL,
  stream text NOT NULL,
  seq bigint NOT NULL,
  kind text NOT NULL,
  payload text NOT NULL,
  occurred_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, stream, seq))
;
CREATE INDEX stream_events_age ON stream_events USING brin (occurred_at) -- postgres
CREATE INDEX stream_events_age ON stream_events (occurred_at) -- sqlite
"
);
