//! Sign-in with others: OpenID Connect 1.0, the authorization code flow with PKCE.
//!
//! 1. [`begin`] answers the issuer's page to send the person to, and a *flow*: what their browser keeps and shows again.
//! 2. The issuer sends them back to a page of ours or of an application, with a code.
//! 3. [`sign_in`] (or [`link`], for who is signed in) takes flow, state and code: the issuer trades the code for an ID token
//!    that says who they are ([`id_token`]), and [`person`] finds whose account that is.
//!
//! Rules that always hold:
//! - A person is known by issuer and subject together, never by what an issuer says of their address.
//! - An address that the issuer does not vouch for opens and links nothing. One that it vouches for links an account here only
//!   where that account's owner showed that they read its mail, too: else whoever opened it first would share it.
//! - `state`, `nonce` and the PKCE verifier are made from the flow's id by a key of ours, so the flow itself holds no secret,
//!   serves once and for ten minutes, and only with the state of its own browser.
//! - A second factor of ours is asked for all the same.
//! - Issuers and the pages they may send people back to are settings of the installation, compared letter by letter. Whoever
//!   trusts an issuer with them trusts it with the accounts of every address it vouches for.

mod flow;
mod id_token;
mod issuers;
mod links;
mod person;
#[cfg(test)]
mod tests;

pub use flow::{Begun, begin};
pub use issuers::Issuers;
pub(super) use links::unlink_all;
pub use links::{find, link, list, remove};
pub use person::{Returned, sign_in};

use crate::settings::Issuer;
use crate::{App, Code, Doorway, Error};
use reqwest::Url;

/// The issuers that people may sign in with, in the order of the settings.
pub fn providers(app: &App) -> &[Issuer] {
    &app.settings().issuers
}

/// Our own page that an issuer may send people back to.
pub fn own_redirect(app: &App) -> String {
    format!("{}/jobs/with/back", app.settings().public_url)
}

/// The refusal of what an issuer, or the way through it, did not vouch for; the log says more.
fn untrusted(doorway: &Doorway, why: &str) -> Error {
    metrics::counter!("auth_failures_total", "reason" => "external").increment(1);
    tracing::warn!(why, "a sign-in with another issuer was refused");
    Error::refuse(Code::InvalidCredentials, "code", doorway.locale().say("external-refused", &[]))
}

/// The refusal while an issuer does not answer as it should.
fn away(doorway: &Doorway, issuer: &Issuer, why: impl std::fmt::Display) -> Error {
    metrics::counter!("auth_failures_total", "reason" => "issuer").increment(1);
    tracing::error!(issuer = issuer.key, %why, "an issuer does not answer as it should");
    let sentence = doorway.locale().say("external-away", &[("provider", issuer.name.clone())]);
    Error::refuse(Code::Unavailable, "provider", sentence)
}

fn address(text: &str) -> Result<Url, String> {
    Url::parse(text).map_err(|why| format!("`{text}` is no address: {why}"))
}
