//! The figures, one module each.

mod alerts;
mod fanout;
mod idle;
mod import;
mod jobs;
mod movement;
mod page;
mod row_security;
mod sign_in;
mod sqlite_import;
mod start;

use crate::report::Row;
use crate::stage::Stage;
use anyhow::Result;
use clap::ValueEnum;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Figure {
    /// The real file into PostgreSQL.
    Import,
    /// A page of 50 products.
    Page,
    /// Recording one movement.
    Movement,
    /// Evaluating the alerts of a million products.
    Alerts,
    /// What an idle subscription holds.
    Idle,
    /// One event to a thousand subscribers.
    Fanout,
    /// Draining empty jobs, and how soon one starts.
    Jobs,
    /// Movements during the import of the real file into SQLite.
    SqliteImport,
    /// Sixty-four people who sign in at once.
    SignIn,
    /// What PostgreSQL's policies cost.
    RowSecurity,
    /// From exec to the first answer, and the memory at rest.
    Start,
}

impl Figure {
    pub const ALL: [Self; 11] = [
        Self::Import,
        Self::Page,
        Self::Movement,
        Self::Alerts,
        Self::Idle,
        Self::Fanout,
        Self::Jobs,
        Self::SqliteImport,
        Self::SignIn,
        Self::RowSecurity,
        Self::Start,
    ];

    pub async fn measure(self, stage: &Stage) -> Result<Vec<Row>> {
        match self {
            Self::Import => import::measure(stage).await,
            Self::Page => page::measure(stage).await,
            Self::Movement => movement::measure(stage).await,
            Self::Alerts => alerts::measure(stage).await,
            Self::Idle => idle::measure(stage).await,
            Self::Fanout => fanout::measure(stage).await,
            Self::Jobs => jobs::measure(stage).await,
            Self::SqliteImport => sqlite_import::measure(stage).await,
            Self::SignIn => sign_in::measure(stage).await,
            Self::RowSecurity => row_security::measure(stage).await,
            Self::Start => start::measure(stage).await,
        }
    }
}
