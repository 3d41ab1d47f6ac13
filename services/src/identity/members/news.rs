//! What members are told of what others decided about them: in the application and by mail while they are active, else by
//! a letter, which is all that still reaches them.

use super::status::Act;
use crate::identity::letters::{Letter, letter};
use crate::identity::roles::{Role, in_order};
use crate::locale::Locale;
use crate::notifications::{Category, Channel, NewNotification, Severity, notify};
use crate::scope::TenantTx;
use crate::{Actor, Error, Reads, Result, sql};
use entities::identity::UserId;
use entities::identity::membership::{self, MembershipStatus};
use serde_json::{Value, json};

#[derive(sea_orm::FromQueryResult)]
struct Person {
    email: String,
    locale: String,
    organization: String,
    actor: String,
}

/// Of the roles a member has now.
pub(super) async fn roles_set(txn: &TenantTx<'_>, member: &membership::Model, roles: impl Iterator<Item = &Role>) -> Result<()> {
    // A shipped role is said in the reader's language, an own one as it is called.
    let name = |role: &Role| match role.shipped() {
        Some(shipped) => json!({ "say": shipped.name_key() }),
        None => json!(role.row.name),
    };
    let roles: Vec<Value> = in_order(roles.cloned().collect()).iter().map(name).collect();
    tell(txn, member, "member-roles-set", Severity::Info, json!({ "roles": roles })).await
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
    tell(txn, member, key, severity, json!({})).await
}

/// Of an organisation that changed hands: both who gave it and who has it now.
pub(super) async fn handed_over(txn: &TenantTx<'_>, from: &membership::Model, to: &membership::Model) -> Result<()> {
    tell(txn, to, "ownership-received", Severity::Warning, json!({})).await?;
    tell(txn, from, "ownership-given", Severity::Warning, json!({})).await
}

async fn tell(txn: &TenantTx<'_>, member: &membership::Model, key: &'static str, severity: Severity, mut params: Value) -> Result<()> {
    let actor = match txn.actor() {
        Actor::Member { user, .. } => user,
        Actor::System => UserId::NIL,
    };
    let find = txn.statement(sql!("person.sql")).bind("user", member.user_id).bind("actor", actor);
    let person: Person = find.one().await?.ok_or_else(|| Error::internal("a member is nobody"))?;
    params["organization"] = json!(person.organization);
    params["by"] = json!(person.actor);
    if member.status != MembershipStatus::Active {
        let locale = Locale::of_tag(&person.locale).unwrap_or_default();
        return letter(txn, Letter { to: person.email, locale, key, params, link: None }).await;
    }
    let new = NewNotification {
        to: vec![member.id],
        category: Category::Security,
        severity,
        key,
        params,
        subject: None,
        channels: vec![Channel::InApp, Channel::Email],
        dedup_key: None,
    };
    notify(txn, new).await
}
