//! Taking away all that says who somebody was.

use super::{NOTICE, alone_in_charge, set};
use crate::identity::{external, members, notices, second_factor};
use crate::locale::Locale;
use crate::scope::DoorwayTx;
use crate::work::{JobKind, Running};
use crate::{App, Doorway, Result, Scope, SystemScope, sql};
use entities::TenantId;
use entities::identity::{MembershipId, UserId, user};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};

/// The regular job that erases accounts whose time has come.
#[derive(Debug, Serialize, Deserialize)]
pub struct EraseAccounts {}

impl JobKind for EraseAccounts {
    const KIND: &'static str = "identity.erase_accounts";
    const PRIORITY: i32 = 3;
    const MAX_ATTEMPTS: i32 = 5;
}

/// Erases the accounts that are due. One that fails is told to the log and tried again at the next run; the others go on.
pub async fn erase_due(system: &SystemScope, _: &Running, _: EraseAccounts) -> Result<()> {
    let app = system.app();
    let due = user::Column::EraseAt.lte(app.now());
    let all = Doorway::new(app, Locale::default()).read().await?.all::<user::Entity>(due).await?;
    let mut failed = None;
    for user in all {
        if let Err(error) = erase(app, &user).await {
            tracing::error!(%error, user.id = %user.id, "an account could not be erased");
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), Err)
}

#[derive(sea_orm::FromQueryResult)]
struct Place {
    tenant_id: TenantId,
    id: MembershipId,
}

pub(super) async fn erase(app: &App, user: &user::Model) -> Result<()> {
    let doorway = Doorway::new(app, Locale::of_tag(&user.locale).unwrap_or_default());
    let tx = doorway.read().await?;
    let needed = !alone_in_charge(&tx, user.id).await?.is_empty();
    let places: Vec<Place> = tx.statement(sql!("memberships.sql")).bind("user", user.id).all().await?;
    drop(tx);
    if needed {
        return put_off(&doorway, user.id).await;
    }
    for place in places {
        let tx = doorway.begin().await?;
        if still_due(&tx, &doorway, user.id).await?.is_none() {
            return Ok(());
        }
        let scope = Scope::system(app, place.tenant_id, doorway.locale());
        // Another owner may have left a moment ago.
        if !members::erase(tx.enter(&scope).await?, place.id).await? {
            return put_off(&doorway, user.id).await;
        }
    }
    let tx = doorway.begin().await?;
    let Some(user) = still_due(&tx, &doorway, user.id).await? else { return Ok(()) };
    notices::write_to(&tx, &doorway, &user, "letter-erased")?;
    wipe(&tx, &doorway, &user).await?;
    tx.commit().await?;
    app.standings().forget();
    tracing::info!(user.id = %user.id, "an account was erased");
    Ok(())
}

/// The account, held to the commit, if nobody thought again since it was read.
async fn still_due(tx: &DoorwayTx, doorway: &Doorway, id: UserId) -> Result<Option<user::Model>> {
    let user = tx.lock::<user::Entity>(id).await?;
    Ok(user.filter(|user| user.erase_at.is_some_and(|at| at <= doorway.now())))
}

/// Whoever came to be the last owner of an organisation with other members meanwhile is told, and asked again in a week.
async fn put_off(doorway: &Doorway, id: UserId) -> Result<()> {
    let tx = doorway.begin().await?;
    let Some(user) = tx.lock::<user::Entity>(id).await? else { return Ok(()) };
    let user = set(&tx, doorway, &user, Some(doorway.now().plus(NOTICE))).await?;
    notices::write_to(&tx, doorway, &user, "letter-erasure-put-off")?;
    tx.commit().await
}

async fn wipe(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model) -> Result<()> {
    second_factor::forget(tx, user.id).await?;
    external::unlink_all(tx, user.id).await?;
    for sql in [sql!("drop_sessions.sql"), sql!("drop_known_devices.sql"), sql!("drop_links.sql"), sql!("drop_operator.sql")] {
        tx.statement(sql).bind("user", user.id).run().await?;
    }
    forget_address(tx, doorway, user).await?;
    let row = user::ActiveModel {
        id: Unchanged(user.id),
        version: Set(user.version + 1),
        // Of a name that no mail ever reaches (RFC 2606), and that frees the address.
        email: Set(format!("{}@erased.invalid", user.id)),
        email_verified_at: Set(None),
        display_name: Set(doorway.locale().say("erased-name", &[])),
        phone: Set(None),
        password_hash: Set(None),
        whatsapp_consent_at: Set(None),
        whatsapp_consent_source: Set(None),
        last_tenant_id: Set(None),
        skills: Set("[]".to_owned()),
        links: Set("[]".to_owned()),
        erase_at: Set(None),
        erased_at: Set(Some(doorway.now())),
        updated_at: Set(doorway.now()),
        ..Default::default()
    };
    tx.update(row).await.map(drop)
}

/// What is kept under the address of a person. One that was never confirmed may be another's, whose invitations and letters stay.
async fn forget_address(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model) -> Result<()> {
    let theirs = user.email_verified_at.is_some();
    let invitations = tx.statement(sql!("forget_invitations.sql")).bind("address", user.email.as_str()).bind("theirs", theirs);
    invitations.bind("user", user.id).bind("now", doorway.now()).run().await?;
    if theirs {
        tx.statement(sql!("drop_letters.sql")).bind("address", user.email.as_str()).run().await?;
    }
    Ok(())
}
