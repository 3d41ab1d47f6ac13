use super::{Asked, NewAudit, Operating};
use crate::scope::{Column, Sql, SystemStatement, TenantTx};
use crate::{App, Reads, Result, sql};
use entities::TenantId;
use entities::audit::AuditEventId;
use entities::identity::UserId;
use std::sync::Arc;

/// Under what name an event says which API token it was done with.
pub(super) const TOKEN: &str = "apiToken";

/// Writes the events of a transaction in one statement.
pub(crate) async fn write(txn: &TenantTx<'_>, acts: &[NewAudit]) -> Result<()> {
    if acts.is_empty() {
        return Ok(());
    }
    let (kind, impersonator) = txn.acting_as();
    let with_token = |act: &NewAudit| txn.token().map_or_else(|| act.clone(), |token| act.clone().with(TOKEN, token.prefix.as_str()));
    let acts: Vec<NewAudit> = acts.iter().map(with_token).collect();
    let asked = txn.asked().cloned().unwrap_or_default();
    let request = asked.request_id.as_deref().map(str::to_owned).or_else(|| txn.traced());
    let insert = txn.statement(sql!("insert.sql")).rows("r", columns(txn.app(), &acts));
    let insert = insert.bind("kind", kind).bind("membership", txn.membership()).bind("impersonator", impersonator);
    let insert = insert.bind("operation", asked.operation()).bind("request", request).bind("address", asked.address.clone());
    insert.bind("agent", asked.user_agent()).bind("now", txn.now()).run().await?;
    let Some(operator) = txn.operating() else { return Ok(()) };
    let acts = txn.statement(sql!("insert_operator_acts.sql")).rows("r", columns(txn.app(), &acts)).bind("now", txn.now());
    let acts = acts.bind("user", operator.user).bind("organization", txn.tenant());
    let acts = acts.bind("operation", asked.operation()).bind("request", asked.request_id.as_deref().map(str::to_owned));
    acts.bind("address", asked.address.clone()).bind("agent", asked.user_agent()).run().await.map(drop)
}

/// Writes what an operator did to the installation.
pub(crate) async fn write_of_operator<'a>(
    statement: impl FnOnce(&'static Sql) -> SystemStatement<'a>,
    app: &App,
    operator: &Operating,
    acts: &[NewAudit],
) -> Result<()> {
    if acts.is_empty() {
        return Ok(());
    }
    let asked = operator.asked.clone().unwrap_or_default();
    let insert = statement(sql!("insert_operator_acts.sql")).rows("r", columns(app, acts)).bind("now", app.now());
    let insert = insert.bind("user", operator.user).bind("organization", None::<TenantId>);
    let insert = insert.bind("operation", asked.operation()).bind("request", asked.request_id.as_deref().map(str::to_owned));
    insert.bind("address", asked.address.clone()).bind("agent", asked.user_agent()).run().await.map(drop)
}

/// An act on what belongs to no organisation, of which one is told: that of the session, as a rule.
#[derive(Clone, Debug)]
pub(crate) struct Beside {
    pub tenant: TenantId,
    /// None: the system.
    pub by: Option<UserId>,
    pub act: NewAudit,
}

/// Writes acts into the organisations they are told to, each under the membership that its person has there.
pub(crate) async fn write_beside<'a>(
    statement: impl FnOnce(&'static Sql) -> SystemStatement<'a>,
    app: &App,
    asked: Option<&Arc<Asked>>,
    all: &[Beside],
) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let asked = asked.cloned().unwrap_or_default();
    let acts: Vec<NewAudit> = all.iter().map(|beside| beside.act.clone()).collect();
    let mut rows = columns(app, &acts);
    rows.push(Column::uuids(all.iter().map(|beside| beside.tenant)));
    rows.push(Column::maybe_uuids(all.iter().map(|beside| beside.by)));
    let insert = statement(sql!("insert_beside.sql")).rows("r", rows).bind("now", app.now());
    let insert = insert.bind("operation", asked.operation()).bind("request", asked.request_id.as_deref().map(str::to_owned));
    insert.bind("address", asked.address.clone()).bind("agent", asked.user_agent()).run().await.map(drop)
}

fn columns(app: &App, acts: &[NewAudit]) -> Vec<Column> {
    vec![
        Column::uuids(acts.iter().map(|_| app.new_id::<AuditEventId>())),
        Column::texts(acts.iter().map(|act| act.action)),
        Column::maybe_texts(acts.iter().map(|act| act.target.map(|(kind, _)| kind))),
        Column::maybe_uuids(acts.iter().map(|act| act.target.map(|(_, id)| id))),
        Column::texts(acts.iter().map(|act| serde_json::Value::from(act.changes.clone()).to_string())),
    ]
}
