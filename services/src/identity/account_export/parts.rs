//! The pieces of the document.

use super::Place;
use crate::identity::{devices, external, oauth, profile, second_factor, teams};
use crate::locale::Locale;
use crate::notifications::words;
use crate::{App, Doorway, Reads, Result, Scope};
use entities::Timestamp;
use entities::audit::{AuditEventId, event};
use entities::identity::{InvitationId, MembershipId, api_token, invitation, known_device, user};
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
    let known = doorway.read().await?.all::<known_device::Entity>(known_device::Column::UserId.eq(user.id)).await?;
    let apps = oauth::apps_of(&doorway, user.id).await?.into_iter().map(|app| {
        let (app, organization) = (app.row, app.organization.map(|row| row.name));
        let may: Vec<&str> = app.scopes().into_iter().map(|scope| scope.code()).collect();
        let (since, used) = (at(app.since), app.last_used_at.map(at));
        json!({"name": app.name, "organization": organization, "permissions": may, "since": since, "lastUsedAt": used})
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
        "knownDevices": known.iter().map(|one| json!({"firstSeenAt": at(one.first_seen), "lastSeenAt": at(one.last_seen)})).collect::<Vec<_>>(),
        "externalIdentities": ways.collect::<Vec<_>>(),
        "authorizedApps": apps.collect::<Vec<_>>(),
    }))))
}

/// What a person is in an organisation, and the keys they made there.
pub(super) async fn place(scope: &Scope, place: &Place) -> Result<String> {
    let mut teams = teams::of_members(scope, &[place.membership_id]).await?;
    let teams = teams.remove(&place.membership_id).unwrap_or_default().into_iter().map(|team| team.name);
    let mine = api_token::Column::MembershipId.eq(place.membership_id);
    let tokens = scope.select::<api_token::Entity>().filter(mine).order_by(api_token::Column::Id, Order::Asc).all().await?;
    Ok(fields(object(json!({
        "name": place.name, "status": place.status, "joinedAt": at(place.joined_at), "roles": place.roles,
        "teams": teams.collect::<Vec<_>>(), "apiTokens": tokens.iter().map(token).collect::<Vec<_>>(),
    }))))
}

fn token(row: &api_token::Model) -> Value {
    json!({
        "prefix": row.prefix, "name": row.name, "scopes": row.scopes, "addresses": row.addresses, "createdAt": at(row.created_at),
        "expiresAt": at(row.expires_at), "lastUsedAt": row.last_used_at.map(at), "revokedAt": row.revoked_at.map(at),
    })
}

/// What an organisation keeps about a person, page by page: whom they invited, what they were told, then what they did.
pub(super) enum Kept {
    Invitations(Option<InvitationId>),
    Notifications(Option<NotificationId>),
    Acts(Option<AuditEventId>),
}

impl Kept {
    pub fn first() -> Self {
        Self::Invitations(None)
    }

    /// The next page, and where it goes on.
    pub async fn next(self, scope: &Scope, user: &user::Model, membership: MembershipId) -> Result<(String, Option<Self>)> {
        match self {
            Self::Invitations(after) => {
                let rows = scope.select::<invitation::Entity>().filter(invitation::Column::InvitedBy.eq(membership));
                let rows = match after {
                    Some(after) => rows.filter(invitation::Column::Id.gt(after)),
                    None => rows,
                };
                let rows = rows.order_by(invitation::Column::Id, Order::Asc).limit(PAGE).all().await?;
                let piece = piece("invitationsSent", after.is_none(), rows.iter().map(invited));
                let last = rows.last().filter(|_| rows.len() as u64 == PAGE).map(|row| row.id);
                Ok(match last {
                    Some(last) => (piece, Some(Self::Invitations(Some(last)))),
                    None => (format!("{piece}],"), Some(Self::Notifications(None))),
                })
            }
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

fn invited(row: &invitation::Model) -> Value {
    json!({
        "email": row.email, "displayName": row.display_name, "message": row.message, "sentAt": at(row.sent_at),
        "acceptedAt": row.accepted_at.map(at), "revokedAt": row.revoked_at.map(at),
    })
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
