use super::types::{Notification, NotificationCategory, NotificationConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::page::args;
use crate::schema::signed_in;
use async_graphql::{Context, InputObject, Object};
use services::notifications::{self, read};
use services::{Error, Scope, events};

/// Which notifications a list shows; all conditions hold. A list has at most 100 entries.
#[derive(InputObject, Default)]
pub struct NotificationFilter {
    /// Those not read yet, or those read.
    unread: Option<bool>,
    /// Those put away, in place of the others.
    #[graphql(default)]
    archived: bool,
    /// Those that only went out over other channels, in place of the others.
    #[graphql(default)]
    elsewhere: bool,
    /// Of one of these kinds.
    category: Option<Vec<NotificationCategory>>,
}

impl From<NotificationFilter> for read::NotificationFilter {
    fn from(filter: NotificationFilter) -> Self {
        let category = filter.category.map(|all| all.into_iter().map(Into::into).collect());
        Self { unread: filter.unread, archived: filter.archived, elsewhere: filter.elsewhere, category }
    }
}

#[derive(Default)]
pub struct NotificationsQuery;

#[Object]
impl NotificationsQuery {
    /// One's own notifications in the active organisation, the newest first: those that go over IN_APP.
    #[graphql(directive = signed_in::apply())]
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<NotificationFilter>,
    ) -> Result<Option<NotificationConnection>> {
        let scope = ctx.scope()?;
        let page = read::page(scope, &filter.unwrap_or_default().into(), &args(ctx, first, after, last, before)).await?;
        // Both in one snapshot: what this list lacks follows the cursor.
        let cursor = events::cursor_at(scope, &stream(scope)?).await?;
        Ok(Some(NotificationConnection::new(Notification::page(page), cursor.to_string())))
    }
}

/// The caller's stream; a program has none.
pub(super) fn stream(scope: &Scope) -> Result<String> {
    scope.require_session()?;
    Ok(notifications::stream(scope.user().ok_or(Error::Unauthenticated)?))
}
