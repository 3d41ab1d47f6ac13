//! `docs/roles.md`: what each shipped role may do in this version, by permission and by operation.
//!
//! Written from what the program and the schema say, and committed; a test holds it equal.

use crate::schema::{self, TerangaSchema};
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{ConstDirective, FieldDefinition, TypeKind, TypeSystemDefinition};
use services::identity::{Category, Grants, Permission, PlatformRole, Reach, ShippedRole};
use services::locale::Locale;
use std::collections::BTreeMap;

/// Who may call a field, as its directive says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Access {
    Public,
    SignedIn,
    Operator,
    Requires(Permission),
}

const HEAD: &str = "# Roles

Written by `cargo run -- roles > docs/roles.md`; a test compares it with the program, and another calls every operation as a
member with each role and holds the answers against it. What a role may do comes with the version of the product; an
organisation that wants it otherwise copies a role and changes the copy (`roleCreate`, `roleUpdate`). Roles add up.

ORG, TEAM and OWN say how far a right reaches: all rows, those of one's own and of whoever belongs to a team at or below one of
one's teams, one's own. Rows that know no owner are the whole organisation's. What is out of reach is as if it were not there.
";

/// The whole page.
pub fn page(schema: &TerangaSchema) -> String {
    let mut text = HEAD.to_owned();
    text.push_str("\n## The seventeen\n\n| key | category | French | English | Wolof |\n|---|---|---|---|---|\n");
    for role in ShippedRole::ALL {
        let [fr, en, wo] = [Locale::Fr, Locale::En, Locale::Wo].map(|locale| role.name(locale));
        text.push_str(&format!("| `{}` | {} | {fr} | {en} | {wo} |\n", role.key(), category(role.category())));
    }
    text.push_str("\nOf the installation, as a row of `operators`; no organisation lists, copies or grants them:\n\n");
    for role in PlatformRole::ALL {
        text.push_str(&format!("- `{}`: {}\n", role.key(), platform(*role)));
    }
    text.push_str("\n## By permission\n\n");
    let grants: Vec<Grants> = ShippedRole::ALL.iter().map(|role| role.grants()).collect();
    table(
        &mut text,
        "permission",
        Permission::ALL.iter().map(|permission| (permission.code().to_owned(), Access::Requires(*permission))),
        &grants,
    );
    text.push_str("\nWhat each allows:\n\n");
    for permission in Permission::ALL {
        text.push_str(&format!("- `{}`: {}\n", permission.code(), permission.describe(Locale::En)));
    }
    text.push_str("\n## By operation\n\nFields of objects that need a permission of their own stand with their type.\n\n");
    let fields = declared(&schema::sdl(schema)).into_iter().filter_map(|(field, access)| Some((field, access?)));
    table(&mut text, "operation", fields, &grants);
    text
}

/// One row a thing, one column a role.
fn table(text: &mut String, of: &str, rows: impl Iterator<Item = (String, Access)>, grants: &[Grants]) {
    let keys: Vec<&str> = ShippedRole::ALL.iter().map(|role| role.key()).collect();
    text.push_str(&format!("| {of} | {} |\n|---|{}\n", keys.join(" | "), "---|".repeat(keys.len())));
    for (name, access) in rows {
        let cells: Vec<&str> = grants.iter().map(|grants| cell(grants, access)).collect();
        text.push_str(&format!("| `{name}` | {} |\n", cells.join(" | ")));
    }
}

fn cell(grants: &Grants, access: Access) -> &'static str {
    match access {
        Access::Public => "everybody",
        Access::SignedIn => "signed in",
        Access::Operator => "*operators*",
        Access::Requires(permission) => grants.reach(permission).map_or("–", Reach::code),
    }
}

fn platform(role: PlatformRole) -> &'static str {
    match role {
        PlatformRole::Admin => "runs the installation (the operations marked *operators*).",
        PlatformRole::Support => "helps people, for a time and with their consent; nobody has it yet.",
    }
}

fn category(category: Category) -> &'static str {
    match category {
        Category::Direction => "direction",
        Category::Education => "education",
        Category::Work => "work",
        Category::Functions => "functions",
        Category::Outside => "outside",
    }
}

/// Every root field with the access it declares, and the fields of other types that declare one.
pub fn declared(sdl: &str) -> BTreeMap<String, Option<Access>> {
    let types = parse_schema(sdl).map(|document| document.definitions).unwrap_or_default();
    let mut declared = BTreeMap::new();
    for definition in types {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let (name, TypeKind::Object(object)) = (definition.node.name.node, definition.node.kind) else { continue };
        let root = ["Query", "Mutation", "Subscription"].contains(&name.as_str());
        let of = |field: FieldDefinition| {
            let access = field.directives.iter().find_map(|directive| access(&directive.node));
            (root || access.is_some()).then(|| (format!("{name}.{}", field.name.node), access))
        };
        declared.extend(object.fields.into_iter().filter_map(|field| of(field.node)));
    }
    declared
}

fn access(directive: &ConstDirective) -> Option<Access> {
    match directive.name.node.as_str() {
        "public" => Some(Access::Public),
        "signedIn" => Some(Access::SignedIn),
        "operator" => Some(Access::Operator),
        "requires" => {
            let code = directive.arguments.first()?.1.node.clone().into_json().ok()?;
            let named = |p: &&Permission| Some(p.code().replace('.', "_").to_uppercase().as_str()) == code.as_str();
            Permission::ALL.iter().find(named).map(|permission| Access::Requires(*permission))
        }
        _ => None,
    }
}
