//! Trading a code for an ID token, and what makes one good (OpenID Connect Core 1.0, 3.1.3).

use super::flow::Flow;
use super::issuers::Metadata;
use super::{away, untrusted};
use crate::settings::Issuer;
use crate::{Doorway, Result};
use entities::Timestamp;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

/// How far an issuer's clock may be from ours, in seconds.
const SKEW: i64 = 60;
/// How old a token fresh from its issuer may be, in seconds.
const OLDEST: i64 = 600;
/// The longest subject, by the specification.
const LONGEST_SUBJECT: usize = 255;

/// What an issuer says of a person.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Claims {
    pub iss: String,
    pub sub: String,
    aud: Value,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    pub email: Option<String>,
    #[serde(default)]
    email_verified: Value,
    pub name: Option<String>,
    pub locale: Option<String>,
}

impl Claims {
    /// Whether the issuer vouches for the address; some say it as a text.
    pub fn vouches_for_email(&self) -> bool {
        self.email_verified == Value::Bool(true) || self.email_verified == "true"
    }
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
}

#[derive(Deserialize)]
struct Fault {
    error: String,
}

/// Trades the code of a flow for what the issuer says of the person.
pub(super) async fn redeem(doorway: &Doorway, flow: &Flow, issuer: &Issuer, code: &str) -> Result<Claims> {
    let app = doorway.app();
    let metadata = app.issuers().metadata(app, issuer).await.map_err(|why| away(doorway, issuer, why))?;
    let token = trade(doorway, flow, issuer, &metadata, code).await?;
    let header = jsonwebtoken::decode_header(&token).map_err(|_| untrusted(doorway, "the ID token is none"))?;
    let key = app.issuers().key(app, issuer, header.kid.as_deref()).await.map_err(|why| away(doorway, issuer, why))?;
    let key = key.ok_or_else(|| untrusted(doorway, "the ID token is signed with a key that is not the issuer's"))?;
    let nonce = flow.secret(app, "nonce");
    check(&token, &key, issuer, &nonce, doorway.now()).map_err(|why| untrusted(doorway, why))
}

async fn trade(doorway: &Doorway, flow: &Flow, issuer: &Issuer, metadata: &Metadata, code: &str) -> Result<String> {
    let verifier = flow.secret(doorway.app(), "verifier");
    let mut form =
        vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &flow.redirect), ("code_verifier", &verifier)];
    let secret = issuer.client_secret.as_deref();
    let in_header = secret.filter(|_| !metadata.wants_secret_in_form());
    if in_header.is_none() {
        form.push(("client_id", &issuer.client_id));
        form.extend(secret.map(|secret| ("client_secret", secret)));
    }
    // RFC 6749, 2.3.1: both are encoded as in a form before they are joined.
    let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let answer = doorway.app().outgoing().post(&metadata.token_endpoint, &form, |request| match in_header {
        Some(secret) => request.basic_auth(encoded(&issuer.client_id), Some(encoded(secret))),
        None => request,
    });
    let answer = answer.await.map_err(|why| away(doorway, issuer, why))?;
    match answer.status {
        200 => {
            let tokens: Tokens = serde_json::from_slice(&answer.body).map_err(|why| away(doorway, issuer, why))?;
            tokens.id_token.ok_or_else(|| away(doorway, issuer, "it gave no ID token"))
        }
        status => match serde_json::from_slice::<Fault>(&answer.body) {
            Ok(fault) if fault.error == "invalid_grant" => Err(untrusted(doorway, "the issuer does not know the code any more")),
            Ok(fault) => Err(away(doorway, issuer, format!("it answered {status} {}", fault.error))),
            Err(_) => Err(away(doorway, issuer, format!("it answered {status}"))),
        },
    }
}

/// The algorithm a key is for; the token's header does not choose it, and none is for a shared secret.
fn algorithms(key: &Jwk) -> Vec<Algorithm> {
    let of_kind = match &key.algorithm {
        AlgorithmParameters::RSA(_) => vec![Algorithm::RS256, Algorithm::PS256],
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => vec![Algorithm::ES256],
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P384 => vec![Algorithm::ES384],
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => vec![Algorithm::EdDSA],
        _ => Vec::new(),
    };
    match key.common.key_algorithm {
        Some(only) => of_kind.into_iter().filter(|algorithm| format!("{algorithm:?}") == only.to_string()).collect(),
        None => of_kind,
    }
}

/// Signature, issuer, audience, time and nonce, in this order.
fn check(token: &str, key: &Jwk, issuer: &Issuer, nonce: &str, now: Timestamp) -> std::result::Result<Claims, &'static str> {
    let algorithms = algorithms(key);
    let signs = key.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let decoding = DecodingKey::from_jwk(key).map_err(|_| "the key is none we know")?;
    let Some(first) = algorithms.first().filter(|_| signs) else { return Err("the key is none for signing") };
    let mut validation = Validation::new(*first);
    validation.algorithms = algorithms;
    validation.set_audience(&[&issuer.client_id]);
    validation.set_issuer(&[&issuer.url]);
    validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    // Time is the scope's clock, so the check is ours.
    validation.validate_exp = false;
    let claims =
        jsonwebtoken::decode::<Claims>(token, &decoding, &validation).map_err(|_| "the ID token is not the issuer's for us")?.claims;
    let others = claims.aud.as_array().is_some_and(|audiences| audiences.len() > 1);
    let party = claims.azp.as_deref();
    if party.is_some_and(|party| party != issuer.client_id) || (others && party.is_none()) {
        return Err("the ID token was given to another application");
    }
    let now = now.0 / 1_000_000;
    let in_time = claims.exp > now - SKEW
        && claims.iat <= now + SKEW
        && claims.iat > now - OLDEST
        && claims.nbf.is_none_or(|from| from <= now + SKEW);
    if !in_time {
        return Err("the ID token is over, or not good yet");
    }
    if claims.nonce.as_deref() != Some(nonce) {
        return Err("the ID token is not of this flow");
    }
    let subject = &claims.sub;
    if subject.is_empty() || subject.len() > LONGEST_SUBJECT || !subject.is_ascii() {
        return Err("the subject is none");
    }
    Ok(claims)
}
