//! Ways back for whoever shut themselves out, for those who run the installation: by the command line, and in the audit log.

use super::account::email;
use super::policies::Policies;
use super::{api_tokens, notices, second_factor};
use crate::audit::NewAudit;
use crate::{Doorway, Error, Result, sql};
use entities::TenantId;
use entities::identity::{organization, user};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::ColumnTrait;

/// Has an organisation ask for no second factor and for no address any more; its other policies stay.
pub async fn open_organization(doorway: &Doorway, tenant: TenantId) -> Result<organization::Model> {
    let tx = doorway.begin().await?;
    let old = tx.lock::<organization::Entity>(tenant).await?.ok_or(Error::NotFound)?;
    let before = Policies::of_text(&old.policies);
    let after = Policies { second_factor: false, addresses: Vec::new(), ..before.clone() };
    let row = organization::ActiveModel {
        id: Unchanged(tenant),
        version: Set(old.version + 1),
        policies: Set(serde_json::to_string(&after)?),
        updated_at: Set(doorway.now()),
        ..Default::default()
    };
    let row = tx.update(row).await?;
    let act = NewAudit::of("identity.organization.set_policies").on("Organization", tenant).with("because", "rescue");
    let act = act.change("secondFactorRequired", before.second_factor, after.second_factor);
    tx.audit(Some(tenant), None, act.change("allowedAddresses", before.addresses, after.addresses));
    tx.commit().await?;
    doorway.app().standings().forget();
    Ok(row)
}

/// Takes a person's second factor away, ends their sessions and API tokens, and tells them; the password stays.
pub async fn open_account(doorway: &Doorway, address: &str) -> Result<user::Model> {
    let tx = doorway.begin().await?;
    let found = tx.one::<user::Entity>(user::Column::Email.eq(email(address))).await?.ok_or(Error::NotFound)?;
    let user = tx.lock::<user::Entity>(found.id).await?.ok_or(Error::NotFound)?;
    second_factor::forget(&tx, user.id).await?;
    let end = tx.statement(sql!("end_all.sql")).bind("user", user.id);
    end.bind("now", doorway.now()).bind("because", "rescue").run().await?;
    api_tokens::end_of_user(&tx, user.id, doorway.now()).await?;
    let act = NewAudit::of("identity.second_factor.remove").on("User", user.id).with("because", "rescue");
    tx.audit(user.last_tenant_id, None, act);
    notices::commit_news(tx, doorway, &user, "second-factor-off").await?;
    doorway.app().standings().forget();
    Ok(user)
}
