//! The README's five minutes, sent in their order and as they stand there, by GraphiQL alone and by a shell: no document of
//! the tour is written down here.

use crate::edge_ws::{Heard, Socket};
use crate::site::Site;
use async_graphql::parser::types::Selection;
use serde_json::{Value, json};
use services::App;
use services::scope::Clock;
use services::testing::{self, Place, START};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

const README: &str = include_str!("../../../README.md");
/// What GraphiQL has in its editor when it is opened for the first time.
const WELCOME: &str = include_str!("../../assets/graphiql/welcome.graphql");
/// GraphiQL's button that sends a file.
const BUTTON: &str = include_str!("../../assets/graphiql/upload.js");

/// What one block of the tour, or one `api` call in it, sends.
struct Call {
    document: String,
    /// JSON, with what the shell puts in still to be put in.
    variables: String,
    /// What GraphiQL's button sends before it.
    file: Option<&'static str>,
}

/// What a reader follows the tour with.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    GraphiQl,
    Shell,
}

/// The text of a numbered step.
fn step(number: usize) -> &'static str {
    let tour = README.split("\n## ").find(|section| section.starts_with("Five minutes")).expect("the tour");
    let begin = format!("{number}. ");
    tour.split("\n**").find_map(|step| step.strip_prefix(&begin)).unwrap_or_else(|| panic!("no step {number} in the tour"))
}

/// What a step has its reader send, in its order. What a shell has no words of its own for is pasted by everybody.
fn calls(number: usize, way: Way) -> Vec<Call> {
    let parts: Vec<&str> = step(number).split("```").collect();
    let has_shell = parts.iter().skip(1).step_by(2).any(|block| block.starts_with("sh\n"));
    let blocks = parts.chunks_exact(2).flat_map(|pair| match pair[1].split_once('\n').expect("a block names its language") {
        ("graphql", document) if way == Way::Shell && has_shell && document.starts_with("mutation") => vec![],
        ("graphql", document) => vec![Call { document: document.to_owned(), variables: "{}".into(), file: sent_before(pair[0], way) }],
        ("sh", script) if way == Way::Shell => script.split("api '").skip(1).map(call).collect(),
        ("sh", _) => vec![],
        (language, _) => panic!("step {number} speaks {language}"),
    });
    let calls: Vec<Call> = blocks.collect();
    assert!(!calls.is_empty(), "step {number} sends nothing");
    calls
}

/// The file that the words before a block have the reader send with the button.
fn sent_before(words: &'static str, way: Way) -> Option<&'static str> {
    let words = words.rsplit_once("In GraphiQL, ")?.1;
    (way == Way::GraphiQl).then(|| between(words, "`docs/", "`").expect("a file of docs"))
}

/// The documents of GraphiQL's button, by the field they ask for.
fn of_the_button(field: &str) -> String {
    let document = BUTTON.split('`').find(|text| text.starts_with("mutation") && text.contains(&format!("{field}(")));
    document.unwrap_or_else(|| panic!("the button never asks for {field}")).to_owned()
}

/// A call of the shell, from behind its first quotation mark on.
fn call(text: &str) -> Call {
    let (document, rest) = text.split_once('\'').expect("the document ends");
    let rest = rest.trim_start_matches([' ', '\n', '\\']);
    let variables = match rest.split_at_checked(1) {
        Some(("'", word)) => word.split('\'').next().expect("a word").to_owned(),
        Some(("\"", word)) => quoted(word),
        _ => "{}".to_owned(),
    };
    Call { document: document.to_owned(), variables, file: None }
}

/// A word in double quotes; what stands in `$(…)` may have its own.
fn quoted(text: &str) -> String {
    let (mut word, mut depth, mut signs) = (String::new(), 0, text.chars());
    while let Some(sign) = signs.next() {
        match sign {
            '\\' if depth == 0 => word.extend(signs.next()),
            '"' if depth == 0 => return word,
            _ => {
                depth += i32::from(sign == '(') - i32::from(sign == ')');
                word.push(sign);
            }
        }
    }
    panic!("a word without an end: {text}");
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

fn in_the_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Somebody who follows the README: a process with the worker inside it, and what the page or the shell remembers.
struct Reader {
    app: App,
    site: Site,
    way: Way,
    token: String,
    upload: Value,
    file_id: Value,
    _working: DropGuard,
    _place: Arc<Place>,
}

impl Reader {
    async fn new(way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public_url = format!("http://{}", listener.local_addr().unwrap());
        let (app, place) = testing::app_with(Clock::manual(START), &[("PUBLIC_URL", &public_url)]).await;
        let stop = CancellationToken::new();
        worker::start_embedded(app.clone(), worker::Pulse::default(), stop.clone());
        let site = Site::on(listener, &app);
        let (upload, file_id) = (Value::Null, Value::Null);
        Self { app, site, way, token: String::new(), upload, file_id, _working: stop.drop_guard(), _place: place }
    }

    /// What a call answers: its data, without an error and without a refusal.
    async fn send(&mut self, call: &Call) -> Value {
        if let Some(path) = call.file {
            self.send_by_the_button(path).await;
        }
        self.ask(&call.document, self.filled_in(call)).await
    }

    async fn ask(&mut self, document: &str, variables: Value) -> Value {
        // Things happen one after the other, and all of them before a schedule comes round.
        self.app.clock().advance(chrono::TimeDelta::seconds(1));
        let mut answer = self.site.ask(&self.token, document, None, variables).await;
        assert!(answer["errors"].is_null(), "{document}: {answer}");
        for (_, payload) in answer["data"].as_object().unwrap_or_else(|| panic!("{document}: {answer}")) {
            assert!(!payload.is_null() && payload.get("userErrors").is_none_or(|refusals| *refusals == json!([])), "{document}: {answer}");
        }
        let data = answer["data"].take();
        self.remember(&data).await;
        data
    }

    /// What the page does when its button is given a file.
    async fn send_by_the_button(&mut self, path: &str) {
        let bytes = std::fs::read(in_the_repository(&format!("docs/{path}"))).expect("the file is there");
        let name = path.rsplit('/').next().expect("a name");
        let input = json!({"filename": name, "contentType": "text/csv", "sizeBytes": bytes.len().to_string(), "purpose": "IMPORT"});
        self.ask(&of_the_button("fileUploadCreate"), json!({"input": input})).await;
        self.put(bytes).await;
        self.ask(&of_the_button("fileUploadComplete"), json!({"id": self.upload["id"]})).await;
    }

    async fn put(&self, bytes: Vec<u8>) {
        let url = self.upload["url"].as_str().expect("where to send it");
        let put = reqwest::Client::new().put(url).header("content-type", "text/csv").body(bytes);
        assert_eq!(put.send().await.unwrap().status().as_u16(), 204);
    }

    /// A call's variables: the page's have the file last sent, the shell's have its words in their places.
    fn filled_in(&self, call: &Call) -> Value {
        let mut variables = call.variables.clone();
        if let Some(path) = between(&variables, "$(jq -n --rawfile content ", " '{$content}')") {
            return json!({"content": std::fs::read_to_string(in_the_repository(path)).expect("the file is there")});
        }
        if self.way == Way::GraphiQl {
            return json!({"file": self.file_id});
        }
        let size = file().len().to_string();
        for (word, value) in [
            ("$(wc -c < $file | tr -d ' ')", &size),
            ("$(jq .id <<< \"$upload\")", &self.upload["id"].to_string()),
            ("$file_id", &self.file_id.to_string()),
        ] {
            variables = variables.replace(word, value);
        }
        serde_json::from_str(&variables).unwrap_or_else(|error| panic!("{error}: {variables}"))
    }

    /// What is kept of an answer: the token and the ids. The shell then sends the file where it was told to.
    async fn remember(&mut self, data: &Value) {
        if let Some(token) = data["signUp"]["session"]["accessToken"].as_str() {
            self.token = token.to_owned();
        }
        if let Some(key) = data["apiTokenCreate"]["secret"].as_str() {
            self.token = key.to_owned();
        }
        if data["fileUploadCreate"].is_object() {
            self.upload = data["fileUploadCreate"]["upload"].clone();
            if self.way == Way::Shell {
                self.put(file()).await;
            }
        }
        if data["fileUploadComplete"].is_object() {
            self.file_id = data["fileUploadComplete"]["file"]["id"].clone();
        }
    }

    /// Step 4, until both of its imports are over: what its query then shows.
    async fn imports(&mut self) -> Value {
        let mut look = None;
        for call in calls(4, self.way) {
            if call.document.contains("dataImports(") {
                self.completed(&call, 1).await;
                look = Some(call);
            } else {
                self.send(&call).await;
            }
        }
        self.completed(&look.expect("step 4 looks at what became of it"), 2).await
    }

    /// Looks until the newest imports are completed.
    async fn completed(&mut self, look: &Call, newest: usize) -> Value {
        let began = Instant::now();
        loop {
            let seen = self.site.ask(&self.token, &look.document, None, json!({})).await;
            assert!(seen["errors"].is_null(), "{}: {seen}", look.document);
            let imports = seen["data"]["dataImports"]["nodes"].as_array().unwrap_or_else(|| panic!("{}: {seen}", look.document));
            if imports.len() >= newest && imports[..newest].iter().all(|import| import["state"] == "COMPLETED") {
                return seen["data"].clone();
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{seen}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The files of a pattern that step 6 has its reader look at, as soon as there are any.
    async fn outbox(&self, pattern: &str) -> Vec<String> {
        assert!(step(6).contains(&format!("data/{pattern}")), "step 6 shows data/{pattern}");
        let (folder, extension) = pattern.rsplit_once("/*.").expect("a pattern");
        let folder = self.app.settings().data_dir.join(folder);
        let began = Instant::now();
        loop {
            let paths = std::fs::read_dir(&folder).into_iter().flatten().map(|file| file.unwrap().path());
            let paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
            if !paths.is_empty() {
                return paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
            }
            assert!(began.elapsed() < Duration::from_secs(20), "nothing comes to {}", folder.display());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The file that step 4 names for the shell.
fn file() -> Vec<u8> {
    let path = between(step(4), "\nfile=", "\n").expect("step 4 names a file");
    std::fs::read(in_the_repository(path)).expect("the file is there")
}

fn list(of: &Value) -> &[Value] {
    of["nodes"].as_array().unwrap_or_else(|| panic!("a list: {of}"))
}

fn words<'a>(of: &'a Value, pointer: &str) -> &'a str {
    of.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {of}"))
}

/// How many rows an import had, applied, passed over and could not apply.
fn rows(import: &Value) -> [u64; 4] {
    let rows = ["rowsTotal", "rowsApplied", "rowsSkipped", "rowsFailed"];
    rows.map(|count| import[count].as_u64().unwrap_or_else(|| panic!("{count} in {import}")))
}

/// How many products step 5 speaks of, and how many of them have run out.
fn figures() -> (usize, usize) {
    let figure = |before, after| between(step(5), before, after).and_then(|figure| figure.parse().ok()).expect("step 5 says how many");
    let (products, out) = (figure("Of ", " products "), figure(" products ", " are sold to the last piece"));
    assert!(step(5).contains(&format!("\n{out} alerts appear in the tab of step 3")), "{}", step(5));
    (products, out)
}

/// Every row is accounted for, and what is no article is passed over; again, the same rows change nothing.
fn are_imported(shop: &Value, again: &Value) {
    let ([opening, till], [opening_again, till_again]) = (list(&shop["dataImports"]), list(&again["dataImports"])) else {
        panic!("step 4 looks at two imports: {shop}")
    };
    let (of_the_file, opened) = (String::from_utf8(file()).unwrap().lines().count() as u64 - 1, rows(opening)[0]);
    assert_eq!((rows(opening), opened), ([opened, opened, 0, 0], figures().0 as u64), "the opening stock of every product");
    let [_, applied, skipped, _] = rows(till);
    assert_eq!((rows(till), applied + skipped), ([of_the_file, applied, skipped, 0], of_the_file));
    assert_eq!(till["skips"], json!([{"cause": "RULE", "reason": "pas un article", "rows": skipped}]));
    assert!(applied > skipped && skipped > 0, "{till}");
    assert_eq!(rows(opening_again), [opened, 0, opened, 0], "{opening_again}");
    assert_eq!(rows(till_again), [of_the_file, 0, of_the_file, 0], "{till_again}");
    assert_eq!(shop["products"], again["products"]);
}

/// The articles that have run out: their names by their numbers.
fn sold_out(shop: &Value) -> BTreeMap<&str, &str> {
    let (products, out) = figures();
    assert_eq!(list(&shop["products"]).len(), products);
    let gone = list(&shop["products"]).iter().filter(|product| product["stockStatus"] == "STOCK_OUT");
    let gone: BTreeMap<&str, &str> = gone.map(|product| (words(product, "/sku"), words(product, "/name"))).collect();
    assert_eq!(gone.len(), out, "{}", shop["products"]);
    gone
}

/// One alert for each article that has run out, saying why, and nothing else.
async fn all_appear(tab: &mut Socket, gone: &BTreeMap<&str, &str>) {
    let (mut awaited, began) = (gone.clone(), Instant::now());
    while !awaited.is_empty() {
        let message = match tab.hear().await {
            Heard::Message(message) => message,
            Heard::Nothing if began.elapsed() < Duration::from_secs(30) => continue,
            other => panic!("still to come: {awaited:?}, and not {other:?}"),
        };
        let event = message.pointer("/payload/data/stockAlertChanged").unwrap_or_else(|| panic!("{message}"));
        let Some(name) = awaited.remove(words(event, "/alert/product/sku")) else { panic!("one that nobody waits for: {event}") };
        assert_eq!((words(event, "/transition/state"), words(event, "/alert/kind")), ("FIRING", "STOCK_OUT"), "{event}");
        assert!(words(event, "/alert/explanation").contains(name), "{event}");
    }
}

#[test]
fn the_page_opens_the_shop_that_the_readme_opens() {
    let [paste] = &calls(1, Way::GraphiQl)[..] else { panic!("step 1 pastes one document") };
    let [said] = &calls(1, Way::Shell)[..] else { panic!("step 1 makes one call") };
    let (read, welcome) = (input_of(&paste.document), input_of(WELCOME));
    assert_eq!(read, welcome, "the page's welcome");
    let said: Value = serde_json::from_str(&said.variables).expect("JSON");
    assert_eq!(read, said["input"], "the shell's");
}

/// What a document gives its one field.
fn input_of(document: &str) -> Value {
    let document = async_graphql::parser::parse_query(document).expect("a document");
    let operation = document.operations.iter().next().expect("one operation").1;
    let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else { panic!("a field") };
    field.node.get_argument("input").expect("an input").node.clone().into_const().expect("no variable").into_json().expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_five_minutes_of_the_readme_end_as_it_says_by_graphiql_alone() {
    the_five_minutes(Way::GraphiQl).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_five_minutes_of_the_readme_end_as_it_says_by_a_shell() {
    the_five_minutes(Way::Shell).await;
}

async fn the_five_minutes(way: Way) {
    let mut reader = Reader::new(way).await;
    for call in calls(1, way).iter().chain(&calls(2, way)) {
        reader.send(call).await;
    }
    let [watch] = &calls(3, way)[..] else { panic!("step 3 opens one subscription") };
    let mut tab = reader.site.socket(&reader.token).await;
    tab.subscribe("tab", &watch.document).await;

    let (shop, again) = (reader.imports().await, reader.imports().await);
    are_imported(&shop, &again);
    let gone = sold_out(&shop);

    let mut open = Value::Null;
    for (at, call) in calls(5, way).iter().enumerate() {
        open = reader.send(call).await;
        if at == 0 {
            all_appear(&mut tab, &gone).await;
        }
    }
    let shown: Vec<&str> = list(&open["stockAlerts"]).iter().map(|alert| words(alert, "/product/name")).collect();
    assert!(!shown.is_empty() && shown.iter().all(|name| gone.values().any(|out| out == name)), "{open}");

    let more = tokio::time::timeout(Duration::from_millis(500), tab.hear()).await;
    assert!(more.is_err(), "asked again, nothing is new: {more:?}");
    let (messages, mails) = (reader.outbox("outbox/whatsapp/*.json").await, reader.outbox("outbox/mail/*.eml").await);
    let (letters, mails): (Vec<_>, Vec<_>) = mails.iter().partition(|mail| mail.contains("/account/verify?token="));
    assert_eq!(letters.len(), 1, "one asks to confirm the address");
    let ([message], [mail]) = (&messages[..], &mails[..]) else { panic!("one message and one mail: {messages:?} {mails:?}") };
    let message: Value = serde_json::from_str(message).unwrap();
    let text = words(&message, "/text");
    let named = gone.values().filter(|name| text.contains(**name)).count();
    assert!(named > 0 && text.contains(&format!("*{} ruptures de stock*", gone.len())), "{text}");
    assert!(text.ends_with(&format!("Et {} autres produits.", gone.len() - named)), "{text}");
    assert!(mail.contains(&format!("Subject: {} ruptures de stock\r\n", gone.len())), "{mail}");
    a_program_comes_in(&mut reader).await;
}

/// By a key that reads products and nothing else.
async fn a_program_comes_in(reader: &mut Reader) {
    let [make, read, ..] = &calls(7, reader.way)[..] else { panic!("step 7 makes a key and uses it") };
    reader.app.clock().advance(chrono::TimeDelta::minutes(6));
    reader.send(make).await;
    assert!(reader.token.starts_with("trg_live_"), "the key takes the token's place");
    assert_eq!(list(&reader.send(read).await["products"]).len(), 2);
    let more = reader.site.ask(&reader.token, "{ stockAlerts(first: 1) { nodes { id } } }", None, json!({})).await;
    assert_eq!(more["errors"][0]["extensions"]["code"], "FORBIDDEN", "{more}");
}
