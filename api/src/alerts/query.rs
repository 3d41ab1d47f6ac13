use super::inputs::{StockAlertFilter, StockAlertSort};
use super::rule::{StockAlertRule, StockAlertRuleConnection};
use super::types::{StockAlert, StockAlertConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::schema::requires;
use async_graphql::{Context, ID, Object};
use entities::alerts::AlertId;
use services::alerts::{read, rules};

#[derive(Default)]
pub struct AlertsQuery;

#[Object]
impl AlertsQuery {
    /// A stock alert by its id; null when there is none.
    #[graphql(directive = requires::apply("ALERTS_STOCK_ALERT_READ".into()))]
    async fn stock_alert(&self, ctx: &Context<'_>, id: ID) -> Result<Option<StockAlert>> {
        Ok(read::find(ctx.scope()?, AlertId::of_global(&id)).await?.map(StockAlert::alone))
    }

    /// Stock alerts, current and past; the latest first when no order is given.
    #[graphql(directive = requires::apply("ALERTS_STOCK_ALERT_READ".into()))]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a field of the contract")]
    async fn stock_alerts(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<StockAlertFilter>,
        order_by: Option<Vec<StockAlertSort>>,
    ) -> Result<Option<StockAlertConnection>> {
        let (scope, filter) = (ctx.scope()?, filter.unwrap_or_default().into());
        let page = read::page(scope, &filter, &StockAlertSort::order(order_by), &args(ctx, first, after, last, before)).await?;
        let cursor = read::stream_cursor(scope).await?.to_string();
        Ok(Some(StockAlertConnection::new(StockAlert::page(page), cursor)))
    }

    /// The rules behind the alerts, the oldest first.
    #[graphql(directive = requires::apply("ALERTS_STOCK_ALERT_READ".into()))]
    async fn stock_alert_rules(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<StockAlertRuleConnection>> {
        let page = rules::page(ctx.scope()?, &args(ctx, first, after, last, before)).await?;
        Ok(Some(StockAlertRuleConnection::new(StockAlertRule::page(page))))
    }
}
