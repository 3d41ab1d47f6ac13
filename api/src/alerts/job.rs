use crate::ids::GlobalId;
use crate::scalars::DateTime;
use async_graphql::{Enum, ID, Object};
use entities::work::job;

/// Work that happens in the background.
#[derive(Clone)]
pub struct Job(pub job::Model);

/// Work that happens in the background.
#[Object]
impl Job {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_global()
    }
    /// What it does.
    async fn kind(&self) -> &str {
        &self.0.kind
    }
    /// Who does it.
    async fn queue(&self) -> &str {
        &self.0.queue
    }
    /// Where it stands.
    async fn state(&self) -> JobState {
        match self.0.state {
            job::JobState::Queued if self.0.attempts > 0 => JobState::Retrying,
            job::JobState::Queued => JobState::Queued,
            job::JobState::Running => JobState::Running,
            job::JobState::Completed => JobState::Completed,
            job::JobState::Dead => JobState::Dead,
            job::JobState::Discarded => JobState::Discarded,
        }
    }
    /// 0 first, 3 last.
    async fn priority(&self) -> i32 {
        self.0.priority
    }
    /// How often it was begun.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }
    /// How often it may be begun.
    async fn max_attempts(&self) -> i32 {
        self.0.max_attempts
    }
    /// When it may begin.
    async fn run_at(&self) -> DateTime {
        self.0.run_at.into()
    }
    /// When it last began.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(Into::into)
    }
    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(Into::into)
    }
    /// What went wrong last.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }
    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}

/// Where a job stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Waiting for its turn.
    Queued,
    /// In a worker's hands.
    Running,
    /// Failed, waiting for another try.
    Retrying,
    /// Done.
    Completed,
    /// Given up after its last try.
    Dead,
    /// Given up by an operator.
    Discarded,
}
