//! What an organisation asks of who comes in, beyond what the product asks of everybody.
//!
//! | policy | default | bounds | where it holds |
//! |---|---|---|---|
//! | length of passwords | 8 | 8 to 64 | when a member chooses one |
//! | second factor | not asked for | | at every request, of people and of programs that act as one |
//! | length of a session | 168 h | 1 to 168 | from the sign-in, through every change of organisation; those that are open too |
//! | life of an access token | 30 min | 5 to 60 | from the next one |
//! | allowed addresses | everywhere | 50 ranges | at every request, of programs too |
//!
//! Nobody shuts themselves out: who asks for a second factor has one, and who names addresses is at one of them. Whoever is not let
//! in goes on with their account alone, where they can set a second factor up; so does whoever comes from elsewhere. Programs are refused.

mod set;
#[cfg(test)]
mod tests;

pub use set::{PoliciesChange, set};

use super::second_factor;
use crate::scope::DoorwayTx;
use crate::settings::Network;
use crate::{Code, Doorway, Error, Result, sql};
use chrono::TimeDelta;
use entities::TenantId;
use entities::identity::{UserId, organization};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A range that nobody comes from.
const NOWHERE: &str = "0.0.0.0/32";

/// What an organisation asks for, as its row keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policies {
    /// In characters.
    pub password_length: u16,
    pub second_factor: bool,
    pub session_hours: u16,
    pub access_minutes: u16,
    /// Ranges such as `196.1.95.0/24`; none: from everywhere.
    pub addresses: Vec<String>,
}

impl Default for Policies {
    fn default() -> Self {
        Self { password_length: 8, second_factor: false, session_hours: 168, access_minutes: 30, addresses: Vec::new() }
    }
}

impl Policies {
    /// Of an organisation's row.
    pub fn of_text(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        serde_json::from_str(text).unwrap_or_else(|error| {
            tracing::error!(%error, "what an organisation asks for cannot be read: nobody is let in");
            Self { addresses: vec![NOWHERE.to_owned()], ..Self::default() }
        })
    }
    pub fn session_life(&self) -> TimeDelta {
        TimeDelta::hours(self.session_hours.into())
    }
    pub fn access_life(&self) -> TimeDelta {
        TimeDelta::minutes(self.access_minutes.into())
    }
    /// Whether whoever has a second factor, or has none, is as asked for.
    pub(super) fn are_met(&self, with_factor: bool) -> bool {
        with_factor || !self.second_factor
    }
    /// The ranges people and programs may come from.
    pub(super) fn networks(&self) -> Vec<Network> {
        // A range that cannot be read lets nobody in, rather than everybody.
        self.addresses.iter().filter_map(|range| range.parse().or_else(|_| NOWHERE.parse()).ok()).collect()
    }
}

/// Whether somebody at an address may come in; everybody may where no range is named.
pub(super) fn admits(networks: &[Network], address: Option<IpAddr>) -> bool {
    networks.is_empty() || address.is_some_and(|address| networks.iter().any(|network| network.contains(address)))
}

/// Those of the organisation a session is in; of an account alone the product's own.
pub(super) async fn of_tenant(tx: &DoorwayTx, tenant: Option<TenantId>) -> Result<Policies> {
    let Some(tenant) = tenant else { return Ok(Policies::default()) };
    let row = tx.find::<organization::Entity>(tenant).await?;
    Ok(row.map(|row| Policies::of_text(&row.policies)).unwrap_or_default())
}

/// Refuses who may not come into an organisation as they are, and says what to do about it.
pub(super) async fn check_entry(tx: &DoorwayTx, doorway: &Doorway, user: UserId, policies: &Policies) -> Result<()> {
    let refuse = |key| Err(Error::refuse(Code::ForbiddenState, "organizationId", doorway.locale().say(key, &[])));
    if !policies.are_met(second_factor::is_on(tx, user).await?) {
        return refuse("policy-second-factor-wanted");
    }
    let address = doorway.asked().and_then(|asked| asked.address.as_ref()?.parse().ok());
    // A call of the program itself comes from nowhere.
    if doorway.asked().is_some() && !admits(&policies.networks(), address) {
        return refuse("policy-address");
    }
    Ok(())
}

#[derive(sea_orm::FromQueryResult)]
struct Theirs {
    name: String,
    policies: String,
}

async fn of_user(tx: &DoorwayTx, user: UserId) -> Result<Vec<(String, Policies)>> {
    let theirs: Vec<Theirs> = tx.statement(sql!("policies_of_user.sql")).bind("user", user).all().await?;
    Ok(theirs.into_iter().map(|one| (one.name, Policies::of_text(&one.policies))).collect())
}

/// Refuses a password that one of its person's organisations finds too short.
pub(super) async fn check_length(tx: &DoorwayTx, doorway: &Doorway, user: UserId, password: &str) -> Result<()> {
    let least = of_user(tx, user).await?.iter().map(|(_, policies)| policies.password_length).max();
    check_least(doorway, least.unwrap_or_default(), password, "newPassword")
}

/// The same of the organisation somebody is about to join.
pub(super) async fn check_length_in(tx: &DoorwayTx, doorway: &Doorway, tenant: TenantId, password: &str) -> Result<()> {
    check_least(doorway, of_tenant(tx, Some(tenant)).await?.password_length, password, "password")
}

fn check_least(doorway: &Doorway, least: u16, password: &str, path: &str) -> Result<()> {
    if password.chars().count() >= least.into() {
        return Ok(());
    }
    let sentence = doorway.locale().say("policy-password-length", &[("least", least.to_string())]);
    Err(Error::refuse(Code::WeakPassword, path, sentence))
}

/// Refuses to go without a second factor whoever belongs to an organisation that asks for one.
pub(super) async fn check_farewell_to_factor(tx: &DoorwayTx, doorway: &Doorway, user: UserId) -> Result<()> {
    let wanted: Vec<String> =
        of_user(tx, user).await?.into_iter().filter(|(_, policies)| policies.second_factor).map(|(name, _)| name).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let sentence = doorway.locale().say("policy-second-factor-stays", &[("organizations", wanted.join(", "))]);
    Err(Error::refuse(Code::ForbiddenState, "", sentence))
}
