//! Sessions: sign in, refresh, sign out, change organisation.

use super::account::email;
use super::guesses::check_password;
use super::keys::{self, Purpose};
use super::second_factor::{self, Challenge};
use super::{Caller, known_devices, password};
use crate::audit::NewAudit;
use crate::scope::DoorwayTx;
use crate::{Code, Doorway, Error, Result, sql};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entities::identity::{RefreshTokenId, SessionId, UserId, organization, refresh_token, session, user};
use entities::{TenantId, Timestamp};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::ColumnTrait;
use sha2::{Digest, Sha256};

const ACCESS_LIFE: TimeDelta = TimeDelta::minutes(30);
const SESSION_LIFE: TimeDelta = TimeDelta::days(7);
/// How long a used refresh token still gets its successor again.
const GRACE: TimeDelta = TimeDelta::seconds(10);

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
    keys::fresh(doorway.app()).await;
    let user = doorway.read().await?.one::<user::Entity>(user::Column::Email.eq(email(address))).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let whose = user.as_ref().map(|user| user.id);
    let right = check_password(doorway, &email(address), whose, secret.clone(), hash).await?;
    let Some(user) = user.filter(|_| right) else {
        return Err(Error::refuse(Code::InvalidCredentials, "", doorway.locale().say("credentials-wrong", &[])));
    };
    let renewed = renewed(&user, secret).await?;
    let tx = doorway.begin().await?;
    if let Some(hash) = renewed {
        let renew = tx.statement(sql!("renew_hash.sql")).bind("user", user.id).bind("hash", hash);
        renew.bind("outdated", user.password_hash.clone()).run().await?;
    }
    if second_factor::is_on(&tx, user.id).await? {
        // As it is kept from here on.
        let user = tx.find::<user::Entity>(user.id).await?.ok_or(Error::NotFound)?;
        let challenge = second_factor::challenge(doorway, &user, tenant)?;
        return tx.commit().await.map(|()| SignedIn::Challenge(challenge));
    }
    let tenant = choose_tenant(&tx, doorway, &user, tenant).await?;
    let session = open(&tx, doorway, &user, tenant, user_agent).await?;
    let is_new = known_devices::signed_in(&tx, doorway, &user).await?;
    tx.audit(tenant, Some(user.id), NewAudit::of("identity.session.open").on("DeviceSession", session.id).with("newDevice", is_new));
    tx.commit().await?;
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
    Ok(session)
}

/// The hash of a password as they are made today, where the one that is kept is not.
async fn renewed(user: &user::Model, secret: String) -> Result<Option<String>> {
    match &user.password_hash {
        Some(hash) if password::is_outdated(hash) => password::hash(secret).await.map(Some),
        _ => Ok(None),
    }
}

/// Trades a refresh token for the next one and a new access token.
pub async fn refresh(doorway: &Doorway, token: &str) -> Result<Session> {
    let refuse = |code, key| Error::refuse(code, "refreshToken", doorway.locale().say(key, &[]));
    let expired = || refuse(Code::TokenExpired, "session-over");
    let now = doorway.now();
    keys::fresh(doorway.app()).await;
    let tx = doorway.begin().await?;
    let found = tx.one::<refresh_token::Entity>(refresh_token::Column::TokenHash.eq(hash_of(token))).await?;
    let found = found.ok_or_else(expired)?;
    // The session's row is the lock of its whole chain.
    let session = tx.lock::<session::Entity>(found.session_id).await?.ok_or_else(expired)?;
    if session.is_over(now) {
        return Err(expired());
    }
    let found = tx.find::<refresh_token::Entity>(found.id).await?.ok_or_else(expired)?;
    let child = successor(doorway, token);
    if let Some(used_at) = found.used_at {
        let next = tx.one::<refresh_token::Entity>(refresh_token::Column::TokenHash.eq(hash_of(&child))).await?;
        let again = now.since(used_at) <= GRACE && next.is_some_and(|next| next.used_at.is_none());
        if !again {
            revoke(&tx, &session, "refresh token reused", now).await?;
            let act = NewAudit::of("identity.session.revoke").on("DeviceSession", session.id).with("because", "refresh token reused");
            tx.audit(session.tenant_id, None, act.with("userId", session.user_id.to_string()));
            super::notices::commit_reuse(tx, doorway, &session).await?;
            doorway.app().standings().forget();
            tracing::warn!(session.id = %session.id, "refresh token came back after its use: session ended");
            return Err(refuse(Code::TokenReused, "session-token-reused"));
        }
    } else {
        tx.update(refresh_token::ActiveModel { id: Unchanged(found.id), used_at: Set(Some(now)), ..Default::default() }).await?;
        insert_token(&tx, doorway, session.id, &child, Some(found.id)).await?;
    }
    let session = tx.update(session::ActiveModel { id: Unchanged(session.id), refreshed_at: Set(now), ..Default::default() }).await?;
    tx.commit().await?;
    issue(doorway, &session, child)
}

/// Ends this session, or all of the person's, and with them their API tokens when they are named, too.
pub async fn sign_out(doorway: &Doorway, caller: &Caller, everywhere: bool, tokens: bool) -> Result<()> {
    let session = caller.session()?;
    let tx = doorway.begin().await?;
    let end = if everywhere {
        // Held so that no session is being switched meanwhile: its successor would not be seen.
        tx.lock::<user::Entity>(caller.user).await?;
        tx.statement(sql!("end_all.sql")).bind("user", caller.user)
    } else {
        tx.statement(sql!("end_one.sql")).bind("id", session)
    };
    end.bind("now", doorway.now()).bind("because", "signed out").run().await?;
    if tokens {
        super::api_tokens::end_of_user(&tx, caller.user, doorway.now()).await?;
    }
    let act = NewAudit::of(if everywhere { "identity.session.end_all" } else { "identity.session.end" });
    let act = if tokens { act.with("apiTokens", true) } else { act };
    tx.audit(caller.tenant(), Some(caller.user), act.on("DeviceSession", session));
    tx.commit().await?;
    doorway.app().standings().forget();
    Ok(())
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
    let session = open(&tx, doorway, &user, tenant, old.user_agent.clone()).await?;
    // Changing the organisation proves nothing.
    let proved_at = Set(Some(old.proved_at.unwrap_or(old.created_at)));
    tx.update(session::ActiveModel { id: Unchanged(session.id), proved_at, ..Default::default() }).await?;
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
    let now = doorway.now();
    let row = session::ActiveModel {
        id: Set(doorway.new_id()),
        user_id: Set(user.id),
        tenant_id: Set(tenant),
        user_agent: Set(user_agent.map(|agent| agent.chars().take(200).collect())),
        created_at: Set(now),
        refreshed_at: Set(now),
        expires_at: Set(now.plus(SESSION_LIFE)),
        proved_at: Set(None),
        revoked_at: Set(None),
        revoked_because: Set(None),
    };
    let session = tx.insert(row).await?;
    let token = URL_SAFE_NO_PAD.encode(doorway.app().random().bytes::<32>());
    insert_token(tx, doorway, session.id, &token, None).await?;
    if tenant.is_some() && tenant != user.last_tenant_id {
        tx.update(user::ActiveModel { id: Unchanged(user.id), last_tenant_id: Set(tenant), ..Default::default() }).await?;
    }
    issue(doorway, &session, token)
}

/// The organisation of a new session: the one asked for, else the last one used, else the first joined.
pub(super) async fn choose_tenant(
    tx: &DoorwayTx,
    doorway: &Doorway,
    user: &user::Model,
    wanted: Option<TenantId>,
) -> Result<Option<TenantId>> {
    let mine: Vec<Belongs> = tx.statement(sql!("tenants_of_user.sql")).bind("user", user.id).all().await?;
    let has = |tenant: TenantId| mine.iter().any(|belongs| belongs.tenant_id == tenant);
    match wanted {
        Some(tenant) if has(tenant) => Ok(Some(tenant)),
        Some(_) => Err(Error::refuse(Code::NotFound, "organizationId", doorway.locale().say("organization-unknown", &[]))),
        None => Ok(user.last_tenant_id.filter(|tenant| has(*tenant)).or_else(|| mine.first().map(|belongs| belongs.tenant_id))),
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Belongs {
    tenant_id: TenantId,
}

/// The organisations a person belongs to, the first joined first.
pub async fn organizations_of(doorway: &Doorway, user: UserId) -> Result<Vec<organization::Model>> {
    let tx = doorway.read().await?;
    let mine: Vec<Belongs> = tx.statement(sql!("tenants_of_user.sql")).bind("user", user).all().await?;
    let ids: Vec<TenantId> = mine.iter().map(|belongs| belongs.tenant_id).collect();
    let rows = tx.all::<organization::Entity>(organization::Column::Id.is_in(ids.clone())).await?;
    Ok(ids.iter().filter_map(|id| rows.iter().find(|row| row.id == *id).cloned()).collect())
}

async fn revoke(tx: &DoorwayTx, session: &session::Model, because: &str, now: Timestamp) -> Result<()> {
    let row = session::ActiveModel {
        id: Unchanged(session.id),
        revoked_at: Set(Some(now)),
        revoked_because: Set(Some(because.to_owned())),
        ..Default::default()
    };
    tx.update(row).await.map(drop)
}

async fn insert_token(tx: &DoorwayTx, doorway: &Doorway, session: SessionId, token: &str, parent: Option<RefreshTokenId>) -> Result<()> {
    let row = refresh_token::ActiveModel {
        id: Set(doorway.new_id()),
        session_id: Set(session),
        token_hash: Set(hash_of(token)),
        parent_id: Set(parent),
        issued_at: Set(doorway.now()),
        used_at: Set(None),
    };
    tx.insert(row).await.map(drop)
}

fn issue(doorway: &Doorway, session: &session::Model, refresh_token: String) -> Result<Session> {
    let (app, now) = (doorway.app(), doorway.now());
    let expires_at = now.plus(ACCESS_LIFE).min(session.expires_at);
    let mut claims = app.keys().claims(session.user_id.0, session.id.0, session.tenant_id.map(|tenant| tenant.0));
    (claims.iat, claims.exp, claims.jti) = (now.0 / 1_000_000, expires_at.0 / 1_000_000, app.new_id());
    Ok(Session {
        access_token: app.keys().sign(&claims, now.0)?,
        access_token_expires_at: expires_at,
        refresh_token,
        refresh_token_expires_at: session.expires_at,
        tenant: session.tenant_id,
        user: session.user_id,
        id: session.id,
    })
}

#[cfg(any(test, feature = "test-support"))]
pub(crate) fn access_token(app: &crate::App, caller: &Caller) -> Result<String> {
    let mut claims = app.keys().claims(caller.user.0, caller.session()?.0, caller.member.map(|(tenant, _)| tenant.0));
    (claims.iat, claims.exp) = (app.now().0 / 1_000_000, caller.expires_at.0 / 1_000_000);
    app.keys().sign(&claims, app.now().0)
}

/// The next token of a chain follows from the last, so that a repeat within the grace gets the very same.
fn successor(doorway: &Doorway, token: &str) -> String {
    URL_SAFE_NO_PAD.encode(doorway.app().keys().mac(Purpose::RefreshToken, token.as_bytes()))
}

fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
