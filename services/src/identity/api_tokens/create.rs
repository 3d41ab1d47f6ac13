//! Making a token.

use super::secret::{hash_of, new, prefix};
use super::{addresses_of, myself};
use crate::audit::NewAudit;
use crate::identity::roles::Rights;
use crate::identity::{Permission, check_text, security_events, service_accounts};
use crate::locale::Locale;
use crate::notifications::{Category, Channel, NewNotification, Severity, notify};
use crate::scope::TenantTx;
use crate::settings::Network;
use crate::{Code, Error, Reads, Refusals, Result, Scope, Timestamp, sql};
use chrono::TimeDelta;
use entities::identity::security_event::SecurityEventKind;
use entities::identity::{MembershipId, ServiceAccountId, api_token};
use sea_orm::ActiveValue::Set;

/// What a token is to be good for.
#[derive(Clone, Debug, Default)]
pub struct NewToken {
    pub name: String,
    pub scopes: Vec<Permission>,
    /// None: in 90 days.
    pub expires_at: Option<Timestamp>,
    /// Ranges such as `196.1.95.0/24`; none: from anywhere.
    pub addresses: Vec<String>,
}

/// A token, and its secret: nobody is told it again.
#[derive(Clone)]
pub struct Made {
    pub row: api_token::Model,
    pub secret: String,
}

const LIFE: TimeDelta = TimeDelta::days(90);
const LONGEST_LIFE: TimeDelta = TimeDelta::days(366);
const LONGEST_NAME: usize = 80;
const MOST_ADDRESSES: usize = 20;
/// Most tokens of a member that are good at once.
const MOST: i64 = 50;

/// Makes a token with which a program acts as oneself in the organisation.
pub async fn create(scope: &Scope, input: NewToken) -> Result<Made> {
    scope.require_proof()?;
    let me = myself(scope)?;
    let txn = scope.begin().await?;
    let rights = Rights::hold_for(&txn, txn.actor()).await?;
    let made = write(&txn, &rights, me, &input).await?;
    tell(&txn, me, &made).await?;
    if let Some(user) = scope.user() {
        security_events::write_in(&txn, user, SecurityEventKind::ApiTokenCreated, Some(&made.row.name)).await?;
    }
    txn.commit().await?;
    Ok(made)
}

/// Whoever sat down at an open session made a key to it: its person is told.
async fn tell(txn: &TenantTx<'_>, me: MembershipId, made: &Made) -> Result<()> {
    let new = NewNotification {
        to: vec![me],
        category: Category::Security,
        severity: Severity::Warning,
        key: "api-token-created",
        params: serde_json::json!({ "name": made.row.name, "at": txn.now().to_utc().to_rfc3339() }),
        subject: None,
        channels: vec![Channel::InApp, Channel::Email],
        dedup_key: None,
    };
    notify(txn, new).await
}

/// Makes a token with which a program acts as a service account.
pub async fn create_for(scope: &Scope, account: ServiceAccountId, input: NewToken) -> Result<Made> {
    scope.require(Permission::IdentityServiceAccountWrite)?;
    scope.require_proof()?;
    let txn = scope.begin().await?;
    let case = service_accounts::about(&txn, account, None).await.map_err(|error| error.rename_path("id", "serviceAccountId"))?;
    let made = write(&txn, &case.rights, case.member.id, &input).await?;
    drop(case);
    txn.commit().await?;
    Ok(made)
}

/// Writes a token of this member, made by the actor whose rights these are.
async fn write(txn: &TenantTx<'_>, rights: &Rights, member: MembershipId, input: &NewToken) -> Result<Made> {
    let good = txn.statement(sql!("good.sql")).bind("member", member).bind("now", txn.now());
    if good.value::<i64>().await?.unwrap_or(0) >= MOST {
        return Err(Error::refuse(Code::LimitReached, "", txn.locale().say("list-full", &[("most", MOST.to_string())])));
    }
    let secret = new(txn.app().random());
    let hash = hash_of(&secret).ok_or_else(|| Error::internal("a token that is none"))?;
    let row = api_token::ActiveModel {
        id: Set(txn.new_id()),
        membership_id: Set(member),
        prefix: Set(prefix(&secret)),
        token_hash: Set(hash.0.to_vec()),
        created_by: Set(txn.membership().ok_or(Error::Unauthenticated)?),
        created_at: Set(txn.now()),
        last_used_at: Set(None),
        revoked_at: Set(None),
        ..check(rights, input, txn.now(), txn.locale())?
    };
    let row = txn.insert(row).await?;
    let act = NewAudit::of("identity.api_token.create")
        .on("ApiToken", row.id)
        .with("membership", member.to_string())
        .with("name", row.name.as_str());
    let act = act.with("prefix", row.prefix.as_str()).with("scopes", row.scopes.split(' ').collect::<Vec<_>>());
    txn.audit(act.with("addresses", addresses_of(&row)).with("expiresAt", row.expires_at.to_utc().to_rfc3339()));
    Ok(Made { row, secret })
}

/// What the input says of a token, if all of it may be.
fn check(rights: &Rights, input: &NewToken, now: Timestamp, locale: Locale) -> Result<api_token::ActiveModel> {
    let mut refusals = Refusals::default();
    let name = check_text(&input.name, "name", LONGEST_NAME, locale, &mut refusals);
    let expires_at = input.expires_at.unwrap_or_else(|| now.plus(LIFE));
    if expires_at <= now || expires_at > now.plus(LONGEST_LIFE) {
        refusals.add(Code::OutOfRange, "expiresAt", locale.say("api-token-life", &[("days", LONGEST_LIFE.num_days().to_string())]));
    }
    let scopes = check_scopes(rights, &input.scopes, locale, &mut refusals);
    if input.addresses.len() > MOST_ADDRESSES {
        refusals.add(Code::LimitReached, "addresses", locale.say("list-full", &[("most", MOST_ADDRESSES.to_string())]));
    }
    for address in input.addresses.iter().filter(|address| address.parse::<Network>().is_err()) {
        refusals.add(Code::Invalid, "addresses", locale.say("api-token-address", &[("address", address.clone())]));
    }
    refusals.check()?;
    let addresses = Set(input.addresses.join(" "));
    Ok(api_token::ActiveModel { name: Set(name), scopes: Set(scopes), addresses, expires_at: Set(expires_at), ..Default::default() })
}

/// The codes of what a token may do: each is the actor's own by now.
pub(in crate::identity) fn check_scopes(rights: &Rights, scopes: &[Permission], locale: Locale, refusals: &mut Refusals) -> String {
    let mut codes: Vec<&str> = scopes.iter().map(|scope| scope.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    if codes.is_empty() {
        refusals.add(Code::Required, "permissions", locale.say("api-token-scopes", &[]));
    }
    let mut lacked: Vec<Permission> = scopes.iter().copied().filter(|scope| !rights.lend(*scope)).collect();
    lacked.dedup();
    for scope in lacked {
        let what = [("permission", scope.describe(locale))];
        refusals.add(Code::ForbiddenState, "permissions", locale.say("permission-beyond-yours", &what));
    }
    codes.join(" ")
}
