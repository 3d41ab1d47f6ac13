//! Which of its equals a row is.

use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Counts equal rows, at some 10 to 20 bytes for each distinct one: 100 MB for the five million that a file may have.
///
/// Rows are told apart by 64 bits of their hash here and by 128 in their key. Should two of ten million distinct rows
/// share the 64 (one chance in 400,000), the second is merely called the second of its kind: its key is still its own.
#[derive(Default)]
pub(super) struct Occurrences {
    once: HashSet<u64, BuildHasherDefault<AsIs>>,
    more: HashMap<u64, u32, BuildHasherDefault<AsIs>>,
}

impl Occurrences {
    /// The key of the next row with this content.
    pub(super) fn key(&mut self, content: &[&[u8]]) -> String {
        let mut hash = Sha256::new();
        for part in content {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash = hash.finalize();
        let short = u64::from_be_bytes(hash[16..24].try_into().expect("eight bytes are eight"));
        let occurrence = if self.once.insert(short) {
            1
        } else {
            let count = self.more.entry(short).or_insert(1);
            *count += 1;
            *count
        };
        format!("row:{}:{occurrence}", URL_SAFE_NO_PAD.encode(&hash[..16]))
    }
}

/// The value is a hash already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}
