//! What is written after a message was handed over, or could not be.

use super::super::{Deliver, callbacks, state};
use super::{Outcome, Parcel, Trouble, twilio};
use crate::scope::TenantTx;
use crate::work::Running;
use crate::{Error, Reads, Result, Scope};
use chrono::TimeDelta;
use entities::notifications::{Category, Channel, DeliveryState, delivery, notification};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, IntoActiveModel};

/// The first wait for a provider that is away, and the longest.
const WAITS: (TimeDelta, TimeDelta) = (TimeDelta::seconds(20), TimeDelta::hours(1));
/// A message that was handed over so many times without an answer is given up: it may have arrived as often.
const MOST_UNANSWERED: i32 = 10;

/// How long a message is worth sending. Yesterday's alert says little about today's stock; the list has it all the same.
fn patience(category: Category) -> TimeDelta {
    match category {
        Category::StockAlert | Category::Digest => TimeDelta::hours(24),
        Category::DataImport | Category::Security | Category::System => TimeDelta::hours(48),
    }
}

/// When a message is tried again, and what is known of it until then.
struct Later {
    wait: TimeDelta,
    /// It may have been taken.
    unsure: bool,
    unanswered: i32,
}

impl Later {
    /// Waits as long again as the message is old, so that a short outage costs little and a long one few attempts; up to
    /// half of it less, so that what failed together comes back apart. Attempts without an answer lie further apart.
    fn by_age(txn: &TenantTx<'_>, delivery: &delivery::Model) -> Self {
        let least = WAITS.0 * 2i32.pow(delivery.unanswered.clamp(0, MOST_UNANSWERED).unsigned_abs());
        let bound = txn.now().since(delivery.created_at).max(least).min(WAITS.1);
        let half = bound / 2;
        let wait = half + TimeDelta::microseconds(txn.app().random().up_to(half.num_microseconds().unwrap_or(0)));
        Self { wait, unsure: false, unanswered: delivery.unanswered }
    }
}

/// Writes what came of an attempt and ends the job with it; what is to be tried again gets a new one.
pub(super) async fn settle(scope: &Scope, job: &Running, parcel: Parcel, outcome: Outcome) -> Result<()> {
    let txn = scope.begin().await?;
    let delivery = txn.lock::<delivery::Entity>(parcel.delivery.id).await?;
    let mut heard = None;
    match outcome {
        Outcome::Accepted { provider, message, content } => {
            heard = message.clone().filter(|_| provider == twilio::PROVIDER);
            let mut row = delivery.into_active_model();
            row.state = Set(DeliveryState::Sent);
            row.provider = Set(Some(provider.to_owned()));
            row.provider_message_id = Set(message);
            row.content = Set(content);
            (row.unsure_since, row.error_code, row.error, row.updated_at) = (Set(None), Set(None), Set(None), Set(txn.now()));
            // Another delivery in the same words has just claimed the message: look again.
            txn.update(row).await.map_err(|error| if error.duplicates("message") { Error::Conflict } else { error })?;
        }
        Outcome::Away { trouble, unsure } => {
            let later = Later { unsure, ..Later::by_age(&txn, &delivery) };
            put_back(&txn, delivery, trouble, later).await?;
        }
        Outcome::Unanswered(trouble) if delivery.unanswered + 1 >= MOST_UNANSWERED => {
            fail(&txn, delivery, DeliveryState::Failed, trouble).await?;
        }
        Outcome::Unanswered(trouble) => {
            let later = Later { unsure: true, unanswered: delivery.unanswered + 1, ..Later::by_age(&txn, &delivery) };
            put_back(&txn, delivery, trouble, later).await?;
        }
        Outcome::Refused { state, trouble } => fail(&txn, delivery, state, trouble).await?,
        Outcome::Hold(trouble) => hold(&txn, delivery, trouble).await?,
    }
    job.complete(&txn).await?;
    txn.commit().await?;
    match heard {
        Some(sid) => callbacks::hear_early(scope, &sid).await,
        None => Ok(()),
    }
}

/// Never tried after all.
pub(super) async fn suppress(txn: &TenantTx<'_>, delivery: delivery::Model, because: &str) -> Result<()> {
    let mut row = delivery.into_active_model();
    (row.state, row.suppressed_because) = (Set(DeliveryState::Suppressed), Set(Some(because.to_owned())));
    row.updated_at = Set(txn.now());
    txn.update(row).await.map(drop)
}

/// Given up. A WhatsApp message goes out by e-mail then, unless its notification already has.
pub(in super::super) async fn fail(txn: &TenantTx<'_>, delivery: delivery::Model, heard: DeliveryState, trouble: Trouble) -> Result<()> {
    let Some(after) = state::advance(delivery.state, heard) else { return Ok(()) };
    if delivery.channel == Channel::Whatsapp {
        fall_back(txn, &delivery).await?;
    }
    let mut row = delivery.into_active_model();
    (row.state, row.unsure_since) = (Set(after), Set(None));
    (row.error_code, row.error, row.updated_at) = (Set(trouble.code), Set(Some(trouble.text)), Set(txn.now()));
    txn.update(row).await.map(drop)
}

async fn fall_back(txn: &TenantTx<'_>, failed: &delivery::Model) -> Result<()> {
    use delivery::Column;
    let mails = txn.select::<delivery::Entity>().filter(Column::NotificationId.eq(failed.notification_id));
    if mails.filter(Column::Channel.eq(Channel::Email)).count().await? > 0 {
        return Ok(());
    }
    let mail = delivery::ActiveModel {
        id: Set(txn.new_id()),
        notification_id: Set(failed.notification_id),
        channel: Set(Channel::Email),
        state: Set(DeliveryState::Queued),
        attempts: Set(0),
        unanswered: Set(0),
        created_at: Set(txn.now()),
        updated_at: Set(txn.now()),
        ..Default::default()
    };
    let mail = txn.insert(mail).await?;
    txn.enqueue(Deliver::job(txn, mail.id)?);
    Ok(())
}

/// Waits about an hour for the daily limit to move.
pub(in super::super) async fn hold(txn: &TenantTx<'_>, delivery: delivery::Model, trouble: Trouble) -> Result<()> {
    let wait = TimeDelta::minutes(50 + txn.app().random().up_to(20));
    let later = Later { wait, unsure: false, unanswered: delivery.unanswered };
    put_back(txn, delivery, trouble, later).await
}

/// Queues a message for a later time, as a new job; given up when it has waited for longer than it is worth.
async fn put_back(txn: &TenantTx<'_>, delivery: delivery::Model, trouble: Trouble, later: Later) -> Result<()> {
    let category = txn.get::<notification::Entity>(delivery.notification_id).await?.category;
    if txn.now().since(delivery.created_at) >= patience(category) {
        return fail(txn, delivery, DeliveryState::Failed, trouble).await;
    }
    tracing::warn!(delivery.id = %delivery.id, provider.code = trouble.code, "not delivered yet, tried again in {} s", later.wait.num_seconds());
    let job = Deliver::job(txn, delivery.id)?.at(txn.now().plus(later.wait));
    let unsure_since = delivery.unsure_since.filter(|_| later.unsure);
    let mut row = delivery.into_active_model();
    // Whatever the provider knew it by was refused; a later one gets an id of its own.
    (row.state, row.provider_message_id) = (Set(DeliveryState::Queued), Set(None));
    (row.error_code, row.error) = (Set(trouble.code), Set(Some(trouble.text)));
    (row.unsure_since, row.unanswered, row.updated_at) = (Set(unsure_since), Set(later.unanswered), Set(txn.now()));
    txn.update(row).await?;
    txn.enqueue(job);
    Ok(())
}
