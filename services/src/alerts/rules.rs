//! What stock is watched for.
use crate::Result;
use crate::scope::TenantTx;

/// Gives a new organisation its rules.
pub(crate) async fn furnish(_: &TenantTx<'_>) -> Result<()> {
    Ok(())
}
