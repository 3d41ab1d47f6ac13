//! The ledger as apalis sees it: a channel of claimed jobs, and a layer that passes on how they ended.
//!
//! The backend never reports an error: apalis would end the worker for it. What fails against the database or Redis is
//! tried again in the loops that fill the channel ([`crate::loops`]).

use crate::hand::{Hand, Run};
use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::error::BoxDynError;
use apalis_core::task::Task;
use apalis_core::task::builder::TaskBuilder;
use apalis_core::task::task_id::TaskId;
use apalis_core::worker::context::WorkerContext;
use futures_util::future::BoxFuture;
use services::App;
use services::tracking::{self, Trouble};
use services::work::{self, Held, JobFailure, Outcome};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::sync::mpsc;
use tower::{Layer, Service};
use uuid::Uuid;

/// How a claim ended, on its way into the ledger.
pub type Ack = (Held, Outcome);

/// The claimed jobs of one queue.
pub struct LedgerBackend {
    runs: Arc<Mutex<mpsc::Receiver<Run>>>,
    acks: AckLayer,
}

impl LedgerBackend {
    pub fn new(runs: Arc<Mutex<mpsc::Receiver<Run>>>, acks: AckLayer) -> Self {
        Self { runs, acks }
    }
}

impl Backend for LedgerBackend {
    type Task = Task<Run>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Option<Result<Task<Run>, Infallible>>> {
        match self.runs.lock().unwrap_or_else(PoisonError::into_inner).poll_recv(cx) {
            Poll::Ready(Some(run)) => {
                let id = TaskId::from_string(run.job().id.to_string());
                let attempt = usize::try_from(run.job().attempts - 1).unwrap_or(0);
                Poll::Ready(Some(Ok(TaskBuilder::new(run).task_id(id).attempt(attempt).build())))
            }
            // The end of the channel is not the end of the worker: that would leave its last jobs unfinished.
            _ => Poll::Pending,
        }
    }

    /// What is in hand is given back by the process itself, which also does it when its grace is over.
    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for LedgerBackend {
    type Args = Run;
    type Id = Uuid;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = AckLayer;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> AckLayer {
        self.acks.clone()
    }
}

/// Outside all other layers, so that a panic reaches it as an error: turns how a job ended into an [`Ack`].
#[derive(Clone)]
pub struct AckLayer {
    pub app: App,
    pub hand: Arc<Hand>,
    pub acks: mpsc::UnboundedSender<Ack>,
}

impl<S> Layer<S> for AckLayer {
    type Service = AckService<S>;

    fn layer(&self, inner: S) -> AckService<S> {
        AckService { inner, layer: self.clone() }
    }
}

#[derive(Clone)]
pub struct AckService<S> {
    inner: S,
    layer: AckLayer,
}

impl<S> Service<Task<Run>> for AckService<S>
where
    S: Service<Task<Run>, Response = (), Error: Into<BoxDynError>, Future: Send + 'static>,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<(), BoxDynError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, task: Task<Run>) -> Self::Future {
        let (layer, run, started) = (self.layer.clone(), task.args.clone(), Instant::now());
        layer.hand.start(run.job().id);
        waited(&layer.app, &run);
        let work = self.inner.call(task);
        Box::pin(async move {
            let ended = work.await.map_err(Into::into);
            layer.hand.took(started.elapsed());
            layer.settle(&run, ended.as_ref().err(), started);
            ended
        })
    }
}

impl AckLayer {
    fn settle(&self, run: &Run, error: Option<&BoxDynError>, started: Instant) {
        let (job, app) = (run.job(), &self.app);
        let outcome = match error {
            None => Outcome::Completed,
            Some(error) => match error.downcast_ref::<Failure>() {
                Some(Failure::Error(error)) => Outcome::of_error(app, job, error),
                Some(Failure::UnknownKind) => Outcome::of_unknown_kind(app),
                Some(Failure::TimedOut) => {
                    Outcome::of_failure(app, job, work::Failure { code: JobFailure::TimedOut, text: error.to_string() })
                }
                Some(Failure::Lost) | None => Outcome::of_failure(app, job, error.to_string().into()),
            },
        };
        observe(run, &outcome, started);
        if outcome == Outcome::Completed && job.is_completed() {
            return self.hand.put_down(job.id);
        }
        // The receiver outlives every sender but at the very end, when the lease returns the job.
        let _ = self.acks.send((run.held(), outcome));
    }
}

/// Why a job did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Error(services::Error),
    #[error("this version does not know the job's kind")]
    UnknownKind,
    #[error("it ran longer than it may")]
    TimedOut,
    #[error("its lease was lost to another worker")]
    Lost,
}

fn waited(app: &App, run: &Run) {
    let wait = app.now().since(run.job().run_at).num_microseconds().unwrap_or(0).max(0);
    metrics::histogram!("job_queue_wait_seconds").record(wait as f64 / 1e6);
}

fn observe(run: &Run, outcome: &Outcome, started: Instant) {
    let job = run.job();
    // An unknown kind comes from outside this version; as a label it would have no bound.
    let kind = if matches!(outcome, Outcome::UnknownKind(_)) { "unknown".to_owned() } else { job.kind.clone() };
    metrics::counter!("jobs_finished_total", "kind" => kind.clone(), "outcome" => outcome.name()).increment(1);
    metrics::histogram!("job_duration_seconds", "kind" => kind).record(started.elapsed().as_secs_f64());
    match outcome {
        Outcome::Dead(error) => {
            tracing::error!(job.id = %job.id, job.kind, tenant.id = %job.tenant, "job {} is dead: {error}", job.kind);
            tracking::report(Trouble::DeadJob, &error.text, &[("job.id", &job.id.to_string()), ("job.kind", &job.kind)]);
        }
        Outcome::Retry(_, error) => {
            tracing::warn!(job.id = %job.id, job.kind, attempt = job.attempts, "job {} failed and will be tried again: {error}", job.kind);
        }
        Outcome::UnknownKind(_) => tracing::warn!(job.id = %job.id, job.kind, "job {} is of a kind this version does not know", job.kind),
        _ => tracing::debug!(job.id = %job.id, job.kind, "job {} {}", job.kind, outcome.name()),
    }
}
