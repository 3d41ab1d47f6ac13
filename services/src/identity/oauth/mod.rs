//! The authorization server (OAuth 2.0): programs of others ask for access tokens.
//!
//! A *client* is a program that an organisation registered, with an id, the most scopes it is given, and a secret unless it is
//! *public*: in the hands of people, where none stays one. A *grant* is what it was given, and an access token (JWT, RFC 9068) names
//! one. There are two kinds: a client asks for itself (client credentials, RFC 6749 section 4.4) and acts as a service account, or it
//! asks a person (authorization code with PKCE, section 4.1 and RFC 7636) and acts as their membership of its organisation. A *consent*
//! holds all grants that one member gave one client. Rules that always hold:
//! - What a token may do is where its grant's scopes, its own, its client's and the rights of whom it acts for meet at that moment.
//! - Tokens of sessions and of clients have the same keys and another audience each; neither passes for the other.
//! - A grant that is revoked, a client that is deleted or a member that is suspended is refused within a second.
//! - Nobody is sent to an address that the client did not register, to the letter ([`redirects`]).
//! - A code serves once ([`codes`]), as does each refresh token ([`refresh`]); one that comes back ends its grant. All ends 90 days
//!   after the person agreed ([`consent`]).
//! - Secrets, codes and refresh tokens are kept as hashes, and are in no log. Another secret takes the place of one at once.
//! - People see what acts for them and end it ([`apps`]); what was let in ends with the membership, for good.
//! - An access token is good as long as the organisation's policy says. That a client was given one is in its audit log, once a
//!   minute at most; a refusal is in the process's log and counted ([`noted`]).
//!
//! By hand, for a library keeps its clients and tokens behind traits of its own, and ours are rows of the act's transaction.

mod apps;
mod clients;
mod codes;
mod consent;
mod credentials;
mod held;
mod look;
mod noted;
mod redirects;
mod refresh;
mod request;
mod standing;
#[cfg(test)]
mod tests;
mod tokens;
mod ways;

pub use apps::{App as AuthorizedApp, end as end_app, find as find_app, of as apps_of};
pub(super) use apps::{end_of_member, end_of_user};
pub use clients::{ClientChange, MadeClient, NewClient, create, delete, find, page, renew_secret, scopes_of, update};
pub use codes::{Exchange, exchange};
pub use consent::{Question, allow, question};
pub use credentials::{Client, Credentials, OauthError, authenticate};
pub use look::{Introspected, introspect, revoke};
pub use redirects::origin_of;
pub use refresh::refresh;
pub use request::{Back, Judged, NotSent, Prompt, Request, judge};
pub(super) use standing::look_up;
pub use tokens::{Issued, issue};
pub use ways::{GrantType, grant_types_of, redirect_uris_of};
