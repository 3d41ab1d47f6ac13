//! What issuers say of themselves (OpenID Connect Discovery 1.0) and the keys they sign with (RFC 7517).

use super::address;
use crate::App;
use crate::outgoing::Answer;
use crate::settings::Issuer;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use reqwest::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long their documents are good.
const FRESH: Duration = Duration::from_secs(3600);
/// How soon keys are asked for again where a token names one that is not among them.
const AGAIN: Duration = Duration::from_secs(60);

/// What an issuer says of itself, as far as it is used.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub authorization_endpoint: Url,
    pub token_endpoint: Url,
    jwks_uri: Url,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    /// Whether it names itself where it sends people back (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Whether it takes a client's secret in the form alone; in the header otherwise, as the specification has it.
    pub fn wants_secret_in_form(&self) -> bool {
        let takes = |method: &str| self.token_endpoint_auth_methods_supported.iter().any(|known| known == method);
        takes("client_secret_post") && !takes("client_secret_basic")
    }
}

/// What this process knows of the issuers.
#[derive(Default)]
pub struct Issuers {
    metadata: Mutex<HashMap<String, (Instant, Metadata)>>,
    keys: Mutex<HashMap<String, (Instant, Arc<JwkSet>)>>,
}

impl Issuers {
    pub(super) async fn metadata(&self, app: &App, issuer: &Issuer) -> Result<Metadata, String> {
        if let Some(known) = known(&self.metadata, issuer, FRESH) {
            return Ok(known);
        }
        let url = address(&format!("{}/.well-known/openid-configuration", issuer.url.trim_end_matches('/')))?;
        let metadata: Metadata = document(app, &url).await?;
        if metadata.issuer != issuer.url {
            return Err(format!("its document is of another issuer, `{}`", metadata.issuer));
        }
        lock(&self.metadata).insert(issuer.key.clone(), (Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    /// The key of this id, or the only one where a token names none. Asked for anew where it is not known: issuers change keys.
    pub(super) async fn key(&self, app: &App, issuer: &Issuer, kid: Option<&str>) -> Result<Option<Jwk>, String> {
        let pick = |keys: &JwkSet| match kid {
            Some(kid) => keys.find(kid).cloned(),
            None => keys.keys.first().filter(|_| keys.keys.len() == 1).cloned(),
        };
        if let Some(key) = known(&self.keys, issuer, FRESH).and_then(|keys| pick(&keys)) {
            return Ok(Some(key));
        }
        if let Some(keys) = known(&self.keys, issuer, AGAIN) {
            return Ok(pick(&keys));
        }
        let keys: Arc<JwkSet> = Arc::new(document(app, &self.metadata(app, issuer).await?.jwks_uri).await?);
        lock(&self.keys).insert(issuer.key.clone(), (Instant::now(), keys.clone()));
        Ok(pick(&keys))
    }

    /// All that is known is so much older.
    #[cfg(test)]
    pub(super) fn age(&self, by: Duration) {
        let older = |at: &mut Instant| *at = at.checked_sub(by).expect("this machine runs for longer");
        lock(&self.metadata).values_mut().for_each(|(at, _)| older(at));
        lock(&self.keys).values_mut().for_each(|(at, _)| older(at));
    }
}

fn known<T: Clone>(all: &Mutex<HashMap<String, (Instant, T)>>, issuer: &Issuer, fresh: Duration) -> Option<T> {
    lock(all).get(&issuer.key).filter(|(at, _)| at.elapsed() < fresh).map(|(_, known)| known.clone())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn document<T: DeserializeOwned>(app: &App, url: &Url) -> Result<T, String> {
    let Answer { status, body } = app.outgoing().get(url).await.map_err(|why| why.to_string())?;
    if status != 200 {
        return Err(format!("{url} answered {status}"));
    }
    serde_json::from_slice(&body).map_err(|why| format!("{url} answered what cannot be read: {why}"))
}
