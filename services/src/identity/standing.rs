use super::api_tokens::{self, TokenHash, UsedToken};
use super::modules::Off;
use super::organizations::Facts;
use super::policies::Policies;
use super::{Grants, Permission, Reach, ShippedRole, oauth};
use crate::app::WeakApp;
use crate::locale::Locale;
use crate::{App, Doorway, Error, Result, sql};
use entities::identity::{MembershipId, OauthGrantId, SessionId, UserId};
use entities::{TenantId, Timestamp};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Of whom the database is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    Session(SessionId),
    Token(TokenHash),
    /// What a client of the authorization server was given.
    Grant(OauthGrantId),
}

/// What the database says of a session, or of an API token.
#[derive(Clone)]
pub(super) struct Standing {
    pub user: UserId,
    pub member: Option<(TenantId, MembershipId)>,
    pub grants: Arc<Grants>,
    pub locale: Locale,
    pub operator: bool,
    pub organization: Option<Arc<Facts>>,
    pub proved_at: Timestamp,
    /// The API token, where it is one.
    pub token: Option<Arc<UsedToken>>,
}

/// How old what we know of a session may be.
const FRESH: Duration = Duration::from_millis(900);
/// How often those who wait are told of their sessions, all by one statement.
const EVERY: Duration = Duration::from_secs(1);
/// Half of the sessions known at once.
const HALF: usize = 10_000;

/// What this process knows of the sessions in use.
#[derive(Default)]
pub(crate) struct Standings {
    known: Mutex<Known>,
    coming: Mutex<Coming>,
    statements: AtomicU32,
}

type Half = HashMap<Who, (Instant, Option<Arc<Standing>>)>;

/// Two halves: what is old goes as a whole, and nobody looks through it for that.
#[derive(Default)]
struct Known {
    newer: Half,
    older: Half,
    since: Option<Instant>,
}

impl Known {
    fn get(&self, who: Who) -> Option<&Option<Arc<Standing>>> {
        let (at, standing) = self.newer.get(&who).or_else(|| self.older.get(&who))?;
        (at.elapsed() < FRESH).then_some(standing)
    }

    fn keep(&mut self, who: Who, at: Instant, standing: Option<Arc<Standing>>) {
        // Anybody can make up tokens that nobody has: they take nobody's place.
        if standing.is_none() && matches!(who, Who::Token(_)) {
            self.newer.remove(&who);
            self.older.remove(&who);
            return;
        }
        if self.newer.len() >= HALF || self.since.is_none_or(|since| since.elapsed() >= FRESH) {
            self.older = std::mem::take(&mut self.newer);
            self.since = Some(Instant::now());
        }
        self.newer.insert(who, (at, standing));
    }
}

/// The sessions that are asked about at the next look, and who waits for it.
#[derive(Default)]
struct Coming {
    all: HashSet<Who>,
    seen: Option<watch::Receiver<Option<Seen>>>,
    last: Option<Instant>,
}

/// The sessions that are good; nothing when the database did not answer.
type Seen = Option<Arc<HashMap<Who, Arc<Standing>>>>;

impl Standings {
    /// Forgets what is known, after a session or a person changed.
    pub(super) fn forget(&self) {
        *lock(&self.known) = Known::default();
    }

    /// How many statements were sent to learn what is known, for tests that bound it.
    #[cfg(any(test, feature = "test-support"))]
    pub(crate) fn statements(&self) -> u32 {
        self.statements.load(Ordering::Relaxed)
    }

    fn join(&self, app: &App, who: Who) -> watch::Receiver<Option<Seen>> {
        let mut coming = lock(&self.coming);
        coming.all.insert(who);
        let due = coming.last.map_or_else(Instant::now, |last| last + EVERY);
        let begin = || {
            let (tell, seen) = watch::channel(None);
            tokio::spawn(look_at_all(app.weak(), due, tell));
            seen
        };
        coming.seen.get_or_insert_with(begin).clone()
    }

    /// From here on whoever asks waits for the look after this one.
    fn depart(&self) -> HashSet<Who> {
        let mut coming = lock(&self.coming);
        (coming.seen, coming.last) = (None, Some(Instant::now()));
        std::mem::take(&mut coming.all)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known of a session or token, at most a second old.
pub(super) async fn known(app: &App, who: Who) -> Result<Option<Arc<Standing>>> {
    if let Some(standing) = lock(&app.standings().known).get(who) {
        return Ok(standing.clone());
    }
    Ok(look_up(app, HashSet::from([who])).await?.remove(&who))
}

/// What the next look at all of them says of this one, within a second.
pub(super) async fn next(app: &App, who: Who) -> Result<Option<Arc<Standing>>> {
    let mut seen = app.standings().join(app, who);
    let seen = seen.wait_for(Option::is_some).await.ok().and_then(|seen| seen.clone().flatten());
    let good = seen.ok_or_else(|| Error::internal("the sessions could not be looked at"))?;
    Ok(good.get(&who).cloned())
}

/// Whoever asked is told, also when nobody of them waits any more.
async fn look_at_all(app: WeakApp, due: Instant, tell: watch::Sender<Option<Seen>>) {
    tokio::time::sleep_until(due.into()).await;
    let Some(app) = app.upgrade() else { return };
    let all = app.standings().depart();
    let seen = look_up(&app, all).await.inspect_err(|error| tracing::warn!(%error, "could not look at the open sessions"));
    tell.send_replace(Some(seen.ok().map(Arc::new)));
}

/// The good ones of these, each kind by one statement.
async fn look_up(app: &App, all: HashSet<Who>) -> Result<HashMap<Who, Arc<Standing>>> {
    let at = Instant::now();
    let tx = Doorway::new(app, Locale::default()).read().await?;
    let (mut sessions, mut tokens, mut given) = (Vec::new(), Vec::new(), Vec::new());
    for who in &all {
        match who {
            Who::Session(id) => sessions.push(*id),
            Who::Token(hash) => tokens.push(*hash),
            Who::Grant(id) => given.push(*id),
        }
    }
    let mut good = HashMap::new();
    if !sessions.is_empty() {
        app.standings().statements.fetch_add(1, Ordering::Relaxed);
        let rows = tx.statement(sql!("sessions.sql")).ids("sessions", sessions).bind("now", app.now()).all::<Row>().await?;
        good.extend(
            rows.into_iter().filter_map(|row| row.standing(app.now())).map(|(id, standing)| (Who::Session(id), Arc::new(standing))),
        );
    }
    if !tokens.is_empty() {
        app.standings().statements.fetch_add(1, Ordering::Relaxed);
        let found = api_tokens::look_up(&tx, &tokens, app.now()).await?;
        good.extend(found.into_iter().map(|(hash, standing)| (Who::Token(hash), Arc::new(standing))));
    }
    if !given.is_empty() {
        app.standings().statements.fetch_add(1, Ordering::Relaxed);
        let found = oauth::look_up(&tx, &given, app.now()).await?;
        good.extend(found.into_iter().map(|(id, standing)| (Who::Grant(id), Arc::new(standing))));
    }
    let mut known = lock(&app.standings().known);
    for who in all {
        known.keep(who, at, good.get(&who).cloned());
    }
    Ok(good)
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: SessionId,
    user_id: UserId,
    tenant_id: Option<TenantId>,
    membership_id: Option<MembershipId>,
    locale: String,
    operator: Option<UserId>,
    currency: Option<String>,
    time_zone: Option<String>,
    modules_off: Option<String>,
    policies: Option<String>,
    began_at: Timestamp,
    /// Its person's second factor, where it counts.
    factor: Option<UserId>,
    proved_at: Timestamp,
    grants: Option<String>,
}

impl Row {
    /// None when its person is no longer a member of its organisation, or not as it asks of them.
    fn standing(self, now: Timestamp) -> Option<(SessionId, Standing)> {
        let member = self.tenant_id.zip(self.membership_id);
        if self.tenant_id.is_some() && member.is_none() {
            return None;
        }
        let (modules_off, policies) = (self.modules_off.unwrap_or_default(), self.policies.unwrap_or_default());
        let asked = Policies::of_text(&policies);
        if !asked.are_met(self.factor.is_some()) || self.began_at.plus(asked.session_life()) <= now {
            return None;
        }
        let off = Off::of_text(&modules_off);
        let grants = grants(self.grants.as_deref().unwrap_or_default()).without(|permission| off.takes(permission));
        let facts = |(currency, time_zone)| Arc::new(Facts::of(currency, time_zone, &modules_off, &policies));
        let standing = Standing {
            user: self.user_id,
            member,
            grants: Arc::new(grants),
            locale: Locale::of_tag(&self.locale).unwrap_or_default(),
            operator: self.operator.is_some(),
            organization: self.currency.zip(self.time_zone).map(facts),
            proved_at: self.proved_at,
            token: None,
        };
        Some((self.id, standing))
    }
}

/// The member a program acts as, as the statements of tokens and grants say it.
#[derive(sea_orm::FromQueryResult)]
pub(super) struct ActingMember {
    pub tenant_id: TenantId,
    pub membership_id: MembershipId,
    user_id: UserId,
    locale: String,
    currency: String,
    time_zone: String,
    modules_off: String,
    pub policies: String,
    /// The person's second factor, where it counts; a service account needs none.
    factor: Option<UserId>,
    grants: Option<String>,
}

impl ActingMember {
    /// What the member may do, whatever the program's scopes.
    pub fn rights(&self) -> Grants {
        let off = Off::of_text(&self.modules_off);
        grants(self.grants.as_deref().unwrap_or_default()).without(|permission| off.takes(permission))
    }

    /// What the database says of a program that came with this token; none where its person is not as the organisation asks.
    pub fn standing(self, token: UsedToken) -> Option<Standing> {
        let met = Policies::of_text(&self.policies).are_met(self.factor.is_some());
        met.then(|| Standing {
            user: self.user_id,
            member: Some((self.tenant_id, self.membership_id)),
            grants: Arc::new(token.narrow(&token.whole)),
            locale: Locale::of_tag(&self.locale).unwrap_or_default(),
            operator: false,
            organization: Some(Arc::new(Facts::of(self.currency, self.time_zone, &self.modules_off, &self.policies))),
            // Never: a program proves nothing.
            proved_at: Timestamp(0),
            token: Some(Arc::new(token)),
        })
    }
}

/// `role permission reach` of each grant, joined by commas; a shipped role has its grants in the program.
fn grants(text: &str) -> Grants {
    let mut grants = Grants::default();
    for row in text.split(',') {
        let mut words = row.split(' ');
        let mut word = || words.next().unwrap_or_default();
        if let Some(shipped) = ShippedRole::of_key(word()) {
            grants.add_all(&shipped.grants());
        }
        if let Some((permission, reach)) = Permission::of_code(word()).zip(Reach::of_code(word())) {
            grants.add(permission, reach);
        }
    }
    grants
}
