use super::Grants;
use super::keys::{self, Claims, Verdict};
use super::organizations::Facts;
use super::standing::{self, Standing};
use crate::locale::Locale;
use crate::{Actor, App, Result, Scope};
use entities::identity::{MembershipId, SessionId, UserId};
use entities::{TenantId, Timestamp};
use std::sync::Arc;
use std::time::Instant;

/// A signed-in person, with the rights they have now.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user: UserId,
    pub session: SessionId,
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
    /// When the access token ends.
    pub expires_at: Timestamp,
}

impl Caller {
    /// The organisation the session is in.
    pub(crate) fn tenant(&self) -> Option<TenantId> {
        self.member.map(|(tenant, _)| tenant)
    }

    /// The caller acting in the active organisation.
    pub fn scope(&self, app: &App, locale: Locale) -> Option<Scope> {
        let (tenant, membership) = self.member?;
        let scope = Scope::new(app.clone(), Actor::Member { user: self.user, membership }, tenant, self.grants.clone(), locale);
        scope.proved(self.proved_at);
        if let Some(facts) = &self.organization {
            scope.in_organization(facts.clone());
        }
        Some(scope)
    }
}

/// Who an access token stands for; nobody when it is not ours, over, revoked, or its person is no longer a member.
pub async fn authenticate(app: &App, token: &str) -> Result<Option<Caller>> {
    let Some(claims) = claims(app, token).await else { return Ok(None) };
    let standing = standing::known(app, SessionId(claims.sid)).await?;
    Ok(standing.and_then(|standing| caller(&claims, &standing)))
}

/// The same for whoever stays, such as an open socket: answers within a second, and all who wait share one statement.
pub async fn authenticate_again(app: &App, token: &str) -> Result<Option<Caller>> {
    let Some(claims) = claims(app, token).await else { return Ok(None) };
    let standing = standing::next(app, SessionId(claims.sid)).await?;
    Ok(standing.and_then(|standing| caller(&claims, &standing)))
}

async fn claims(app: &App, token: &str) -> Option<Claims> {
    let arrived = Instant::now();
    keys::fresh(app).await;
    match app.keys().verify(token, app.now().0) {
        Verdict::Good(claims) => return Some(claims),
        Verdict::Bad => return None,
        // It may have been made by another process a moment ago.
        Verdict::UnknownKey => keys::fresh_from(app, arrived).await,
    }
    match app.keys().verify(token, app.now().0) {
        Verdict::Good(claims) => Some(claims),
        Verdict::Bad | Verdict::UnknownKey => None,
    }
}

fn caller(claims: &Claims, standing: &Standing) -> Option<Caller> {
    if standing.user.0 != claims.sub || standing.member.map(|(tenant, _)| tenant.0) != claims.tid {
        return None;
    }
    let Standing { user, member, grants, locale, operator, organization, proved_at } = standing.clone();
    let (session, expires_at) = (SessionId(claims.sid), Timestamp(claims.exp * 1_000_000));
    Some(Caller { user, session, member, grants, locale, operator, organization, proved_at, expires_at })
}
