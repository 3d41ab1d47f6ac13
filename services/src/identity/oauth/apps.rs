//! The clients that act for people: seen, and ended by whoever let them (ASVS 10.4.9).

use crate::audit::NewAudit;
use crate::identity::{Caller, Permission};
use crate::scope::{DoorwayTx, TenantTx};
use crate::{Code, Doorway, Error, Reads, Result, Scope, sql};
use entities::identity::{MembershipId, OauthClientId, OauthConsentId, UserId, organization};
use entities::{TenantId, Timestamp};
use sea_orm::ColumnTrait;
use std::collections::BTreeSet;

/// A client that acts for a person, and the organisation it does so in.
#[derive(Clone, Debug)]
pub struct App {
    pub row: AppRow,
    pub organization: Option<organization::Model>,
}

/// What there is to say of it.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct AppRow {
    pub id: OauthConsentId,
    tenant_id: TenantId,
    client_id: OauthClientId,
    pub name: String,
    scopes: String,
    /// When the oldest of what lasts was agreed to.
    pub since: Timestamp,
    /// When the last of it ends.
    pub expires_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

impl AppRow {
    /// What it may do where the person may.
    pub fn scopes(&self) -> Vec<Permission> {
        Permission::ALL.iter().copied().filter(|scope| self.scopes.split(' ').any(|code| code == scope.code())).collect()
    }
}

/// Those that act for a person, in whatever organisation, the latest let in first.
pub async fn of(doorway: &Doorway, user: UserId) -> Result<Vec<App>> {
    let tx = doorway.read().await?;
    let rows = rows(&tx, user, doorway.now()).await?;
    let tenants: BTreeSet<TenantId> = rows.iter().map(|row| row.tenant_id).collect();
    let organizations = tx.all::<organization::Entity>(organization::Column::Id.is_in(tenants)).await?;
    let of = |row: &AppRow| organizations.iter().find(|one| one.id == row.tenant_id).cloned();
    Ok(rows.into_iter().map(|row| App { organization: of(&row), row }).collect())
}

async fn rows(tx: &DoorwayTx, user: UserId, now: Timestamp) -> Result<Vec<AppRow>> {
    tx.statement(sql!("apps.sql")).bind("user", user).bind("now", now).all().await
}

/// One of the asker's own; none where it is over or somebody else's.
pub async fn find(scope: &Scope, id: OauthConsentId) -> Result<Option<App>> {
    let Some(user) = scope.user().filter(|_| scope.token().is_none()) else { return Ok(None) };
    let all = of(&Doorway::new(scope.app(), scope.locale()), user).await?;
    Ok(all.into_iter().find(|app| app.row.id == id))
}

/// Ends all that a client was let do for a person; it is refused within a second, and asks again.
pub async fn end(doorway: &Doorway, caller: &Caller, id: OauthConsentId) -> Result<()> {
    caller.session()?;
    let tx = doorway.begin().await?;
    let unknown = || Error::refuse(Code::NotFound, "id", doorway.locale().say("oauth-app-unknown", &[]));
    let app = rows(&tx, caller.user, doorway.now()).await?.into_iter().find(|app| app.id == id).ok_or_else(unknown)?;
    tx.statement(sql!("end_consent.sql")).bind("tenant", app.tenant_id).bind("id", id).run().await?;
    let act = NewAudit::of("identity.oauth_grant.revoke").on("OauthClient", app.client_id).with("because", "taken back");
    tx.audit(Some(app.tenant_id), Some(caller.user), act);
    tx.commit().await?;
    doorway.app().standings().forget();
    Ok(())
}

/// Ends all that clients were let do for a member.
pub(in crate::identity) async fn end_of_member(txn: &TenantTx<'_>, member: MembershipId) -> Result<()> {
    txn.statement(sql!("end_consents_of_member.sql")).bind("member", member).run().await.map(drop)
}

/// Ends all that clients were let do for a person, in whatever organisation.
pub(in crate::identity) async fn end_of_user(tx: &DoorwayTx, user: UserId) -> Result<()> {
    tx.statement(sql!("end_consents_of_user.sql")).bind("user", user).run().await.map(drop)
}
