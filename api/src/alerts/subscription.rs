use super::types::{StockAlert, StockAlertTransition, Told};
use crate::context::Ask;
use crate::error::Result;
use crate::live;
use crate::scalars::DateTime;
use crate::schema::requires;
use async_graphql::{Context, SimpleObject, Subscription};
use futures_util::Stream;
use services::alerts::{announce, read};
use services::events::Event;
use services::identity::Permission;
use services::{Error, Scope};

/// That an alert changed.
#[derive(SimpleObject)]
pub struct StockAlertEvent {
    /// Where to resume.
    pub cursor: String,
    /// When it was recorded.
    pub occurred_at: DateTime,
    /// What happened.
    pub transition: StockAlertTransition,
    /// The alert as it is by now; null when it is gone.
    pub alert: Option<StockAlert>,
}

#[derive(Default)]
pub struct AlertsSubscription;

#[Subscription]
impl AlertsSubscription {
    /// The active organisation's alerts, live: replays what followed the cursor, then live; without a cursor starts now.
    /// A pending alert is not told of before it fires; lists show it when they are read.
    #[graphql(directive = requires::apply("ALERTS_STOCK_ALERT_READ".into()))]
    async fn stock_alert_changed<'a>(
        &self,
        ctx: &Context<'a>,
        after: Option<String>,
    ) -> Result<impl Stream<Item = async_graphql::Result<StockAlertEvent>> + use<'a>> {
        ctx.scope()?.require(Permission::AlertsStockAlertRead)?;
        live::follow(ctx, announce::STREAM.to_owned(), after, |scope, event| async move { show(&scope, event).await }).await
    }
}

async fn show(scope: &Scope, event: Event) -> Result<StockAlertEvent> {
    let told: Told = serde_json::from_str(&event.payload).map_err(Error::from)?;
    let alert = read::find(scope, told.alert).await?.map(StockAlert::alone);
    scope.end_read().await;
    Ok(StockAlertEvent { cursor: event.seq.to_string(), occurred_at: event.occurred_at.into(), transition: told.transition()?, alert })
}
