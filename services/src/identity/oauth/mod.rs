//! The authorization server (OAuth 2.0): programs of others ask for access tokens.
//!
//! A *client* is a program that an organisation registered, with an id, a secret and the most scopes it is given. A *grant* is what it
//! was given, and an access token (JWT, RFC 9068) names one. So far a client asks for itself alone (client credentials, RFC 6749
//! section 4.4) and acts as a service account. Rules that always hold:
//! - What a token may do is where its grant's scopes, its client's and the rights of the service account meet at that moment.
//! - Tokens of sessions and of clients have the same keys and another audience each; neither passes for the other.
//! - A grant that is revoked, a client that is deleted or a service account that is suspended is refused within a second.
//! - An access token is good as long as the organisation's policy says. That a client was given one is in its audit log, once a
//!   minute at most; a refusal is in the process's log and counted.
//! - A secret is shown once and kept as a hash; another takes its place at once.
//!
//! By hand, for a library keeps its clients and tokens behind traits of its own, and ours are rows of the act's transaction.
//! Left to a later version: authorization codes, refresh tokens and consent.

mod clients;
mod noted;
mod standing;
#[cfg(test)]
mod tests;
mod tokens;

pub use clients::{ClientChange, MadeClient, NewClient, create, delete, find, page, renew_secret, scopes_of, update};
pub(super) use standing::look_up;
pub use tokens::{Credentials, Introspected, Issued, OauthError, introspect, issue, revoke};
