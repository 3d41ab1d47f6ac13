//! What the subscriptions over a numbered stream share.

use crate::context::Ask;
use crate::edge::Position;
use crate::error::{Failure, Result};
use async_graphql::Context;
use futures_util::{FutureExt, Stream, StreamExt, TryStreamExt, stream as streams};
use services::events::{self, Event};
use services::{Error, Scope};
use std::sync::Arc;
use std::time::Duration;

/// A wait before a stream that could not be read is tried again; a database that is away must not be asked without end.
const BREATH: Duration = Duration::from_secs(1);

/// Whether a subscription that was checked when it began goes on after a rest.
pub fn resumes(ctx: &Context<'_>) -> bool {
    ctx.data_opt::<Arc<Position>>().is_some_and(|position| position.resumed().is_some())
}

/// The events of a stream after the cursor, or from now on without one, each as `show` shows it.
pub async fn follow<'a, T, F, S>(
    ctx: &Context<'a>,
    stream: String,
    after: Option<String>,
    show: S,
) -> Result<impl Stream<Item = async_graphql::Result<T>> + use<'a, T, F, S>>
where
    S: Fn(Scope, Event) -> F + Send + 'a,
    F: Future<Output = Result<T>> + Send,
{
    let scope = ctx.scope()?.clone();
    let position = ctx.data_opt::<Arc<Position>>().cloned();
    let follower = match position.as_ref().and_then(|position| position.resumed()) {
        Some(last) => events::resume(&scope, stream, last),
        None => {
            let after = after.map(|text| text.parse().map_err(|_| Error::CursorUnknown));
            events::follow(&scope, stream, after.transpose()?).await?
        }
    };
    if let Some(position) = &position {
        let ear = follower.ear();
        position.starts_after(follower.last());
        position.can_rest(move |last| ear.clone().beyond(last).boxed());
    }
    let events = streams::unfold(Some(follower), |follower| async move {
        let mut follower = follower?;
        match follower.next().await {
            // Nothing of it can be read any more.
            Err(Error::CursorExpired) => Some((Err(Error::CursorExpired), None)),
            Err(error) => {
                tokio::time::sleep(BREATH).await;
                Some((Err(error), Some(follower)))
            }
            events => Some((events, Some(follower))),
        }
    });
    let events = events.map_ok(|events| streams::iter(events.into_iter().map(Ok))).try_flatten();
    Ok(events.then(move |event| {
        if let (Ok(event), Some(position)) = (&event, &position) {
            position.comes_to(event.seq);
        }
        // On the heap: an idle reader would keep room for the biggest of its states.
        let shown = event.map(|event| Box::pin(show(scope.clone(), event)));
        async move { Ok(shown.map_err(Failure)?.await?) }
    }))
}
