//! Uploaded files, and imports of rows from them.

crate::step!(
    "m20261121_090600_files_imports",
    tables: ["files", "file_uploads", "data_imports", "data_import_row_errors"],
    append_only: [],
    "
CREATE TABLE files (
  {key},
  filename text NOT NULL,
  content_type text NOT NULL,
  size_bytes bigint NOT NULL CHECK (size_bytes > 0),
  sha256 text NOT NULL CHECK (length(sha256) = 64),
  purpose text NOT NULL CHECK (purpose IN ('IMAGE', 'DOCUMENT', 'AVATAR', 'IMPORT')),
  created_by {id},
  created_at bigint NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, created_by) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT)
;
CREATE INDEX files_sha256 ON files (tenant_id, sha256)
;
CREATE TABLE file_uploads (
  {key},
  filename text NOT NULL,
  content_type text NOT NULL,
  size_bytes bigint NOT NULL CHECK (size_bytes > 0),
  sha256 text,
  purpose text NOT NULL CHECK (purpose IN ('IMAGE', 'DOCUMENT', 'AVATAR', 'IMPORT')),
  state text NOT NULL CHECK (state IN ('CREATED', 'RECEIVED', 'COMPLETED')),
  received_bytes bigint,
  received_sha256 text,
  file_id {id},
  created_by {id},
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  CHECK (state <> 'RECEIVED' OR received_sha256 IS NOT NULL),
  CHECK ((state = 'COMPLETED') = (file_id IS NOT NULL)),
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, file_id) REFERENCES files (tenant_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, created_by) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT)
;
CREATE INDEX file_uploads_file ON file_uploads (tenant_id, file_id) WHERE file_id IS NOT NULL
;
CREATE INDEX files_created_at ON files (created_at)
;
CREATE INDEX file_uploads_expired ON file_uploads (expires_at) WHERE state <> 'COMPLETED'
;
CREATE INDEX file_uploads_sha256 ON file_uploads (tenant_id, received_sha256) WHERE state = 'RECEIVED'
;
CREATE TABLE data_imports (
  {key},
  kind text NOT NULL CHECK (kind IN ('PRODUCTS', 'STOCK_MOVEMENTS')),
  state text NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
  dry_run boolean NOT NULL,
  file_id {id},
  content text,
  mapping text NOT NULL,
  warehouse_id {id},
  create_missing boolean NOT NULL,
  time_zone text NOT NULL,
  locale text NOT NULL,
  job_id {id},
  layout text,
  rows_total bigint,
  rows_applied bigint NOT NULL,
  rows_skipped bigint NOT NULL,
  rows_failed bigint NOT NULL,
  skips text NOT NULL,
  errors_kept bigint NOT NULL,
  created_by {id},
  created_at bigint NOT NULL,
  started_at bigint,
  finished_at bigint,
  CHECK (rows_total IS NULL OR rows_applied + rows_skipped + rows_failed <= rows_total),
  CHECK (state <> 'COMPLETED' OR rows_applied + rows_skipped + rows_failed = rows_total),
  CHECK ((state IN ('QUEUED', 'RUNNING')) = (finished_at IS NULL)),
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, file_id) REFERENCES files (tenant_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouses (tenant_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, created_by) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT)
;
CREATE INDEX data_imports_created_at ON data_imports (tenant_id, created_at, id)
;
CREATE INDEX data_imports_file ON data_imports (tenant_id, file_id) WHERE file_id IS NOT NULL
;
CREATE INDEX data_imports_open ON data_imports (created_at) WHERE state IN ('QUEUED', 'RUNNING')
;
CREATE TABLE data_import_row_errors (
  {key},
  import_id {id} NOT NULL,
  line bigint NOT NULL CHECK (line > 0),
  column_name text,
  code text NOT NULL,
  message text NOT NULL,
  FOREIGN KEY (tenant_id, import_id) REFERENCES data_imports (tenant_id, id) ON DELETE CASCADE)
;
CREATE INDEX data_import_row_errors_line ON data_import_row_errors (tenant_id, import_id, line, id)
"
);
