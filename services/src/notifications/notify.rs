use super::stream;
use crate::events::NewEvent;
use crate::scope::{Column, TenantTx};
use crate::work::{JobKind, NewJob};
use crate::{Reads, Result, sql};
use entities::Timestamp;
use entities::identity::{MembershipId, UserId};
use entities::notifications::{Category, Channel, DeliveryState, NotificationDeliveryId, NotificationId, Severity};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Something to tell.
#[derive(Clone, Debug)]
pub struct NewNotification {
    pub to: Vec<MembershipId>,
    pub category: Category,
    pub severity: Severity,
    /// The Fluent sentences `<key>-title` and `<key>-body`.
    pub key: &'static str,
    /// An object, the variables of the sentences. An instant in RFC 3339 and an amount such as `1500 XOF` are shown in the
    /// reader's form; so is a decimal where the sentence says `NUMBER($x)`. A list is shown item by item: a name as it is,
    /// an object by the sentence its `say` names, in which `{"n": "2.5", "unit": "KG"}` is a measure.
    pub params: serde_json::Value,
    pub subject: Option<Subject>,
    pub channels: Vec<Channel>,
    /// A second notification with the same key is not sent to the same person.
    pub dedup_key: Option<String>,
}

/// What a notification speaks of: the name of a public type, and the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: &'static str,
    pub id: Uuid,
}

/// Carries one message over its channel.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Deliver {
    pub delivery: NotificationDeliveryId,
}

impl JobKind for Deliver {
    const KIND: &'static str = "notifications.deliver";
    const QUEUE: &'static str = "notifications";
}

impl Deliver {
    pub(super) fn job(txn: &TenantTx<'_>, delivery: NotificationDeliveryId) -> Result<NewJob> {
        Ok(NewJob::new(txn.app(), &Self { delivery })?.unique(format!("deliver:{delivery}")))
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Recipient {
    membership_id: MembershipId,
    user_id: UserId,
    phone: Option<String>,
    whatsapp_consent_at: Option<Timestamp>,
}

#[derive(sea_orm::FromQueryResult)]
struct Written {
    id: NotificationId,
    user_id: UserId,
}

/// Tells active members something, in a handful of statements however many they are.
pub async fn notify(txn: &TenantTx<'_>, new: NewNotification) -> Result<()> {
    write(txn, new).await.map(drop)
}

/// Writes the notifications with their deliveries, events and jobs; answers those that are new.
pub(super) async fn write(txn: &TenantTx<'_>, new: NewNotification) -> Result<Vec<NotificationId>> {
    if new.to.is_empty() {
        return Ok(Vec::new());
    }
    let to = txn.statement(sql!("recipients.sql")).ids("memberships", new.to.iter().copied());
    let recipients: Vec<Recipient> = to.all().await?;
    let written = write_notifications(txn, &new, &recipients).await?;
    write_deliveries(txn, &new.channels, &recipients, &written).await?;
    // What is not in the list is no news to who watches the list.
    for row in written.iter().filter(|_| in_app(&new)) {
        txn.record(NewEvent::new(stream(row.user_id), "NotificationCreated", serde_json::json!({ "id": row.id })));
    }
    Ok(written.into_iter().map(|row| row.id).collect())
}

fn in_app(new: &NewNotification) -> bool {
    new.channels.contains(&Channel::InApp)
}

async fn write_notifications(txn: &TenantTx<'_>, new: &NewNotification, recipients: &[Recipient]) -> Result<Vec<Written>> {
    let columns = vec![
        Column::uuids(recipients.iter().map(|_| txn.new_id::<NotificationId>())),
        Column::uuids(recipients.iter().map(|to| to.membership_id)),
        Column::uuids(recipients.iter().map(|to| to.user_id)),
    ];
    let insert = txn.statement(sql!("insert.sql")).rows("r", columns).bind("category", new.category.word());
    let insert = insert.bind("severity", new.severity.word()).bind("key", new.key).bind("params", new.params.to_string());
    let insert = insert.bind("subject_kind", new.subject.map(|subject| subject.kind.to_owned()));
    let insert = insert.bind("subject_id", new.subject.map(|subject| subject.id));
    insert.bind("dedup_key", new.dedup_key.clone()).bind("in_app", in_app(new)).bind("now", txn.now()).all().await
}

struct NewDelivery {
    id: NotificationDeliveryId,
    notification: NotificationId,
    channel: Channel,
    state: DeliveryState,
    because: Option<&'static str>,
}

async fn write_deliveries(txn: &TenantTx<'_>, channels: &[Channel], recipients: &[Recipient], written: &[Written]) -> Result<()> {
    let people: HashMap<UserId, &Recipient> = recipients.iter().map(|to| (to.user_id, to)).collect();
    let channels: BTreeSet<Channel> = channels.iter().copied().collect();
    let pairs = written.iter().flat_map(|row| channels.iter().map(move |channel| (row, *channel)));
    let all: Vec<NewDelivery> = pairs
        .map(|(row, channel)| {
            let (state, because) = start(channel, people[&row.user_id]);
            NewDelivery { id: txn.new_id(), notification: row.id, channel, state, because }
        })
        .collect();
    if all.is_empty() {
        return Ok(());
    }
    let columns = vec![
        Column::uuids(all.iter().map(|new| new.id)),
        Column::uuids(all.iter().map(|new| new.notification)),
        Column::texts(all.iter().map(|new| new.channel.word())),
        Column::texts(all.iter().map(|new| new.state.word())),
        Column::texts(all.iter().map(|new| new.because.unwrap_or_default())),
    ];
    txn.statement(sql!("insert_deliveries.sql")).rows("r", columns).bind("now", txn.now()).run().await?;
    for new in all.iter().filter(|new| new.state == DeliveryState::Queued) {
        txn.enqueue(Deliver::job(txn, new.id)?);
    }
    Ok(())
}

/// Where a delivery begins, and why it does not.
fn start(channel: Channel, to: &Recipient) -> (DeliveryState, Option<&'static str>) {
    let because = match channel {
        // What is in the list has arrived.
        Channel::InApp => return (DeliveryState::Delivered, None),
        Channel::Whatsapp => super::state::unreachable(to.phone.as_deref(), to.whatsapp_consent_at),
        other if !super::state::is_available(other) => Some(super::state::NO_CHANNEL),
        _ => None,
    };
    (if because.is_some() { DeliveryState::Suppressed } else { DeliveryState::Queued }, because)
}
