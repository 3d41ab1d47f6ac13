//! Showing that an address is one's own.

use super::{Caller, links};
use crate::audit::NewAudit;
use crate::scope::DoorwayTx;
use crate::{Code, Doorway, Error, Result};
use entities::identity::account_link::LinkPurpose;
use entities::identity::user;
use sea_orm::ActiveValue::{Set, Unchanged};

/// Sends the person a link to confirm their address.
pub async fn send_verification(doorway: &Doorway, caller: &Caller) -> Result<()> {
    let tx = doorway.begin().await?;
    let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    if user.email_verified_at.is_some() {
        return Err(Error::refuse(Code::ForbiddenState, "", doorway.locale().say("email-verified-already", &[])));
    }
    let job = links::make(&tx, doorway, &user, LinkPurpose::VerifyEmail, &user.email).await?;
    tx.enqueue(job.ok_or_else(|| links::too_many(doorway))?);
    tx.commit().await
}

/// Confirms the address a link was sent to.
pub async fn verify_email(doorway: &Doorway, token: &str) -> Result<user::Model> {
    let tx = doorway.begin().await?;
    let (link, user) = links::redeem(&tx, doorway, LinkPurpose::VerifyEmail, token).await?;
    if link.email != user.email {
        return Err(links::over(doorway));
    }
    let user = confirm(&tx, doorway, &user).await?;
    tx.audit(user.last_tenant_id, Some(user.id), NewAudit::of("identity.address.confirm").on("User", user.id));
    tx.commit().await?;
    Ok(user)
}

/// Notes that the person reads the mail of their address.
pub(super) async fn confirm(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model) -> Result<user::Model> {
    let row = user::ActiveModel {
        id: Unchanged(user.id),
        version: Set(user.version + 1),
        email_verified_at: Set(Some(doorway.now())),
        updated_at: Set(doorway.now()),
        ..Default::default()
    };
    tx.update(row).await
}
