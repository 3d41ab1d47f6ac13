//! One test's installation, and the worker processes on it.

use crate::jobs;
use services::page::PageArgs;
use services::scope::{Clock, SystemScope};
use services::testing::{self, Place};
use services::work::admin::{self, Desk, JobFilter, Standing, job};
use services::work::{JobKind, NewJob};
use services::{App, Scope};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub struct World {
    pub app: App,
    pub scope: Scope,
    _place: Arc<Place>,
}

impl World {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(vars: &[(&str, &str)]) -> Self {
        let (app, place) = testing::app_with(Clock::System, vars).await;
        let (scope, _) = testing::organization(&app, "Boutique Awa").await;
        Self { app, scope, _place: place }
    }

    pub async fn enqueue<J: JobKind>(&self, jobs: impl IntoIterator<Item = J>) {
        let txn = self.scope.begin().await.unwrap();
        for job in jobs {
            txn.enqueue(NewJob::new(&self.app, &job).unwrap());
        }
        txn.commit().await.unwrap();
    }

    /// What a process needs to work on this installation.
    pub fn vars(&self) -> Vec<(&'static str, String)> {
        let settings = self.app.settings();
        let mut vars = vec![
            ("DATABASE_URL", settings.database.url.clone()),
            ("DATA_DIR", settings.data_dir.display().to_string()),
            ("DATABASE_MAX_CONNECTIONS", "10".into()),
            ("SQLITE_DURABLE", "false".into()),
            ("REDIS_URL", settings.redis_url.clone().unwrap_or_default()),
        ];
        vars.push((jobs::PROCESS, "5000".into()));
        vars
    }

    /// Starts a worker process that knows the kinds of the tests.
    pub fn start_worker(&self) -> Worker {
        self.start_worker_with(&[])
    }

    pub fn start_worker_with(&self, vars: &[(&str, &str)]) -> Worker {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "jobs::process", "--nocapture"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.envs(self.vars()).envs(vars.iter().copied());
        Worker(command.spawn().unwrap())
    }

    /// Starts the worker itself.
    pub fn start_real_worker(&self) -> Worker {
        let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
        Worker(command.envs(self.vars()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    pub async fn count(&self, kind: &str, standings: &[Standing]) -> u64 {
        let desk = Desk::Operator(SystemScope::new(&self.app), Default::default());
        let filter = JobFilter { kind: Some(kind.into()), standings: standings.to_vec(), ..Default::default() };
        let args = PageArgs { first: Some(0), with_total: true, ..Default::default() };
        admin::page(&desk, &filter, &args).await.unwrap().total.unwrap()
    }

    /// The one job of a kind.
    pub async fn only(&self, kind: &str) -> job::Model {
        let mut all = self.all(kind).await;
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    pub async fn all(&self, kind: &str) -> Vec<job::Model> {
        let desk = Desk::Operator(SystemScope::new(&self.app), Default::default());
        let filter = JobFilter { kind: Some(kind.into()), ..Default::default() };
        let page = admin::page(&desk, &filter, &PageArgs::default()).await.unwrap();
        page.rows.into_iter().map(|row| row.row).collect()
    }

    /// Waits until something holds.
    pub async fn soon(&self, what: &str, seconds: u64, mut holds: impl AsyncFnMut() -> bool) {
        let began = Instant::now();
        while !holds().await {
            assert!(began.elapsed() < Duration::from_secs(seconds), "not after {seconds} s: {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How many marks were left.
    pub async fn marks(&self) -> i64 {
        self.scope.end_read().await;
        services::events::cursor_at(&self.scope, jobs::MARKS).await.unwrap()
    }

    /// Waits until so many jobs of a kind stand so.
    pub async fn until(&self, kind: &str, standing: Standing, jobs: u64, seconds: u64) {
        let began = Instant::now();
        loop {
            let there = self.count(kind, &[standing]).await;
            if there == jobs {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(seconds), "{there} of {jobs} {kind} are {standing:?} after {seconds} s");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// A worker process; killed when dropped.
pub struct Worker(Child);

impl Worker {
    /// As the kernel does it, without a word.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub fn terminate(&self) {
        let done = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    pub fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// Waits for its end and says whether it ended well.
    pub async fn ended(&mut self, within: Duration) -> bool {
        let began = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.success();
            }
            assert!(began.elapsed() < within, "the worker still runs after {within:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
