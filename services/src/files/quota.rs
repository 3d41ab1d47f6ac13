use crate::scope::TenantTx;
use crate::{Code, Error, Reads, Result, sql};

/// Refuses an upload of this size where the organisation would hold more than it may. Uploads of one organisation are
/// announced one after the other from here on, so that two do not share the last room.
pub(super) async fn check(txn: &TenantTx<'_>, size_bytes: i64) -> Result<()> {
    let most = txn.app().settings().files_quota_bytes;
    txn.statement(sql!("lock_organization.sql")).run().await?;
    let held = txn.statement(sql!("held_bytes.sql")).bind("now", txn.now()).value::<i64>().await?.unwrap_or(0);
    if u64::try_from(held.saturating_add(size_bytes)).is_ok_and(|bytes| bytes <= most) {
        return Ok(());
    }
    let megabytes = |bytes: u64| (bytes / 1_000_000).to_string();
    let said = [("held", megabytes(held.unsigned_abs())), ("most", megabytes(most))];
    Err(Error::refuse(Code::LimitReached, "sizeBytes", txn.locale().say("file-quota-full", &said)))
}
