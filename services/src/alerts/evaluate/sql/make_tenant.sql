CREATE TEMP TABLE IF NOT EXISTS ev_tenant (
  tenant_id uuid NOT NULL PRIMARY KEY, at bigint NOT NULL, today bigint NOT NULL, from_day bigint NOT NULL,
  cap bigint NOT NULL, longest_window bigint NOT NULL, each_warehouse boolean NOT NULL)
ON COMMIT DELETE ROWS -- postgres
