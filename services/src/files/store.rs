//! Bytes on disk.

use super::kinds::HEAD;
use super::transfers::Seat;
use crate::{App, Error, Result};
use entities::TenantId;
use entities::files::FileUploadId;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

/// What arrived, in a file that goes with this unless it is kept.
pub(super) struct Received {
    pub bytes: u64,
    pub sha256: String,
    part: Part,
}

/// Why an upload was not received.
#[derive(Debug, thiserror::Error)]
pub enum NotReceived {
    /// The sender is gone, or what they send is no body: nobody's fault here.
    #[error("the sender broke off: {0}")]
    BrokenOff(std::io::Error),
    /// Nothing came for so long that the sender must be gone.
    #[error("no byte came for {} seconds", .0.as_secs())]
    Silent(Duration),
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<std::io::Error> for NotReceived {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.into())
    }
}

/// Where the bytes of a completed file lie.
pub(crate) fn path_of(app: &App, tenant: TenantId, sha256: &str) -> PathBuf {
    let (aa, bb) = (sha256.get(..2).unwrap_or("__"), sha256.get(2..4).unwrap_or("__"));
    root(app).join(tenant.to_string()).join(aa).join(bb).join(sha256)
}

/// Where bytes of an upload wait for its completion: by their hash, for of two transfers either may come last.
pub(super) fn staged_path(app: &App, upload: FileUploadId, sha256: &str) -> PathBuf {
    staging(app).join(format!("{upload}-{sha256}"))
}

pub(crate) fn staging(app: &App) -> PathBuf {
    root(app).join("uploads")
}

fn root(app: &App) -> PathBuf {
    app.settings().data_dir.join("files")
}

/// Streams to disk at most `limit` bytes, hashing on the way; one byte more is refused and nothing stays.
pub(super) async fn receive(
    app: &App,
    upload: FileUploadId,
    limit: u64,
    seat: &mut Seat,
    from: impl AsyncRead + Unpin,
) -> Result<Option<Received>, NotReceived> {
    tokio::fs::create_dir_all(staging(app)).await?;
    end_earlier(app, upload).await?;
    let nonce = hex::encode(app.random().bytes::<8>());
    let part = Part(staging(app).join(format!("{upload}.{nonce}.part")));
    let idle = app.settings().upload_idle;
    tokio::select! {
        biased;
        () = seat.superseded() => Err(Error::Conflict.into()),
        received = write(part, limit, idle, from) => received,
    }
}

/// Gives received bytes the name under which they wait, and removes what came before: but for `named`, which the row
/// names until the caller, who holds it, has committed.
pub(super) async fn stage(app: &App, upload: FileUploadId, received: &Received, named: Option<&str>) -> Result<()> {
    for path in staged(app, upload).await? {
        if named.is_none_or(|named| path != staged_path(app, upload, named)) {
            remove(&path).await?;
        }
    }
    tokio::fs::rename(&received.part.0, staged_path(app, upload, &received.sha256)).await.map_err(superseded)?;
    sync_folder(&staging(app)).await
}

/// Removes all that waits of an upload.
pub(super) async fn remove_staged(app: &App, upload: FileUploadId) -> Result<()> {
    for path in staged(app, upload).await? {
        remove(&path).await?;
    }
    Ok(())
}

/// Everything that waits for the completion of an upload.
async fn staged(app: &App, upload: FileUploadId) -> Result<Vec<PathBuf>> {
    named_with(app, &format!("{upload}-")).await
}

/// The uploads of which something waits.
pub(super) async fn all_staged(app: &App) -> Result<Vec<FileUploadId>> {
    let all = named_with(app, "").await?.into_iter();
    let ids = all.filter_map(|path| Some(path.file_name()?.to_str()?.get(..36)?.parse::<Uuid>().ok()?.into()));
    let mut ids: Vec<FileUploadId> = ids.collect();
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// What lies of each organisation, by its hash.
pub(super) async fn all_kept(app: &App) -> Result<Vec<(TenantId, Vec<String>)>> {
    let root = root(app);
    let listed = tokio::task::spawn_blocking(move || {
        let tenants = names_in(&root).filter_map(|(name, path)| Some((name.parse::<Uuid>().ok()?.into(), path)));
        let hashes = |tenant: &Path| names_in(tenant).flat_map(|(_, aa)| names_in(&aa)).flat_map(|(_, bb)| names_in(&bb));
        tenants.map(|(tenant, path)| (tenant, hashes(&path).map(|(name, _)| name).collect())).collect()
    });
    listed.await.map_err(Error::internal)
}

/// Nothing, where there is no such folder.
fn names_in(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> + use<> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(std::result::Result::ok);
    entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
}

async fn named_with(app: &App, beginning: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries = match tokio::fs::read_dir(staging(app)).await {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(e) => return Err(e.into()),
    };
    while let Some(entry) = entries.next_entry().await? {
        if entry.file_name().to_string_lossy().starts_with(beginning) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Ends earlier transfers of the same upload in other processes, which may hang on a dead link or be sent to fill the
/// disk: they find their part gone. It is emptied as well, for what somebody has open keeps its room; not when it has
/// become the upload.
async fn end_earlier(app: &App, upload: FileUploadId) -> Result<()> {
    for path in named_with(app, &format!("{upload}.")).await? {
        let Ok(file) = tokio::fs::OpenOptions::new().write(true).open(&path).await else { continue };
        if tokio::fs::remove_file(&path).await.is_ok() {
            file.set_len(0).await?;
        }
    }
    Ok(())
}

/// A part that is gone was ended by a later transfer.
fn superseded(error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::NotFound { Error::Conflict } else { error.into() }
}

/// How often a transfer looks whether a later one has ended it.
const LOOK_EVERY: u64 = 4 << 20;

async fn write(part: Part, limit: u64, idle: Duration, mut from: impl AsyncRead + Unpin) -> Result<Option<Received>, NotReceived> {
    let mut file = tokio::fs::OpenOptions::new().write(true).create_new(true).open(&part.0).await?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 256 << 10]);
    loop {
        let read = tokio::time::timeout(idle, from.read(&mut buffer)).await;
        let read = read.map_err(|_| NotReceived::Silent(idle))?.map_err(NotReceived::BrokenOff)?;
        if read == 0 {
            break;
        }
        let before = bytes;
        bytes += read as u64;
        if bytes / LOOK_EVERY > before / LOOK_EVERY {
            tokio::fs::metadata(&part.0).await.map_err(superseded)?;
        }
        if bytes > limit {
            return Ok(None);
        }
        hash.update(&buffer[..read]);
        file.write_all(&buffer[..read]).await?;
    }
    file.flush().await?;
    file.sync_all().await?;
    Ok(Some(Received { bytes, sha256: hex::encode(hash.finalize()), part }))
}

/// Brings staged bytes to where files lie; done already when they are there.
pub(super) async fn keep(app: &App, upload: FileUploadId, tenant: TenantId, sha256: &str) -> Result<()> {
    let (staged, path) = (staged_path(app, upload, sha256), path_of(app, tenant, sha256));
    let folder = path.parent().ok_or_else(|| Error::internal("a file without a folder"))?;
    tokio::fs::create_dir_all(folder).await?;
    match tokio::fs::rename(&staged, &path).await {
        Ok(()) => sync_folder(folder).await,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && tokio::fs::try_exists(&path).await? => Ok(()),
        Err(e) => Err(e.into()),
    }
}

/// The first bytes of a staged upload, or of the file it became.
pub(super) async fn head(app: &App, upload: FileUploadId, tenant: TenantId, sha256: &str) -> Result<Vec<u8>> {
    let file = match tokio::fs::File::open(staged_path(app, upload, sha256)).await {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => tokio::fs::File::open(path_of(app, tenant, sha256)).await?,
        Err(e) => return Err(e.into()),
    };
    let mut head = Vec::new();
    file.take(HEAD as u64).read_to_end(&mut head).await?;
    Ok(head)
}

/// Removes a file that may be gone already.
pub(super) async fn remove(path: &Path) -> Result<()> {
    match tokio::fs::remove_file(path).await {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

/// A rename is only certain once its folder is on disk.
async fn sync_folder(folder: &Path) -> Result<()> {
    Ok(tokio::fs::File::open(folder).await?.sync_all().await?)
}

/// A half-written file; removed unless it was renamed away.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
