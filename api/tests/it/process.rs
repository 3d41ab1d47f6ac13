//! A whole process as its operators meet it: persisted documents, and the health of the worker inside it.

use api::server::{self, Beside};
use serde_json::{Value, json};
use services::App;
use services::scope::Clock;
use services::testing::{self, START};
use services::work::schedules::{CatchUp, Schedule};
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Starts serving; until the guard is dropped.
async fn serve(app: &App, beside: Beside) -> (String, DropGuard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    tokio::spawn(server::serve(app.clone(), listener, beside, stop.clone()));
    (origin, stop.drop_guard())
}

async fn send(origin: &str, body: Value) -> (u16, Value) {
    let sent = reqwest::Client::new().post(format!("{origin}/graphql")).header("accept", "application/graphql-response+json");
    let answer = sent.json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn id(text: &str) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(text)))
}

/// A manifest of one document; gone when dropped.
fn manifest_of(document: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), json!({ id(document): document }).to_string()).unwrap();
    file
}

#[tokio::test]
async fn a_document_is_named_by_its_hash() {
    let own = "query Mine { __typename }";
    let manifest = manifest_of(own);
    let (app, _place) = testing::app_with(Clock::manual(START), &[("PERSISTED_DOCUMENTS", manifest.path().to_str().unwrap())]).await;
    let (origin, _guard) = serve(&app, Beside::default()).await;
    assert_eq!(send(&origin, json!({"documentId": id(own)})).await, (200, send(&origin, json!({"query": own})).await.1));

    let screen = include_str!("../../../docs/screens/sign-in.graphql");
    let variables = json!({"input": {
        "email": "awa@example.sn", "password": "un baobab au bord du fleuve", "displayName": "Awa Diop", "organizationName": "Boutique Awa",
    }});
    let (status, answer) = send(&origin, json!({"documentId": id(screen), "operationName": "SignUp", "variables": variables})).await;
    assert_eq!((status, answer["data"]["signUp"]["userErrors"].clone()), (200, json!([])), "{answer}");

    for (unknown, code) in [(id("query Nobody { a }"), "PERSISTED_QUERY_NOT_FOUND"), ("md5:12".to_owned(), "BAD_USER_INPUT")] {
        let (status, answer) = send(&origin, json!({"documentId": unknown})).await;
        assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (400, &json!(code)), "{answer}");
    }
}

#[tokio::test]
async fn the_figures_name_known_operations_and_clients_and_no_others() {
    let own = "query CashDesk { __typename }";
    let manifest = manifest_of(own);
    let vars = [("PERSISTED_DOCUMENTS", manifest.path().to_str().unwrap()), ("CLIENT_NAMES", "caisse, entrepot")];
    let (app, _place) = testing::app_with(Clock::manual(START), &vars).await;
    let (origin, _guard) = serve(&app, Beside { metrics: Some(crate::edge_kit::metrics()), ..Beside::default() }).await;
    let ask = async |client: &str, body: Value| {
        let sent = reqwest::Client::new().post(format!("{origin}/graphql")).header("x-client-name", client);
        assert_eq!(sent.json(&body).send().await.unwrap().status().as_u16(), 200);
    };
    ask("caisse", json!({"documentId": id(own)})).await;
    ask("entrepot", json!({"query": own})).await;
    // The name alone makes no operation known.
    ask("made-up-client", json!({"query": "query CashDesk { a: __typename }"})).await;
    ask("caisse", json!({"query": "query MadeUpOperation { __typename }"})).await;
    let page = reqwest::get(format!("{origin}/metrics")).await.unwrap().text().await.unwrap();
    let count = |operation: &str| {
        let line = format!("graphql_operation_duration_seconds_count{{operation=\"{operation}\",type=\"query\"}} ");
        page.lines().find_map(|text| text.strip_prefix(&line)).map(|count| count.parse::<u32>().unwrap())
    };
    assert_eq!(count("CashDesk"), Some(2), "by its id or its text:\n{page}");
    assert!(count("other").is_some_and(|others| others >= 2));
    for client in ["caisse", "entrepot", "other"] {
        assert!(page.contains(&format!("graphql_clients_total{{client=\"{client}\"}}")), "{client}:\n{page}");
    }
    assert!(!page.contains("MadeUp") && !page.contains("made-up"), "{page}");
}

#[tokio::test]
async fn a_faulty_manifest_keeps_the_process_from_starting() {
    let (app, _place) = testing::app_with(Clock::manual(START), &[("PERSISTED_DOCUMENTS", "/nowhere/manifest.json")]).await;
    let fault = server::routes(&app, Beside::default()).err().expect("it is not there");
    assert!(fault.to_string().contains("PERSISTED_DOCUMENTS: /nowhere/manifest.json"), "{fault}");
}

async fn ready(origin: &str) -> (u16, Value) {
    let answer = reqwest::get(format!("{origin}/health/ready")).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_loop_of_the_worker_inside_makes_the_process_unready() {
    let (app, _place) = testing::app_with(Clock::manual(START), &[]).await;
    let broken = Schedule {
        name: "broken",
        cron: "* * * * *",
        time_zone: chrono_tz::UTC,
        catch_up: CatchUp::Latest,
        job: |_, _| panic!("a schedule that cannot make its job"),
    };
    let options = worker::Options { schedules: vec![broken], grace: Duration::from_millis(100), ..Default::default() };
    let pulse = options.pulse.clone();
    let (origin, _guard) = serve(&app, Beside { worker: Some(pulse), ..Beside::default() }).await;
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker::run(app.clone(), options, stop.clone()));
    let began = Instant::now();
    let up = loop {
        let (status, page) = ready(&origin).await;
        if page["checks"]["worker.schedules"] == "up" {
            break (status, page);
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{page}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!((up.0, &up.1["checks"]["worker.claims"]), (200, &json!("up")));
    // Its first round has seen the schedule, so that the next minute is due.
    tokio::time::sleep(Duration::from_millis(300)).await;
    app.clock().advance(chrono::TimeDelta::minutes(2));
    let began = Instant::now();
    loop {
        let (status, page) = ready(&origin).await;
        if page["checks"]["worker.schedules"] == "down" {
            assert_eq!((status, &page["status"], &page["checks"]["worker.claims"]), (503, &json!("down"), &json!("up")));
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{page}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    working.await.unwrap().unwrap();
}

/// The program itself, on an installation of the test's.
struct Process(Child);

impl Process {
    fn start(app: &App, vars: &[(&str, &str)]) -> Self {
        let settings = app.settings();
        let mut command = Command::new(env!("CARGO_BIN_EXE_api"));
        command.env_remove("DATABASE_URL").env_remove("REDIS_URL").env("BIND", "127.0.0.1:0");
        command.env("DATABASE_URL", &settings.database.url).env("DATA_DIR", &settings.data_dir).envs(vars.iter().copied());
        Self(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// What it says up to a line with these words.
    fn says(&mut self, words: &str) -> String {
        let mut said = String::new();
        for line in BufReader::new(self.0.stderr.take().unwrap()).lines() {
            said += &(line.unwrap() + "\n");
            if said.contains(words) {
                return said;
            }
        }
        panic!("it ended without saying `{words}`:\n{said}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where nobody listens.
fn nowhere() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test]
async fn says_at_start_that_redis_is_away_and_serves() {
    let (app, _place) = testing::app_with(Clock::System, &[]).await;
    let address = nowhere();
    let mut process = Process::start(&app, &[("REDIS_URL", &format!("redis://:geheim@{address}"))]);
    let said = process.says("GraphiQL");
    for part in [&*format!("Redis at redis://{address} does not answer"), "Check REDIS_URL", "jobs are found by asking the database"] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
    assert!(!said.contains("geheim"), "{said}");
}

#[tokio::test]
async fn an_empty_level_is_the_default_and_silences_nothing() {
    let (app, _place) = testing::app_with(Clock::System, &[]).await;
    Process::start(&app, &[("RUST_LOG", "")]).says("GraphiQL");
}

#[test]
fn every_fault_is_told_at_once_and_before_anything_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("manifest.json");
    std::fs::write(&manifest, r#"{"abc": "{ a }"}"#).unwrap();
    let vars = [
        ("PERSISTED_DOCUMENTS", manifest.display().to_string()),
        ("RUST_LOG", "info,sqlx=loud".into()),
        ("IMPORT_MAX_BYTES", "0".into()),
        ("WORKER", "perhaps".into()),
    ];
    let data = folder.path().join("data");
    for arguments in [&["serve"][..], &["config", "check"], &["migrate"]] {
        for vars in [&vars[..], &vars[..1]] {
            let (well, said) = run_to_the_end(arguments, &data, vars);
            assert!(!well && vars.iter().all(|(name, _)| said.contains(name)), "{arguments:?}: {said}");
            assert!(!data.exists(), "{arguments:?} began");
        }
    }
}

#[tokio::test]
async fn without_its_database_says_which_and_what_to_do_and_ends() {
    let (app, _place) = testing::app_with(Clock::System, &[]).await;
    let address = nowhere();
    let mut process = Process::start(&app, &[("DATABASE_URL", &format!("postgres://awa:geheim@{address}/shop"))]);
    let said = process.says("cannot be opened");
    assert!(said.contains(&format!("the database postgres://awa@{address}/shop cannot be opened")), "{said}");
    assert!(said.contains("Check DATABASE_URL") && !said.contains("geheim"), "{said}");
    assert!(!process.0.wait().unwrap().success());
}

/// Every secret setting, each with a word that must not be seen, and where nobody listens.
fn planted(address: &str) -> Vec<(&'static str, String)> {
    vec![
        ("SECRET_KEY", "geheim-key-0123456789-0123456789-0123456789".into()),
        ("METRICS_TOKEN", "geheim-metrics-0123456789".into()),
        ("SENTRY_DSN", format!("http://geheimsentry@{address}/1")),
        ("REDIS_URL", format!("redis://awa:geheim-redis@{address}/?word=geheim-redis-query")),
        ("SMTP_URL", format!("smtp://awa:geheim-smtp@{address}")),
        ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000".into()),
        ("TWILIO_AUTH_TOKEN", "geheim-twilio".into()),
        ("TWILIO_WHATSAPP_FROM", "+14155238886".into()),
        ("TWILIO_BASE_URL", format!("http://{address}")),
        ("OPERATOR_PASSWORD", "geheim-operateur-du-fleuve".into()),
    ]
}

/// The program with these arguments and settings, to its end: how it went, and all that it said.
fn run_to_the_end(arguments: &[&str], folder: &std::path::Path, vars: &[(&str, String)]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_api"));
    command.args(arguments).env_remove("DATABASE_URL").env_remove("REDIS_URL").env("BIND", "127.0.0.1:0").env("DATA_DIR", folder);
    let ended = command.envs(vars.iter().map(|(name, value)| (name, value))).output().unwrap();
    (ended.status.success(), String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned())
}

#[tokio::test]
async fn planted_secrets_are_in_no_output_of_a_process_that_cannot_start() {
    let (folder, address) = (tempfile::tempdir().unwrap(), nowhere());
    let faulty: [&[(&str, &str)]; 6] = [
        &[("DATABASE_URL", "postgres://awa:geheim-db@HERE/shop?password=geheim-query&pasword=geheim-misspelt")],
        &[("DATABASE_URL", "postgres://awa@HERE/shop?options=geheim-query&sslmode=geheim-mode")],
        &[("DATABASE_URL", "postgres://awa:geheim db?geheim@HERE/shop")],
        &[("DATABASE_URL", "mysql://awa:geheim-db@HERE/shop"), ("REDIS_URL", "geheim-redis"), ("SMTP_URL", "geheim-smtp")],
        &[("SENTRY_DSN", "geheim-sentry"), ("SMTP_URL", "smtp:geheim"), ("SECRET_KEY", "geheim"), ("METRICS_TOKEN", "geheim")],
        &[("REDIS_URL", "redis://awa:geheim@[/?word=geheim")],
    ];
    for faults in faulty {
        let mut vars = planted(&address);
        vars.extend([("ENVIRONMENT", "production".to_owned()), ("LOG_FORMAT", "json".into())]);
        vars.extend(faults.iter().map(|(name, value)| (*name, value.replace("HERE", &address))));
        for arguments in [&["serve"][..], &["create", "operator", "op@example.sn"]] {
            let (well, said) = run_to_the_end(arguments, folder.path(), &vars);
            assert!(!well && !said.is_empty(), "{arguments:?} {faults:?}: {said}");
            assert!(!said.contains("geheim"), "{arguments:?} {faults:?}:\n{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_secrets_are_in_no_output_of_a_process_that_serves_badly() {
    let (app, place) = testing::app_with(Clock::System, &[]).await;
    let (scope, caller) = testing::organization(&app, "Boutique Awa").await;
    let (bind, log) = (nowhere(), place.folder().join("output"));
    let mut vars = planted(&nowhere());
    vars.extend([("ENVIRONMENT", "production".to_owned()), ("BIND", bind.clone()), ("WORKER", "embedded".into())]);
    let output = std::fs::File::create(&log).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_api"));
    command.env("DATABASE_URL", &app.settings().database.url).env("DATA_DIR", &app.settings().data_dir).envs(vars);
    command.stdout(output.try_clone().unwrap()).stderr(output);
    let process = Process(command.spawn().unwrap());
    let origin = format!("http://{bind}");
    let began = Instant::now();
    while reqwest::get(format!("{origin}/health/live")).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "it serves: {}", std::fs::read_to_string(&log).unwrap());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // A password, bearers and a link that are wrong; a mail that cannot leave.
    let sign_in = "mutation { signIn(input: {email: \"geheim@example.sn\", password: \"geheim-password\"}) { userErrors { code } } }";
    send(&origin, json!({"query": sign_in})).await;
    for path in ["graphql", "metrics", "files/uploads/geheim-link", "graphql?query=%7Bgeheim%7D"] {
        let _ = reqwest::Client::new().get(format!("{origin}/{path}")).bearer_auth("geheim-bearer").send().await.unwrap();
    }
    services::notifications::test_send(&scope, services::notifications::Channel::Email).await.unwrap();
    let tried = async || {
        let scope = caller.scope(&app, Default::default()).unwrap();
        let rows = services::Reads::select::<entities::notifications::delivery::Entity>(&scope).all().await.unwrap();
        rows.iter().any(|row| row.error.is_some())
    };
    while !tried().await {
        assert!(began.elapsed() < Duration::from_secs(30), "the mail is tried: {}", std::fs::read_to_string(&log).unwrap());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(process);
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(said.contains("Check REDIS_URL"), "{said}");
    assert!(!said.contains("geheim"), "{said}");
    assert!(!said.contains("GraphiQL"), "production has none:\n{said}");
}

#[tokio::test]
async fn the_command_makes_an_operator() {
    let (app, _place) = testing::app_with(Clock::System, &[("WORKER", "off")]).await;
    testing::organization(&app, "Boutique Awa").await;
    let (password, folder) = ("un baobab au bord du fleuve", app.settings().data_dir.clone());
    let vars = [("DATABASE_URL", app.settings().database.url.clone()), ("OPERATOR_PASSWORD", password.to_owned())];
    let (well, said) = run_to_the_end(&["create", "operator", "op@example.sn"], &folder, &vars);
    assert!(well && said.contains("op@example.sn is an operator.") && !said.contains("left as it was"), "{said}");
    assert!(!said.contains(password), "{said}");
    let doorway = services::Doorway::new(&app, Default::default());
    let sign_in = async || {
        services::identity::sessions::sign_in(&doorway, "op@example.sn", password.into(), None, None).await.unwrap().session().unwrap()
    };
    let caller = services::identity::authenticate(&app, &sign_in().await.access_token).await.unwrap().unwrap();
    assert!(caller.operator);

    // Whoever is known keeps the password, and is told so; the command's first name does the same.
    let others = [("DATABASE_URL", vars[0].1.clone()), ("OPERATOR_PASSWORD", "un tout autre mot de passe".to_owned())];
    for words in [["create", "operator"], ["operator", "create"]] {
        let (well, said) = run_to_the_end(&[words[0], words[1], "op@example.sn"], &folder, &others);
        assert!(well && said.contains("its password is left as it was"), "{said}");
    }
    sign_in().await;
    let (well, said) = run_to_the_end(&["create", "operator", "op@example.sn"], &folder, &vars[..1]);
    assert!(well && !said.contains("password"), "{said}");

    let (well, said) = run_to_the_end(&["create", "operator", "nobody"], &folder, &vars);
    assert!(!well && !said.contains(password), "{said}");
    let (well, said) = run_to_the_end(&["create", "operator", "new@example.sn"], &folder, &vars[..1]);
    assert!(!well && said.contains("OPERATOR_PASSWORD"), "{said}");
    let (well, help) = run_to_the_end(&["--help"], &folder, &vars);
    assert!(well && help.contains("\n  create ") && !help.contains("\n  operator "), "{help}");
}

/// A Redis of the test's own; none where there is none to start.
fn start_redis(port: u16) -> Option<Process> {
    let mut redis = Command::new("redis-server");
    redis.args(["--port", &port.to_string(), "--save", ""]).stdout(Stdio::null()).stderr(Stdio::null());
    redis.spawn().ok().map(Process)
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_and_takes_orders_while_redis_is_away() {
    let address = nowhere();
    let port = address.rsplit_once(':').unwrap().1.parse().unwrap();
    let url = format!("redis://{address}");
    let Some(redis) = start_redis(port) else {
        println!("skipped: there is no redis-server on this machine");
        return;
    };
    while !services::work::redis_answers(&url).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (app, _place) = testing::app_with(Clock::System, &[("REDIS_URL", &url)]).await;
    let (origin, _guard) = serve(&app, Beside::default()).await;
    assert_eq!(ready(&origin).await.1["checks"]["redis"], "up");
    drop(redis);
    let until = Instant::now() + Duration::from_secs(if testing::long_tests("20 s without Redis in place of 2") { 20 } else { 2 });
    for number in 0.. {
        let sign_up = json!({"query": format!(
            "mutation {{ signUp(input: {{email: \"a{number}@example.sn\", password: \"un baobab au fleuve\", displayName: \"Awa\",
             organizationName: \"Boutique\"}}) {{ session {{ accessToken }} userErrors {{ code }} }} }}"
        )});
        let (status, answer) = send(&origin, sign_up).await;
        assert_eq!((status, &answer["data"]["signUp"]["userErrors"]), (200, &json!([])), "{answer}");
        let (status, page) = ready(&origin).await;
        assert_eq!((status, &page["status"], &page["checks"]["redis"]), (200, &json!("degraded"), &json!("degraded")), "{page}");
        if Instant::now() >= until {
            break;
        }
    }
    let _redis = start_redis(port).unwrap();
    let began = Instant::now();
    while ready(&origin).await.1["checks"]["redis"] != "up" {
        assert!(began.elapsed() < Duration::from_secs(10), "it finds Redis again");
    }
}
