//! What tests share: a fresh database each, an organisation to act in, and a clock moved by hand.
//!
//! SQLite by default, a file copied from one migrated template; PostgreSQL when `DATABASE_URL` is set, a database made
//! from one migrated template; Redis when `REDIS_URL` is set.

use crate::identity::{Caller, SignUp, sign_up};
use crate::inventory::movements::{self, RecordMovement};
use crate::inventory::products::{self, NewProduct};
use crate::locale::Locale;
use crate::scope::{Clock, Random};
use crate::settings::Settings;
use crate::{App, Code, Doorway, Error, Reads, Scope};
use entities::inventory::{product, stock_movement::StockMovementKind, warehouse};
use entities::{Quantity, Timestamp};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::OnceCell;

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

/// Keeps a test's folder and database until it is dropped.
pub struct Place {
    folder: tempfile::TempDir,
    database: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        crate::scope::test_databases::is_over(&self.database);
    }
}

impl Place {
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
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

    pub fn data_dir(&self) -> PathBuf {
        self.place.folder.path().to_owned()
    }

    /// The same actor in a new operation.
    pub fn again(&self) -> Scope {
        self.caller.scope(&self.app, Locale::Fr).expect("the caller has an organisation")
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

/// Whether the long runs are asked for, by `TERANGA_LONG_TESTS=1`; says so when this one is passed over or cut short.
pub fn long_tests(what: &str) -> bool {
    let asked = std::env::var("TERANGA_LONG_TESTS").is_ok_and(|set| set == "1");
    if !asked {
        say(&format!("skipped: {what} (TERANGA_LONG_TESTS is not 1)"));
    }
    asked
}

/// A file of the real records, kept beside the repository or one of its worktrees in `shared/data`; says so when it is not there.
pub fn real_data(name: &str) -> Option<Vec<u8>> {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = here.ancestors().map(|folder| folder.join("shared/data").join(name)).find(|file| file.is_file());
    if found.is_none() {
        say(&format!("skipped: no shared/data/{name} beside the repository"));
    }
    found.map(|file| std::fs::read(file).expect("readable"))
}

/// Past the harness, which keeps what a passing test prints to itself.
fn say(sentence: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{sentence}");
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

/// Changes the database past the scopes, as no service could.
pub async fn change_database(app: &App, sql: &str) {
    app.database().change(sql).await.expect("the test's own statement");
}

/// For [`change_database`]: deleting this row of the table fails from now on.
pub fn refuse_to_delete(app: &App, table: &str, id: uuid::Uuid) -> String {
    if app.database().sqlite_path().is_some() {
        return format!(
            "CREATE TRIGGER refuse_to_delete BEFORE DELETE ON {table} WHEN OLD.id = x'{}' BEGIN SELECT RAISE(ABORT, 'no'); END",
            id.simple()
        );
    }
    format!(
        "CREATE FUNCTION refuse_to_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
         CREATE TRIGGER refuse_to_delete BEFORE DELETE ON {table} FOR EACH ROW WHEN (OLD.id = '{id}') EXECUTE FUNCTION refuse_to_delete()"
    )
}

/// For [`change_database`]: what [`refuse_to_delete`] did is undone.
pub fn delete_again(app: &App, table: &str) -> String {
    if app.database().sqlite_path().is_some() {
        "DROP TRIGGER refuse_to_delete".into()
    } else {
        format!("DROP TRIGGER refuse_to_delete ON {table}")
    }
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

/// A movement of whole units, now.
pub fn movement(product: &product::Model, warehouse: &warehouse::Model, kind: StockMovementKind, units: i64) -> RecordMovement {
    RecordMovement {
        product: product.id,
        warehouse: warehouse.id,
        kind,
        quantity: Quantity(units * 1000),
        ordered_quantity: None,
        occurred_at: None,
        reference: None,
        reason: None,
        unit_cost: None,
        idempotency_key: None,
    }
}

/// A product in the making: `fixture.product().reorder_point(3).on_hand(5).create().await`.
pub struct ProductBuilder<'a> {
    fixture: &'a Fixture,
    input: NewProduct,
    on_hand: Option<i64>,
}

static SERIAL: AtomicU64 = AtomicU64::new(1);

impl ProductBuilder<'_> {
    #[must_use]
    pub fn sku(mut self, sku: &str) -> Self {
        self.input.sku = sku.to_owned();
        self
    }
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut NewProduct)) -> Self {
        change(&mut self.input);
        self
    }
    #[must_use]
    pub fn reorder_point(mut self, units: i64) -> Self {
        self.input.reorder_point = Some(units.to_string());
        self
    }
    /// Received now, in whole units.
    #[must_use]
    pub fn on_hand(mut self, units: i64) -> Self {
        self.on_hand = Some(units);
        self
    }

    pub async fn create(mut self) -> product::Model {
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        if self.input.sku.is_empty() {
            self.input.sku = format!("SKU-{serial:05}");
        }
        if self.input.name.is_empty() {
            self.input.name = format!("Produit {}", self.input.sku);
        }
        let product = products::create(&self.fixture.again(), self.input).await.expect("the product is created");
        if let Some(units) = self.on_hand {
            self.fixture.record(&product, StockMovementKind::Receipt, units).await;
        }
        product
    }
}

/// Signs up an owner with an organisation of this name.
pub async fn organization(app: &App, name: &str) -> (Scope, Caller) {
    let doorway = Doorway::new(app, Locale::Fr);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let input = SignUp {
        email: format!("owner{serial}@teranga.example"),
        password: PASSWORD.into(),
        display_name: "Awa Diop".into(),
        organization_name: Some(name.into()),
        ..SignUp::default()
    };
    let signed_up = sign_up(&doorway, input).await.expect("a fresh address signs up");
    let token = signed_up.session.access_token;
    let caller = crate::identity::authenticate(app, &token).await.expect("readable").expect("just signed in");
    let scope = caller.scope(app, Locale::Fr).expect("an organisation was named");
    (scope, caller)
}

/// A process on a fresh, migrated database, its clock at `now`.
pub async fn empty_app(now: Timestamp) -> (App, Arc<Place>) {
    app_with(Clock::manual(now), &[]).await
}

/// A process on a fresh, migrated database, with further settings.
pub async fn app_with(clock: Clock, vars: &[(&str, &str)]) -> (App, Arc<Place>) {
    app_of(clock, vars, |_| ()).await
}

async fn app_of(clock: Clock, vars: &[(&str, &str)], change: impl FnOnce(&mut Settings)) -> (App, Arc<Place>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    all.insert("DATA_DIR".into(), folder.path().display().to_string());
    let database = fresh_database(folder.path()).await;
    all.insert("DATABASE_URL".into(), database.clone());
    all.insert("SQLITE_DURABLE".into(), "false".into());
    all.insert("DATABASE_MAX_CONNECTIONS".into(), "6".into());
    if let Ok(redis) = std::env::var("REDIS_URL") {
        all.insert("REDIS_URL".into(), redis);
    }
    all.extend(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut settings = Settings::from_map(all).expect("the test's settings are right");
    change(&mut settings);
    let app = App::start_with(settings, clock, Random::System).await.expect("the test's database is there");
    (app, Arc::new(Place { folder, database }))
}

async fn fresh_database(folder: &std::path::Path) -> String {
    match postgres_server() {
        Some(server) => crate::scope::test_databases::make(&server).await,
        None => sqlite_copy(folder).await,
    }
}

/// The address of a database that was never migrated.
pub async fn bare_database() -> (String, Place) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = match postgres_server() {
        Some(server) => crate::scope::test_databases::make_empty(&server).await,
        None => format!("sqlite:{}", folder.path().join("teranga.db").display()),
    };
    (database.clone(), Place { folder, database })
}

fn postgres_server() -> Option<String> {
    std::env::var("DATABASE_URL").ok().filter(|url| url.starts_with("postgres"))
}

async fn sqlite_copy(folder: &std::path::Path) -> String {
    static TEMPLATE: OnceCell<tempfile::TempDir> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(|| async {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let template = format!("sqlite:{}", folder.path().join("template.db").display());
        crate::scope::test_databases::migrate(&template).await;
        folder
    });
    let file = folder.join("teranga.db");
    std::fs::copy(template.await.path().join("template.db"), &file).expect("the template is copied");
    format!("sqlite:{}", file.display())
}
