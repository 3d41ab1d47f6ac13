//! A token in use: who it is, from where it may come, and when it was last seen.

use super::TokenHash;
use crate::identity::{Grants, Permission};
use crate::locale::Locale;
use crate::settings::Network;
use crate::{App, Doorway, Result, sql};
use chrono::TimeDelta;
use entities::identity::oauth_grant::GrantKind;
use entities::identity::{ApiTokenId, OauthGrantId};
use entities::{TenantId, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// What a program came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::identity) enum UsedKey {
    Token(ApiTokenId, TokenHash),
    /// An access token of the authorization server.
    Grant(OauthGrantId, GrantKind),
}

/// A token that somebody came with.
#[derive(Clone, Debug)]
pub struct UsedToken {
    pub(in crate::identity) key: UsedKey,
    /// The token, or the client that goes on when its access token is another.
    pub(in crate::identity) program: Uuid,
    pub tenant: TenantId,
    /// What tells it from others, in the audit log, too.
    pub prefix: String,
    pub expires_at: Timestamp,
    /// What it names, whatever its owner may do.
    pub(in crate::identity) scopes: Vec<Permission>,
    /// What its owner may do, whatever it names.
    pub(in crate::identity) whole: Grants,
    pub(in crate::identity) addresses: Vec<Network>,
    pub(in crate::identity) last_used_at: Option<Timestamp>,
}

impl UsedToken {
    /// Which program it is, whose access tokens may change.
    pub(crate) fn program(&self) -> Uuid {
        self.program
    }

    /// Whether its owner has the right, and the token does not name it.
    pub(crate) fn lacks_scope(&self, permission: Permission) -> bool {
        self.whole.allow(permission) && !self.scopes.contains(&permission)
    }

    /// What is left of the rights of whoever acts with it.
    pub(in crate::identity) fn narrow(&self, grants: &Grants) -> Grants {
        grants.within(&self.scopes)
    }

    /// The same with no more than these codes name, where that is less.
    pub(in crate::identity) fn only(&self, codes: &str) -> Option<Self> {
        let named = |scope: &Permission| codes.split(' ').any(|code| code == scope.code());
        let less = self.scopes.iter().any(|scope| !named(scope));
        less.then(|| Self { scopes: self.scopes.iter().copied().filter(named).collect(), ..self.clone() })
    }

    /// Whether it may come from this address.
    pub(in crate::identity) fn may_come_from(&self, address: Option<IpAddr>) -> bool {
        self.addresses.is_empty() || address.is_some_and(|address| self.addresses.iter().any(|range| range.contains(address)))
    }
}

/// How often a use is written down.
const EVERY: TimeDelta = TimeDelta::minutes(1);
/// More are not remembered at once.
const MOST: usize = 10_000;

/// When this process last wrote down that a token was used; the database knows it of the others.
#[derive(Default)]
pub(crate) struct Uses(Mutex<HashMap<Uuid, Timestamp>>);

impl Uses {
    fn is_first(&self, id: Uuid, now: Timestamp) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(&id).is_some_and(|last| now.since(*last) < EVERY) {
            return false;
        }
        if all.len() >= MOST {
            all.retain(|_, last| now.since(*last) < EVERY);
        }
        all.insert(id, now);
        true
    }
}

/// Writes down that a token was used, once a minute, and has nobody wait for it. What a client does for itself is its own.
pub(in crate::identity) fn note(app: &App, token: &UsedToken) {
    let (id, now) = match token.key {
        UsedKey::Token(id, _) => (id.0, app.now()),
        UsedKey::Grant(id, GrantKind::Code) => (id.0, app.now()),
        UsedKey::Grant(_, GrantKind::Client) => return,
    };
    if token.last_used_at.is_some_and(|last| now.since(last) < EVERY) || !app.token_uses().is_first(id, now) {
        return;
    }
    let (app, tenant, key) = (app.clone(), token.tenant, token.key);
    tokio::spawn(async move {
        if let Err(error) = crate::scope::retrying(|| write(&app, tenant, key, now)).await {
            tracing::warn!(%error, "could not write down that a token was used");
        }
    });
}

async fn write(app: &App, tenant: TenantId, key: UsedKey, now: Timestamp) -> Result<()> {
    let tx = Doorway::new(app, Locale::default()).begin().await?;
    let used = match key {
        UsedKey::Token(id, _) => tx.statement(sql!("used.sql")).bind("id", id),
        UsedKey::Grant(id, _) => tx.statement(sql!("grant_used.sql")).bind("id", id),
    };
    used.bind("tenant", tenant).bind("now", now).bind("before", now.minus(EVERY)).run().await?;
    tx.commit().await
}
