//! The keys of this installation.
//!
//! All are derived from one master secret, each for one purpose ([`Purpose`]), but those that sign access tokens: these are random,
//! encrypted in the database, and replaced from time to time ([`ring`]). [`tokens`] says what a token says.

mod ring;
mod secret;
mod tokens;

pub(super) use ring::fresh_from;
pub use ring::{RotateKeys, Rotation, fresh, rotate, run_rotation};
pub(super) use tokens::{Claims, ClientClaims, Told, Verdict};

use crate::scope::Random;
use crate::settings::{Environment, Settings};
use crate::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use ring::{Key, Ring};
use sha2::Sha256;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

/// The keys of this installation, as this process knows them.
pub struct Keys {
    master: Vec<u8>,
    issuer: String,
    ring: RwLock<Arc<Ring>>,
    /// When the last look at the ring began.
    looked: tokio::sync::Mutex<Option<Instant>>,
    genuine: tokens::Genuine,
}

/// What a derived key is for; no two purposes share one.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// Signs access tokens, until the first key of the ring does.
    AccessToken,
    RefreshToken,
    /// What refresh tokens of clients follow from.
    ClientRefreshToken,
    /// What the answer to a client's question is bound by.
    Consent,
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
    /// What tokens of invitations are kept by.
    Invitation,
    /// What names the document of all that is kept about a person.
    AccountLink,
    /// What names an export of the audit log.
    AuditLink,
    /// What is kept by a browser while its person is at another issuer's.
    ExternalSignIn,
    /// What programs and networks of known devices are kept by.
    KnownDevice,
    /// What encrypts the keys of the ring.
    SigningKey,
}

impl Keys {
    pub(crate) fn load(settings: &Settings, random: &Random) -> Result<Self> {
        let master = match (&settings.secret_key, settings.environment) {
            (Some(key), _) => key.clone().into_bytes(),
            (None, Environment::Development) => secret::development_secret(&settings.data_dir.join("secret.key"), random)?,
            (None, Environment::Production) => return Err(Error::internal("SECRET_KEY is not set")),
        };
        Self::of(master, &settings.public_url)
    }

    fn of(master: Vec<u8>, issuer: &str) -> Result<Self> {
        let first = Key::of_seed(&derive(&master, Purpose::AccessToken, b""), i64::MIN, None)?;
        let ring = RwLock::new(Arc::new(Ring::of(vec![Arc::new(first)])));
        Ok(Self { master, issuer: issuer.to_owned(), ring, looked: Default::default(), genuine: tokens::Genuine::default() })
    }

    fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
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
