//! One decision about one member, under the lock of all of them.

use super::status::Act;
use crate::identity::roles::Rights;
use crate::identity::{Permission, api_tokens, oauth};
use crate::scope::{Column, TenantTx};
use crate::{Code, Error, Reads, Result, sql};
use entities::identity::membership::{self, MembershipKind, MembershipStatus};
use entities::identity::{MembershipId, MembershipRoleId, RoleId};
use sea_orm::ActiveValue::{Set, Unchanged};

/// The member decided about, what they hold, and what the actor may decide.
pub(in crate::identity) struct Decision<'a> {
    pub txn: &'a TenantTx<'a>,
    pub rights: Rights,
    pub member: membership::Model,
    pub held: Vec<RoleId>,
}

#[derive(sea_orm::FromQueryResult)]
struct Held {
    role_id: RoleId,
}

impl<'a> Decision<'a> {
    /// Of an actor who needs this permission.
    pub async fn about(txn: &'a TenantTx<'a>, permission: Permission, id: MembershipId, version: Option<i64>) -> Result<Self> {
        let about = Self::about_a(MembershipKind::Person, txn, permission, id, version).await;
        about.map_err(|error| error.or_refuse_missing("id", txn.locale().say("member-unknown", &[])))
    }

    /// Of an actor who needs this permission, about a member of this kind; one of another is not there.
    pub async fn about_a(
        kind: MembershipKind,
        txn: &'a TenantTx<'a>,
        permission: Permission,
        id: MembershipId,
        version: Option<i64>,
    ) -> Result<Self> {
        let rights = Rights::hold(txn, permission).await?;
        let decision = Self::with(txn, rights, id).await?;
        if decision.member.kind != kind {
            return Err(Error::NotFound);
        }
        if version.is_some_and(|version| version != decision.member.version) {
            return Err(Error::refuse(Code::StaleVersion, "expectedVersion", txn.locale().say("stale-version", &[])));
        }
        Ok(decision)
    }

    /// Of whoever holds these rights.
    pub async fn with(txn: &'a TenantTx<'a>, rights: Rights, id: MembershipId) -> Result<Self> {
        let member = txn.lock::<membership::Entity>(id).await?;
        let held: Vec<Held> = txn.statement(sql!("held.sql")).bind("member", id).all().await?;
        Ok(Self { txn, rights, member, held: held.into_iter().map(|held| held.role_id).collect() })
    }

    pub fn refuse<T>(&self, path: &str, key: &str) -> Result<T> {
        Err(Error::refuse(Code::ForbiddenState, path, self.txn.locale().say(key, &[])))
    }

    pub fn owns(&self) -> bool {
        self.held.contains(&self.rights.owner())
    }

    pub fn is_the_actor(&self) -> bool {
        self.txn.membership() == Some(self.member.id)
    }

    /// An organisation always has an owner who can act. Asked where this member stops being one.
    pub async fn leave_an_owner(&self, path: &str) -> Result<()> {
        let others = self.txn.statement(sql!("other_owners.sql")).bind("owner", self.rights.owner()).bind("member", self.member.id);
        if others.value::<i64>().await?.unwrap_or(0) > 0 { Ok(()) } else { self.refuse(path, "last-owner") }
    }

    /// Whether there are other members, and no other owner among them.
    pub async fn leaves_members_alone(&self) -> Result<bool> {
        let others = self.txn.statement(sql!("other_members.sql")).bind("member", self.member.id).value::<i64>().await?;
        let owners = self.txn.statement(sql!("other_owners.sql")).bind("owner", self.rights.owner()).bind("member", self.member.id);
        Ok(others.unwrap_or(0) > 0 && owners.value::<i64>().await?.unwrap_or(0) == 0)
    }

    /// Where this member was the last, the service accounts are suspended: nobody is left who would end their tokens.
    pub async fn stop_programs_of_nobody(&self) -> Result<()> {
        let others = self.txn.statement(sql!("other_members.sql")).bind("member", self.member.id).value::<i64>().await?;
        if others.unwrap_or(0) > 0 {
            return Ok(());
        }
        self.txn.statement(sql!("suspend_services.sql")).bind("now", self.txn.now()).run().await.map(drop)
    }

    /// Where the act leads, if it can happen to this member.
    pub(super) fn after(&self, act: Act, path: &str) -> Result<MembershipStatus> {
        let key = match self.member.status {
            MembershipStatus::Active | MembershipStatus::Invited => "member-is-active",
            MembershipStatus::Suspended => "member-is-suspended",
            MembershipStatus::Left => "member-has-left",
        };
        act.from(self.member.status).map_or_else(|| self.refuse(path, key), Ok)
    }

    pub async fn take(&self, roles: &[RoleId]) -> Result<()> {
        if roles.is_empty() {
            return Ok(());
        }
        let take = self.txn.statement(sql!("take.sql")).bind("member", self.member.id).ids("roles", roles.iter().copied());
        take.run().await.map(drop)
    }

    pub async fn give(&self, roles: &[RoleId]) -> Result<()> {
        give(self.txn, self.member.id, roles).await
    }

    /// Ends all sessions and API tokens of the member in this organisation, and what clients were let do; others of theirs go on.
    pub async fn end_sessions(&self, because: &str) -> Result<()> {
        let end = self.txn.statement(sql!("end_sessions.sql")).bind("user", self.member.user_id);
        end.bind("now", self.txn.now()).bind("because", because.to_owned()).run().await?;
        oauth::end_of_member(self.txn, self.member.id).await?;
        api_tokens::end_of_member(self.txn, self.member.id).await
    }

    /// Writes where the membership stands now, and that it changed.
    pub async fn save(&self, status: MembershipStatus) -> Result<membership::Model> {
        let row = membership::ActiveModel {
            id: Unchanged(self.member.id),
            status: Set(status),
            version: Set(self.member.version + 1),
            updated_at: Set(self.txn.now()),
            ..Default::default()
        };
        self.txn.update(row).await
    }
}

/// Gives a member roles; what they hold already they hold once.
pub(in crate::identity) async fn give(txn: &TenantTx<'_>, member: MembershipId, roles: &[RoleId]) -> Result<()> {
    if roles.is_empty() {
        return Ok(());
    }
    let columns = vec![Column::uuids(roles.iter().map(|_| txn.new_id::<MembershipRoleId>())), Column::uuids(roles.iter().copied())];
    txn.statement(sql!("give.sql")).rows("x", columns).bind("member", member).run().await.map(drop)
}
