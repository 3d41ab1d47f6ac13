//! The log as a CSV, behind a link that lives for minutes.

use super::read::apart;
use super::{AuditFilter, NewAudit, changes};
use crate::identity::{Grants, Permission, Purpose, Reach, members};
use crate::locale::Locale;
use crate::scope::Within;
use crate::{App, Error, Reads, Result, Scope};
use chrono::{SecondsFormat, TimeDelta};
use entities::audit::AuditEventId;
use entities::audit::event;
use entities::identity::{MembershipId, UserId};
use entities::{TenantId, Timestamp};
use sea_orm::{ActiveEnum, ColumnTrait, Condition, sea_query::Order};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How long a link lives.
const LINK: TimeDelta = TimeDelta::minutes(5);
/// How many rows are read at once.
const PAGE: u64 = 1000;

/// Where a CSV is to be had, and until when.
#[derive(Clone, Debug)]
pub struct Announced {
    pub url: String,
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Link {
    tenant: TenantId,
    locale: String,
    filter: AuditFilter,
    expires_at: Timestamp,
    /// How far the right of whoever asked for it reaches; none, in a link of a version before: all.
    within: Option<Within>,
    /// Which fields apart they may see, by the code of the right; none, in a link of a version before: all.
    rights: Option<Vec<String>>,
}

/// Answers a signed link to the log as it is now. That somebody took it is itself in the log.
pub async fn announce(scope: &Scope, filter: AuditFilter) -> Result<Announced> {
    let within = Some(scope.within(Permission::AuditEventRead)?);
    filter.condition()?;
    let rights = Some(apart(scope.grants()));
    let now = scope.now();
    let filter = AuditFilter { to: Some(filter.to.map_or(now, |to| to.min(now))), ..filter };
    let expires_at = now.plus(LINK);
    let content = serde_json::to_string(&filter)?;
    let link = Link { tenant: scope.tenant(), locale: scope.locale().code().to_owned(), filter, expires_at, within, rights };
    let token = scope.app().keys().seal(Purpose::AuditLink, &serde_json::to_vec(&link)?);
    let txn = scope.begin().await?;
    txn.audit(NewAudit::of("audit.event.export").with("filter", content));
    txn.commit().await?;
    Ok(Announced { url: format!("{}/audit/exports/{token}", scope.app().settings().public_url), expires_at })
}

/// A CSV under way.
pub struct Export {
    scope: Scope,
    filter: AuditFilter,
    within: Option<Within>,
    grants: Grants,
    /// What was written last; none: nothing, not even the header.
    last: Option<AuditEventId>,
    over: bool,
}

/// Opens the CSV of a link; whoever holds it may.
pub fn open(app: &App, token: &str) -> Result<Export> {
    let link = app.keys().unseal(Purpose::AuditLink, token).ok_or(Error::NotFound)?;
    let link: Link = serde_json::from_slice(&link).map_err(|_| Error::NotFound)?;
    if link.expires_at <= app.now() {
        return Err(Error::NotFound);
    }
    let scope = Scope::system(app, link.tenant, Locale::of_tag(&link.locale).unwrap_or_default());
    let grants = link.rights.map_or_else(Grants::all, |codes| rights(&codes));
    Ok(Export { scope, filter: link.filter, within: link.within, grants, last: None, over: false })
}

/// Which fields are seen goes by what one may, not by how far.
fn rights(codes: &[String]) -> Grants {
    let mut grants = Grants::default();
    codes.iter().filter_map(|code| Permission::of_code(code)).for_each(|permission| grants.add(permission, Reach::Own));
    grants
}

impl Export {
    /// The next lines, the latest first; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.over {
            return Ok(None);
        }
        let before = self.last.map(|last| event::Column::Id.lt(last));
        let rows = self.scope.select::<event::Entity>().filter(self.filter.condition()?.add_option(before));
        let rows = rows.filter(self.within.map_or_else(Condition::all, |within| within.over(event::Column::ActorMembershipId)));
        let rows = rows.order_by(event::Column::Id, Order::Desc).limit(PAGE).all().await?;
        let names = self.names(&rows).await?;
        // Whoever downloads slowly holds no snapshot meanwhile.
        self.scope.end_read().await;
        let mut csv = csv::Writer::from_writer(Vec::new());
        if self.last.is_none() {
            csv.write_record(self.scope.locale().say("audit-export-header", &[]).split(',').map(str::trim)).map_err(Error::internal)?;
        }
        for row in &rows {
            csv.write_record(cells(row, &names, &self.grants)).map_err(Error::internal)?;
        }
        self.over = (rows.len() as u64) < PAGE;
        self.last = rows.last().map(|row| row.id).or(self.last);
        Ok(Some(csv.into_inner().map_err(|error| Error::internal(error.to_string()))?))
    }

    /// The names of those who acted.
    async fn names(&self, rows: &[event::Model]) -> Result<HashMap<MembershipId, String>> {
        let ids: Vec<MembershipId> = rows.iter().filter_map(|row| row.actor_membership_id).collect();
        let members = members::by_ids(&self.scope, &ids).await?;
        let people: Vec<UserId> = members.values().map(|member| member.user_id).collect();
        let people = members::users(&self.scope, &people).await?;
        let name = |user: UserId| people.get(&user).map(|person| person.row.display_name.clone());
        Ok(members.into_iter().filter_map(|(id, member)| Some((id, name(member.user_id)?))).collect())
    }
}

fn cells(row: &event::Model, names: &HashMap<MembershipId, String>, grants: &Grants) -> Vec<String> {
    let name = row.actor_membership_id.and_then(|id| names.get(&id)).cloned();
    let changed = changes(row, grants).into_iter().map(|one| {
        let (old, new) = (one.old.unwrap_or_default(), one.new.unwrap_or_default());
        format!("{}: {old} → {new}", one.field)
    });
    let cells = [
        row.at.to_utc().to_rfc3339_opts(SecondsFormat::Micros, true),
        row.actor_kind.to_value(),
        name.unwrap_or_default(),
        row.actor_membership_id.map(|id| id.to_string()).unwrap_or_default(),
        row.action.clone(),
        row.outcome.to_value(),
        row.target_type.clone().unwrap_or_default(),
        row.target_id.map(|id| id.to_string()).unwrap_or_default(),
        changed.collect::<Vec<_>>().join("; "),
        row.operation.clone().unwrap_or_default(),
        row.request_id.clone().unwrap_or_default(),
        row.address.clone().unwrap_or_default(),
        row.user_agent.clone().unwrap_or_default(),
        row.id.to_string(),
    ];
    cells.into_iter().map(harmless).collect()
}

/// A sheet takes no cell for a formula.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_sheet_takes_no_cell_for_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(harmless(formula.into()), format!("'{formula}"));
        }
        assert_eq!(harmless("Riz = 25 kg".into()), "Riz = 25 kg");
    }
}
