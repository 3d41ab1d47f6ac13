use super::modules::Off;
use super::organizations::Facts;
use super::{Grants, Permission, Reach, ShippedRole};
use crate::app::WeakApp;
use crate::locale::Locale;
use crate::{App, Doorway, Error, Result, sql};
use entities::identity::{MembershipId, SessionId, UserId};
use entities::{TenantId, Timestamp};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What the database says of a session.
#[derive(Clone)]
pub(super) struct Standing {
    pub user: UserId,
    pub member: Option<(TenantId, MembershipId)>,
    pub grants: Arc<Grants>,
    pub locale: Locale,
    pub operator: bool,
    pub organization: Option<Arc<Facts>>,
    pub proved_at: Timestamp,
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

type Half = HashMap<SessionId, (Instant, Option<Arc<Standing>>)>;

/// Two halves: what is old goes as a whole, and nobody looks through it for that.
#[derive(Default)]
struct Known {
    newer: Half,
    older: Half,
    since: Option<Instant>,
}

impl Known {
    fn get(&self, session: SessionId) -> Option<&Option<Arc<Standing>>> {
        let (at, standing) = self.newer.get(&session).or_else(|| self.older.get(&session))?;
        (at.elapsed() < FRESH).then_some(standing)
    }

    fn keep(&mut self, session: SessionId, at: Instant, standing: Option<Arc<Standing>>) {
        if self.newer.len() >= HALF || self.since.is_none_or(|since| since.elapsed() >= FRESH) {
            self.older = std::mem::take(&mut self.newer);
            self.since = Some(Instant::now());
        }
        self.newer.insert(session, (at, standing));
    }
}

/// The sessions that are asked about at the next look, and who waits for it.
#[derive(Default)]
struct Coming {
    sessions: HashSet<SessionId>,
    seen: Option<watch::Receiver<Option<Seen>>>,
    last: Option<Instant>,
}

/// The sessions that are good; nothing when the database did not answer.
type Seen = Option<Arc<HashMap<SessionId, Arc<Standing>>>>;

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

    fn join(&self, app: &App, session: SessionId) -> watch::Receiver<Option<Seen>> {
        let mut coming = lock(&self.coming);
        coming.sessions.insert(session);
        let due = coming.last.map_or_else(Instant::now, |last| last + EVERY);
        let begin = || {
            let (tell, seen) = watch::channel(None);
            tokio::spawn(look_at_all(app.weak(), due, tell));
            seen
        };
        coming.seen.get_or_insert_with(begin).clone()
    }

    /// From here on whoever asks waits for the look after this one.
    fn depart(&self) -> HashSet<SessionId> {
        let mut coming = lock(&self.coming);
        (coming.seen, coming.last) = (None, Some(Instant::now()));
        std::mem::take(&mut coming.sessions)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known of a session, at most a second old.
pub(super) async fn known(app: &App, session: SessionId) -> Result<Option<Arc<Standing>>> {
    if let Some(standing) = lock(&app.standings().known).get(session) {
        return Ok(standing.clone());
    }
    Ok(look_up(app, HashSet::from([session])).await?.remove(&session))
}

/// What the next look at all sessions says of this one, within a second.
pub(super) async fn next(app: &App, session: SessionId) -> Result<Option<Arc<Standing>>> {
    let mut seen = app.standings().join(app, session);
    let seen = seen.wait_for(Option::is_some).await.ok().and_then(|seen| seen.clone().flatten());
    let good = seen.ok_or_else(|| Error::internal("the sessions could not be looked at"))?;
    Ok(good.get(&session).cloned())
}

/// Whoever asked is told, also when nobody of them waits any more.
async fn look_at_all(app: WeakApp, due: Instant, tell: watch::Sender<Option<Seen>>) {
    tokio::time::sleep_until(due.into()).await;
    let Some(app) = app.upgrade() else { return };
    let sessions = app.standings().depart();
    let seen = look_up(&app, sessions).await.inspect_err(|error| tracing::warn!(%error, "could not look at the open sessions"));
    tell.send_replace(Some(seen.ok().map(Arc::new)));
}

/// The good ones of these sessions.
async fn look_up(app: &App, sessions: HashSet<SessionId>) -> Result<HashMap<SessionId, Arc<Standing>>> {
    let at = Instant::now();
    let tx = Doorway::new(app, Locale::default()).read().await?;
    app.standings().statements.fetch_add(1, Ordering::Relaxed);
    let rows = tx.statement(sql!("sessions.sql")).ids("sessions", sessions.iter().copied()).bind("now", app.now());
    let rows = rows.all::<Row>().await?;
    let good: HashMap<_, _> = rows.into_iter().filter_map(Row::standing).map(|(id, standing)| (id, Arc::new(standing))).collect();
    let mut known = lock(&app.standings().known);
    for session in sessions {
        known.keep(session, at, good.get(&session).cloned());
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
    proved_at: Timestamp,
    grants: Option<String>,
}

impl Row {
    /// None when its person is no longer a member of its organisation.
    fn standing(self) -> Option<(SessionId, Standing)> {
        let member = self.tenant_id.zip(self.membership_id);
        if self.tenant_id.is_some() && member.is_none() {
            return None;
        }
        let off = Off::of_text(self.modules_off.as_deref().unwrap_or_default());
        let grants = grants(self.grants.as_deref().unwrap_or_default()).without(|permission| off.takes(permission));
        let facts = |(currency, time_zone)| Arc::new(Facts { currency, time_zone, off });
        let standing = Standing {
            user: self.user_id,
            member,
            grants: Arc::new(grants),
            locale: Locale::of_tag(&self.locale).unwrap_or_default(),
            operator: self.operator.is_some(),
            organization: self.currency.zip(self.time_zone).map(facts),
            proved_at: self.proved_at,
        };
        Some((self.id, standing))
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
