use entities::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// Where the time comes from: the machine, or a test's hand.
#[derive(Clone)]
pub enum Clock {
    System,
    /// Microseconds since 1970, moved by hand.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.0)))
    }

    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::from(chrono::Utc::now()),
            Self::Manual(at) => Timestamp(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock; a system clock stays as it is.
    pub fn advance(&self, by: chrono::TimeDelta) {
        if let Self::Manual(at) = self {
            at.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }
}

/// Where chance comes from: the operating system, or a test's seed.
#[derive(Clone)]
pub enum Random {
    System,
    Seeded(Arc<std::sync::Mutex<rand::rngs::StdRng>>),
}

impl Random {
    pub fn seeded(seed: u64) -> Self {
        use rand::SeedableRng;
        Self::Seeded(Arc::new(std::sync::Mutex::new(rand::rngs::StdRng::seed_from_u64(seed))))
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        use rand::Rng;
        let mut bytes = [0; N];
        match self {
            Self::System => rand::rng().fill_bytes(&mut bytes),
            Self::Seeded(rng) => rng.lock().unwrap_or_else(|e| e.into_inner()).fill_bytes(&mut bytes),
        }
        bytes
    }

    /// A number in `0..=max`.
    pub fn up_to(&self, max: i64) -> i64 {
        let n = u64::from_le_bytes(self.bytes());
        i64::try_from(n % (max.max(0) as u64 + 1)).unwrap_or(0)
    }

    /// A UUIDv7 (RFC 9562) of the given instant.
    pub fn uuid(&self, at: Timestamp) -> Uuid {
        let millis = u64::try_from(at.0 / 1000).unwrap_or(0);
        // The twelve bits after the version carry the microseconds, so that ids of one process sort by time.
        let mut bytes: [u8; 10] = self.bytes();
        let micros = u16::try_from((at.0.rem_euclid(1000)) * 4).unwrap_or(0);
        bytes[..2].copy_from_slice(&micros.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}
