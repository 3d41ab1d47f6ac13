use super::Grants;
use super::api_tokens::{self, TokenHash, UsedKey, UsedToken};
use super::keys::{self, Claims, ClientClaims, Told, Verdict};
use super::organizations::Facts;
use super::policies;
use super::standing::{self, Standing, Who};
use crate::locale::Locale;
use crate::{Actor, App, Error, Result, Scope};
use entities::identity::{MembershipId, OauthGrantId, SessionId, UserId};
use entities::{TenantId, Timestamp};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

/// What is lacked by who did not sign in, whatever they may do.
pub const SESSION: &str = "session";

/// With what a caller came.
#[derive(Clone, Debug)]
pub enum By {
    /// A person, signed in on a device.
    Session(SessionId),
    /// A program, with a key.
    Token(Arc<UsedToken>),
}

/// A signed-in person, or a program acting as a member, with the rights they have now.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user: UserId,
    pub by: By,
    /// The active organisation and the person's place in it; none for an account alone.
    pub member: Option<(TenantId, MembershipId)>,
    pub grants: Arc<Grants>,
    /// The reader's own language.
    pub locale: Locale,
    pub operator: bool,
    /// The active organisation, as last seen.
    pub organization: Option<Arc<Facts>>,
    /// When the person last proved who they are.
    pub proved_at: Timestamp,
    /// When the access token, or the API token, ends.
    pub expires_at: Timestamp,
}

impl Caller {
    /// The organisation the session is in.
    pub(crate) fn tenant(&self) -> Option<TenantId> {
        self.member.map(|(tenant, _)| tenant)
    }

    /// The session of a person; a program has none and is refused.
    pub fn session(&self) -> Result<SessionId> {
        match &self.by {
            By::Session(session) => Ok(*session),
            By::Token(_) => Err(Error::Forbidden(SESSION)),
        }
    }

    /// The key a program came with.
    pub fn token(&self) -> Option<&Arc<UsedToken>> {
        match &self.by {
            By::Session(_) => None,
            By::Token(token) => Some(token),
        }
    }

    /// The caller as they may act from this address: a person whose organisation lets nobody in from there acts with their account
    /// alone, a program not at all.
    pub fn coming_from(self, address: Option<IpAddr>) -> Option<Self> {
        let admitted = self.organization.as_ref().is_none_or(|facts| policies::admits(&facts.networks, address));
        match &self.by {
            By::Token(token) => (admitted && token.may_come_from(address)).then_some(self),
            By::Session(_) if admitted => Some(self),
            By::Session(_) => Some(Self { member: None, grants: Arc::default(), organization: None, ..self }),
        }
    }

    /// The caller acting in the active organisation.
    pub fn scope(&self, app: &App, locale: Locale) -> Option<Scope> {
        let (tenant, membership) = self.member?;
        let scope = Scope::new(app.clone(), Actor::Member { user: self.user, membership }, tenant, self.grants.clone(), locale);
        match &self.by {
            By::Session(_) => scope.proved(self.proved_at),
            By::Token(token) => scope.came_with(token.clone()),
        }
        if let Some(facts) = &self.organization {
            scope.in_organization(facts.clone());
        }
        Some(scope)
    }
}

/// Who an access token or an API token stands for; nobody when it is not ours, over, revoked, or its person is no longer a
/// member.
pub async fn authenticate(app: &App, token: &str) -> Result<Option<Caller>> {
    let Some(shown) = Shown::of(app, token).await else { return Ok(None) };
    let standing = standing::known(app, shown.who()).await?;
    let caller = standing.and_then(|standing| shown.caller(&standing));
    if let Some(token) = caller.as_ref().and_then(Caller::token) {
        api_tokens::note(app, token);
    }
    Ok(caller)
}

/// The same for whoever stays, such as an open socket: answers within a second, and all who wait share one statement.
pub async fn authenticate_again(app: &App, token: &str) -> Result<Option<Caller>> {
    let Some(shown) = Shown::of(app, token).await else { return Ok(None) };
    let standing = standing::next(app, shown.who()).await?;
    Ok(standing.and_then(|standing| shown.caller(&standing)))
}

/// What was shown, as far as it can be judged without the database.
enum Shown {
    Session(Claims),
    Client(ClientClaims),
    Token(TokenHash),
}

impl Shown {
    async fn of(app: &App, token: &str) -> Option<Self> {
        match api_tokens::hash_of(token) {
            Some(hash) => Some(Self::Token(hash)),
            None => told(app, token).await.map(|told| match told {
                Told::Session(claims) => Self::Session(claims),
                Told::Client(claims) => Self::Client(claims),
            }),
        }
    }

    fn who(&self) -> Who {
        match self {
            Self::Session(claims) => Who::Session(SessionId(claims.sid)),
            Self::Client(claims) => Who::Grant(OauthGrantId(claims.gid)),
            Self::Token(hash) => Who::Token(*hash),
        }
    }

    fn caller(&self, standing: &Standing) -> Option<Caller> {
        let Standing { user, member, mut grants, locale, operator, organization, proved_at, token } = standing.clone();
        let (by, expires_at) = match (self, token) {
            (Self::Session(claims), None) => {
                if user.0 != claims.sub || member.map(|(tenant, _)| tenant.0) != claims.tid {
                    return None;
                }
                (By::Session(SessionId(claims.sid)), Timestamp(claims.exp * 1_000_000))
            }
            (Self::Client(claims), Some(token)) if matches!(token.key, UsedKey::Grant(of, _) if of.0 == claims.gid) => {
                // A client may have asked for less than it was granted.
                let less = token.only(&claims.scope);
                if let Some(less) = &less {
                    grants = Arc::new(less.narrow(&less.whole));
                }
                (By::Token(less.map_or(token, Arc::new)), Timestamp(claims.exp * 1_000_000))
            }
            (Self::Token(hash), Some(token)) if matches!(token.key, UsedKey::Token(_, of) if of == *hash) => {
                let until = token.expires_at;
                (By::Token(token), until)
            }
            _ => return None,
        };
        Some(Caller { user, by, member, grants, locale, operator, organization, proved_at, expires_at })
    }
}

/// What an access token of ours says, of a session or of a client.
pub(super) async fn told(app: &App, token: &str) -> Option<Told> {
    let arrived = Instant::now();
    keys::fresh(app).await;
    match app.keys().verify(token, app.now().0) {
        Verdict::Good(told) => return Some(told),
        Verdict::Bad => return None,
        // It may have been made by another process a moment ago.
        Verdict::UnknownKey => keys::fresh_from(app, arrived).await,
    }
    match app.keys().verify(token, app.now().0) {
        Verdict::Good(told) => Some(told),
        Verdict::Bad | Verdict::UnknownKey => None,
    }
}
