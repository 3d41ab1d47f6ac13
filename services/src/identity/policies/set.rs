//! Changing what an organisation asks for.

use super::{Policies, admits};
use crate::audit::NewAudit;
use crate::identity::{Permission, second_factor};
use crate::scope::{DoorwayTx, TenantTx};
use crate::settings::Network;
use crate::{Code, Doorway, Error, Refusals, Result, Scope, sql};
use entities::identity::organization;
use sea_orm::ActiveValue::{Set, Unchanged};
use std::ops::RangeInclusive;

/// What to change of the policies; an absent field stays.
#[derive(Clone, Debug, Default)]
pub struct PoliciesChange {
    pub password_length: Option<i32>,
    pub second_factor: Option<bool>,
    pub session_hours: Option<i32>,
    pub access_minutes: Option<i32>,
    pub addresses: Option<Vec<String>>,
    pub expected_version: Option<i64>,
}

/// How many ranges of addresses there may be.
const MOST_ADDRESSES: usize = 50;

/// Changes the active organisation's policies, for whoever proved a moment ago who they are.
pub async fn set(scope: &Scope, change: PoliciesChange) -> Result<organization::Model> {
    scope.require(Permission::IdentityOrganizationUpdate)?;
    scope.require_proof()?;
    let tx = Doorway::new(scope.app(), scope.locale()).begin().await?;
    let old = tx.lock::<organization::Entity>(scope.tenant()).await?.ok_or(Error::NotFound)?;
    if change.expected_version.is_some_and(|version| version != old.version) {
        return Err(Error::refuse(Code::StaleVersion, "expectedVersion", scope.locale().say("stale-version", &[])));
    }
    let before = Policies::of_text(&old.policies);
    let after = changed(scope, &before, change)?;
    if after.second_factor
        && let Some(me) = scope.user()
        && !second_factor::is_on(&tx, me).await?
    {
        return Err(Error::refuse(Code::ForbiddenState, "secondFactorRequired", scope.locale().say("policy-own-factor-first", &[])));
    }
    let row = organization::ActiveModel {
        id: Unchanged(old.id),
        version: Set(old.version + 1),
        policies: Set(serde_json::to_string(&after)?),
        updated_at: Set(scope.now()),
        ..Default::default()
    };
    let row = tx.update(row).await?;
    hold_sessions_to(&tx, scope, &before, &after).await?;
    let txn = tx.enter(scope).await?;
    audit(&txn, &row, &before, &after);
    txn.commit().await?;
    scope.app().standings().forget();
    scope.end_read().await;
    Ok(row)
}

fn changed(scope: &Scope, before: &Policies, change: PoliciesChange) -> Result<Policies> {
    let mut refusals = Refusals::default();
    let mut within = |path: &str, asked: Option<i32>, present: u16, bounds: RangeInclusive<u16>| {
        let Some(asked) = asked else { return present };
        match u16::try_from(asked).ok().filter(|asked| bounds.contains(asked)) {
            Some(asked) => asked,
            None => {
                let said = [("least", bounds.start().to_string()), ("most", bounds.end().to_string())];
                refusals.add(Code::OutOfRange, path, scope.locale().say("policy-bounds", &said));
                present
            }
        }
    };
    let password_length = within("passwordLength", change.password_length, before.password_length, 8..=64);
    let session_hours = within("sessionHours", change.session_hours, before.session_hours, 1..=168);
    let access_minutes = within("accessTokenMinutes", change.access_minutes, before.access_minutes, 5..=60);
    let addresses = match change.addresses {
        Some(ranges) => check_addresses(scope, ranges, &mut refusals),
        None => before.addresses.clone(),
    };
    refusals.check()?;
    Ok(Policies {
        password_length,
        second_factor: change.second_factor.unwrap_or(before.second_factor),
        session_hours,
        access_minutes,
        addresses,
    })
}

/// Ranges that can be read, few enough, and with the actor among them.
fn check_addresses(scope: &Scope, ranges: Vec<String>, refusals: &mut Refusals) -> Vec<String> {
    let mut refuse = |code, key: &str| refusals.add(code, "allowedAddresses", scope.locale().say(key, &[]));
    let ranges: Vec<String> = ranges.into_iter().map(|range| range.trim().to_owned()).collect();
    let networks: Option<Vec<Network>> = ranges.iter().map(|range| range.parse().ok()).collect();
    match networks {
        None => refuse(Code::Invalid, "policy-address-unreadable"),
        Some(networks) if networks.len() > MOST_ADDRESSES => refuse(Code::LimitReached, "policy-addresses-too-many"),
        Some(networks) => {
            let mine = scope.asked().and_then(|asked| asked.address.as_ref()?.parse().ok());
            if scope.user().is_some() && !admits(&networks, mine) {
                refuse(Code::ForbiddenState, "policy-locks-you-out");
            }
        }
    }
    ranges
}

/// Holds open sessions to the changed policies: shorter lives, and a second factor where one is wanted.
async fn hold_sessions_to(tx: &DoorwayTx, scope: &Scope, before: &Policies, after: &Policies) -> Result<()> {
    if after.session_hours < before.session_hours {
        let life = after.session_life().num_microseconds().unwrap_or(i64::MAX);
        tx.statement(sql!("shorten_sessions.sql")).bind("tenant", scope.tenant()).bind("life", life).run().await?;
    }
    if after.second_factor && !before.second_factor {
        let end = tx.statement(sql!("end_without_factor.sql")).bind("tenant", scope.tenant()).bind("now", scope.now());
        end.bind("because", "a second factor is asked for").run().await?;
    }
    Ok(())
}

fn audit(txn: &TenantTx<'_>, row: &organization::Model, before: &Policies, after: &Policies) {
    let act = NewAudit::of("identity.organization.set_policies").on("Organization", row.id);
    let act = act.change("passwordLength", before.password_length, after.password_length);
    let act = act.change("secondFactorRequired", before.second_factor, after.second_factor);
    let act = act.change("sessionHours", before.session_hours, after.session_hours);
    let act = act.change("accessTokenMinutes", before.access_minutes, after.access_minutes);
    txn.audit(act.change("allowedAddresses", before.addresses.clone(), after.addresses.clone()));
}
