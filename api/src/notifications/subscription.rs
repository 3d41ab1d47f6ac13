use super::types::Notification;
use crate::context::Ask;
use crate::error::Result;
use crate::live;
use crate::scalars::DateTime;
use crate::schema::signed_in;
use async_graphql::{Context, Enum, SimpleObject, Subscription};
use entities::notifications::NotificationId;
use futures_util::Stream;
use services::events::Event;
use services::notifications::read;
use services::{Error, Scope};

/// That something happened to one's own notifications.
#[derive(SimpleObject)]
pub struct NotificationEvent {
    /// Where to resume.
    cursor: String,
    /// When it happened.
    occurred_at: DateTime,
    /// What happened.
    change: NotificationChange,
    /// The notification as it is by now; null when all were marked at once, or it is gone.
    notification: Option<Notification>,
    /// How many are unread by now.
    unread_count: i32,
}

/// What happened to a notification.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum NotificationChange {
    /// It is new.
    Created,
    /// It was read, here or on another device.
    Read,
    /// It counts as unread again.
    Unread,
    /// It was put away.
    Archived,
}

#[derive(Default)]
pub struct NotificationsSubscription;

#[Subscription]
impl NotificationsSubscription {
    /// One's own notifications, live: replays what followed the cursor, then live; without a cursor starts now.
    #[graphql(directive = signed_in::apply())]
    async fn notification_received<'a>(
        &self,
        ctx: &Context<'a>,
        after: Option<String>,
    ) -> Result<impl Stream<Item = async_graphql::Result<NotificationEvent>> + use<'a>> {
        let stream = super::query::stream(ctx.scope()?)?;
        live::follow(ctx, stream, after, |scope, event| async move { show(&scope, event).await }).await
    }
}

#[derive(serde::Deserialize)]
struct Told {
    id: Option<NotificationId>,
}

async fn show(scope: &Scope, event: Event) -> Result<NotificationEvent> {
    let told: Told = serde_json::from_str(&event.payload).map_err(Error::from)?;
    // What an earlier event's fields were read in has ended.
    scope.end_read().await;
    let row = match told.id {
        Some(id) => read::find(scope, id).await?,
        None => None,
    };
    let unread = read::unread_count(scope).await?;
    scope.end_read().await;
    Ok(NotificationEvent {
        cursor: event.seq.to_string(),
        occurred_at: event.occurred_at.into(),
        change: change(&event.kind),
        notification: row.map(Notification::alone),
        unread_count: i32::try_from(unread).unwrap_or(i32::MAX),
    })
}

fn change(kind: &str) -> NotificationChange {
    match kind {
        "NotificationRead" => NotificationChange::Read,
        "NotificationUnread" => NotificationChange::Unread,
        "NotificationArchived" => NotificationChange::Archived,
        _ => NotificationChange::Created,
    }
}
