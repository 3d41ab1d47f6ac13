//! Links that prove whose an address is: each for one purpose and one use.

use crate::notifications::letters::{Letter, Link, Page};
use crate::scope::DoorwayTx;
use crate::work::NewJob;
use crate::{Code, Doorway, Error, Result, sql};
use chrono::TimeDelta;
use entities::identity::account_link::{self, LinkPurpose};
use entities::identity::{AccountLinkId, user};
use sea_orm::ActiveValue::{Set, Unchanged};
use std::collections::BTreeMap;

/// How many links for one purpose a person is sent an hour.
const MOST: i64 = 3;

/// How long a link serves: a forgotten password half an hour, an address a day.
fn life(purpose: LinkPurpose) -> TimeDelta {
    match purpose {
        LinkPurpose::ResetPassword => TimeDelta::minutes(30),
        LinkPurpose::VerifyEmail | LinkPurpose::ChangeEmail => TimeDelta::hours(24),
    }
}

fn page(purpose: LinkPurpose) -> Page {
    match purpose {
        LinkPurpose::VerifyEmail => Page::Verify,
        LinkPurpose::ResetPassword => Page::Reset,
        LinkPurpose::ChangeEmail => Page::Address,
    }
}

fn letter_key(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::VerifyEmail => "letter-verify",
        LinkPurpose::ResetPassword => "letter-reset",
        LinkPurpose::ChangeEmail => "letter-address",
    }
}

/// Writes a link for a person and the job of its letter to an address. None: they were sent enough of them this hour.
pub(super) async fn make(
    tx: &DoorwayTx,
    doorway: &Doorway,
    user: &user::Model,
    purpose: LinkPurpose,
    address: &str,
) -> Result<Option<NewJob>> {
    let now = doorway.now();
    let sent = tx.statement(sql!("links_sent.sql")).bind("user", user.id).bind("purpose", purpose);
    if sent.bind("since", now.minus(TimeDelta::hours(1))).value::<i64>().await?.unwrap_or(0) >= MOST {
        return Ok(None);
    }
    let row = account_link::ActiveModel {
        id: Set(doorway.new_id()),
        user_id: Set(user.id),
        purpose: Set(purpose),
        email: Set(address.to_owned()),
        created_at: Set(now),
        expires_at: Set(now.plus(life(purpose))),
        used_at: Set(None),
    };
    let link = tx.insert(row).await?;
    let letter = Letter {
        id: link.id.0,
        address: link.email,
        name: Some(user.display_name.clone()),
        locale: user.locale.clone(),
        key: letter_key(purpose).to_owned(),
        params: BTreeMap::from([("address".to_owned(), address.to_owned())]),
        link: Some(Link { page: page(purpose), id: link.id.0 }),
        written_at: now,
        until: link.expires_at,
    };
    letter.job(doorway.app()).map(Some)
}

/// Uses a link up, with all others of its purpose, and holds its person. What was used, is over, or is no link of ours, is refused
/// alike.
pub(super) async fn redeem(
    tx: &DoorwayTx,
    doorway: &Doorway,
    purpose: LinkPurpose,
    token: &str,
) -> Result<(account_link::Model, user::Model)> {
    let found = good(tx, doorway, purpose, token).await?;
    let (id, now) = (found.id, doorway.now());
    // The person's row is the lock of all their links.
    let user = tx.lock::<user::Entity>(found.user_id).await?.ok_or_else(|| over(doorway))?;
    good(tx, doorway, purpose, token).await?;
    let link = tx.update(account_link::ActiveModel { id: Unchanged(id), used_at: Set(Some(now)), ..Default::default() }).await?;
    forget(tx, doorway, &user, purpose).await?;
    Ok((link, user))
}

/// The address a link was sent to, as long as it is good; it stays so.
pub(super) async fn address_of(doorway: &Doorway, purpose: LinkPurpose, token: &str) -> Result<String> {
    Ok(good(&doorway.read().await?, doorway, purpose, token).await?.email)
}

async fn good(tx: &DoorwayTx, doorway: &Doorway, purpose: LinkPurpose, token: &str) -> Result<account_link::Model> {
    let link = Link::of_token(doorway.app(), page(purpose), token).ok_or_else(|| over(doorway))?;
    let found = tx.find::<account_link::Entity>(AccountLinkId(link.id)).await?;
    let good = |link: &account_link::Model| link.used_at.is_none() && link.expires_at > doorway.now() && link.purpose == purpose;
    found.filter(good).ok_or_else(|| over(doorway))
}

/// The refusal of a link that is no good, for whatever reason.
pub(super) fn over(doorway: &Doorway) -> Error {
    Error::refuse(Code::TokenExpired, "token", doorway.locale().say("link-over", &[]))
}

/// The refusal of one more link this hour.
pub(super) fn too_many(doorway: &Doorway) -> Error {
    Error::refuse(Code::LimitReached, "", doorway.locale().say("links-too-many", &[]))
}

/// Makes a person's links for a purpose good for nothing.
pub(super) async fn forget(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model, purpose: LinkPurpose) -> Result<()> {
    let end = tx.statement(sql!("links_end.sql")).bind("user", user.id).bind("purpose", purpose);
    end.bind("now", doorway.now()).run().await.map(drop)
}
