//! What people are told about their own account.

use super::security_events;
use crate::locale::Locale;
use crate::notifications::letters::Letter;
use crate::notifications::{Category, Channel, NewNotification, Severity, notify};
use crate::scope::DoorwayTx;
use crate::{Doorway, Result, Scope, sql};
use chrono::{SecondsFormat, TimeDelta};
use chrono_tz::Tz;
use entities::identity::security_event::SecurityEventKind;
use entities::identity::{MembershipId, session, user};
use entities::{TenantId, Timestamp};
use std::collections::BTreeMap;
use std::str::FromStr;
use uuid::Uuid;

/// Commits the end of a session whose refresh token came back, together with the news of it.
pub(super) async fn commit_reuse(tx: DoorwayTx, doorway: &Doorway, session: &session::Model) -> Result<()> {
    let Some(user) = tx.find::<user::Entity>(session.user_id).await? else { return tx.commit().await };
    let params = serde_json::json!({ "at": at(doorway.now()), "since": at(session.created_at) });
    commit(tx, doorway, &user, session.tenant_id, News { key: "session-reuse", params, about: session.id.0 }).await
}

/// Commits a new password together with the news of it.
pub(super) async fn commit_new_password(tx: DoorwayTx, doorway: &Doorway, user: &user::Model, tenant: Option<TenantId>) -> Result<()> {
    commit(tx, doorway, user, tenant, News::of(doorway, "password-changed")).await
}

/// Commits a change of a person's account together with the news of it, in the organisation they were in last.
pub(super) async fn commit_news(tx: DoorwayTx, doorway: &Doorway, user: &user::Model, key: &'static str) -> Result<()> {
    commit(tx, doorway, user, user.last_tenant_id, News::of(doorway, key)).await
}

/// Writes to a person that one of their recovery codes was used.
pub(super) async fn tell_of_code(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model) -> Result<()> {
    security_events::write(tx, doorway, user.id, SecurityEventKind::RecoveryCodeUsed, None).await?;
    write_to(tx, doorway, user, "letter-recovery-code")
}

/// Writes to a person that a program signed in that never did before.
pub(super) async fn write_of_device(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model, program: &str) -> Result<()> {
    security_events::write(tx, doorway, user.id, SecurityEventKind::NewDevice, None).await?;
    let params = [("at", moment(user, doorway.now())), ("program", program.chars().take(200).collect())];
    write(tx, doorway, user, "letter-new-device", params.into())
}

/// Writes a letter to a person; its words may name the day their account is erased.
pub(super) fn write_to(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model, key: &str) -> Result<()> {
    let day = user.erase_at.map(|day| ("at", moment(user, day)));
    write(tx, doorway, user, key, day.into_iter().collect())
}

/// An instant as its reader writes it, where they are.
fn moment(reader: &user::Model, at: Timestamp) -> String {
    let zone = Tz::from_str(&reader.time_zone).unwrap_or(Tz::UTC);
    Locale::of_tag(&reader.locale).unwrap_or_default().moment(at.to_utc().with_timezone(&zone).naive_local())
}

fn write(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model, key: &str, params: BTreeMap<&str, String>) -> Result<()> {
    let letter = Letter {
        id: doorway.new_id(),
        address: user.email.clone(),
        name: Some(user.display_name.clone()),
        locale: user.locale.clone(),
        key: key.to_owned(),
        params: params.into_iter().map(|(name, text)| (name.to_owned(), text)).collect(),
        link: None,
        written_at: doorway.now(),
        until: doorway.now().plus(TimeDelta::days(2)),
    };
    tx.enqueue(letter.job(doorway.app())?);
    Ok(())
}

struct News {
    key: &'static str,
    params: serde_json::Value,
    /// What it is about; told once.
    about: Uuid,
}

impl News {
    fn of(doorway: &Doorway, key: &'static str) -> Self {
        Self { key, params: serde_json::json!({ "at": at(doorway.now()) }), about: doorway.new_id() }
    }

    fn kind(&self) -> SecurityEventKind {
        match self.key {
            "session-reuse" => SecurityEventKind::TokenReused,
            "password-guessed" => SecurityEventKind::PasswordGuessed,
            "requests-refused" => SecurityEventKind::RequestsRefused,
            "second-factor-on" => SecurityEventKind::SecondFactorAdded,
            "second-factor-off" => SecurityEventKind::SecondFactorRemoved,
            "external-linked" => SecurityEventKind::ExternalIdentityLinked,
            "external-removed" => SecurityEventKind::ExternalIdentityRemoved,
            _ => SecurityEventKind::PasswordChanged,
        }
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Place {
    id: MembershipId,
}

/// Where the person is active in the organisation they are told there; whoever is not, or has an account alone, by letter.
async fn commit(tx: DoorwayTx, doorway: &Doorway, user: &user::Model, tenant: Option<TenantId>, news: News) -> Result<()> {
    security_events::write(&tx, doorway, user.id, news.kind(), None).await?;
    let find = tx.statement(sql!("active_place.sql")).bind("user", user.id).bind("tenant", tenant.unwrap_or(TenantId::NIL));
    let place: Option<Place> = find.all().await?.pop();
    let Some((tenant, place)) = tenant.zip(place) else {
        write(&tx, doorway, user, news.key, [("at", moment(user, doorway.now()))].into())?;
        return tx.commit().await;
    };
    let scope = Scope::system(doorway.app(), tenant, doorway.locale());
    let txn = tx.enter(&scope).await?;
    let new = NewNotification {
        to: vec![place.id],
        category: Category::Security,
        severity: Severity::Warning,
        key: news.key,
        params: news.params,
        subject: None,
        channels: vec![Channel::InApp, Channel::Email],
        dedup_key: Some(format!("{}:{}", news.key, news.about)),
    };
    notify(&txn, new).await?;
    txn.commit().await
}

fn at(at: Timestamp) -> String {
    at.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use crate::identity::sessions::{refresh, sign_in};
    use crate::locale::Locale;
    use crate::notifications::{Category, words};
    use crate::testing::{Fixture, PASSWORD};
    use crate::{Code, Doorway, Error, Reads};
    use chrono::TimeDelta;
    use entities::notifications::notification;

    #[tokio::test]
    async fn a_person_is_told_once_that_a_token_came_back() {
        let fixture = Fixture::new().await;
        let doorway = || Doorway::new(&fixture.app, Locale::Fr);
        let session = sign_in(&doorway(), &fixture.email().await, PASSWORD.to_owned(), None, None).await.unwrap().session().unwrap();
        refresh(&doorway(), &session.refresh_token).await.unwrap();
        fixture.app.clock().advance(TimeDelta::minutes(1));
        let reused = refresh(&doorway(), &session.refresh_token).await;
        assert!(matches!(reused, Err(Error::Refused(why)) if why[0].code == Code::TokenReused));
        assert!(refresh(&doorway(), &session.refresh_token).await.is_err());
        let told = fixture.again().select::<notification::Entity>().all().await.unwrap();
        assert_eq!(told.iter().map(|row| (row.category, row.user_id)).collect::<Vec<_>>(), [(Category::Security, fixture.caller.user)]);
        let body = words(&told[0], Locale::Fr, "Africa/Dakar").body;
        assert!(body.starts_with("Le 1er décembre 2026 à 09:01,") && body.contains("ouverte le 1er décembre 2026 à 09:00"), "{body}");
    }
}
