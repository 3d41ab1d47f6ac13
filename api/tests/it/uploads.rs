//! The whole way of a file: announced, PUT over HTTP, completed, imported, followed.

use crate::world::World;
use serde_json::{Value, json};
use services::App;
use services::data_imports::RunImport;
use services::testing::Fixture;
use services::work::Running;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

struct Server {
    origin: String,
    client: reqwest::Client,
    _stop: tokio_util::sync::DropGuard,
}

impl Server {
    async fn start(app: &App) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("bound"));
        let (app, stop) = (app.clone(), CancellationToken::new());
        tokio::spawn(api::server::serve(app, listener, api::server::Beside::default(), stop.clone()));
        Self { origin, client: reqwest::Client::new(), _stop: stop.drop_guard() }
    }

    /// The link with this server in the place of the public address.
    async fn put(&self, url: &str, bytes: Vec<u8>) -> (u16, Value) {
        let path = url.split_once("/files/").expect("a link of ours").1;
        let sent = self.client.put(format!("{}/files/{path}", self.origin)).body(bytes).send().await.expect("answered");
        (sent.status().as_u16(), sent.json().await.unwrap_or(Value::Null))
    }
}

async fn announce(world: &World, size: usize) -> (Value, String) {
    const CREATE: &str = "mutation($input: FileUploadCreateInput!) { fileUploadCreate(input: $input) {
        upload { id method url headers { name value } expiresAt } userErrors { code path } } }";
    let input = json!({"filename": "ventes.csv", "contentType": "text/csv", "sizeBytes": size.to_string(), "purpose": "IMPORT"});
    let made = world.send(Some(&world.owner), CREATE, json!({"input": input})).await;
    let upload = made["data"]["fileUploadCreate"]["upload"].clone();
    let url = upload["url"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    (upload, url)
}

#[tokio::test]
async fn a_file_goes_all_the_way_from_a_link_to_the_ledger() {
    let world = World::new().await;
    let server = Server::start(&world.fixture.app).await;
    let csv = b"sku,quantity,kind,Vendeur,\nRIZ-25,4,SALE,Awa,\nNOWHERE,1,SALE,Awa,\nPORT,1,SALE,,\n".to_vec();
    let (upload, url) = announce(&world, csv.len()).await;
    assert_eq!(upload["method"], "PUT");
    assert_eq!(server.put(&url, [&csv[..], b"more"].concat()).await.0, 413);
    assert_eq!(server.put(&url, csv.clone()).await, (204, Value::Null));
    const COMPLETE: &str =
        "mutation($id: ID!) { fileUploadComplete(input: {uploadId: $id}) { file { id sizeBytes contentType } userErrors { code } } }";
    let done = world.send(Some(&world.owner), COMPLETE, json!({"id": upload["id"]})).await;
    let file = &done["data"]["fileUploadComplete"]["file"];
    assert_eq!((&file["sizeBytes"], &file["contentType"]), (&json!(csv.len().to_string()), &json!("text/csv")), "{done}");
    assert_eq!(server.put(&url, csv).await.0, 409, "completed");

    const START: &str = "mutation($id: ID!) { dataImportStart(input: {kind: STOCK_MOVEMENTS, fileId: $id,
        rules: [{column: \"sku\", oneOf: [\"PORT\"], skip: true, reason: \"frais de port\"}]}) { dataImport { id state rowsTotal columns { header field } ignoredColumns }
        userErrors { code path message } } }";
    let started = world.send(Some(&world.owner), START, json!({"id": file["id"]})).await;
    let import = started["data"]["dataImportStart"]["dataImport"].clone();
    assert_eq!((&import["state"], &import["rowsTotal"]), (&json!("QUEUED"), &Value::Null), "{started}");
    let columns =
        [("sku", "SKU"), ("quantity", "QUANTITY"), ("kind", "KIND")].map(|(header, field)| json!({"header": header, "field": field}));
    assert_eq!((&import["columns"], &import["ignoredColumns"]), (&json!(columns), &json!(["Vendeur"])), "known before a row is read");
    const FOLLOW: &str = "subscription($id: ID!) { dataImportProgressed(dataImportId: $id) { dataImport { state rowsApplied } } }";
    let present = world.send(Some(&world.owner), FOLLOW, json!({"id": import["id"]})).await;
    assert_eq!(present["data"]["dataImportProgressed"]["dataImport"]["state"], "QUEUED", "{present}");

    use api::ids::GlobalId;
    let id = GlobalId::of_global(&async_graphql::ID(import["id"].as_str().unwrap_or_default().to_owned()));
    let job = Running::detached(world.fixture.scope.tenant());
    services::data_imports::run(&world.fixture.again(), &job, RunImport { import: id }).await.expect("runs");
    const READ: &str = "query($id: ID!) { dataImport(id: $id) { state rowsTotal rowsDone rowsApplied rowsSkipped rowsFailed
        skips { cause rule column reason rows } file { filename } rowErrors { totalCount nodes { line column code } } } }";
    let read = world.send(Some(&world.owner), READ, json!({"id": import["id"]})).await;
    let expected = json!({
        "state": "COMPLETED", "rowsTotal": 3, "rowsDone": 3, "rowsApplied": 1, "rowsSkipped": 1, "rowsFailed": 1,
        "skips": [{"cause": "RULE", "rule": 0, "column": "sku", "reason": "frais de port", "rows": 1}],
        "file": {"filename": "ventes.csv"},
        "rowErrors": {"totalCount": 1, "nodes": [{"line": 3, "column": "sku", "code": "NOT_FOUND"}]},
    });
    assert_eq!(read["data"]["dataImport"], expected, "{read}");
}

#[tokio::test]
async fn a_link_that_is_none_and_a_method_that_is_none_are_told_so() {
    let world = World::new().await;
    let server = Server::start(&world.fixture.app).await;
    let (status, body) = server.put("http://x/files/uploads/nonsense", b"x".to_vec()).await;
    assert_eq!((status, &body["error"]["code"]), (404, &json!("NOT_FOUND")));
    let (_, url) = announce(&world, 3).await;
    world.fixture.app.clock().advance(chrono::TimeDelta::hours(2));
    let (status, body) = server.put(&url, b"a,b".to_vec()).await;
    assert_eq!((status, &body["error"]["code"]), (410, &json!("TOKEN_EXPIRED")));
    let get = server.client.get(format!("{}/files/uploads/x", server.origin)).send().await.expect("answered");
    assert_eq!(get.status().as_u16(), 405);
}

#[tokio::test]
async fn a_page_of_a_listed_origin_may_send_the_bytes_and_a_strange_one_may_not() {
    let fixture = Fixture::with(&[("CORS_ORIGINS", "https://app.teranga.example")]).await;
    let server = Server::start(&fixture.app).await;
    let ask = |origin: &'static str| {
        let url = format!("{}/files/uploads/some-token", server.origin);
        let asked = server.client.request(reqwest::Method::OPTIONS, url).header("origin", origin);
        asked
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "content-encoding,content-type")
            .send()
    };
    let answer = ask("https://app.teranga.example").await.expect("answered");
    let said = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap_or_default()).to_owned();
    assert_eq!((answer.status().as_u16(), said("access-control-allow-origin")), (204, "https://app.teranga.example".to_owned()));
    assert_eq!(said("access-control-allow-methods"), "PUT");
    let headers = said("access-control-allow-headers");
    assert!(["content-type", "content-encoding", "content-length"].iter().all(|name| headers.contains(name)), "{headers}");
    let stranger = ask("https://elsewhere.example").await.expect("answered");
    assert!(!stranger.headers().contains_key("access-control-allow-origin"));
    // The answer to the PUT itself is readable by the page, too, whatever it is.
    let put = server.client.put(format!("{}/files/uploads/some-token", server.origin)).header("origin", "https://app.teranga.example");
    let put = put.body("x").send().await.expect("answered");
    assert_eq!(put.headers()["access-control-allow-origin"], "https://app.teranga.example");
}

/// A PUT on a wire of its own that stops after some of the bytes it promised: what is answered, if anything.
async fn broken_put(server: &Server, url: &str, hang_up: bool) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let path = url.split_once("/files/").expect("a link of ours").1;
    let address = server.origin.trim_start_matches("http://");
    let mut wire = tokio::net::TcpStream::connect(address).await.expect("connected");
    let head = format!("PUT /files/{path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 100\r\n\r\nsku,");
    wire.write_all(head.as_bytes()).await.expect("sent");
    if hang_up {
        wire.shutdown().await.expect("half of the wire is closed");
    }
    let mut answer = String::new();
    let _ = wire.read_to_string(&mut answer).await;
    answer
}

#[tokio::test]
async fn a_link_that_breaks_is_no_fault_of_ours() {
    let world = World::of(Fixture::with(&[("UPLOAD_IDLE_SECONDS", "1")]).await).await;
    let server = Server::start(&world.fixture.app).await;
    let (_, url) = announce(&world, 100).await;
    let hung_up = broken_put(&server, &url, true).await;
    assert!(hung_up.starts_with("HTTP/1.1 400 ") || hung_up.is_empty(), "{hung_up}");
    assert!(hung_up.is_empty() || hung_up.contains("L'envoi s'est interrompu. Renvoyez le fichier."), "{hung_up}");
    let silent = broken_put(&server, &url, false).await;
    assert!(silent.starts_with("HTTP/1.1 408 ") && silent.contains("pendant 1 s. Renvoyez le fichier."), "{silent}");
    assert_eq!(server.put(&url, vec![b'a'; 100]).await.0, 204, "it may be repeated");
}

/// A PUT to a link, and the sentence of its refusal.
async fn refused_in(server: &Server, path: &str, language: Option<&str>) -> (u16, Value) {
    let mut put = server.client.put(format!("{}/files/{path}", server.origin)).body("four");
    if let Some(language) = language {
        put = put.header("accept-language", language);
    }
    let sent = put.send().await.expect("answered");
    (sent.status().as_u16(), sent.json::<Value>().await.expect("JSON")["error"].clone())
}

#[tokio::test]
async fn a_refused_transfer_is_told_in_the_senders_language_else_in_the_organisations() {
    let world = World::new().await;
    let server = Server::start(&world.fixture.app).await;
    for (language, message) in [
        (None, "Cet envoi n'existe pas."),
        (Some("en-GB,fr;q=0.5"), "This upload does not exist."),
        (Some("wo"), "Yónnee bii amul."),
        (Some("pt"), "Cet envoi n'existe pas."),
    ] {
        let told = refused_in(&server, "uploads/nothing", language).await;
        assert_eq!(told, (404, json!({"code": "NOT_FOUND", "message": message})));
    }
    const ENGLISH: &str = "mutation { organizationUpdate(input: {locale: \"en\"}) { userErrors { code } } }";
    let changed = world.send(Some(&world.owner), ENGLISH, json!({})).await;
    assert_eq!(changed["data"]["organizationUpdate"]["userErrors"], json!([]), "{changed}");
    let (_, url) = announce(&world, 2).await;
    let path = url.split_once("/files/").expect("a link of ours").1;
    for (language, words) in [(None, "too large"), (Some("fr"), "trop")] {
        let (status, error) = refused_in(&server, path, language).await;
        assert!(status == 413 && error["message"].as_str().is_some_and(|message| message.contains(words)), "{error}");
    }
}
