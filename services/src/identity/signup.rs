use super::account::{check_currency, check_email, check_locale, check_phone, check_text, check_time_zone, email};
use super::founding::{self, NewOrganization};
use super::new_password::check_new;
use super::sessions::{self, Session};
use super::{invitations, keys, known_devices, links, password, policies, verification};
use crate::scope::DoorwayTx;
use crate::{App, Code, Doorway, Error, Refusals, Result, sql};
use entities::Timestamp;
use entities::identity::account_link::LinkPurpose;
use entities::identity::{UserId, operator, organization, user};
use sea_orm::ActiveValue::Set;

/// What a person types to open an account.
#[derive(Clone, Debug, Default)]
pub struct SignUp {
    pub email: String,
    pub password: String,
    pub display_name: String,
    /// None: an account alone.
    pub organization_name: Option<String>,
    pub invitation_token: Option<String>,
    pub phone: Option<String>,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    pub currency: Option<String>,
    pub user_agent: Option<String>,
}

impl SignUp {
    fn organization(&self, name: &str) -> NewOrganization {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        NewOrganization {
            name: name.to_owned(),
            currency: text(&self.currency),
            locale: text(&self.locale),
            time_zone: text(&self.time_zone),
        }
    }
}

/// A new account and its first session.
pub struct SignedUp {
    pub user: user::Model,
    pub organization: Option<organization::Model>,
    pub session: Session,
}

/// Opens an account and, when one is named, its organisation with the shipped roles and first settings, and signs in; or joins the
/// one that sent an invitation.
pub async fn sign_up(doorway: &Doorway, input: SignUp) -> Result<SignedUp> {
    let input = check(doorway, input)?;
    let hash = password::hash(input.password.clone()).await?;
    keys::fresh(doorway.app()).await;
    let address_taken = || doorway.locale().say("email-taken", &[]);
    let now = doorway.now();
    let tx = doorway.begin().await?;
    let invitation = match &input.invitation_token {
        Some(token) => Some(invitations::find_by_token(&tx, doorway, token).await.map_err(of_sign_up)?),
        None => None,
    };
    let user = insert_user(&tx, doorway, &input, Some(hash)).await.map_err(|e| e.or_refuse_duplicate("email", "email", address_taken()))?;
    make_first_account_operator(&tx, doorway.app(), user.id, now).await?;
    known_devices::signed_in(&tx, doorway, &user).await?;
    if let Some(invitation) = invitation {
        // Whoever has the letter reads the mail of the address; another's is refused below, and this with it.
        let user = verification::confirm(&tx, doorway, &user).await?;
        policies::check_length_in(&tx, doorway, invitation.tenant_id, &input.password).await?;
        let asked = policies::of_tenant(&tx, Some(invitation.tenant_id)).await?;
        let may_enter = policies::check_entry(&tx, doorway, user.id, &asked).await.is_ok();
        let session = sessions::open(&tx, doorway, &user, may_enter.then_some(invitation.tenant_id), input.user_agent).await?;
        let organization = invitations::join(tx, doorway, &user, invitation).await.map_err(of_sign_up)?;
        return Ok(SignedUp { user, organization: Some(organization), session });
    }
    if let Some(letter) = links::make(&tx, doorway, &user, LinkPurpose::VerifyEmail, &user.email).await? {
        tx.enqueue(letter);
    }
    let Some(name) = &input.organization_name else {
        let session = sessions::open(&tx, doorway, &user, None, input.user_agent).await?;
        tx.commit().await?;
        return Ok(SignedUp { user, organization: None, session });
    };
    let organization = founding::insert(&tx, doorway, input.organization(name)).await?;
    let session = sessions::open(&tx, doorway, &user, Some(organization.id), input.user_agent.clone()).await?;
    founding::furnish(tx, doorway, user.id, &organization).await?;
    Ok(SignedUp { user, organization: Some(organization), session })
}

/// Opens an account for the address of an invitation, and joins with it.
pub async fn sign_up_invited(doorway: &Doorway, token: &str, display_name: String, password: String) -> Result<SignedUp> {
    let email = invitations::address_of(doorway, token).await?;
    let locale = Some(doorway.locale().code().to_owned());
    sign_up(doorway, SignUp { email, password, display_name, invitation_token: Some(token.to_owned()), locale, ..SignUp::default() }).await
}

/// Opens an account alone, without a password, for somebody whose address another vouches for.
pub(super) async fn open_vouched(tx: &DoorwayTx, doorway: &Doorway, input: &SignUp) -> Result<user::Model> {
    let user = insert_user(tx, doorway, input, None).await?;
    make_first_account_operator(tx, doorway.app(), user.id, doorway.now()).await?;
    verification::confirm(tx, doorway, &user).await
}

/// Opens an account of a system before this one, with the hash of its password there.
pub(super) async fn open_moved(
    tx: &DoorwayTx,
    doorway: &Doorway,
    input: &SignUp,
    hash: Option<String>,
    verified: bool,
) -> Result<user::Model> {
    let user = insert_user(tx, doorway, input, hash).await?;
    if verified { verification::confirm(tx, doorway, &user).await } else { Ok(user) }
}

fn of_sign_up(error: Error) -> Error {
    error.rename_path("token", "invitationToken")
}

/// Somebody who runs the installation.
pub struct MadeOperator {
    pub user: UserId,
    /// Whether the account was opened for it; of one that was there, the password is as it was.
    pub opened: bool,
}

/// Makes an account an operator, opening it first when the address is new; only then a password is needed.
pub async fn create_operator(doorway: &Doorway, address: &str, name: &str, new_password: Option<String>) -> Result<MadeOperator> {
    let known = doorway.read().await?.one::<user::Entity>(sea_orm::ColumnTrait::eq(&user::Column::Email, email(address))).await?;
    let opened = known.is_none();
    let user = match known {
        Some(user) => user.id,
        None => {
            let missing = || Error::refuse(Code::Required, "password", doorway.locale().say("operator-needs-password", &[]));
            let password = new_password.ok_or_else(missing)?;
            let input = SignUp { email: address.to_owned(), password, display_name: name.to_owned(), ..SignUp::default() };
            sign_up(doorway, input).await?.user.id
        }
    };
    let tx = doorway.begin().await?;
    if tx.find::<operator::Entity>(user).await?.is_none() {
        tx.insert(operator::ActiveModel { user_id: Set(user), created_at: Set(doorway.now()) }).await?;
    }
    tx.commit().await?;
    Ok(MadeOperator { user, opened })
}

fn check(doorway: &Doorway, mut input: SignUp) -> Result<SignUp> {
    let locale = doorway.locale();
    let mut refusals = Refusals::default();
    input.email = email(&input.email);
    check_email(&input.email, locale, &mut refusals);
    input.display_name = check_text(&input.display_name, "displayName", 120, locale, &mut refusals);
    refusals.also(check_new(&input.password, &input.email, "password", locale))?;
    input.organization_name = input.organization_name.map(|name| check_text(&name, "organizationName", 120, locale, &mut refusals));
    if input.invitation_token.is_some() && input.organization_name.is_some() {
        refusals.add(Code::Invalid, "invitationToken", locale.say("invitation-or-organization", &[]));
    }
    input.phone = input.phone.map(|phone| check_phone(&phone, locale, &mut refusals));
    let tag = input.locale.get_or_insert_with(|| locale.code().to_owned());
    check_locale(tag, locale, &mut refusals);
    check_time_zone(input.time_zone.get_or_insert_with(|| "Africa/Dakar".to_owned()), locale, &mut refusals);
    check_currency(input.currency.get_or_insert_with(|| "XOF".to_owned()), locale, &mut refusals);
    refusals.check()?;
    Ok(input)
}

async fn insert_user(tx: &DoorwayTx, doorway: &Doorway, input: &SignUp, hash: Option<String>) -> Result<user::Model> {
    let now = doorway.now();
    tx.insert(user::ActiveModel {
        id: Set(doorway.new_id()),
        version: Set(1),
        email: Set(input.email.clone()),
        email_verified_at: Set(None),
        display_name: Set(input.display_name.clone()),
        phone: Set(input.phone.clone()),
        locale: Set(input.locale.clone().unwrap_or_default()),
        time_zone: Set(input.time_zone.clone().unwrap_or_default()),
        password_hash: Set(hash),
        whatsapp_consent_at: Set(None),
        whatsapp_consent_source: Set(None),
        last_tenant_id: Set(None),
        skills: Set("[]".to_owned()),
        links: Set("[]".to_owned()),
        erase_at: Set(None),
        erased_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    })
    .await
}

/// On one firm's own machine there is nobody else to make the first operator. Where others have an account already, whoever
/// comes is a stranger, even if the machine was run in another way so far and has no operator.
async fn make_first_account_operator(tx: &DoorwayTx, app: &App, user: UserId, now: Timestamp) -> Result<()> {
    let embedded = app.settings().worker == crate::settings::WorkerMode::Embedded && app.database().sqlite_path().is_some();
    if embedded && tx.statement(sql!("others_are_here.sql")).bind("user", user).value::<i64>().await?.unwrap_or(0) == 0 {
        tx.insert(operator::ActiveModel { user_id: Set(user), created_at: Set(now) }).await?;
    }
    Ok(())
}
