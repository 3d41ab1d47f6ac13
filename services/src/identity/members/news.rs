//! What members are told of what others decided about them: in the application and by mail while they are active, else by
//! a letter, which is all that still reaches them.

use super::status::Act;
use crate::identity::roles::{Role, in_order};
use crate::locale::Locale;
use crate::notifications::letters::Letter;
use crate::notifications::{Category, Channel, NewNotification, Severity, notify};
use crate::scope::TenantTx;
use crate::{Actor, Error, Reads, Result, sql};
use chrono::TimeDelta;
use entities::identity::UserId;
use entities::identity::membership::{self, MembershipStatus};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(sea_orm::FromQueryResult)]
struct Person {
    email: String,
    name: String,
    locale: String,
    organization: String,
    actor: String,
}

/// Of the roles a member has now.
pub(super) async fn roles_set(txn: &TenantTx<'_>, member: &membership::Model, roles: impl Iterator<Item = &Role>) -> Result<()> {
    let roles = in_order(roles.cloned().collect());
    tell(txn, member, "member-roles-set", Severity::Info, &roles).await
}

/// Of where their membership stands now.
pub(super) async fn changed(txn: &TenantTx<'_>, member: &membership::Model, act: Act) -> Result<()> {
    let (key, severity) = match act {
        Act::Suspend => ("member-suspended", Severity::Warning),
        Act::Reactivate => ("member-reactivated", Severity::Info),
        Act::Remove => ("member-removed", Severity::Warning),
        Act::Leave => ("member-left", Severity::Info),
        Act::Return => return Ok(()),
    };
    tell(txn, member, key, severity, &[]).await
}

/// Of an organisation that changed hands: both who gave it and who has it now.
pub(super) async fn handed_over(txn: &TenantTx<'_>, from: &membership::Model, to: &membership::Model) -> Result<()> {
    tell(txn, to, "ownership-received", Severity::Warning, &[]).await?;
    tell(txn, from, "ownership-given", Severity::Warning, &[]).await
}

async fn tell(txn: &TenantTx<'_>, member: &membership::Model, key: &'static str, severity: Severity, roles: &[Role]) -> Result<()> {
    let actor = match txn.actor() {
        Actor::Member { user, .. } => user,
        Actor::System => UserId::NIL,
    };
    let find = txn.statement(sql!("person.sql")).bind("user", member.user_id).bind("actor", actor);
    let person: Person = find.one().await?.ok_or_else(|| Error::internal("a member is nobody"))?;
    if member.status != MembershipStatus::Active {
        return write_to(txn, person, key, roles);
    }
    // A shipped role is said in the reader's language, an own one as it is called.
    let name = |role: &Role| role.shipped().map_or_else(|| json!(role.row.name), |shipped| json!({ "say": shipped.name_key() }));
    let roles: Vec<Value> = roles.iter().map(name).collect();
    let new = NewNotification {
        to: vec![member.id],
        category: Category::Security,
        severity,
        key,
        params: json!({ "organization": person.organization, "by": person.actor, "roles": roles }),
        subject: None,
        channels: vec![Channel::InApp, Channel::Email],
        dedup_key: None,
    };
    notify(txn, new).await
}

fn write_to(txn: &TenantTx<'_>, person: Person, key: &str, roles: &[Role]) -> Result<()> {
    let locale = Locale::of_tag(&person.locale).unwrap_or_default();
    let roles = roles.iter().map(|role| role.name(locale)).collect::<Vec<_>>().join(", ");
    let params = [("organization", person.organization), ("by", person.actor), ("roles", roles)];
    let letter = Letter {
        id: txn.new_id(),
        address: person.email,
        name: Some(person.name),
        locale: person.locale,
        key: key.to_owned(),
        params: BTreeMap::from(params.map(|(name, value)| (name.to_owned(), value))),
        link: None,
        written_at: txn.now(),
        until: txn.now().plus(TimeDelta::days(2)),
    };
    txn.enqueue(letter.job(txn.app())?);
    Ok(())
}
