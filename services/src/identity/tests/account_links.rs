//! Links by mail: to confirm an address, for a forgotten password, to another address.

use super::{caller, code, doorway, refresh, sign_in};
use crate::identity::{
    SendReset, SignUp, ask_for_new_address, ask_for_reset, move_to_address, reset_password, send_reset, send_verification, sessions,
    sign_up, users, verify_email,
};
use crate::notifications::{Letter, carry_letter};
use crate::testing::{Fixture, PASSWORD, second_process};
use crate::work::{Claimer, JobKind, Outcome, settle};
use crate::{Code, SystemScope};
use chrono::TimeDelta;
use entities::identity::user;

pub(super) const NEW: &str = "kora et balafon";

/// The mails that leave when all that waits is done: whom each goes to, and its text.
pub(super) async fn mails(fixture: &Fixture) -> Vec<(String, String)> {
    let (system, mut mails) = (SystemScope::new(&fixture.app), Vec::new());
    for queue in ["default", "notifications"] {
        for job in Claimer::new(&fixture.app, queue).claim(100).await.unwrap() {
            if job.kind == SendReset::KIND {
                send_reset(&system, &job, serde_json::from_str(&job.payload).unwrap()).await.unwrap();
            } else if job.kind == Letter::KIND {
                let letter: Letter = serde_json::from_str(&job.payload).unwrap();
                assert!(!job.payload.contains("token"), "a job holds no secret: {}", job.payload);
                carry_letter(&system, &job, letter.clone()).await.unwrap();
                let file = fixture.data_dir().join(format!("outbox/mail/{}.eml", letter.id));
                mails.extend(std::fs::read(file).ok().map(|bytes| (letter.address, plain(&bytes))));
            }
            let held = (job.id, job.lease_token.unwrap());
            settle(&system, &[(held, Outcome::Completed)]).await.unwrap();
        }
    }
    mails.sort();
    mails
}

/// The text of a mail, its soft line ends undone.
fn plain(mail: &[u8]) -> String {
    String::from_utf8_lossy(mail).replace("=\r\n", "").replace("=3D", "=")
}

/// The secret of the link in a mail.
pub(super) fn token(mail: &str) -> String {
    let from = mail.find("?token=").expect("the mail has a link") + "?token=".len();
    mail[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// An account alone.
fn awa() -> SignUp {
    SignUp { email: "awa@teranga.example".into(), password: PASSWORD.into(), display_name: "Awa".into(), ..SignUp::default() }
}

async fn user(fixture: &Fixture) -> user::Model {
    users::get(&doorway(fixture), &fixture.caller).await.unwrap()
}

/// Whether the password lets its owner in.
async fn lets_in(fixture: &Fixture, address: &str, secret: &str) -> bool {
    sessions::sign_in(&doorway(fixture), address, secret.into(), None, None).await.is_ok()
}

pub(super) async fn ask(fixture: &Fixture, address: &str) -> Vec<(String, String)> {
    ask_for_reset(&doorway(fixture), address).await.unwrap();
    // What it asks for is asked for in turn.
    let mut sent = mails(fixture).await;
    sent.extend(mails(fixture).await);
    sent
}

#[tokio::test]
async fn a_new_account_confirms_its_address_once() {
    let fixture = Fixture::new().await;
    let signed_up = sign_up(&doorway(&fixture), awa()).await.unwrap();
    let user = async || doorway(&fixture).read().await.unwrap().find::<user::Entity>(signed_up.user.id).await.unwrap().unwrap();
    assert!(user().await.email_verified_at.is_none());
    let sent = mails(&fixture).await;
    let (to, mail) = &sent[0];
    assert_eq!((sent.len(), to.as_str()), (1, "awa@teranga.example"));
    assert!(mail.contains("/account/verify?token=") && mail.contains("24 heures"), "{mail}");
    let secret = token(mail);
    for forged in [String::new(), "x".repeat(64), secret[..60].to_owned(), format!("{secret}A"), secret.replacen(&secret[..1], "_", 1)] {
        assert_eq!(code(verify_email(&doorway(&fixture), &forged).await), Code::TokenExpired, "{forged}");
    }
    assert_eq!(code(reset_password(&doorway(&fixture), &secret, NEW.into()).await), Code::TokenExpired, "made for another purpose");
    assert_eq!(code(move_to_address(&doorway(&fixture), &secret).await), Code::TokenExpired, "made for another purpose");
    verify_email(&doorway(&fixture), &secret).await.unwrap();
    assert_eq!(user().await.email_verified_at, Some(fixture.app.now()));
    assert_eq!(code(verify_email(&doorway(&fixture), &secret).await), Code::TokenExpired, "it serves once");
    let awa = caller(&fixture, &signed_up.session).await.unwrap();
    assert_eq!(code(send_verification(&doorway(&fixture), &awa).await), Code::ForbiddenState, "nothing is left to confirm");
}

#[tokio::test]
async fn links_end_after_their_time_and_few_are_sent_an_hour() {
    let fixture = Fixture::new().await;
    // The first went out at the sign-up.
    for _ in 0..2 {
        send_verification(&doorway(&fixture), &fixture.caller).await.unwrap();
    }
    assert_eq!(code(send_verification(&doorway(&fixture), &fixture.caller).await), Code::LimitReached);
    let sent = mails(&fixture).await;
    assert_eq!(sent.len(), 2);
    let first = token(&sent[0].1);
    fixture.app.clock().advance(TimeDelta::hours(24));
    assert_eq!(code(verify_email(&doorway(&fixture), &first).await), Code::TokenExpired, "a day is over");
    send_verification(&doorway(&fixture), &fixture.caller).await.unwrap();
    let waiting = fixture.app.clock().now();
    fixture.app.clock().advance(TimeDelta::hours(25));
    assert!(mails(&fixture).await.is_empty(), "a letter of {waiting:?} is too late to be of use");
}

#[tokio::test]
async fn whoever_forgot_a_password_chooses_another_by_mail() {
    let fixture = Fixture::new().await;
    let (mine, session) = (fixture.email().await, sign_in(&fixture).await);
    assert!(ask(&fixture, "nobody@teranga.example").await.is_empty() && ask(&fixture, "\0").await.is_empty());
    let sent = ask(&fixture, &format!(" {} ", mine.to_uppercase())).await;
    assert_eq!((sent.len(), &sent[0].0), (1, &mine));
    let secret = token(&sent[0].1);
    assert_eq!(code(reset_password(&doorway(&fixture), &secret, "court".into()).await), Code::WeakPassword);
    assert!(caller(&fixture, &session).await.is_some(), "what is refused ends nothing");
    reset_password(&doorway(&fixture), &secret, NEW.into()).await.unwrap();
    assert!(caller(&fixture, &session).await.is_none() && refresh(&fixture, &session.refresh_token).await.is_err());
    assert!(lets_in(&fixture, &mine, NEW).await && !lets_in(&fixture, &mine, PASSWORD).await);
    assert_eq!(code(reset_password(&doorway(&fixture), &secret, PASSWORD.into()).await), Code::TokenExpired, "it serves once");
    assert!(user(&fixture).await.email_verified_at.is_some(), "they read its mail");
}

#[tokio::test]
async fn a_forgotten_password_ends_the_wait_of_its_owner_and_a_second_link_ends_with_the_first() {
    let fixture = Fixture::new().await;
    let mine = fixture.email().await;
    for _ in 0..6 {
        assert!(!lets_in(&fixture, &mine, "baobab").await);
    }
    let (first, second) = (ask(&fixture, &mine).await, ask(&fixture, &mine).await);
    reset_password(&doorway(&fixture), &token(&first[0].1), NEW.into()).await.unwrap();
    assert!(lets_in(&fixture, &mine, NEW).await, "nobody's guesses keep out who reads the mail");
    assert_eq!(code(reset_password(&doorway(&fixture), &token(&second[0].1), PASSWORD.into()).await), Code::TokenExpired);
    assert_eq!(ask(&fixture, &mine).await.len(), 1, "the third");
    assert!(ask(&fixture, &mine).await.is_empty(), "and no more this hour");
    fixture.app.clock().advance(TimeDelta::minutes(61));
    let late = ask(&fixture, &mine).await;
    fixture.app.clock().advance(TimeDelta::minutes(30));
    assert_eq!(code(reset_password(&doorway(&fixture), &token(&late[0].1), PASSWORD.into()).await), Code::TokenExpired, "half an hour");
}

#[tokio::test]
async fn a_link_serves_one_of_two_who_follow_it_at_once() {
    let fixture = Fixture::new().await;
    let mine = fixture.email().await;
    let secret = token(&ask(&fixture, &mine).await[0].1);
    let other = second_process(&fixture).await;
    let there = crate::Doorway::new(&other, crate::locale::Locale::Fr);
    let here = doorway(&fixture);
    let (one, two) = tokio::join!(reset_password(&here, &secret, NEW.into()), reset_password(&there, &secret, "djembé et sabar".into()));
    assert_eq!([&one, &two].iter().filter(|done| done.is_ok()).count(), 1, "{one:?} {two:?}");
    assert_eq!(lets_in(&fixture, &mine, NEW).await, one.is_ok());
    assert_eq!(lets_in(&fixture, &mine, "djembé et sabar").await, two.is_ok());
}

#[tokio::test]
async fn an_account_moves_to_an_address_whose_mail_its_owner_reads() {
    let fixture = Fixture::new().await;
    let old = fixture.email().await;
    let ask = async |address: &str, present: &str| ask_for_new_address(&doorway(&fixture), &fixture.caller, address, present.into()).await;
    let (stranger, _) = fixture.stranger().await;
    let taken = doorway(&fixture).read().await.unwrap().find::<user::Entity>(stranger.user().unwrap()).await.unwrap().unwrap().email;
    for (address, present, refused) in [
        ("awa", PASSWORD, Code::Invalid),
        ("awa@teranga.example", "baobab", Code::InvalidCredentials),
        (old.as_str(), PASSWORD, Code::Invalid),
        (taken.as_str(), PASSWORD, Code::AlreadyExists),
    ] {
        assert_eq!(code(ask(address, present).await), refused, "{address}");
    }
    ask("abdou@teranga.example", PASSWORD).await.unwrap();
    ask(" Awa@Teranga.Example", PASSWORD).await.unwrap();
    let (told, sent): (Vec<_>, Vec<_>) = mails(&fixture).await.into_iter().partition(|(to, _)| *to == old);
    assert_eq!(sent.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["abdou@teranga.example", "awa@teranga.example"]);
    assert_eq!(told.len(), 2, "the old address hears of each");
    assert_eq!(user(&fixture).await.email, old, "nothing changes until the link is followed");
    assert_eq!(code(move_to_address(&doorway(&fixture), &token(&sent[0].1)).await), Code::TokenExpired, "another was asked for since");
    move_to_address(&doorway(&fixture), &token(&sent[1].1)).await.unwrap();
    let now = user(&fixture).await;
    assert_eq!((now.email.as_str(), now.email_verified_at.is_some()), ("awa@teranga.example", true));
    assert!(lets_in(&fixture, "awa@teranga.example", PASSWORD).await && !lets_in(&fixture, &old, PASSWORD).await);
    let told = mails(&fixture).await;
    assert_eq!((told.len(), &told[0].0), (1, &old));
    assert!(told[0].1.contains("awa@teranga.example") && !told[0].1.contains("token="), "{}", told[0].1);
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_is_refused() {
    let fixture = Fixture::new().await;
    ask_for_new_address(&doorway(&fixture), &fixture.caller, "awa@teranga.example", PASSWORD.into()).await.unwrap();
    let secret = token(&mails(&fixture).await[0].1);
    sign_up(&doorway(&fixture), awa()).await.unwrap();
    assert_eq!(code(move_to_address(&doorway(&fixture), &secret).await), Code::AlreadyExists);
}

/// An account of one of the systems before, whose password is kept as they did.
#[tokio::test]
async fn an_old_hash_lets_in_and_is_made_anew() {
    let fixture = Fixture::new().await;
    let mine = fixture.email().await;
    let old = bcrypt::hash("thiéboudienne 1", 4).unwrap();
    let tx = doorway(&fixture).begin().await.unwrap();
    crate::identity::new_password::write(&tx, &doorway(&fixture), &user(&fixture).await, old.clone()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!lets_in(&fixture, &mine, PASSWORD).await);
    assert_eq!(user(&fixture).await.password_hash.as_ref(), Some(&old), "a wrong password renews nothing");
    assert!(lets_in(&fixture, &mine, "thiéboudienne 1").await);
    let renewed = user(&fixture).await.password_hash.unwrap();
    assert!(renewed.starts_with("$argon2id$"), "{renewed}");
    assert!(lets_in(&fixture, &mine, "thiéboudienne 1").await);
    assert_eq!(user(&fixture).await.password_hash, Some(renewed), "once");
}
