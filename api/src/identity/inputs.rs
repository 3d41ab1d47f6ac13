use super::types::NegativeStockPolicy;
use crate::scalars::CurrencyCode;
use async_graphql::{ID, InputObject, MaybeUndefined};
use services::identity::NewOrganization;
use services::identity::organizations::UpdateOrganization;
use services::identity::users::UpdateViewer;
use services::locale::Locale;

/// What opens an account. No organizationName and no invitationToken: an account alone (learner, candidate).
#[derive(InputObject)]
pub struct SignUpInput {
    /// The address to sign in with.
    pub email: String,
    /// At least eight varied characters.
    pub password: String,
    /// How others see the person.
    pub display_name: String,
    /// Opens an organisation of this name, with the person as its owner.
    pub organization_name: Option<String>,
    /// Joins the organisation that sent it to this address; not beside `organizationName`.
    pub invitation_token: Option<String>,
    /// With the country code, such as +221 77 123 45 67.
    pub phone: Option<String>,
    /// fr, en or wo; the request's language when absent.
    pub locale: Option<String>,
    /// IANA name; Africa/Dakar when absent.
    pub time_zone: Option<String>,
    /// The organisation's currency; XOF when absent.
    pub currency: Option<CurrencyCode>,
}

/// What signs in. OrganizationId absent: the last one used.
#[derive(InputObject)]
pub struct SignInInput {
    /// The address of the account.
    pub email: String,
    /// Its password.
    pub password: String,
    /// The organisation to act in.
    pub organization_id: Option<ID>,
}

/// What goes on with a session.
#[derive(InputObject)]
pub struct SessionRefreshInput {
    /// The session's latest.
    pub refresh_token: String,
}

/// What ends a session.
#[derive(InputObject)]
pub struct SignOutInput {
    /// All of the person's sessions, on every device.
    #[graphql(default)]
    pub everywhere: bool,
    /// The person's API tokens, too, and what clients were let do for them, in all their organisations.
    #[graphql(default)]
    pub tokens: bool,
}

/// Where to act next.
#[derive(InputObject)]
pub struct OrganizationSwitchInput {
    /// One of the person's organisations.
    pub organization_id: ID,
}

/// An organisation to found.
#[derive(InputObject)]
pub struct OrganizationCreateInput {
    /// As its members will know it.
    name: String,
    /// The currency of its prices; it stays. XOF when absent.
    currency: Option<CurrencyCode>,
    /// fr, en or wo; the reader's language when absent.
    locale: Option<String>,
    /// IANA name; Africa/Dakar when absent.
    time_zone: Option<String>,
}

impl OrganizationCreateInput {
    pub fn into_new(self, reader: Locale) -> NewOrganization {
        NewOrganization {
            name: self.name,
            currency: self.currency.map_or_else(|| "XOF".to_owned(), |code| code.0),
            locale: self.locale.unwrap_or_else(|| reader.code().to_owned()),
            time_zone: self.time_zone.unwrap_or_else(|| "Africa/Dakar".to_owned()),
        }
    }
}

/// What to change of the active organisation; absent fields stay.
#[derive(InputObject)]
pub struct OrganizationUpdateInput {
    /// As its members know it.
    name: Option<String>,
    /// fr, en or wo.
    locale: Option<String>,
    /// IANA name.
    time_zone: Option<String>,
    /// What happens below zero.
    negative_stock_policy: Option<NegativeStockPolicy>,
    /// Refuses the change when the organisation is at another version by now.
    expected_version: Option<i32>,
}

impl From<OrganizationUpdateInput> for UpdateOrganization {
    fn from(input: OrganizationUpdateInput) -> Self {
        Self {
            name: input.name,
            locale: input.locale,
            time_zone: input.time_zone,
            negative_stock_policy: input.negative_stock_policy.map(Into::into),
            expected_version: input.expected_version.map(Into::into),
        }
    }
}

/// What to change of one's own profile; absent = untouched, null = cleared.
#[derive(InputObject)]
pub struct ViewerUpdateInput {
    /// How others see the person.
    display_name: Option<String>,
    /// With the country code; another number needs WhatsApp consent anew.
    phone: MaybeUndefined<String>,
    /// fr, en or wo.
    locale: Option<String>,
    /// IANA name.
    time_zone: Option<String>,
    /// What the person can do, in place of what was said before; thirty at most.
    skills: Option<Vec<String>>,
    /// Where more of the person is to be found, in place of before: https addresses, thirty at most.
    links: Option<Vec<String>>,
}

impl From<ViewerUpdateInput> for UpdateViewer {
    fn from(input: ViewerUpdateInput) -> Self {
        Self {
            display_name: input.display_name,
            phone: match input.phone {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(phone) => Some(Some(phone)),
            },
            locale: input.locale,
            time_zone: input.time_zone,
            skills: input.skills,
            links: input.links,
        }
    }
}

/// Whether WhatsApp messages may be sent.
#[derive(InputObject)]
pub struct WhatsAppConsentSetInput {
    /// True gives the consent, false withdraws it.
    pub granted: bool,
}

/// Which session to end.
#[derive(InputObject)]
pub struct SessionRevokeInput {
    /// One of one's own.
    pub id: ID,
}

/// A password and the one that follows it.
#[derive(InputObject)]
pub struct PasswordChangeInput {
    /// The one that is right now.
    pub current_password: String,
    /// From 8 to 128 characters, not easily guessed.
    pub new_password: String,
}
