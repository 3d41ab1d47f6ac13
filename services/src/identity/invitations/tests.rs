use super::*;
use crate::identity::{Caller, ShippedRole, SignUp, authenticate, members, roles, sessions, sign_up};
use crate::locale::Locale;
use crate::scope::retrying;
use crate::testing::{self, Fixture, PASSWORD, refusals};
use crate::{Code, Doorway, Error};
use entities::identity::membership::{self, MembershipStatus};
use entities::identity::user;
use entities::notifications::notification;
use sea_orm::ColumnTrait;

fn doorway(fixture: &Fixture) -> Doorway {
    Doorway::new(&fixture.app, Locale::Fr)
}

#[track_caller]
fn refused<T>(done: Result<T>) -> Vec<(Code, String)> {
    refusals(&done.map(drop).unwrap_err())
}

fn one(code: Code, path: &str) -> Vec<(Code, String)> {
    vec![(code, path.to_owned())]
}

async fn of(fixture: &Fixture, email: &str, role: ShippedRole) -> NewInvitation {
    let roles = vec![testing::shipped_role(fixture, role).await];
    NewInvitation { email: email.into(), roles, ..NewInvitation::default() }
}

/// An invitation and its token.
async fn invite(fixture: &Fixture, by: &Caller, email: &str, role: ShippedRole) -> (InvitationId, String) {
    let scope = by.scope(&fixture.app, Locale::Fr).unwrap();
    testing::invited(&scope, of(fixture, email, role).await).await
}

fn account(email: &str, token: &str) -> SignUp {
    let (display_name, invitation_token) = ("Fatou Ndiaye".into(), Some(token.into()));
    SignUp { email: email.into(), password: PASSWORD.into(), display_name, invitation_token, ..SignUp::default() }
}

/// A person with an account alone, signed in, and their address.
async fn person(fixture: &Fixture) -> (Caller, String) {
    let done = testing::person(&fixture.app).await;
    (authenticate(&fixture.app, &done.session.access_token).await.unwrap().unwrap(), done.user.email)
}

async fn state(fixture: &Fixture, id: InvitationId) -> InvitationState {
    InvitationState::of(&find(&fixture.again(), id).await.unwrap().unwrap(), fixture.app.now())
}

async fn membership_of(fixture: &Fixture, email: &str) -> Option<membership::Model> {
    let user = doorway(fixture).read().await.unwrap().one::<user::Entity>(user::Column::Email.eq(email)).await.unwrap()?;
    let mine = membership::Column::UserId.eq(user.id);
    fixture.again().select::<membership::Entity>().filter(mine).one().await.unwrap()
}

#[tokio::test]
async fn who_has_an_account_joins_by_the_token_once() {
    let fixture = Fixture::new().await;
    let (me, email) = person(&fixture).await;
    let (id, token) = invite(&fixture, &fixture.caller, &format!("  {}", email.to_uppercase()), ShippedRole::Accountant).await;
    let row = find(&fixture.again(), id).await.unwrap().unwrap();
    assert_eq!((row.email.as_str(), row.token_hash.len(), state(&fixture, id).await), (email.as_str(), 32, InvitationState::Pending));
    assert_ne!(row.token_hash, token.as_bytes(), "what is kept does not serve");
    assert_eq!(refused(accept(&doorway(&fixture), &me, "made-up").await), one(Code::NotFound, "token"));
    let joined = accept(&doorway(&fixture), &me, &token).await.unwrap();
    assert_eq!((joined.id, state(&fixture, id).await), (fixture.scope.tenant(), InvitationState::Accepted));
    let member = membership_of(&fixture, &email).await.unwrap();
    let held = roles::of_members(&fixture.again(), &[member.id]).await.unwrap().remove(&member.id).unwrap();
    assert_eq!(held.iter().map(roles::Role::shipped).collect::<Vec<_>>(), [Some(ShippedRole::Accountant)]);
    let there = sessions::switch(&doorway(&fixture), &me, joined.id).await.unwrap();
    let now = authenticate(&fixture.app, &there.access_token).await.unwrap().unwrap();
    assert!(now.grants.allow(Permission::InventoryStockRead) && !now.grants.allow(Permission::InventoryProductWrite));
    assert_eq!(refused(accept(&doorway(&fixture), &now, &token).await), one(Code::NotFound, "token"), "it has served");
    let told = fixture.again().select::<notification::Entity>().one().await.unwrap().unwrap();
    assert_eq!((told.key.as_str(), told.user_id), ("invitation-accepted", fixture.caller.user));
    assert_eq!(refused(create(&fixture.again(), of(&fixture, &email, ShippedRole::Client).await).await), one(Code::AlreadyExists, "email"));
}

#[tokio::test]
async fn a_token_is_for_the_invited_address_alone() {
    let fixture = Fixture::new().await;
    let (thief, _) = person(&fixture).await;
    let (id, token) = invite(&fixture, &fixture.caller, "invitee@teranga.example", ShippedRole::Administrator).await;
    assert_eq!(refused(accept(&doorway(&fixture), &thief, &token).await), one(Code::ForbiddenState, "token"));
    let elsewhere = sign_up(&doorway(&fixture), account("other@teranga.example", &token)).await;
    assert_eq!(refused(elsewhere), one(Code::ForbiddenState, "invitationToken"));
    let none = doorway(&fixture).read().await.unwrap().one::<user::Entity>(user::Column::Email.eq("other@teranga.example")).await;
    assert!(none.unwrap().is_none(), "no account is left behind");
    assert_eq!(state(&fixture, id).await, InvitationState::Pending);
}

#[tokio::test]
async fn who_is_new_signs_up_into_the_organisation_that_invited_them() {
    let fixture = Fixture::new().await;
    let (id, token) = invite(&fixture, &fixture.caller, "fatou@teranga.example", ShippedRole::Employee).await;
    let both = SignUp { organization_name: Some("Chez Fatou".into()), ..account("fatou@teranga.example", &token) };
    assert_eq!(refused(sign_up(&doorway(&fixture), both).await), one(Code::Invalid, "invitationToken"));
    let unknown = sign_up(&doorway(&fixture), account("fatou@teranga.example", "made-up")).await;
    assert_eq!(refused(unknown), one(Code::NotFound, "invitationToken"));
    let done = sign_up(&doorway(&fixture), account("Fatou@teranga.example", &token)).await.unwrap();
    assert_eq!((done.organization.map(|row| row.id), done.session.tenant), (Some(fixture.scope.tenant()), Some(fixture.scope.tenant())));
    let now = authenticate(&fixture.app, &done.session.access_token).await.unwrap().expect("a member");
    assert!(now.grants.allow(Permission::InventoryStockMovementRecord) && !now.operator);
    assert!(done.user.email_verified_at.is_some(), "the letter came to the address");
    assert_eq!(state(&fixture, id).await, InvitationState::Accepted);
    assert_eq!(
        refused(sign_up(&doorway(&fixture), account("fatou2@teranga.example", &token)).await),
        one(Code::NotFound, "invitationToken")
    );
}

#[tokio::test]
async fn nobody_invites_beyond_their_rights_and_an_inviters_end_ends_their_invitations() {
    let fixture = Fixture::new().await;
    let administrator = testing::member(&fixture, &[ShippedRole::Administrator]).await;
    let by = |caller: &Caller| caller.scope(&fixture.app, Locale::Fr).unwrap();
    let owner = of(&fixture, "invitee@teranga.example", ShippedRole::Owner).await;
    assert_eq!(refused(create(&by(&administrator), owner).await), one(Code::ForbiddenState, "roleIds"));
    let employee = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let client = of(&fixture, "invitee@teranga.example", ShippedRole::Client).await;
    assert!(matches!(create(&by(&employee), client).await, Err(Error::Forbidden("identity.member.invite"))));
    assert!(matches!(page(&by(&employee), &PageArgs::default()).await, Err(Error::Forbidden("identity.member.invite"))));
    let (me, email) = person(&fixture).await;
    let (id, token) = invite(&fixture, &administrator, &email, ShippedRole::Administrator).await;
    let less = [testing::shipped_role(&fixture, ShippedRole::Manager).await];
    let inviter = administrator.member.unwrap().1;
    members::set_roles(&fixture.again(), inviter, &less, None).await.unwrap();
    assert_eq!(refused(accept(&doorway(&fixture), &me, &token).await), one(Code::NotFound, "token"), "they may not give it any more");
    let manager = by(&authenticate(&fixture.app, &testing::token_of(&fixture.app, &administrator)).await.unwrap().unwrap());
    assert_eq!(refused(resend(&manager, id).await), one(Code::ForbiddenState, "id"));
    assert_eq!(refused(revoke(&manager, id).await), one(Code::ForbiddenState, "id"));
    let token = testing::resent(&fixture.proved(), id).await;
    assert!(accept(&doorway(&fixture), &me, &token).await.is_ok(), "an owner answers for it now");
    let (me, email) = person(&fixture).await;
    let leaving = testing::member(&fixture, &[ShippedRole::Manager]).await;
    let (_, token) = invite(&fixture, &leaving, &email, ShippedRole::Client).await;
    members::remove(&fixture.again(), leaving.member.unwrap().1, None).await.unwrap();
    assert_eq!(refused(accept(&doorway(&fixture), &me, &token).await), one(Code::NotFound, "token"), "whatever it gives");
}

#[tokio::test]
async fn an_invitation_ends_by_time_by_being_taken_back_and_by_being_sent_again() {
    let fixture = Fixture::new().await;
    let (me, email) = person(&fixture).await;
    let (id, first) = invite(&fixture, &fixture.caller, &email, ShippedRole::Client).await;
    assert_eq!(refused(create(&fixture.again(), of(&fixture, &email, ShippedRole::Client).await).await), one(Code::AlreadyExists, "email"));
    let second = testing::resent(&fixture.proved(), id).await;
    assert_eq!(refused(accept(&doorway(&fixture), &me, &first).await), one(Code::NotFound, "token"), "the link before");
    fixture.app.clock().advance(LIFE);
    assert_eq!(state(&fixture, id).await, InvitationState::Expired);
    assert_eq!(refused(accept(&doorway(&fixture), &me, &second).await), one(Code::NotFound, "token"), "a week later");
    assert_eq!(refused(revoke(&fixture.again(), id).await), one(Code::ForbiddenState, "id"));
    let third = testing::resent(&fixture.proved(), id).await;
    revoke(&fixture.again(), id).await.unwrap();
    assert_eq!(state(&fixture, id).await, InvitationState::Revoked);
    assert_eq!(refused(accept(&doorway(&fixture), &me, &third).await), one(Code::NotFound, "token"), "taken back");
    assert_eq!(refused(resend(&fixture.proved(), id).await), one(Code::ForbiddenState, "id"));
    assert_eq!(refused(resend(&fixture.proved(), InvitationId::NIL).await), one(Code::NotFound, "id"));
}

#[tokio::test]
async fn strangers_are_not_flooded_in_an_organisations_name() {
    let fixture = Fixture::new().await;
    let (id, _) = invite(&fixture, &fixture.caller, "one@teranga.example", ShippedRole::Client).await;
    for _ in 0..4 {
        resend(&fixture.proved(), id).await.unwrap();
    }
    assert_eq!(refused(resend(&fixture.proved(), id).await), one(Code::LimitReached, "id"), "five times in all");
    revoke(&fixture.again(), id).await.unwrap();
    let again = of(&fixture, "one@teranga.example", ShippedRole::Client).await;
    assert_eq!(refused(create(&fixture.proved(), again.clone()).await), one(Code::LimitReached, "email"), "nor by another one");
    fixture.app.clock().advance(TimeDelta::days(1));
    assert!(create(&fixture.proved(), again).await.is_ok());
    let client = of(&fixture, "", ShippedRole::Client).await;
    for n in 0..99 {
        let next = NewInvitation { email: format!("flood{n}@teranga.example"), ..client.clone() };
        create(&fixture.proved(), next).await.unwrap();
    }
    let next = NewInvitation { email: "last@teranga.example".into(), ..client.clone() };
    assert_eq!(refused(create(&fixture.proved(), next.clone()).await), one(Code::LimitReached, ""), "a hundred wait");
    let all = fixture.again().select::<invitation::Entity>().all().await.unwrap();
    for row in all.iter().filter(|row| row.revoked_at.is_none()) {
        revoke(&fixture.again(), row.id).await.unwrap();
    }
    for n in 0..100 {
        let next = NewInvitation { email: format!("more{n}@teranga.example"), ..client.clone() };
        let id = create(&fixture.proved(), next).await.unwrap().id;
        revoke(&fixture.again(), id).await.unwrap();
    }
    assert_eq!(refused(create(&fixture.proved(), next).await), one(Code::LimitReached, ""), "two hundred letters of one day");
}

#[tokio::test]
async fn the_letter_alone_has_the_link() {
    let fixture = Fixture::new().await;
    let roles = vec![testing::shipped_role(&fixture, ShippedRole::Client).await];
    let (display_name, message) = (Some("Fatou".into()), Some("À bientôt.".into()));
    let new = NewInvitation { email: "fatou@teranga.example".into(), roles, display_name, message };
    let (id, token) = testing::invited(&fixture.again(), new).await;
    let row = find(&fixture.again(), id).await.unwrap().unwrap();
    let letter = testing::letters(&fixture.again()).await.pop().unwrap();
    assert_eq!((letter.address.as_str(), letter.name.as_deref(), letter.until), (row.email.as_str(), Some("Fatou"), row.expires_at));
    assert!(!serde_json::to_string(&letter).unwrap().contains(&token), "the job cannot show it");
    assert_eq!(letter.link.unwrap().token(&fixture.app), token, "and the letter will");
    let (system, job) = (crate::SystemScope::new(&fixture.app), crate::work::Running::detached(fixture.scope.tenant()));
    crate::notifications::carry_letter(&system, &job, letter.clone()).await.unwrap();
    let mail = std::fs::read(fixture.data_dir().join(format!("outbox/mail/{}.eml", letter.id))).unwrap();
    let mail = String::from_utf8_lossy(&mail).replace("=\r\n", "").replace("=3D", "=");
    assert!(mail.contains(&format!("/invitation?token={token}")) && mail.contains("Boutique Awa") && mail.contains("bient"), "{mail}");
}

#[tokio::test]
async fn what_is_wrong_with_an_invitation_is_told_at_once() {
    let fixture = Fixture::new().await;
    let wrong = NewInvitation { email: "nobody".into(), roles: vec![], display_name: Some(" ".into()), message: Some("x".repeat(1_001)) };
    let told = refused(create(&fixture.again(), wrong).await);
    let all = [(Code::Invalid, "email"), (Code::Required, "displayName"), (Code::TooLong, "message"), (Code::Required, "roleIds")];
    assert_eq!(told, all.map(|(code, path)| (code, path.to_owned())));
}

#[tokio::test]
async fn who_left_comes_back_and_who_is_suspended_does_not() {
    let fixture = Fixture::new().await;
    let (me, email) = person(&fixture).await;
    let (_, token) = invite(&fixture, &fixture.caller, &email, ShippedRole::Manager).await;
    accept(&doorway(&fixture), &me, &token).await.unwrap();
    let member = membership_of(&fixture, &email).await.unwrap();
    members::remove(&fixture.again(), member.id, None).await.unwrap();
    let (_, token) = invite(&fixture, &fixture.caller, &email, ShippedRole::Client).await;
    accept(&doorway(&fixture), &me, &token).await.unwrap();
    let back = membership_of(&fixture, &email).await.unwrap();
    assert_eq!((back.id, back.status, back.version), (member.id, MembershipStatus::Active, 3), "the same person, with what they did");
    let held = roles::of_members(&fixture.again(), &[back.id]).await.unwrap().remove(&back.id).unwrap();
    assert_eq!(held.iter().map(roles::Role::shipped).collect::<Vec<_>>(), [Some(ShippedRole::Client)], "and nothing of what they had");
    members::suspend(&fixture.again(), back.id, None).await.unwrap();
    let again = of(&fixture, &email, ShippedRole::Client).await;
    assert_eq!(refused(create(&fixture.again(), again).await), one(Code::AlreadyExists, "email"));
}

#[tokio::test]
async fn a_role_that_an_invitation_gives_stays_as_long_as_it_waits() {
    let fixture = Fixture::new().await;
    let role = roles::NewRole { name: "Vigile".into(), grants: Some(vec![]), ..roles::NewRole::default() };
    let role = roles::create(&fixture.again(), role).await.unwrap().row.id;
    let new = NewInvitation { email: "vigile@teranga.example".into(), roles: vec![role], ..NewInvitation::default() };
    let id = create(&fixture.again(), new).await.unwrap().id;
    assert_eq!(refused(roles::delete(&fixture.again(), role).await), one(Code::ForbiddenState, "id"));
    fixture.app.clock().advance(LIFE);
    roles::delete(&fixture.proved(), role).await.unwrap();
    assert_eq!(refused(resend(&fixture.proved(), id).await), one(Code::ForbiddenState, "id"), "it has nothing to give any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_shown_many_times_at_once_makes_one_member() {
    let fixture = Fixture::new().await;
    let (me, email) = person(&fixture).await;
    let (_, token) = invite(&fixture, &fixture.caller, &email, ShippedRole::Employee).await;
    let doorway = doorway(&fixture);
    let all = (0..5).map(|_| retrying(|| accept(&doorway, &me, &token)));
    let all = futures_util::future::join_all(all).await;
    assert_eq!(all.iter().filter(|done| done.is_ok()).count(), 1, "{all:?}");
}
