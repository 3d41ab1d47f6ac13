//! A password in place of a forgotten one.

use super::account::email;
use super::known_devices::Place;
use super::{api_tokens, external, links, new_password, notices, password, policies, second_factor, verification};
use crate::audit::NewAudit;
use crate::locale::Locale;
use crate::scope::DoorwayTx;
use crate::work::{JobKind, NewJob, Running};
use crate::{Doorway, Result, SystemScope, sql};
use entities::identity::account_link::LinkPurpose;
use entities::identity::user;
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};

/// Looks whether somebody has this address, and sends them a link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendReset {
    pub address: String,
}

impl JobKind for SendReset {
    const KIND: &'static str = "identity.send_reset";
    const PRIORITY: i32 = 0;
    const MAX_ATTEMPTS: i32 = 5;
}

/// Asks for a link to choose a new password. The answer, and the time it takes, are the same whether anybody has this address: it
/// is looked for afterwards.
pub async fn ask_for_reset(doorway: &Doorway, address: &str) -> Result<()> {
    let address: String = email(address).chars().filter(|c| *c != '\0').take(254).collect();
    let tx = doorway.begin().await?;
    let job = SendReset { address: address.clone() };
    tx.enqueue(NewJob::new(doorway.app(), &job)?.unique(format!("send-reset:{address}")));
    tx.commit().await
}

/// Sends the link, where there is an account and it was not sent enough of them.
pub async fn send_reset(system: &SystemScope, _: &Running, SendReset { address }: SendReset) -> Result<()> {
    let doorway = Doorway::new(system.app(), Locale::default());
    let tx = doorway.begin().await?;
    let Some(found) = tx.one::<user::Entity>(user::Column::Email.eq(address)).await? else { return Ok(()) };
    let Some(user) = tx.lock::<user::Entity>(found.id).await? else { return Ok(()) };
    match links::make(&tx, &doorway, &user, LinkPurpose::ResetPassword, &user.email).await? {
        Some(job) => tx.enqueue(job),
        None => tracing::info!(user.id = %user.id, "no more links for a new password this hour"),
    }
    tx.commit().await
}

/// Gives the account of a link a new password, ends all its sessions, and tells the person.
pub async fn reset_password(doorway: &Doorway, token: &str, new: String) -> Result<()> {
    let address = links::address_of(doorway, LinkPurpose::ResetPassword, token).await?;
    new_password::check_new(&new, &address, "newPassword", doorway.locale())?;
    let hash = password::hash(new.clone()).await?;
    let tx = doorway.begin().await?;
    let (link, user) = links::redeem(&tx, doorway, LinkPurpose::ResetPassword, token).await?;
    if link.email != user.email {
        return Err(links::over(doorway));
    }
    policies::check_length(&tx, doorway, user.id, &new).await?;
    // Whoever reads this mail has shown whose address it is.
    let user = if user.email_verified_at.is_some() { user } else { take_over(&tx, doorway, &user).await? };
    new_password::write(&tx, doorway, &user, hash).await?;
    tx.audit(user.last_tenant_id, Some(user.id), NewAudit::of("identity.password.reset").on("User", user.id));
    let end = tx.statement(sql!("end_all.sql")).bind("user", user.id);
    end.bind("now", doorway.now()).bind("because", "password reset").run().await?;
    notices::commit_new_password(tx, doorway, &user, user.last_tenant_id).await?;
    doorway.app().standings().forget();
    doorway.app().guesses().forget(&user.email, Place::of(doorway));
    Ok(())
}

/// An account that whoever opened it never showed to be theirs: nothing of theirs leads into it any more.
async fn take_over(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model) -> Result<user::Model> {
    external::unlink_all(tx, user.id).await?;
    second_factor::forget(tx, user.id).await?;
    api_tokens::end_of_user(tx, user.id, doorway.now()).await?;
    verification::confirm(tx, doorway, user).await
}
