//! Files people upload.
//!
//! An *upload* is announced (name, size, purpose), then its bytes are PUT to a signed link that needs no session, then it
//! is completed into a *file*. The link lives an hour; until completion the PUT may be repeated, the last one counts
//! and ends those before it. A transfer that brings no byte for `UPLOAD_IDLE_SECONDS` is over.
//!
//! Rules that always hold:
//! - No more is read than was announced, and never more than the purpose allows; what exceeds is refused while it arrives.
//! - What a file is, its bytes decide; the name and the announced type must agree with them.
//! - Bytes lie under `DATA_DIR/files/<tenant>/aa/bb/<sha256>`, written aside, synced, then renamed. Equal content of one
//!   organisation is stored once; organisations never share, because sharing would tell one what another has.
//! - A file's name is something to show, never part of a path.
//! - An organisation holds `FILES_QUOTA_BYTES` at most, what it has announced included.
//! - An organisation sends eight files at once to one process, at most.
//! - Bytes are removed after the commit that lets go of them, never before; what a crash leaves behind the next night removes.
//! - What was announced and never completed is swept in the night that follows the day after its link died.
//!
//! In this version files serve imports only ([`entities::files::file::FilePurpose::Import`]).

mod kinds;
mod quota;
pub(crate) mod store;
mod sweep;
mod transfers;
mod uploads;

pub use store::NotReceived;
pub use sweep::{Sweep, sweep};
pub(crate) use sweep::{forget, remove_unused};
pub(crate) use transfers::Transfers;
pub use uploads::{AnnouncedUpload, NewUpload, complete, create, find as find_upload, receive};

use crate::scope::ReadsWithin;
use crate::{Reads, Result, Scope};
use entities::files::{FileId, file};
use std::collections::HashMap;

/// One file of the organisation. Whoever may see what it belongs to may see its name and size.
pub async fn find(scope: &Scope, id: FileId) -> Result<Option<file::Model>> {
    scope.find_within::<file::Entity>(crate::identity::Permission::DataImportsImportRead, id).await
}

/// These files, for a page that shows them beside its rows; whoever sees the row sees its file.
pub async fn by_ids(scope: &Scope, ids: &[FileId]) -> Result<HashMap<FileId, file::Model>> {
    scope.require(crate::identity::Permission::DataImportsImportRead)?;
    scope.by_ids::<file::Entity>(ids).await
}

#[cfg(test)]
mod tests;
