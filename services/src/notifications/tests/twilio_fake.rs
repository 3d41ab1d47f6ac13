//! Twilio's Messages resource over real HTTP: authentication, fields, documented errors, a list, signed callbacks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use poem::http::StatusCode;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::{Data, Form, Path, Query};
use poem::{EndpointExt, IntoResponse, Response, Route, Server, handler, post};
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "a-token-of-32-characters-for-tests";
pub const TEMPLATE: &str = "HX00000000000000000000000000000042";
pub const PUBLIC_URL: &str = "https://api.teranga.example";

/// What the fake does with the next message.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    Take,
    /// HTTP status and Twilio's code.
    Refuse(u16, i32),
    /// Takes the message and says nothing.
    TakeAndHang,
    /// Takes the message and answers 500.
    TakeAndFail,
    /// A page that is none of Twilio's; nothing is taken.
    Portal,
}

pub type Fields = BTreeMap<String, String>;

#[derive(Default)]
pub struct Book {
    /// Taken, in order, with their ids.
    pub taken: Vec<(String, Fields)>,
    pub requests: usize,
    answers: VecDeque<Answer>,
    /// Where no other answer is set.
    otherwise: Option<Answer>,
}

#[derive(Clone)]
pub struct TwilioFake {
    pub book: Arc<Mutex<Book>>,
    pub url: String,
}

impl TwilioFake {
    pub async fn start() -> Self {
        Self::start_at(0).await
    }

    pub async fn start_at(port: u16) -> Self {
        let book: Arc<Mutex<Book>> = Arc::default();
        let acceptor = TcpListener::bind(format!("127.0.0.1:{port}")).into_acceptor().await.unwrap();
        let url = format!("http://{}", acceptor.local_addr()[0].as_socket_addr().unwrap());
        let route = Route::new().at("/2010-04-01/Accounts/:account/Messages.json", post(create).get(list)).data(book.clone());
        tokio::spawn(Server::new_with_acceptor(acceptor).run(route));
        Self { book, url }
    }

    pub fn settings(&self) -> Vec<(&'static str, String)> {
        Self::settings_of(&self.url)
    }

    pub fn settings_of(url: &str) -> Vec<(&'static str, String)> {
        vec![
            ("TWILIO_BASE_URL", url.to_owned()),
            ("TWILIO_ACCOUNT_SID", ACCOUNT.into()),
            ("TWILIO_AUTH_TOKEN", TOKEN.into()),
            ("TWILIO_WHATSAPP_FROM", "+221338000000".into()),
            ("TWILIO_ALERT_CONTENT_SID", TEMPLATE.into()),
            ("PUBLIC_URL", PUBLIC_URL.into()),
        ]
    }

    pub fn will(&self, answers: impl IntoIterator<Item = Answer>) {
        self.book.lock().unwrap().answers.extend(answers);
    }

    /// From now on, until told otherwise.
    pub fn will_always(&self, answer: Option<Answer>) {
        self.book.lock().unwrap().otherwise = answer;
    }

    pub fn taken(&self) -> Vec<(String, Fields)> {
        self.book.lock().unwrap().taken.clone()
    }

    pub fn requests(&self) -> usize {
        self.book.lock().unwrap().requests
    }
}

/// The id of the n-th message taken.
pub fn sid(n: usize) -> String {
    format!("SM{n:032x}")
}

/// The signature Twilio puts on a callback.
pub fn sign(url: &str, params: &[(String, String)]) -> String {
    let mut sorted = params.to_vec();
    sorted.sort();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(format!("{name}{value}").as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

fn problem(status: u16, code: i32) -> Response {
    let body = json!({
        "code": code, "message": format!("The request failed with {code}"), "status": status,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}")
    });
    Response::builder().status(StatusCode::from_u16(status).unwrap()).content_type("application/json").body(body.to_string())
}

fn knows(account: &str, request: &poem::Request) -> bool {
    let expected = format!("Basic {}", STANDARD.encode(format!("{ACCOUNT}:{TOKEN}")));
    account == ACCOUNT && request.header("authorization") == Some(&expected)
}

/// What is wrong with the fields, as Twilio would say it.
fn fault(fields: &Fields) -> Option<i32> {
    let has = |name: &str| fields.contains_key(name);
    if !fields.get("To").is_some_and(|to| to.starts_with("whatsapp:+")) {
        return Some(21211);
    }
    if has("From") == has("MessagingServiceSid") {
        return Some(21603);
    }
    if has("Body") == has("ContentSid") {
        return Some(21619);
    }
    let variables = fields.get("ContentVariables");
    if variables.is_some_and(|text| serde_json::from_str::<BTreeMap<String, String>>(text).is_err() || text.contains("\\n")) {
        return Some(21656);
    }
    None
}

#[handler]
async fn create(
    Path(account): Path<String>,
    book: Data<&Arc<Mutex<Book>>>,
    request: &poem::Request,
    Form(fields): Form<Fields>,
) -> Response {
    if !knows(&account, request) {
        return problem(401, 20003);
    }
    if let Some(code) = fault(&fields) {
        return problem(400, code);
    }
    let (id, answer) = {
        let mut book = book.lock().unwrap();
        book.requests += 1;
        let answer = book.answers.pop_front().or(book.otherwise).unwrap_or(Answer::Take);
        let id = sid(book.taken.len() + 1);
        if !matches!(answer, Answer::Refuse(..) | Answer::Portal) {
            book.taken.push((id.clone(), fields.clone()));
        }
        (id, answer)
    };
    match answer {
        Answer::Refuse(status, code) => problem(status, code),
        Answer::TakeAndFail => problem(500, 20500),
        Answer::Portal => poem::web::Html("<h1>Bienvenue au cybercafé</h1>").into_response(),
        Answer::TakeAndHang => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            problem(500, 20500)
        }
        Answer::Take => poem::web::Json(message(&id, &fields)).with_status(StatusCode::CREATED).into_response(),
    }
}

fn message(sid: &str, fields: &Fields) -> serde_json::Value {
    // A template's text is made by Twilio of its variables.
    let variables = fields.get("ContentVariables").map(|text| serde_json::from_str::<Fields>(text).unwrap());
    let body = variables.map_or_else(|| fields["Body"].clone(), |all| format!("Teranga : {}. {} Répondez STOP.", all["1"], all["2"]));
    json!({ "sid": sid, "status": "queued", "error_code": null, "to": fields["To"], "body": body, "account_sid": ACCOUNT })
}

#[handler]
fn list(Path(account): Path<String>, book: Data<&Arc<Mutex<Book>>>, request: &poem::Request, Query(query): Query<Fields>) -> Response {
    if !knows(&account, request) {
        return problem(401, 20003);
    }
    assert!(query.contains_key("To") && query.contains_key("DateSent>"), "{query:?}");
    let book = book.lock().unwrap();
    let to = book.taken.iter().filter(|(_, fields)| fields["To"] == query["To"]);
    let messages: Vec<serde_json::Value> = to.map(|(sid, fields)| message(sid, fields)).collect();
    poem::web::Json(json!({ "messages": messages, "page": 0 })).into_response()
}
