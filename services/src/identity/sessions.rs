//! Sessions: sign in, refresh, sign out, change organisation.

use super::account::email;
use super::guesses::check_password;
use super::policies::{self, Policies};
use super::second_factor::{self, Challenge};
use super::{Caller, keys, known_devices, links, password, refresh, trust};
use crate::audit::NewAudit;
use crate::scope::DoorwayTx;
use crate::{Code, Doorway, Error, Result, sql};
use entities::identity::account_link::LinkPurpose;
use entities::identity::{SessionId, UserId, organization, session, user};
use entities::{TenantId, Timestamp};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::ColumnTrait;

#[cfg(any(test, feature = "test-support"))]
pub(crate) use super::refresh::access_token;
pub use super::refresh::refresh;

/// The tokens of a signed-in device.
#[derive(Clone, Debug)]
pub struct Session {
    pub access_token: String,
    pub access_token_expires_at: Timestamp,
    pub refresh_token: String,
    pub refresh_token_expires_at: Timestamp,
    pub tenant: Option<TenantId>,
    pub user: UserId,
    pub id: SessionId,
}

/// What came of an address and a password that go together.
#[derive(Clone, Debug)]
pub enum SignedIn {
    Session(Session),
    /// The person has a second factor, too.
    Challenge(Challenge),
}

impl SignedIn {
    /// The session, where the password was enough.
    pub fn session(self) -> Option<Session> {
        match self {
            Self::Session(session) => Some(session),
            Self::Challenge(_) => None,
        }
    }
}

/// Signs in with an address and a password; without an organisation, into the last one used.
pub async fn sign_in(
    doorway: &Doorway,
    address: &str,
    secret: String,
    tenant: Option<TenantId>,
    user_agent: Option<String>,
) -> Result<SignedIn> {
    let wrong = || Error::refuse(Code::InvalidCredentials, "", doorway.locale().say("credentials-wrong", &[]));
    keys::fresh(doorway.app()).await;
    let user = doorway.read().await?.one::<user::Entity>(user::Column::Email.eq(email(address))).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let whose = user.as_ref().map(|user| user.id);
    let right = check_password(doorway, &email(address), whose, secret.clone(), hash).await?;
    let Some(user) = user.filter(|_| right) else {
        return Err(wrong());
    };
    let renewed = renewed(&user, secret).await?;
    let tx = doorway.begin().await?;
    // What was checked must be what is good: a new password, or an erasure, ends what began under the old one.
    let locked = tx.lock::<user::Entity>(user.id).await?;
    let user = locked.filter(|locked| locked.password_hash == user.password_hash).ok_or_else(wrong)?;
    if let Some(hash) = renewed {
        let renew = tx.statement(sql!("renew_hash.sql")).bind("user", user.id).bind("hash", hash);
        renew.bind("outdated", user.password_hash.clone()).run().await?;
    }
    if second_factor::is_on(&tx, user.id).await? {
        // As it is kept from here on.
        let user = tx.find::<user::Entity>(user.id).await?.ok_or(Error::NotFound)?;
        let challenge = second_factor::challenge(doorway, &user, tenant)?;
        tx.commit().await?;
        trust::let_in(doorway, user.id).await;
        return Ok(SignedIn::Challenge(challenge));
    }
    let tenant = choose_tenant(&tx, doorway, &user, tenant).await?;
    let session = open(&tx, doorway, &user, tenant, user_agent).await?;
    let is_new = known_devices::signed_in(&tx, doorway, &user).await?;
    tx.audit(tenant, Some(user.id), NewAudit::of("identity.session.open").on("DeviceSession", session.id).with("newDevice", is_new));
    tx.commit().await?;
    trust::let_in(doorway, user.id).await;
    Ok(SignedIn::Session(session))
}

/// Goes on with a sign-in whose password was right, for whoever shows a code of the second factor.
pub async fn complete_sign_in(doorway: &Doorway, token: &str, code: &str, user_agent: Option<String>) -> Result<Session> {
    let over = || Error::refuse(Code::TokenExpired, "token", doorway.locale().say("challenge-over", &[]));
    let begun = second_factor::open(doorway, token).ok_or_else(over)?;
    keys::fresh(doorway.app()).await;
    let tx = doorway.begin().await?;
    let user = tx.lock::<user::Entity>(begun.user).await?.filter(|user| begun.is_of(user)).ok_or_else(over)?;
    let tx = second_factor::shown(tx, doorway, &user, code).await?;
    let tenant = choose_tenant(&tx, doorway, &user, begun.tenant).await?;
    let session = open(&tx, doorway, &user, tenant, user_agent).await?;
    let is_new = known_devices::signed_in(&tx, doorway, &user).await?;
    let act = NewAudit::of("identity.session.open").on("DeviceSession", session.id).with("secondFactor", true);
    tx.audit(tenant, Some(user.id), act.with("newDevice", is_new));
    tx.commit().await?;
    trust::let_in(doorway, user.id).await;
    Ok(session)
}

/// The hash of a password as they are made today, where the one that is kept is not.
async fn renewed(user: &user::Model, secret: String) -> Result<Option<String>> {
    match &user.password_hash {
        Some(hash) if password::is_outdated(hash) => password::hash(secret).await.map(Some),
        _ => Ok(None),
    }
}

/// Ends this session, or all of the person's, and with them their API tokens and what clients were let do when they are named, too.
pub async fn sign_out(doorway: &Doorway, caller: &Caller, everywhere: bool, tokens: bool) -> Result<()> {
    let session = caller.session()?;
    let tx = doorway.begin().await?;
    let end = if everywhere {
        // Held so that no session is being switched meanwhile: its successor would not be seen.
        let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
        links::forget(&tx, doorway, &user, LinkPurpose::ChangeEmail).await?;
        tx.statement(sql!("end_all.sql")).bind("user", caller.user)
    } else {
        tx.statement(sql!("end_one.sql")).bind("id", session)
    };
    end.bind("now", doorway.now()).bind("because", "signed out").run().await?;
    if tokens {
        super::api_tokens::end_of_user(&tx, caller.user, doorway.now()).await?;
        super::oauth::end_of_user(&tx, caller.user).await?;
    }
    let act = NewAudit::of(if everywhere { "identity.session.end_all" } else { "identity.session.end" });
    let act = if tokens { act.with("apiTokens", true) } else { act };
    tx.audit(caller.tenant(), Some(caller.user), act.on("DeviceSession", session));
    tx.commit().await?;
    doorway.app().standings().forget();
    Ok(())
}

/// Ends a person's sessions but this one.
pub(super) async fn end_others(tx: &DoorwayTx, doorway: &Doorway, user: UserId, kept: SessionId, because: &str) -> Result<()> {
    let end = tx.statement(sql!("end_others.sql")).bind("user", user).bind("kept", kept);
    end.bind("now", doorway.now()).bind("because", because.to_owned()).run().await.map(drop)
}

/// Moves this session to another organisation of the person's and issues its tokens. One that is over stays so, whatever
/// was known of it a moment ago.
pub async fn switch(doorway: &Doorway, caller: &Caller, tenant: TenantId) -> Result<Session> {
    let tx = doorway.begin().await?;
    let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    let old = tx.lock::<session::Entity>(caller.session()?).await?;
    let old = old.filter(|old| !old.is_over(doorway.now())).ok_or(Error::Unauthenticated)?;
    let tenant = choose_tenant(&tx, doorway, &user, Some(tenant)).await?;
    revoke(&tx, &old, "switched organisation", doorway.now()).await?;
    let session = go_on(&tx, doorway, &user, tenant, &old).await?;
    let switched = |action| NewAudit::of(action).with("because", "switched organisation");
    tx.audit(old.tenant_id, Some(user.id), switched("identity.session.end").on("DeviceSession", old.id));
    tx.audit(tenant, Some(user.id), switched("identity.session.open").on("DeviceSession", session.id));
    tx.commit().await?;
    doorway.app().standings().forget();
    Ok(session)
}

/// Starts a session inside the caller's transaction.
pub(crate) async fn open(
    tx: &DoorwayTx,
    doorway: &Doorway,
    user: &user::Model,
    tenant: Option<TenantId>,
    user_agent: Option<String>,
) -> Result<Session> {
    let agent = user_agent.map(|agent| agent.chars().take(200).collect());
    insert(tx, doorway, user, tenant, session::ActiveModel { user_agent: Set(agent), began_at: Set(doorway.now()), ..Default::default() })
        .await
}

/// Goes on with a session in another organisation: it lives no longer for that, and proves nothing.
async fn go_on(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model, tenant: Option<TenantId>, old: &session::Model) -> Result<Session> {
    let row = session::ActiveModel {
        user_agent: Set(old.user_agent.clone()),
        began_at: Set(old.began_at),
        proved_at: Set(Some(old.proved_at.unwrap_or(old.created_at))),
        ..Default::default()
    };
    insert(tx, doorway, user, tenant, row).await
}

async fn insert(
    tx: &DoorwayTx,
    doorway: &Doorway,
    user: &user::Model,
    tenant: Option<TenantId>,
    row: session::ActiveModel,
) -> Result<Session> {
    let (now, policies) = (doorway.now(), policies::of_tenant(tx, tenant).await?);
    let began_at = row.began_at.clone().take().unwrap_or(now);
    let expires_at = began_at.plus(policies.session_life());
    if expires_at <= now {
        return Err(Error::refuse(Code::TokenExpired, "organizationId", doorway.locale().say("session-too-old", &[])));
    }
    let row = session::ActiveModel {
        id: Set(doorway.new_id()),
        user_id: Set(user.id),
        tenant_id: Set(tenant),
        created_at: Set(now),
        refreshed_at: Set(now),
        expires_at: Set(expires_at),
        ..row
    };
    let session = tx.insert(row).await?;
    let tokens = refresh::first(tx, doorway, &session, &policies).await?;
    if tenant.is_some() && tenant != user.last_tenant_id {
        tx.update(user::ActiveModel { id: Unchanged(user.id), last_tenant_id: Set(tenant), ..Default::default() }).await?;
    }
    Ok(tokens)
}

/// The organisation of a new session: the one asked for, else the last one used, else the first joined.
pub(super) async fn choose_tenant(
    tx: &DoorwayTx,
    doorway: &Doorway,
    user: &user::Model,
    wanted: Option<TenantId>,
) -> Result<Option<TenantId>> {
    let mine: Vec<Belongs> = tx.statement(sql!("tenants_of_user.sql")).bind("user", user.id).all().await?;
    let unknown = || Error::refuse(Code::NotFound, "organizationId", doorway.locale().say("organization-unknown", &[]));
    if let Some(wanted) = wanted {
        let there = mine.iter().find(|belongs| belongs.tenant_id == wanted).ok_or_else(unknown)?;
        policies::check_entry(tx, doorway, user.id, &Policies::of_text(&there.policies)).await?;
        return Ok(Some(wanted));
    }
    let last = mine.iter().filter(|belongs| Some(belongs.tenant_id) == user.last_tenant_id);
    for belongs in last.chain(&mine) {
        // One that does not let them in as they are is passed by; asked for by name, it says why.
        if policies::check_entry(tx, doorway, user.id, &Policies::of_text(&belongs.policies)).await.is_ok() {
            return Ok(Some(belongs.tenant_id));
        }
    }
    Ok(None)
}

#[derive(sea_orm::FromQueryResult)]
struct Belongs {
    tenant_id: TenantId,
    policies: String,
}

/// The organisations a person belongs to, the first joined first.
pub async fn organizations_of(doorway: &Doorway, user: UserId) -> Result<Vec<organization::Model>> {
    let tx = doorway.read().await?;
    let mine: Vec<Belongs> = tx.statement(sql!("tenants_of_user.sql")).bind("user", user).all().await?;
    let ids: Vec<TenantId> = mine.iter().map(|belongs| belongs.tenant_id).collect();
    let rows = tx.all::<organization::Entity>(organization::Column::Id.is_in(ids.clone())).await?;
    Ok(ids.iter().filter_map(|id| rows.iter().find(|row| row.id == *id).cloned()).collect())
}

pub(super) async fn revoke(tx: &DoorwayTx, session: &session::Model, because: &str, now: Timestamp) -> Result<()> {
    let row = session::ActiveModel {
        id: Unchanged(session.id),
        revoked_at: Set(Some(now)),
        revoked_because: Set(Some(because.to_owned())),
        ..Default::default()
    };
    tx.update(row).await.map(drop)
}
