//! What happened to one's account.

use crate::scalars::DateTime;
use async_graphql::{Enum, SimpleObject};
use entities::identity::security_event::{self, SecurityEventKind as Kind};

/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::identity::security_event::SecurityEventKind")]
pub enum SecurityEventKind {
    /// A program signed in that never did before.
    NewDevice,
    /// Wrong passwords, until whoever tried them had to wait; told once a day.
    PasswordGuessed,
    /// A used refresh token came back; its session was ended.
    TokenReused,
    /// Another password.
    PasswordChanged,
    /// A link went to another address, which is not the account's yet.
    EmailChangeRequested,
    /// Another address.
    EmailChanged,
    /// A second factor counts from now on.
    SecondFactorAdded,
    /// The password is enough again.
    SecondFactorRemoved,
    /// A recovery code served.
    RecoveryCodeUsed,
    /// Another issuer signs the person in.
    ExternalIdentityLinked,
    /// It does so no more.
    ExternalIdentityRemoved,
    /// A program may act as the person.
    ApiTokenCreated,
    /// Other roles, or another standing, in an organisation.
    RightsChanged,
    /// So many requests that some were refused; told once a day.
    RequestsRefused,
}

/// Something that happened to an account and that its person would want to know of.
#[derive(Clone, SimpleObject)]
pub struct SecurityEvent {
    /// What happened.
    kind: SecurityEventKind,
    /// When.
    at: DateTime,
    /// Of what it says: the name of a token, for one.
    detail: Option<String>,
    /// The IP address it was asked for from; null where others did it.
    address: Option<String>,
    /// What the program called itself (`User-Agent`).
    user_agent: Option<String>,
}

impl From<security_event::Model> for SecurityEvent {
    fn from(event: security_event::Model) -> Self {
        let kind: Kind = event.kind;
        Self { kind: kind.into(), at: event.at.into(), detail: event.detail, address: event.address, user_agent: event.user_agent }
    }
}

connection!(SecurityEvent, SecurityEventConnection, SecurityEventEdge, "security events");
