//! The contract, and what every root field declares.

use crate::cases;
use crate::world::World;
use api::roles_page::{self, Access};
use api::schema;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{FieldDefinition, ServiceDocument, TypeKind, TypeSystemDefinition};
use serde_json::Value;
use services::identity::Grants;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sdl() -> String {
    schema::sdl(&schema::build(true))
}

#[test]
fn the_committed_schema_is_the_one_we_serve() {
    let committed = std::fs::read_to_string(root().join("schema.graphql")).expect("schema.graphql is committed");
    assert!(committed == sdl(), "schema.graphql is out of date: run `cargo run -- schema > schema.graphql` and commit the difference");
}

/// Every field of every type, as `Type.field(arg: T): T`, and every value of every enum.
fn facts(text: &str) -> BTreeMap<String, String> {
    let document: ServiceDocument = parse_schema(text).expect("the schema is valid SDL");
    let mut facts = BTreeMap::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let (name, definition) = (definition.node.name.node.clone(), definition.node);
        match definition.kind {
            TypeKind::Object(object) => {
                facts.insert(format!("type {name}"), object.implements.iter().map(|i| i.node.to_string()).collect::<Vec<_>>().join("&"));
                for field in object.fields {
                    facts.insert(format!("{name}.{}", field.node.name.node), shape(&field.node));
                }
            }
            TypeKind::Interface(interface) => {
                for field in interface.fields {
                    facts.insert(format!("{name}.{}", field.node.name.node), shape(&field.node));
                }
            }
            TypeKind::InputObject(input) => {
                for field in input.fields {
                    let default = field.node.default_value.map(|value| format!(" = {}", value.node)).unwrap_or_default();
                    facts.insert(format!("{name}.{}", field.node.name.node), format!("{}{default}", field.node.ty.node));
                }
            }
            TypeKind::Enum(kind) => {
                for value in kind.values {
                    facts.insert(format!("{name}.{}", value.node.value.node), String::new());
                }
            }
            TypeKind::Scalar | TypeKind::Union(_) => drop(facts.insert(format!("scalar {name}"), String::new())),
        }
    }
    facts
}

fn shape(field: &FieldDefinition) -> String {
    let arguments: Vec<String> = field.arguments.iter().map(|a| format!("{}: {}", a.node.name.node, a.node.ty.node)).collect();
    format!("({}): {}", arguments.join(", "), field.ty.node)
}

#[test]
fn the_core_contract_is_contained() {
    let Ok(contract) = std::fs::read_to_string(root().join("../shared/contract.graphql")) else {
        println!("skipped: ../shared/contract.graphql is not there");
        return;
    };
    let ours = facts(&sdl());
    let missing: Vec<String> = facts(&contract)
        .into_iter()
        .filter(|(name, wanted)| ours.get(name).is_none_or(|have| !contains(have, wanted)))
        .map(|(name, wanted)| format!("{name}{wanted} (ours: {:?})", ours.get(&name)))
        .collect();
    assert!(missing.is_empty(), "{} parts of the contract are missing or different:\n{}", missing.len(), missing.join("\n"));
}

/// Whether our shape has every argument of the contract's, and its type.
fn contains(ours: &str, wanted: &str) -> bool {
    let parts = |shape: &str| -> (Vec<String>, String) {
        let (arguments, kind) = shape.rsplit_once("): ").unwrap_or(("(", shape));
        let arguments = arguments.trim_start_matches('(').split(", ").filter(|a| !a.is_empty()).map(str::to_owned).collect();
        (arguments, kind.to_owned())
    };
    let ((have, kind), (want, wanted_kind)) = (parts(ours), parts(wanted));
    kind == wanted_kind && want.iter().all(|argument| have.contains(argument))
}

#[test]
fn everything_is_described() {
    let document = parse_schema(sdl()).expect("the schema is valid SDL");
    let mut bare = Vec::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        if definition.node.description.is_none() {
            bare.push(name.clone());
        }
        let mut lacks = |field: &str, described: bool| {
            if !described {
                bare.push(format!("{name}.{field}"));
            }
        };
        match definition.node.kind {
            TypeKind::Object(object) => object.fields.iter().for_each(|f| lacks(&f.node.name.node, f.node.description.is_some())),
            TypeKind::InputObject(input) => input.fields.iter().for_each(|f| lacks(&f.node.name.node, f.node.description.is_some())),
            TypeKind::Enum(kind) => kind.values.iter().for_each(|v| lacks(&v.node.value.node, v.node.description.is_some())),
            _ => {}
        }
    }
    assert!(bare.is_empty(), "without a description: {bare:?}");
}

/// Every root field with the access it declares.
pub fn declared() -> BTreeMap<String, Option<Access>> {
    let root = |field: &String| ["Query.", "Mutation.", "Subscription."].iter().any(|root| field.starts_with(root));
    roles_page::declared(&sdl()).into_iter().filter(|(field, _)| root(field)).collect()
}

#[test]
fn the_committed_page_of_the_roles_is_what_they_may_do() {
    let committed = std::fs::read_to_string(root().join("docs/roles.md")).expect("docs/roles.md is committed");
    let page = roles_page::page(&schema::build(true));
    assert!(committed == page, "docs/roles.md is out of date: run `cargo run -- roles > docs/roles.md` and commit the difference");
}

#[test]
fn every_root_field_declares_who_may_call_it() {
    let silent: Vec<String> = declared().into_iter().filter(|(_, access)| access.is_none()).map(|(name, _)| name).collect();
    assert!(silent.is_empty(), "without @public, @signedIn, @operator or @requires: {silent:?}");
}

#[tokio::test]
async fn what_is_declared_is_enforced() {
    let world = World::new().await;
    let cases = cases::all();
    for (field, access) in declared() {
        let case = cases.iter().find(|case| case.field == field).unwrap_or_else(|| panic!("{field} has no case in tests/it/cases.rs"));
        let variables = || (case.variables)(&world.own);
        let refused = |answer: &Value, code: &str| codes(answer).iter().any(|have| have == code);
        match access.expect("checked by another test") {
            Access::Public => {}
            Access::SignedIn => {
                let answer = world.send(None, case.document, variables()).await;
                assert!(refused(&answer, "UNAUTHENTICATED"), "{field} is open to everybody: {answer}");
            }
            Access::Operator => {
                let mut caller = world.stranger.clone();
                caller.operator = false;
                let answer = world.send(Some(&caller), case.document, variables()).await;
                assert!(refused(&answer, "FORBIDDEN"), "{field} is open to those who are no operators: {answer}");
            }
            Access::Requires(permission) => {
                let mut caller = world.stranger.clone();
                let mut grants = Grants::default();
                Grants::all().iter().filter(|(p, _)| *p != permission).for_each(|(p, reach)| grants.add(p, reach));
                (caller.grants, caller.operator) = (grants.into(), false);
                let answer = world.send(Some(&caller), case.document, variables()).await;
                assert!(refused(&answer, "FORBIDDEN"), "{field} does not need {permission:?}: {answer}");
            }
        }
    }
}

fn codes(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().filter_map(|error| error["extensions"]["code"].as_str().map(str::to_owned)).collect()
}
