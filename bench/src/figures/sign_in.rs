use super::page;
use crate::api::{Api, PASSWORD};
use crate::report::{Row, percentile};
use crate::stage::Stage;
use crate::world::{S, World};
use crate::{cpu, http};
use anyhow::{Context, Result, anyhow};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code message } } }";
/// People at the door at once.
const AT_ONCE: usize = 64;
/// Screens that ask for a page of products, and how often each does.
const SCREENS: usize = 8;
const EACH: Duration = Duration::from_millis(100);

/// Sixty-four people who sign in at once: what that takes from those who work, and how much of a core goes into hashing.
pub async fn measure(stage: &Stage) -> Result<Vec<Row>> {
    let world = World::of(stage, S).await?;
    let api = Api::start(stage, &world.home).await?;
    let pages = Arc::new(page::pages(&api).await?);
    let address = api.address;
    let looks = move |client: usize, turn: u64| pages[(client * 7919 + turn as usize * 31) % pages.len()].clone();
    let knocks = move |client: usize, turn: u64| {
        let owner = World::owner(1 + (client as u64 * 31 + turn) % S.tenants);
        http::request(address, None, &[], SIGN_IN, &json!({ "input": { "email": owner, "password": PASSWORD } }))
    };
    http::paced(address, SCREENS, stage.load / 5, EACH, looks.clone()).await?;
    let alone = http::paced(address, SCREENS, stage.load, EACH, looks.clone()).await?;
    let (beside, crowd) =
        tokio::try_join!(http::paced(address, SCREENS, stage.load, EACH, looks), http::load(address, AT_ONCE, stage.load, knocks))?;
    let before = (cpu::of(api.process.pid()), cpu::of_postgres());
    let ours = http::load(address, AT_ONCE, stage.load, knocks).await?;
    let spent = (cpu::of(api.process.pid()) - before.0, cpu::of_postgres() - before.1);
    drop(api);
    let bare = bare(stage.load / 2)?;
    let turns = std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1)) as f64;
    let (p99, p99_beside) = (1000.0 * percentile(&alone.seconds, 99), 1000.0 * percentile(&beside.seconds, 99));
    let (slower, share) = (p99_beside / p99, ours.per_second / (bare * turns));
    let each = |seconds: f64| 1000.0 * seconds / ours.count as f64;
    let cost = format!("{:.1} + {:.1} ms CPU (API + PostgreSQL)", each(spent.0), each(spent.1));
    Ok(vec![
        Row::new(
            "p99 of 80 pages of products a second while 64 people keep signing in",
            format!("{p99_beside:.1} ms beside {:.1} sign-ins/s", crowd.per_second),
            format!("{p99:.1} ms, nobody signs in"),
            format!("{slower:.2}"),
            "≤ 2",
            slower <= 2.0,
        ),
        Row::new(
            "sign-ins of 64 at once, for each core that hashes",
            format!("{:.1}/s", ours.per_second / turns),
            format!("{bare:.1} bare hashes/s on one core"),
            format!("{share:.2}"),
            "≥ 0.9",
            share >= 0.9,
        ),
        Row::new("… CPU of one", cost, format!("{:.1} ms", 1000.0 / bare), "—", "—", true),
    ])
}

/// Checks of a password a second on one thread, by the parameters the product has.
fn bare(time: Duration) -> Result<f64> {
    let wrong = |error| anyhow!("argon2: {error}");
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19_456, 2, 1, None).map_err(wrong)?);
    let hash = hasher.hash_password(PASSWORD.as_bytes()).map_err(|error| anyhow!("argon2: {error}"))?.to_string();
    let hash = PasswordHash::new(&hash).ok().context("a hash that cannot be read")?;
    let (began, mut done) = (Instant::now(), 0u32);
    while began.elapsed() < time {
        hasher.verify_password(PASSWORD.as_bytes(), &hash).map_err(|error| anyhow!("argon2: {error}"))?;
        done += 1;
    }
    Ok(f64::from(done) / began.elapsed().as_secs_f64())
}
