use super::store;
use crate::scope::{SystemScope, SystemTx};
use crate::work::JobKind;
use crate::{App, Result, sql};
use chrono::TimeDelta;
use entities::TenantId;
use entities::files::{FileId, FileUploadId};
use serde::{Deserialize, Serialize};

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
    received_sha256: Option<String>,
}

/// A chunk is one transaction: SQLite has one writer, and it is not held for long.
const CHUNK: i64 = 500;

/// Removes uploads that nobody completed, with their bytes; says how many. Doing it twice does no more.
pub async fn sweep(system: &SystemScope) -> Result<u64> {
    let mut gone = 0;
    loop {
        let (found, removed) = sweep_some(system).await?;
        gone += removed;
        if found < CHUNK.unsigned_abs() || removed == 0 {
            remove_old_parts(system).await?;
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
        store::remove(&store::staged_path(system.app(), upload.id)).await?;
        if let Some(sha256) = &upload.received_sha256 {
            remove_unused(system.app(), &tx, upload.tenant_id, sha256).await?;
        }
    }
    tx.commit().await?;
    Ok((abandoned.len() as u64, gone))
}

/// Removes a file that nothing refers to any more, and its bytes, unless another file has the same.
pub(crate) async fn forget(app: &App, tx: &SystemTx, tenant: TenantId, id: FileId, sha256: &str) -> Result<()> {
    for statement in [sql!("delete_uploads_of.sql"), sql!("delete_file.sql")] {
        tx.statement(statement).bind("tenant", tenant).bind("id", id).run().await?;
    }
    remove_unused(app, tx, tenant, sha256).await
}

async fn remove_unused(app: &App, tx: &SystemTx, tenant: TenantId, sha256: &str) -> Result<()> {
    let used = tx.statement(sql!("still_used.sql")).bind("tenant", tenant).bind("sha256", sha256.to_owned());
    if used.value::<i64>().await?.unwrap_or(0) == 0 {
        store::remove(&store::path_of(app, tenant, sha256)).await?;
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
