//! Keys that sign, replaced while people are at work.

use super::{caller, doorway, refresh, sign_in};
use crate::identity::sessions::Session;
use crate::identity::{RotateKeys, Rotation, authenticate, look_at_keys, rotate_keys, run_rotation};
use crate::testing::{Fixture, second_process};
use crate::work::{PLATFORM, Running};
use crate::{App, SystemScope};
use chrono::TimeDelta;
use std::collections::BTreeSet;
use std::time::Duration;

/// The name of the key a token was signed with.
fn kid(session: &Session) -> String {
    jsonwebtoken::decode_header(&session.access_token).unwrap().kid.unwrap()
}

/// The names of the keys others check our tokens with.
fn published(app: &App) -> BTreeSet<String> {
    let set = app.keys().jwks(app.now().0);
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn lets_in(app: &App, session: &Session) -> bool {
    authenticate(app, &session.access_token).await.unwrap().is_some()
}

#[tokio::test]
async fn the_next_key_is_published_before_it_signs_and_the_last_is_good_as_long_as_a_token() {
    let fixture = Fixture::new().await;
    let old = sign_in(&fixture).await;
    let next = rotate_keys(&fixture.app, Rotation::Announced).await.unwrap();
    assert_eq!(published(&fixture.app), BTreeSet::from([kid(&old), next.clone()]));
    fixture.app.clock().advance(TimeDelta::minutes(9));
    let last = sign_in(&fixture).await;
    assert_eq!(kid(&last), kid(&old), "not yet");
    fixture.app.clock().advance(TimeDelta::minutes(1));
    let new = refresh(&fixture, &last.refresh_token).await.unwrap();
    assert_eq!(kid(&new), next);
    assert!(lets_in(&fixture.app, &last).await && lets_in(&fixture.app, &new).await);
    fixture.app.clock().advance(TimeDelta::minutes(61));
    assert_eq!(published(&fixture.app), BTreeSet::from([next]), "nothing it signed can be good any more");
}

/// Two processes, each signing in and checking what either signed, while keys change five times.
#[tokio::test]
async fn nobody_is_turned_away_while_keys_change() {
    let fixture = Fixture::new().await;
    let other = second_process(&fixture).await;
    let (stop, mut tries) = (tokio_util::sync::CancellationToken::new(), Vec::new());
    let first = sign_in(&fixture).await;
    for (signs, checks) in [(fixture.app.clone(), other.clone()), (other.clone(), fixture.app.clone())] {
        let (stop, mut session) = (
            stop.clone(),
            super::sessions::sign_in(&doorway(&fixture), &fixture.email().await, crate::testing::PASSWORD.into(), None, None)
                .await
                .unwrap()
                .session()
                .unwrap(),
        );
        tries.push(tokio::spawn(async move {
            let doorway = crate::Doorway::new(&signs, Default::default());
            let (mut checked, mut keys) = (0_u32, BTreeSet::new());
            while !stop.is_cancelled() {
                session = super::sessions::refresh(&doorway, &session.refresh_token).await.unwrap();
                keys.insert(kid(&session));
                assert!(lets_in(&checks, &session).await && lets_in(&signs, &session).await, "turned away after {checked}");
                checked += 1;
            }
            (checked, keys)
        }));
    }
    let mut made = Vec::new();
    for n in 0..5 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        made.push(rotate_keys(if n % 2 == 0 { &fixture.app } else { &other }, Rotation::Now).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(1100)).await;
    stop.cancel();
    for tried in tries {
        let (checked, keys) = tried.await.unwrap();
        assert!(checked > 5 && keys.contains(&made[4]), "{checked} checks, {} keys", keys.len());
    }
    assert!(lets_in(&fixture.app, &first).await && lets_in(&other, &first).await, "nor is who signed in before");
}

#[tokio::test]
async fn what_a_stolen_key_signed_is_good_nowhere_a_second_later() {
    let fixture = Fixture::new().await;
    let other = second_process(&fixture).await;
    let first = sign_in(&fixture).await;
    rotate_keys(&fixture.app, Rotation::Now).await.unwrap();
    let second = sign_in(&fixture).await;
    assert!(lets_in(&other, &first).await && lets_in(&other, &second).await);
    rotate_keys(&fixture.app, Rotation::Compromised).await.unwrap();
    assert!(!lets_in(&fixture.app, &first).await && !lets_in(&fixture.app, &second).await);
    tokio::time::sleep(Duration::from_millis(1000)).await;
    look_at_keys(&other).await;
    assert!(!lets_in(&other, &first).await && !lets_in(&other, &second).await);
    let again = refresh(&fixture, &second.refresh_token).await.unwrap();
    assert!(lets_in(&fixture.app, &again).await && lets_in(&other, &again).await, "their programs refresh by themselves");
    assert_eq!(published(&other), BTreeSet::from([kid(&again)]));
}

#[tokio::test]
async fn the_monthly_job_makes_one_key_however_often_it_runs() {
    let fixture = Fixture::new().await;
    let system = SystemScope::new(&fixture.app);
    for keys in [2, 2, 2] {
        run_rotation(&system, &Running::detached(PLATFORM), RotateKeys {}).await.unwrap();
        assert_eq!(published(&fixture.app).len(), keys);
    }
    fixture.app.clock().advance(TimeDelta::days(30));
    run_rotation(&system, &Running::detached(PLATFORM), RotateKeys {}).await.unwrap();
    assert_eq!(published(&fixture.app).len(), 2, "the last one and the next");
}

#[tokio::test]
async fn tokens_of_made_up_keys_are_refused() {
    let fixture = Fixture::new().await;
    let session = sign_in(&fixture).await;
    let (_, rest) = session.access_token.split_once('.').unwrap();
    use base64::Engine;
    for kid in ["x", "", &"k".repeat(10_000)] {
        let header = serde_json::json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid}).to_string();
        let forged = format!("{}.{rest}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header));
        assert!(authenticate(&fixture.app, &forged).await.unwrap().is_none(), "{kid:.20}");
    }
    assert!(caller(&fixture, &session).await.is_some());
}
