//! One's own devices and password.

use super::{caller, code, doorway, refresh, sign_in};
use crate::identity::{change_password, devices, sessions};
use crate::locale::Locale;
use crate::scope::retrying;
use crate::testing::{Fixture, PASSWORD, refusals};
use crate::{Code, Doorway, Reads};
use chrono::TimeDelta;
use entities::identity::SessionId;
use entities::notifications::notification;

#[tokio::test]
async fn a_person_sees_where_they_are_signed_in_and_ends_it_from_afar() {
    let fixture = Fixture::new().await;
    fixture.app.clock().advance(TimeDelta::minutes(1));
    let phone = sign_in(&fixture).await;
    fixture.app.clock().advance(TimeDelta::minutes(1));
    let lost = sign_in(&fixture).await;
    let me = caller(&fixture, &phone).await.unwrap();
    let seen = async || -> Vec<SessionId> {
        let all = devices::of(&doorway(&fixture), me.user).await.unwrap();
        assert!(all.iter().all(|device| device.organization.as_ref().is_some_and(|row| row.id == fixture.scope.tenant())));
        all.iter().map(|device| device.session.id).collect()
    };
    assert_eq!(seen().await, [lost.id, phone.id, fixture.caller.session().unwrap()], "the one used last first");
    fixture.app.clock().advance(TimeDelta::minutes(1));
    refresh(&fixture, &phone.refresh_token).await.unwrap();
    assert_eq!(seen().await, [phone.id, lost.id, fixture.caller.session().unwrap()]);

    devices::end(&doorway(&fixture), &me, lost.id).await.unwrap();
    assert!(caller(&fixture, &lost).await.is_none() && refresh(&fixture, &lost.refresh_token).await.is_err());
    assert_eq!(seen().await, [phone.id, fixture.caller.session().unwrap()]);
    assert_eq!(code(devices::end(&doorway(&fixture), &me, lost.id).await), Code::NotFound, "it is over");
    let (_, stranger) = fixture.stranger().await;
    assert_eq!(code(devices::end(&doorway(&fixture), &me, stranger.session().unwrap()).await), Code::NotFound, "another person's");
    assert!(devices::find(&me.scope(&fixture.app, Locale::Fr).unwrap(), stranger.session().unwrap()).await.unwrap().is_none());
    fixture.app.clock().advance(TimeDelta::days(8));
    assert!(seen().await.is_empty(), "what has expired is over");
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions_and_is_told() {
    const NEW: &str = "baobab et fromager";
    let fixture = Fixture::new().await;
    let (mine, other) = (sign_in(&fixture).await, sign_in(&fixture).await);
    let me = caller(&fixture, &mine).await.unwrap();
    let change = async |present: &str, new: &str| change_password(&doorway(&fixture), &me, present.into(), new.into()).await;
    for (present, new, expected) in [
        ("kora et balafon", NEW, (Code::InvalidCredentials, "currentPassword")),
        (PASSWORD, "court", (Code::WeakPassword, "newPassword")),
        (PASSWORD, &"é".repeat(129), (Code::TooLong, "newPassword")),
        (PASSWORD, PASSWORD, (Code::Invalid, "newPassword")),
    ] {
        let refused = change(present, new).await.unwrap_err();
        assert_eq!(refusals(&refused), [(expected.0, expected.1.to_owned())]);
    }
    assert!(caller(&fixture, &other).await.is_some(), "what is refused ends nothing");
    change(PASSWORD, NEW).await.unwrap();
    assert!(caller(&fixture, &other).await.is_none() && refresh(&fixture, &other.refresh_token).await.is_err());
    assert!(caller(&fixture, &mine).await.is_some() && refresh(&fixture, &mine.refresh_token).await.is_ok());
    let sign_in = async |secret: &str| sessions::sign_in(&doorway(&fixture), &fixture.email().await, secret.into(), None, None).await;
    assert_eq!(code(sign_in(PASSWORD).await), Code::InvalidCredentials);
    sign_in(NEW).await.unwrap();
    let told = fixture.again().select::<notification::Entity>().all().await.unwrap();
    assert_eq!(told.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["password-changed"]);
    let words = crate::notifications::words(&told[0], Locale::Fr, "Africa/Dakar");
    assert_eq!(words.title, "Votre mot de passe a été changé");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_password_changes_at_once_one_is_told_that_its_present_one_is_wrong() {
    let fixture = Fixture::new().await;
    let me = caller(&fixture, &sign_in(&fixture).await).await.unwrap();
    let doors = (doorway(&fixture), doorway(&fixture));
    let change = async |doorway: &Doorway, new: &'static str| retrying(|| change_password(doorway, &me, PASSWORD.into(), new.into())).await;
    let (one, two) = tokio::join!(change(&doors.0, "baobab et fromager"), change(&doors.1, "caïlcédrat et nérée"));
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    assert!(won.is_ok());
    assert_eq!(code(lost), Code::InvalidCredentials);
}

#[tokio::test]
async fn guessing_the_present_password_has_to_wait() {
    let fixture = Fixture::new().await;
    let me = caller(&fixture, &sign_in(&fixture).await).await.unwrap();
    let guess = async || code(change_password(&doorway(&fixture), &me, "kora et balafon".into(), "baobab et fromager".into()).await);
    for _ in 0..5 {
        assert_eq!(guess().await, Code::InvalidCredentials);
    }
    assert_eq!(guess().await, Code::LimitReached);
}

#[tokio::test]
async fn people_say_what_they_can_do_and_what_they_do_not_say_stays() {
    use crate::identity::{profile::list_of, users};
    let fixture = Fixture::new().await;
    let update = async |input| users::update(&doorway(&fixture), &fixture.caller, input).await;
    let said = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    let input = users::UpdateViewer { skills: said(&["Comptabilité"]), links: said(&["https://example.sn/awa"]), ..Default::default() };
    update(input).await.unwrap();
    let row = update(users::UpdateViewer { display_name: Some("Awa Ndiaye".into()), ..Default::default() }).await.unwrap();
    assert_eq!((list_of(&row.skills), list_of(&row.links)), (said(&["Comptabilité"]).unwrap(), said(&["https://example.sn/awa"]).unwrap()));
    let row = update(users::UpdateViewer { skills: said(&[]), ..Default::default() }).await.unwrap();
    assert_eq!((list_of(&row.skills), list_of(&row.links).len()), (Vec::new(), 1));
    assert_eq!(code(update(users::UpdateViewer { links: said(&["javascript:alert(1)"]), ..Default::default() }).await), Code::Invalid);
}
