use crate::context::Ask;
use crate::error::Result;
use crate::identity::types::Membership;
use crate::ids::{self, GlobalId, Kind};
use crate::scalars::DateTime;
use crate::together::Together;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use entities::audit::AuditEventId;
use entities::audit::event;
use entities::identity::MembershipId;
use services::Scope;
use services::audit::{self, AuditFilter};
use services::page::Page;
use std::collections::HashMap;
use std::sync::Arc;

/// That somebody did something, or was refused it.
#[derive(Clone)]
pub struct AuditEvent {
    row: event::Model,
    people: Arc<Together<MembershipId, Membership>>,
}

impl AuditEvent {
    fn among(people: impl IntoIterator<Item = MembershipId>) -> impl Fn(event::Model) -> Self {
        let people = Arc::new(Together::new(people));
        move |row| Self { row, people: people.clone() }
    }
    pub fn alone(row: event::Model) -> Self {
        Self::among(row.actor_membership_id)(row)
    }
    pub fn page(page: Page<event::Model>) -> Page<Self> {
        let people: Vec<MembershipId> = page.items().filter_map(|row| row.actor_membership_id).collect();
        page.map(Self::among(people))
    }
    pub async fn by_ids(scope: &Scope, ids: &[AuditEventId]) -> services::Result<HashMap<AuditEventId, Self>> {
        let rows = audit::by_ids(scope, ids).await?;
        let people: Vec<MembershipId> = rows.values().filter_map(|row| row.actor_membership_id).collect();
        let event = Self::among(people);
        Ok(rows.into_iter().map(|(id, row)| (id, event(row))).collect())
    }
}

/// That somebody did something, or was refused it. Movements of stock are not among them: their ledger, `stockMovements`, is
/// their record.
#[Object]
impl AuditEvent {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// When.
    async fn at(&self) -> DateTime {
        self.row.at.into()
    }
    /// What kind of actor it was.
    async fn actor_kind(&self) -> AuditActorKind {
        self.row.actor_kind.into()
    }
    /// The member who did it; null where it was none, or is none any more.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<Membership>> {
        let Some(id) = self.row.actor_membership_id else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.people.get(id, |ids| Membership::by_ids(scope, ids)).await?)
    }
    /// What was done, as `domain.noun.verb`; of what was denied, the permission that lacked.
    async fn action(&self) -> &str {
        &self.row.action
    }
    /// How it ended.
    async fn outcome(&self) -> AuditOutcome {
        self.row.outcome.into()
    }
    /// The type of what it was done to.
    async fn target_type(&self) -> Option<&str> {
        self.row.target_type.as_deref()
    }
    /// What it was done to, which may be gone.
    async fn target_id(&self) -> Option<ID> {
        let kind = self.row.target_type.as_deref().and_then(Kind::of_name)?;
        self.row.target_id.map(|id| ids::global(kind, id))
    }
    /// What it changed, field by field.
    async fn changes(&self, ctx: &Context<'_>) -> Result<Vec<AuditChange>> {
        let grants = ctx.scope()?.grants();
        let change = |one: audit::Change| AuditChange { field: one.field, old: one.old, new: one.new };
        Ok(audit::changes(&self.row, grants).into_iter().map(change).collect())
    }
    /// The name of the operation it was asked for with.
    async fn operation_name(&self) -> Option<&str> {
        self.row.operation.as_deref()
    }
    /// The `x-request-id` of the call that led to it.
    async fn request_id(&self) -> Option<&str> {
        self.row.request_id.as_deref()
    }
    /// The address it came from.
    async fn address(&self) -> Option<&str> {
        self.row.address.as_deref()
    }
    /// The program it came from, as it calls itself.
    async fn user_agent(&self) -> Option<&str> {
        self.row.user_agent.as_deref()
    }
}

connection!(AuditEvent, AuditEventConnection, AuditEventEdge, "the audit log");

/// What one field was and is. Where both are null it changed, and what it says is not kept.
#[derive(SimpleObject)]
pub struct AuditChange {
    /// The field.
    field: String,
    /// What it was.
    old: Option<String>,
    /// What it is since.
    new: Option<String>,
}

/// What kind of actor did something; values may be added.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "event::ActorKind")]
pub enum AuditActorKind {
    /// A member.
    User,
    /// A program, by its own key.
    ApiKey,
    /// An assistant.
    Agent,
    /// A job or a schedule.
    System,
    /// Who runs the installation.
    Support,
}

/// How an act ended.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "event::AuditOutcome")]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// It was refused for want of a permission; the same refusal is written down once a minute.
    Denied,
}

impl AuditOutcome {
    pub fn is_denied(self) -> bool {
        self == Self::Denied
    }
}

/// Narrows the audit log.
#[derive(InputObject, Default)]
pub struct AuditLogFilter {
    /// One of these actions.
    actions: Option<Vec<String>>,
    /// Done by this member.
    actor_membership_id: Option<ID>,
    /// Done to this.
    target_id: Option<ID>,
    /// From this instant on.
    from: Option<DateTime>,
    /// Before this instant.
    to: Option<DateTime>,
    /// Ended so.
    outcome: Option<AuditOutcome>,
    /// What bears on who may come in and what they may do, alone: ways in, rights, members, policies, refusals.
    security_only: Option<bool>,
}

impl From<AuditLogFilter> for AuditFilter {
    fn from(filter: AuditLogFilter) -> Self {
        Self {
            actions: filter.actions.unwrap_or_default(),
            actor: filter.actor_membership_id.as_ref().map(GlobalId::of_global),
            // Garbage is nothing's id.
            target: filter.target_id.as_ref().map(|id| ids::parse(id).map(|(_, id)| id).unwrap_or_default()),
            from: filter.from.map(|at| at.0),
            to: filter.to.map(|at| at.0),
            denied: filter.outcome.map(AuditOutcome::is_denied),
            security: filter.security_only.unwrap_or_default(),
        }
    }
}
