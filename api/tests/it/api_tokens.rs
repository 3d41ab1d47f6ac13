//! API tokens over HTTP and sockets, as programs send them.

use crate::cases;
use crate::edge_ws::Heard;
use crate::site::Site;
use crate::world::{Things, World};
use api::schema;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use serde_json::{Value, json};
use services::identity::Permission;
use services::identity::api_tokens::{self, NewToken};
use services::testing::{self, Fixture, PASSWORD};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const CREATE: &str = "mutation($input: ApiTokenCreateInput!) { apiTokenCreate(input: $input) {
  apiToken { id name prefix permissions addresses createdAt expiresAt lastUsedAt revokedAt } secret userErrors { code path message } } }";
const REVOKE: &str = "mutation($id: ID!) { apiTokenRevoke(input: {id: $id}) { apiToken { revokedAt } userErrors { code path } } }";
const PRODUCTS: &str = "{ products { totalCount } }";

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

async fn token(fixture: &Fixture, scopes: &[Permission], addresses: &[&str]) -> String {
    let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
    let new = NewToken { name: "Caisse".into(), scopes: scopes.to_vec(), addresses, ..NewToken::default() };
    api_tokens::create(&fixture.proved(), new).await.unwrap().secret
}

#[tokio::test]
async fn a_token_is_made_shown_once_used_and_ended() {
    let fixture = Fixture::new().await;
    let site = Site::start(&fixture.app).await;
    let person = site.sign_in(&fixture.email().await, PASSWORD).await;
    let input = json!({"name": "Caisse", "permissions": ["INVENTORY_PRODUCT_READ"], "addresses": ["127.0.0.0/8"]});
    let made = site.ask(&person, CREATE, None, json!({"input": input})).await["data"]["apiTokenCreate"].clone();
    assert_eq!((&made["userErrors"], &made["apiToken"]["permissions"]), (&json!([]), &json!(["INVENTORY_PRODUCT_READ"])), "{made}");
    assert_eq!((&made["apiToken"]["lastUsedAt"], &made["apiToken"]["addresses"]), (&Value::Null, &json!(["127.0.0.0/8"])));
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with(made["apiToken"]["prefix"].as_str().unwrap()));
    assert_eq!(site.ask(secret, PRODUCTS, None, json!({})).await["data"]["products"]["totalCount"], 0);
    let who = site.ask(secret, "{ viewer { user { displayName } permissions { permission } } }", None, json!({})).await;
    assert_eq!(who["data"]["viewer"]["permissions"], json!([{"permission": "INVENTORY_PRODUCT_READ"}]), "{who}");
    let beyond = site.ask_in("fr", secret, "{ stockLevels { totalCount } }").await;
    assert_eq!(code(&beyond), "FORBIDDEN");
    assert_eq!(beyond["errors"][0]["message"], "Ce jeton d'API n'a pas la portée « inventory.stock.read ».", "{beyond}");
    let list = "{ viewer { apiTokens { totalCount nodes { id name } } } }";
    assert_eq!(site.ask(&person, list, None, json!({})).await["data"]["viewer"]["apiTokens"]["totalCount"], 1);
    let id = &made["apiToken"]["id"];
    let node = site.ask(&person, "query($id: ID!) { node(id: $id) { ... on ApiToken { name } } }", None, json!({"id": id})).await;
    assert_eq!(node["data"]["node"]["name"], "Caisse");
    let ended = site.ask(&person, REVOKE, None, json!({"id": id})).await;
    assert!(ended["data"]["apiTokenRevoke"]["apiToken"]["revokedAt"].is_string(), "{ended}");
    assert_eq!(code(&site.ask(secret, PRODUCTS, None, json!({})).await), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_token_from_elsewhere_or_in_the_address_of_a_page_is_not_taken() {
    let fixture = Fixture::new().await;
    let site = Site::start(&fixture.app).await;
    let elsewhere = token(&fixture, &[Permission::InventoryProductRead], &["196.1.95.0/24"]).await;
    assert_eq!(code(&site.ask(&elsewhere, PRODUCTS, None, json!({})).await), "FORBIDDEN");
    let good = token(&fixture, &[Permission::InventoryProductRead], &[]).await;
    assert_eq!(code(&site.ask(&good[..good.len() - 1], PRODUCTS, None, json!({})).await), "UNAUTHENTICATED", "cut off");
    for name in ["access_token", "token", "authorization"] {
        let url = format!("http://{}/graphql?{name}={good}", site.address);
        let body = json!({"query": PRODUCTS}).to_string();
        let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(body);
        let answer: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
        assert_eq!(code(&answer), "UNAUTHENTICATED", "{name}: {answer}");
    }
}

#[tokio::test]
async fn an_open_socket_closes_within_a_second_of_its_tokens_end() {
    let fixture = Fixture::new().await;
    let elsewhere = testing::second_process(&fixture).await;
    let site = Site::start(&elsewhere).await;
    let new = NewToken { name: "Caisse".into(), scopes: vec![Permission::AlertsStockAlertRead], ..NewToken::default() };
    let made = api_tokens::create(&fixture.proved(), new).await.unwrap();
    let mut socket = site.socket(&made.secret).await;
    socket.subscribe("a", "subscription { stockAlertChanged { cursor } }").await;
    socket.subscribe("b", "subscription { notificationReceived { cursor } }").await;
    let told = socket.message().await;
    assert_eq!((&told["id"], &told["type"]), (&json!("b"), &json!("error")), "what is told to a person: {told}");
    let revoked = Instant::now();
    api_tokens::revoke(&fixture.again(), made.row.id).await.unwrap();
    loop {
        match socket.hear().await {
            Heard::Close(code) => break assert_eq!(code, 4401),
            Heard::Message(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(revoked.elapsed() < Duration::from_secs(2), "{:?}", revoked.elapsed());
}

#[tokio::test]
async fn a_person_and_their_tokens_have_one_allowance() {
    let fixture = Fixture::with(&[("RATE_LIMIT_USER", "1000")]).await;
    let site = Site::start(&fixture.app).await;
    let person = site.sign_in(&fixture.email().await, PASSWORD).await;
    let (one, two) = (token(&fixture, &[Permission::InventoryProductRead], &[]).await, testing::device(&fixture).await);
    let left = async |bearer: &str| {
        site.ask(bearer, "{ rateLimit { remaining } }", None, json!({})).await["data"]["rateLimit"]["remaining"].as_i64()
    };
    let before = left(&person).await.expect("counted");
    for _ in 0..5 {
        left(&one).await;
        left(&two).await;
    }
    let after = left(&person).await.expect("counted");
    assert!((before - 11..=before - 9).contains(&after), "{before} and {after}");
}

/// The mutations of the schema that are marked as a signed-in person's.
fn persons_mutations() -> BTreeSet<String> {
    let document = parse_schema(schema::sdl(&schema::build(true))).expect("the schema is valid SDL");
    let mut found = BTreeSet::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let TypeKind::Object(object) = definition.node.kind else { continue };
        if definition.node.name.node == "Mutation" {
            let theirs = object.fields.iter().filter(|field| field.node.directives.iter().any(|one| one.node.name.node == "signedIn"));
            found.extend(theirs.map(|field| format!("Mutation.{}", field.node.name.node)));
        }
    }
    found
}

#[tokio::test]
async fn no_mutation_of_a_person_is_done_by_a_program() {
    let world = World::new().await;
    let secret = token(&world.fixture, Permission::ALL, &[]).await;
    let program = services::identity::authenticate(&world.fixture.app, &secret).await.unwrap().unwrap();
    let theirs = persons_mutations();
    assert!(theirs.len() > 15 && theirs.contains("Mutation.apiTokenCreate") && theirs.contains("Mutation.passwordChange"), "{theirs:#?}");
    for case in cases::all().into_iter().filter(|case| theirs.contains(case.field)) {
        let variables: fn(&Things) -> Value = case.variables;
        let answer = world.send(Some(&program), case.document, variables(&world.victim)).await;
        assert_eq!(code(&answer), "FORBIDDEN", "{}: {answer}", case.field);
        let said = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(said.contains("jeton d'API ne le peut pas"), "{}: {said}", case.field);
    }
}
