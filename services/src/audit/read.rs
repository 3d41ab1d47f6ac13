use crate::identity::{Grants, Permission, security_events};
use crate::page::{Page, PageArgs, Sort, one_of};
use crate::scope::ReadsWithin;
use crate::{Result, Scope};
use entities::Timestamp;
use entities::audit::AuditEventId;
use entities::audit::event::{self, AuditOutcome};
use entities::identity::MembershipId;
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// Narrows the log; what is absent narrows nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AuditFilter {
    pub actions: Vec<String>,
    pub actor: Option<MembershipId>,
    pub target: Option<Uuid>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
    pub denied: Option<bool>,
    /// What bears on who may come in and what they may do, alone.
    #[serde(default)]
    pub security: bool,
}

impl AuditFilter {
    /// Ids sort by time, so an instant is a place in the key, too.
    pub(super) fn condition(&self) -> Result<Condition> {
        use event::Column as C;
        let mut all = Condition::all();
        if self.security {
            all = all.add(Condition::any().add(C::Action.is_in(security_events::ACTIONS)).add(C::Outcome.eq(AuditOutcome::Denied)));
        }
        if !self.actions.is_empty() {
            all = all.add(one_of(C::Action, &self.actions)?);
        }
        let outcome = self.denied.map(|denied| if denied { AuditOutcome::Denied } else { AuditOutcome::Done });
        let first_of = |at| super::seal::first_id_of(at);
        let ends = self.to.map(|to| first_of(Timestamp(to.0.saturating_add(1000))));
        Ok(all
            .add_option(self.actor.map(|actor| C::ActorMembershipId.eq(actor)))
            .add_option(self.target.map(|target| C::TargetId.eq(target)))
            .add_option(outcome.map(|outcome| C::Outcome.eq(outcome)))
            .add_option(self.from.map(|from| C::At.gte(from)))
            .add_option(self.from.map(|from| C::Id.gte(first_of(from))))
            .add_option(self.to.map(|to| C::At.lt(to)))
            .add_option(ends.map(|end| C::Id.lt(end))))
    }
}

/// The organisation's log, the latest first.
pub async fn page(scope: &Scope, filter: &AuditFilter, args: &PageArgs) -> Result<Page<event::Model>> {
    let rows = scope.select_within::<event::Entity>(Permission::AuditEventRead)?.filter(filter.condition()?);
    rows.page(args, &[Sort::descending(event::Column::Id)]).await
}

pub async fn find(scope: &Scope, id: AuditEventId) -> Result<Option<event::Model>> {
    scope.find_within::<event::Entity>(Permission::AuditEventRead, id).await
}

/// These events, for whoever asks for several at once.
pub async fn by_ids(scope: &Scope, ids: &[AuditEventId]) -> Result<HashMap<AuditEventId, event::Model>> {
    scope.by_ids_within::<event::Entity>(Permission::AuditEventRead, ids).await
}

/// What one field was and is, as text; neither where it is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub field: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// Fields that are seen by a right of their own, in the log, too.
const APART: [(&str, Permission); 1] = [("costPrice", Permission::InventoryCostRead)];

/// The codes of those of these rights that somebody has.
pub(super) fn apart(grants: &Grants) -> Vec<String> {
    APART.iter().filter(|(_, permission)| grants.allow(*permission)).map(|(_, permission)| permission.code().to_owned()).collect()
}

/// What an event changed, by the field's name, as whoever has these rights may see it: of other fields, that they changed.
pub fn changes(event: &event::Model, grants: &Grants) -> Vec<Change> {
    let Ok(Value::Object(all)) = serde_json::from_str(&event.changes) else { return Vec::new() };
    let hidden = |field: &str| APART.iter().any(|(apart, permission)| *apart == field && !grants.allow(*permission));
    let change = |(field, both): (String, Value)| match hidden(&field) {
        true => Change { field, old: None, new: None },
        false => Change { field, old: text(&both[0]), new: text(&both[1]) },
    };
    all.into_iter().map(change).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
