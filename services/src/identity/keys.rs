use crate::scope::Random;
use crate::settings::{Environment, Settings};
use crate::{Error, Result};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

/// The keys of this installation, all derived from one master secret: `SECRET_KEY`, or a file of `DATA_DIR` in development.
pub struct Keys {
    master: Vec<u8>,
    kid: String,
    issuer: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    public: Vec<u8>,
    genuine: Genuine,
}

/// Tokens whose signature was found good, by their SHA-256: a signature costs more to check than the rest of an answer.
type Genuine = RwLock<HashMap<[u8; 32], Claims>>;

/// More are forgotten, all at once; a token lives for minutes.
const MOST_GENUINE: usize = 10_000;

/// What a derived key is for; no two purposes share one.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    AccessToken,
    RefreshToken,
    FileLink,
    Form,
    /// What is mailed to an address.
    Link,
    /// What names a sign-in between its two factors.
    Challenge,
    /// What encrypts the secrets of second factors.
    SecondFactor,
    /// What recovery codes are kept by.
    RecoveryCode,
    /// What names an export of the audit log.
    AuditLink,
}

/// What an access token says (RFC 9068); rights are not in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub iss: String,
    pub sub: uuid::Uuid,
    pub aud: String,
    pub exp: i64,
    pub iat: i64,
    pub jti: uuid::Uuid,
    pub sid: uuid::Uuid,
    pub tid: Option<uuid::Uuid>,
}

const AUDIENCE: &str = "teranga-api";
const TYPE: &str = "at+jwt";

impl Keys {
    pub(crate) fn load(settings: &Settings, random: &Random) -> Result<Self> {
        let master = match (&settings.secret_key, settings.environment) {
            (Some(key), _) => key.clone().into_bytes(),
            (None, Environment::Development) => development_secret(&settings.data_dir.join("secret.key"), random)?,
            (None, Environment::Production) => return Err(Error::internal("SECRET_KEY is not set")),
        };
        Self::of(master, &settings.public_url)
    }

    fn of(master: Vec<u8>, issuer: &str) -> Result<Self> {
        let seed = derive(&master, Purpose::AccessToken, b"");
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| Error::internal("the signing key cannot be made"))?;
        let public = pair.public_key().as_ref().to_vec();
        let kid = URL_SAFE_NO_PAD.encode(&Sha256::digest(&public)[..12]);
        // PKCS #8 (RFC 8410) of an Ed25519 seed is a fixed head and the seed.
        const HEAD: &[u8] = &[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        let signing = EncodingKey::from_ed_der(&[HEAD, &seed].concat());
        let verifying = DecodingKey::from_ed_der(&public);
        Ok(Self { master, kid, issuer: issuer.to_owned(), signing, verifying, public, genuine: Genuine::default() })
    }

    pub(super) fn sign(&self, claims: &Claims) -> Result<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        header.typ = Some(TYPE.to_owned());
        jsonwebtoken::encode(&header, claims, &self.signing).map_err(Error::internal)
    }

    /// The claims of a token of ours that is genuine, meant for us and not yet over at `now`, in seconds.
    pub(super) fn verify(&self, token: &str, now: i64) -> Option<Claims> {
        let print = Sha256::digest(token).into();
        let known = self.genuine.read().unwrap_or_else(PoisonError::into_inner).get(&print).cloned();
        let claims = match known {
            Some(claims) => claims,
            None => self.check(token).inspect(|claims| self.remember(print, claims))?,
        };
        (claims.exp > now && claims.iat <= now + 60).then_some(claims)
    }

    fn remember(&self, print: [u8; 32], claims: &Claims) {
        let mut genuine = self.genuine.write().unwrap_or_else(PoisonError::into_inner);
        if genuine.len() >= MOST_GENUINE {
            genuine.clear();
        }
        genuine.insert(print, claims.clone());
    }

    /// The claims of a token of ours, whenever it ends.
    fn check(&self, token: &str) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.kid.as_deref() != Some(&self.kid) || header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        // Time is the scope's clock, so the check is ours.
        validation.validate_exp = false;
        Some(jsonwebtoken::decode::<Claims>(token, &self.verifying, &validation).ok()?.claims)
    }

    pub(super) fn claims(&self, user: uuid::Uuid, session: uuid::Uuid, tenant: Option<uuid::Uuid>) -> Claims {
        let (iss, aud) = (self.issuer.clone(), AUDIENCE.to_owned());
        Claims { iss, sub: user, aud, exp: 0, iat: 0, jti: uuid::Uuid::nil(), sid: session, tid: tenant }
    }

    /// HMAC-SHA256 of a message under the key of a purpose.
    pub fn mac(&self, purpose: Purpose, message: &[u8]) -> [u8; 32] {
        derive(&self.master, purpose, message)
    }

    /// Bytes that come back unchanged or not at all: with a MAC under the key of a purpose.
    pub(crate) fn seal(&self, purpose: Purpose, content: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode([content, &self.mac(purpose, content)].concat())
    }

    /// What [`Self::seal`] was given.
    pub(crate) fn unseal(&self, purpose: Purpose, sealed: &str) -> Option<Vec<u8>> {
        let mut content = URL_SAFE_NO_PAD.decode(sealed.trim()).ok()?;
        let mac = content.split_off(content.len().checked_sub(32)?);
        bool::from(subtle::ConstantTimeEq::ct_eq(&mac[..], &self.mac(purpose, &content)[..])).then_some(content)
    }

    /// The public keys tokens are checked with, as a JWK set (RFC 7517, RFC 8037).
    pub fn jwks(&self) -> serde_json::Value {
        serde_json::json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
            "kid": self.kid, "x": URL_SAFE_NO_PAD.encode(&self.public),
        }]})
    }
}

fn derive(master: &[u8], purpose: Purpose, message: &[u8]) -> [u8; 32] {
    let key = mac(master, format!("teranga {purpose:?} v1").as_bytes());
    mac(&key, message)
}

fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// The secret of a development installation, made once and readable by its user alone.
fn development_secret(path: &Path, random: &Random) -> Result<Vec<u8>> {
    if let Some(secret) = read_secret(path)? {
        return Ok(secret);
    }
    // Linked into its place whole: neither a power cut nor a process that starts beside this one leaves or sees half of it.
    let beside = path.with_extension(format!("key.{}.{}", std::process::id(), hex::encode(random.bytes::<8>())));
    let made = write_secret(&beside, &hex::encode(random.bytes::<32>())).and_then(|()| std::fs::hard_link(&beside, path));
    let _ = std::fs::remove_file(&beside);
    match made {
        // Another process was first; its secret is the one.
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(e.into()),
        _ => {}
    }
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    read_secret(path)?.ok_or_else(|| Error::internal(format!("{} is gone again", path.display())))
}

/// None when there is no such file; one that is cut off is no key.
fn read_secret(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(secret) if secret.len() >= 32 => Ok(Some(secret)),
        Ok(secret) => Err(Error::internal(format!(
            "{} holds {} bytes, and a key has 32 at least. Put the right file back; or remove it, and the next start makes another \
             one: everybody then signs in again.",
            path.display(),
            secret.len()
        ))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e.into()),
    }
}

fn write_secret(path: &Path, secret: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_until_it_ends_and_for_its_own_installation_only() {
        let keys = Keys::of(b"one".to_vec(), "http://a").unwrap();
        let mut claims = keys.claims(uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2), None);
        (claims.iat, claims.exp) = (1000, 2000);
        let token = keys.sign(&claims).unwrap();
        assert_eq!(keys.verify(&token, 1999).unwrap().sid, uuid::Uuid::from_u128(2));
        assert!(keys.verify(&token, 2000).is_none(), "it is over, though its signature is known");
        assert!(keys.verify(&format!("{token}x"), 1999).is_none(), "another signature");
        assert!(Keys::of(b"two".to_vec(), "http://a").unwrap().verify(&token, 1999).is_none(), "another key");
        assert!(Keys::of(b"one".to_vec(), "http://b").unwrap().verify(&token, 1999).is_none(), "another issuer");
        let forged = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#), token.split('.').nth(1).unwrap());
        assert!(keys.verify(&forged, 1999).is_none(), "no signature");
    }

    #[test]
    fn a_development_secret_is_whole_or_none_whoever_starts_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let load = || development_secret(&path, &Random::System).unwrap();
        let all: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let starting: Vec<_> = (0..16).map(|_| scope.spawn(load)).collect();
            starting.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(all.iter().all(|secret| secret.len() == 64 && *secret == all[0]), "one secret for all");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing stays beside it");
        for cut in ["", "0123456789abcdef"] {
            std::fs::write(&path, cut).unwrap();
            let said = development_secret(&path, &Random::System).unwrap_err().to_string();
            assert!(said.contains("secret.key holds") && said.contains("remove it"), "{said}");
        }
    }
}
