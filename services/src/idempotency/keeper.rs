use crate::scope::Column;
use crate::{App, Error, Result, SystemScope, sql};
use entities::TenantId;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use uuid::Uuid;

/// Keeps answers, those of calls that end at the same time in one statement: whoever comes first writes for all.
#[derive(Default)]
pub(crate) struct Keeper {
    waiting: Mutex<Vec<Arc<Waiting>>>,
    turn: tokio::sync::Mutex<()>,
}

/// The answer to one person's key, until it is kept.
pub(super) struct Waiting {
    pub tenant: TenantId,
    pub actor: Uuid,
    pub key: String,
    pub response: String,
    /// Whether it was kept.
    pub done: OnceLock<bool>,
}

impl Keeper {
    pub(super) async fn keep(&self, app: &App, answer: Waiting) -> Result<()> {
        let answer = Arc::new(answer);
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(answer.clone());
        let _turn = self.turn.lock().await;
        if answer.done.get().is_none() {
            let all = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
            // A task of its own: one caller's going away is nothing to the others.
            tokio::spawn(write(app.clone(), all)).await.map_err(Error::internal)??;
        }
        match answer.done.get() {
            Some(true) => Ok(()),
            _ => Err(Error::internal("the answer was not kept")),
        }
    }
}

async fn write(app: App, all: Vec<Arc<Waiting>>) -> Result<()> {
    let rows = vec![
        Column::uuids(all.iter().map(|one| one.tenant.0)),
        Column::uuids(all.iter().map(|one| one.actor)),
        Column::texts(all.iter().map(|one| one.key.clone())),
        Column::texts(all.iter().map(|one| one.response.clone())),
    ];
    let kept = write_rows(&app, rows).await;
    for one in &all {
        let _ = one.done.set(kept.is_ok());
    }
    kept
}

async fn write_rows(app: &App, rows: Vec<Column>) -> Result<()> {
    let txn = SystemScope::new(app).alone().await?;
    txn.statement(sql!("answers.sql")).rows("r", rows).run().await?;
    txn.commit().await
}
