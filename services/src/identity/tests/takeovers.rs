//! Whoever got in once does not stay in: what a thief began is over when the person takes the account back.

use super::account_links::{NEW, ask, mails, token};
use super::second_factor::shown;
use super::{caller, code, doorway, refresh, sign_in};
use crate::Code;
use crate::identity::api_tokens::{self, NewToken};
use crate::identity::service_accounts::{self, NewServiceAccount};
use crate::identity::sessions::{self, SignedIn, switch};
use crate::identity::{
    Permission, ShippedRole, SignUp, ask_for_new_address, authenticate, change_password, move_to_address, policies, rescue, reset_password,
    second_factor, sign_up,
};
use crate::testing::{self, Fixture, PASSWORD};
use chrono::TimeDelta;
use entities::identity::ServiceAccountId;

#[tokio::test]
async fn a_move_to_a_thiefs_address_ends_with_the_password_it_was_asked_under() {
    for everywhere in [false, true] {
        let fixture = Fixture::new().await;
        let session = sign_in(&fixture).await;
        let me = caller(&fixture, &session).await.unwrap();
        ask_for_new_address(&doorway(&fixture), &me, "thief@teranga.example", PASSWORD.into()).await.unwrap();
        let sent = mails(&fixture).await;
        let (_, link) = sent.iter().find(|(to, _)| to == "thief@teranga.example").unwrap();
        let old = fixture.email().await;
        assert!(sent.iter().any(|(to, text)| *to == old && text.contains("thief@teranga.example")), "the old address is told at once");
        match everywhere {
            true => sessions::sign_out(&doorway(&fixture), &me, true, false).await.unwrap(),
            false => change_password(&doorway(&fixture), &me, PASSWORD.into(), NEW.into()).await.unwrap(),
        }
        assert_eq!(code(move_to_address(&doorway(&fixture), &token(link)).await), Code::TokenExpired, "{everywhere}");
        assert_eq!(fixture.email().await, old);
    }
}

#[tokio::test]
async fn with_a_second_factor_a_move_asks_for_a_recent_proof() {
    let fixture = Fixture::new().await;
    let me = caller(&fixture, &sign_in(&fixture).await).await.unwrap();
    let begun = second_factor::begin(&doorway(&fixture), &me, PASSWORD.into()).await.unwrap();
    second_factor::confirm(&doorway(&fixture), &me, &shown(&fixture, &begun, 0)).await.unwrap();
    fixture.app.clock().advance(TimeDelta::minutes(6));
    let moved = ask_for_new_address(&doorway(&fixture), &me, "thief@teranga.example", PASSWORD.into()).await;
    assert_eq!(code(moved), Code::ProofRequired);
}

#[tokio::test]
async fn whoever_opened_an_account_at_anothers_address_has_no_way_into_it_once_its_owner_comes() {
    let fixture = Fixture::new().await;
    let here = doorway(&fixture);
    let mallory =
        SignUp { email: "awa@teranga.example".into(), password: PASSWORD.into(), display_name: "Awa".into(), ..SignUp::default() };
    let session = sign_up(&here, mallory).await.unwrap().session;
    let theirs = authenticate(&fixture.app, &session.access_token).await.unwrap().unwrap();
    let begun = second_factor::begin(&here, &theirs, PASSWORD.into()).await.unwrap();
    second_factor::confirm(&here, &theirs, &shown(&fixture, &begun, 0)).await.unwrap();
    let mails = ask(&fixture, "awa@teranga.example").await;
    let (_, link) = mails.iter().find(|(_, text)| text.contains("/account/reset")).unwrap();
    reset_password(&here, &token(link), NEW.into()).await.unwrap();
    let entered = sessions::sign_in(&here, "awa@teranga.example", NEW.into(), None, None).await.unwrap();
    assert!(matches!(entered, SignedIn::Session(_)), "the factor of whoever opened it is gone");
    assert!(authenticate(&fixture.app, &session.access_token).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sign_in_under_the_old_password_does_not_outlive_a_new_one() {
    let fixture = Fixture::new().await;
    let address = fixture.email().await;
    for round in 0..6 {
        let (old, new) = if round % 2 == 0 { (PASSWORD, NEW) } else { (NEW, PASSWORD) };
        let here = doorway(&fixture);
        let enter = async || sessions::sign_in(&here, &address, old.to_owned(), None, None).await.ok().and_then(SignedIn::session);
        let me = caller(&fixture, &enter().await.unwrap()).await.unwrap();
        let (one, two, changed) = tokio::join!(enter(), enter(), change_password(&here, &me, old.to_owned(), new.to_owned()));
        changed.unwrap();
        for session in [one, two].into_iter().flatten() {
            assert!(authenticate(&fixture.app, &session.access_token).await.unwrap().is_none(), "round {round}");
        }
    }
}

#[tokio::test]
async fn changing_organisations_makes_no_session_live_longer() {
    let fixture = Fixture::new().await;
    let (mut session, tenant) = (sign_in(&fixture).await, fixture.scope.tenant());
    for _ in 0..6 {
        fixture.app.clock().advance(TimeDelta::days(1));
        let me = caller(&fixture, &refresh(&fixture, &session.refresh_token).await.unwrap()).await.unwrap();
        session = switch(&doorway(&fixture), &me, tenant).await.unwrap();
    }
    let me = caller(&fixture, &session).await.unwrap();
    let short = policies::PoliciesChange { session_hours: Some(1), ..Default::default() };
    policies::set(&fixture.proved(), short).await.unwrap();
    assert!(caller(&fixture, &session).await.is_none(), "six days are more than an hour");
    assert_eq!(code(refresh(&fixture, &session.refresh_token).await), Code::TokenExpired);
    assert!(matches!(switch(&doorway(&fixture), &me, tenant).await, Err(crate::Error::Unauthenticated)));
    let long = policies::PoliciesChange { session_hours: Some(168), ..Default::default() };
    policies::set(&fixture.proved(), long).await.unwrap();
    let mut session = sign_in(&fixture).await;
    let end = session.refresh_token_expires_at;
    fixture.app.clock().advance(TimeDelta::days(3));
    let me = caller(&fixture, &refresh(&fixture, &session.refresh_token).await.unwrap()).await.unwrap();
    session = switch(&doorway(&fixture), &me, tenant).await.unwrap();
    assert_eq!(session.refresh_token_expires_at, end, "seven days from the sign-in");
}

#[tokio::test]
async fn those_who_run_the_installation_let_in_who_shut_themselves_out() {
    let fixture = Fixture::new().await;
    let (here, tenant) = (doorway(&fixture), fixture.scope.tenant());
    let me = caller(&fixture, &sign_in(&fixture).await).await.unwrap();
    let begun = second_factor::begin(&here, &me, PASSWORD.into()).await.unwrap();
    second_factor::confirm(&here, &me, &shown(&fixture, &begun, 0)).await.unwrap();
    let wanted = policies::PoliciesChange { second_factor: Some(true), session_hours: Some(8), ..Default::default() };
    policies::set(&fixture.proved(), wanted).await.unwrap();
    rescue::open_account(&here, &fixture.email().await).await.unwrap();
    assert!(caller(&fixture, &sign_in(&fixture).await).await.unwrap().member.is_none(), "in, and with the account alone");
    let row = rescue::open_organization(&here, tenant).await.unwrap();
    let kept = policies::Policies::of_text(&row.policies);
    assert!(!kept.second_factor && kept.session_hours == 8, "what shuts nobody out stays");
    assert!(caller(&fixture, &sign_in(&fixture).await).await.unwrap().member.is_some());
    assert!(matches!(rescue::open_account(&here, "nobody@teranga.example").await, Err(crate::Error::NotFound)));
}

#[tokio::test]
async fn a_token_of_somebody_without_the_factor_asked_for_is_refused_and_a_service_accounts_is_not() {
    let fixture = Fixture::new().await;
    let employee = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let read = NewToken { name: "Caisse".into(), scopes: vec![Permission::InventoryProductRead], ..NewToken::default() };
    let theirs = employee.scope(&fixture.app, crate::locale::Locale::Fr).unwrap();
    let theirs = api_tokens::create(&theirs, read.clone()).await.unwrap().secret;
    let role = testing::shipped_role(&fixture, ShippedRole::Employee).await;
    let account =
        service_accounts::create(&fixture.proved(), NewServiceAccount { name: "Balance".into(), roles: vec![role] }).await.unwrap();
    let service = api_tokens::create_for(&fixture.proved(), ServiceAccountId(account.id.0), read).await.unwrap().secret;
    assert!(authenticate(&fixture.app, &theirs).await.unwrap().is_some());
    let me = caller(&fixture, &sign_in(&fixture).await).await.unwrap();
    let begun = second_factor::begin(&doorway(&fixture), &me, PASSWORD.into()).await.unwrap();
    second_factor::confirm(&doorway(&fixture), &me, &shown(&fixture, &begun, 0)).await.unwrap();
    let wanted = policies::PoliciesChange { second_factor: Some(true), ..Default::default() };
    policies::set(&fixture.proved(), wanted).await.unwrap();
    assert!(authenticate(&fixture.app, &theirs).await.unwrap().is_none());
    assert!(authenticate(&fixture.app, &service).await.unwrap().is_some());
}
