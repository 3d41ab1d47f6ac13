//! Files that have served: an import keeps what it counted, not the file it read.

use crate::work::JobKind;
use crate::{Result, SystemScope, files, sql};
use chrono::TimeDelta;
use entities::TenantId;
use entities::files::FileId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long a file is kept after it came, or after the last import of it ended.
const KEEP: TimeDelta = TimeDelta::days(7);

/// The nightly job.
#[derive(Debug, Serialize, Deserialize)]
pub struct CleanUp {}

impl JobKind for CleanUp {
    const KIND: &'static str = "data_imports.clean_up";
    const PRIORITY: i32 = 3;
    const MAX_ATTEMPTS: i32 = 5;
}

#[derive(sea_orm::FromQueryResult)]
struct Spent {
    tenant_id: TenantId,
    id: FileId,
    sha256: String,
}

/// A chunk is one transaction: SQLite has one writer, and it is not held for long.
const CHUNK: i64 = 100;

/// Removes files that no import needs any more, with their bytes; says how many. Doing it twice does no more.
pub async fn cleanup(system: &SystemScope) -> Result<u64> {
    let mut gone = 0;
    loop {
        let tx = system.begin().await?;
        let before = system.now().minus(KEEP);
        let spent: Vec<Spent> = tx.statement(sql!("spent_files.sql")).bind("before", before).bind("most", CHUNK).all().await?;
        for file in &spent {
            let let_go = tx.statement(sql!("let_go_of_file.sql")).bind("tenant", file.tenant_id);
            let_go.bind("file", file.id).run().await?;
            files::forget(&tx, file.tenant_id, file.id).await?;
        }
        tx.commit().await?;
        let mut bytes: BTreeMap<TenantId, Vec<String>> = BTreeMap::new();
        for file in &spent {
            bytes.entry(file.tenant_id).or_default().push(file.sha256.clone());
        }
        for (tenant, hashes) in bytes {
            files::remove_unused(system, tenant, &hashes).await?;
        }
        gone += spent.len() as u64;
        if spent.len() < CHUNK as usize {
            return Ok(gone);
        }
        // Others write in between.
        tokio::task::yield_now().await;
    }
}
