//! GraphQL over HTTP, rule by rule.

use serde_json::json;

use crate::edge_kit::{Answer, Server, finish, production, settings, start};

const RESPONSE: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

async fn accepting(server: &Server, accept: &str, body: serde_json::Value) -> Answer {
    server.post(&body.to_string(), &[("accept", accept)]).await
}

#[tokio::test]
async fn answers_a_query() {
    let server = start(settings()).await;
    let answer = server.ask("{ hello }").await;
    assert_eq!((answer.status, answer.json()["data"].clone()), (200, json!({"hello": "hello world"})));
    let cost = json!({"requested": 1, "actual": 1, "limit": null, "remaining": null, "resetAt": null});
    assert_eq!(answer.json()["extensions"]["cost"], cost);
}

#[tokio::test]
async fn answers_in_the_type_the_client_takes() {
    let server = start(settings()).await;
    let table = [
        ("application/graphql-response+json", RESPONSE),
        ("application/json", JSON),
        ("*/*", JSON),
        ("application/graphql-response+json, application/json;q=0.9", RESPONSE),
    ];
    for (accept, media) in table {
        let answer = accepting(&server, accept, json!({"query": "{ hello }"})).await;
        assert_eq!(answer.header("content-type"), format!("{media}; charset=utf-8"), "{accept}");
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn refuses_an_accept_it_cannot_meet() {
    let server = start(settings()).await;
    let answer = accepting(&server, "text/html", json!({"query": "{ hello }"})).await;
    assert_eq!((answer.status, answer.code().as_str()), (406, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn refuses_bodies_of_another_type_before_reading_them() {
    let server = start(settings()).await;
    for media in
        ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json; charset=latin1", ""]
    {
        let answer = server.post(r#"{"query":"{ hello }"}"#, &[("content-type", media)]).await;
        assert_eq!(answer.status, 415, "{media}");
    }
    let answer = server.post(r#"{"query":"{ hello }"}"#, &[("content-type", "application/json; charset=UTF-8")]).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn answers_400_to_a_body_that_is_not_json_whatever_is_accepted() {
    let server = start(settings()).await;
    for accept in [RESPONSE, JSON] {
        let answer = server.post("{", &[("accept", accept)]).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "GRAPHQL_PARSE_FAILED"), "{accept}");
    }
}

#[tokio::test]
async fn answers_400_to_parameters_of_a_wrong_shape() {
    let server = start(settings()).await;
    let bodies = [
        json!({}),
        json!({"query": 1}),
        json!({"query": "{ hello }", "operationName": {}}),
        json!({"query": "{ hello }", "variables": []}),
        json!({"query": "{ hello }", "extensions": "x"}),
        json!("{ hello }"),
    ];
    for body in bodies {
        let answer = accepting(&server, RESPONSE, body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_USER_INPUT"), "{body}");
    }
}

#[tokio::test]
async fn allows_null_parameters_and_ignores_unknown_ones() {
    let server = start(settings()).await;
    let body = json!({"query": "{ hello }", "variables": null, "operationName": null, "extensions": null, "more": [1]});
    assert_eq!(accepting(&server, RESPONSE, body).await.status, 200);
}

#[tokio::test]
async fn softens_document_errors_for_old_clients_only() {
    let server = start(settings()).await;
    let table = [
        (json!({"query": "{"}), "GRAPHQL_PARSE_FAILED"),
        (json!({"query": "{ nothing }"}), "GRAPHQL_VALIDATION_FAILED"),
        (json!({"query": "query ($v: Boolean!) { flag(yes: $v) }"}), "BAD_USER_INPUT"),
        (json!({"query": "query A { hello } query B { hello }"}), "OPERATION_RESOLUTION_FAILURE"),
        (json!({"query": "query A { hello }", "operationName": "C"}), "OPERATION_RESOLUTION_FAILURE"),
        (json!({"query": "subscription { idle }"}), "GRAPHQL_VALIDATION_FAILED"),
    ];
    for (body, code) in table {
        for (accept, status) in [(RESPONSE, 400), (JSON, 200)] {
            let answer = accepting(&server, accept, body.clone()).await;
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body} {accept}");
            assert!(answer.json().get("data").is_none(), "{body}");
            assert!(answer.text.starts_with("{\"errors\":"), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn picks_the_operation_by_name() {
    let server = start(settings()).await;
    let body =
        json!({"query": "query A { hello } query B($n: String) { hello(name: $n) }", "operationName": "B", "variables": {"n": "Awa"}});
    assert_eq!(accepting(&server, RESPONSE, body).await.json()["data"]["hello"], "hello Awa");
}

#[tokio::test]
async fn answers_partial_data_with_200() {
    let server = start(settings()).await;
    let answer = server.ask("{ hello leaks forbidden }").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["data"], json!({"hello": "hello world", "leaks": null, "forbidden": null}));
    let mut codes: Vec<_> = answer.json()["errors"].as_array().unwrap().iter().map(|error| error["extensions"]["code"].clone()).collect();
    codes.sort_by_key(ToString::to_string);
    assert_eq!(codes, [json!("FORBIDDEN"), json!("INTERNAL")]);
    assert!(!answer.text.contains("relation"), "{}", answer.text);
}

#[tokio::test]
async fn masks_a_panic_and_lives() {
    let server = start(settings()).await;
    let answer = server.ask("{ panics }").await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "INTERNAL"));
    assert!(!answer.text.contains("secret"));
    assert_eq!(server.ask("{ hello }").await.status, 200);
}

#[tokio::test]
async fn runs_queries_by_get_and_never_mutations() {
    let server = start(settings()).await;
    let answer = server.get("/graphql?query=query($n:String){hello(name:$n)}&variables=%7B%22n%22:%22Awa%22%7D", &[]).await;
    assert_eq!((answer.status, answer.json()["data"]["hello"].clone()), (200, json!("hello Awa")));
    let answer = server.get("/graphql?query=query%20A%7Bhello%7Dquery%20B%7Bme%7D&operationName=A", &[]).await;
    assert_eq!(answer.json()["data"], json!({"hello": "hello world"}));
    let answer = server.get("/graphql?query=mutation%7Bcount%7D", &[]).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, POST"));
    assert_eq!(server.toy.count.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn asks_for_a_preflight_header_on_get_in_production() {
    let server = start(production()).await;
    assert_eq!(server.get("/graphql?query=%7Bhello%7D", &[]).await.status, 400);
    assert_eq!(server.get("/graphql?query=%7Bhello%7D", &[("x-client-name", "web")]).await.status, 200);
    let kept = format!("/graphql?documentId=sha256:{}", "ab".repeat(32));
    assert_eq!(server.get(&kept, &[]).await.status, 200);
}

#[tokio::test]
async fn refuses_other_methods() {
    let server = start(settings()).await;
    for method in ["PUT", "DELETE", "PATCH", "HEAD"] {
        let request = server.client().request(method.parse().unwrap(), server.url("/graphql"));
        let answer = finish(request).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, POST"), "{method}");
    }
}

#[tokio::test]
async fn refuses_batches() {
    let server = start(settings()).await;
    let answer = server.send(json!([{"query": "{ hello }"}])).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn takes_a_body_of_256_kib_and_no_more() {
    let server = start(settings()).await;
    let body = |bytes: usize| {
        let rest = r#"{"query":"{ hello }","x":""}"#;
        format!(r#"{{"query":"{{ hello }}","x":"{}"}}"#, "x".repeat(bytes - rest.len()))
    };
    assert_eq!(server.post(&body(256 * 1024), &[]).await.status, 200);
    let answer = server.post(&body(256 * 1024 + 1), &[]).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "TOO_COMPLEX"));
}

#[tokio::test]
async fn stops_reading_a_body_of_unknown_length_at_the_limit() {
    let server = start(settings()).await;
    let chunks = (0..300).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1024]));
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let request = server.client().post(server.url("/graphql")).header("content-type", "application/json").body(body);
    assert_eq!(finish(request).await.status, 413);
}

#[tokio::test]
async fn keeps_the_order_of_the_selection() {
    let server = start(settings()).await;
    let query = "{ slow hello thing(id: 1) { slow ...F __typename } me } fragment F on Thing { name quick }";
    let answer = server.ask(query).await;
    let expected = r#"{"data":{"slow":"slow","hello":"hello world","thing":{"slow":"slow","name":"thing 1","quick":"quick","__typename":"Thing"},"me":null}"#;
    assert!(answer.text.starts_with(expected), "{}", answer.text);
}

#[tokio::test]
async fn stops_a_query_that_takes_too_long() {
    let server = start(settings()).await;
    let answer = server.ask("{ sleeps }").await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "TOO_COMPLEX"));
}

#[tokio::test]
async fn refuses_a_bad_bearer_with_a_challenge() {
    let server = start(settings()).await;
    for bearer in ["Bearer wrong", "Basic Z29vZA==", "Bearer "] {
        let answer = server.post(r#"{"query":"{ hello }"}"#, &[("authorization", bearer)]).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "UNAUTHENTICATED"), "{bearer}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        assert!(answer.json().get("data").is_none());
    }
    let answer = server.post(r#"{"query":"{ hello }"}"#, &[("authorization", "Bearer banned")]).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "FORBIDDEN"));
    let answer = server.post(r#"{"query":"{ me }"}"#, &[("authorization", "Bearer good")]).await;
    assert_eq!(answer.json()["data"]["me"], "good");
}

#[tokio::test]
async fn ignores_a_bad_bearer_when_all_roots_are_session_verbs() {
    let server = start(settings()).await;
    let bad = [("authorization", "Bearer wrong")];
    let answer = server.post(r#"{"query":"mutation { signIn }"}"#, &bad).await;
    assert_eq!((answer.status, answer.json()["data"]["signIn"].clone()), (200, json!("token")));
    assert_eq!(server.post(r#"{"query":"mutation { signIn count }"}"#, &bad).await.status, 401);
    assert_eq!(server.post(r#"{"query":"{ __typename }"}"#, &bad).await.status, 401);
}

#[tokio::test]
async fn names_every_request() {
    let server = start(settings()).await;
    let answer = server.post(r#"{"query":"{"}"#, &[("x-request-id", "my-request-1")]).await;
    assert_eq!(answer.header("x-request-id"), "my-request-1");
    assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], "my-request-1");
    for odd in ["short", "with space in it", &"x".repeat(65)] {
        let answer = server.post(r#"{"query":"{ hello }"}"#, &[("x-request-id", odd)]).await;
        assert_eq!(answer.header("x-request-id").len(), 36, "{odd}");
    }
}

#[tokio::test]
async fn finds_persisted_documents_by_id() {
    let server = start(settings()).await;
    let answer = server.send(json!({"documentId": format!("sha256:{}", "ab".repeat(32))})).await;
    assert_eq!(answer.json()["data"]["hello"], "hello world");
    let answer = server.send(json!({"documentId": format!("sha256:{}", "cd".repeat(32))})).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(server.send(json!({"documentId": "md5:1"})).await.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn gives_resolvers_the_document_and_the_client() {
    let server = start(settings()).await;
    assert_eq!(server.ask("{ hashed }").await.json()["data"]["hashed"], true);
}

#[tokio::test]
async fn accepts_a_variable_used_only_on_typename() {
    let server = start(settings()).await;
    let body = json!({"query": "query ($v: Boolean!) { hello __typename @include(if: $v) }", "variables": {"v": false}});
    assert_eq!(server.send(body).await.json()["data"], json!({"hello": "hello world"}));
    assert_eq!(server.ask("{ __typename @nothing }").await.code(), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn compresses_what_is_worth_it() {
    let server = start(settings()).await;
    let ask = async |bytes: usize, encoding: &str| {
        let body = json!({"query": format!("{{ large(bytes: {bytes}) }}")});
        server.post(&body.to_string(), &[("accept-encoding", encoding)]).await
    };
    assert_eq!(ask(5_000, "br, gzip").await.header("content-encoding"), "br");
    assert_eq!(ask(5_000, "gzip").await.header("content-encoding"), "gzip");
    assert_eq!(ask(100, "br, gzip").await.header("content-encoding"), "");
    let plain = ask(5_000, "identity").await;
    assert_eq!((plain.header("content-encoding"), plain.text.len() > 5_000), ("", true));
    assert!(plain.header("vary").contains("Origin") || plain.headers.get_all("vary").iter().count() > 1);
}
