use super::JobId;
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// Work to be done later, written in the transaction that calls for it. Its tenant is nil when it is the platform's own.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobId,
    pub queue: String,
    pub kind: String,
    /// JSON: ids, not rows.
    pub payload: String,
    pub state: JobState,
    /// 0 first, 3 last.
    pub priority: i32,
    pub run_at: Timestamp,
    /// Whether `run_at` was seen to have come; only such rows are looked at by a claim, so that later ones cost it nothing.
    pub due: bool,
    /// Claims so far; a claim counts even when the process dies.
    pub attempts: i32,
    pub max_attempts: i32,
    /// How many processes died holding it.
    pub crashes: i32,
    /// At most one unfinished job of a queue carries it.
    pub unique_key: Option<String>,
    pub lease_until: Option<Timestamp>,
    /// Proves that the finisher is the claimer.
    pub lease_token: Option<Uuid>,
    /// Why it last failed, in a word that everybody may see.
    pub failure: Option<JobFailure>,
    /// The same in full, for operators; of a job that was given up, the words of whoever did.
    pub last_error: Option<String>,
    /// The id of the request that asked for it, or for the job that did.
    pub trace: Option<String>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// Where a job stands; a retry is a queued job with attempts behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobState {
    Queued,
    Running,
    Completed,
    Dead,
    Discarded,
}

/// Why a job failed, or was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobFailure {
    /// Something of ours, or of the machine's.
    Internal,
    /// It ran longer than it may.
    TimedOut,
    /// The process that ran it ended.
    WorkerDied,
    /// A rule said no, or what it speaks of is gone.
    Refused,
    /// Somebody gave it up, with a reason.
    GivenUp,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = JobId;
}
