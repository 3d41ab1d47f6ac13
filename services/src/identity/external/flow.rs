//! One trip to an issuer and back.

use super::{away, own_redirect, providers};
use crate::identity::{Caller, Purpose};
use crate::settings::Issuer;
use crate::{App, Code, Doorway, Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entities::Timestamp;
use entities::identity::{SpentFlowId, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How long a person may take at the issuer's.
const LIFE: TimeDelta = TimeDelta::minutes(10);

/// What a flow says; it is kept by the person's browser, unchanged or not at all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Flow {
    pub id: SpentFlowId,
    provider: String,
    pub redirect: String,
    /// For whom, where a way in is added to an account.
    pub linking: Option<UserId>,
    pub until: Timestamp,
}

/// Where to send a person, and what to keep until they come back.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The issuer's page.
    pub url: String,
    pub flow: String,
    pub expires_at: Timestamp,
}

/// Begins a sign-in with an issuer; `linking` adds it to the account of who is signed in instead.
pub async fn begin(doorway: &Doorway, provider: &str, redirect: &str, linking: Option<&Caller>) -> Result<Begun> {
    let refuse = |path, key| Error::refuse(Code::Invalid, path, doorway.locale().say(key, &[]));
    let app = doorway.app();
    let issuer = find(app, provider).ok_or_else(|| refuse("provider", "external-unknown"))?;
    let allowed = redirect == own_redirect(app) || app.settings().sign_in_redirects.iter().any(|page| page == redirect);
    if !allowed {
        return Err(refuse("redirectUri", "external-redirect"));
    }
    let metadata = app.issuers().metadata(app, issuer).await.map_err(|why| away(doorway, issuer, why))?;
    let expires_at = doorway.now().plus(LIFE);
    let linking = linking.map(|caller| caller.user);
    let flow = Flow { id: doorway.new_id(), provider: issuer.key.clone(), redirect: redirect.to_owned(), linking, until: expires_at };
    let mut url = metadata.authorization_endpoint;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &issuer.client_id)
        .append_pair("redirect_uri", redirect)
        .append_pair("scope", "openid email profile")
        .append_pair("state", &flow.secret(app, "state"))
        .append_pair("nonce", &flow.secret(app, "nonce"))
        .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(flow.secret(app, "verifier"))))
        .append_pair("code_challenge_method", "S256")
        .append_pair("ui_locales", doorway.locale().code());
    let flow = app.keys().seal(Purpose::ExternalSignIn, &serde_json::to_vec(&flow)?);
    Ok(Begun { url: url.into(), flow, expires_at })
}

fn find<'a>(app: &'a App, provider: &str) -> Option<&'a Issuer> {
    providers(app).iter().find(|issuer| issuer.key == provider)
}

impl Flow {
    /// The flow of a browser that came back with the state it went with.
    pub fn of_return(doorway: &Doorway, sealed: &str, state: &str) -> Result<Self> {
        let app = doorway.app();
        let over = |path| Error::refuse(Code::TokenExpired, path, doorway.locale().say("external-over", &[]));
        let content = app.keys().unseal(Purpose::ExternalSignIn, sealed).ok_or_else(|| over("flow"))?;
        let flow: Self = serde_json::from_slice(&content).map_err(|_| over("flow"))?;
        if flow.until <= doorway.now() {
            return Err(over("flow"));
        }
        // Whoever is sent a link with somebody else's code has another state, or none.
        let right: bool = flow.secret(app, "state").as_bytes().ct_eq(state.as_bytes()).into();
        if right { Ok(flow) } else { Err(over("state")) }
    }

    pub fn issuer<'a>(&self, app: &'a App) -> Option<&'a Issuer> {
        find(app, &self.provider)
    }

    /// A secret of this flow alone, the same whenever it is asked for.
    pub fn secret(&self, app: &App, what: &str) -> String {
        let message = [self.id.0.as_bytes(), what.as_bytes()].concat();
        URL_SAFE_NO_PAD.encode(app.keys().mac(Purpose::ExternalSignIn, &message))
    }
}
