//! All that is kept about a person, as one JSON document for them to take along, behind a link that lives for minutes.
//!
//! It is written while it is read, a page at a time, so that years of notifications take no memory. It holds no secret: no hash, no
//! token, nothing of the second factor but its day. What an organisation owns (its stock, its files) is not in it.

mod parts;
#[cfg(test)]
mod tests;

use super::{Caller, Purpose, proof};
use crate::audit::NewAudit;
use crate::locale::Locale;
use crate::{App, Doorway, Error, Result, Scope, sql};
use chrono::TimeDelta;
use entities::identity::{MembershipId, UserId, user};
use entities::{TenantId, Timestamp};
use parts::Kept;
use serde::{Deserialize, Serialize};

/// How long a link lives.
const LINK: TimeDelta = TimeDelta::minutes(5);

/// Where the document is to be had, and until when.
#[derive(Clone, Debug)]
pub struct Announced {
    pub url: String,
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Link {
    user: UserId,
    until: Timestamp,
}

/// Answers a signed link, for whoever proved a moment ago who they are.
pub async fn announce(doorway: &Doorway, caller: &Caller) -> Result<Announced> {
    proof::recent(doorway, caller)?;
    let expires_at = doorway.now().plus(LINK);
    let link = serde_json::to_vec(&Link { user: caller.user, until: expires_at })?;
    let token = doorway.app().keys().seal(Purpose::AccountLink, &link);
    let tx = doorway.begin().await?;
    tx.audit(caller.tenant(), Some(caller.user), NewAudit::of("identity.account.export").on("User", caller.user));
    tx.commit().await?;
    Ok(Announced { url: format!("{}/account/exports/{token}", doorway.app().settings().public_url), expires_at })
}

/// A document under way.
pub struct Export {
    app: App,
    user: user::Model,
    places: Vec<Place>,
    /// How many organisations are written.
    written: usize,
    stage: Stage,
}

#[derive(Clone, Debug, sea_orm::FromQueryResult)]
struct Place {
    tenant_id: TenantId,
    membership_id: MembershipId,
    name: String,
    status: String,
    joined_at: Timestamp,
    roles: Option<String>,
}

enum Stage {
    Account,
    Place,
    Rows(Scope, Kept),
    End,
    Over,
}

/// Opens the document of a link; whoever holds it may.
pub async fn open(app: &App, token: &str) -> Result<Export> {
    let link = app.keys().unseal(Purpose::AccountLink, token).ok_or(Error::NotFound)?;
    let link: Link = serde_json::from_slice(&link).map_err(|_| Error::NotFound)?;
    if link.until <= app.now() {
        return Err(Error::NotFound);
    }
    let tx = Doorway::new(app, Locale::default()).read().await?;
    let user = tx.find::<user::Entity>(link.user).await?.filter(|user| user.erased_at.is_none()).ok_or(Error::NotFound)?;
    let places = tx.statement(sql!("places.sql")).bind("user", user.id).all().await?;
    Ok(Export { app: app.clone(), user, places, written: 0, stage: Stage::Account })
}

impl Export {
    /// The next piece of the document; none at its end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let (piece, stage) = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Account => (format!("{{{},\"organizations\":[", parts::account(&self.app, &self.user).await?), Stage::Place),
            Stage::Place => match self.places.get(self.written) {
                Some(place) => {
                    let comma = if self.written > 0 { "," } else { "" };
                    let scope = Scope::system(&self.app, place.tenant_id, Locale::of_tag(&self.user.locale).unwrap_or_default());
                    (format!("{comma}{{{},", parts::place(&scope, place).await?), Stage::Rows(scope, Kept::first()))
                }
                None => ("]}\n".to_owned(), Stage::End),
            },
            Stage::Rows(scope, kept) => {
                let (piece, kept) = kept.next(&scope, &self.user, self.places[self.written].membership_id).await?;
                // Whoever downloads slowly holds no snapshot meanwhile.
                scope.end_read().await;
                match kept {
                    Some(kept) => (piece, Stage::Rows(scope, kept)),
                    None => {
                        self.written += 1;
                        (format!("{piece}}}"), Stage::Place)
                    }
                }
            }
            Stage::End | Stage::Over => return Ok(None),
        };
        self.stage = stage;
        Ok(Some(piece.into_bytes()))
    }
}
