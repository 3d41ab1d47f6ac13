use super::state::StockAlertState;
use crate::context::Ask;
use crate::error::Result;
use crate::identity::types::Membership;
use crate::scalars::{DateTime, Decimal};
use crate::together::Together;
use async_graphql::{Context, Object};
use entities::Quantity;
use entities::alerts::{AlertId, AlertTransitionId, transition};
use entities::identity::MembershipId;
use services::Scope;
use services::alerts::read;
use services::inventory::quantity;
use std::collections::HashMap;
use std::sync::Arc;

/// One step of an alert's life.
#[derive(Clone)]
pub struct StockAlertTransition {
    row: transition::Model,
    people: Arc<Together<MembershipId, Membership>>,
}

impl StockAlertTransition {
    pub fn alone(row: transition::Model) -> Self {
        let people = Arc::new(Together::new(row.by_membership_id));
        Self { row, people }
    }
}

/// One step of an alert's life, or another notice of it.
#[Object]
impl StockAlertTransition {
    /// Where it stood from then on.
    async fn state(&self) -> StockAlertState {
        self.row.to_state.into()
    }
    /// When.
    async fn occurred_at(&self) -> DateTime {
        self.row.occurred_at.into()
    }
    /// Who did it; null: the evaluation.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Membership>> {
        let Some(id) = self.row.by_membership_id else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.people.get(id, |ids| Membership::by_ids(scope, ids)).await?)
    }
    /// In their words.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }
    /// What was available then.
    async fn available(&self) -> Option<Decimal> {
        amount(self.row.value_n, self.row.value_d)
    }
    /// Against which threshold; of a service level the target.
    async fn threshold(&self) -> Option<Decimal> {
        threshold(self.row.threshold, self.row.value_d)
    }
}

/// The steps of these alerts; the people in them are loaded together.
pub async fn timelines(scope: &Scope, ids: &[AlertId]) -> services::Result<HashMap<AlertId, Vec<StockAlertTransition>>> {
    let rows = read::timelines(scope, ids).await?;
    let people = Arc::new(Together::new(rows.values().flatten().filter_map(|row| row.by_membership_id)));
    Ok(rows
        .into_iter()
        .map(|(id, rows)| (id, rows.into_iter().map(|row| StockAlertTransition { row, people: people.clone() }).collect()))
        .collect())
}

/// A quantity; a service level, which is out of something, has none.
pub(super) fn amount(value: Option<i64>, out_of: Option<i64>) -> Option<Decimal> {
    value.filter(|_| out_of.is_none()).map(|value| Quantity(value).into())
}

pub(super) fn threshold(threshold: Option<i64>, out_of: Option<i64>) -> Option<Decimal> {
    let decimals = if out_of.is_some() { 4 } else { 3 };
    threshold.map(|threshold| Decimal(quantity::format_scaled(threshold, decimals, false)))
}

/// A transition as the stream of events tells it.
#[derive(serde::Deserialize)]
pub struct Told {
    pub alert: AlertId,
    transition: AlertTransitionId,
    state: String,
    by: Option<MembershipId>,
    note: Option<String>,
    value: Option<i64>,
    of: Option<i64>,
    threshold: Option<i64>,
    at: entities::Timestamp,
}

impl Told {
    pub fn transition(self) -> services::Result<StockAlertTransition> {
        let to_state = sea_orm::ActiveEnum::try_from_value(&self.state).map_err(services::Error::internal)?;
        Ok(StockAlertTransition::alone(transition::Model {
            tenant_id: entities::TenantId::NIL,
            id: self.transition,
            alert_id: self.alert,
            alert_version: 0,
            from_state: None,
            to_state,
            notice: None,
            value_n: self.value,
            value_d: self.of,
            threshold: self.threshold,
            by_membership_id: self.by,
            note: self.note,
            occurred_at: self.at,
            announced_at: None,
            noticed_at: None,
        }))
    }
}
