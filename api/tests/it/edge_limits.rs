//! What a caller may take, and what happens when a mutation is sent twice.

use std::sync::atomic::Ordering;

use serde_json::json;
use services::locale::Locale;

use crate::edge_kit::{Answer, Server, settings, start};

async fn keyed(server: &Server, key: &str, query: &str) -> Answer {
    server.post(&json!({"query": query}).to_string(), &[("idempotency-key", key)]).await
}

#[tokio::test]
async fn charges_the_cost_and_says_what_is_left() {
    let figures = crate::edge_kit::metrics();
    let server = start(settings()).await;
    *server.toy.bucket.lock().unwrap() = Some(1);
    let answer = server.ask("{ things { nodes { id } } }").await;
    let cost = answer.json()["extensions"]["cost"].clone();
    assert_eq!((answer.status, &cost["requested"], &cost["limit"], &cost["remaining"]), (200, &json!(51), &json!(100), &json!(0)));
    assert!(cost["resetAt"].is_string(), "{cost}");
    assert_eq!(answer.header("ratelimit-policy"), "\"toys\";q=100;w=60");
    assert_eq!(answer.header("ratelimit"), "\"toys\";r=0;t=60");
    let answer = server.ask("{ things { nodes { id } } }").await;
    assert_eq!((answer.status, answer.code().as_str(), answer.header("retry-after")), (429, "RATE_LIMITED", "7"));
    assert_eq!(answer.json()["errors"][0]["extensions"]["retryAfter"], 7);
    assert_eq!((answer.header("ratelimit-policy"), answer.header("ratelimit")), ("\"toys\";q=100;w=60", "\"toys\";r=0;t=60"));
    assert_eq!(answer.json()["extensions"]["cost"]["limit"], 100);
    assert_eq!(server.toy.executed.load(Ordering::SeqCst), 1);
    assert!(figures.render().contains("ratelimit_rejections_total{by=\"toys\"}"), "it is counted");
}

/// What a document takes from a bucket of a hundred.
async fn taken(server: &Server, query: &str) -> (u64, bool) {
    *server.toy.bucket.lock().unwrap() = Some(100);
    server.ask(query).await;
    (100 - server.toy.bucket.lock().unwrap().unwrap(), *server.toy.at_the_door.lock().unwrap())
}

#[tokio::test]
async fn counts_by_cost_whatever_the_aliases_and_what_is_refused_as_one() {
    let server = start(settings()).await;
    let aliases = |field: &str| (0..10).map(|number| format!("a{number}: {field} ")).collect::<String>();
    for (query, units) in [
        ("{ hello }".to_owned(), 1),
        ("{ things(first: 100) { nodes { id } } }".into(), 1),
        ("{ things(first: 100) { nodes { parent { id } } } }".into(), 2),
        (format!("{{ {} }}", aliases("things(first: 100) { nodes { id } }")), 6),
        (format!("mutation {{ {} }}", aliases("count")), 1),
        ("{ nothing }".into(), 1),
        ("{".into(), 1),
        ("query($a: Int!) { hello }".into(), 1),
        ("subscription { ticks(count: 1) }".into(), 1),
    ] {
        assert_eq!(taken(&server, &query).await, (units, false), "{query}");
    }
    *server.toy.bucket.lock().unwrap() = Some(0);
    assert_eq!((server.ask("{ nothing }").await.status, server.ask("{").await.status), (429, 429), "nothing is looked at for free");
}

#[tokio::test]
async fn each_attempt_to_sign_in_is_a_unit_of_the_address_however_many_one_document_holds() {
    let mut settings = settings();
    settings.weights.clear();
    let server = start(settings).await;
    assert_eq!(taken(&server, "mutation { signIn }").await, (1, true));
    assert_eq!(
        taken(&server, "mutation { a: signIn b: signIn ...C ... { d: signIn } } fragment C on Mutation { c: signIn }").await,
        (4, true)
    );
    assert_eq!(taken(&server, "mutation { count signIn }").await, (1, true));
}

#[tokio::test]
async fn people_are_told_in_their_language() {
    let server = start(settings()).await;
    let says = async |query: &str, headers: &[(&str, &str)], key: &str| {
        let languages =
            [(Locale::Fr, &[][..]), (Locale::En, &[("accept-language", "en-GB")]), (Locale::Wo, &[("authorization", "Bearer operator")])];
        for (locale, reader) in languages {
            let answer = server.post(&json!({"query": query}).to_string(), &[headers, reader].concat()).await;
            assert_eq!(answer.json()["errors"][0]["message"], locale.say(key, &[]), "{}", answer.text);
        }
    };
    says("{ sleeps }", &[], "error-timeout").await;
    says("mutation { dawdle }", &[], "error-unfinished").await;
    keyed(&server, "order-0001", "mutation { count }").await;
    says("mutation { twice: count }", &[("idempotency-key", "order-0001")], "error-key-mismatch").await;
    *server.toy.bucket.lock().unwrap() = Some(0);
    says("{ things { nodes { id } } }", &[], "error-rate-limited").await;
    server.toy.unavailable.store(true, Ordering::SeqCst);
    let answer = server.post(r#"{"query":"{ hello }"}"#, &[("authorization", "Bearer good")]).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "INTERNAL"));
    assert_eq!(answer.json()["errors"][0]["message"], Locale::Fr.say("error-unavailable", &[]));
}

#[tokio::test]
async fn counts_the_weight_of_signing_in() {
    let server = start(settings()).await;
    assert_eq!(server.ask("mutation { signIn }").await.json()["extensions"]["cost"]["requested"], 60);
}

#[tokio::test]
async fn does_a_mutation_with_a_key_once() {
    let server = start(settings()).await;
    let first = keyed(&server, "order-0001", "mutation { count }").await;
    let again = keyed(&server, "order-0001", "mutation { count }").await;
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.json()["data"], again.json()["data"]);
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_eq!(server.toy.count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn refuses_a_key_used_for_something_else() {
    let server = start(settings()).await;
    keyed(&server, "order-0001", "mutation { count }").await;
    let other = keyed(&server, "order-0001", "mutation { count(by: 2) }").await;
    assert_eq!((other.status, other.code().as_str()), (409, "CONFLICT"));
    assert_eq!(server.toy.count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_mutation_over_its_time_may_be_asked_after() {
    let server = start(settings()).await;
    let answer = server.ask("mutation { dawdle }").await;
    assert_eq!((answer.status, answer.code().as_str(), answer.header("retry-after")), (409, "CONFLICT", "1"), "{}", answer.text);
    assert_eq!(server.toy.count.load(Ordering::SeqCst), 1, "it was begun");
}

#[tokio::test]
async fn takes_variables_in_any_order_for_the_same() {
    let server = start(settings()).await;
    let query = "mutation ($a: Int, $b: Boolean!) { count(by: $a) @include(if: $b) }";
    let send = async |variables: &str| {
        let body = format!(r#"{{"query":"{query}","variables":{variables}}}"#);
        server.post(&body, &[("idempotency-key", "order-0002")]).await
    };
    let first = send(r#"{"a":1,"b":true}"#).await;
    let again = send(r#"{ "b": true, "a": 1 }"#).await;
    assert_eq!((first.status, again.header("idempotency-replayed")), (200, "true"), "{}", first.text);
    assert_eq!(send(r#"{"a":2,"b":true}"#).await.code(), "CONFLICT");
}

#[tokio::test]
async fn checks_the_form_of_a_key_and_the_number_of_mutations() {
    let server = start(settings()).await;
    for key in ["short", "with spaces in it", &"x".repeat(129)] {
        assert_eq!(keyed(&server, key, "mutation { count }").await.status, 400, "{key}");
    }
    assert_eq!(keyed(&server, "order-0003", "mutation { a: count b: count }").await.status, 400);
    assert_eq!(keyed(&server, "order-0003", "{ hello }").await.status, 200);
    assert_eq!(keyed(&server, "\"order-0004\"", "mutation { count }").await.status, 200);
    assert_eq!(server.toy.count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn keeps_errors_few_and_short() {
    let server = start(settings()).await;
    let query = format!("{{ {} }}", (0..19).map(|n| format!("{}{n}: nope{n} ", "x".repeat(1_500))).collect::<String>());
    let answer = server.ask(&query).await;
    assert!(answer.text.len() <= 64 * 1024, "{}", answer.text.len());
    let unused: String = (0..100).map(|number| format!("$v{number}: Int ")).collect();
    let answer = server.ask(&format!("query ({unused}) {{ hello }}")).await;
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn says_little_about_broken_text() {
    let server = start(settings()).await;
    let answer = server.ask(&format!("{{ hello {} ! }}", "x ".repeat(900))).await;
    assert!(answer.text.len() < 500, "{}", answer.text);
    assert_eq!(answer.json()["errors"][0]["locations"][0]["line"], 1);
}
