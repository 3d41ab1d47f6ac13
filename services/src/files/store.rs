//! Bytes on disk.

use super::kinds::HEAD;
use crate::{App, Error, Result};
use entities::TenantId;
use entities::files::FileUploadId;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

/// What arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Received {
    pub bytes: u64,
    pub sha256: String,
}

/// Where the bytes of a completed file lie.
pub(crate) fn path_of(app: &App, tenant: TenantId, sha256: &str) -> PathBuf {
    let (aa, bb) = (sha256.get(..2).unwrap_or("__"), sha256.get(2..4).unwrap_or("__"));
    root(app).join(tenant.to_string()).join(aa).join(bb).join(sha256)
}

/// Where the bytes of an upload wait for its completion.
pub(super) fn staged_path(app: &App, upload: FileUploadId) -> PathBuf {
    staging(app).join(upload.to_string())
}

pub(super) fn staging(app: &App) -> PathBuf {
    root(app).join("uploads")
}

fn root(app: &App) -> PathBuf {
    app.settings().data_dir.join("files")
}

/// Streams to disk at most `limit` bytes, hashing on the way; one byte more is refused and nothing stays.
pub(super) async fn stage(app: &App, upload: FileUploadId, limit: u64, from: impl AsyncRead + Unpin) -> Result<Option<Received>> {
    tokio::fs::create_dir_all(staging(app)).await?;
    end_earlier(app, upload).await?;
    let nonce = hex::encode(app.random().bytes::<8>());
    let part = Part(staging(app).join(format!("{upload}.{nonce}.part")));
    let Some(received) = write(&part.0, limit, from).await? else { return Ok(None) };
    tokio::fs::rename(&part.0, staged_path(app, upload)).await.map_err(superseded)?;
    sync_folder(&staging(app)).await?;
    Ok(Some(received))
}

/// Ends earlier transfers of the same upload, which may hang on a dead link or be sent to fill the disk: they find their
/// part gone. It is emptied as well, for what somebody has open keeps its room; not when it has become the upload.
async fn end_earlier(app: &App, upload: FileUploadId) -> Result<()> {
    let mut entries = tokio::fs::read_dir(staging(app)).await?;
    while let Some(entry) = entries.next_entry().await? {
        if !entry.file_name().to_string_lossy().starts_with(&format!("{upload}.")) {
            continue;
        }
        let Ok(file) = tokio::fs::OpenOptions::new().write(true).open(entry.path()).await else { continue };
        if tokio::fs::remove_file(entry.path()).await.is_ok() {
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

async fn write(path: &Path, limit: u64, mut from: impl AsyncRead + Unpin) -> Result<Option<Received>> {
    let mut file = tokio::fs::OpenOptions::new().write(true).create_new(true).open(path).await?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 256 << 10]);
    loop {
        let read = from.read(&mut buffer).await.map_err(Error::internal)?;
        if read == 0 {
            break;
        }
        let before = bytes;
        bytes += read as u64;
        if bytes / LOOK_EVERY > before / LOOK_EVERY {
            tokio::fs::metadata(path).await.map_err(superseded)?;
        }
        if bytes > limit {
            return Ok(None);
        }
        hash.update(&buffer[..read]);
        file.write_all(&buffer[..read]).await?;
    }
    file.flush().await?;
    file.sync_all().await?;
    Ok(Some(Received { bytes, sha256: hex::encode(hash.finalize()) }))
}

/// Brings staged bytes to where files lie; done already when they are there.
pub(super) async fn keep(app: &App, upload: FileUploadId, tenant: TenantId, sha256: &str) -> Result<()> {
    let (staged, path) = (staged_path(app, upload), path_of(app, tenant, sha256));
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
    let file = match tokio::fs::File::open(staged_path(app, upload)).await {
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
