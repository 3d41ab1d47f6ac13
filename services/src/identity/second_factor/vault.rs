//! Secrets of authenticator apps, encrypted at rest (AES-256-GCM), each bound to its person.

use crate::identity::Purpose;
use crate::{App, Error, Result};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use entities::identity::UserId;

fn key(app: &App) -> Result<LessSafeKey> {
    let key = UnboundKey::new(&AES_256_GCM, &app.keys().mac(Purpose::SecondFactor, b"")).map_err(|_| broken())?;
    Ok(LessSafeKey::new(key))
}

/// The nonce, and what only this installation reads.
pub(super) fn seal(app: &App, user: UserId, secret: &[u8]) -> Result<Vec<u8>> {
    let nonce: [u8; NONCE_LEN] = app.random().bytes();
    let mut sealed = secret.to_vec();
    let sealing = key(app)?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(user.0.as_bytes()), &mut sealed);
    sealing.map_err(|_| broken())?;
    Ok([&nonce[..], &sealed].concat())
}

pub(super) fn open(app: &App, user: UserId, sealed: &[u8]) -> Result<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
    let mut opened = sealed.to_vec();
    let opened = key(app)?.open_in_place(nonce, Aad::from(user.0.as_bytes()), &mut opened).map_err(|_| broken())?;
    Ok(opened.to_vec())
}

fn broken() -> Error {
    Error::internal("the secret of a second factor cannot be read: SECRET_KEY is another, or the row was changed")
}
