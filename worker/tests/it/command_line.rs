use crate::world::World;
use entities::alerts::{AlertState, alert};
use entities::inventory::stock_movement::StockMovementKind;
use entities::inventory::warehouse;
use services::inventory::movements;
use services::inventory::products::{self, NewProduct};
use services::{App, Reads, Scope, testing};
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

fn worker(world: &World, arguments: &[&str], vars: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
    command.args(arguments).envs(world.vars()).envs(vars.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn lists_schedules_and_queues() {
    let world = World::new().await;
    let output = worker(&world, &["list"], &[]);
    let text = text(&output.stdout);
    assert!(output.status.success(), "{text}");
    for word in ["SCHEDULE", "cleanup", "0 3 * * *", "latest", "never", "03:00 UTC", "QUEUE", "default"] {
        assert!(text.contains(word), "{word} is not in:\n{text}");
    }
}

#[tokio::test]
async fn runs_a_schedule_once_and_names_those_there_are() {
    let world = World::new().await;
    assert!(worker(&world, &["run", "cleanup"], &[]).status.success());
    let unknown = worker(&world, &["run", "clean-up"], &[]);
    assert!(!unknown.status.success() && text(&unknown.stderr).contains("there are: "), "{}", text(&unknown.stderr));
}

/// Makes a product and sells all of it.
async fn sell_out(scope: &Scope) {
    let new = NewProduct { sku: "RIZ-25".into(), name: "Riz brisé 25 kg".into(), ..NewProduct::default() };
    let product = products::create(scope, new).await.unwrap();
    let warehouse = scope.select::<warehouse::Entity>().one().await.unwrap().unwrap();
    for kind in [StockMovementKind::Receipt, StockMovementKind::Sale] {
        movements::record(scope, testing::movement(&product, &warehouse, kind, 2)).await.unwrap();
    }
}

/// Two days of what was sold whose sum exceeds 64 bits, as no call can write.
async fn spoil(app: &App) {
    let columns = "tenant_id, product_id, day, lines, short_lines, ordered, delivered";
    for back in [1, 2] {
        let copy = format!("SELECT tenant_id, product_id, day - {back}, 1, 1, {}, 0 FROM service_days s", i64::MAX - 1);
        testing::change_database(app, &format!("INSERT INTO service_days ({columns}) {copy} WHERE s.delivered > 0")).await;
    }
}

#[tokio::test]
async fn a_pass_over_the_alerts_that_leaves_one_organisation_out_fails_and_says_so() {
    let world = World::new().await;
    sell_out(&world.scope).await;
    spoil(&world.app).await;
    let (neighbour, _) = testing::organization(&world.app, "Chez Modou").await;
    sell_out(&neighbour).await;
    for schedule in ["stock-alerts", "stock-alerts-full"] {
        let output = worker(&world, &["run", schedule], &[]);
        let told = text(&output.stderr);
        assert!(!output.status.success(), "{told}");
        assert!(told.contains("1 of 2 organisations could not be evaluated"), "{told}");
    }
    neighbour.end_read().await;
    let alerts = neighbour.select::<alert::Entity>().all().await.unwrap();
    assert!(alerts.iter().any(|alert| alert.state == AlertState::Firing), "the other one has its alert");
}

#[tokio::test]
async fn tells_every_fault_of_the_settings() {
    let world = World::new().await;
    let output = worker(&world, &[], &[("BIND", "here"), ("REDIS_URL", "http://x"), ("LOG_FORMAT", "loud")]);
    let told = text(&output.stderr);
    assert!(!output.status.success());
    for name in ["BIND", "REDIS_URL", "LOG_FORMAT"] {
        assert!(told.contains(name), "{name} is not told: {told}");
    }
}

/// What a working process says up to a line with these words; it is ended then.
fn says(world: &World, vars: &[(&str, &str)], words: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
    command.envs(world.vars()).envs(vars.iter().copied()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut said = String::new();
    for line in BufReader::new(process.stderr.take().unwrap()).lines() {
        said += &(line.unwrap() + "\n");
        if said.contains(words) {
            break;
        }
    }
    process.kill().unwrap();
    process.wait().unwrap();
    said
}

/// Where nobody listens.
fn nowhere() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test]
async fn says_that_redis_is_away_and_works() {
    let (world, address) = (World::new().await, nowhere());
    let said = says(&world, &[("REDIS_URL", &format!("redis://:geheim@{address}"))], "working on the queues");
    for part in [&*format!("Redis at redis://{address} does not answer"), "Check REDIS_URL", "jobs are found by asking the database"] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
    assert!(!said.contains("geheim"), "{said}");
}

#[tokio::test]
async fn says_which_database_is_away_and_goes_on_trying() {
    let (world, address) = (World::new().await, nowhere());
    let said = says(&world, &[("DATABASE_URL", &format!("postgres://awa:geheim@{address}/shop"))], "trying for 30 s");
    assert!(said.contains(&format!("the database postgres://awa@{address}/shop cannot be opened")), "{said}");
    assert!(said.contains("Check DATABASE_URL") && !said.contains("geheim"), "{said}");
}
