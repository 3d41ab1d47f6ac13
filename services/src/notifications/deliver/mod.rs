//! Carrying one message: take it from the database, hand it over outside of any transaction, settle what came of it.

mod carriers;
mod mail;
mod outbox;
mod settle;
mod sheet;
mod twilio;

pub use carriers::Carriers;
pub(super) use settle::{fail, hold};
pub(super) use sheet::{Button, Sheet};
pub(super) use twilio::{DAILY_LIMIT, USE_TEMPLATE};

use super::text::{self, Words};
use super::{Deliver, state};
use crate::locale::Locale;
use crate::work::Running;
use crate::{App, Error, Reads, Result, Scope, sql};
use chrono::TimeDelta;
use entities::Timestamp;
use entities::identity::membership::MembershipStatus;
use entities::notifications::{Channel, Content, DeliveryState, delivery, notification};
use sea_orm::{ActiveEnum, IntoActiveModel};

/// How long after a person's last message we may write in our own words.
pub const WINDOW: TimeDelta = TimeDelta::hours(24);

/// A message in our hands, with all that is needed to carry it.
struct Parcel {
    delivery: delivery::Model,
    notification: notification::Model,
    to: Recipient,
    locale: Locale,
    words: Words,
    content: Content,
    /// Since when an earlier attempt may have arrived without our knowing.
    unsure_since: Option<Timestamp>,
    now: Timestamp,
}

#[derive(sea_orm::FromQueryResult)]
struct Recipient {
    name: String,
    email: String,
    phone: Option<String>,
    whatsapp_consent_at: Option<Timestamp>,
    locale: String,
    time_zone: String,
    organization: String,
    status: String,
    last_inbound_at: Option<Timestamp>,
}

/// What came of handing a message over.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Accepted {
        provider: &'static str,
        message: Option<String>,
        content: Option<Content>,
    },
    /// Nobody was there to take it, or too many came at once, or we were not let in; `unsure` when it may have been taken all the same.
    Away {
        trouble: Trouble,
        unsure: bool,
    },
    /// It was handed over and nobody said what became of it.
    Unanswered(Trouble),
    /// Try again when the provider's daily limit has moved.
    Hold(Trouble),
    Refused {
        state: DeliveryState,
        trouble: Trouble,
    },
}

/// An error in the provider's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    pub code: Option<i32>,
    pub text: String,
}

impl Trouble {
    pub fn new(code: Option<i32>, text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self { code, text: text.chars().take(500).collect() }
    }
}

/// Carries one message over its channel.
pub async fn deliver(scope: &Scope, job: &Running, payload: Deliver) -> Result<()> {
    let Some(parcel) = take(scope, job, payload).await? else { return Ok(()) };
    let outcome = hand_over(scope.app(), &parcel).await.unwrap_or_else(|error| ours(&error, &parcel));
    count(parcel.delivery.channel, &outcome);
    settle::settle(scope, job, parcel, outcome).await
}

/// Takes a queued delivery and notes the attempt; none when there is nothing to carry any more.
async fn take(scope: &Scope, job: &Running, payload: Deliver) -> Result<Option<Parcel>> {
    let txn = scope.begin().await?;
    let delivery = txn.lock::<delivery::Entity>(payload.delivery).await?;
    if delivery.state != DeliveryState::Queued {
        job.complete(&txn).await?;
        txn.commit().await?;
        return Ok(None);
    }
    let notification = txn.get::<notification::Entity>(delivery.notification_id).await?;
    let find = txn.statement(sql!("recipient.sql")).bind("membership", notification.membership_id);
    let to = find.one::<Recipient>().await?.ok_or(Error::NotFound)?;
    if let Some(because) = out_of_reach(delivery.channel, &to) {
        settle::suppress(&txn, delivery, because).await?;
        job.complete(&txn).await?;
        txn.commit().await?;
        return Ok(None);
    }
    let now = txn.now();
    let unsure_since = delivery.unsure_since;
    let delivery = note_attempt(&txn, delivery, now).await?;
    txn.commit().await?;
    let locale = Locale::of_tag(&to.locale).unwrap_or_default();
    let words = text::words(&notification, locale, &to.time_zone);
    let content = content(&delivery, &to, now);
    Ok(Some(Parcel { delivery, notification, to, locale, words, content, unsure_since, now }))
}

/// What has changed since the message was queued may forbid it.
fn out_of_reach(channel: Channel, to: &Recipient) -> Option<&'static str> {
    if to.status != MembershipStatus::Active.to_value() {
        return Some(state::NOT_A_MEMBER);
    }
    if channel == Channel::Whatsapp { state::unreachable(to.phone.as_deref(), to.whatsapp_consent_at) } else { None }
}

async fn note_attempt(txn: &crate::scope::TenantTx<'_>, delivery: delivery::Model, now: Timestamp) -> Result<delivery::Model> {
    use sea_orm::ActiveValue::Set;
    let (attempts, unsure_since) = (delivery.attempts + 1, delivery.unsure_since.or(Some(now)));
    let mut row = delivery.into_active_model();
    row.attempts = Set(attempts);
    row.unsure_since = Set(unsure_since);
    row.updated_at = Set(now);
    txn.update(row).await
}

/// Our own words within the window, unless the provider has refused them already.
fn content(delivery: &delivery::Model, to: &Recipient, now: Timestamp) -> Content {
    let open = to.last_inbound_at.is_some_and(|at| now.since(at) < WINDOW);
    if open && delivery.content != Some(Content::Template) { Content::FreeText } else { Content::Template }
}

/// What stops us on our own side, such as a full disk, is no reason to lose a message either. The log says what it is.
fn ours(error: &Error, parcel: &Parcel) -> Outcome {
    tracing::error!(error = %error, delivery.id = %parcel.delivery.id, "a message could not be handed over");
    Outcome::Away { trouble: Trouble::new(None, "a fault on our side"), unsure: parcel.unsure_since.is_some() }
}

/// A message that waits ends its job well, so the jobs do not show that a provider is away.
fn count(channel: Channel, outcome: &Outcome) {
    let outcome = match outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::Away { .. } => "away",
        Outcome::Unanswered(_) => "unanswered",
        Outcome::Hold(_) => "held",
        Outcome::Refused { .. } => "refused",
    };
    metrics::counter!("notifications_total", "channel" => channel.word(), "outcome" => outcome).increment(1);
}

async fn hand_over(app: &App, parcel: &Parcel) -> Result<Outcome> {
    match (parcel.delivery.channel, &app.settings().messaging.twilio) {
        (Channel::Whatsapp, Some(account)) => twilio::send(app, account, parcel).await,
        (Channel::Whatsapp, None) => outbox::whatsapp(app, parcel).await,
        (Channel::Email, _) => post(app, &Sheet::from(parcel)).await,
        (channel, _) => Err(Error::internal(format!("nothing carries {channel:?}"))),
    }
}

/// Hands a mail to the server there is, or lays it into the outbox.
pub(super) async fn post(app: &App, sheet: &Sheet) -> Result<Outcome> {
    if app.settings().messaging.smtp_url.is_some() { mail::send(app, sheet).await } else { outbox::mail(app, sheet).await }
}
