//! How many sockets one user, or one anonymous address, holds at once.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use services::limits::network;

use crate::edge::engine::{Client, Identity};

/// Counts sockets by who holds them.
#[derive(Default)]
pub struct Caps(Mutex<HashMap<u128, usize>>);

/// One counted socket; forgotten when it is dropped.
pub struct Seat {
    caps: Arc<Caps>,
    key: u128,
}

impl Caps {
    /// A seat for one more socket, when there is one.
    pub fn enter(self: &Arc<Self>, caller: &dyn Identity, client: &Client, most: usize) -> Option<Seat> {
        let key = caller.key().unwrap_or_else(|| by_address(client));
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(key).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Seat { caps: self.clone(), key })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut held = self.caps.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

fn by_address(client: &Client) -> u128 {
    let mut hasher = DefaultHasher::new();
    ("address", client.ip.map(network)).hash(&mut hasher);
    u128::from(hasher.finish())
}
