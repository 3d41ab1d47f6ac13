use super::inputs::{StockAlertRuleCreateInput, StockAlertRuleUpdateInput};
use super::rule::StockAlertRule;
use super::types::StockAlert;
use crate::context::Ask;
use crate::error::{Result, UserError};
use crate::ids::GlobalId;
use crate::payload::or_present;
use crate::scalars::DateTime;
use crate::schema::requires;
use crate::work::types::Job;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entities::alerts::AlertRuleId;
use services::alerts::evaluate;
use services::alerts::handle::{self, Handled, Snooze};
use services::alerts::rules::{self, RuleChange};
use services::scope::retrying;
use services::{Code, Error, Scope};

/// The rule to remove.
#[derive(InputObject)]
pub struct StockAlertRuleDeleteInput {
    /// The rule.
    id: ID,
}

/// The alerts somebody is at.
#[derive(InputObject)]
pub struct StockAlertsAcknowledgeInput {
    /// At most 250.
    ids: Vec<ID>,
    /// In their words.
    note: Option<String>,
}

/// The alerts to put off. One of until and untilRestock; both absent wakes it up.
#[derive(InputObject)]
pub struct StockAlertsSnoozeInput {
    /// At most 250.
    ids: Vec<ID>,
    /// Until then.
    until: Option<DateTime>,
    /// Until it resolves.
    until_restock: Option<bool>,
}

/// How to evaluate.
#[derive(InputObject)]
pub struct StockAlertsEvaluateInput {
    /// Every product, whether or not anything can have changed.
    #[graphql(default = false)]
    full: bool,
}

payload! {
    StockAlertRuleCreatePayload {
        /// The new rule.
        stock_alert_rule: StockAlertRule
    },
    StockAlertRuleUpdatePayload {
        /// The rule as it is now, also after STALE_VERSION.
        stock_alert_rule: StockAlertRule
    },
    StockAlertRuleDeletePayload {
        /// The id that is gone.
        deleted_id: ID
    },
    StockAlertsEvaluatePayload {
        /// The evaluation that was asked for.
        job: Job
    },
}

/// What came of `stockAlertsAcknowledge`: one result for each id, an alert or an error that names its place.
#[derive(SimpleObject)]
pub struct StockAlertsAcknowledgePayload {
    /// The alerts as they are now.
    stock_alerts: Option<Vec<StockAlert>>,
    /// Every rule that refused; `path` is `ids` and the place in it.
    user_errors: Vec<UserError>,
}

/// What came of `stockAlertsSnooze`: one result for each id, an alert or an error that names its place.
#[derive(SimpleObject)]
pub struct StockAlertsSnoozePayload {
    /// The alerts as they are now.
    stock_alerts: Option<Vec<StockAlert>>,
    /// Every rule that refused; `path` is `ids` and the place in it.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct AlertsMutation;

#[Object]
impl AlertsMutation {
    /// Adds a rule.
    #[graphql(directive = requires::apply("ALERTS_RULE_WRITE".into()))]
    async fn stock_alert_rule_create(
        &self,
        ctx: &Context<'_>,
        input: StockAlertRuleCreateInput,
    ) -> Result<Option<StockAlertRuleCreatePayload>> {
        let (scope, input) = (ctx.scope()?, input.into());
        let made = retrying(|| rules::create(scope, Clone::clone(&input))).await;
        Ok(Some(StockAlertRuleCreatePayload::of(made.map(StockAlertRule::alone))?))
    }

    /// Changes a rule. Absent = untouched.
    #[graphql(directive = requires::apply("ALERTS_RULE_WRITE".into()))]
    async fn stock_alert_rule_update(
        &self,
        ctx: &Context<'_>,
        input: StockAlertRuleUpdateInput,
    ) -> Result<Option<StockAlertRuleUpdatePayload>> {
        let (scope, id) = (ctx.scope()?, AlertRuleId::of_global(&input.id));
        let change: RuleChange = input.into();
        let changed = retrying(|| rules::update(scope, id, change.clone())).await;
        let present = async { Ok::<_, Error>(rules::find(scope, id).await?.map(StockAlertRule::alone)) };
        or_present(changed.map(StockAlertRule::alone), present).await
    }

    /// Removes a rule; its open alerts resolve, or go on under the next one that speaks of their subject.
    #[graphql(directive = requires::apply("ALERTS_RULE_WRITE".into()))]
    async fn stock_alert_rule_delete(
        &self,
        ctx: &Context<'_>,
        input: StockAlertRuleDeleteInput,
    ) -> Result<Option<StockAlertRuleDeletePayload>> {
        let (scope, id) = (ctx.scope()?, AlertRuleId::of_global(&input.id));
        let gone = retrying(|| rules::delete(scope, id)).await;
        Ok(Some(StockAlertRuleDeletePayload::of(gone.map(GlobalId::to_global))?))
    }

    /// Says that somebody is at it: quiet for a day. Said again, the day begins anew. At most 250 ids, one result an id.
    #[graphql(directive = requires::apply("ALERTS_STOCK_ALERT_HANDLE".into()))]
    async fn stock_alerts_acknowledge(
        &self,
        ctx: &Context<'_>,
        input: StockAlertsAcknowledgeInput,
    ) -> Result<Option<StockAlertsAcknowledgePayload>> {
        let (scope, ids) = (ctx.scope()?, GlobalId::of_globals(&input.ids));
        let handled = retrying(|| handle::acknowledge(scope, &ids, input.note.as_deref())).await;
        let (stock_alerts, user_errors) = results(handled)?;
        Ok(Some(StockAlertsAcknowledgePayload { stock_alerts, user_errors }))
    }

    /// Puts alerts off, or wakes them up. At most 250 ids, one result an id.
    #[graphql(directive = requires::apply("ALERTS_STOCK_ALERT_HANDLE".into()))]
    async fn stock_alerts_snooze(&self, ctx: &Context<'_>, input: StockAlertsSnoozeInput) -> Result<Option<StockAlertsSnoozePayload>> {
        let (scope, ids) = (ctx.scope()?, GlobalId::of_globals(&input.ids));
        let handled = match how(scope, &input) {
            Ok(how) => retrying(|| handle::snooze(scope, &ids, how)).await,
            Err(error) => Err(error),
        };
        let (stock_alerts, user_errors) = results(handled)?;
        Ok(Some(StockAlertsSnoozePayload { stock_alerts, user_errors }))
    }

    /// Asks the worker for an evaluation now.
    #[graphql(directive = requires::apply("ALERTS_STOCK_ALERT_EVALUATE".into()))]
    async fn stock_alerts_evaluate(
        &self,
        ctx: &Context<'_>,
        input: StockAlertsEvaluateInput,
    ) -> Result<Option<StockAlertsEvaluatePayload>> {
        let scope = ctx.scope()?;
        let asked = retrying(|| evaluate::request(scope, input.full)).await;
        Ok(Some(StockAlertsEvaluatePayload::of(asked.map(Job::from))?))
    }
}

fn how(scope: &Scope, input: &StockAlertsSnoozeInput) -> services::Result<Snooze> {
    match (input.until, input.until_restock.unwrap_or(false)) {
        (Some(_), true) => Err(Error::refuse(Code::Invalid, "untilRestock", scope.locale().say("snooze-one-of", &[]))),
        (Some(until), false) => Ok(Snooze::Until(until.0)),
        (None, true) => Ok(Snooze::UntilRestock),
        (None, false) => Ok(Snooze::WakeUp),
    }
}

type Results = (Option<Vec<StockAlert>>, Vec<UserError>);

fn results(handled: services::Result<Handled>) -> Result<Results> {
    match handled {
        Ok(Handled { alerts, refusals }) => Ok((Some(StockAlert::all(alerts)), refusals.into_iter().map(Into::into).collect())),
        Err(Error::Refused(refusals)) => Ok((None, refusals.into_iter().map(Into::into).collect())),
        Err(error) => Err(error.into()),
    }
}
