//! Rows loaded for a whole page at once.

use services::page::{Page, PageArgs};
use services::{Error, Result};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
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

/// The first page of what belongs to each row of a page: one statement for all, for each length that is asked for.
pub struct FirstPages<K, V> {
    keys: Vec<K>,
    by_length: Mutex<HashMap<Option<i32>, Pages<K, V>>>,
}

type Pages<K, V> = Arc<Together<K, Page<V>>>;

impl<K: Copy + Eq + Hash, V: Clone> FirstPages<K, V> {
    pub fn new(keys: impl IntoIterator<Item = K>) -> Self {
        Self { keys: keys.into_iter().collect(), by_length: Mutex::default() }
    }

    /// The page of this key; the first call of a length loads those of all.
    pub async fn get<F>(&self, key: K, args: &PageArgs, load: impl FnOnce(Vec<K>) -> F) -> Result<Page<V>>
    where
        F: Future<Output = Result<HashMap<K, Page<V>>>>,
    {
        let pages = {
            let mut by_length = self.by_length.lock().unwrap_or_else(PoisonError::into_inner);
            by_length.entry(args.first).or_insert_with(|| Arc::new(Together::new(self.keys.iter().copied()))).clone()
        };
        Ok(pages.get(key, |keys| load(keys.to_vec())).await?.unwrap_or_else(Page::empty))
    }
}
