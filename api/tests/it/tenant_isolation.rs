//! Another organisation's row is not there: every argument and input field that holds an id is attacked.
//!
//! Each id of a call is replaced by the other organisation's and by one of nobody's; the two answers must be the same to
//! the letter, and the victim's data untouched. A field of the schema without such a case fails the build. With the
//! feature `leak-canary` the walls are down, and the same attacks must succeed: that is the negative control. With the
//! predicates gone and PostgreSQL's policies standing, none may.

use crate::cases::{self, Case};
use crate::world::{Things, World};
use api::ids;
use api::schema;
use async_graphql::ID;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, Type, TypeKind, TypeSystemDefinition};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Every place of the schema that takes an id, as `Mutation.productUpdate.input.categoryId`; `[]` behind a list.
fn id_places() -> BTreeSet<String> {
    let document = parse_schema(schema::sdl(&schema::build(true))).expect("the schema is valid SDL");
    let (mut inputs, mut roots) = (BTreeMap::new(), Vec::new());
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        match definition.node.kind {
            TypeKind::InputObject(input) => drop(inputs.insert(name, input.fields)),
            TypeKind::Object(object) => {
                let root = ["Query", "Mutation", "Subscription"].contains(&name.as_str());
                let fields = object.fields.into_iter().filter(|field| root || !field.node.arguments.is_empty());
                roots.extend(fields.map(|field| (name.clone(), field.node)));
            }
            _ => {}
        }
    }
    let mut places = BTreeSet::new();
    let mut open: Vec<(String, Type)> = Vec::new();
    for (name, field) in roots {
        open.extend(field.arguments.iter().map(|a| (format!("{name}.{}.{}", field.name.node, a.node.name.node), a.node.ty.node.clone())));
    }
    while let Some((place, kind)) = open.pop() {
        let (named, list) = named(&kind.base);
        let place = if list { format!("{place}[]") } else { place };
        if named == "ID" {
            places.insert(place);
        } else if let Some(fields) = inputs.get(&named).filter(|_| place.matches('.').count() < 8) {
            open.extend(fields.iter().map(|f| (format!("{place}.{}", f.node.name.node), f.node.ty.node.clone())));
        }
    }
    places
}

fn named(base: &BaseType) -> (String, bool) {
    match base {
        BaseType::Named(name) => (name.to_string(), false),
        BaseType::List(inner) => (named(&inner.base).0, true),
    }
}

#[test]
fn every_place_that_takes_an_id_is_attacked() {
    let attacked: BTreeSet<String> =
        cases::all().iter().flat_map(|case| case.ids.iter().map(|(path, _)| format!("{}.{path}", case.field))).collect();
    let missing: Vec<String> = id_places().difference(&attacked).cloned().collect();
    assert!(missing.is_empty(), "no attack case for: {missing:#?}");
    let gone: Vec<String> = attacked.difference(&id_places()).cloned().collect();
    assert!(gone.is_empty(), "attack cases for what the schema does not have: {gone:#?}");
}

/// The types of the schema that `node` and `nodes` answer with.
fn node_types() -> BTreeSet<String> {
    let document = parse_schema(schema::sdl(&schema::build(true))).expect("the schema is valid SDL");
    let types = document.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(definition.node),
        _ => None,
    });
    let nodes = types.filter(|found| match &found.kind {
        TypeKind::Object(object) => object.implements.iter().any(|interface| interface.node == "Node"),
        _ => false,
    });
    nodes.map(|found| found.name.node.to_string()).collect()
}

/// Those whose ids the cases hold are looked at by their owner: what is attacked is there, and is what it is taken for.
#[tokio::test]
async fn every_type_that_has_an_id_of_its_own_is_attacked() {
    // The walls of the process are down meanwhile.
    if cfg!(feature = "leak-canary") {
        return;
    }
    let world = World::new().await;
    for field in ["node", "nodes"] {
        let case = cases::all().into_iter().find(|case| case.field == format!("Query.{field}")).expect("a case");
        let mut attacked = BTreeSet::new();
        for (path, of) in case.ids {
            let mut variables = (case.variables)(&world.victim);
            place(&mut variables, path, of(&world.victim));
            let answer = world.send(Some(&world.owner), case.document, variables).await;
            let found = answer["data"]["node"]["__typename"].as_str().or(answer["data"]["nodes"][0]["__typename"].as_str());
            attacked.insert(found.unwrap_or_else(|| panic!("{field}: {answer}")).to_owned());
        }
        assert_eq!(attacked, node_types(), "what Query.{field} is attacked with, and what it answers with");
    }
}

struct Attack {
    name: String,
    /// What the answer was with the victim's id, and with nobody's.
    with_theirs: Value,
    with_nobodys: Value,
    untouched: bool,
}

impl Attack {
    fn repelled(&self) -> bool {
        self.with_theirs == self.with_nobodys && self.untouched
    }
}

/// Every attack, each in a world of its own where it writes, so that one cannot hide another.
async fn attacks(standing: Walls) -> Vec<Attack> {
    let mut attacks = Vec::new();
    let mut world = World::new().await;
    for case in cases::all() {
        for (at, (path, of)) in case.ids.iter().enumerate() {
            if case.field.starts_with("Mutation") {
                world = World::new().await;
            }
            attacks.push(attack(&world, &case, at, path, *of, standing).await);
        }
    }
    attacks
}

async fn attack(world: &World, case: &Case, at: usize, path: &str, of: fn(&Things) -> &str, standing: Walls) -> Attack {
    let theirs = of(&world.victim).to_owned();
    let before = view_of_victim(world).await;
    set_walls(standing);
    let with_nobodys = hit(world, case, path, nobodys(&theirs)).await;
    let with_theirs = hit(world, case, path, theirs).await;
    set_walls(Walls::All);
    let untouched = before == view_of_victim(world).await;
    Attack { name: format!("{}.{path} #{at}", case.field), with_theirs, with_nobodys, untouched }
}

async fn hit(world: &World, case: &Case, path: &str, id: String) -> Value {
    let mut variables = (case.variables)(&world.own);
    // The arguments of a document without an `input` are its variables; a subscription's may be named otherwise.
    let path = if ["productId", "dataImportId"].contains(&path) { "id" } else { path };
    place(&mut variables, path, &id);
    world.send(Some(&world.stranger), case.document, variables).await
}

pub fn place(variables: &mut Value, path: &str, id: &str) {
    let mut at = variables;
    for part in path.trim_end_matches("[]").split('.') {
        at = &mut at[part];
    }
    *at = if path.ends_with("[]") { vec![id].into() } else { id.into() };
}

/// An id of the same kind that nothing has.
pub fn nobodys(id: &str) -> String {
    let (tag, _) = ids::parse(&ID(id.to_owned())).expect("an id of ours");
    let mut bytes = vec![tag];
    bytes.extend(uuid::Uuid::from_u128(0x7777_0000_7000_8000_0000_0000_0000_0001).as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is repelled by who the asker is, before any tenant's row is read: no predicate stands there to be missed.
#[cfg(feature = "leak-canary")]
const BY_MEMBERSHIP: [&str; 15] = [
    // A person's own, whatever organisation they are in: their sessions, their ways in, and what acts for them.
    "Query.node.id #4",
    "Query.nodes.ids[] #4",
    "Mutation.sessionRevoke.input.id #0",
    "Query.node.id #6",
    "Query.nodes.ids[] #6",
    "Mutation.externalIdentityRemove.input.id #0",
    "Query.node.id #11",
    "Query.nodes.ids[] #11",
    "Mutation.authorizedAppRevoke.input.id #0",
    "Mutation.externalSignInComplete.input.organizationId #0",
    "Query.node.id #1",
    "Query.nodes.ids[] #1",
    "Mutation.signIn.input.organizationId #0",
    "Mutation.organizationSwitch.input.organizationId #0",
    "Mutation.organizationLeave.input.organizationId #0",
];

/// Of a build for the negative control, the attacks alone run with walls down; the worlds are furnished with all of them.
#[cfg(feature = "leak-canary")]
use services::scope::{Walls, set_walls};
#[cfg(not(feature = "leak-canary"))]
use whole::{Walls, set_walls};

#[cfg(not(feature = "leak-canary"))]
mod whole {
    #[derive(Clone, Copy)]
    pub enum Walls {
        All,
    }
    pub fn set_walls(_: Walls) {}
}

/// All the victim can see of their own: what an attack must not change.
async fn view_of_victim(world: &World) -> Value {
    const VIEW: &str = "{ viewer { apiTokens { nodes { id name revokedAt } } }
        serviceAccounts { nodes { id name version status roles { nodes { id } } apiTokens { nodes { id revokedAt } } } }
        oauthClients { nodes { id name version permissions } }
        organization { id name version modules policies { passwordLength secondFactorRequired sessionHours accessTokenMinutes allowedAddresses } invitations { nodes { id state sentAt } } memberships(includeLeft: true) { nodes { id version status roles { nodes { id } } } } roles { nodes { id version permissions { permission } } } } teams { nodes { id version name parent { id } members { nodes { id } } } } products(filter: {includeArchived: true}) { nodes { id version name category { id } onHand archivedAt } }
        categories { nodes { id name parent { id } } } suppliers { nodes { id name } } warehouses { nodes { id name } }
        stockLevels { nodes { id onHand reserved } } stockMovements { totalCount nodes { id quantity } }
        notifications { nodes { id readAt archivedAt } } dataImports { nodes { id state rowsDone } }
        stockAlerts { nodes { id state timeline { state } } } stockAlertRules { nodes { id version } } }";
    let view = world.send(Some(&world.owner), VIEW, serde_json::json!({})).await;
    assert!(view["errors"].is_null(), "{view}");
    view
}

fn none_gets_through(attacks: &[Attack]) {
    let through: Vec<&Attack> = attacks.iter().filter(|attack| !attack.repelled()).collect();
    for attack in &through {
        println!("{}: theirs {} / nobody's {} / untouched {}", attack.name, attack.with_theirs, attack.with_nobodys, attack.untouched);
    }
    assert!(through.is_empty(), "{} of {} attacks get through", through.len(), attacks.len());
}

#[cfg(not(feature = "leak-canary"))]
#[tokio::test]
async fn another_organisations_id_is_answered_like_nobodys() {
    none_gets_through(&attacks(Walls::All).await);
}

#[cfg(feature = "leak-canary")]
#[tokio::test]
async fn without_walls_the_attacks_get_through_and_policies_alone_stop_them() {
    if std::env::var("DATABASE_URL").is_ok_and(|url| url.starts_with("postgres")) {
        none_gets_through(&attacks(Walls::Policies).await);
    }
    let attacks = attacks(Walls::None).await;
    let attacks: Vec<&Attack> = attacks.iter().filter(|attack| !BY_MEMBERSHIP.contains(&attack.name.as_str())).collect();
    let blind: Vec<&str> = attacks.iter().filter(|attack| attack.repelled()).map(|attack| attack.name.as_str()).collect();
    let share = 100 - blind.len() * 100 / attacks.len();
    println!("negative control: {share} % of {} attacks get through without walls; blind: {blind:?}", attacks.len());
    assert!(share >= 95, "the suite would not notice a missing predicate: {blind:#?}");
}

#[tokio::test]
async fn nothing_of_another_organisation_is_in_any_answer() {
    if cfg!(feature = "leak-canary") {
        return;
    }
    let world = World::new().await;
    let victim = &world.victim;
    let theirs =
        [&victim.user, &victim.organization, &victim.membership, &victim.category, &victim.product, &victim.movement, &victim.level];
    for case in cases::all() {
        let answer = world.send(Some(&world.stranger), case.document, (case.variables)(&world.own)).await.to_string();
        assert!(theirs.iter().all(|id| !answer.contains(id.as_str())), "{}: {answer}", case.field);
    }
}
