use crate::audit::Denials;
use crate::events::{self, Hub};
use crate::files::Transfers;
use crate::idempotency::Keeper;
use crate::identity::{Guesses, Issuers, Keys, Standings, Told, api_tokens};
use crate::limits::Limiter;
use crate::notifications::Carriers;
use crate::outgoing::Outgoing;
use crate::scope::{Clock, Database, Random};
use crate::settings::Settings;
use crate::work::Bell;
use crate::{Error, Result};
use entities::Timestamp;
use std::sync::{Arc, Weak};
use uuid::Uuid;

/// What one process shares: the database, the clock, chance, and the ways to wake workers and readers.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// A process's parts, for its background tasks: it does not keep them from ending.
pub(crate) struct WeakApp(Weak<Parts>);

impl WeakApp {
    pub(crate) fn upgrade(&self) -> Option<App> {
        self.0.upgrade().map(App)
    }
}

struct Parts {
    settings: Settings,
    database: Database,
    clock: Clock,
    random: Random,
    bell: Bell,
    hub: Hub,
    keys: Keys,
    carriers: Carriers,
    denials: Denials,
    told: Told,
    answers: Keeper,
    guesses: Guesses,
    issuers: Issuers,
    limiter: Limiter,
    outgoing: Outgoing,
    standings: Standings,
    token_uses: api_tokens::Uses,
    transfers: Transfers,
}

impl App {
    /// Opens the database and, where Redis is set, the ways to it. Does not migrate.
    pub async fn start(settings: Settings) -> Result<Self> {
        Self::start_with(settings, Clock::System, Random::System).await
    }

    /// The same with a clock and a source of chance of one's own.
    pub async fn start_with(settings: Settings, clock: Clock, random: Random) -> Result<Self> {
        std::fs::create_dir_all(&settings.data_dir)
            .map_err(|e| Error::internal(format!("DATA_DIR {} cannot be made: {e}", settings.data_dir.display())))?;
        let database = Database::connect(&settings.database).await?;
        let keys = Keys::load(&settings, &random)?;
        let bell = Bell::start(settings.redis_url.as_deref(), &settings.database.url).await?;
        let hub = Hub::start(settings.redis_url.as_deref()).await?;
        let limiter = Limiter::new(&settings)?;
        let outgoing = Outgoing::new(&settings)?;
        let app = Self(Arc::new(Parts {
            settings,
            database,
            clock,
            random,
            bell,
            hub,
            keys,
            carriers: Carriers::default(),
            denials: Denials::default(),
            told: Told::default(),
            answers: Keeper::default(),
            guesses: Guesses::default(),
            issuers: Issuers::default(),
            limiter,
            outgoing,
            standings: Standings::default(),
            token_uses: api_tokens::Uses::default(),
            transfers: Transfers::default(),
        }));
        if app.hub().needs_tail(&app) {
            tokio::spawn(events::tail(app.hub().clone(), app.weak()));
        }
        Ok(app)
    }

    pub(crate) fn weak(&self) -> WeakApp {
        WeakApp(Arc::downgrade(&self.0))
    }

    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }
    pub fn database(&self) -> &Database {
        &self.0.database
    }
    pub(crate) fn told(&self) -> &Told {
        &self.0.told
    }
    pub(crate) fn denials(&self) -> &Denials {
        &self.0.denials
    }
    pub(crate) fn answers(&self) -> &Keeper {
        &self.0.answers
    }
    pub(crate) fn guesses(&self) -> &Guesses {
        &self.0.guesses
    }
    pub(crate) fn issuers(&self) -> &Issuers {
        &self.0.issuers
    }
    pub(crate) fn outgoing(&self) -> &Outgoing {
        &self.0.outgoing
    }
    pub fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }
    pub(crate) fn standings(&self) -> &Standings {
        &self.0.standings
    }
    pub(crate) fn token_uses(&self) -> &api_tokens::Uses {
        &self.0.token_uses
    }
    pub(crate) fn transfers(&self) -> &Transfers {
        &self.0.transfers
    }
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }
    pub fn random(&self) -> &Random {
        &self.0.random
    }
    pub fn bell(&self) -> &Bell {
        &self.0.bell
    }
    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }
    pub(crate) fn carriers(&self) -> &Carriers {
        &self.0.carriers
    }
    pub fn new_id<I: From<Uuid>>(&self) -> I {
        I::from(self.0.random.uuid(self.now()))
    }
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}
