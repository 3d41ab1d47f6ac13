//! Registering clients.

use super::redirects;
use super::ways::{check_ways, redirect_uris_of};
use crate::audit::NewAudit;
use crate::identity::api_tokens::{self, check_scopes};
use crate::identity::roles::Rights;
use crate::identity::{Permission, check_text, service_accounts};
use crate::page::{Page, PageArgs, Sort};
use crate::scope::TenantTx;
use crate::{Code, Error, Reads, Refusals, Result, Scope, sql};
use entities::identity::{MembershipId, OauthClientId, ServiceAccountId, oauth_client};
use sea_orm::ActiveValue::{Set, Unchanged};

/// A client to be.
#[derive(Clone, Debug, Default)]
pub struct NewClient {
    pub name: String,
    pub scopes: Vec<Permission>,
    /// As whom it acts for itself.
    pub account: Option<ServiceAccountId>,
    /// Where people may be sent back to.
    pub redirect_uris: Vec<String>,
    /// In the hands of people, where no secret stays one.
    pub public: bool,
}

/// What to change of one; an absent field stays.
#[derive(Clone, Debug, Default)]
pub struct ClientChange {
    pub name: Option<String>,
    pub scopes: Option<Vec<Permission>>,
    pub redirect_uris: Option<Vec<String>>,
    pub expected_version: Option<i64>,
}

/// A client, and its secret, where it has one: nobody is told it again.
#[derive(Clone)]
pub struct MadeClient {
    pub row: oauth_client::Model,
    pub secret: Option<String>,
}

const WRITE: Permission = Permission::IdentityOauthClientWrite;
const LONGEST_NAME: usize = 80;
/// Most clients of an organisation.
const MOST: i64 = 50;

/// The organisation's clients, the first made first.
pub async fn page(scope: &Scope, args: &PageArgs) -> Result<Page<oauth_client::Model>> {
    scope.require(WRITE)?;
    scope.select::<oauth_client::Entity>().page(args, &[Sort::ascending(oauth_client::Column::CreatedAt)]).await
}

pub async fn find(scope: &Scope, id: OauthClientId) -> Result<Option<oauth_client::Model>> {
    scope.require(WRITE)?;
    scope.find::<oauth_client::Entity>(id).await
}

/// The most a client is given; what this version does not know is nothing to it.
pub fn scopes_of(row: &oauth_client::Model) -> Vec<Permission> {
    row.scopes.split(' ').filter_map(Permission::of_code).collect()
}

/// Registers a client of no more than the actor may; of the service account as which it acts they have all rights.
pub async fn create(scope: &Scope, input: NewClient) -> Result<MadeClient> {
    scope.require(WRITE)?;
    scope.require_proof()?;
    let txn = scope.begin().await?;
    let (rights, account) = deciding(&txn, input.account, "serviceAccountId").await?;
    if txn.statement(sql!("clients.sql")).value::<i64>().await?.unwrap_or(0) >= MOST {
        return Err(Error::refuse(Code::LimitReached, "", txn.locale().say("list-full", &[("most", MOST.to_string())])));
    }
    let mut refusals = Refusals::default();
    let name = check_text(&input.name, "name", LONGEST_NAME, txn.locale(), &mut refusals);
    let scopes = check_scopes(&rights, &input.scopes, txn.locale(), &mut refusals);
    let redirect_uris = redirects::check(&input.redirect_uris, txn.locale(), &mut refusals);
    check_ways(account.is_some(), &redirect_uris, input.public, txn.locale(), &mut refusals);
    refusals.check()?;
    let (secret, hash) = if input.public { (None, None) } else { secret(&txn)? };
    let row = oauth_client::ActiveModel {
        id: Set(txn.new_id()),
        name: Set(name),
        membership_id: Set(account),
        secret_hash: Set(hash),
        redirect_uris: Set(redirect_uris),
        scopes: Set(scopes),
        created_by: Set(txn.membership().ok_or(Error::Unauthenticated)?),
        version: Set(1),
        created_at: Set(txn.now()),
        updated_at: Set(txn.now()),
        ..Default::default()
    };
    let row = txn.insert(row).await?;
    let act = NewAudit::of("identity.oauth_client.create").on("OauthClient", row.id).with("name", row.name.as_str());
    let act = act.with("redirectUris", redirect_uris_of(&row)).with("confidential", row.secret_hash.is_some());
    txn.audit(act.with("scopes", row.scopes.split(' ').collect::<Vec<_>>()));
    txn.commit().await?;
    Ok(MadeClient { row, secret })
}

/// The rights of the actor, who decides about a client; where it acts as a service account, about that, too.
async fn deciding(txn: &TenantTx<'_>, account: Option<ServiceAccountId>, path: &str) -> Result<(Rights, Option<MembershipId>)> {
    let Some(account) = account else { return Ok((Rights::hold(txn, WRITE).await?, None)) };
    let case = service_accounts::about(txn, account, None).await.map_err(|error| error.rename_path("id", path))?;
    Ok((case.rights, Some(case.member.id)))
}

fn secret(txn: &TenantTx<'_>) -> Result<(Option<String>, Option<Vec<u8>>)> {
    let (secret, hash) = api_tokens::client_secret(txn.app().random())?;
    Ok((Some(secret), Some(hash)))
}

/// Renames a client, sends people elsewhere, or changes the most it is given; what it was given is narrowed within a second.
pub async fn update(scope: &Scope, id: OauthClientId, change: ClientChange) -> Result<oauth_client::Model> {
    let (txn, old) = begin(scope, id).await?;
    if change.expected_version.is_some_and(|version| version != old.version) {
        return Err(Error::refuse(Code::StaleVersion, "expectedVersion", txn.locale().say("stale-version", &[])));
    }
    let (rights, account) = deciding(&txn, account_of(&old), "id").await?;
    let mut refusals = Refusals::default();
    let name = change.name.map(|name| check_text(&name, "name", LONGEST_NAME, txn.locale(), &mut refusals));
    let scopes = change.scopes.map(|scopes| check_scopes(&rights, &scopes, txn.locale(), &mut refusals));
    let uris = change.redirect_uris.map(|uris| redirects::check(&uris, txn.locale(), &mut refusals));
    let uris = uris.unwrap_or_else(|| old.redirect_uris.clone());
    check_ways(account.is_some(), &uris, false, txn.locale(), &mut refusals);
    refusals.check()?;
    let row = oauth_client::ActiveModel {
        id: Unchanged(id),
        name: Set(name.unwrap_or_else(|| old.name.clone())),
        scopes: Set(scopes.unwrap_or_else(|| old.scopes.clone())),
        redirect_uris: Set(uris),
        version: Set(old.version + 1),
        updated_at: Set(txn.now()),
        ..Default::default()
    };
    let row = txn.update(row).await?;
    let act = NewAudit::of("identity.oauth_client.update").on("OauthClient", id).change("name", old.name, row.name.as_str());
    let act = act.change("redirectUris", old.redirect_uris, row.redirect_uris.as_str());
    txn.audit(act.change("scopes", old.scopes, row.scopes.as_str()));
    txn.commit().await?;
    scope.app().standings().forget();
    Ok(row)
}

fn account_of(row: &oauth_client::Model) -> Option<ServiceAccountId> {
    row.membership_id.map(|member| ServiceAccountId(member.0))
}

/// Makes another secret in the place of a client's; the old one is good for nothing, and tokens go on to their end.
pub async fn renew_secret(scope: &Scope, id: OauthClientId) -> Result<MadeClient> {
    let (txn, old) = begin(scope, id).await?;
    if old.secret_hash.is_none() {
        return Err(Error::refuse(Code::ForbiddenState, "id", txn.locale().say("oauth-client-public", &[])));
    }
    deciding(&txn, account_of(&old), "id").await?;
    let (secret, hash) = secret(&txn)?;
    let row = oauth_client::ActiveModel {
        id: Unchanged(id),
        secret_hash: Set(hash),
        version: Set(old.version + 1),
        updated_at: Set(txn.now()),
        ..Default::default()
    };
    let row = txn.update(row).await?;
    txn.audit(NewAudit::of("identity.oauth_client.renew_secret").on("OauthClient", id));
    txn.commit().await?;
    Ok(MadeClient { row, secret })
}

/// Deletes a client with all it was given.
pub async fn delete(scope: &Scope, id: OauthClientId) -> Result<OauthClientId> {
    let (txn, _) = begin(scope, id).await?;
    txn.delete::<oauth_client::Entity>(id).await?;
    txn.audit(NewAudit::of("identity.oauth_client.delete").on("OauthClient", id));
    txn.commit().await?;
    scope.app().standings().forget();
    Ok(id)
}

async fn begin(scope: &Scope, id: OauthClientId) -> Result<(TenantTx<'_>, oauth_client::Model)> {
    scope.require(WRITE)?;
    scope.require_proof()?;
    let txn = scope.begin().await?;
    let unknown = txn.locale().say("oauth-client-unknown", &[]);
    let row = txn.lock::<oauth_client::Entity>(id).await.map_err(|error| error.or_refuse_missing("id", unknown))?;
    Ok((txn, row))
}
