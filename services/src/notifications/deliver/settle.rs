//! What is written after a message was handed over, or could not be.

use super::super::{Deliver, callbacks, state};
use super::{Outcome, Parcel, Trouble, twilio};
use crate::scope::TenantTx;
use crate::work::Running;
use crate::{Error, Reads, Result, Scope};
use chrono::TimeDelta;
use entities::notifications::{Channel, DeliveryState, delivery};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, IntoActiveModel};

/// How long a message waits for a provider's daily limit to move before it is given up.
const PATIENCE: TimeDelta = TimeDelta::hours(48);

/// Writes what came of an attempt and ends the job with it, or asks the worker for another try.
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
        Outcome::Retry { trouble, unsure } if job.attempts < job.max_attempts => {
            note(&txn, delivery, &trouble, unsure).await?;
            txn.commit().await?;
            return Err(Error::from(trouble));
        }
        Outcome::Retry { trouble, .. } => fail(&txn, delivery, DeliveryState::Failed, trouble).await?,
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

async fn note(txn: &TenantTx<'_>, delivery: delivery::Model, trouble: &Trouble, unsure: bool) -> Result<()> {
    let unsure_since = delivery.unsure_since.filter(|_| unsure);
    let mut row = delivery.into_active_model();
    (row.error_code, row.error) = (Set(trouble.code), Set(Some(trouble.text.clone())));
    (row.unsure_since, row.updated_at) = (Set(unsure_since), Set(txn.now()));
    txn.update(row).await.map(drop)
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
        created_at: Set(txn.now()),
        updated_at: Set(txn.now()),
        ..Default::default()
    };
    let mail = txn.insert(mail).await?;
    txn.enqueue(Deliver::job(txn, mail.id)?);
    Ok(())
}

/// Waits about an hour for the daily limit to move, as a new job; given up after two days.
pub(in super::super) async fn hold(txn: &TenantTx<'_>, delivery: delivery::Model, trouble: Trouble) -> Result<()> {
    if txn.now().since(delivery.created_at) > PATIENCE {
        return fail(txn, delivery, DeliveryState::Failed, trouble).await;
    }
    let minutes = 50 + txn.app().random().up_to(20);
    let job = Deliver::job(txn, delivery.id)?.at(txn.now().plus(TimeDelta::minutes(minutes)));
    let mut row = delivery.into_active_model();
    // The provider has refused this message; a later one gets an id of its own.
    (row.state, row.provider_message_id) = (Set(DeliveryState::Queued), Set(None));
    (row.error_code, row.error) = (Set(trouble.code), Set(Some(trouble.text)));
    (row.unsure_since, row.updated_at) = (Set(None), Set(txn.now()));
    txn.update(row).await?;
    txn.enqueue(job);
    Ok(())
}
