//! How far the undo of an import has come, who asked for it, and where its pass over the movements stands.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261123_090500_undo_of_imports", up: UP, down: DOWN };

const UP: &str = "
ALTER TABLE data_imports ADD COLUMN undo_state text CHECK (undo_state IN ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED'))
;
ALTER TABLE data_imports ADD COLUMN undo_job_id {id}
;
ALTER TABLE data_imports ADD COLUMN undo_before {id}
;
ALTER TABLE data_imports ADD COLUMN rows_undone bigint NOT NULL DEFAULT 0
;
ALTER TABLE data_imports ADD COLUMN rows_not_undone bigint NOT NULL DEFAULT 0
;
ALTER TABLE data_imports ADD COLUMN undone_by {id}
;
ALTER TABLE data_imports ADD COLUMN undone_at bigint
;
CREATE INDEX data_imports_undo_open ON data_imports (created_at) WHERE undo_state IN ('QUEUED', 'RUNNING')
";

const DOWN: &str = "
DROP INDEX data_imports_undo_open;
ALTER TABLE data_imports DROP COLUMN undone_at
;
ALTER TABLE data_imports DROP COLUMN undone_by
;
ALTER TABLE data_imports DROP COLUMN rows_not_undone
;
ALTER TABLE data_imports DROP COLUMN rows_undone
;
ALTER TABLE data_imports DROP COLUMN undo_before
;
ALTER TABLE data_imports DROP COLUMN undo_job_id
;
ALTER TABLE data_imports DROP COLUMN undo_state
";
