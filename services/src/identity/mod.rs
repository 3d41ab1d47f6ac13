//! People, organisations, and who may do what.
//!
//! A *user* is a person with an e-mail address and a password, known to the whole installation. An *organisation* is a
//! tenant. A *membership* ties the two with one or more *roles*; a role is a set of *permissions*, each with a *reach*
//! (own rows, one's teams, the whole organisation). A *session* is one signed-in device: a short access token (JWT,
//! EdDSA, RFC 9068) and a chain of refresh tokens, of which each serves once.
//!
//! Rules that always hold:
//! - Rights are read from the database, at most a second old, never from the token: taking a role away works at once.
//! - A refresh token that comes back after its use ends the whole session, but for ten seconds' grace to its immediate
//!   user, who gets the same successor again (a lost answer is not a theft).
//! - A wrong password and an unknown address take the same time and get the same answer; after five of them each further
//!   try has to wait, up to a minute.
//! - Operators run the installation; no role of an organisation makes one. In embedded mode the first account is one.
//!
//! - Who joins an organisation that is there was invited to it ([`invitations`]), at an address that is theirs.
//! - A new password ends every session but the one it was changed in, and the person is told.
//!
//! Left to a later issue: verification of addresses, resets, second factors, sign-in with others.

mod account;
mod caller;
pub mod devices;
mod guesses;
pub mod invitations;
mod keys;
mod letters;
pub mod members;
mod new_password;
mod notices;
pub mod organizations;
mod password;
mod permission;
pub mod roles;
pub mod sessions;
mod shipped;
mod signup;
mod standing;
#[cfg(test)]
mod tests;
pub mod users;

pub(crate) use account::{check_email, check_phone, check_prose, check_text};
pub use caller::{Caller, authenticate, authenticate_again};
pub(crate) use guesses::Guesses;
pub use keys::{Keys, Purpose};
pub use new_password::change_password;
pub use permission::{Grants, Permission, Reach};
pub use shipped::{Category, PlatformRole, ShippedRole};
pub use signup::{MadeOperator, SignUp, SignedUp, create_operator, sign_up};
pub(crate) use standing::Standings;
