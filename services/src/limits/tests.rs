use super::cells::{Cells, MOST};
use super::quota::Ask;
use super::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use uuid::Uuid;

fn quota(hourly: u32, burst: u32) -> Quota {
    Quota::new(hourly, burst).unwrap()
}

fn alone(user: Quota) -> Limiter {
    Limiter { quotas: Quotas { user: Some(user), address: None }, cells: Cells::default(), link: None }
}

fn someone() -> Bucket {
    Bucket::User(Uuid::new_v4())
}

fn granted(taken: Taken) -> Option<u64> {
    match taken {
        Taken::Granted(allowance) => Some(allowance.remaining),
        Taken::Refused { .. } => None,
        Taken::Unlimited => panic!("nobody counts"),
    }
}

/// A bucket as one would explain it: it holds a burst, each unit comes back after its time, and only whole asks are served.
struct Bucketful {
    /// In microseconds of refilling.
    held: i64,
    at: i64,
}

#[test]
fn the_rule_is_that_of_a_bucket_that_refills() {
    for seed in 0..300 {
        let mut rng = StdRng::seed_from_u64(seed);
        let (hourly, burst) = (rng.random_range(1..5_000), rng.random_range(1..300));
        let quota = quota(hourly, burst);
        let full = Ask::of(quota, u64::from(burst.min(hourly))).cost;
        let (cells, bucket) = (Cells::default(), someone());
        let mut model = Bucketful { held: full, at: 0 };
        for _ in 0..200 {
            let ask = Ask::of(quota, rng.random_range(0..=DEAREST as u64));
            let now = model.at + if rng.random_bool(0.5) { 0 } else { rng.random_range(0..ask.cost.max(2)) };
            model = Bucketful { held: (model.held + now - model.at).min(full), at: now };
            let serves = model.held >= ask.cost.min(full);
            let taken = cells.take(bucket, &ask, Timestamp(now));
            assert_eq!(taken.is_ok(), serves, "seed {seed}");
            match taken {
                Ok(_) => model.held -= ask.cost,
                Err((_, wait)) => {
                    let then = (model.held + wait).min(full);
                    assert!(then == ask.cost.min(full), "seed {seed}: it would pass {wait} later, and no earlier");
                }
            }
            assert_eq!(cells.debt(bucket, i64::MAX, Timestamp(now)), full - model.held, "seed {seed}");
        }
    }
}

#[test]
fn an_hour_never_brings_more_than_the_quota_and_a_burst() {
    for (hourly, burst) in [(1_000, 200), (100, 50), (7, 3), (3_600_001, 1)] {
        let (cells, bucket, ask) = (Cells::default(), someone(), Ask::of(quota(hourly, burst), 1));
        let (mut now, mut let_through) = (0, 0);
        while now < 3_600_000_000 && let_through < 10_000 {
            match cells.take(bucket, &ask, Timestamp(now)) {
                Ok(_) => let_through += 1,
                Err((_, wait)) => now += wait,
            }
        }
        assert!(let_through <= 10_000.min(u64::from(hourly) + u64::from(burst)), "{hourly}: {let_through}");
    }
}

#[tokio::test]
async fn says_what_is_left_and_when_it_would_pass() {
    let (limiter, bucket) = (alone(quota(1_000, 200)), someone());
    assert_eq!(granted(limiter.take(bucket, 150, Timestamp(0)).await), Some(50));
    let Taken::Refused { wait, allowance } = limiter.take(bucket, 51, Timestamp(0)).await else { panic!("there are 50 left") };
    assert_eq!((wait, allowance.remaining, allowance.whole_in), (Duration::from_millis(3_600), 50, Duration::from_secs(540)));
    assert_eq!(granted(limiter.take(bucket, 51, Timestamp(3_600_000)).await), Some(0));
    assert_eq!(granted(limiter.take(someone(), 1, Timestamp(0)).await), Some(199), "another's bucket is whole");
    assert_eq!(limiter.look(bucket, Timestamp(3_600_000 * 11)).unwrap().remaining, 10, "to look takes nothing");
    assert_eq!(limiter.take(Bucket::address(None), 1, Timestamp(0)).await, Taken::Unlimited);
}

#[tokio::test]
async fn what_is_dearer_than_a_burst_passes_when_the_bucket_is_whole_and_is_paid_for() {
    let (limiter, bucket) = (alone(quota(100, 10)), someone());
    assert_eq!(granted(limiter.take(bucket, 50, Timestamp(0)).await), Some(0));
    let Taken::Refused { wait, .. } = limiter.take(bucket, 1, Timestamp(0)).await else { panic!("it owes 50") };
    assert_eq!(wait, Duration::from_secs(41 * 36));
}

#[tokio::test]
async fn a_clock_that_goes_back_locks_nobody_out() {
    let (limiter, bucket) = (alone(quota(1_000, 200)), someone());
    limiter.take(bucket, 1, Timestamp(1_000_000_000_000_000)).await;
    let Taken::Refused { wait, .. } = limiter.take(bucket, 1, Timestamp(0)).await else { return };
    assert!(wait <= Duration::from_secs(900), "{wait:?}");
}

#[test]
fn made_up_buckets_are_bounded_and_push_out_nobody_in_deeper_debt() {
    let (cells, guilty, ask) = (Cells::default(), someone(), Ask::of(quota(1_000, 200), 1));
    cells.take(guilty, &Ask::of(quota(1_000, 200), 200), Timestamp(0)).unwrap();
    for number in 0..3 * MOST {
        let made_up = Bucket::User(Uuid::from_u128(number as u128));
        cells.take(made_up, &ask, Timestamp(number as i64)).unwrap();
    }
    assert!(cells.len() <= MOST, "{}", cells.len());
    assert!(cells.take(guilty, &ask, Timestamp(3_000_000)).is_err(), "its debt is remembered");
}

/// A Redis of the test's own; none where there is none to start.
struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    async fn start(port: Option<u16>) -> Option<Self> {
        let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let port = port.unwrap_or_else(free);
        let mut redis = Command::new("redis-server");
        redis.args(["--port", &port.to_string(), "--save", ""]).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(child) = redis.spawn() else {
            println!("skipped: there is no redis-server on this machine");
            return None;
        };
        let redis = Self { child, port };
        let began = Instant::now();
        while !work::redis_answers(&redis.url()).await {
            assert!(began.elapsed() < Duration::from_secs(20), "it starts");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(redis)
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The limiter of one process among several.
fn sharing(redis: &Redis, user: Quota) -> Limiter {
    let link = Link::to(&redis.url(), "test").unwrap().patient();
    Limiter { link: Some(Arc::new(link)), ..alone(user) }
}

fn now() -> Timestamp {
    Timestamp::from(chrono::Utc::now())
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_with_one_redis_let_exactly_the_quota_through() {
    let Some(redis) = Redis::start(None).await else { return };
    // So slow that nothing comes back meanwhile.
    let processes = [(); 2].map(|()| Arc::new(sharing(&redis, quota(60, 50))));
    let bucket = someone();
    let asks = (0..400).map(|number| {
        let process = processes[number % 2].clone();
        tokio::spawn(async move { granted(process.take(bucket, 1, now()).await) })
    });
    let taken = futures_util::future::join_all(asks.collect::<Vec<_>>()).await;
    let mut left: Vec<u64> = taken.into_iter().filter_map(Result::unwrap).collect();
    left.sort_unstable();
    assert_eq!(left, (0..50).collect::<Vec<_>>(), "fifty, each told what was left then");
    assert!(granted(processes[0].take(someone(), 1, now()).await).is_some(), "another's is whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_taken_once_by_all_processes_together() {
    let Some(redis) = Redis::start(None).await else { return };
    // A unit comes back each 10 ms.
    let processes = [(); 2].map(|()| Arc::new(sharing(&redis, quota(360_000, 20))));
    let (bucket, began) = (someone(), Instant::now());
    let greedy = processes.iter().flat_map(|process| [process.clone(), process.clone()]).map(|process| {
        tokio::spawn(async move {
            let mut taken = 0;
            while began.elapsed() < Duration::from_millis(500) {
                taken += u64::from(granted(process.take(bucket, 1, now()).await).is_some());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            taken
        })
    });
    let taken = futures_util::future::join_all(greedy.collect::<Vec<_>>()).await;
    let taken: u64 = taken.into_iter().map(Result::unwrap).sum();
    let most = 20 + u64::try_from(began.elapsed().as_millis()).unwrap() / 10;
    assert!((21..=most).contains(&taken), "{taken} of {most}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_each_process_gives_out_its_share_and_joins_again_when_it_is_back() {
    let Some(redis) = Redis::start(None).await else { return };
    let processes = [(); 2].map(|()| sharing(&redis, quota(60, 40)));
    let spent = someone();
    for process in &processes {
        assert!(granted(process.take(spent, 20, now()).await).is_some());
    }
    // Both have heard of each other.
    let both = async || processes.iter().all(|process| process.link.as_ref().unwrap().processes() == 2);
    until(both).await;
    let port = redis.port;
    drop(redis);
    let began = Instant::now();
    let (bucket, mut taken) = (someone(), 0);
    for process in processes.iter().cycle().take(100) {
        taken += u64::from(granted(process.take(bucket, 1, now()).await).is_some());
    }
    assert_eq!(taken, 40, "half of it by each");
    assert!(began.elapsed() < Duration::from_secs(1), "nobody waits for a Redis that is away: {:?}", began.elapsed());
    assert!(granted(processes[1].take(spent, 1, now()).await).is_none(), "what was spent together stays spent");

    let Some(_redis) = Redis::start(Some(port)).await else { return };
    let together = someone();
    // Once a unit of one process is missed by the other they count together again.
    let again = async || {
        processes[0].take(together, 1, now()).await;
        processes.iter().all(|process| process.link.as_ref().unwrap().is_open())
    };
    until(again).await;
    assert!(granted(processes[0].take(bucket, 1, now()).await).is_none(), "what was given out meanwhile is known");
    let fresh = someone();
    assert_eq!(granted(processes[0].take(fresh, 30, now()).await), Some(10));
    assert_eq!(granted(processes[1].take(fresh, 10, now()).await), Some(0));
}

async fn until(mut held: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !held().await {
        assert!(began.elapsed() < Duration::from_secs(20), "it comes");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_holds_up_one_operation_and_no_other() {
    let Some(redis) = Redis::start(None).await else { return };
    let link = Link::to(&redis.url(), "test").unwrap();
    let limiter = Limiter { link: Some(Arc::new(link)), ..alone(quota(60, 50)) };
    until(async || limiter.take(someone(), 1, now()).await != Taken::Unlimited && limiter.link.as_ref().unwrap().is_open()).await;
    let mut connection = redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    redis::cmd("CLIENT").arg("PAUSE").arg(5_000).arg("ALL").query_async::<()>(&mut connection).await.unwrap();
    let (bucket, began) = (someone(), Instant::now());
    let mut taken = 0;
    for _ in 0..100 {
        taken += u64::from(granted(limiter.take(bucket, 1, now()).await).is_some());
    }
    assert_eq!(taken, 50);
    assert!(began.elapsed() < Duration::from_millis(1_500), "{:?}", began.elapsed());
}

#[tokio::test]
async fn keys_in_redis_say_what_they_are_for_and_go_when_the_bucket_is_whole() {
    let Some(redis) = Redis::start(None).await else { return };
    let limiter =
        Limiter { quotas: Quotas { user: Some(quota(1_000, 200)), address: Some(quota(100, 50)) }, ..sharing(&redis, quota(1, 1)) };
    let user = Uuid::new_v4();
    limiter.take(Bucket::User(user), 2, now()).await;
    limiter.take(Bucket::address("2001:db8:1:2:3::4".parse().ok()), 1, now()).await;
    let mut connection = redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let mut keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await.unwrap();
    keys.sort();
    let names = ["address:2001:db8:1:2::".to_owned(), "processes".to_owned(), format!("user:{user}")];
    assert_eq!(keys, names.clone().map(|name| format!("teranga:test:limit:{name}")));
    for (name, longest) in [(&names[0], 36_000), (&names[2], 7_200)] {
        let left: i64 = redis::cmd("PTTL").arg(format!("teranga:test:limit:{name}")).query_async(&mut connection).await.unwrap();
        assert!((1..=longest).contains(&left), "{name}: {left}");
    }
}
