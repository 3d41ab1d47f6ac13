//! Two organisations with one of everything, and a way to send operations as anybody.

use api::context::Asking;
use api::ids::GlobalId;
use api::schema::{self, TerangaSchema};
use async_graphql::{Request, Variables};
use entities::inventory::stock_movement::StockMovementKind;
use futures_util::StreamExt;
use serde_json::{Value, json};
use services::App;
use services::identity::{Caller, ShippedRole};
use services::inventory::movements;
use services::locale::Locale;
use services::testing::{self, Fixture};
use std::time::Duration;

/// The ids of one organisation's things, as clients know them.
#[derive(Clone, Debug, Default)]
pub struct Things {
    pub user: String,
    pub organization: String,
    pub membership: String,
    /// A second member's, who may do little.
    pub colleague: String,
    pub role: String,
    /// A role of the organisation's own, which nobody holds.
    pub own_role: String,
    pub session: String,
    pub external_identity: String,
    pub invitation: String,
    /// The colleague's, and the one that stands below it, which nobody belongs to.
    pub team: String,
    pub sub_team: String,
    pub api_token: String,
    pub service_account: String,
    pub oauth_client: String,
    pub authorized_app: String,
    pub unit: String,
    pub category: String,
    pub supplier: String,
    pub warehouse: String,
    pub second_warehouse: String,
    pub product: String,
    pub level: String,
    pub movement: String,
    pub notification: String,
    pub job: String,
    pub alert: String,
    pub rule: String,
    pub upload: String,
    pub file: String,
    pub import: String,
    /// An import that is over, and recorded a movement.
    pub imported: String,
    pub row_error: String,
    pub audit_event: String,
}

pub struct World {
    pub fixture: Fixture,
    pub schema: TerangaSchema,
    /// The organisation under attack, and its owner.
    pub victim: Things,
    pub owner: Caller,
    /// The attacker's own.
    pub own: Things,
    pub stranger: Caller,
}

impl World {
    pub async fn new() -> Self {
        Self::of(Fixture::new().await).await
    }

    pub async fn of(fixture: Fixture) -> Self {
        let schema = schema::build(true);
        let owner = fixture.caller.clone();
        let (_, stranger) = fixture.stranger().await;
        let victim = furnish(&fixture.app, &schema, &owner).await;
        let own = furnish(&fixture.app, &schema, &stranger).await;
        Self { fixture, schema, victim, owner, own, stranger }
    }

    pub async fn send(&self, caller: Option<&Caller>, document: &str, variables: Value) -> Value {
        send(&self.fixture.app, &self.schema, caller, document, variables).await
    }
}

/// The answer of an operation; of a subscription, its first event, or null when there is none at once.
pub async fn send(app: &App, schema: &TerangaSchema, caller: Option<&Caller>, document: &str, variables: Value) -> Value {
    let asking = Asking::new(app, caller.cloned(), Some(Locale::Fr), Default::default());
    let request = Request::new(document).variables(Variables::from_json(variables)).data(asking);
    if !document.trim_start().starts_with("subscription") {
        return serde_json::to_value(schema.execute(request).await).expect("an answer is JSON");
    }
    let mut events = std::pin::pin!(schema.execute_stream(request));
    match tokio::time::timeout(Duration::from_millis(300), events.next()).await {
        Ok(Some(event)) => serde_json::to_value(event).expect("an answer is JSON"),
        Ok(None) | Err(_) => Value::Null,
    }
}

async fn furnish(app: &App, schema: &TerangaSchema, caller: &Caller) -> Things {
    let found = send(
        app,
        schema,
        Some(caller),
        "{ viewer { user { id } membership { id roles { nodes { id } } } sessions { nodes { id } } } organization { id }
           units { nodes { id } } warehouses { nodes { id } } }",
        json!({}),
    )
    .await;
    let id = |pointer: &str| found.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {found}")).to_owned();
    let mut things = Things {
        user: id("/data/viewer/user/id"),
        organization: id("/data/organization/id"),
        membership: id("/data/viewer/membership/id"),
        role: id("/data/viewer/membership/roles/nodes/0/id"),
        session: id("/data/viewer/sessions/nodes/0/id"),
        unit: id("/data/units/nodes/0/id"),
        warehouse: id("/data/warehouses/nodes/0/id"),
        ..Things::default()
    };
    let made = send(
        app,
        schema,
        Some(caller),
        "mutation { categoryCreate(input: {name: \"Épicerie\"}) { category { id } }
           supplierCreate(input: {name: \"Grossiste\"}) { supplier { id } }
           warehouseCreate(input: {name: \"Annexe\"}) { warehouse { id } }
           roleCreate(input: {name: \"Vigile\", permissions: []}) { role { id } } }",
        json!({}),
    )
    .await;
    let id = |pointer: &str| made.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {made}")).to_owned();
    things.category = id("/data/categoryCreate/category/id");
    things.supplier = id("/data/supplierCreate/supplier/id");
    things.own_role = id("/data/roleCreate/role/id");
    things.second_warehouse = id("/data/warehouseCreate/warehouse/id");
    let colleague = testing::member_of(&caller.scope(app, Locale::Fr).expect("an organisation"), &[ShippedRole::Employee]).await;
    things.colleague = colleague.member.expect("a member").1.to_global().to_string();
    let roles: Vec<entities::identity::RoleId> = vec![GlobalId::of_global(&async_graphql::ID(things.own_role.clone()))];
    let new = services::identity::invitations::NewInvitation {
        email: "invitee@teranga.example".into(),
        roles: roles.clone(),
        ..Default::default()
    };
    let invitation = testing::invited(&caller.scope(app, Locale::Fr).expect("an organisation"), new).await.0;
    things.invitation = invitation.to_global().to_string();
    things.external_identity = testing::external_identity(app, caller).await.to_global().to_string();
    teams(app, caller, &mut things).await;
    programs(app, caller, &mut things, roles).await;
    stock(app, caller, &mut things).await;
    let scope = caller.scope(app, Locale::Fr).expect("an organisation");
    let told = services::notifications::test_send(&scope, services::notifications::Channel::InApp).await.expect("sent");
    things.notification = told.id.to_global().to_string();
    let job =
        services::alerts::evaluate::request(&caller.scope(app, Locale::Fr).expect("an organisation"), false).await.expect("asked for");
    things.job = job.id.to_global().to_string();
    import(app, caller, &mut things).await;
    let log = services::audit::page(&scope, &Default::default(), &services::page::PageArgs::default()).await.expect("readable");
    things.audit_event = log.items().next().expect("all this was done").id.to_global().to_string();
    things
}

async fn teams(app: &App, caller: &Caller, things: &mut Things) {
    use services::identity::teams::{self, NewTeam};
    let scope = || caller.scope(app, Locale::Fr).expect("an organisation");
    let team = teams::create(&scope(), NewTeam { name: "Boutique".into(), parent: None }).await.expect("made").id;
    let below = teams::create(&scope(), NewTeam { name: "Caisse".into(), parent: Some(team) }).await.expect("made").id;
    let colleague = GlobalId::of_global(&async_graphql::ID(things.colleague.clone()));
    teams::add_members(&scope(), team, &[colleague], None).await.expect("added");
    things.team = team.to_global().to_string();
    things.sub_team = below.to_global().to_string();
}

/// A service account, its token and its client.
async fn programs(app: &App, caller: &Caller, things: &mut Things, roles: Vec<entities::identity::RoleId>) {
    use services::identity::{Permission, api_tokens, oauth, service_accounts};
    let scope = || caller.scope(app, Locale::Fr).expect("an organisation");
    let new = service_accounts::NewServiceAccount { name: "Caisse".into(), roles };
    let account = service_accounts::create(&scope(), new).await.expect("made").id;
    let account = entities::identity::ServiceAccountId(account.0);
    let scopes = vec![Permission::InventoryProductRead];
    let new = api_tokens::NewToken { name: "Caisse".into(), scopes: scopes.clone(), ..Default::default() };
    let token = api_tokens::create_for(&scope(), account, new).await.expect("made").row.id;
    let new = oauth::NewClient {
        name: "Portail".into(),
        scopes,
        account: Some(account),
        redirect_uris: vec!["https://portail.example/".into()],
        ..Default::default()
    };
    let client = oauth::create(&scope(), new).await.expect("registered").row.id;
    things.service_account = account.to_global().to_string();
    things.api_token = token.to_global().to_string();
    things.oauth_client = client.to_global().to_string();
    things.authorized_app = authorized_app(app, caller, client).await;
}

/// The client, let in by the caller.
async fn authorized_app(app: &App, caller: &Caller, client: entities::identity::OauthClientId) -> String {
    use services::identity::oauth::{self, Judged};
    let doorway = services::Doorway::new(app, Locale::Fr);
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let query = format!(
        "response_type=code&client_id={client}&redirect_uri=https%3A%2F%2Fportail.example%2F&code_challenge={challenge}&code_challenge_method=S256"
    );
    let Ok(Judged::Good(request)) = oauth::judge(&doorway, &query).await else { panic!("a good request") };
    let question = oauth::question(&doorway, caller, &request).await.expect("a member");
    oauth::allow(&doorway, caller, &request, &question).await.expect("let in");
    oauth::apps_of(&doorway, caller.user).await.expect("readable").remove(0).row.id.to_global().to_string()
}

async fn stock(app: &App, caller: &Caller, things: &mut Things) {
    use services::Reads;
    let scope = || caller.scope(app, Locale::Fr).expect("an organisation");
    let new = services::inventory::products::NewProduct {
        sku: "RIZ-25".into(),
        name: "Riz 25 kg".into(),
        reorder_point: Some("10".into()),
        category: Some(GlobalId::of_global(&async_graphql::ID(things.category.clone()))),
        supplier: Some(GlobalId::of_global(&async_graphql::ID(things.supplier.clone()))),
        ..Default::default()
    };
    let product = services::inventory::products::create(&scope(), new).await.expect("created");
    let warehouse = GlobalId::of_global(&async_graphql::ID(things.warehouse.clone()));
    let warehouse = scope().get::<entities::inventory::warehouse::Entity>(warehouse).await.expect("there");
    let receipt = testing::movement(&product, &warehouse, StockMovementKind::Receipt, 10);
    let movement = movements::record(&scope(), receipt).await.expect("recorded").movement;
    let level = scope().select::<entities::inventory::stock_level::Entity>().one().await.expect("readable").expect("there");
    things.product = product.id.to_global().to_string();
    things.movement = movement.id.to_global().to_string();
    things.level = level.id.to_global().to_string();
    let everywhere = services::alerts::rules::NewRule {
        threshold: Some("20".into()),
        per_warehouse: true,
        ..services::alerts::rules::NewRule::of(entities::alerts::AlertKind::LowStock)
    };
    services::alerts::rules::create(&scope(), everywhere).await.expect("created");
    let system = services::SystemScope::new(app);
    services::alerts::evaluate::run(&system, Default::default()).await.expect("evaluated");
    let alert = scope().select::<entities::alerts::alert::Entity>().one().await.expect("readable").expect("ten of ten left is low");
    things.alert = alert.id.to_global().to_string();
    things.rule = alert.rule_id.to_global().to_string();
}

/// A file, an upload that is not completed yet, and an import with a row that failed.
async fn import(app: &App, caller: &Caller, things: &mut Things) {
    use services::data_imports::{self, RunImport, StartImport};
    use services::files::{self, NewUpload};
    let scope = || caller.scope(app, Locale::Fr).expect("an organisation");
    let bytes = b"sku,quantity,kind\nNOWHERE,1,RECEIPT\n";
    let new = || NewUpload {
        filename: "entrees.csv".into(),
        content_type: "text/csv".into(),
        size_bytes: bytes.len() as i64,
        sha256: None,
        purpose: entities::files::file::FilePurpose::Import,
    };
    let mut uploads = Vec::new();
    for _ in 0..2 {
        let upload = files::create(&scope(), new()).await.expect("announced");
        let token = upload.url.rsplit('/').next().expect("a token");
        files::receive(app, Some(Locale::Fr), token, &bytes[..]).await.expect("received");
        uploads.push(upload.id);
    }
    let file = files::complete(&scope(), uploads[0]).await.expect("completed");
    let kind = entities::data_imports::data_import::DataImportKind::StockMovements;
    let job = services::work::Running::detached(scope().tenant());
    let content = Some("sku,quantity,kind\nIMPORTE,1,RECEIPT\n".to_owned());
    let input = StartImport { content, create_missing: true, ..StartImport::of(kind) };
    let done = data_imports::start(&scope(), input).await.expect("started");
    data_imports::run(&scope(), &job, RunImport { import: done.id }).await.expect("run");
    things.imported = done.id.to_global().to_string();
    let input = StartImport { file: Some(file.id), ..StartImport::of(kind) };
    let done = data_imports::start(&scope(), input.clone()).await.expect("started");
    data_imports::run(&scope(), &job, RunImport { import: done.id }).await.expect("run");
    let errors = data_imports::errors(&scope(), done.id, &services::page::PageArgs::default()).await.expect("readable");
    things.row_error = errors.items().next().expect("one row failed").id.to_global().to_string();
    // One that is still open to being cancelled.
    things.import = data_imports::start(&scope(), input).await.expect("started").id.to_global().to_string();
    things.upload = uploads[1].to_global().to_string();
    things.file = file.id.to_global().to_string();
}
