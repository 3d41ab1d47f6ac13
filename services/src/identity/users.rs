//! One's own account.

use super::Caller;
use super::account::{check_locale, check_phone, check_text, check_time_zone};
use super::guesses::check_password;
use super::profile::{check_links, check_skills};
use crate::audit::NewAudit;
use crate::scope::DoorwayTx;
use crate::{Code, Doorway, Error, Refusals, Result, sql};
use entities::Timestamp;
use entities::identity::user;
use sea_orm::ActiveValue::{Set, Unchanged};

/// What a person may change of themselves; outer none: untouched, inner none: cleared.
#[derive(Clone, Debug, Default)]
pub struct UpdateViewer {
    pub display_name: Option<String>,
    pub phone: Option<Option<String>>,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    pub skills: Option<Vec<String>>,
    pub links: Option<Vec<String>>,
}

pub async fn get(doorway: &Doorway, caller: &Caller) -> Result<user::Model> {
    doorway.read().await?.find::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)
}

/// One's own account, for whoever knows its password; it is checked as at a sign-in.
pub(super) async fn knowing_password(doorway: &Doorway, caller: &Caller, present: String) -> Result<user::Model> {
    let mine = get(doorway, caller).await?;
    if mine.password_hash.is_none() {
        return Err(Error::refuse(Code::ForbiddenState, "currentPassword", doorway.locale().say("password-none-yet", &[])));
    }
    if !check_password(doorway, &mine.email, Some(mine.id), present, mine.password_hash.clone()).await? {
        return Err(Error::refuse(Code::InvalidCredentials, "currentPassword", doorway.locale().say("password-wrong", &[])));
    }
    Ok(mine)
}

/// Changes one's own profile. A new number takes its WhatsApp consent anew.
pub async fn update(doorway: &Doorway, caller: &Caller, input: UpdateViewer) -> Result<user::Model> {
    let locale = doorway.locale();
    let mut refusals = Refusals::default();
    let name = input.display_name.map(|name| check_text(&name, "displayName", 120, locale, &mut refusals));
    let phone = input.phone.map(|phone| phone.map(|phone| check_phone(&phone, locale, &mut refusals)));
    let skills = input.skills.map(|skills| check_skills(&skills, locale, &mut refusals));
    let links = input.links.map(|links| check_links(&links, locale, &mut refusals));
    if let Some(tag) = &input.locale {
        check_locale(tag, locale, &mut refusals);
    }
    if let Some(zone) = &input.time_zone {
        check_time_zone(zone, locale, &mut refusals);
    }
    refusals.check()?;
    let tx = doorway.begin().await?;
    let old = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    let phone = phone.unwrap_or_else(|| old.phone.clone());
    let consent = old.whatsapp_consent_at.filter(|_| phone == old.phone);
    let before = old.clone();
    let row = user::ActiveModel {
        id: Unchanged(old.id),
        version: Set(old.version + 1),
        display_name: Set(name.unwrap_or(old.display_name)),
        phone: Set(phone),
        whatsapp_consent_at: Set(consent),
        locale: Set(input.locale.unwrap_or(old.locale)),
        time_zone: Set(input.time_zone.unwrap_or(old.time_zone)),
        skills: Set(skills.map_or(Ok(old.skills), |skills| serde_json::to_string(&skills))?),
        links: Set(links.map_or(Ok(old.links), |links| serde_json::to_string(&links))?),
        updated_at: Set(doorway.now()),
        ..Default::default()
    };
    let row = tx.update(row).await?;
    let act = NewAudit::of("identity.profile.update").on("User", row.id).hidden("phone", row.phone != before.phone);
    // The log is never rewritten: a name in it would outlive the account.
    let act = act.hidden("displayName", row.display_name != before.display_name).change("locale", before.locale, row.locale.as_str());
    tx.audit(caller.tenant(), Some(caller.user), act.change("timeZone", before.time_zone, row.time_zone.as_str()));
    tx.commit().await?;
    doorway.app().standings().forget();
    Ok(row)
}

/// Gives or withdraws the consent to WhatsApp messages, with its time and source.
pub async fn set_whatsapp_consent(doorway: &Doorway, caller: &Caller, granted: bool, source: &str) -> Result<user::Model> {
    let tx = doorway.begin().await?;
    let old = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    if granted && old.phone.is_none() {
        return Err(Error::refuse(Code::ForbiddenState, "granted", doorway.locale().say("consent-needs-phone", &[])));
    }
    let row = user::ActiveModel {
        id: Unchanged(old.id),
        version: Set(old.version + 1),
        whatsapp_consent_at: Set(granted.then(|| doorway.now())),
        whatsapp_consent_source: Set(Some(source.to_owned())),
        updated_at: Set(doorway.now()),
        ..Default::default()
    };
    let consented = old.whatsapp_consent_at.is_some();
    let row = tx.update(row).await?;
    let act = NewAudit::of("identity.whatsapp_consent.set").on("User", row.id).change("granted", consented, granted);
    tx.audit(caller.tenant(), Some(caller.user), act);
    tx.commit().await?;
    Ok(row)
}

/// Takes back the consent of whoever has this number, as its owner asked over WhatsApp.
pub(crate) async fn withdraw_whatsapp_consent(tx: &DoorwayTx, phone: &str, source: &str, now: Timestamp) -> Result<u64> {
    let withdraw = tx.statement(sql!("withdraw_consent.sql")).bind("phone", phone.to_owned()).bind("source", source.to_owned());
    withdraw.bind("now", now).run().await
}
