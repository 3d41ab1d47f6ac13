//! Whose account it is that an issuer speaks of, and signing in to it.

use super::flow::Flow;
use super::id_token::{self, Claims};
use super::untrusted;
use crate::audit::NewAudit;
use crate::identity::account::{check_email, check_text, email};
use crate::identity::sessions::{self, SignedIn};
use crate::identity::trust;
use crate::identity::{SignUp, keys, known_devices, notices, second_factor, signup};
use crate::locale::Locale;
use crate::scope::{DoorwayTx, retrying};
use crate::{Code, Doorway, Error, Refusals, Result};
use entities::TenantId;
use entities::identity::{external_identity, spent_flow, user};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{ColumnTrait, Condition};

/// What a person's browser comes back with.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    pub flow: String,
    pub state: String,
    pub code: String,
    /// Who sent them, where the issuer says so (RFC 9207).
    pub issuer: Option<String>,
}

/// Signs in the person an issuer vouches for; one that nobody here knows gets an account alone, of an address the issuer vouches for.
pub async fn sign_in(doorway: &Doorway, returned: &Returned, tenant: Option<TenantId>, user_agent: Option<String>) -> Result<SignedIn> {
    let (flow, claims) = redeem(doorway, returned).await?;
    if flow.linking.is_some() {
        return Err(untrusted(doorway, "the flow was begun to link an account"));
    }
    keys::fresh(doorway.app()).await;
    retrying(|| enter(doorway, &flow, &claims, tenant, user_agent.clone())).await
}

/// What the issuer says of a person that came back.
pub(super) async fn redeem(doorway: &Doorway, returned: &Returned) -> Result<(Flow, Claims)> {
    let flow = Flow::of_return(doorway, &returned.flow, &returned.state)?;
    let app = doorway.app();
    let issuer = flow.issuer(app).ok_or_else(|| untrusted(doorway, "the issuer is no longer among ours"))?;
    let metadata = app.issuers().metadata(app, issuer).await.map_err(|why| super::away(doorway, issuer, why))?;
    let from_it = returned.issuer.as_ref().map_or(!metadata.authorization_response_iss_parameter_supported, |from| *from == issuer.url);
    if !from_it {
        return Err(untrusted(doorway, "another issuer sent them back"));
    }
    if returned.code.is_empty() {
        return Err(untrusted(doorway, "there is no code"));
    }
    let claims = id_token::redeem(doorway, &flow, issuer, &returned.code).await?;
    Ok((flow, claims))
}

async fn enter(doorway: &Doorway, flow: &Flow, claims: &Claims, tenant: Option<TenantId>, user_agent: Option<String>) -> Result<SignedIn> {
    let tx = doorway.begin().await?;
    spend(&tx, doorway, flow).await?;
    let (user, is_news) = person(&tx, doorway, flow, claims).await?;
    let signed_in = if second_factor::is_on(&tx, user.id).await? {
        SignedIn::Challenge(second_factor::challenge(doorway, &user, tenant)?)
    } else {
        let tenant = sessions::choose_tenant(&tx, doorway, &user, tenant).await?;
        let session = sessions::open(&tx, doorway, &user, tenant, user_agent).await?;
        let is_new = known_devices::signed_in(&tx, doorway, &user).await?;
        let act = NewAudit::of("identity.session.open").on("DeviceSession", session.id).with("issuer", claims.iss.as_str());
        tx.audit(tenant, Some(user.id), act.with("newDevice", is_new));
        SignedIn::Session(session)
    };
    match is_news {
        true => notices::commit_news(tx, doorway, &user, "external-linked").await?,
        false => tx.commit().await?,
    }
    trust::let_in(doorway, user.id).await;
    Ok(signed_in)
}

/// A flow serves once, also where an issuer would give two tokens for one code.
pub(super) async fn spend(tx: &DoorwayTx, doorway: &Doorway, flow: &Flow) -> Result<()> {
    let row = spent_flow::ActiveModel { id: Set(flow.id), expires_at: Set(flow.until) };
    match tx.insert(row).await {
        Err(error) if error.duplicates("spent_flows") => {
            Err(Error::refuse(Code::TokenReused, "flow", doorway.locale().say("external-over", &[])))
        }
        done => done.map(drop),
    }
}

/// The account of who came back, and whether its owner is to be told of a new way in.
async fn person(tx: &DoorwayTx, doorway: &Doorway, flow: &Flow, claims: &Claims) -> Result<(user::Model, bool)> {
    if let Some(known) = known(tx, claims).await? {
        let used = external_identity::ActiveModel { id: Unchanged(known.id), used_at: Set(doorway.now()), ..Default::default() };
        tx.update(used).await?;
        return Ok((tx.lock::<user::Entity>(known.user_id).await?.ok_or(Error::NotFound)?, false));
    }
    let unverified = |key| Error::refuse(Code::EmailUnverified, "code", doorway.locale().say(key, &[]));
    let vouched = claims.email.as_deref().filter(|_| claims.vouches_for_email()).map(email);
    let address = vouched.ok_or_else(|| unverified("external-unverified"))?;
    let here = tx.one::<user::Entity>(user::Column::Email.eq(&address)).await?;
    let (user, is_news) = match here {
        Some(here) => {
            let user = tx.lock::<user::Entity>(here.id).await?.filter(|user| user.email == address).ok_or(Error::Conflict)?;
            user.email_verified_at.ok_or_else(|| unverified("external-unconfirmed"))?;
            (user, true)
        }
        None => (open_account(tx, doorway, claims, address).await?, false),
    };
    write(tx, doorway, flow, claims, &user).await?;
    Ok((user, is_news))
}

/// Who came back with the same subject of the same issuer before.
pub(super) async fn known(tx: &DoorwayTx, claims: &Claims) -> Result<Option<external_identity::Model>> {
    let same =
        Condition::all().add(external_identity::Column::Issuer.eq(&claims.iss)).add(external_identity::Column::Subject.eq(&claims.sub));
    tx.one::<external_identity::Entity>(same).await
}

/// Keeps that a subject of an issuer is this person.
pub(super) async fn write(tx: &DoorwayTx, doorway: &Doorway, flow: &Flow, claims: &Claims, user: &user::Model) -> Result<()> {
    let provider = flow.issuer(doorway.app()).map(|issuer| issuer.key.clone()).unwrap_or_default();
    let row = external_identity::ActiveModel {
        id: Set(doorway.new_id()),
        user_id: Set(user.id),
        provider: Set(provider),
        issuer: Set(claims.iss.clone()),
        subject: Set(claims.sub.clone()),
        email: Set(claims.email.as_deref().map(email)),
        linked_at: Set(doorway.now()),
        used_at: Set(doorway.now()),
    };
    let row = tx.insert(row).await.map_err(again)?;
    let act = NewAudit::of("identity.external_identity.link").on("ExternalIdentity", row.id).with("issuer", claims.iss.as_str());
    tx.audit(user.last_tenant_id, Some(user.id), act);
    Ok(())
}

/// Whoever came in by two windows at once is known at the second look.
fn again(error: Error) -> Error {
    if matches!(error, Error::Duplicate(_)) { Error::Conflict } else { error }
}

async fn open_account(tx: &DoorwayTx, doorway: &Doorway, claims: &Claims, address: String) -> Result<user::Model> {
    let mut refusals = Refusals::default();
    check_email(&address, doorway.locale(), &mut refusals);
    refusals.check()?;
    let local = address.split('@').next().unwrap_or_default().to_owned();
    let said = claims.name.clone().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| local.clone());
    let mut odd = Refusals::default();
    let name = check_text(&said, "displayName", 120, doorway.locale(), &mut odd);
    let locale = claims.locale.as_deref().and_then(Locale::of_tag).unwrap_or_else(|| doorway.locale());
    let input = SignUp {
        email: address,
        display_name: if odd.is_empty() { name } else { local },
        locale: Some(locale.code().to_owned()),
        time_zone: Some("Africa/Dakar".to_owned()),
        ..SignUp::default()
    };
    signup::open_vouched(tx, doorway, &input).await.map_err(again)
}
