//! The pieces of the document.

use super::Place;
use crate::identity::{devices, external, profile, second_factor};
use crate::locale::Locale;
use crate::notifications::words;
use crate::{App, Doorway, Reads, Result, Scope};
use entities::Timestamp;
use entities::audit::{AuditEventId, event};
use entities::identity::{MembershipId, user};
use entities::notifications::{NotificationId, notification};
use sea_orm::ActiveEnum;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::Order;
use serde_json::{Map, Value, json};

/// How many rows are read at once.
const PAGE: u64 = 500;

fn at(at: Timestamp) -> String {
    at.to_utc().to_rfc3339()
}

/// An object's fields, without its braces: more follow.
fn fields(object: Map<String, Value>) -> String {
    let text = Value::Object(object).to_string();
    text[1..text.len() - 1].to_owned()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// The account itself, where it is signed in, and its ways in.
pub(super) async fn account(app: &App, user: &user::Model) -> Result<String> {
    let doorway = Doorway::new(app, Locale::of_tag(&user.locale).unwrap_or_default());
    let sessions = devices::of(&doorway, user.id).await?.into_iter().map(|device| {
        let session = device.session;
        json!({"openedAt": at(session.created_at), "lastUsedAt": at(session.refreshed_at), "userAgent": session.user_agent})
    });
    let ways = external::list(&doorway, user.id).await?.into_iter().map(|way| {
        json!({"issuer": way.issuer, "subject": way.subject, "email": way.email, "linkedAt": at(way.linked_at), "lastUsedAt": at(way.used_at)})
    });
    let factor = second_factor::status(&doorway, user.id).await?.map(|status| at(status.since));
    Ok(fields(object(json!({
        "writtenAt": at(app.now()),
        "account": {
            "email": user.email, "emailVerifiedAt": user.email_verified_at.map(at), "displayName": user.display_name,
            "phone": user.phone, "locale": user.locale, "timeZone": user.time_zone, "skills": profile::list_of(&user.skills),
            "links": profile::list_of(&user.links), "hasPassword": user.password_hash.is_some(), "secondFactorSince": factor,
            "whatsAppConsentAt": user.whatsapp_consent_at.map(at), "whatsAppConsentSource": user.whatsapp_consent_source,
            "createdAt": at(user.created_at), "updatedAt": at(user.updated_at),
        },
        "sessions": sessions.collect::<Vec<_>>(),
        "externalIdentities": ways.collect::<Vec<_>>(),
    }))))
}

/// What a person is in an organisation.
pub(super) fn place(place: &Place) -> String {
    fields(object(json!({"name": place.name, "status": place.status, "joinedAt": at(place.joined_at), "roles": place.roles})))
}

/// What an organisation keeps about a person, page by page: what they were told, then what they did.
pub(super) enum Kept {
    Notifications(Option<NotificationId>),
    Acts(Option<AuditEventId>),
}

impl Kept {
    pub fn first() -> Self {
        Self::Notifications(None)
    }

    /// The next page, and where it goes on.
    pub async fn next(self, scope: &Scope, user: &user::Model, membership: MembershipId) -> Result<(String, Option<Self>)> {
        match self {
            Self::Notifications(after) => {
                let rows = scope.select::<notification::Entity>().filter(notification::Column::UserId.eq(user.id));
                let rows = match after {
                    Some(after) => rows.filter(notification::Column::Id.gt(after)),
                    None => rows,
                };
                let rows = rows.order_by(notification::Column::Id, Order::Asc).limit(PAGE).all().await?;
                let piece = piece("notifications", after.is_none(), rows.iter().map(|row| told(row, user)));
                let last = rows.last().filter(|_| rows.len() as u64 == PAGE).map(|row| row.id);
                Ok(match last {
                    Some(last) => (piece, Some(Self::Notifications(Some(last)))),
                    None => (format!("{piece}],"), Some(Self::Acts(None))),
                })
            }
            Self::Acts(after) => {
                let rows = scope.select::<event::Entity>().filter(event::Column::ActorMembershipId.eq(membership));
                let rows = match after {
                    Some(after) => rows.filter(event::Column::Id.gt(after)),
                    None => rows,
                };
                let rows = rows.order_by(event::Column::Id, Order::Asc).limit(PAGE).all().await?;
                let piece = piece("acts", after.is_none(), rows.iter().map(done));
                let last = rows.last().filter(|_| rows.len() as u64 == PAGE).map(|row| row.id);
                Ok(match last {
                    Some(last) => (piece, Some(Self::Acts(Some(last)))),
                    None => (format!("{piece}]"), None),
                })
            }
        }
    }
}

/// Rows of a list, which the first of them begins.
fn piece(name: &str, first: bool, rows: impl Iterator<Item = Value>) -> String {
    let rows: Vec<String> = rows.map(|row| row.to_string()).collect();
    let comma = if first || rows.is_empty() { "" } else { "," };
    let head = if first { format!("\"{name}\":[") } else { String::new() };
    format!("{head}{comma}{}", rows.join(","))
}

fn told(row: &notification::Model, user: &user::Model) -> Value {
    let words = words(row, Locale::of_tag(&user.locale).unwrap_or_default(), &user.time_zone);
    json!({"at": at(row.created_at), "title": words.title, "body": words.body, "readAt": row.read_at.map(at)})
}

fn done(row: &event::Model) -> Value {
    json!({
        "at": at(row.at), "action": row.action, "outcome": row.outcome.to_value(), "targetType": row.target_type, "targetId": row.target_id,
        "address": row.address, "userAgent": row.user_agent,
    })
}
