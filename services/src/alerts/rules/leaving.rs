//! Rules whose recipients go.

use crate::identity::ShippedRole;
use crate::scope::{Column, TenantTx};
use crate::{Reads, Result, sql};
use entities::alerts::{AlertRuleId, AlertRuleRecipientId};
use entities::identity::{MembershipId, RoleId};

#[derive(sea_orm::FromQueryResult)]
struct Left {
    rule_id: AlertRuleId,
}

/// Takes a role that goes from the rules that tell it; those left without recipients tell the owners.
pub(crate) async fn forget_role(txn: &TenantTx<'_>, role: RoleId) -> Result<()> {
    let left = txn.statement(sql!("forget_role.sql")).bind("role", role).all().await?;
    tell_owners(txn, left).await
}

/// The same of a member.
pub(crate) async fn forget_member(txn: &TenantTx<'_>, member: MembershipId) -> Result<()> {
    let left = txn.statement(sql!("forget_member.sql")).bind("member", member).all().await?;
    tell_owners(txn, left).await
}

async fn tell_owners(txn: &TenantTx<'_>, left: Vec<Left>) -> Result<()> {
    if left.is_empty() {
        return Ok(());
    }
    let columns =
        vec![Column::uuids(left.iter().map(|_| txn.new_id::<AlertRuleRecipientId>())), Column::uuids(left.iter().map(|left| left.rule_id))];
    let tell = txn.statement(sql!("tell_owners_of.sql")).rows("x", columns);
    tell.bind("owner", ShippedRole::Owner.key()).run().await.map(drop)
}
