//! Access tokens: JWTs (RFC 9068) signed with Ed25519.

use super::Keys;
use crate::Error;
use crate::Result;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// Tokens whose signature was found good, by their SHA-256: a signature costs more to check than the rest of an answer.
pub(super) type Genuine = RwLock<HashMap<[u8; 32], Known>>;

/// A good token's claims, and the key that signed it.
#[derive(Clone)]
pub(super) struct Known {
    kid: String,
    claims: Claims,
}

/// More are forgotten, all at once; a token lives for minutes.
const MOST_GENUINE: usize = 10_000;

/// What an access token says; rights are not in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::identity) struct Claims {
    pub iss: String,
    pub sub: uuid::Uuid,
    pub aud: String,
    pub exp: i64,
    pub iat: i64,
    pub jti: uuid::Uuid,
    pub sid: uuid::Uuid,
    pub tid: Option<uuid::Uuid>,
}

/// What is to be thought of a token.
#[derive(Debug)]
pub(in crate::identity) enum Verdict {
    Good(Claims),
    Bad,
    /// It may be good: a key made elsewhere a moment ago would say.
    UnknownKey,
}

const AUDIENCE: &str = "teranga-api";
const TYPE: &str = "at+jwt";

impl Keys {
    /// Signs with the key of this instant, in microseconds.
    pub(in crate::identity) fn sign(&self, claims: &Claims, now: i64) -> Result<String> {
        let ring = self.ring();
        let key = ring.signing(now);
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(key.kid.clone());
        header.typ = Some(TYPE.to_owned());
        jsonwebtoken::encode(&header, claims, &key.signing).map_err(Error::internal)
    }

    /// Whether a token is genuine, meant for us and not yet over at `now`, in microseconds.
    pub(in crate::identity) fn verify(&self, token: &str, now: i64) -> Verdict {
        let print = Sha256::digest(token).into();
        let known = self.genuine.read().unwrap_or_else(PoisonError::into_inner).get(&print).cloned();
        let checked = match known {
            Some(known) => Ok(known),
            None => self.check(token, now).inspect(|known| self.remember(print, known)),
        };
        let seconds = now / 1_000_000;
        match checked {
            Ok(Known { kid, claims })
                if claims.exp > seconds && claims.iat <= seconds + 60 && self.ring().verifying(&kid, now).is_some() =>
            {
                Verdict::Good(claims)
            }
            Ok(_) => Verdict::Bad,
            Err(verdict) => verdict,
        }
    }

    fn remember(&self, print: [u8; 32], known: &Known) {
        let mut genuine = self.genuine.write().unwrap_or_else(PoisonError::into_inner);
        if genuine.len() >= MOST_GENUINE {
            genuine.clear();
        }
        genuine.insert(print, known.clone());
    }

    /// The claims of a token of ours, whenever it ends. The key and the algorithm are ours to say, not the token's.
    fn check(&self, token: &str, now: i64) -> std::result::Result<Known, Verdict> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Verdict::Bad)?;
        let Some(kid) = header.kid.filter(|_| header.typ.as_deref() == Some(TYPE)) else { return Err(Verdict::Bad) };
        let ring = self.ring();
        let Some(key) = ring.verifying(&kid, now) else {
            return Err(if ring.knows(&kid) { Verdict::Bad } else { Verdict::UnknownKey });
        };
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        // Time is the scope's clock, so the check is ours.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.verifying, &validation).map_err(|_| Verdict::Bad)?.claims;
        Ok(Known { kid, claims })
    }

    pub(in crate::identity) fn claims(&self, user: uuid::Uuid, session: uuid::Uuid, tenant: Option<uuid::Uuid>) -> Claims {
        let (iss, aud) = (self.issuer.clone(), AUDIENCE.to_owned());
        Claims { iss, sub: user, aud, exp: 0, iat: 0, jti: uuid::Uuid::nil(), sid: session, tid: tenant }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    #[test]
    fn a_token_is_good_until_it_ends_and_for_its_own_installation_only() {
        let keys = Keys::of(b"one".to_vec(), "http://a").unwrap();
        let mut claims = keys.claims(uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2), None);
        (claims.iat, claims.exp) = (1000, 2000);
        let token = keys.sign(&claims, 1_000_000_000).unwrap();
        let good = |keys: &Keys, token: &str, second: i64| matches!(keys.verify(token, second * 1_000_000), Verdict::Good(_));
        assert!(matches!(keys.verify(&token, 1_999_000_000), Verdict::Good(claims) if claims.sid == uuid::Uuid::from_u128(2)));
        assert!(!good(&keys, &token, 2000), "it is over, though its signature is known");
        assert!(!good(&keys, &token, 900), "of the future, though its signature is known");
        assert!(!good(&keys, &format!("{token}x"), 1999), "another signature");
        assert!(!good(&Keys::of(b"two".to_vec(), "http://a").unwrap(), &token, 1999), "another key");
        assert!(!good(&Keys::of(b"one".to_vec(), "http://b").unwrap(), &token, 1999), "another issuer");
        let payload = token.split('.').nth(1).unwrap();
        let header = |text: &str| format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(text));
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        for forged in [
            header(r#"{"alg":"none","typ":"at+jwt"}"#),
            header(&format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{kid}"}}"#)),
            header(&format!(r#"{{"alg":"HS256","typ":"at+jwt","kid":"{kid}"}}"#)),
        ] {
            assert!(!good(&keys, &forged, 1999), "{forged}");
        }
    }
}
