//! Of a person who is erased, what an organisation has about them.

use super::decision::Decision;
use crate::alerts::rules;
use crate::audit::NewAudit;
use crate::identity::roles::Rights;
use crate::identity::teams;
use crate::scope::TenantTx;
use crate::{Actor, Reads, Result, sql};
use entities::identity::MembershipId;
use entities::identity::membership::MembershipStatus;

/// Ends a membership and takes the person's notifications with it, and what their inviter was told of them; what they did stays.
/// Doing it twice does no more. False, and nothing is done, where other members would be left without an owner.
pub(in crate::identity) async fn erase(txn: TenantTx<'_>, membership: MembershipId) -> Result<bool> {
    let rights = Rights::hold_for(&txn, Actor::System).await?;
    let case = Decision::with(&txn, rights, membership).await?;
    if case.owns() && case.member.status == MembershipStatus::Active && case.leaves_members_alone().await? {
        return Ok(false);
    }
    case.take(&case.held).await?;
    rules::forget_member(&txn, membership).await?;
    teams::forget_member(&txn, membership).await?;
    txn.statement(sql!("forget_acceptance.sql")).bind("member", membership).run().await?;
    txn.statement(sql!("forget_notifications.sql")).bind("user", case.member.user_id).run().await?;
    if case.member.status != MembershipStatus::Left {
        case.end_sessions("account erased").await?;
        case.save(MembershipStatus::Left).await?;
        case.stop_programs_of_nobody().await?;
        txn.audit(NewAudit::of("identity.member.erase").on("Membership", membership));
    }
    txn.commit().await?;
    Ok(true)
}
