//! The second factor: codes of an app, codes for when it is lost, and who may have neither.

use super::{caller, code, doorway, sign_in};
use crate::identity::second_factor::{self, Begun, Challenge, Status};
use crate::identity::sessions::{self, SignedIn, complete_sign_in};
use crate::identity::{Caller, change_password};
use crate::testing::{Fixture, PASSWORD, second_process};
use crate::{Code, Doorway, Reads, Result};
use chrono::TimeDelta;
use entities::identity::second_factor as factor;
use entities::notifications::notification;
use sea_orm::Condition;
use totp_rs::{Builder, Secret};

/// What a telephone shows that took this secret, so many seconds from now.
pub(in crate::identity) fn shown(fixture: &Fixture, begun: &Begun, seconds: i64) -> String {
    let secret = Secret::try_from_base32(&begun.secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(fixture.app.now().0 / 1_000_000 + seconds).unwrap()).to_string()
}

/// A person with a second factor, its secret and recovery codes. The code that confirmed it is spent.
async fn protected() -> (Fixture, Caller, Begun, Vec<String>) {
    let fixture = Fixture::new().await;
    let me = caller(&fixture, &sign_in(&fixture).await).await.unwrap();
    let begun = second_factor::begin(&doorway(&fixture), &me, PASSWORD.into()).await.unwrap();
    let codes = second_factor::confirm(&doorway(&fixture), &me, &shown(&fixture, &begun, 0)).await.unwrap();
    fixture.app.clock().advance(TimeDelta::seconds(30));
    (fixture, me, begun, codes)
}

async fn challenge(fixture: &Fixture) -> Challenge {
    let signed_in = sessions::sign_in(&doorway(fixture), &fixture.email().await, PASSWORD.into(), None, None).await.unwrap();
    match signed_in {
        SignedIn::Challenge(challenge) => challenge,
        SignedIn::Session(_) => panic!("the password was enough"),
    }
}

async fn complete(fixture: &Fixture, challenge: &Challenge, code: &str) -> Result<sessions::Session> {
    complete_sign_in(&doorway(fixture), &challenge.token, code, None).await
}

#[tokio::test]
async fn a_password_alone_opens_no_session_once_a_code_was_shown() {
    let fixture = Fixture::new().await;
    let me = caller(&fixture, &sign_in(&fixture).await).await.unwrap();
    let here = doorway(&fixture);
    assert_eq!(code(second_factor::begin(&here, &me, "baobab".into()).await), Code::InvalidCredentials);
    assert_eq!(code(second_factor::confirm(&here, &me, "123456").await), Code::ForbiddenState, "nothing was begun");
    let first = second_factor::begin(&here, &me, PASSWORD.into()).await.unwrap();
    let begun = second_factor::begin(&here, &me, PASSWORD.into()).await.unwrap();
    assert!(begun.url.starts_with("otpauth://totp/Teranga:") && begun.url.contains(&begun.secret), "{}", begun.url);
    let elsewhere = sign_in(&fixture).await;
    assert_eq!(code(second_factor::confirm(&here, &me, &shown(&fixture, &first, 0)).await), Code::InvalidCredentials, "of before");
    let codes = second_factor::confirm(&here, &me, &shown(&fixture, &begun, 0)).await.unwrap();
    assert!(caller(&fixture, &elsewhere).await.is_none(), "whoever came in by the password alone shows a code, too");
    assert_eq!((codes.len(), codes.iter().collect::<std::collections::BTreeSet<_>>().len()), (10, 10));
    let status = second_factor::status(&here, me.user).await.unwrap();
    assert_eq!(status, Some(Status { since: fixture.app.now(), codes_left: 10 }));
    assert_eq!(code(second_factor::begin(&here, &me, PASSWORD.into()).await), Code::ForbiddenState, "it is there");

    let challenge = challenge(&fixture).await;
    let spent = shown(&fixture, &begun, 0);
    assert_eq!(code(complete(&fixture, &challenge, &spent).await), Code::InvalidCredentials, "the code that confirmed it");
    fixture.app.clock().advance(TimeDelta::seconds(30));
    assert_eq!(code(complete(&fixture, &challenge, &spent).await), Code::InvalidCredentials, "though it is in the window still");
    let now = shown(&fixture, &begun, 0);
    let session = complete(&fixture, &challenge, &format!(" {} {} ", &now[..3], &now[3..])).await.unwrap();
    assert_eq!(caller(&fixture, &session).await.unwrap().user, me.user);
    assert_eq!(code(complete(&fixture, &challenge, &now).await), Code::InvalidCredentials, "a code serves once");
    let told = fixture.again().select::<notification::Entity>().all().await.unwrap();
    assert_eq!(told.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["second-factor-on"]);
}

#[tokio::test]
async fn the_clock_of_a_telephone_may_be_thirty_seconds_off_and_no_more() {
    let (fixture, _, begun, _) = protected().await;
    fixture.app.clock().advance(TimeDelta::minutes(5));
    for (seconds, good) in [(-60, false), (60, false), (-30, true), (0, true), (30, true)] {
        let done = complete(&fixture, &challenge(&fixture).await, &shown(&fixture, &begun, seconds)).await;
        assert_eq!(done.is_ok(), good, "{seconds} s");
    }
    let before = complete(&fixture, &challenge(&fixture).await, &shown(&fixture, &begun, 0)).await;
    assert_eq!(code(before), Code::InvalidCredentials, "nothing older than the last one taken");
}

#[tokio::test]
async fn a_recovery_code_serves_once_and_new_ones_replace_the_old() {
    let (fixture, me, begun, codes) = protected().await;
    let typed = codes[0].to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
    complete(&fixture, &challenge(&fixture).await, &typed).await.unwrap();
    assert_eq!(code(complete(&fixture, &challenge(&fixture).await, &codes[0]).await), Code::InvalidCredentials);
    let left = async || second_factor::status(&doorway(&fixture), me.user).await.unwrap().unwrap().codes_left;
    assert_eq!(left().await, 9);
    let new = second_factor::renew_codes(&doorway(&fixture), &me, &shown(&fixture, &begun, 0)).await.unwrap();
    assert_eq!((left().await, new.iter().any(|code| codes.contains(code))), (10, false));
    assert_eq!(code(complete(&fixture, &challenge(&fixture).await, &codes[1]).await), Code::InvalidCredentials, "an old one");
    complete(&fixture, &challenge(&fixture).await, &new[1]).await.unwrap();
    let (_, stranger) = fixture.stranger().await;
    assert_eq!(code(second_factor::renew_codes(&doorway(&fixture), &stranger, &new[2]).await), Code::ForbiddenState, "not theirs");
}

#[tokio::test]
async fn whoever_guesses_codes_has_to_wait() {
    let (fixture, me, begun, _) = protected().await;
    let challenge = challenge(&fixture).await;
    for _ in 0..5 {
        assert_eq!(code(complete(&fixture, &challenge, "000000").await), Code::InvalidCredentials);
    }
    let right = shown(&fixture, &begun, 0);
    assert_eq!(code(complete(&fixture, &challenge, &right).await), Code::LimitReached, "the right one, too");
    let elsewhere = second_factor::remove(&doorway(&fixture), &me, PASSWORD.into(), &right).await;
    assert_eq!(code(elsewhere), Code::LimitReached, "wherever codes are asked for");
    fixture.app.clock().advance(TimeDelta::seconds(1));
    complete(&fixture, &challenge, &right).await.unwrap();
}

#[tokio::test]
async fn a_challenge_is_over_after_five_minutes_and_with_its_password() {
    let (fixture, me, begun, _) = protected().await;
    let late = challenge(&fixture).await;
    for forged in ["", "x", &late.token[1..], &format!("{}A", late.token), &late.token.replacen(&late.token[..1], "_", 1)] {
        let done = complete_sign_in(&doorway(&fixture), forged, &shown(&fixture, &begun, 0), None).await;
        assert_eq!(code(done), Code::TokenExpired, "{forged}");
    }
    fixture.app.clock().advance(TimeDelta::minutes(5));
    assert_eq!(code(complete(&fixture, &late, &shown(&fixture, &begun, 0)).await), Code::TokenExpired);
    let before = challenge(&fixture).await;
    change_password(&doorway(&fixture), &me, PASSWORD.into(), "kora et balafon".into()).await.unwrap();
    assert_eq!(code(complete(&fixture, &before, &shown(&fixture, &begun, 0)).await), Code::TokenExpired);
}

#[tokio::test]
async fn a_factor_goes_with_the_password_and_a_code() {
    let (fixture, me, begun, codes) = protected().await;
    let here = doorway(&fixture);
    assert_eq!(code(second_factor::remove(&here, &me, "baobab".into(), &codes[0]).await), Code::InvalidCredentials);
    assert_eq!(code(second_factor::remove(&here, &me, PASSWORD.into(), "000000").await), Code::InvalidCredentials);
    second_factor::remove(&here, &me, PASSWORD.into(), &shown(&fixture, &begun, 0)).await.unwrap();
    assert_eq!(second_factor::status(&here, me.user).await.unwrap(), None);
    sign_in(&fixture).await;
    let again = second_factor::begin(&here, &me, PASSWORD.into()).await.unwrap();
    assert_ne!(again.secret, begun.secret);
    assert_eq!(code(second_factor::confirm(&here, &me, &codes[1]).await), Code::InvalidCredentials, "a code of the one before");
}

#[tokio::test]
async fn one_of_two_who_show_a_code_at_once_is_let_in() {
    let (fixture, _, begun, codes) = protected().await;
    let other = second_process(&fixture).await;
    let (here, there) = (doorway(&fixture), Doorway::new(&other, Default::default()));
    for shown in [shown(&fixture, &begun, 0), codes[3].clone()] {
        let challenge = challenge(&fixture).await;
        let (one, two) =
            tokio::join!(complete_sign_in(&here, &challenge.token, &shown, None), complete_sign_in(&there, &challenge.token, &shown, None));
        assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|let_in| **let_in).count(), 1, "{one:?} {two:?}");
    }
}

#[tokio::test]
async fn the_database_alone_gives_no_code_away() {
    let (fixture, me, begun, codes) = protected().await;
    let tx = doorway(&fixture).read().await.unwrap();
    let row = tx.find::<factor::Entity>(me.user).await.unwrap().unwrap();
    let secret = Secret::try_from_base32(&begun.secret).unwrap();
    assert!(!row.secret.windows(8).any(|part| secret.as_bytes().windows(8).any(|other| part == other)));
    for kept in tx.all::<entities::identity::recovery_code::Entity>(Condition::all()).await.unwrap() {
        assert!(kept.code_hash.len() == 32 && codes.iter().all(|code| kept.code_hash != code.as_bytes()));
    }
    drop(tx);
    // Another's row in place of one's own is not one's own secret.
    let (_, stranger) = fixture.stranger().await;
    second_factor::begin(&doorway(&fixture), &stranger, PASSWORD.into()).await.unwrap();
    let swap = "UPDATE second_factors SET secret = (SELECT o.secret FROM second_factors o WHERE o.confirmed_at IS NOT NULL) WHERE confirmed_at IS NULL";
    crate::testing::change_database(&fixture.app, swap).await;
    let taken = second_factor::confirm(&doorway(&fixture), &stranger, &shown(&fixture, &begun, 0)).await;
    assert!(matches!(taken, Err(crate::Error::Internal(_))), "{taken:?}");
}

#[tokio::test]
async fn a_proof_lasts_five_minutes_and_takes_all_factors_there_are() {
    let fixture = Fixture::new().await;
    let session = sign_in(&fixture).await;
    let scope = async || caller(&fixture, &session).await.unwrap().scope(&fixture.app, Default::default()).unwrap();
    let me = caller(&fixture, &session).await.unwrap();
    assert!(scope().await.require_proof().is_ok(), "signing in is one");
    fixture.app.clock().advance(TimeDelta::minutes(5));
    assert!(scope().await.require_proof().is_ok());
    fixture.app.clock().advance(TimeDelta::seconds(1));
    assert_eq!(code(scope().await.require_proof()), Code::ProofRequired);
    super::refresh(&fixture, &session.refresh_token).await.unwrap();
    assert_eq!(code(scope().await.require_proof()), Code::ProofRequired, "new tokens prove nothing");
    let switched = sessions::switch(&doorway(&fixture), &me, fixture.scope.tenant()).await.unwrap();
    let there = caller(&fixture, &switched).await.unwrap();
    assert_eq!(code(there.scope(&fixture.app, Default::default()).unwrap().require_proof()), Code::ProofRequired, "nor does a switch");
    let prove_there =
        async |password: &str, code: Option<&str>| crate::identity::prove(&doorway(&fixture), &there, password.into(), code).await;
    assert_eq!(code(prove_there("baobab", None).await), Code::InvalidCredentials);
    prove_there(PASSWORD, None).await.unwrap();
    let scope = async || caller(&fixture, &switched).await.unwrap().scope(&fixture.app, Default::default()).unwrap();
    assert!(scope().await.require_proof().is_ok());

    let begun = second_factor::begin(&doorway(&fixture), &there, PASSWORD.into()).await.unwrap();
    second_factor::confirm(&doorway(&fixture), &there, &shown(&fixture, &begun, 0)).await.unwrap();
    fixture.app.clock().advance(TimeDelta::minutes(6));
    assert_eq!(code(prove_there(PASSWORD, None).await), Code::Required);
    assert_eq!(code(prove_there(PASSWORD, Some("000000")).await), Code::InvalidCredentials);
    assert_eq!(code(scope().await.require_proof()), Code::ProofRequired);
    prove_there(PASSWORD, Some(&shown(&fixture, &begun, 0))).await.unwrap();
    assert!(scope().await.require_proof().is_ok());
}
