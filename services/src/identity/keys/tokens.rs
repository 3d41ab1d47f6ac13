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
    told: Told,
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

/// What the access token of a client of the authorization server says; what its scopes are worth the database says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::identity) struct ClientClaims {
    pub iss: String,
    /// As whom the client acts.
    pub sub: uuid::Uuid,
    pub aud: String,
    pub exp: i64,
    pub iat: i64,
    pub jti: uuid::Uuid,
    /// The grant.
    pub gid: uuid::Uuid,
    pub client_id: uuid::Uuid,
    pub scope: String,
    pub token_use: String,
}

/// What a good token is of, and says: neither kind has the audience of the other.
#[derive(Clone, Debug)]
pub(in crate::identity) enum Told {
    Session(Claims),
    Client(ClientClaims),
}

impl Told {
    /// By its audience; none where what it says is not what a token of that audience says.
    fn of(claims: serde_json::Value) -> Option<Self> {
        let client = claims["aud"] == CLIENTS;
        let of_client = claims["token_use"] == TOKEN_USE && claims.get("sid").is_none();
        let of_session = claims["aud"] == AUDIENCE && claims.get("client_id").is_none();
        match (client && of_client, of_session) {
            (true, _) => serde_json::from_value(claims).ok().map(Self::Client),
            (_, true) => serde_json::from_value(claims).ok().map(Self::Session),
            _ => None,
        }
    }

    /// From when, and until when.
    fn time(&self) -> (i64, i64) {
        match self {
            Self::Session(claims) => (claims.iat, claims.exp),
            Self::Client(claims) => (claims.iat, claims.exp),
        }
    }
}

/// What is to be thought of a token.
#[derive(Debug)]
pub(in crate::identity) enum Verdict {
    Good(Told),
    Bad,
    /// It may be good: a key made elsewhere a moment ago would say.
    UnknownKey,
}

/// Why the claims of a token are not to be had.
enum NotOurs {
    Bad,
    UnknownKey,
}

const AUDIENCE: &str = "teranga-api";
/// Of what clients of the authorization server are given.
const CLIENTS: &str = "teranga-clients";
const TOKEN_USE: &str = "client";
const TYPE: &str = "at+jwt";

impl Keys {
    /// Signs with the key of this instant, in microseconds.
    pub(in crate::identity) fn sign(&self, claims: &impl Serialize, now: i64) -> Result<String> {
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
            Ok(Known { kid, told }) if is_time(&told, seconds) && self.ring().verifying(&kid, now).is_some() => Verdict::Good(told),
            Ok(_) | Err(NotOurs::Bad) => Verdict::Bad,
            Err(NotOurs::UnknownKey) => Verdict::UnknownKey,
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
    fn check(&self, token: &str, now: i64) -> std::result::Result<Known, NotOurs> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| NotOurs::Bad)?;
        let Some(kid) = header.kid.filter(|_| header.typ.as_deref() == Some(TYPE)) else { return Err(NotOurs::Bad) };
        let ring = self.ring();
        let Some(key) = ring.verifying(&kid, now) else {
            return Err(if ring.knows(&kid) { NotOurs::Bad } else { NotOurs::UnknownKey });
        };
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE, CLIENTS]);
        validation.set_issuer(&[&self.issuer]);
        // Time is the scope's clock, so the check is ours.
        validation.validate_exp = false;
        let said = jsonwebtoken::decode::<serde_json::Value>(token, &key.verifying, &validation).map_err(|_| NotOurs::Bad)?;
        Told::of(said.claims).map(|told| Known { kid, told }).ok_or(NotOurs::Bad)
    }

    pub(in crate::identity) fn claims(&self, user: uuid::Uuid, session: uuid::Uuid, tenant: Option<uuid::Uuid>) -> Claims {
        let (iss, aud) = (self.issuer.clone(), AUDIENCE.to_owned());
        Claims { iss, sub: user, aud, exp: 0, iat: 0, jti: uuid::Uuid::nil(), sid: session, tid: tenant }
    }

    pub(in crate::identity) fn client_claims(
        &self,
        subject: uuid::Uuid,
        client: uuid::Uuid,
        grant: uuid::Uuid,
        scope: String,
    ) -> ClientClaims {
        let (iss, aud, token_use) = (self.issuer.clone(), CLIENTS.to_owned(), TOKEN_USE.to_owned());
        let jti = uuid::Uuid::nil();
        ClientClaims { iss, sub: subject, aud, exp: 0, iat: 0, jti, gid: grant, client_id: client, scope, token_use }
    }
}

/// Whether a token is good at a second, with a minute for clocks.
fn is_time(told: &Told, second: i64) -> bool {
    let (from, until) = told.time();
    until > second && from <= second + 60
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    /// A token of these keys with a changed head and changed claims, and a signature that is right.
    fn signed(keys: &Keys, head: impl FnOnce(&mut Header), change: impl FnOnce(&mut Claims)) -> String {
        let mut claims = keys.claims(uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2), None);
        (claims.iat, claims.exp) = (1000, 2000);
        change(&mut claims);
        let ring = keys.ring();
        let key = ring.signing(0);
        let mut header = Header::new(Algorithm::EdDSA);
        (header.kid, header.typ) = (Some(key.kid.clone()), Some(TYPE.to_owned()));
        head(&mut header);
        jsonwebtoken::encode(&header, &claims, &key.signing).unwrap()
    }

    fn good(keys: &Keys, token: &str, second: i64) -> bool {
        matches!(keys.verify(token, second * 1_000_000), Verdict::Good(_))
    }

    fn ours() -> Keys {
        Keys::of(b"one".to_vec(), "http://a").unwrap()
    }

    #[test]
    fn asvs_9_1_1_nothing_a_token_says_counts_before_its_signature() {
        let keys = ours();
        let token = signed(&keys, |_| (), |_| ());
        assert!(good(&keys, &token, 1500));
        let other = signed(&keys, |_| (), |claims| claims.sub = uuid::Uuid::from_u128(3));
        let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
        let (ours, theirs) = (parts(&token), parts(&other));
        assert!(!good(&keys, &format!("{}.{}.{}", ours[0], theirs[1], ours[2]), 1500), "another's claims under our signature");
        for cut in [&token[..token.len() - 1], &token[1..], "", ".", "..", "a.b.c"] {
            assert!(!good(&keys, cut, 1500), "{cut}");
        }
    }

    #[test]
    fn asvs_9_1_2_the_algorithm_is_ours_to_say() {
        let keys = ours();
        let token = signed(&keys, |_| (), |_| ());
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        let (payload, signature) = (token.split('.').nth(1).unwrap(), token.split('.').nth(2).unwrap());
        for algorithm in ["none", "None", "HS256", "RS256", "ES256", "EdDSA "] {
            let head = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{algorithm}","typ":"at+jwt","kid":"{kid}"}}"#));
            for signature in ["", signature] {
                assert!(!good(&keys, &format!("{head}.{payload}.{signature}"), 1500), "{algorithm}");
            }
        }
        // The public key as a shared secret, as a careless check would take it.
        let public = keys.jwks(0)["keys"][0]["x"].as_str().unwrap().to_owned();
        let mut header = Header::new(Algorithm::HS256);
        (header.kid, header.typ) = (Some(kid), Some(TYPE.to_owned()));
        let claims = keys.claims(uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2), None);
        let secret = jsonwebtoken::EncodingKey::from_secret(&URL_SAFE_NO_PAD.decode(public).unwrap());
        let confused = jsonwebtoken::encode(&header, &Claims { iat: 1000, exp: 2000, ..claims }, &secret).unwrap();
        assert!(!good(&keys, &confused, 1500));
    }

    #[test]
    fn asvs_9_1_3_a_key_that_a_token_brings_along_is_not_looked_at() {
        let (keys, thief) = (ours(), Keys::of(b"two".to_vec(), "http://a").unwrap());
        let kid = keys.ring().signing(0).kid.clone();
        let brought = |head: &mut Header| {
            head.kid = Some(kid.clone());
            head.jku = Some("http://thief.example/jwks.json".into());
            head.x5u = head.jku.clone();
            head.jwk = serde_json::from_value(thief.jwks(0)["keys"][0].clone()).ok();
            assert!(head.jwk.is_some());
        };
        assert!(!good(&keys, &signed(&thief, brought, |_| ()), 1500));
    }

    #[test]
    fn asvs_9_2_1_a_token_is_good_within_its_time() {
        let keys = ours();
        let token = signed(&keys, |_| (), |_| ());
        for (second, is_good) in [(939, false), (940, true), (1000, true), (1999, true), (2000, false), (i64::MAX / 2_000_000, false)] {
            assert_eq!(good(&keys, &token, second), is_good, "at {second}");
        }
    }

    #[test]
    fn asvs_9_2_2_a_token_of_another_kind_is_refused() {
        let keys = ours();
        for kind in [Some("JWT"), Some("at+JWT"), Some("id+jwt"), Some(""), None] {
            let token = signed(&keys, |head| head.typ = kind.map(str::to_owned), |_| ());
            assert!(!good(&keys, &token, 1500), "{kind:?}");
        }
    }

    #[test]
    fn asvs_9_2_3_a_token_for_somebody_else_is_refused() {
        let keys = ours();
        assert!(!good(&keys, &signed(&keys, |_| (), |claims| claims.aud = "another-api".into()), 1500));
        assert!(!good(&keys, &signed(&keys, |_| (), |claims| claims.iss = "http://b".into()), 1500));
    }

    #[test]
    fn asvs_9_2_4_one_key_signs_for_two_audiences_and_no_token_passes_for_the_other() {
        let keys = ours();
        let id = uuid::Uuid::from_u128;
        let claims = || ClientClaims { iat: 1000, exp: 2000, ..keys.client_claims(id(1), id(2), id(3), "a.b.read".into()) };
        let verdict = |claims: serde_json::Value| keys.verify(&keys.sign(&claims, 0).unwrap(), 1_500_000_000);
        let of = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut claims = serde_json::to_value(claims()).unwrap();
            change(&mut claims);
            verdict(claims)
        };
        assert!(matches!(of(&|_| ()), Verdict::Good(Told::Client(claims)) if claims.client_id == id(2)));
        assert!(matches!(of(&|claims| claims["aud"] = "teranga-api".into()), Verdict::Bad), "a client's for a session's");
        assert!(matches!(of(&|claims| claims["token_use"] = "session".into()), Verdict::Bad));
        assert!(matches!(of(&|claims| claims["sid"] = id(4).to_string().into()), Verdict::Bad));
        let mut session = serde_json::to_value(Claims { iat: 1000, exp: 2000, ..keys.claims(id(1), id(2), None) }).unwrap();
        session["aud"] = CLIENTS.into();
        assert!(matches!(verdict(session), Verdict::Bad), "a session's for a client's");
        let both = serde_json::json!(["teranga-api", CLIENTS]);
        assert!(matches!(of(&|claims| claims["aud"] = both.clone()), Verdict::Bad), "one audience each");
    }

    #[test]
    fn a_token_is_good_until_it_ends_and_for_its_own_installation_only() {
        let keys = Keys::of(b"one".to_vec(), "http://a").unwrap();
        let mut claims = keys.claims(uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2), None);
        (claims.iat, claims.exp) = (1000, 2000);
        let token = keys.sign(&claims, 1_000_000_000).unwrap();
        assert!(
            matches!(keys.verify(&token, 1_999_000_000), Verdict::Good(Told::Session(claims)) if claims.sid == uuid::Uuid::from_u128(2))
        );
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
