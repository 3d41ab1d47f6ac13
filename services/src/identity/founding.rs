//! New organisations: with an account, or of somebody who has one.

use super::account::{check_currency, check_locale, check_text, check_time_zone};
use super::{Caller, Grants, ShippedRole};
use crate::audit::NewAudit;
use crate::scope::{DoorwayTx, TenantTx};
use crate::{Actor, Code, Doorway, Error, Refusals, Result, Scope, alerts, inventory, sql};
use entities::identity::organization::NegativeStockPolicy;
use entities::identity::{MembershipId, UserId, membership, membership_role, organization, role, user};
use sea_orm::ActiveValue::Set;
use std::sync::Arc;

/// How many organisations one person may belong to before they found no more.
const MOST: i64 = 20;

/// An organisation that is not there yet.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    pub locale: String,
    /// IANA name.
    pub time_zone: String,
}

/// Founds an organisation whose owner the caller is; they go on there by `organizationSwitch`.
pub async fn found(doorway: &Doorway, caller: &Caller, mut new: NewOrganization) -> Result<organization::Model> {
    let locale = doorway.locale();
    let mut refusals = Refusals::default();
    new.name = check_text(&new.name, "name", 120, locale, &mut refusals);
    check_currency(&new.currency, locale, &mut refusals);
    check_locale(&new.locale, locale, &mut refusals);
    check_time_zone(&new.time_zone, locale, &mut refusals);
    refusals.check()?;
    let tx = doorway.begin().await?;
    // Held, so that two at once are counted one after the other.
    let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    if tx.statement(sql!("organizations_of_user.sql")).bind("user", user.id).value::<i64>().await?.unwrap_or(0) >= MOST {
        return Err(Error::refuse(Code::LimitReached, "", locale.say("organizations-too-many", &[("most", MOST.to_string())])));
    }
    let organization = insert(&tx, doorway, new).await?;
    furnish(tx, doorway, user.id, &organization).await?;
    Ok(organization)
}

pub(super) async fn insert(tx: &DoorwayTx, doorway: &Doorway, new: NewOrganization) -> Result<organization::Model> {
    let now = doorway.now();
    tx.insert(organization::ActiveModel {
        id: Set(doorway.new_id()),
        version: Set(1),
        name: Set(new.name),
        currency: Set(new.currency),
        locale: Set(new.locale),
        time_zone: Set(new.time_zone),
        negative_stock_policy: Set(NegativeStockPolicy::Warn),
        modules_off: Set(String::new()),
        policies: Set(String::new()),
        created_at: Set(now),
        updated_at: Set(now),
    })
    .await
}

/// Gives a new organisation its roles, its owner and the first settings of each domain, and commits.
pub(super) async fn furnish(tx: DoorwayTx, doorway: &Doorway, user: UserId, organization: &organization::Model) -> Result<()> {
    let membership = doorway.new_id();
    let actor = Actor::Member { user, membership };
    let scope = Scope::new(doorway.app().clone(), actor, organization.id, Arc::new(Grants::all()), doorway.locale());
    let txn = tx.enter(&scope).await?;
    write_owner(&txn, membership, user).await?;
    inventory::catalog::furnish(&txn).await?;
    alerts::furnish(&txn).await?;
    txn.audit(NewAudit::of("identity.organization.create").on("Organization", organization.id).with("name", organization.name.as_str()));
    txn.commit().await
}

/// Writes the shipped roles, and the actor as their owner.
async fn write_owner(txn: &TenantTx<'_>, membership: MembershipId, user: UserId) -> Result<()> {
    let (now, status) = (txn.now(), membership::MembershipStatus::Active);
    txn.insert(membership::ActiveModel {
        id: Set(membership),
        user_id: Set(user),
        status: Set(status),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    })
    .await?;
    for shipped in ShippedRole::ALL {
        let row = role::ActiveModel {
            id: Set(txn.new_id()),
            key: Set(Some(shipped.key().to_owned())),
            name: Set(shipped.name(txn.locale())),
            created_at: Set(now),
            ..Default::default()
        };
        let role = txn.insert(row).await?;
        if *shipped == ShippedRole::Owner {
            let held = membership_role::ActiveModel {
                id: Set(txn.new_id()),
                membership_id: Set(membership),
                role_id: Set(role.id),
                ..Default::default()
            };
            txn.insert(held).await?;
        }
    }
    Ok(())
}
