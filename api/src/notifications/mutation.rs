use super::types::{Notification, NotificationChannel};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::schema::signed_in;
use async_graphql::{Context, ID, InputObject, Object};
use services::notifications::{read, test_send};
use services::scope::retrying;

/// What was read, or is to count as unread again.
#[derive(InputObject)]
pub struct NotificationsMarkReadInput {
    /// These, at most 250; absent: all of one's own that are not archived.
    ids: Option<Vec<ID>>,
    /// False makes them unread again.
    #[graphql(default = true)]
    read: bool,
}

/// What to put away.
#[derive(InputObject)]
pub struct NotificationArchiveInput {
    /// The notification.
    id: ID,
}

/// Where the test alert goes.
#[derive(InputObject)]
pub struct NotificationTestSendInput {
    /// One that can reach the caller.
    channel: NotificationChannel,
}

payload! {
    NotificationsMarkReadPayload {
        /// Those named, as they are now; without ids, the newest hundred of those changed.
        notifications: Vec<Notification>
    },
    NotificationArchivePayload {
        /// The notification as it is now.
        notification: Notification
    },
    NotificationTestSendPayload {
        /// The test alert, with its delivery to follow.
        notification: Notification
    },
}

#[derive(Default)]
pub struct NotificationsMutation;

#[Object]
impl NotificationsMutation {
    /// Marks one's own notifications as read or unread.
    #[graphql(directive = signed_in::apply())]
    async fn notifications_mark_read(
        &self,
        ctx: &Context<'_>,
        input: NotificationsMarkReadInput,
    ) -> Result<Option<NotificationsMarkReadPayload>> {
        let (scope, ids) = (ctx.scope()?, input.ids.as_deref().map(GlobalId::of_globals));
        let marked = retrying(|| read::mark_read(scope, ids.clone(), input.read)).await;
        Ok(Some(NotificationsMarkReadPayload::of(marked.map(Notification::all))?))
    }

    /// Puts one of one's own notifications away.
    #[graphql(directive = signed_in::apply())]
    async fn notification_archive(&self, ctx: &Context<'_>, input: NotificationArchiveInput) -> Result<Option<NotificationArchivePayload>> {
        let (scope, id) = (ctx.scope()?, GlobalId::of_global(&input.id));
        let archived = retrying(|| read::archive(scope, id)).await;
        Ok(Some(NotificationArchivePayload::of(archived.map(Notification::alone))?))
    }

    /// Sends the caller a test alert, marked as one, over a channel and into the list, where it is seen how far it got.
    #[graphql(directive = signed_in::apply())]
    async fn notification_test_send(
        &self,
        ctx: &Context<'_>,
        input: NotificationTestSendInput,
    ) -> Result<Option<NotificationTestSendPayload>> {
        let scope = ctx.scope()?;
        let sent = retrying(|| test_send(scope, input.channel.into())).await;
        Ok(Some(NotificationTestSendPayload::of(sent.map(Notification::alone))?))
    }
}
