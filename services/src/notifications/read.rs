//! One's own notifications: a list, a count, and what one does with them.

use super::stream;
use crate::events::NewEvent;
use crate::page::{Page, PageArgs, Sort, one_of};
use crate::scope::TenantTx;
use crate::{Code, Error, Reads, Result, Scope, sql};
use entities::identity::UserId;
use entities::notifications::{Category, NotificationId, delivery, notification};
use sea_orm::{ColumnTrait, Condition};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Which notifications a list shows.
#[derive(Clone, Debug, Default)]
pub struct NotificationFilter {
    pub unread: Option<bool>,
    pub archived: bool,
    /// Those that only went out over other channels, in place of the application's.
    pub elsewhere: bool,
    pub category: Option<Vec<Category>>,
}

/// The most notifications one call names.
const MOST_IDS: usize = 250;

/// One's own notifications, the newest first.
pub async fn page(scope: &Scope, filter: &NotificationFilter, args: &PageArgs) -> Result<Page<notification::Model>> {
    use notification::Column;
    let mut mine = scope.select::<notification::Entity>().filter(owned_by(myself(scope)?));
    mine = mine.filter(if filter.archived { Column::ArchivedAt.is_not_null() } else { Column::ArchivedAt.is_null() });
    mine = mine.filter(Column::InApp.eq(!filter.elsewhere));
    if let Some(unread) = filter.unread {
        mine = mine.filter(if unread { Column::ReadAt.is_null() } else { Column::ReadAt.is_not_null() });
    }
    if let Some(categories) = &filter.category {
        mine = mine.filter(one_of(Column::Category, categories)?);
    }
    mine.page(args, &[Sort::descending(Column::CreatedAt)]).await
}

/// One of one's own.
pub async fn find(scope: &Scope, id: NotificationId) -> Result<Option<notification::Model>> {
    let mine = scope.select::<notification::Entity>().filter(owned_by(myself(scope)?));
    mine.filter(notification::Column::Id.eq(id)).one().await
}

/// These, by id; those of others are not there.
pub async fn by_ids(scope: &Scope, ids: &[NotificationId]) -> Result<HashMap<NotificationId, notification::Model>> {
    rows(scope, myself(scope)?, ids).await
}

/// How many of one's own are neither read nor archived.
pub async fn unread_count(scope: &Scope) -> Result<i64> {
    let Some(user) = scope.user().filter(|_| scope.token().is_none()) else { return Ok(0) };
    Ok(scope.statement(sql!("unread.sql")).bind("user", user).value().await?.unwrap_or(0))
}

/// The deliveries of one's own notifications.
pub async fn deliveries_of(scope: &Scope, ids: &[NotificationId]) -> Result<HashMap<NotificationId, Vec<delivery::Model>>> {
    let find = scope.statement(sql!("deliveries_of.sql")).bind("user", myself(scope)?).ids("notifications", ids.iter().copied());
    let mut by_id: HashMap<NotificationId, Vec<delivery::Model>> = HashMap::new();
    for row in find.all::<delivery::Model>().await? {
        by_id.entry(row.notification_id).or_default().push(row);
    }
    Ok(by_id)
}

/// Marks these as read or unread; without ids, all that are not archived. Answers those named, or those changed (at most a
/// page).
pub async fn mark_read(scope: &Scope, ids: Option<Vec<NotificationId>>, read: bool) -> Result<Vec<notification::Model>> {
    match ids {
        Some(ids) => mark_these(scope, ids, read).await,
        None => mark_all(scope, read).await,
    }
}

async fn mark_these(scope: &Scope, ids: Vec<NotificationId>, read: bool) -> Result<Vec<notification::Model>> {
    let user = myself(scope)?;
    if ids.len() > MOST_IDS {
        let sentence = scope.locale().say("notification-ids-too-many", &[("most", MOST_IDS.to_string())]);
        return Err(Error::refuse(Code::LimitReached, "ids", sentence));
    }
    let txn = scope.begin().await?;
    let known = rows(&txn, user, &ids).await?;
    if ids.iter().any(|id| !known.contains_key(id)) {
        return Err(unknown(scope, "ids"));
    }
    let mark = txn.statement(if read { sql!("mark_read.sql") } else { sql!("mark_unread.sql") });
    let mark = mark.bind("user", user).ids("ids", ids.iter().copied());
    let changed: Vec<Id> = if read { mark.bind("now", txn.now()).all().await? } else { mark.all().await? };
    tell_deliveries(&txn, &changed, read).await?;
    for row in &changed {
        txn.record(marked(user, Some(row.id), read));
    }
    let mut after = rows(&txn, user, &ids).await?;
    txn.commit().await?;
    Ok(ids.into_iter().filter_map(|id| after.remove(&id)).collect())
}

fn marked(user: UserId, id: Option<NotificationId>, read: bool) -> NewEvent {
    let kind = if read { "NotificationRead" } else { "NotificationUnread" };
    NewEvent::new(stream(user), kind, serde_json::json!({ "id": id }))
}

/// One event for all, without an id: a person with thousands unread does not cost their readers thousands of events.
async fn mark_all(scope: &Scope, read: bool) -> Result<Vec<notification::Model>> {
    let user = myself(scope)?;
    let txn = scope.begin().await?;
    let mark = txn.statement(if read { sql!("mark_all_read.sql") } else { sql!("mark_all_unread.sql") }).bind("user", user);
    let changed: Vec<Id> = if read { mark.bind("now", txn.now()).all().await? } else { mark.all().await? };
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    tell_deliveries(&txn, &changed, read).await?;
    txn.record(marked(user, None, read));
    let mut newest: Vec<NotificationId> = changed.iter().map(|row| row.id).collect();
    newest.sort_unstable_by(|a, b| b.cmp(a));
    newest.truncate(usize::try_from(crate::page::LARGEST_PAGE).unwrap_or(100));
    let mut after = rows(&txn, user, &newest).await?;
    txn.commit().await?;
    Ok(newest.into_iter().filter_map(|id| after.remove(&id)).collect())
}

/// Puts one of one's own away; doing it again changes nothing.
pub async fn archive(scope: &Scope, id: NotificationId) -> Result<notification::Model> {
    let user = myself(scope)?;
    let txn = scope.begin().await?;
    let put_away = txn.statement(sql!("archive.sql")).bind("user", user).bind("id", id).bind("now", txn.now()).run().await?;
    if put_away > 0 {
        txn.record(NewEvent::new(stream(user), "NotificationArchived", serde_json::json!({ "id": id })));
    }
    let row = rows(&txn, user, &[id]).await?.remove(&id).ok_or_else(|| unknown(scope, "id"))?;
    txn.commit().await?;
    Ok(row)
}

#[derive(sea_orm::FromQueryResult)]
struct Id {
    id: NotificationId,
}

/// In the application, reading is the last thing that can happen to a delivery.
async fn tell_deliveries(txn: &TenantTx<'_>, changed: &[Id], read: bool) -> Result<()> {
    if read && !changed.is_empty() {
        let tell = txn.statement(sql!("read_in_app.sql")).ids("notifications", changed.iter().map(|row| row.id));
        tell.bind("now", txn.now()).run().await?;
    }
    Ok(())
}

async fn rows(on: &impl Reads, user: UserId, ids: &[NotificationId]) -> Result<HashMap<NotificationId, notification::Model>> {
    let ids: BTreeSet<Uuid> = ids.iter().map(|id| id.0).collect();
    let mine = on.select::<notification::Entity>().filter(owned_by(user));
    let rows = mine.among(notification::Column::Id, ids).all().await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A second wall beside the tenant's: the negative control takes both away, or it could not see the first one missing.
fn owned_by(user: UserId) -> Condition {
    let all = Condition::all();
    if crate::scope::leaking() { all } else { all.add(notification::Column::UserId.eq(user)) }
}

/// The reader's time zone; instants in their notifications are shown in it.
pub async fn time_zone(scope: &Scope) -> Result<String> {
    let zone = scope.statement(sql!("time_zone.sql")).bind("user", myself(scope)?).value().await?;
    Ok(zone.unwrap_or_else(|| "UTC".to_owned()))
}

/// The person who asks. Notifications belong to people; the system has none, and a program is told none.
pub(super) fn myself(scope: &Scope) -> Result<UserId> {
    scope.require_session()?;
    scope.user().ok_or(Error::Unauthenticated)
}

fn unknown(scope: &Scope, path: &str) -> Error {
    Error::refuse(Code::NotFound, path, scope.locale().say("notification-unknown", &[]))
}
