//! Accounts of a system before this one, from a CSV, with the hashes of their passwords: people move over without noticing.
//!
//! Columns, by name, in any order: `email`; `name`, or `first_name` and `last_name`; `password_hash` or `password` (bcrypt, or Argon2 in
//! PHC form; made anew at the first sign-in); and, where they are known, `phone` (with its country code), `locale`, `time_zone`,
//! `email_verified`. Others are passed by. An address that has an account keeps it as it is. Each row is a transaction of its
//! own and is accounted for; the same file may be given twice.

mod row;
#[cfg(test)]
mod tests;

use super::members::give;
use super::roles::Rights;
use super::{ShippedRole, signup};
use crate::audit::NewAudit;
use crate::locale::Locale;
use crate::scope::DoorwayTx;
use crate::{Actor, App, Code, Doorway, Error, Reads, Result, Scope};
use entities::TenantId;
use entities::identity::membership::{self, MembershipStatus};
use entities::identity::{UserId, user};
use row::{Columns, Row};
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use std::io::Read;

/// Which organisation the people join, and as what.
#[derive(Clone, Copy, Debug)]
pub struct Join {
    pub tenant: TenantId,
    pub role: ShippedRole,
}

/// What came of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An account was opened.
    Opened,
    /// There was one with this address; it stays as it is.
    Known,
    /// Nothing was done, for these reasons.
    Refused(Vec<String>),
}

/// How many rows came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub opened: u64,
    pub known: u64,
    pub refused: u64,
}

/// Imports the rows of a CSV, telling of each by its line; a trial writes nothing.
pub async fn import(app: &App, csv: impl Read, join: Option<Join>, trial: bool, mut told: impl FnMut(u64, &Outcome)) -> Result<Report> {
    let doorway = Doorway::new(app, Locale::default());
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(csv);
    let unreadable = |error: csv::Error| Error::refuse(Code::FileUnreadable, "", error.to_string());
    let columns = Columns::of(reader.headers().map_err(unreadable)?).map_err(|why| Error::refuse(Code::FileUnreadable, "", why))?;
    let mut report = Report::default();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let outcome = match columns.row(&record) {
            Ok(row) => take(&doorway, &row, join, trial).await?,
            Err(why) => Outcome::Refused(why),
        };
        match &outcome {
            Outcome::Opened => report.opened += 1,
            Outcome::Known => report.known += 1,
            Outcome::Refused(_) => report.refused += 1,
        }
        told(line, &outcome);
    }
    Ok(report)
}

/// What a rule refuses is the row's own matter; any other trouble ends the import.
async fn take(doorway: &Doorway, row: &Row, join: Option<Join>, trial: bool) -> Result<Outcome> {
    match crate::scope::retrying(|| write(doorway, row, join, trial)).await {
        Err(Error::Refused(refusals)) => Ok(Outcome::Refused(refusals.into_iter().map(|refusal| refusal.message).collect())),
        done => done,
    }
}

async fn write(doorway: &Doorway, row: &Row, join: Option<Join>, trial: bool) -> Result<Outcome> {
    let account = row.checked(doorway.locale())?;
    let tx = doorway.begin().await?;
    let known = tx.one::<user::Entity>(user::Column::Email.eq(account.email.as_str())).await?;
    let outcome = if known.is_some() { Outcome::Known } else { Outcome::Opened };
    if trial {
        return Ok(outcome);
    }
    let user = match known {
        Some(known) => known.id,
        None => signup::open_moved(&tx, doorway, &account, row.password_hash.clone(), row.email_verified).await?.id,
    };
    match join {
        Some(join) => enter(tx, doorway, user, join).await?,
        None => tx.commit().await?,
    }
    Ok(outcome)
}

/// Makes a person a member, unless they are or were one, and commits.
async fn enter(tx: DoorwayTx, doorway: &Doorway, user: UserId, join: Join) -> Result<()> {
    let scope = Scope::system(doorway.app(), join.tenant, doorway.locale());
    let txn = tx.enter(&scope).await?;
    let unknown = || doorway.locale().say("organization-unknown", &[]);
    let rights = Rights::hold_for(&txn, Actor::System).await.map_err(|e| e.or_refuse_missing("organization", unknown()))?;
    let there = txn.select::<membership::Entity>().filter(membership::Column::UserId.eq(user)).one().await?;
    if there.is_none() {
        let row = membership::ActiveModel {
            id: Set(txn.new_id()),
            user_id: Set(user),
            status: Set(MembershipStatus::Active),
            version: Set(1),
            created_at: Set(txn.now()),
            updated_at: Set(txn.now()),
            ..Default::default()
        };
        let member = txn.insert(row).await?;
        give(&txn, member.id, &[rights.shipped(join.role)?]).await?;
        txn.audit(NewAudit::of("identity.member.move_in").on("Membership", member.id).with("role", join.role.key()));
    }
    txn.commit().await
}
