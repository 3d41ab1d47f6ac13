use crate::world::World;
use std::process::{Command, Output};

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
async fn runs_a_schedule_once_and_fails_loudly() {
    let world = World::new().await;
    assert!(worker(&world, &["run", "cleanup"], &[]).status.success());
    let unknown = worker(&world, &["run", "clean-up"], &[]);
    assert!(!unknown.status.success() && text(&unknown.stderr).contains("there are: "), "{}", text(&unknown.stderr));
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
