//! What an invited person is written.

use crate::locale::Locale;
use crate::notifications::letters::{Letter, Link};
use crate::scope::TenantTx;
use crate::{Actor, Error, Reads, Result, sql};
use chrono_tz::Tz;
use entities::identity::{UserId, invitation};
use std::collections::BTreeMap;
use std::str::FromStr;

#[derive(sea_orm::FromQueryResult)]
struct Sender {
    organization: String,
    locale: String,
    time_zone: String,
    actor: String,
}

/// Asks for the letter of an invitation, in the language of the organisation: nobody knows the reader's.
pub(super) async fn send(txn: &TenantTx<'_>, row: &invitation::Model, link: Link) -> Result<()> {
    let actor = match txn.actor() {
        Actor::Member { user, .. } => user,
        Actor::System => UserId::NIL,
    };
    let sender: Option<Sender> = txn.statement(sql!("letter.sql")).bind("actor", actor).one().await?;
    let sender = sender.ok_or_else(|| Error::internal("an organisation is not there"))?;
    let locale = Locale::of_tag(&sender.locale).unwrap_or_default();
    let zone = Tz::from_str(&sender.time_zone).unwrap_or(Tz::UTC);
    let until = locale.moment(row.expires_at.to_utc().with_timezone(&zone).naive_local());
    let params = [
        ("by", sender.actor),
        ("organization", sender.organization),
        ("until", until),
        ("message", row.message.clone().unwrap_or_default()),
    ];
    let letter = Letter {
        id: link.id,
        address: row.email.clone(),
        name: row.display_name.clone(),
        locale: sender.locale,
        key: "invitation".to_owned(),
        params: BTreeMap::from(params.map(|(name, value)| (name.to_owned(), value))),
        link: Some(link),
        written_at: row.sent_at,
        until: row.expires_at,
    };
    txn.enqueue(letter.job(txn.app())?);
    Ok(())
}
