use super::organizations::Facts;
use super::{Grants, Permission, Reach, ShippedRole};
use crate::locale::Locale;
use crate::{Actor, App, Doorway, Result, Scope, sql};
use entities::identity::{MembershipId, SessionId, UserId};
use entities::{TenantId, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

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
    /// When the access token ends.
    pub expires_at: Timestamp,
}

impl Caller {
    /// The caller acting in the active organisation.
    pub fn scope(&self, app: &App, locale: Locale) -> Option<Scope> {
        let (tenant, membership) = self.member?;
        let scope = Scope::new(app.clone(), Actor::Member { user: self.user, membership }, tenant, self.grants.clone(), locale);
        if let Some(facts) = &self.organization {
            scope.in_organization(facts.clone());
        }
        Some(scope)
    }
}

/// Who an access token stands for; nobody when it is not ours, over, revoked, or its person is no longer a member.
pub async fn authenticate(app: &App, token: &str) -> Result<Option<Caller>> {
    let Some(claims) = app.keys().verify(token, app.now().0 / 1_000_000) else { return Ok(None) };
    let session = SessionId(claims.sid);
    let Some(standing) = standing(app, session).await? else { return Ok(None) };
    if standing.user.0 != claims.sub || standing.member.map(|(tenant, _)| tenant.0) != claims.tid {
        return Ok(None);
    }
    let expires_at = Timestamp(claims.exp * 1_000_000);
    let Standing { user, member, grants, locale, operator, organization } = standing.as_ref().clone();
    Ok(Some(Caller { user, session, member, grants, locale, operator, organization, expires_at }))
}

/// What the database says of a session.
#[derive(Clone)]
struct Standing {
    user: UserId,
    member: Option<(TenantId, MembershipId)>,
    grants: Arc<Grants>,
    locale: Locale,
    operator: bool,
    organization: Option<Arc<Facts>>,
}

/// How old what we know of a session may be.
const FRESH: Duration = Duration::from_millis(900);

type Known = HashMap<(usize, SessionId), (Instant, Option<Arc<Standing>>)>;
static KNOWN: Mutex<Option<Known>> = Mutex::new(None);

/// A database of its own in each test: the pool's address keeps their sessions apart.
fn of(app: &App) -> usize {
    std::ptr::from_ref(app.database()) as usize
}

/// Forgets what is known of this process's sessions, after one of them changed.
pub(super) fn forget(app: &App) {
    if let Some(known) = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        known.retain(|(database, _), _| *database != of(app));
    }
}

async fn standing(app: &App, session: SessionId) -> Result<Option<Arc<Standing>>> {
    let key = (of(app), session);
    if let Some((at, standing)) = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|known| known.get(&key))
        && at.elapsed() < FRESH
    {
        return Ok(standing.clone());
    }
    let standing = look_up(app, session).await?.map(Arc::new);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    if known.len() > 10_000 {
        known.retain(|_, (at, _)| at.elapsed() < FRESH);
    }
    known.insert(key, (Instant::now(), standing.clone()));
    Ok(standing)
}

#[derive(sea_orm::FromQueryResult)]
struct SessionRow {
    user_id: UserId,
    tenant_id: Option<TenantId>,
    membership_id: Option<MembershipId>,
    locale: String,
    operator: Option<UserId>,
    currency: Option<String>,
    time_zone: Option<String>,
}

async fn look_up(app: &App, session: SessionId) -> Result<Option<Standing>> {
    let tx = Doorway::new(app, Locale::default()).read().await?;
    let row = tx.statement(sql!("session.sql")).bind("id", session).bind("now", app.now());
    let Some(row) = row.one::<SessionRow>().await? else { return Ok(None) };
    let member = row.tenant_id.zip(row.membership_id);
    if row.tenant_id.is_some() && member.is_none() {
        return Ok(None);
    }
    let grants = match member {
        Some((tenant, membership)) => grants(&tx, tenant, membership).await?,
        None => Grants::default(),
    };
    let locale = Locale::of_tag(&row.locale).unwrap_or_default();
    let organization = row.currency.zip(row.time_zone).map(|(currency, time_zone)| Arc::new(Facts { currency, time_zone }));
    let operator = row.operator.is_some();
    Ok(Some(Standing { user: row.user_id, member, grants: Arc::new(grants), locale, operator, organization }))
}

#[derive(sea_orm::FromQueryResult)]
struct GrantRow {
    key: Option<String>,
    permission: Option<String>,
    reach: Option<String>,
}

async fn grants(tx: &crate::scope::DoorwayTx, tenant: TenantId, membership: MembershipId) -> Result<Grants> {
    let rows = tx.statement(sql!("grants.sql")).bind("tenant", tenant.0).bind("membership", membership);
    let mut grants = Grants::default();
    for row in rows.all::<GrantRow>().await? {
        if let Some(shipped) = row.key.as_deref().and_then(ShippedRole::of_key) {
            grants.add_all(&shipped.grants());
        }
        let own = row.permission.as_deref().and_then(Permission::of_code).zip(row.reach.as_deref().and_then(Reach::of_code));
        if let Some((permission, reach)) = own {
            grants.add(permission, reach);
        }
    }
    Ok(grants)
}
