use super::{Claim, Known, LOST, TIME};
use crate::scope::Column;
use crate::{App, Result, SystemScope, sql};
use entities::{TenantId, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// How long an answer waits for others to be kept with it.
const BEHIND: Duration = Duration::from_millis(20);
/// How long they wait for a database that failed.
const LATER: Duration = Duration::from_millis(500);
/// How many are kept by one statement, and how many bytes of them, but for one that is longer.
const AT_ONCE: (usize, usize) = (500, 1 << 20);

/// Keeps answers behind their calls, many by one statement; until then they are found here.
#[derive(Default)]
pub(crate) struct Keeper {
    waiting: Mutex<Waiting>,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Waiting {
    answers: HashMap<Owner, Arc<Answer>>,
    /// Whether somebody is about to write them.
    attended: bool,
}

impl Waiting {
    /// A statement's worth.
    fn some(&self) -> Vec<(Owner, Arc<Answer>)> {
        let (most, mut room) = AT_ONCE;
        let some = self.answers.iter().take(most).take_while(|(_, answer)| {
            let fits = room > 0;
            room = room.saturating_sub(answer.response.len());
            fits
        });
        some.map(|(owner, answer)| (owner.clone(), answer.clone())).collect()
    }
}

/// Whose key it is: the organisation, the person, and the key.
pub(super) type Owner = (TenantId, Uuid, String);

/// The answer to a key.
pub(super) struct Answer {
    pub fingerprint: [u8; 32],
    pub response: String,
    pub at: Timestamp,
}

impl Keeper {
    /// Takes an answer over, to be kept within [`BEHIND`].
    pub(super) fn keep(&self, app: &App, owner: Owner, answer: Answer) {
        let mut waiting = self.waiting();
        waiting.answers.insert(owner, Arc::new(answer));
        if !std::mem::replace(&mut waiting.attended, true) {
            tokio::spawn(attend(app.clone()));
        }
    }

    /// What is known here of a key; none: the database knows.
    pub(super) fn known(&self, owner: &Owner, claim: &Claim) -> Option<Known> {
        let answer = self.waiting().answers.get(owner)?.clone();
        Some(match answer.response.as_str() {
            _ if answer.fingerprint != claim.fingerprint => Known::Mismatch,
            LOST => Known::Done,
            response => Known::Answered(response.to_owned()),
        })
    }

    /// Writes what waits, a statement's worth; answers whether more is left.
    pub(super) async fn write(&self, app: &App) -> Result<bool> {
        let _turn = self.turn.lock().await;
        let all = self.waiting().some();
        let kept = if all.is_empty() { Ok(()) } else { write_rows(app, &all).await };
        let mut waiting = self.waiting();
        for (owner, answer) in &all {
            // Past its time nobody is told to wait for it any more.
            let given_up = kept.is_ok() || app.now().since(answer.at) > TIME;
            if given_up && waiting.answers.get(owner).is_some_and(|waits| Arc::ptr_eq(waits, answer)) {
                waiting.answers.remove(owner);
            }
        }
        kept.map(|()| !waiting.answers.is_empty())
    }

    /// Whether somebody goes on writing.
    fn attended(&self) -> bool {
        let mut waiting = self.waiting();
        waiting.attended = !waiting.answers.is_empty();
        waiting.attended
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn attend(app: App) {
    let mut pause = BEHIND;
    while app.answers().attended() {
        tokio::time::sleep(pause).await;
        pause = match app.answers().write(&app).await {
            Ok(_) => BEHIND,
            Err(error) => {
                if pause == BEHIND {
                    tracing::error!(%error, "could not keep the answers of idempotency keys; they are tried again for a minute");
                }
                LATER
            }
        };
    }
}

async fn write_rows(app: &App, all: &[(Owner, Arc<Answer>)]) -> Result<()> {
    let rows = vec![
        Column::uuids(all.iter().map(|((tenant, ..), _)| tenant.0)),
        Column::uuids(all.iter().map(|((_, actor, _), _)| *actor)),
        Column::texts(all.iter().map(|((.., key), _)| key.clone())),
        Column::Bytes(all.iter().map(|(_, answer)| Some(answer.fingerprint.to_vec())).collect()),
        Column::texts(all.iter().map(|(_, answer)| answer.response.clone())),
        Column::ints(all.iter().map(|(_, answer)| answer.at.0)),
    ];
    let txn = SystemScope::new(app).alone().await?;
    txn.statement(sql!("answers.sql")).rows("r", rows).run().await?;
    txn.commit().await
}
