use super::super::deliver::{self, Trouble};
use super::super::{Deliver, state};
use super::Fields;
use crate::locale::Locale;
use crate::{App, Doorway, Result, Scope, SystemScope, sql};
use entities::TenantId;
use entities::notifications::{Content, DeliveryState, NotificationDeliveryId, delivery};
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel;

#[derive(sea_orm::FromQueryResult)]
struct Place {
    tenant_id: TenantId,
    id: NotificationDeliveryId,
}

/// One status as it was told, kept or not.
#[derive(Debug, sea_orm::FromQueryResult)]
struct Told {
    status: String,
    error_code: Option<i32>,
    error: Option<String>,
}

/// A message's status. One of an id we do not know is kept a while: it may be quicker than the answer it belongs to.
pub(super) async fn hear(app: &App, sid: &str, status: &str, fields: &Fields) -> Result<()> {
    let told = Told {
        status: status.to_owned(),
        error_code: fields.get("ErrorCode").and_then(|code| code.parse().ok()),
        error: fields.get("ErrorMessage").map(str::to_owned),
    };
    if state_of(status).is_none() {
        return Ok(());
    }
    if let Some(place) = place_of(app, sid).await? {
        return apply(app, &place, sid, &told).await;
    }
    tracing::info!(message.sid = sid, status, "a status of a message we do not know (yet)");
    keep(app, sid, &told).await?;
    // The answer may have been written meanwhile; whoever comes second sees both.
    match place_of(app, sid).await? {
        Some(place) => apply(app, &place, sid, &told).await,
        None => Ok(()),
    }
}

/// Takes what was told of a message before its id was known.
pub(in super::super) async fn hear_early(scope: &Scope, sid: &str) -> Result<()> {
    let tx = Doorway::new(scope.app(), Locale::default()).read().await?;
    let told = tx.statement(sql!("early.sql")).bind("sid", sid.to_owned()).one::<Told>().await?;
    drop(tx);
    match (told, place_of(scope.app(), sid).await?) {
        (Some(told), Some(place)) => apply(scope.app(), &place, sid, &told).await,
        _ => Ok(()),
    }
}

/// The one delivery a provider's message id stands for.
async fn place_of(app: &App, sid: &str) -> Result<Option<Place>> {
    let tx = Doorway::new(app, Locale::default()).read().await?;
    tx.statement(sql!("delivery_of_message.sql")).bind("sid", sid.to_owned()).one().await
}

async fn keep(app: &App, sid: &str, told: &Told) -> Result<()> {
    let system = SystemScope::new(app);
    let tx = system.begin().await?;
    let keep = tx.statement(sql!("keep.sql")).bind("sid", sid.to_owned()).bind("status", told.status.clone());
    let keep = keep.bind("code", told.error_code).bind("error", told.error.clone()).bind("now", system.now());
    keep.run().await?;
    tx.commit().await
}

async fn apply(app: &App, place: &Place, sid: &str, told: &Told) -> Result<()> {
    let scope = Scope::system(app, place.tenant_id, Locale::default());
    let txn = scope.begin().await?;
    let delivery = txn.lock::<delivery::Entity>(place.id).await?;
    // Sent anew since: this is an older message's status.
    if delivery.provider_message_id.as_deref() != Some(sid) {
        return Ok(());
    }
    let Some(heard) = state_of(&told.status).filter(|heard| state::advance(delivery.state, *heard).is_some()) else { return Ok(()) };
    let trouble = Trouble::new(told.error_code, told.error.clone().unwrap_or_else(|| told.status.clone()));
    match (heard, told.error_code) {
        (DeliveryState::Failed, Some(deliver::DAILY_LIMIT)) => deliver::hold(&txn, delivery, trouble).await?,
        (DeliveryState::Failed, Some(deliver::USE_TEMPLATE)) if delivery.content == Some(Content::FreeText) => {
            send_template(&txn, delivery, trouble).await?;
        }
        (DeliveryState::Failed, _) => deliver::fail(&txn, delivery, heard, trouble).await?,
        _ => {
            let mut row = delivery.into_active_model();
            (row.state, row.updated_at) = (Set(heard), Set(txn.now()));
            txn.update(row).await?;
        }
    }
    txn.commit().await
}

/// The window had closed: the same again, in the template, as a new message.
async fn send_template(txn: &crate::scope::TenantTx<'_>, delivery: delivery::Model, trouble: Trouble) -> Result<()> {
    let job = Deliver::job(txn, delivery.id)?;
    let mut row = delivery.into_active_model();
    (row.state, row.content, row.provider_message_id) = (Set(DeliveryState::Queued), Set(Some(Content::Template)), Set(None));
    (row.error_code, row.error, row.updated_at) = (Set(trouble.code), Set(Some(trouble.text)), Set(txn.now()));
    txn.update(row).await?;
    txn.enqueue(job);
    Ok(())
}

/// Our state for Twilio's word; none for what says nothing new.
fn state_of(status: &str) -> Option<DeliveryState> {
    match status {
        "sent" => Some(DeliveryState::Sent),
        "delivered" | "partially_delivered" => Some(DeliveryState::Delivered),
        "read" => Some(DeliveryState::Read),
        "failed" | "undelivered" | "canceled" => Some(DeliveryState::Failed),
        _ => None,
    }
}
