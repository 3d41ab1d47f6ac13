//! Which keys of a batch are known, and which are free again.
//!
//! A ledger's row is never changed, and keeps its key. Where an undo of its import took it back, whoever brings the key again
//! is new all the same, and is written under the next key of a chain: `row:…`, `row:…~1`, `row:…~2`. What somebody undid by
//! hand stays known: a longer export of the same data must not bring it back.

use crate::scope::Column;
use crate::{Reads, Result, sql};
use std::collections::{HashMap, HashSet};

/// What the ledger says of a batch's keys.
#[derive(Default)]
pub(super) struct Keys {
    pub known: HashSet<String>,
    /// The key to write under, by the key that was taken back.
    pub again: HashMap<String, String>,
}

#[derive(sea_orm::FromQueryResult)]
struct Found {
    /// Its place among those asked for.
    place: i64,
    /// By an undo of its import.
    undone: bool,
}

impl Keys {
    /// One statement, and one more for each time that the same rows were undone.
    pub(super) async fn read(on: &impl Reads, keys: Vec<String>) -> Result<Self> {
        let mut all = Self::default();
        let mut asked: Vec<(String, String)> = keys.into_iter().map(|key| (key.clone(), key)).collect();
        for round in 1.. {
            let places = Column::ints((0..).take(asked.len()));
            let rows = vec![places, Column::texts(asked.iter().map(|(_, link)| link.clone()))];
            let found: Vec<Found> = on.statement(sql!("bulk_known.sql")).rows("r", rows).bind("asked", asked.len() as i64).all().await?;
            let mut next = Vec::new();
            for Found { place, undone } in found {
                let Some((key, _)) = usize::try_from(place).ok().and_then(|place| asked.get(place)) else { continue };
                if undone {
                    all.again.insert(key.clone(), link(key, round));
                    next.push((key.clone(), link(key, round)));
                } else {
                    all.again.remove(key);
                    all.known.insert(key.clone());
                }
            }
            if next.is_empty() {
                break;
            }
            asked = next;
        }
        Ok(all)
    }
}

/// A key's place in its chain.
fn link(key: &str, round: usize) -> String {
    format!("{key}~{round}")
}
