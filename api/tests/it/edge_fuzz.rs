//! Arbitrary bytes and headers: no panic, no 5xx, always a code.

use proptest::prelude::*;
use reqwest::header::{HeaderName, HeaderValue};

use crate::edge_kit::{Server, finish, settings, start};

fn cases() -> ProptestConfig {
    ProptestConfig { cases: 256, max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default() }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

async fn survives(server: &Server, request: reqwest::RequestBuilder) -> Result<(), TestCaseError> {
    let answer = finish(request).await;
    prop_assert!(answer.status < 500, "{}: {}", answer.status, answer.text);
    if answer.status >= 400 && answer.status != 404 && !answer.text.is_empty() && answer.header("content-type").contains("json") {
        prop_assert_ne!(answer.code(), "none");
    }
    prop_assert!(server.done.as_ref().is_some_and(|done| !done.is_finished()));
    Ok(())
}

/// Pieces that make text look like GraphQL.
fn graphql() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ":",
        "!",
        "$",
        "@",
        "=",
        "|",
        "...",
        "...F",
        "on",
        "query",
        "mutation",
        "subscription",
        "fragment",
        "F",
        "hello",
        "things",
        "nodes",
        "first",
        "1",
        "-1.5e3",
        "\"x\"",
        "\"\"\"y\"\"\"",
        "\"",
        "\\",
        "#",
        "\n",
        "$v",
        "Int",
        "__typename",
        "__schema",
        "types",
        "fields",
        "@skip",
        "if",
        "true",
        "null",
        "é",
        "\u{feff}",
        "\u{0}",
    ]);
    prop::collection::vec(words, 0..60).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn never_fails_on_bytes(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2_000), 8)) {
        runtime().block_on(async {
            let server = start(settings()).await;
            for body in bodies {
                let request = server.client().post(server.url("/graphql")).header("content-type", "application/json").body(body);
                survives(&server, request).await?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }

    #[test]
    fn never_fails_on_near_graphql(queries in prop::collection::vec(graphql(), 8)) {
        runtime().block_on(async {
            let server = start(settings()).await;
            for query in queries {
                let body = serde_json::json!({"query": query}).to_string();
                let request = server.client().post(server.url("/graphql")).header("content-type", "application/json").body(body);
                survives(&server, request).await?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }

    #[test]
    fn never_fails_on_headers(
        values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 10),
        path in "/(graphql|graphql/ws|health|graphiql/[a-z.]{0,8}|[ -~&&[^ #]]{0,20})(\\?[a-zA-Z0-9%=&+]{0,40})?",
    ) {
        let names = ["accept", "content-type", "authorization", "x-request-id", "idempotency-key", "origin", "accept-encoding",
            "x-forwarded-for", "sec-websocket-protocol", "x-client-name"];
        runtime().block_on(async {
            let server = start(settings()).await;
            let mut request = server.client().post(server.url(&path)).body("{\"query\":\"{ hello }\"}");
            for (name, value) in names.iter().zip(values) {
                if let Ok(value) = HeaderValue::from_bytes(&value) {
                    request = request.header(HeaderName::from_static(name), value);
                }
            }
            survives(&server, request).await
        })?;
    }
}

/// An id is parsed before anything is asked; whatever stands in its place, nothing of ours comes of it but an id.
#[test]
fn a_million_made_up_ids_are_ids_or_none() {
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 1_000_000, failure_persistence: None, ..ProptestConfig::default() });
    let made_up = runner.run(&"[A-Za-z0-9_=+/ -]{0,40}|\\PC{0,20}", |text| {
        let id = async_graphql::ID(text.clone());
        if let Some((kind, uuid)) = api::ids::parse(&id) {
            let again = api::ids::Kind::of_tag(kind).map(|kind| api::ids::global(kind, uuid));
            prop_assert!(again.is_none_or(|again| again == id), "{text}");
        }
        Ok(())
    });
    made_up.unwrap();
}
