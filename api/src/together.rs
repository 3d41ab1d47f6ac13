//! Rows loaded for a whole page at once.

use services::{Error, Result};
use std::collections::HashMap;
use std::hash::Hash;
use tokio::sync::OnceCell;

/// What the rows of a page point at: loaded for all of them in one statement, when the first is asked for.
pub struct Together<K, V> {
    keys: Vec<K>,
    rows: OnceCell<HashMap<K, V>>,
}

impl<K: Copy + Eq + Hash, V: Clone> Together<K, V> {
    pub fn new(keys: impl IntoIterator<Item = K>) -> Self {
        Self { keys: keys.into_iter().collect(), rows: OnceCell::new() }
    }

    /// What is known already.
    pub fn known(key: K, value: V) -> Self {
        Self { keys: vec![key], rows: OnceCell::new_with(Some(HashMap::from([(key, value)]))) }
    }

    pub fn keys(&self) -> &[K] {
        &self.keys
    }

    /// What this key points at; the first call loads what all point at.
    pub async fn get<'a, F>(&'a self, key: K, load: impl FnOnce(&'a [K]) -> F) -> Result<Option<V>>
    where
        F: Future<Output = Result<HashMap<K, V>>>,
    {
        if let Some(rows) = self.rows.get() {
            return Ok(rows.get(&key).cloned());
        }
        // On the heap: one row in fifty loads, and the future of every field is as big as its biggest state.
        let rows = self.rows.get_or_try_init(|| Box::pin(load(&self.keys))).await?;
        Ok(rows.get(&key).cloned())
    }

    /// The same, for what a foreign key guarantees to be there.
    pub async fn must_get<'a, F>(&'a self, key: K, load: impl FnOnce(&'a [K]) -> F) -> Result<V>
    where
        F: Future<Output = Result<HashMap<K, V>>>,
    {
        self.get(key, load).await?.ok_or_else(|| Error::internal("a referenced row is missing"))
    }
}
