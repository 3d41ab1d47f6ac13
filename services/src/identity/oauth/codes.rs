//! Codes: what a browser carries from us to a client, which trades it for tokens.
//!
//! A code is 256 random bits, good for a minute, and bound to its client, to the address it was sent to and to the challenge of the
//! one who asked (RFC 7636). It serves once. One that comes back was seen by somebody else, so its grant ends with all its tokens
//! (RFC 6749 section 4.1.2), whatever else came with it, for as long as the code is known: a day. Of several who come with one code
//! at once the first is given tokens, and the second ends them. There is no grace: a client whose answer was lost asks the person
//! again, who agreed already. What does not fit a code that was not used changes nothing; the challenge cannot be guessed.

use super::credentials::{Client, OauthError, Result};
use super::held::{Held, hash_of, hold, refresh_token_of};
use super::tokens::Issued;
use crate::identity::keys;
use crate::scope::{DoorwayTx, Random};
use crate::{Doorway, sql};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entities::identity::{OauthClientId, OauthCodeId, OauthGrantId};
use entities::{TenantId, Timestamp};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How long a code is good.
pub(super) const LIFE: TimeDelta = TimeDelta::seconds(60);

/// What a client shows for its tokens.
pub struct Exchange<'a> {
    pub code: &'a str,
    pub redirect_uri: &'a str,
    pub verifier: &'a str,
}

#[derive(sea_orm::FromQueryResult)]
struct Found {
    tenant_id: TenantId,
    id: OauthCodeId,
    grant_id: OauthGrantId,
    client_id: OauthClientId,
    redirect_uri: String,
    challenge: String,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
}

pub(super) fn new(random: &Random) -> String {
    format!("trg_code_{}", URL_SAFE_NO_PAD.encode(random.bytes::<32>()))
}

/// Trades a code for the first tokens of its grant.
pub async fn exchange(doorway: &Doorway, client: &Client, shown: &Exchange<'_>) -> Result<Issued> {
    client.asking_people()?;
    keys::fresh(doorway.app()).await;
    let tx = doorway.begin().await?;
    let code = find(&tx, client, shown.code).await?;
    let grant = hold(&tx, code.tenant_id, code.grant_id).await?;
    // As it is kept from here on.
    let code = find(&tx, client, shown.code).await?;
    if code.used_at.is_some() {
        grant.end(tx, doorway, "code used twice").await?;
        return Err(OauthError::InvalidGrant);
    }
    let scope = check(&code, &grant, shown, doorway.now())?;
    let spend = tx.statement(sql!("spend_code.sql")).bind("tenant", code.tenant_id).bind("id", code.id);
    spend.bind("now", doorway.now()).run().await?;
    let refresh_token = refresh_token_of(doorway.app().random().bytes::<32>());
    grant.insert_refresh_token(&tx, doorway, &refresh_token).await?;
    tx.commit().await?;
    grant.issue(doorway, client, scope, refresh_token)
}

/// A code of this client's; another's is as if it were not there.
async fn find(tx: &DoorwayTx, client: &Client, code: &str) -> Result<Found> {
    let found = tx.statement(sql!("code.sql")).bind("hash", hash_of(code)).one::<Found>().await?;
    found.filter(|found| found.client_id == client.id).ok_or_else(|| {
        tracing::info!(client.id = %client.id, "a client came with a code that is none of its own");
        OauthError::InvalidGrant
    })
}

/// What its tokens are for, if all that was shown belongs to the code.
fn check(code: &Found, grant: &Held, shown: &Exchange<'_>, now: Timestamp) -> Result<String> {
    let scope = grant.scope();
    let wrong = [
        (code.expires_at <= now, "it is over"),
        (!grant.is_good(now), "its grant is over"),
        (code.redirect_uri != shown.redirect_uri, "it was sent elsewhere"),
        (!is_answer(shown.verifier, &code.challenge), "the verifier is wrong"),
        (scope.is_empty(), "the client may have nothing of it any more"),
    ];
    match wrong.iter().find(|(wrong, _)| *wrong) {
        None => Ok(scope),
        Some((_, why)) => {
            tracing::info!(client.id = %code.client_id, grant.id = %code.grant_id, why, "a code was refused");
            Err(OauthError::InvalidGrant)
        }
    }
}

/// Whether a verifier is the one of a challenge (S256), of 43 to 128 characters.
fn is_answer(verifier: &str, challenge: &str) -> bool {
    let formed = (43..=128).contains(&verifier.len());
    let answer = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    formed && bool::from(answer.as_bytes().ct_eq(challenge.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_answers_the_challenge_of_the_rfc_and_no_other() {
        // RFC 7636 appendix B.
        let (verifier, challenge) = ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_answer(verifier, challenge));
        for (verifier, challenge) in [
            (challenge, challenge),
            (&verifier[1..], challenge),
            ("", challenge),
            (verifier, ""),
            (verifier, &challenge[1..]),
            (verifier, verifier),
            ("short", "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"),
        ] {
            assert!(!is_answer(verifier, challenge), "{verifier} {challenge}");
        }
    }

    #[test]
    fn codes_are_never_alike() {
        let random = Random::seeded(7);
        let (one, other) = (new(&random), new(&random));
        assert!(one != other && one.len() == "trg_code_".len() + 43, "{one}");
    }
}
