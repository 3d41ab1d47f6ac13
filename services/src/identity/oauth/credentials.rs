//! Who asks: clients, and how they show that they are themselves.

use super::noted;
use crate::identity::api_tokens::is_secret;
use crate::scope::DoorwayTx;
use crate::{Doorway, Error, sql};
use entities::TenantId;
use entities::identity::membership::MembershipStatus;
use entities::identity::{MembershipId, OauthClientId};
use uuid::Uuid;

/// Why a client is not given what it asks for (RFC 6749 section 5.2).
#[derive(Debug)]
pub enum OauthError {
    InvalidRequest(&'static str),
    /// Unknown, or with a wrong secret: the two are never told apart.
    InvalidClient,
    /// A code or refresh token that is unknown, over, used, of another client, or shown with what does not belong to it: never told
    /// apart.
    InvalidGrant,
    /// It comes to tokens in other ways, or its service account may not act.
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
    Failed(Error),
}

impl From<Error> for OauthError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

pub(super) type Result<T> = std::result::Result<T, OauthError>;

/// What a client shows; a public one has no secret.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub client: String,
    pub secret: Option<String>,
}

/// A client that showed what it registered with.
#[derive(sea_orm::FromQueryResult)]
pub struct Client {
    pub(super) tenant_id: TenantId,
    pub(super) id: OauthClientId,
    pub(super) membership_id: Option<MembershipId>,
    pub(super) status: Option<MembershipStatus>,
    secret_hash: Option<Vec<u8>>,
    /// Whether people can be sent back to it.
    asks_people: bool,
    pub(super) scopes: String,
}

impl Client {
    pub fn id(&self) -> OauthClientId {
        self.id
    }

    /// Whether its secret was right; of a public one nothing is known but its name.
    pub fn is_confidential(&self) -> bool {
        self.secret_hash.is_some()
    }

    /// Refuses a client that does not ask people: it comes to tokens in other ways (ASVS 10.4.4).
    pub(super) fn asking_people(&self) -> Result<()> {
        if self.asks_people { Ok(()) } else { Err(OauthError::UnauthorizedClient) }
    }
}

/// The client of these credentials. One that has a secret shows it, one that has none shows none.
pub async fn authenticate(doorway: &Doorway, credentials: &Credentials) -> Result<Client> {
    let found = of(&doorway.read().await?, &credentials.client).await?;
    let right = |client: &Client| match (&client.secret_hash, &credentials.secret) {
        (Some(hash), Some(secret)) => is_secret(secret, hash),
        (None, None) => true,
        _ => false,
    };
    let known = found.filter(right).ok_or(OauthError::InvalidClient);
    known.inspect_err(|error| noted::refused(&credentials.client, error))
}

async fn of(tx: &DoorwayTx, client: &str) -> Result<Option<Client>> {
    let Ok(id) = client.parse::<Uuid>() else { return Ok(None) };
    Ok(tx.statement(sql!("client.sql")).bind("id", id).one::<Client>().await?)
}
