//! Jobs, queues, schedules.

crate::step!(
    "m20261121_090100_work",
    tables: ["jobs", "queues", "schedules", "schedule_fires"],
    append_only: [],
    "
CREATE TABLE jobs (
  {key},
  queue text NOT NULL,
  kind text NOT NULL,
  payload text NOT NULL,
  state text NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'COMPLETED', 'DEAD', 'DISCARDED')),
  priority integer NOT NULL CHECK (priority BETWEEN 0 AND 3),
  run_at bigint NOT NULL,
  due boolean NOT NULL,
  attempts integer NOT NULL,
  max_attempts integer NOT NULL,
  crashes integer NOT NULL,
  unique_key text,
  lease_until bigint,
  lease_token {id},
  failure text CHECK (failure IN ('INTERNAL', 'TIMED_OUT', 'WORKER_DIED', 'REFUSED', 'GIVEN_UP')),
  last_error text,
  trace text,
  created_at bigint NOT NULL,
  started_at bigint,
  finished_at bigint)
;
CREATE UNIQUE INDEX jobs_by_id ON jobs (id)
;
CREATE INDEX jobs_due ON jobs (queue, priority, tenant_id, run_at, id) WHERE state = 'QUEUED' AND due AND crashes = 0
;
CREATE INDEX jobs_waiting ON jobs (queue, run_at) WHERE state = 'QUEUED' AND NOT due
;
CREATE INDEX jobs_suspect ON jobs (queue, run_at) WHERE state = 'QUEUED' AND crashes > 0
;
CREATE INDEX jobs_running ON jobs (queue, tenant_id) WHERE state = 'RUNNING'
;
CREATE INDEX jobs_dead ON jobs (queue, id) WHERE state = 'DEAD'
;
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'RUNNING'
;
CREATE UNIQUE INDEX jobs_unique_key ON jobs (tenant_id, queue, unique_key) WHERE unique_key IS NOT NULL AND state IN ('QUEUED', 'RUNNING')
;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL
;
CREATE TABLE queues (
  name text NOT NULL PRIMARY KEY,
  paused boolean NOT NULL,
  tenant_limit integer,
  updated_at bigint NOT NULL)
;
-- Imports last: no organisation takes all the places.
INSERT INTO queues (name, paused, tenant_limit, updated_at) VALUES ('imports', false, 2, 0)
;
CREATE TABLE schedules (
  name text NOT NULL PRIMARY KEY,
  paused boolean NOT NULL,
  last_fire_at bigint,
  updated_at bigint NOT NULL)
;
CREATE TABLE schedule_fires (
  name text NOT NULL,
  fire_at bigint NOT NULL,
  job_id {id} NOT NULL,
  PRIMARY KEY (name, fire_at))
"
);
