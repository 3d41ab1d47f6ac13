//! API tokens: keys with which programs act as a member.
//!
//! A token is bound to one membership, hence to one organisation: *personal* to a person's, or a service's, to that of a service
//! account. Its *scopes* are codes of permissions. Rules that always hold:
//! - A token may do what its scopes name and its owner may do at that moment: who loses a role narrows their tokens within a
//!   second. The two meet in [`Grants`](super::Grants), so whatever asks for a right asks for both.
//! - A token is nobody's session: what asks for a proof, what an account is secured by, and what is told to one person are out
//!   of its reach ([`Scope::require_session`]). It runs no installation either.
//! - Its secret is shown once and kept as a hash. Its form ([`secret`]) has a checksum, so that what is no token costs no
//!   statement, and a beginning that scanners of published code know.
//! - It is good for a year at most, from the addresses it names if it names any, and refused everywhere within a second of its
//!   end. An end of the membership, or a suspension, ends it for good; a new password does not, for programs know none.
//!   Signing out everywhere ends one's own tokens when it is asked to.
//! - What is done with a token is written down as done with it, under its member. Whoever answers for the service accounts sees
//!   members' personal tokens, too, never their secrets, and ends those of members all of whose rights they have.

mod create;
mod secret;
mod standing;
#[cfg(test)]
mod tests;
mod used;

pub(super) use create::check_scopes;
pub use create::{Made, NewToken, create, create_for};
pub(super) use secret::{TokenHash, client_secret, hash_of, is_secret};
pub(super) use standing::look_up;
pub(super) use used::UsedKey;
pub use used::UsedToken;
pub(crate) use used::Uses;
pub(super) use used::note;

use super::members::Decision;
use super::roles::Rights;
use super::{Permission, service_accounts};
use crate::audit::NewAudit;
use crate::page::{Page, PageArgs, Sort};
use crate::scope::{DoorwayTx, TenantTx};
use crate::{Code, Error, Reads, Result, Scope, Timestamp, sql};
use entities::identity::{ApiTokenId, MembershipId, ServiceAccountId, UserId, api_token};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::ColumnTrait;

/// One's own tokens in the organisation, the newest first, those that are over among them for a while.
pub async fn page(scope: &Scope, args: &PageArgs) -> Result<Page<api_token::Model>> {
    scope.require_session()?;
    let mine = scope.select::<api_token::Entity>().filter(api_token::Column::MembershipId.eq(myself(scope)?));
    mine.page(args, &[Sort::descending(api_token::Column::CreatedAt)]).await
}

/// Those of a service account.
pub async fn page_of(scope: &Scope, account: ServiceAccountId, args: &PageArgs) -> Result<Page<api_token::Model>> {
    scope.require_session()?;
    scope.require(Permission::IdentityServiceAccountWrite)?;
    let account = service_accounts::find(scope, account).await?.ok_or(Error::NotFound)?;
    let tokens = scope.select::<api_token::Entity>().filter(api_token::Column::MembershipId.eq(account.id));
    tokens.page(args, &[Sort::descending(api_token::Column::CreatedAt)]).await
}

/// Those of a member, for whoever answers for the organisation's programs: they end with them what its member left lying about.
pub async fn page_of_member(scope: &Scope, member: MembershipId, args: &PageArgs) -> Result<Page<api_token::Model>> {
    scope.require_session()?;
    if member != myself(scope)? {
        scope.require(Permission::IdentityServiceAccountWrite)?;
        scope.require(Permission::IdentityMemberRead)?;
    }
    let tokens = scope.select::<api_token::Entity>().filter(api_token::Column::MembershipId.eq(member));
    tokens.page(args, &[Sort::descending(api_token::Column::CreatedAt)]).await
}

/// One of one's own, or with the permission anybody's.
pub async fn find(scope: &Scope, id: ApiTokenId) -> Result<Option<api_token::Model>> {
    scope.require_session()?;
    let me = myself(scope)?;
    let may = scope.may(Permission::IdentityServiceAccountWrite) && scope.may(Permission::IdentityMemberRead);
    Ok(scope.find::<api_token::Entity>(id).await?.filter(|token| may || token.membership_id == me))
}

/// Ends a token; whatever uses it is refused within a second.
pub async fn revoke(scope: &Scope, id: ApiTokenId) -> Result<api_token::Model> {
    scope.require_session()?;
    let me = myself(scope)?;
    let txn = scope.begin().await?;
    let unknown = || Error::refuse(Code::NotFound, "id", txn.locale().say("api-token-unknown", &[]));
    let found = txn.find::<api_token::Entity>(id).await?.ok_or_else(unknown)?;
    // Whoever answers for the organisation's programs, and has all rights of its member, ends another's; else it is not there.
    if found.membership_id != me {
        if !scope.may(Permission::IdentityServiceAccountWrite) {
            return Err(unknown());
        }
        let rights = Rights::hold(&txn, Permission::IdentityServiceAccountWrite).await?;
        let case = Decision::with(&txn, rights, found.membership_id).await?;
        if !case.rights.reach_all(&case.held) {
            return case.refuse("id", "member-beyond-yours");
        }
    }
    let token = txn.lock::<api_token::Entity>(id).await?;
    if token.is_over(txn.now()) {
        return Err(Error::refuse(Code::ForbiddenState, "id", txn.locale().say("api-token-over", &[])));
    }
    let row = api_token::ActiveModel { id: Unchanged(id), revoked_at: Set(Some(txn.now())), ..Default::default() };
    let token = txn.update(row).await?;
    txn.audit(NewAudit::of("identity.api_token.revoke").on("ApiToken", id).with("prefix", token.prefix.as_str()));
    txn.commit().await?;
    scope.app().standings().forget();
    Ok(token)
}

/// Ends all tokens of a member.
pub(super) async fn end_of_member(txn: &TenantTx<'_>, member: MembershipId) -> Result<()> {
    txn.statement(sql!("end_of_member.sql")).bind("member", member).bind("now", txn.now()).run().await.map(drop)
}

/// Ends all tokens of a person, in whatever organisation.
pub(super) async fn end_of_user(tx: &DoorwayTx, user: UserId, now: Timestamp) -> Result<()> {
    tx.statement(sql!("end_of_user.sql")).bind("user", user).bind("now", now).run().await.map(drop)
}

/// What a token may do where its owner may; what this version does not know is nothing to it.
pub fn scopes_of(row: &api_token::Model) -> Vec<Permission> {
    row.scopes.split(' ').filter_map(Permission::of_code).collect()
}

/// The ranges of addresses a token may come from.
pub fn addresses_of(row: &api_token::Model) -> Vec<String> {
    row.addresses.split_whitespace().map(str::to_owned).collect()
}

fn myself(scope: &Scope) -> Result<MembershipId> {
    scope.membership().ok_or(Error::Unauthenticated)
}
