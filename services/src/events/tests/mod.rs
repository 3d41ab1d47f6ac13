mod ear;
mod fan_out;
mod property;

use super::{Event, Follower, NewEvent, follow};
use crate::identity::Caller;
use crate::locale::Locale;
use crate::testing::{Place, app_with, organization};
use crate::{App, Scope};
use std::sync::Arc;

/// Processes on one database, and somebody signed in to all of them.
pub struct World {
    pub apps: Vec<App>,
    caller: Caller,
    _place: Arc<Place>,
}

impl World {
    pub async fn new(processes: usize, redis: Option<&str>) -> Self {
        // Empty: none, whatever the environment says.
        let vars = [("REDIS_URL", redis.unwrap_or_default()), ("DATABASE_MAX_CONNECTIONS", "12")];
        let (app, place) = app_with(crate::scope::Clock::System, &vars).await;
        let (_, caller) = organization(&app, "Boutique Awa").await;
        let mut apps = vec![app];
        for _ in 1..processes {
            apps.push(App::start(apps[0].settings().clone()).await.unwrap());
        }
        Self { apps, caller, _place: place }
    }

    pub fn scope(&self, process: usize) -> Scope {
        self.caller.scope(&self.apps[process], Locale::Fr).unwrap()
    }
}

pub async fn write(scope: &Scope, stream: &str, what: &str) {
    let scope = scope.clone();
    let done = crate::scope::retrying(|| async {
        let txn = scope.begin().await?;
        txn.record(NewEvent::new(stream, "Written", serde_json::json!(what)));
        txn.commit().await
    });
    done.await.unwrap();
}

pub async fn next(follower: &mut Follower) -> Vec<Event> {
    let patience = std::time::Duration::from_secs(40);
    tokio::time::timeout(patience, follower.next()).await.expect("events come").unwrap()
}
