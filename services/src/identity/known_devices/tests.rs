//! Whom a new device is told to, and who is not locked out.

use super::*;
use crate::audit::Asked;
use crate::identity::sessions::sign_in;
use crate::identity::{SignUp, sign_up};
use crate::locale::Locale;
use crate::notifications::Letter;
use crate::testing::{Fixture, PASSWORD};
use crate::work::{Claimer, JobKind};
use crate::{Code, Error};
use std::sync::Arc;

fn at(fixture: &Fixture, address: &str, program: &str) -> Doorway {
    let asked = Asked { address: Some(address.to_owned()), user_agent: Some(program.to_owned()), ..Asked::default() };
    Doorway::new(&fixture.app, Locale::Fr).asked_in(Some(Arc::new(asked)))
}

async fn enter(fixture: &Fixture, address: &str, program: &str, password: &str) -> Result<(), Code> {
    let tried = sign_in(&at(fixture, address, program), &fixture.email().await, password.to_owned(), None, None).await;
    match tried {
        Ok(_) => Ok(()),
        Err(Error::Refused(refusals)) => Err(refusals[0].code),
        Err(error) => panic!("{error}"),
    }
}

/// The letters of new devices that wait to be sent.
async fn letters(fixture: &Fixture) -> Vec<Letter> {
    let jobs = Claimer::new(&fixture.app, "notifications").claim(100).await.unwrap();
    let letters = jobs.iter().filter(|job| job.kind == Letter::KIND).map(|job| serde_json::from_str::<Letter>(&job.payload).unwrap());
    letters.filter(|letter| letter.key == "letter-new-device").collect()
}

/// How many devices of the owner are remembered.
async fn devices(fixture: &Fixture) -> usize {
    let tx = Doorway::new(&fixture.app, Locale::Fr).read().await.unwrap();
    tx.all::<known_device::Entity>(known_device::Column::UserId.eq(fixture.caller.user)).await.unwrap().len()
}

#[tokio::test]
async fn a_program_that_never_signed_in_before_is_told_and_a_new_network_is_not() {
    let fixture = Fixture::new().await;
    enter(&fixture, "196.1.95.7", "Firefox", PASSWORD).await.unwrap();
    enter(&fixture, "196.1.95.99", "Firefox", PASSWORD).await.unwrap();
    enter(&fixture, "2a00:1450:4007::1", "Firefox", PASSWORD).await.unwrap();
    assert!(letters(&fixture).await.is_empty(), "the first is no news, nor is a telephone that moves");
    enter(&fixture, "41.82.0.1", "curl/8", PASSWORD).await.unwrap();
    enter(&fixture, "41.82.0.1", "curl/8", PASSWORD).await.unwrap();
    let told = letters(&fixture).await;
    assert_eq!(told.iter().map(|letter| letter.params["program"].as_str()).collect::<Vec<_>>(), ["curl/8"]);
    assert!(told[0].params["at"].contains("décembre 2026"), "{:?}", told[0].params);
}

#[tokio::test]
async fn a_stranger_who_guesses_from_everywhere_locks_nobody_out_of_a_device_of_theirs() {
    let fixture = Fixture::new().await;
    enter(&fixture, "196.1.95.7", "Firefox", PASSWORD).await.unwrap();
    for number in 0..30 {
        let guessed = enter(&fixture, &format!("41.{number}.0.1"), "Firefox", "baobab et rônier").await;
        assert_eq!(guessed, Err(Code::InvalidCredentials), "{number}");
    }
    assert_eq!(enter(&fixture, "41.99.0.1", "Firefox", PASSWORD).await, Err(Code::LimitReached), "from anywhere else one waits");
    assert_eq!(enter(&fixture, "196.1.95.7", "curl/8", PASSWORD).await, Err(Code::LimitReached), "a neighbour with another program, too");
    assert_eq!(enter(&fixture, "196.1.95.8", "Firefox", PASSWORD).await, Ok(()), "its person at their own device does not");
    // Nobody's address says as much.
    let doorway = at(&fixture, "41.99.0.1", "Firefox");
    for number in 0..31 {
        let there = at(&fixture, &format!("41.{number}.0.1"), "Firefox");
        let _ = sign_in(&there, "nobody@teranga.example", PASSWORD.to_owned(), None, None).await;
    }
    let refused = sign_in(&doorway, "nobody@teranga.example", PASSWORD.to_owned(), None, None).await;
    assert!(matches!(refused, Err(Error::Refused(why)) if why[0].code == Code::LimitReached));
}

#[tokio::test]
async fn few_devices_of_a_person_are_remembered() {
    let fixture = Fixture::new().await;
    for number in 0..MOST + 3 {
        enter(&fixture, &format!("41.82.{number}.1"), "Firefox", PASSWORD).await.unwrap();
        fixture.app.clock().advance(TimeDelta::seconds(1));
    }
    assert_eq!(devices(&fixture).await, MOST);
}

#[tokio::test]
async fn first_sign_ins_at_once_from_one_place_are_one_device() {
    let fixture = Fixture::new().await;
    let doorway = at(&fixture, "196.1.95.7", "Firefox");
    let owner = doorway.read().await.unwrap().find::<user::Entity>(fixture.caller.user).await.unwrap().unwrap();
    let come = || async {
        let tx = doorway.begin().await?;
        signed_in(&tx, &doorway, &owner).await?;
        tx.commit().await
    };
    let all = futures_util::future::join_all((0..16).map(|_| come())).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(devices(&fixture).await, 1);
    enter(&fixture, "41.82.0.1", "curl/8", PASSWORD).await.unwrap();
    assert_eq!((devices(&fixture).await, letters(&fixture).await.len()), (2, 1));
}

const OLDER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0";
const NEWER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

#[tokio::test]
async fn an_update_of_a_program_makes_no_new_device_of_it() {
    let fixture = Fixture::new().await;
    enter(&fixture, "196.1.95.7", OLDER, PASSWORD).await.unwrap();
    enter(&fixture, "196.1.95.7", NEWER, PASSWORD).await.unwrap();
    assert!(letters(&fixture).await.is_empty(), "an update is no news");
    assert_eq!(devices(&fixture).await, 1);
    for number in 0..31 {
        let _ = enter(&fixture, &format!("41.{number}.0.1"), OLDER, "baobab et rônier").await;
    }
    assert_eq!(enter(&fixture, "196.1.95.7", NEWER, PASSWORD).await, Ok(()), "nor is its person locked out by strangers");
}

#[tokio::test]
async fn whoever_signed_up_hears_of_the_first_other_device() {
    let fixture = Fixture::new().await;
    let moussa =
        SignUp { email: "moussa@teranga.example".into(), password: PASSWORD.into(), display_name: "Moussa".into(), ..SignUp::default() };
    sign_up(&at(&fixture, "196.1.95.7", OLDER), moussa).await.unwrap();
    let thief = at(&fixture, "41.82.0.1", "curl/8");
    sign_in(&thief, "moussa@teranga.example", PASSWORD.into(), None, None).await.unwrap();
    assert_eq!(letters(&fixture).await.len(), 1);
}
