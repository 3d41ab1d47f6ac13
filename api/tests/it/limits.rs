//! What people and addresses may ask in an hour, on the whole product.

use crate::edge_ws::Socket;
use crate::site::Site;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use services::App;
use services::locale::Locale;
use services::scope::Clock;
use services::testing::{self, Place, START};
use std::sync::Arc;

const HELLO: &str = "{ __typename }";
const SIGN_IN: &str = r#"signIn(input: {email: "nobody@example.sn", password: "un baobab"}) { userErrors { code } }"#;

struct Limited {
    app: App,
    site: Site,
    bearer: String,
    client: reqwest::Client,
    _place: Arc<Place>,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    fn code(&self) -> &Value {
        &self.body["errors"][0]["extensions"]["code"]
    }
}

impl Limited {
    /// A process that lets so many units through, and somebody signed in.
    async fn to(user: &str, address: &str, more: &[(&str, &str)]) -> Self {
        let limits = [("RATE_LIMIT_USER", user), ("RATE_LIMIT_ADDRESS", address)];
        let (app, place) = testing::app_with(Clock::manual(START), &[&limits[..], more].concat()).await;
        let (_, caller) = testing::organization(&app, "Boutique Awa").await;
        let (site, bearer) = (Site::start(&app).await, testing::token_of(&app, &caller));
        Self { app, site, bearer, client: reqwest::Client::new(), _place: place }
    }

    async fn send(&self, document: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.client.post(format!("http://{}/graphql", self.site.address)).header("content-type", "application/json");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.body(json!({"query": document}).to_string()).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, body: answer.json().await.unwrap() }
    }

    async fn signed_in(&self, document: &str) -> Answer {
        self.send(document, &[("authorization", &format!("Bearer {}", self.bearer))]).await
    }
}

#[tokio::test]
async fn a_person_is_told_what_is_left_and_then_to_wait() {
    let limited = Limited::to("10", "100", &[]).await;
    let answer = limited.signed_in("{ rateLimit { limit remaining resetAt } }").await;
    assert_eq!((answer.status, answer.header("ratelimit-policy")), (200, "\"user\";q=10;w=3600"));
    assert!(answer.header("ratelimit").starts_with("\"user\";r=9;t="), "{}", answer.header("ratelimit"));
    let (told, cost) = (&answer.body["data"]["rateLimit"], &answer.body["extensions"]["cost"]);
    for field in ["limit", "remaining", "resetAt"] {
        assert_eq!(told[field], cost[field], "{field}");
    }
    assert_eq!((&told["limit"], &told["remaining"]), (&json!(10), &json!(9)));
    for left in (0..9).rev() {
        assert_eq!(limited.signed_in(HELLO).await.body["extensions"]["cost"]["remaining"], left);
    }
    let refused = limited.signed_in(HELLO).await;
    assert_eq!((refused.status, refused.code()), (429, &json!("RATE_LIMITED")));
    assert_eq!(refused.body["errors"][0]["message"], Locale::Fr.say("error-rate-limited", &[]));
    assert!(refused.body.get("data").is_none() && refused.header("ratelimit").starts_with("\"user\";r=0;t="));
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=360).contains(&wait), "{wait}");
    assert_eq!(refused.body["errors"][0]["extensions"]["retryAfter"], wait);
    let english = limited.send(HELLO, &[("authorization", &format!("Bearer {}", limited.bearer)), ("accept-language", "en")]).await;
    assert_eq!(english.body["errors"][0]["message"], Locale::En.say("error-rate-limited", &[]));

    let mut socket = Socket::at(limited.site.address, &limited.bearer).await;
    socket.say(json!({"type": "subscribe", "id": "a", "payload": {"query": HELLO}})).await;
    let error = socket.message().await;
    assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("a")), "{error}");
    assert_eq!(error["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    assert!(error["payload"][0]["extensions"]["retryAfter"].as_i64().is_some_and(|wait| (1..=360).contains(&wait)), "{error}");

    assert_eq!(limited.send(HELLO, &[]).await.status, 200, "the address has its own bucket");
    if limited.app.settings().redis_url.is_none() {
        limited.app.clock().advance(chrono::TimeDelta::seconds(wait));
        assert_eq!(limited.signed_in(HELLO).await.status, 200, "after the time told");
    }
}

#[tokio::test]
async fn an_address_signs_in_so_often_whoevers_bearer_it_carries_and_people_go_on() {
    let limited = Limited::to("1000", "30", &[]).await;
    let many = (0..6).map(|number| format!("a{number}: {SIGN_IN} ")).collect::<String>();
    let answer = limited.send(&format!("mutation {{ {many} }}"), &[]).await;
    assert_eq!((answer.status, answer.header("ratelimit-policy")), (200, "\"address\";q=30;w=3600"), "{}", answer.body);
    assert_eq!(answer.body["extensions"]["cost"]["remaining"], 24, "six attempts are six, in one document or not");
    let one = format!("mutation {{ {SIGN_IN} }}");
    assert_eq!(limited.signed_in(&one).await.body["extensions"]["cost"]["remaining"], 23, "its own bearer buys nobody more");
    for document in [HELLO, "{ nothing }", "mutation { sessionRefresh(input: {refreshToken: \"x\"}) { userErrors { code } } }"] {
        assert_ne!(limited.send(document, &[]).await.status, 429, "{document}");
    }
    for left in (0..20).rev() {
        assert_eq!(limited.send(HELLO, &[]).await.body["extensions"]["cost"]["remaining"], left, "each of the three was one");
    }
    for document in [&one, HELLO] {
        assert_eq!(limited.send(document, &[]).await.status, 429, "{document}");
    }
    assert_eq!(limited.signed_in(&one).await.status, 429);
    let answer = limited.signed_in(HELLO).await;
    assert_eq!((answer.status, &answer.body["extensions"]["cost"]["remaining"]), (200, &json!(199)), "people go on");
}

#[tokio::test]
async fn an_address_made_up_buys_nothing_and_one_told_by_the_proxy_is_counted() {
    let alone = Limited::to("1000", "2", &[]).await;
    let from = |address: &'static str| [("x-forwarded-for", address)];
    for (number, status) in [200, 200, 429].into_iter().enumerate() {
        let made_up: &'static str = ["198.51.100.1", "198.51.100.2", "198.51.100.3"][number];
        assert_eq!(alone.send(HELLO, &from(made_up)).await.status, status);
    }
    let behind = Limited::to("1000", "2", &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    for (told, status) in [
        ("198.51.100.1", 200),
        ("6.6.6.6, 198.51.100.1", 200),
        ("7.7.7.7, 198.51.100.1", 429),
        ("198.51.100.2", 200),
        ("2001:db8:1:2::1", 200),
        ("2001:db8:1:2:ffff::2", 200),
        ("2001:db8:1:2:ffff::3", 429),
        ("2001:db8:1:3::1", 200),
    ] {
        assert_eq!(behind.send(HELLO, &from(told)).await.status, status, "{told}");
    }
}

#[tokio::test]
async fn every_answer_says_what_is_left() {
    let limited = Limited::to("1000", "100", &[]).await;
    let url = format!("http://{}/graphql", limited.site.address);
    let post = |body: &'static str| limited.client.post(&url).header("content-type", "application/json").body(body);
    let forged = post("{\"query\": \"{ viewer { id } }\"}").bearer_auth("forged");
    for (request, status) in [
        (post("{"), 400),
        (post("[]"), 400),
        (post("{\"query\": \"{ nothing }\"}").header("accept", "application/graphql-response+json"), 400),
        (forged, 401),
        (post("{}").header("accept", "image/png"), 406),
        (limited.client.post(&url).header("content-type", "text/plain").body("{}"), 415),
        (limited.client.delete(&url), 405),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        assert_eq!(header("ratelimit-policy"), "\"address\";q=100;w=3600", "{status}");
        assert!(header("ratelimit").starts_with("\"address\";r="), "{status}");
    }
    let off = Limited::to("0", "0", &[]).await;
    let answer = off.send("{ rateLimit { limit } }", &[]).await;
    assert_eq!((answer.header("ratelimit"), &answer.body["data"]["rateLimit"]), ("", &Value::Null), "where nobody counts nothing is said");
}

#[tokio::test]
async fn two_processes_count_as_one_where_they_share_redis() {
    let limited = Limited::to("60", "100", &[("RATE_LIMIT_USER_BURST", "20")]).await;
    if limited.app.settings().redis_url.is_none() {
        println!("skipped: without Redis each process counts by itself");
        return;
    }
    let other =
        App::start_with(limited.app.settings().clone(), limited.app.clock().clone(), services::scope::Random::System).await.unwrap();
    let second = Site::start(&other).await;
    let mut let_through = 0;
    for number in 0..60 {
        let answer = match number % 2 {
            0 => limited.signed_in(HELLO).await.status,
            _ => u16::from(second.ask(&limited.bearer, HELLO, None, json!({})).await["errors"].is_null()) * 200,
        };
        let_through += u16::from(answer == 200);
    }
    assert_eq!(let_through, 20);
}
