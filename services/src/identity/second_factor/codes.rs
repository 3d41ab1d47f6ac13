//! Codes of the app, and those for when it is lost.

use super::{Begun, vault};
use crate::identity::{Purpose, notices};
use crate::scope::DoorwayTx;
use crate::{App, Doorway, Error, Result, sql};
use entities::identity::{UserId, recovery_code, second_factor, user};
use sea_orm::ActiveValue::{Set, Unchanged};
use totp_rs::{Builder, Totp};

/// How many recovery codes there are at first.
const RECOVERY: usize = 10;
/// Base 32 without what is mistaken for something else (Crockford).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Six digits, thirty seconds, SHA-1: what every app takes.
fn totp(secret: &[u8], account: &str) -> Result<Totp> {
    let builder = Builder::new().with_secret(secret).with_issuer(Some("Teranga")).with_account_name(account.replace(':', "_"));
    builder.build().map_err(Error::internal)
}

/// A secret as an app takes it.
pub(super) fn begun(secret: &[u8], email: &str) -> Result<Begun> {
    let totp = totp(secret, email)?;
    Ok(Begun { secret: totp.secret().to_base32(), url: totp.to_url().map_err(Error::internal)? })
}

/// The thirty seconds whose code this is, of now and of the ones before and after; none: of none of them.
pub(super) fn step_of(doorway: &Doorway, factor: &second_factor::Model, code: &str) -> Result<Option<i64>> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let totp = totp(&vault::open(doorway.app(), factor.user_id, &factor.secret)?, "")?;
    let now = u64::try_from(doorway.now().0 / 1_000_000).map_err(Error::internal)?;
    totp.check(&digits, now).map(i64::try_from).transpose().map_err(Error::internal)
}

/// Takes a code of the app or a recovery code; false: it is neither, or was taken before.
pub(super) async fn take(tx: &DoorwayTx, doorway: &Doorway, factor: &second_factor::Model, code: &str) -> Result<bool> {
    if let Some(step) = step_of(doorway, factor, code)? {
        let row = second_factor::ActiveModel { user_id: Unchanged(factor.user_id), last_step: Set(step), ..Default::default() };
        return if step > factor.last_step { tx.update(row).await.map(|_| true) } else { Ok(false) };
    }
    let hash = mac(doorway.app(), factor.user_id, &plain(code));
    let take = tx.statement(sql!("take_code.sql")).bind("user", factor.user_id).bind("hash", hash).bind("now", doorway.now());
    let taken = take.run().await? == 1;
    if taken && let Some(user) = tx.find::<user::Entity>(factor.user_id).await? {
        notices::tell_of_code(tx, doorway, &user).await?;
    }
    Ok(taken)
}

/// Ten new codes in place of all there were: three groups of four letters, 60 bits each.
pub(super) async fn renew(tx: &DoorwayTx, doorway: &Doorway, user: UserId) -> Result<Vec<String>> {
    tx.statement(sql!("forget_codes.sql")).bind("user", user).run().await?;
    let mut codes = Vec::with_capacity(RECOVERY);
    for _ in 0..RECOVERY {
        let letters = doorway.app().random().bytes::<12>().map(|byte| LETTERS[usize::from(byte) % 32] as char);
        let row = recovery_code::ActiveModel {
            id: Set(doorway.new_id()),
            user_id: Set(user),
            code_hash: Set(mac(doorway.app(), user, &letters.iter().collect::<String>())),
            used_at: Set(None),
        };
        tx.insert(row).await?;
        codes.push(letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-"));
    }
    Ok(codes)
}

/// A recovery code as it is kept, from one as it is typed.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
    letters
        .map(|c| {
            if c == 'O' {
                '0'
            } else if matches!(c, 'I' | 'L') {
                '1'
            } else {
                c
            }
        })
        .take(64)
        .collect()
}

fn mac(app: &App, user: UserId, code: &str) -> Vec<u8> {
    app.keys().mac(Purpose::RecoveryCode, &[user.0.as_bytes(), code.as_bytes()].concat()).to_vec()
}
