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
//!   try from there has to wait, up to a minute; guessing from everywhere makes all wait but the person at a device of theirs.
//! - Operators run the installation; no role of an organisation makes one. In embedded mode the first account is one.
//! - Who joins an organisation that is there was invited to it ([`invitations`]), at an address that is theirs.
//! - A new password ends every session but the one it was changed in, and the person is told.
//! - A password is eight characters at least, and none that thieves try first ([`breached`]). Hashes of the systems before this one
//!   (bcrypt) let in once more and are made anew.
//! - A link that proves an address ([`links`]) serves once, for one purpose, and is over soon; three an hour are sent. Asking for a
//!   new password says nothing of whether the account exists. The old address is told of a new one.
//! - Keys that sign are replaced each month, or by hand, and nobody is turned away for it ([`keys`]).
//! - A program comes with an API token ([`api_tokens`]), which acts as a member within its scopes and is no session: of a
//!   person, or of a service account ([`service_accounts`]).
//! - What is sensitive asks for a proof of who one is that is five minutes old at most ([`proof`]); signing in is one.
//! - Teams ([`teams`]) are a tree, whatever two people do to it at once.
//! - Of a module ([`modules`]) that is switched off nobody has a permission, whatever their roles.
//! - Whoever has a second factor ([`second_factor`]) signs in with a password and a code.
//! - An organisation may ask more of who comes in ([`policies`]).
//! - What happened to an account its person sees in one list ([`security_events`]), and is told by notice or letter ([`notices`]).
//! - Whoever is let in counts for themselves and not for their address; what can be guessed weighs more ([`trust`]).
//! - People take along all that is kept about them ([`account_export`]), and have themselves erased ([`erasure`]): what they did stays,
//!   under no name.
//! - People may sign in with another issuer ([`external`], OpenID Connect): by its subject, and never by an address nobody vouches for.

mod account;
pub mod account_export;
pub mod account_import;
pub mod api_tokens;
mod breached;
mod caller;
pub mod devices;
pub mod erasure;
pub mod external;
mod forgotten;
mod founding;
mod guesses;
pub mod invitations;
mod keys;
mod known_devices;
mod links;
pub mod members;
pub mod modules;
mod new_address;
mod new_password;
mod notices;
pub mod oauth;
pub mod organizations;
mod password;
mod permission;
pub mod policies;
pub mod profile;
mod proof;
mod refresh;
pub mod rescue;
pub mod roles;
pub mod second_factor;
pub mod security_events;
pub mod service_accounts;
pub mod sessions;
mod shipped;
mod signup;
mod standing;
pub mod teams;
#[cfg(test)]
mod tests;
mod trust;
pub mod users;
mod verification;

pub(crate) use account::{check_email, check_phone, check_prose, check_text};
pub use caller::{By, Caller, SESSION, authenticate, authenticate_again};
pub(crate) use external::Issuers;
pub use forgotten::{SendReset, ask_for_reset, reset_password, send_reset};
pub use founding::{NewOrganization, found};
pub(crate) use guesses::Guesses;
pub use keys::{Keys, Purpose, RotateKeys, Rotation, fresh as look_at_keys, rotate as rotate_keys, run_rotation};
pub use new_address::{ask_for_new_address, move_to_address};
pub use new_password::change_password;
pub use permission::{Grants, Permission, Reach};
pub(crate) use proof::LASTS as PROOF_LASTS;
pub use proof::prove;
pub(crate) use security_events::Told;
pub use shipped::{Category, PlatformRole, ShippedRole};
pub use signup::{MadeOperator, SignUp, SignedUp, create_operator, sign_up, sign_up_invited};
pub(crate) use standing::Standings;
pub use verification::{send_verification, verify_email};
