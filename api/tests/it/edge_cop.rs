//! The twelve detections of graphql-cop, each answered as it should be, in production.

use serde_json::json;

use crate::edge_kit::{Server, finish, production, start};

async fn refused(server: &Server, query: &str) {
    let answer = server.ask(query).await;
    assert!(answer.status >= 400, "{}", answer.text);
    assert!(answer.json().get("data").is_none(), "{}", answer.text);
}

#[tokio::test]
async fn alias_overloading_is_refused() {
    let server = start(production()).await;
    let aliases: String = (0..101).map(|number| format!("alias{number}: __typename ")).collect();
    refused(&server, &format!("query cop {{ {aliases} }}")).await;
}

#[tokio::test]
async fn batch_queries_are_refused() {
    let server = start(production()).await;
    let batch: Vec<_> = (0..10).map(|_| json!({"query": "query cop { __typename }"})).collect();
    assert_eq!(server.send(json!(batch)).await.status, 400);
}

#[tokio::test]
async fn directive_overloading_is_refused() {
    let server = start(production()).await;
    refused(&server, "query cop { __typename @aa@aa@aa@aa@aa@aa@aa@aa@aa@aa }").await;
}

#[tokio::test]
async fn circular_introspection_is_refused() {
    let server = start(production()).await;
    let query = "query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }";
    refused(&server, query).await;
    let signed_in = server.post(&json!({"query": query}).to_string(), &[("authorization", "Bearer good")]).await;
    assert_eq!(signed_in.code(), "TOO_COMPLEX");
}

#[tokio::test]
async fn circular_fragments_are_refused() {
    let server = start(production()).await;
    refused(&server, "query cop { ...A } fragment A on Query { ...B } fragment B on Query { ...A }").await;
}

#[tokio::test]
async fn field_duplication_is_refused() {
    let server = start(production()).await;
    refused(&server, &format!("query cop {{ {} }}", "__typename \n".repeat(500))).await;
}

#[tokio::test]
async fn introspection_is_off_for_the_anonymous() {
    let server = start(production()).await;
    refused(&server, "query cop { __schema { types { name fields { name } } } }").await;
    let body = json!({"query": "{ __schema { queryType { name } } }"}).to_string();
    assert_eq!(server.post(&body, &[("authorization", "Bearer good")]).await.json()["data"]["__schema"]["queryType"]["name"], "Query");
}

#[tokio::test]
async fn suggestions_are_off() {
    let server = start(production()).await;
    for query in ["query cop { helo }", "query cop { thing(i: 1) { id } }", "query cop { hello @include(i: true) }"] {
        assert!(!server.ask(query).await.text.contains("Did you mean"), "{query}");
    }
}

#[tokio::test]
async fn graphiql_is_off() {
    let server = start(production()).await;
    for path in ["/graphql", "/graphiql/page.js", "/graphiql", "/playground", "/console"] {
        let answer = server.get(path, &[("accept", "text/html")]).await;
        assert!(answer.status >= 400 && !answer.text.to_lowercase().contains("graphiql"), "{path}");
    }
}

#[tokio::test]
async fn queries_and_mutations_by_get_are_refused() {
    let server = start(production()).await;
    assert_eq!(server.get("/graphql?query=query%20cop%7B__typename%7D", &[]).await.status, 400);
    let mutation = server.get("/graphql?query=mutation%20cop%7B__typename%7D", &[("x-client-name", "web")]).await;
    assert_eq!(mutation.status, 405);
}

#[tokio::test]
async fn url_encoded_posts_are_refused() {
    let server = start(production()).await;
    let form = "query=query%20cop%20%7B__typename%7D";
    let request = server.client().post(server.url("/graphql")).body(form);
    let answer = finish(request.header("content-type", "application/x-www-form-urlencoded")).await;
    assert_eq!(answer.status, 415);
}

#[tokio::test]
async fn traces_and_causes_are_not_shown() {
    let server = start(production()).await;
    let answer = server.ask("query cop { __typename }").await;
    assert!(answer.json()["extensions"].get("tracing").is_none());
    for query in ["qwerty cop { abc }", "{ leaks }", "{ panics }"] {
        let text = server.ask(query).await.text;
        for word in ["exception", "stacktrace", "panicked", "relation", "secret"] {
            assert!(!text.contains(word), "{query}: {text}");
        }
    }
}
