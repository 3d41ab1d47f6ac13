use super::{Category, Channel, NewNotification, Severity, notify, read, state};
use crate::{Code, Error, Reads, Result, Scope, sql};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entities::Timestamp;
use entities::notifications::notification;

#[derive(sea_orm::FromQueryResult)]
struct Myself {
    name: String,
    organization: String,
    phone: Option<String>,
    whatsapp_consent_at: Option<Timestamp>,
}

/// A message may cost money, and a test need not be repeated more often.
const MOST_A_MINUTE: i64 = 5;
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// Sends the asker a test alert over a channel and into the list, marked as one; refused when the channel cannot reach them, and
/// after five within a minute.
pub async fn test_send(scope: &Scope, channel: Channel) -> Result<notification::Model> {
    let user = read::myself(scope)?;
    let txn = scope.begin().await?;
    let me = txn.statement(sql!("myself.sql")).bind("user", user).one::<Myself>().await?.ok_or(Error::Unauthenticated)?;
    let sent = txn.statement(sql!("tests_sent.sql")).bind("user", user).bind("since", txn.now().plus(-MINUTE)).value::<i64>().await?;
    if sent.unwrap_or(0) >= MOST_A_MINUTE {
        return Err(Error::refuse(Code::LimitReached, "channel", scope.locale().say("notification-tests-too-many", &[])));
    }
    if let Some(sentence) = refusal(channel, &me) {
        return Err(Error::refuse(Code::ForbiddenState, "channel", scope.locale().say(sentence, &[])));
    }
    let at: DateTime<Utc> = scope.now().to_utc();
    let new = NewNotification {
        to: scope.membership().into_iter().collect(),
        category: Category::System,
        severity: Severity::Info,
        key: "notification-test",
        params: serde_json::json!({
            "name": me.name, "organization": me.organization, "at": at.to_rfc3339_opts(SecondsFormat::Secs, true)
        }),
        subject: None,
        // In the list, too, where its sender sees how far it got.
        channels: vec![Channel::InApp, channel],
        dedup_key: None,
    };
    let id = notify::write(&txn, new).await?.into_iter().next().ok_or(Error::NotFound)?;
    let row = txn.get::<notification::Entity>(id).await?;
    txn.commit().await?;
    Ok(row)
}

/// The sentence that says why the channel cannot reach the asker.
fn refusal(channel: Channel, me: &Myself) -> Option<&'static str> {
    match channel {
        Channel::Whatsapp => state::unreachable(me.phone.as_deref(), me.whatsapp_consent_at).map(|because| match because {
            state::NO_PHONE => "notification-no-phone",
            _ => "notification-no-consent",
        }),
        other => (!state::is_available(other)).then_some("notification-channel-unavailable"),
    }
}
