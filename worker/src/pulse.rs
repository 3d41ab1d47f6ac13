use services::health::{Health, Report};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Which of a worker's loops run. One that ends before it is told to is dead and stays so: the process should be replaced.
#[derive(Clone, Default)]
pub struct Pulse(Arc<Mutex<Report>>);

impl Pulse {
    /// How each loop is, by its name.
    pub fn report(&self) -> Report {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs a loop that is to end only after `stop`; it ends when the handle is dropped.
    pub(crate) fn spawn(
        &self,
        name: &'static str,
        stop: &CancellationToken,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> AbortOnDropHandle<()> {
        // Loops of several queues share a name: one that is dead already stays so.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_insert(Health::Up);
        let watched = Watched { name, pulse: self.clone(), stop: stop.clone() };
        AbortOnDropHandle::new(tokio::spawn(async move {
            let _watched = watched;
            work.await;
        }))
    }
}

/// Tells of the end of a loop, by itself or by a panic.
struct Watched {
    name: &'static str,
    pulse: Pulse,
    stop: CancellationToken,
}

impl Drop for Watched {
    fn drop(&mut self) {
        if !self.stop.is_cancelled() {
            tracing::error!("{} has ended before it was told to; this process must be replaced", self.name);
            self.pulse.0.lock().unwrap_or_else(PoisonError::into_inner).insert(self.name, Health::Down);
        }
    }
}
