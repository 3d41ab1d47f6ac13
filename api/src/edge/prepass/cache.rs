//! Documents seen lately, by hash, in bounded memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Checked;

/// Tokens one generation holds: a parsed token takes some 200 bytes.
const TOKENS: usize = 100_000;
const DOCUMENTS: usize = 1_000;

/// Two generations: the young fills up, then takes the place of the old.
#[derive(Default)]
pub struct Cache(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<[u8; 32], Arc<Checked>>,
    old: HashMap<[u8; 32], Arc<Checked>>,
    tokens: usize,
}

impl Cache {
    /// The document of that hash; one found among the old is young again.
    pub fn get(&self, hash: &[u8; 32]) -> Option<Arc<Checked>> {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = cache.young.get(hash) {
            return Some(known.clone());
        }
        let known = cache.old.remove(hash)?;
        cache.insert(known.clone());
        Some(known)
    }

    /// Keeps a document.
    pub fn put(&self, checked: Arc<Checked>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(checked);
    }
}

impl Generations {
    fn insert(&mut self, checked: Arc<Checked>) {
        if self.tokens + checked.tokens > TOKENS || self.young.len() >= DOCUMENTS {
            self.old = std::mem::take(&mut self.young);
            self.tokens = 0;
        }
        self.tokens += checked.tokens;
        self.young.insert(checked.hash, checked);
    }
}
