//! What a process measures, and who may read it.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use std::net::IpAddr;
use std::time::Duration;
use subtle::ConstantTimeEq;

pub use metrics_exporter_prometheus::PrometheusHandle;

const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];

/// Installs the recorder of this process, once; the handle renders the page.
pub fn install() -> Option<PrometheusHandle> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS).ok()?;
    let handle = builder.install_recorder().ok()?;
    describe();
    // Without it, what is recorded piles up until somebody reads the page.
    let kept = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            kept.run_upkeep();
        }
    });
    Some(handle)
}

fn describe() {
    describe_histogram!("job_queue_wait_seconds", Unit::Seconds, "Time from due to started.");
    describe_histogram!("job_duration_seconds", Unit::Seconds, "Time a job ran, by its kind.");
    describe_counter!("jobs_finished_total", "Runs of jobs, by kind and outcome.");
    describe_counter!("notifications_total", "Attempts to hand a message to its provider, by channel and outcome.");
    describe_counter!("alert_evaluations_failed_total", "Organisations whose alerts could not be evaluated where others' could.");
    describe_gauge!("job_queue_depth", "Jobs that are due and wait, by queue.");
    describe_gauge!("job_oldest_age_seconds", Unit::Seconds, "How long the oldest due job has waited, by queue.");
}

/// What somebody who asks for the figures is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The figures.
    Admitted,
    /// Who are you? (401)
    Unknown,
    /// There is no such page. (404)
    Hidden,
}

/// Who may read the figures: with a token set, whoever bears it; without one, this machine itself, asking directly.
pub fn admit(token: Option<&str>, bearer: Option<&str>, peer: Option<IpAddr>, forwarded: bool) -> Admission {
    match token {
        Some(token) if bearer.is_some_and(|bearer| token.as_bytes().ct_eq(bearer.as_bytes()).into()) => Admission::Admitted,
        Some(_) => Admission::Unknown,
        None if !forwarded && peer.is_some_and(|peer| peer.to_canonical().is_loopback()) => Admission::Admitted,
        None => Admission::Hidden,
    }
}

/// The headers by which a proxy says that it asks for somebody else.
pub const FORWARDED: [&str; 3] = ["x-forwarded-for", "forwarded", "via"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_from_anywhere_and_without_one_only_this_machine_may_look() {
        let (here, there) = ("::ffff:127.0.0.1".parse().ok(), "10.0.0.9".parse().ok());
        assert_eq!(admit(Some("t"), Some("t"), there, true), Admission::Admitted);
        assert_eq!(admit(Some("t"), Some("x"), here, false), Admission::Unknown);
        assert_eq!(admit(Some("t"), None, here, false), Admission::Unknown);
        assert_eq!(admit(None, None, here, false), Admission::Admitted);
        assert_eq!(admit(None, None, here, true), Admission::Hidden);
        assert_eq!(admit(None, Some("t"), there, false), Admission::Hidden);
        assert_eq!(admit(None, None, None, false), Admission::Hidden);
    }
}
