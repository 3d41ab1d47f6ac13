use super::store;
use crate::scope::{Column, SystemScope, SystemTx};
use crate::work::JobKind;
use crate::{Result, sql};
use chrono::TimeDelta;
use entities::TenantId;
use entities::files::{FileId, FileUploadId};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// How long after the death of its link an upload is kept.
const GRACE: TimeDelta = TimeDelta::days(1);

/// The nightly job.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep {}

impl JobKind for Sweep {
    const KIND: &'static str = "files.sweep";
    const PRIORITY: i32 = 3;
    const MAX_ATTEMPTS: i32 = 5;
}

#[derive(sea_orm::FromQueryResult)]
struct Abandoned {
    tenant_id: TenantId,
    id: FileUploadId,
}

/// A chunk is one transaction: SQLite has one writer, and it is not held for long.
const CHUNK: i64 = 500;

/// Removes uploads that nobody completed, and the bytes that nothing refers to; says how many uploads. Doing it twice does
/// no more.
pub async fn sweep(system: &SystemScope) -> Result<u64> {
    let mut gone = 0;
    loop {
        let (found, removed) = sweep_some(system).await?;
        gone += removed;
        if found < CHUNK.unsigned_abs() || removed == 0 {
            remove_old_parts(system).await?;
            remove_leftovers(system).await?;
            return Ok(gone);
        }
    }
}

/// How many were found, and how many of them removed.
async fn sweep_some(system: &SystemScope) -> Result<(u64, u64)> {
    let before = system.now().minus(GRACE);
    let tx = system.begin().await?;
    let expired = tx.statement(sql!("expired_uploads.sql")).bind("before", before).bind("most", CHUNK);
    let abandoned: Vec<Abandoned> = expired.all().await?;
    let mut gone = 0;
    for upload in &abandoned {
        let forget = tx.statement(sql!("forget_upload.sql")).bind("tenant", upload.tenant_id);
        gone += forget.bind("id", upload.id).run().await?;
    }
    tx.commit().await?;
    Ok((abandoned.len() as u64, gone))
}

/// Removes the row of a file that nothing refers to any more. Its bytes go after the commit: [`remove_unused`].
pub(crate) async fn forget(tx: &SystemTx, tenant: TenantId, id: FileId) -> Result<()> {
    for statement in [sql!("delete_uploads_of.sql"), sql!("delete_file.sql")] {
        tx.statement(statement).bind("tenant", tenant).bind("id", id).run().await?;
    }
    Ok(())
}

#[derive(sea_orm::FromQueryResult)]
struct Unused {
    sha256: String,
}

/// Removes those of these bytes that no row names. The organisation is held: nobody begins to use them meanwhile.
pub(crate) async fn remove_unused(system: &SystemScope, tenant: TenantId, hashes: &[String]) -> Result<()> {
    let tx = system.begin().await?;
    tx.statement(sql!("lock_organization.sql")).bind("tenant", tenant).run().await?;
    let hashes = Column::texts(hashes.iter().cloned());
    let unused = tx.statement(sql!("unused_bytes.sql")).bind("tenant", tenant).rows("r", vec![hashes]);
    for unused in unused.all::<Unused>().await? {
        store::remove(&store::path_of(system.app(), tenant, &unused.sha256)).await?;
    }
    Ok(())
}

/// Half-written files of a process that died.
async fn remove_old_parts(system: &SystemScope) -> Result<()> {
    let Ok(mut entries) = tokio::fs::read_dir(store::staging(system.app())).await else { return Ok(()) };
    while let Some(entry) = entries.next_entry().await? {
        let old = entry.metadata().await?.modified()?.elapsed().is_ok_and(|age| age > GRACE.to_std().unwrap_or_default());
        if old && entry.file_name().to_string_lossy().ends_with(".part") {
            store::remove(&entry.path()).await?;
        }
    }
    Ok(())
}

#[derive(sea_orm::FromQueryResult)]
struct Waiting {
    id: FileUploadId,
}

/// Bytes whose rows are gone. Rows come before their bytes and go before them, so what is listed first and named by no row
/// after is nobody's.
async fn remove_leftovers(system: &SystemScope) -> Result<()> {
    let staged = store::all_staged(system.app()).await?;
    for some in staged.chunks(CHUNK.unsigned_abs() as usize) {
        let tx = system.begin().await?;
        let waiting = tx.statement(sql!("waiting_uploads.sql")).ids("ids", some.iter().copied());
        let waiting: HashSet<FileUploadId> = waiting.all::<Waiting>().await?.into_iter().map(|row| row.id).collect();
        drop(tx);
        for upload in some.iter().filter(|upload| !waiting.contains(upload)) {
            store::remove_staged(system.app(), *upload).await?;
        }
    }
    for (tenant, hashes) in store::all_kept(system.app()).await? {
        for some in hashes.chunks(CHUNK.unsigned_abs() as usize) {
            remove_unused(system, tenant, some).await?;
        }
    }
    Ok(())
}
