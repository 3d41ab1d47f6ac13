//! What is not kept.

use super::*;
use crate::SystemScope;
use crate::work::cleanup::{self, CleanUp};

#[tokio::test]
async fn the_cleanup_removes_what_is_past_its_time_and_nothing_else() {
    let fixture = Fixture::new().await;
    let (app, system) = (&fixture.app, SystemScope::new(&fixture.app));
    enqueue(&fixture.scope, (0..2503).map(|n| sweep(app, n))).await;
    loop {
        let ends: Vec<_> = claim(app, 100).await.iter().map(|job| (held(job), Outcome::Completed)).collect();
        if ends.is_empty() {
            break;
        }
        settle(&system, &ends).await.unwrap();
    }
    enqueue(&fixture.scope, [sweep(app, 1)]).await;
    let removed = |system: SystemScope| async move {
        let removed = cleanup::run(&system, &Running::detached(PLATFORM), CleanUp {}).await.unwrap();
        removed.into_iter().filter(|(_, rows)| *rows > 0).collect::<Vec<_>>()
    };
    app.clock().advance(TimeDelta::days(6));
    assert_eq!(removed(system.clone()).await, [], "all is still wanted");
    app.clock().advance(TimeDelta::days(3));
    assert_eq!(removed(system.clone()).await, [("finished jobs", 2503), ("expired sessions", 1)]);
    assert_eq!(claim(app, 10).await.len(), 1, "what waits is kept");
}
