//! What tests share: a fresh database each, an organisation to act in, and a clock moved by hand.
//!
//! SQLite by default, a file copied from one migrated template; PostgreSQL when `DATABASE_URL` is set, a database made
//! from one migrated template; Redis when `REDIS_URL` is set.

mod issuer;
mod people;
mod place;
mod products;
mod skips;
mod tampering;

pub use issuer::{BACK, FakeIssuer, Visitor};
pub use people::{confirm_address, external_identity, invited, letters, member, member_of, member_with, person, resent, shipped_role};
pub use place::{Place, app_with, bare_database, empty_app};
pub use products::{ProductBuilder, movement};
pub use skips::{long_tests, real_data};
pub use tampering::{change_database, delete_again, refuse_to_delete};

use crate::identity::{Caller, SignUp, sign_up};
use crate::inventory::movements;
use crate::inventory::products::NewProduct;
use crate::locale::Locale;
use crate::scope::{Clock, Random};
use crate::{App, Code, Doorway, Error, Reads, Scope};
use entities::Timestamp;
use entities::inventory::{product, stock_movement::StockMovementKind, warehouse};
use place::app_of;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// 2026-12-01T09:00:00Z, a Tuesday.
pub const START: Timestamp = Timestamp(1_796_115_600_000_000);

/// Every owner's.
pub const PASSWORD: &str = "baobab et tamarin";

/// One test's world; gone when dropped.
pub struct Fixture {
    pub app: App,
    pub scope: Scope,
    pub caller: Caller,
    place: Arc<Place>,
}

impl Fixture {
    /// A migrated database with one organisation, seen by its owner.
    pub async fn new() -> Self {
        Self::at(START).await
    }

    pub async fn at(now: Timestamp) -> Self {
        Self::made_of(empty_app(now).await).await
    }

    /// The same with further settings.
    pub async fn with(vars: &[(&str, &str)]) -> Self {
        Self::made_of(app_with(Clock::manual(START), vars).await).await
    }

    /// The same where every transaction has to go through one connection, as no setting allows.
    pub async fn on_one_connection() -> Self {
        Self::made_of(app_of(Clock::manual(START), &[], |settings| settings.database.max_connections = 1).await).await
    }

    async fn made_of((app, place): (App, Arc<Place>)) -> Self {
        let (scope, caller) = organization(&app, "Boutique Awa").await;
        Self { app, scope, caller, place }
    }

    /// A second organisation in the same database.
    pub async fn stranger(&self) -> (Scope, Caller) {
        organization(&self.app, "Chez Modou").await
    }

    /// The same database, seen by the owner of a second organisation.
    pub async fn neighbour(&self) -> Self {
        let (scope, caller) = self.stranger().await;
        Self { app: self.app.clone(), scope, caller, place: self.place.clone() }
    }

    /// What the owner signs in with, beside [`PASSWORD`].
    pub async fn email(&self) -> String {
        let doorway = Doorway::new(&self.app, Locale::Fr).read().await.expect("the database is there");
        let owner = doorway.find::<entities::identity::user::Entity>(self.caller.user).await.expect("readable");
        owner.expect("the caller signed up").email
    }

    /// The owner showed that they read the mail of their address.
    pub async fn confirm_address(&self) {
        confirm_address(&self.app, &self.email().await).await;
    }

    pub fn data_dir(&self) -> PathBuf {
        self.place.folder().to_owned()
    }

    /// The same actor in a new operation.
    pub fn again(&self) -> Scope {
        self.caller.scope(&self.app, Locale::Fr).expect("the caller has an organisation")
    }

    /// The same of a caller who has proved a moment ago who they are.
    pub fn proved(&self) -> Scope {
        let caller = Caller { proved_at: self.app.now(), ..self.caller.clone() };
        caller.scope(&self.app, Locale::Fr).expect("the caller has an organisation")
    }

    pub fn product<'a>(&'a self) -> ProductBuilder<'a> {
        ProductBuilder { fixture: self, input: NewProduct::default(), on_hand: None }
    }

    pub async fn warehouse(&self) -> warehouse::Model {
        let scope = self.again();
        let first = scope.select::<warehouse::Entity>().order_by(warehouse::Column::CreatedAt, sea_orm::Order::Asc).one().await;
        first.expect("readable").expect("an organisation starts with a warehouse")
    }

    pub async fn record(&self, product: &product::Model, kind: StockMovementKind, quantity: i64) -> movements::Recorded {
        let input = movement(product, &self.warehouse().await, kind, quantity);
        movements::record(&self.again(), input).await.expect("the movement is recorded")
    }
}

/// A further device of the fixture's owner: its access token.
pub async fn device(fixture: &Fixture) -> String {
    let doorway = Doorway::new(&fixture.app, Locale::Fr);
    let tx = doorway.begin().await.expect("the database is there");
    let owner = tx.find::<entities::identity::user::Entity>(fixture.caller.user).await.expect("readable").expect("the caller signed up");
    let session = crate::identity::sessions::open(&tx, &doorway, &owner, Some(fixture.scope.tenant()), None).await.expect("opened");
    tx.commit().await.expect("committed");
    session.access_token
}

/// An access token of the caller's session.
pub fn token_of(app: &App, caller: &Caller) -> String {
    crate::identity::sessions::access_token(app, caller).expect("signed")
}

/// A second process on the fixture's database.
pub async fn second_process(fixture: &Fixture) -> App {
    let (settings, clock) = (fixture.app.settings().clone(), fixture.app.clock().clone());
    App::start_with(settings, clock, Random::System).await.expect("the test's database is there")
}

/// How many statements this process has sent to know the standing of sessions.
pub fn statements_for_sessions(app: &App) -> u32 {
    app.standings().statements()
}

/// What a call was refused with: each code, and the path of the input it is about.
#[track_caller]
pub fn refusals(error: &Error) -> Vec<(Code, String)> {
    let Error::Refused(refusals) = error else { panic!("it failed, rather than being refused: {error:?}") };
    refusals.iter().map(|refusal| (refusal.code, refusal.path.join("."))).collect()
}

/// Signs up an owner with an organisation of this name.
pub async fn organization(app: &App, name: &str) -> (Scope, Caller) {
    let doorway = Doorway::new(app, Locale::Fr);
    let serial = serial();
    let input = SignUp {
        email: format!("owner{serial}@teranga.example"),
        password: PASSWORD.into(),
        display_name: "Awa Diop".into(),
        organization_name: Some(name.into()),
        ..SignUp::default()
    };
    let signed_up = sign_up(&doorway, input).await.expect("a fresh address signs up");
    // The letter that asks to confirm the address is the concern of few tests, and stands in the way of the others.
    change_database(app, "DELETE FROM jobs WHERE kind = 'notifications.letter'").await;
    let token = signed_up.session.access_token;
    let caller = crate::identity::authenticate(app, &token).await.expect("readable").expect("just signed in");
    let scope = caller.scope(app, Locale::Fr).expect("an organisation was named");
    (scope, caller)
}

/// A number no other of this process has.
fn serial() -> u64 {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    SERIAL.fetch_add(1, Ordering::Relaxed)
}
