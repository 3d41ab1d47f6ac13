//! Transfers under way in this process.

use entities::TenantId;
use entities::files::FileUploadId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Of one organisation at once.
pub(super) const MOST: usize = 8;

/// Who is sending, by organisation and upload: an upload has one transfer, the latest.
#[derive(Clone, Default)]
pub(crate) struct Transfers(Arc<Mutex<HashMap<TenantId, Own>>>);

/// An organisation's own, and what ends each.
type Own = HashMap<FileUploadId, oneshot::Sender<()>>;

/// The place of one transfer; free again when dropped.
pub(super) struct Seat {
    all: Transfers,
    tenant: TenantId,
    upload: FileUploadId,
    over: oneshot::Receiver<()>,
}

impl Transfers {
    /// A place, which ends an earlier transfer of the same upload; none when the organisation has no more.
    pub(super) fn take(&self, tenant: TenantId, upload: FileUploadId) -> Option<Seat> {
        let mut all = self.lock();
        let own = all.entry(tenant).or_default();
        if own.len() >= MOST && !own.contains_key(&upload) {
            return None;
        }
        let (end, over) = oneshot::channel();
        own.insert(upload, end);
        Some(Seat { all: self.clone(), tenant, upload, over })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Own>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Waits until a later transfer of the same upload has come.
    pub(super) async fn superseded(&mut self) {
        let _ = (&mut self.over).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.over.close();
        let mut all = self.all.lock();
        let Some(own) = all.get_mut(&self.tenant) else { return };
        // A later transfer's place is not ours to give up; ours is the one nobody waits at any more.
        if own.get(&self.upload).is_some_and(oneshot::Sender::is_closed) {
            own.remove(&self.upload);
        }
        if own.is_empty() {
            all.remove(&self.tenant);
        }
    }
}
