//! CORS, security headers, health, metrics, the page, and the end of a server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::edge::Pages;
use api::edge::health::{Checks, Health, Report};
use futures_util::future::BoxFuture;
use serde_json::json;

use crate::edge_kit::{Server, finish, metrics, production, settings, start, start_with};

struct Ill(Health);

impl Checks for Ill {
    fn check(&self) -> BoxFuture<'_, Report> {
        Box::pin(std::future::ready(Report::from([("database", Health::Up), ("redis", self.0)])))
    }
}

async fn from_origin(server: &Server, method: &str, origin: &str) -> crate::edge_kit::Answer {
    let request = server.client().request(method.parse().unwrap(), server.url("/graphql")).header("origin", origin);
    let request = request.header("content-type", "application/json").header("access-control-request-method", "POST");
    finish(request.body(if method == "POST" { r#"{"query":"{ hello }"}"# } else { "" })).await
}

#[tokio::test]
async fn lets_listed_origins_in_without_credentials() {
    let server = start(production()).await;
    for method in ["OPTIONS", "POST"] {
        let answer = from_origin(&server, method, "https://app.example").await;
        assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn never_reflects_a_strange_origin() {
    let server = start(production()).await;
    for origin in ["https://evil.example", "https://app.example.evil.example", "http://app.example", "null"] {
        for method in ["OPTIONS", "POST"] {
            assert_eq!(from_origin(&server, method, origin).await.header("access-control-allow-origin"), "", "{origin}");
        }
    }
}

#[tokio::test]
async fn protects_every_answer() {
    let server = start(production()).await;
    for path in ["/graphql", "/graphql/ws", "/health", "/metrics", "/nothing"] {
        let answer = server.get(path, &[]).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-site"),
            ("cross-origin-opener-policy", "same-origin"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
    }
}

#[tokio::test]
async fn promises_tls_only_where_clients_come_by_it() {
    let plain = start(api::edge::Settings { secure: false, ..production() }).await;
    assert_eq!(plain.get("/graphql", &[]).await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn nobody_frames_a_page_of_ours() {
    let server = start(settings()).await;
    let page = server.get("/graphql", &[("accept", "text/html")]).await;
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"), "{}", page.header("content-security-policy"));
    assert_eq!((page.header("x-frame-options"), page.header("x-content-type-options")), ("DENY", "nosniff"));
}

#[tokio::test]
async fn answers_to_its_own_names_alone_but_tells_whoever_watches_how_it_is() {
    let server = start(api::edge::Settings { hosts: vec!["teranga.example".into()], ..production() }).await;
    let ask = async |path: &str, host: &str| server.get(path, &[("host", host)]).await.status;
    let query = "/graphql?query=%7B__typename%7D";
    for (path, host, status) in [
        (query, "evil.example", 421),
        ("/graphql/ws", "evil.example", 421),
        ("/files/uploads/x", "127.0.0.1", 421),
        ("/graphql/ws", "teranga.example:8443", 400),
        ("/nothing", "teranga.example", 404),
        ("/health/live", "10.0.0.7:8000", 200),
        ("/health/ready", "10.0.0.7:8000", 200),
    ] {
        assert_eq!(ask(path, host).await, status, "{path} {host}");
    }
    let answer = server.get(query, &[("host", "teranga.example"), ("authorization", "Bearer good")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(server.get(query, &[("host", "evil.example"), ("x-forwarded-host", "teranga.example")]).await.status, 421);
}

#[tokio::test]
async fn tells_how_it_is() {
    let table = [(Health::Up, 200, "ok"), (Health::Degraded, 200, "degraded"), (Health::Down, 503, "down")];
    for (health, status, word) in table {
        let server = start_with(settings(), Pages { checks: Some(Arc::new(Ill(health))), ..Pages::default() }).await;
        for path in ["/health", "/health/", "/health/ready", "/api/health/"] {
            let answer = server.get(path, &[]).await;
            assert_eq!((answer.status, answer.json()["status"].clone()), (status, json!(word)), "{path}");
            assert_eq!(answer.json()["environment"], "test");
        }
        assert_eq!(server.get("/health/live", &[]).await.status, 200);
    }
}

#[tokio::test]
async fn counts_and_shows_it() {
    let server = start_with(settings(), Pages { metrics: Some(metrics()), ..Pages::default() }).await;
    server.post(r#"{"query":"{"}"#, &[("x-client-name", "stranger")]).await;
    server.ask("query Named { hello }").await;
    let page = server.get("/metrics", &[]).await;
    for name in
        ["http_request_duration_seconds_bucket", "graphql_operation_duration_seconds", "graphql_errors_total", "graphql_clients_total"]
    {
        assert!(page.text.contains(name), "{name}: {}", page.text);
    }
    assert!(!page.text.contains("stranger") && !page.text.contains("Named"));
    assert_eq!(start(settings()).await.get("/metrics", &[]).await.status, 404);
}

#[tokio::test]
async fn shows_the_figures_to_whoever_bears_the_token() {
    let guarded = api::edge::Settings { metrics_token: Some("a token of the house".into()), ..settings() };
    let server = start_with(guarded, Pages { metrics: Some(metrics()), ..Pages::default() }).await;
    let asked = |headers: &'static [(&str, &str)]| server.get("/metrics", headers);
    assert_eq!(asked(&[("authorization", "Bearer a token of the house")]).await.status, 200);
    for headers in [&[][..], &[("authorization", "Bearer another")], &[("authorization", "Basic a token of the house")]] {
        let answer = asked(headers).await;
        assert_eq!((answer.status, answer.header("www-authenticate"), answer.text.as_str()), (401, "Bearer", ""));
    }
}

#[tokio::test]
async fn without_a_token_shows_the_figures_to_this_machine_and_not_through_a_proxy_on_it() {
    let server = start_with(settings(), Pages { metrics: Some(metrics()), ..Pages::default() }).await;
    assert_eq!(server.get("/metrics", &[]).await.status, 200);
    for header in ["x-forwarded-for", "forwarded", "via"] {
        assert_eq!(server.get("/metrics", &[(header, "203.0.113.9")]).await.status, 404, "{header}");
    }
}

#[tokio::test]
async fn shows_the_page_to_browsers_in_development() {
    let server = start(settings()).await;
    let page = server.get("/graphql", &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")]).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.text.contains("Bienvenue") && page.text.contains("Welcome") && page.text.contains("signUp"));
    let policy = page.header("content-security-policy").to_owned();
    for strict in ["default-src 'none'", "script-src 'self';", "connect-src 'self';", "form-action 'none'"] {
        assert!(policy.contains(strict), "{strict}: {policy}");
    }
    assert!(!page.text.contains("<script>"), "no script in the page itself");
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "no other host");
}

#[tokio::test]
async fn serves_every_part_of_the_page_with_a_cache() {
    let server = start(settings()).await;
    let page = server.get("/graphql", &[("accept", "text/html")]).await.text;
    let parts: Vec<&str> = page.split('"').filter(|text| text.starts_with("/graphiql/")).collect();
    assert_eq!(parts.len(), 8);
    for part in parts {
        let plain = server.get(part, &[]).await;
        assert_eq!(plain.status, 200, "{part}");
        assert!(plain.header("cache-control").contains("max-age") && !plain.text.is_empty());
        let again = server.get(part, &[("if-none-match", plain.header("etag"))]).await;
        assert_eq!((again.status, again.text.len()), (304, 0));
    }
}

#[tokio::test]
async fn answers_what_runs_before_it_stops() {
    let mut server = start(settings()).await;
    let slow = tokio::spawn({
        let request = server.client().post(server.url("/graphql")).header("content-type", "application/json");
        finish(request.body(r#"{"query":"{ sleeps }"}"#))
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let started = Instant::now();
    server.stop.cancel();
    server.done.take().unwrap().await.unwrap().unwrap();
    assert_eq!(slow.await.unwrap().code(), "TOO_COMPLEX"); // its own time was over, not the server's
    assert!(started.elapsed() < Duration::from_secs(3));
}
