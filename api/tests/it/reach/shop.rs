//! A shop with rows of people in and out of each other's teams, and those who look at them.

use crate::world::send;
use api::ids::{Kind, global};
use api::schema::{self, TerangaSchema};
use entities::data_imports::{data_import, row_error};
use entities::files::{file, file_upload};
use entities::identity::MembershipId;
use entities::inventory::stock_movement::{self, StockMovementKind};
use entities::inventory::{product, warehouse};
use serde_json::Value;
use services::data_imports::{self, RunImport, StartImport};
use services::files::{self, NewUpload};
use services::identity::teams::{self, NewTeam};
use services::identity::{Caller, Grants, Permission, Reach, ShippedRole};
use services::inventory::movements;
use services::locale::Locale;
use services::testing::{self, Fixture};
use services::{Reads, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// A row, and whose it is; nobody's: the organisation's.
pub type Rows = BTreeMap<String, Option<MembershipId>>;

pub struct Shop {
    pub fixture: Fixture,
    pub schema: TerangaSchema,
    pub product: product::Model,
    /// In the upper team, in the team below it, in one beside it, in none.
    pub people: [Caller; 4],
}

/// Somebody who asks, how far their rights reach, and whose rows are theirs to see: all, or those of some of the people.
pub struct Actor {
    pub caller: Caller,
    pub name: String,
    pub sees: Option<BTreeSet<MembershipId>>,
}

impl Actor {
    pub fn sees(&self, rows: &Rows) -> BTreeSet<String> {
        let theirs = |owner: &Option<MembershipId>| self.sees.as_ref().is_none_or(|sees| owner.is_some_and(|owner| sees.contains(&owner)));
        rows.iter().filter(|(_, owner)| theirs(owner)).map(|(id, _)| id.clone()).collect()
    }
}

pub fn id(caller: &Caller) -> MembershipId {
    caller.member.unwrap().1
}

fn reaching(reach: Reach) -> Arc<Grants> {
    let mut grants = Grants::default();
    for permission in Permission::ALL {
        grants.add(*permission, if permission.reaches().contains(&reach) { reach } else { Reach::Org });
    }
    Arc::new(grants)
}

impl Shop {
    pub async fn new() -> Self {
        let fixture = Fixture::new().await;
        let manager = || testing::member(&fixture, &[ShippedRole::Manager]);
        let people = [manager().await, manager().await, manager().await, manager().await];
        let (product, warehouse) = (fixture.product().create().await, fixture.warehouse().await);
        let team = async |name: &str, parent, member: &Caller| {
            let team = teams::create(&fixture.again(), NewTeam { name: name.into(), parent }).await.unwrap().id;
            teams::add_members(&fixture.again(), team, &[id(member)], None).await.unwrap();
            team
        };
        let upper = team("Boutique", None, &people[0]).await;
        team("Caisse", Some(upper), &people[1]).await;
        team("Dépôt", None, &people[2]).await;
        // Who is in no team records first: the stream of the product begins with theirs.
        for person in people.iter().rev() {
            furnish(&fixture, person, &product, &warehouse).await;
        }
        Self { fixture, schema: schema::build(true), product, people }
    }

    fn system(&self) -> Scope {
        Scope::system(&self.fixture.app, self.fixture.scope.tenant(), Locale::Fr)
    }

    pub fn actors(&self) -> Vec<Actor> {
        let actor = |person: usize, reach: Reach, sees: &[usize]| Actor {
            caller: Caller { grants: reaching(reach), ..self.people[person].clone() },
            name: format!("{} of person {person}", reach.code()),
            sees: (reach != Reach::Org).then(|| sees.iter().map(|person| id(&self.people[*person])).collect()),
        };
        let mut actors = vec![actor(0, Reach::Own, &[0]), actor(0, Reach::Team, &[0, 1]), actor(0, Reach::Org, &[])];
        actors.extend([actor(1, Reach::Team, &[1]), actor(3, Reach::Team, &[3]), actor(3, Reach::Own, &[3])]);
        actors
    }

    pub async fn ask(&self, actor: &Actor, document: &str, variables: Value) -> Value {
        send(&self.fixture.app, &self.schema, Some(&actor.caller), document, variables).await
    }
}

/// A movement, an import with a row that failed, its file, and a file on its way; each is an act, too.
async fn furnish(fixture: &Fixture, person: &Caller, product: &product::Model, warehouse: &warehouse::Model) {
    let scope = || person.scope(&fixture.app, Locale::Fr).unwrap();
    movements::record(&scope(), testing::movement(product, warehouse, StockMovementKind::Receipt, 5)).await.unwrap();
    let bytes = format!("sku,quantity,kind\n{},1,RECEIPT\nNOWHERE,1,RECEIPT\n", product.sku);
    let mut uploads = Vec::new();
    for _ in 0..2 {
        let new = NewUpload {
            filename: "entrees.csv".into(),
            content_type: "text/csv".into(),
            size_bytes: bytes.len() as i64,
            sha256: None,
            purpose: file::FilePurpose::Import,
        };
        let upload = files::create(&scope(), new).await.unwrap();
        let token = upload.url.rsplit('/').next().unwrap();
        files::receive(&fixture.app, None, token, bytes.as_bytes()).await.unwrap();
        uploads.push(upload.id);
    }
    let file = files::complete(&scope(), uploads[0]).await.unwrap();
    let input = StartImport { file: Some(file.id), ..StartImport::of(data_import::DataImportKind::StockMovements) };
    let import = data_imports::start(&scope(), input).await.unwrap();
    let job = services::work::Running::detached(fixture.scope.tenant());
    let system = Scope::system(&fixture.app, fixture.scope.tenant(), Locale::Fr);
    data_imports::run(&system, &job, RunImport { import: import.id }).await.unwrap();
}

/// The rows of a kind as they are, whoever may see them.
pub async fn rows(shop: &Shop, kind: Kind) -> Rows {
    let scope = shop.system();
    let rows: Vec<(Uuid, Option<MembershipId>)> = match kind {
        Kind::StockMovement => {
            let all = scope.select::<stock_movement::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, row.recorded_by)).collect()
        }
        Kind::DataImport => {
            let all = scope.select::<data_import::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, row.created_by)).collect()
        }
        Kind::DataImportRowError => {
            let imports = scope.select::<data_import::Entity>().all().await.unwrap();
            let owner = |of| imports.iter().find(|import| import.id == of).and_then(|import| import.created_by);
            let all = scope.select::<row_error::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, owner(row.import_id))).collect()
        }
        Kind::File => {
            let all = scope.select::<file::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, row.created_by)).collect()
        }
        Kind::FileUpload => {
            let all = scope.select::<file_upload::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, row.created_by)).collect()
        }
        _ => {
            let all = scope.select::<entities::audit::event::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, row.actor_membership_id)).collect()
        }
    };
    rows.into_iter().map(|(id, owner)| (global(kind, id).to_string(), owner)).collect()
}
