//! The keys that sign access tokens, one after the other.
//!
//! A key of the ring is random, lies encrypted in the database, and signs from an instant on until the next one does. What it signed
//! stays good as long as a token may live. It is published before it signs, so that others who check our tokens know it then; our own
//! processes look at the ring every second, and at once where a token names a key they do not know. So nobody is turned away
//! because a key changed. Before the first of the ring, one derived from the master secret signs.

use super::{Keys, Purpose};
use crate::locale::Locale;
use crate::work::{JobKind, Running};
use crate::{App, Doorway, Error, Result, SystemScope, sql};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entities::identity::signing_key;
use jsonwebtoken::{DecodingKey, EncodingKey};
use sea_orm::ActiveValue::Set;
use sea_orm::Condition;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// How old what a process knows of the ring may be.
const FRESH: Duration = Duration::from_millis(900);
/// How long a key is published before it signs: twice as long as others may keep the list.
const NOTICE: TimeDelta = TimeDelta::minutes(10);
/// How long what a key signed stays good after the next one signs: as long as a token may live, and a minute for clocks.
const GOOD_AFTER: i64 = (60 + 1) * 60 * 1_000_000;

/// One key pair.
pub(super) struct Key {
    pub kid: String,
    pub signing: EncodingKey,
    pub verifying: DecodingKey,
    public: Vec<u8>,
    /// In microseconds, as all instants here.
    signs_from: i64,
    retired_at: Option<i64>,
}

impl Key {
    pub(super) fn of_seed(seed: &[u8; 32], signs_from: i64, retired_at: Option<i64>) -> Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Error::internal("the signing key cannot be made"))?;
        let public = pair.public_key().as_ref().to_vec();
        let kid = URL_SAFE_NO_PAD.encode(&Sha256::digest(&public)[..12]);
        // PKCS #8 (RFC 8410) of an Ed25519 seed is a fixed head and the seed.
        const HEAD: &[u8] = &[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        let signing = EncodingKey::from_ed_der(&[HEAD, seed].concat());
        let verifying = DecodingKey::from_ed_der(&public);
        Ok(Self { kid, signing, verifying, public, signs_from, retired_at })
    }
}

/// All keys, in the order they sign; there is one at least.
pub(super) struct Ring {
    keys: Vec<Arc<Key>>,
}

impl Ring {
    pub(super) fn of(mut keys: Vec<Arc<Key>>) -> Self {
        keys.sort_by_key(|key| key.signs_from);
        Self { keys }
    }

    /// The key that signs at this instant.
    pub(super) fn signing(&self, now: i64) -> &Key {
        let due = |key: &&Arc<Key>| key.signs_from <= now && key.retired_at.is_none_or(|at| at > now);
        // Where all are retired the last was so by mistake, and signing with it is better than letting nobody in.
        self.keys.iter().rev().find(due).unwrap_or(&self.keys[self.keys.len() - 1])
    }

    /// The key of this name, while what it signed is good.
    pub(super) fn verifying(&self, kid: &str, now: i64) -> Option<&Key> {
        let at = self.keys.iter().position(|key| key.kid == kid)?;
        let replaced = self.keys.get(at + 1).map(|next| next.signs_from);
        let over = replaced.is_some_and(|at| at.saturating_add(GOOD_AFTER) <= now) || self.keys[at].retired_at.is_some_and(|at| at <= now);
        (!over).then(|| &*self.keys[at])
    }

    pub(super) fn knows(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid == kid)
    }
}

impl Keys {
    /// The public keys tokens are checked with, now and soon, as a JWK set (RFC 7517, RFC 8037).
    pub fn jwks(&self, now: i64) -> serde_json::Value {
        let ring = self.ring();
        let good = ring.keys.iter().filter(|key| ring.verifying(&key.kid, now).is_some());
        let keys = good.map(|key| {
            serde_json::json!({
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
                "kid": key.kid, "x": URL_SAFE_NO_PAD.encode(&key.public),
            })
        });
        serde_json::json!({ "keys": keys.collect::<Vec<_>>() })
    }

    fn vault(&self) -> Result<LessSafeKey> {
        let key = UnboundKey::new(&AES_256_GCM, &self.mac(Purpose::SigningKey, b"")).map_err(|_| unreadable())?;
        Ok(LessSafeKey::new(key))
    }

    fn open(&self, row: &signing_key::Model) -> Result<Key> {
        let (nonce, sealed) = row.seed.split_at_checked(NONCE_LEN).ok_or_else(unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
        let mut opened = sealed.to_vec();
        let seed = self.vault()?.open_in_place(nonce, Aad::from(row.id.0.as_bytes()), &mut opened).map_err(|_| unreadable())?;
        let seed: &[u8; 32] = (&*seed).try_into().map_err(|_| unreadable())?;
        Key::of_seed(seed, row.signs_from.0, row.retired_at.map(|at| at.0))
    }
}

fn unreadable() -> Error {
    Error::internal("a signing key cannot be read: SECRET_KEY is another than when it was made")
}

/// Looks at the ring where what this process knows of it is old; not where somebody does already.
pub async fn fresh(app: &App) {
    if let Ok(mut begun) = app.keys().looked.try_lock()
        && begun.is_none_or(|at| at.elapsed() >= FRESH)
    {
        *begun = Some(Instant::now());
        look_or_warn(app).await;
    }
}

/// Looks at the ring as it is at this instant or later, for a token whose key this process does not know. All who wait share the
/// next look.
pub(in crate::identity) async fn fresh_from(app: &App, instant: Instant) {
    let mut begun = app.keys().looked.lock().await;
    if begun.is_none_or(|at| at < instant) {
        *begun = Some(Instant::now());
        look_or_warn(app).await;
    }
}

async fn look_or_warn(app: &App) {
    if let Err(error) = look(app).await {
        tracing::warn!(%error, "the signing keys could not be looked at");
    }
}

async fn look(app: &App) -> Result<()> {
    let tx = Doorway::new(app, Locale::default()).read().await?;
    let rows = tx.all::<signing_key::Entity>(Condition::all()).await?;
    let known = app.keys().ring();
    if rows.is_empty() && known.keys.len() == 1 {
        return Ok(());
    }
    // The derived one is the first.
    let mut keys = vec![Key::of_seed(&app.keys().mac(Purpose::AccessToken, b""), i64::MIN, None).map(Arc::new)?];
    for row in &rows {
        keys.push(Arc::new(app.keys().open(row)?));
    }
    if rows.iter().any(|row| row.retires_first) {
        keys[0] = Arc::new(Key::of_seed(&app.keys().mac(Purpose::AccessToken, b""), i64::MIN, Some(i64::MIN))?);
    }
    *app.keys().ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Ring::of(keys));
    Ok(())
}

/// How a key is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The next signs in ten minutes; what was signed stays good.
    Announced,
    /// The next signs now, and what was signed stays good.
    Now,
    /// The others got hold of a key: the next signs now, and nothing signed before is good. People's programs refresh by themselves.
    Compromised,
}

/// Makes the next key; answers its name.
pub async fn rotate(app: &App, rotation: Rotation) -> Result<String> {
    let doorway = Doorway::new(app, Locale::default());
    let (id, now, seed) = (doorway.new_id(), doorway.now(), app.random().bytes::<32>());
    let signs_from = if rotation == Rotation::Announced { now.plus(NOTICE) } else { now };
    let nonce: [u8; NONCE_LEN] = app.random().bytes();
    let mut sealed = seed.to_vec();
    let id: entities::identity::SigningKeyId = id;
    let sealing =
        app.keys().vault()?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(id.0.as_bytes()), &mut sealed);
    sealing.map_err(|_| unreadable())?;
    let tx = doorway.begin().await?;
    if rotation == Rotation::Compromised {
        tx.statement(sql!("retire_keys.sql")).bind("now", now).run().await?;
    }
    let row = signing_key::ActiveModel {
        id: Set(id),
        seed: Set([&nonce[..], &sealed].concat()),
        created_at: Set(now),
        signs_from: Set(signs_from),
        retired_at: Set(None),
        retires_first: Set(rotation == Rotation::Compromised),
    };
    tx.insert(row).await?;
    tx.commit().await?;
    look(app).await?;
    Key::of_seed(&seed, signs_from.0, None).map(|key| key.kid)
}

/// The regular job that replaces the signing key.
#[derive(Debug, Serialize, Deserialize)]
pub struct RotateKeys {}

impl JobKind for RotateKeys {
    const KIND: &'static str = "identity.rotate_keys";
    const PRIORITY: i32 = 3;
    const MAX_ATTEMPTS: i32 = 5;
}

/// Replaces the key, unless that was done within a day: a job may be run twice.
pub async fn run_rotation(system: &SystemScope, _: &Running, _: RotateKeys) -> Result<()> {
    let app = system.app();
    let tx = Doorway::new(app, Locale::default()).read().await?;
    let rows = tx.all::<signing_key::Entity>(Condition::all()).await?;
    drop(tx);
    let newest = rows.iter().map(|row| row.created_at).max();
    if newest.is_some_and(|at| system.now().since(at) < TimeDelta::days(1)) {
        return Ok(());
    }
    let kid = rotate(app, Rotation::Announced).await?;
    tracing::info!(kid, "the next signing key is made");
    Ok(())
}
