//! The devices a person has signed in from: a program (its family and what it runs on, whatever the version) at a network.
//!
//! Two rules hang on it. A program that never signed its person in before is told to them by letter. And whoever guesses the password of
//! an address from everywhere makes everybody wait but its person at a device that is known ([`super::guesses`]): nobody locks another
//! out. Kept are keyed hashes of both, not what was said; half a year after its last sign-in a device is forgotten.

mod program;
#[cfg(test)]
mod tests;

use super::{Purpose, notices};
use crate::scope::DoorwayTx;
use crate::{Doorway, Result, sql};
use chrono::TimeDelta;
use entities::identity::{KnownDeviceId, UserId, known_device, user};
use sea_orm::{ColumnTrait, Condition};
use std::net::IpAddr;

/// For how long a device that signed in may do so while others guess.
const TRUSTED: TimeDelta = TimeDelta::days(90);
/// More are not remembered of one person: the one used least recently goes.
const MOST: usize = 50;

/// The program and the network of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    program: [u8; 32],
    network: [u8; 32],
}

impl Place {
    pub fn bytes(&self) -> [u8; 64] {
        std::array::from_fn(|at| if at < 32 { self.program[at] } else { self.network[at - 32] })
    }

    /// No place at all.
    pub const fn nowhere() -> Self {
        Self { program: [0; 32], network: [0; 32] }
    }

    #[cfg(test)]
    pub const fn made_up(number: u8) -> Self {
        Self { program: [number; 32], network: [number; 32] }
    }

    /// Where a request comes from; the same of whoever says nothing.
    pub fn of(doorway: &Doorway) -> Self {
        let asked = doorway.asked();
        let said = |text: Option<&String>| text.map(String::as_str).unwrap_or_default().to_owned();
        let mac = |what: &str, text: &str| doorway.app().keys().mac(Purpose::KnownDevice, format!("{what} {text}").as_bytes());
        let address = said(asked.and_then(|asked| asked.address.as_ref()));
        Self {
            program: mac("program", &program::of(&said(asked.and_then(|asked| asked.user_agent.as_ref())))),
            network: mac("network", &network_of(&address)),
        }
    }
}

/// What neighbours share: 24 bits of an address of IPv4, 48 of one of IPv6.
fn network_of(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => format!("{}/24", address.to_bits() >> 8),
        Ok(IpAddr::V6(address)) => format!("{}/48", address.to_bits() >> 80),
        Err(_) => String::new(),
    }
}

/// Whether a person signed in from there lately. Of nobody's address it is asked, too: both take as long.
pub(super) async fn is_known(doorway: &Doorway, user: Option<UserId>, place: Place) -> Result<bool> {
    let same = Condition::all()
        .add(known_device::Column::UserId.eq(user.unwrap_or(UserId::NIL)))
        .add(known_device::Column::Program.eq(place.program.to_vec()))
        .add(known_device::Column::Network.eq(place.network.to_vec()))
        .add(known_device::Column::LastSeen.gt(doorway.now().minus(TRUSTED)));
    Ok(doorway.read().await?.one::<known_device::Entity>(same).await?.is_some())
}

/// Remembers where a person signed in, and writes to them where no program like it has before. The first of all is no news.
pub(super) async fn signed_in(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model) -> Result<bool> {
    if doorway.asked().is_none() {
        // A call of the program itself, by nobody's device.
        return Ok(false);
    }
    let is_new = remember(tx, doorway, user).await?;
    if is_new {
        let agent = doorway.asked().and_then(|asked| asked.user_agent.clone()).unwrap_or_else(|| "?".to_owned());
        notices::write_of_device(tx, doorway, user, &agent).await?;
    }
    Ok(is_new)
}

/// Keeps a device of a person, and says whether its program is a new one of somebody who had others. Written before the others are
/// read: two first sign-ins at once wait for each other at the key that they share, and the second finds the first.
async fn remember(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model) -> Result<bool> {
    let (place, id) = (Place::of(doorway), doorway.new_id::<KnownDeviceId>());
    let seen = tx.statement(sql!("seen.sql")).bind("id", id).bind("user", user.id).bind("now", doorway.now());
    let seen = seen.bind("program", place.program.to_vec()).bind("network", place.network.to_vec());
    let is_first = seen.value::<KnownDeviceId>().await? == Some(id);
    let mut others = tx.all::<known_device::Entity>(known_device::Column::UserId.eq(user.id)).await?;
    others.retain(|device| device.id != id);
    if is_first && others.len() >= MOST {
        others.sort_unstable_by_key(|device| device.last_seen);
        tx.statement(sql!("forget.sql")).bind("id", others[0].id).run().await?;
    }
    Ok(is_first && !others.is_empty() && others.iter().all(|device| device.program != place.program))
}
