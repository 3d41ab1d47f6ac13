use super::*;
use crate::identity::invitations::{self, NewInvitation};
use crate::identity::{Caller, Grants, ShippedRole, authenticate, change_password, members, prove, roles, sessions};
use crate::locale::Locale;
use crate::testing::{self, Fixture, PASSWORD, refusals};
use crate::{Doorway, audit};
use Permission::{IdentityMemberInvite, IdentityRoleWrite, InventoryProductRead, InventoryProductWrite};
use chrono::TimeDelta;
use entities::audit::event::{ActorKind, AuditOutcome};

fn new(scopes: &[Permission]) -> NewToken {
    NewToken { name: "Caisse".into(), scopes: scopes.to_vec(), ..NewToken::default() }
}

async fn made(fixture: &Fixture, scopes: &[Permission]) -> Made {
    create(&fixture.proved(), new(scopes)).await.unwrap()
}

fn scope(fixture: &Fixture, caller: &Caller) -> Scope {
    caller.scope(&fixture.app, Locale::Fr).unwrap()
}

async fn with(fixture: &Fixture, secret: &str) -> Option<Caller> {
    authenticate(&fixture.app, secret).await.unwrap()
}

#[track_caller]
fn refused<T>(done: Result<T>) -> Vec<(Code, String)> {
    refusals(&done.map(drop).unwrap_err())
}

fn one(code: Code, path: &str) -> Vec<(Code, String)> {
    vec![(code, path.to_owned())]
}

#[tokio::test]
async fn a_token_acts_as_its_member_where_its_scopes_and_their_rights_meet() {
    let fixture = Fixture::new().await;
    let token = made(&fixture, &[InventoryProductRead, InventoryProductRead]).await;
    let caller = with(&fixture, &token.secret).await.expect("good");
    assert_eq!((caller.user, caller.member, caller.operator), (fixture.caller.user, fixture.caller.member, false));
    assert_eq!(caller.grants.iter().map(|(permission, _)| permission).collect::<Vec<_>>(), [InventoryProductRead]);
    assert!(scope(&fixture, &caller).require(InventoryProductRead).is_ok());
    assert!(matches!(scope(&fixture, &caller).require(InventoryProductWrite), Err(Error::OutOfScope("inventory.product.write"))));
    assert!(matches!(caller.session(), Err(Error::Forbidden("session"))));
    assert_eq!((scopes_of(&token.row), token.row.prefix.as_str()), (vec![InventoryProductRead], &token.secret[..15]));
    assert_eq!(token.row.expires_at, fixture.app.now().plus(TimeDelta::days(90)));
    assert!(!format!("{:?}", token.row).contains(&token.secret[15..48]), "the secret is not kept");
    let (_, stranger) = fixture.stranger().await;
    let theirs = scope(&fixture, &stranger);
    assert!(find(&theirs, token.row.id).await.unwrap().is_none());
    assert_eq!(refused(revoke(&theirs, token.row.id).await), one(Code::NotFound, "id"));
    let colleague = testing::member(&fixture, &[ShippedRole::Administrator]).await;
    assert_eq!(refused(revoke(&scope(&fixture, &colleague), token.row.id).await), one(Code::ForbiddenState, "id"), "an owner's");
    assert_eq!(page(&scope(&fixture, &colleague), &PageArgs::default()).await.unwrap().items().count(), 0);
    assert_eq!(page(&fixture.again(), &PageArgs::default()).await.unwrap().items().count(), 1);
}

#[tokio::test]
async fn who_loses_a_right_narrows_their_tokens_at_once() {
    let fixture = Fixture::new().await;
    let manager = testing::member(&fixture, &[ShippedRole::Manager]).await;
    let token = create(&scope(&fixture, &manager), new(&[InventoryProductRead, InventoryProductWrite])).await.unwrap();
    let rights = async || with(&fixture, &token.secret).await.map(|caller| caller.grants.iter().count());
    assert_eq!(rights().await, Some(2));
    let employee = testing::shipped_role(&fixture, ShippedRole::Employee).await;
    let member = manager.member.unwrap().1;
    members::set_roles(&fixture.proved(), member, &[employee], None).await.unwrap();
    assert_eq!(rights().await, Some(1));
    let now = with(&fixture, &token.secret).await.unwrap();
    let lacked = scope(&fixture, &now).require(InventoryProductWrite);
    assert!(matches!(lacked, Err(Error::Forbidden("inventory.product.write"))), "named, and its owner lacks it: {lacked:?}");
    members::suspend(&fixture.again(), member, None).await.unwrap();
    assert_eq!(rights().await, None);
    members::reactivate(&fixture.again(), member, None).await.unwrap();
    assert_eq!(rights().await, None, "what was ended stays ended");
}

#[tokio::test]
async fn a_token_is_refused_everywhere_within_a_second_of_its_end() {
    let fixture = Fixture::new().await;
    let elsewhere = testing::second_process(&fixture).await;
    let (token, other) = (made(&fixture, &[InventoryProductRead]).await, made(&fixture, &[InventoryProductRead]).await);
    assert!(authenticate(&elsewhere, &token.secret).await.unwrap().is_some());
    let before = testing::statements_for_sessions(&elsewhere);
    for _ in 0..20 {
        assert!(authenticate(&elsewhere, &token.secret).await.unwrap().is_some());
    }
    assert!(testing::statements_for_sessions(&elsewhere) - before <= 1, "no statement a request");
    let ended = revoke(&fixture.again(), token.row.id).await.unwrap();
    assert!(ended.revoked_at.is_some());
    assert!(with(&fixture, &token.secret).await.is_none());
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(authenticate(&elsewhere, &token.secret).await.unwrap().is_none());
    assert!(authenticate(&elsewhere, &other.secret).await.unwrap().is_some());
    assert_eq!(refused(revoke(&fixture.again(), token.row.id).await), one(Code::ForbiddenState, "id"), "twice");
    fixture.app.clock().advance(TimeDelta::days(90));
    fixture.app.standings().forget();
    assert!(with(&fixture, &other.secret).await.is_none(), "it is over");
}

#[tokio::test]
async fn what_was_never_made_or_is_cut_off_is_nobody() {
    let fixture = Fixture::new().await;
    let token = made(&fixture, &[InventoryProductRead]).await;
    let before = testing::statements_for_sessions(&fixture.app);
    for at in [0, 9, 20, 43, token.secret.len() - 1] {
        assert!(with(&fixture, &token.secret[..at]).await.is_none());
    }
    assert_eq!(testing::statements_for_sessions(&fixture.app), before, "a wrong checksum asks nothing of the database");
    let forged = secret::new(fixture.app.random());
    assert!(with(&fixture, &forged).await.is_none(), "of the right form, and nobody's");
}

#[tokio::test]
async fn a_token_comes_from_where_it_may() {
    let fixture = Fixture::new().await;
    let from = |addresses: &[&str]| NewToken { addresses: addresses.iter().map(|a| (*a).into()).collect(), ..new(&[InventoryProductRead]) };
    let token = create(&fixture.proved(), from(&["196.1.95.0/24", "::1"])).await.unwrap();
    let caller = with(&fixture, &token.secret).await.unwrap();
    for (address, may) in [("196.1.95.7", true), ("196.1.96.7", false), ("::1", true), ("::2", false), ("::ffff:196.1.95.7", true)] {
        assert_eq!(caller.clone().coming_from(Some(address.parse().unwrap())).is_some(), may, "{address}");
    }
    assert!(caller.clone().coming_from(None).is_none());
    let anywhere = with(&fixture, &made(&fixture, &[InventoryProductRead]).await.secret).await.unwrap();
    assert!(anywhere.coming_from(None).is_some() && fixture.caller.clone().coming_from(None).is_some());
    for bad in ["", "Dakar", "196.1.95.0/33", "196.1.95.0 10.0.0.1"] {
        assert_eq!(refused(create(&fixture.proved(), from(&[bad])).await), one(Code::Invalid, "addresses"), "{bad}");
    }
    assert_eq!(refused(create(&fixture.proved(), from(&["::1"; 21])).await), one(Code::LimitReached, "addresses"));
}

#[tokio::test]
async fn nobody_makes_a_token_for_what_they_lack_or_for_ever() {
    let fixture = Fixture::new().await;
    let employee = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let mine = || scope(&fixture, &employee);
    let too_much = new(&[InventoryProductRead, InventoryProductWrite]);
    assert_eq!(refused(create(&mine(), too_much).await), one(Code::ForbiddenState, "permissions"));
    assert_eq!(refused(create(&mine(), new(&[])).await), one(Code::Required, "permissions"));
    assert_eq!(refused(create(&mine(), NewToken { name: " ".into(), ..new(&[InventoryProductRead]) }).await), one(Code::Required, "name"));
    for days in [-1, 0, 367] {
        let until = Some(fixture.app.now().plus(TimeDelta::days(days)));
        let done = create(&mine(), NewToken { expires_at: until, ..new(&[InventoryProductRead]) }).await;
        assert_eq!(refused(done), one(Code::OutOfRange, "expiresAt"), "{days}");
    }
    for _ in 0..50 {
        create(&mine(), new(&[InventoryProductRead])).await.unwrap();
    }
    assert_eq!(refused(create(&mine(), new(&[InventoryProductRead])).await), one(Code::LimitReached, ""));
    fixture.app.clock().advance(TimeDelta::minutes(6));
    assert_eq!(refused(create(&mine(), new(&[InventoryProductRead])).await), one(Code::ProofRequired, ""));
}

#[tokio::test]
async fn a_token_is_no_session_and_gives_nobody_more_than_it_names() {
    let fixture = Fixture::new().await;
    let doorway = Doorway::new(&fixture.app, Locale::Fr);
    let token = made(&fixture, &[IdentityMemberInvite, IdentityRoleWrite]).await;
    let caller = with(&fixture, &token.secret).await.unwrap();
    let mine = || scope(&fixture, &caller);
    let no_session = |done: Result<()>| matches!(done, Err(Error::Forbidden("session")));
    assert!(no_session(create(&mine(), new(&[IdentityMemberInvite])).await.map(drop)));
    assert!(no_session(revoke(&mine(), token.row.id).await.map(drop)));
    assert!(no_session(page(&mine(), &PageArgs::default()).await.map(drop)));
    let role = roles::NewRole { name: "Porte".into(), grants: Some(vec![]), ..Default::default() };
    assert!(no_session(roles::create(&mine(), role).await.map(drop)), "what asks for a proof asks for a person");
    assert!(no_session(prove(&doorway, &caller, PASSWORD.into(), None).await));
    assert!(no_session(change_password(&doorway, &caller, PASSWORD.into(), "kora et balafon".into()).await));
    assert!(no_session(sessions::sign_out(&doorway, &caller, true, true).await));
    assert!(no_session(sessions::switch(&doorway, &caller, fixture.scope.tenant()).await.map(drop)));
    assert!(no_session(crate::notifications::read::page(&mine(), &Default::default(), &PageArgs::default()).await.map(drop)));
    let employee = testing::shipped_role(&fixture, ShippedRole::Employee).await;
    let invite = NewInvitation { email: "invitee@teranga.example".into(), roles: vec![employee], ..Default::default() };
    let beyond = invitations::create(&mine(), invite).await;
    assert!(refused(beyond).contains(&(Code::ForbiddenState, "roleIds".to_owned())), "its owner may, the token does not name it");
    let client = testing::shipped_role(&fixture, ShippedRole::Client).await;
    let invite = NewInvitation { email: "invitee@teranga.example".into(), roles: vec![client], ..Default::default() };
    invitations::create(&mine(), invite).await.unwrap();
}

#[tokio::test]
async fn what_is_done_with_a_token_is_written_down_as_such() {
    let fixture = Fixture::new().await;
    fixture.app.clock().advance(TimeDelta::seconds(1));
    let token = made(&fixture, &[IdentityMemberInvite]).await;
    let caller = with(&fixture, &token.secret).await.unwrap();
    let client = testing::shipped_role(&fixture, ShippedRole::Client).await;
    let invite = NewInvitation { email: "invitee@teranga.example".into(), roles: vec![client], ..Default::default() };
    fixture.app.clock().advance(TimeDelta::seconds(1));
    invitations::create(&scope(&fixture, &caller), invite).await.unwrap();
    fixture.app.clock().advance(TimeDelta::seconds(1));
    assert!(scope(&fixture, &caller).require(InventoryProductWrite).is_err());
    let mut log = Vec::new();
    for _ in 0..100 {
        log = audit::page(&fixture.again(), &Default::default(), &PageArgs::default()).await.unwrap().items().cloned().collect::<Vec<_>>();
        if log[0].outcome == AuditOutcome::Denied {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let seen: Vec<_> = log[..3].iter().map(|event| (event.action.as_str(), event.actor_kind, event.actor_membership_id)).collect();
    let me = fixture.caller.member.map(|(_, membership)| membership);
    assert_eq!(
        seen,
        [
            ("inventory.product.write", ActorKind::ApiKey, me),
            ("identity.invitation.create", ActorKind::ApiKey, me),
            ("identity.api_token.create", ActorKind::User, me)
        ]
    );
    for event in &log[..2] {
        assert!(event.changes.contains(&format!("\"apiToken\":[null,\"{}\"]", token.row.prefix)), "which one: {}", event.changes);
    }
    assert!(!log.iter().any(|event| event.changes.contains(&token.secret[15..])));
}

#[tokio::test]
async fn a_use_is_written_down_once_a_minute() {
    let fixture = Fixture::new().await;
    let token = made(&fixture, &[InventoryProductRead]).await;
    let used = async || {
        with(&fixture, &token.secret).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        find(&fixture.again(), token.row.id).await.unwrap().unwrap().last_used_at
    };
    let first = fixture.app.now();
    assert_eq!(used().await, Some(first));
    fixture.app.clock().advance(TimeDelta::seconds(59));
    assert_eq!(used().await, Some(first));
    fixture.app.clock().advance(TimeDelta::seconds(1));
    fixture.app.standings().forget();
    assert_eq!(used().await, Some(fixture.app.now()));
}

#[tokio::test]
async fn signing_out_everywhere_ends_tokens_when_it_is_asked_to_and_a_password_ends_none() {
    let fixture = Fixture::new().await;
    let doorway = Doorway::new(&fixture.app, Locale::Fr);
    let token = made(&fixture, &[InventoryProductRead]).await;
    let colleague = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let theirs = create(&scope(&fixture, &colleague), new(&[InventoryProductRead])).await.unwrap();
    change_password(&doorway, &fixture.caller, PASSWORD.into(), "kora et balafon".into()).await.unwrap();
    assert!(with(&fixture, &token.secret).await.is_some());
    sessions::sign_out(&doorway, &fixture.caller, true, true).await.unwrap();
    assert!(with(&fixture, &token.secret).await.is_none());
    assert!(with(&fixture, &theirs.secret).await.is_some(), "another's goes on");
}

#[tokio::test]
async fn a_scope_gives_no_right_that_its_owner_never_had() {
    let fixture = Fixture::new().await;
    let token = made(&fixture, &[InventoryProductRead]).await;
    // As if a later version had forgotten to ask.
    testing::change_database(&fixture.app, "DELETE FROM membership_roles").await;
    fixture.app.standings().forget();
    assert_eq!(*with(&fixture, &token.secret).await.unwrap().grants, Grants::default());
}

#[tokio::test]
async fn a_person_is_told_of_a_token_made_in_their_name() {
    use entities::notifications::notification;
    let fixture = Fixture::new().await;
    let token = made(&fixture, &[InventoryProductRead]).await;
    let told = fixture.again().select::<notification::Entity>().all().await.unwrap();
    assert_eq!(told.iter().map(|row| row.user_id).collect::<Vec<_>>(), [fixture.caller.user]);
    let words = crate::notifications::words(&told[0], Locale::Fr, "Africa/Dakar");
    assert!(words.body.starts_with("Le 1er décembre 2026 à 09:00, le jeton « Caisse »"), "{words:?}");
    assert!(!words.body.contains(&token.secret));
}

#[tokio::test]
async fn whoever_answers_for_the_programs_sees_and_ends_the_tokens_of_members() {
    let fixture = Fixture::new().await;
    let [chief, clerk, other] = [ShippedRole::Administrator, ShippedRole::Employee, ShippedRole::Employee];
    let chief = testing::member(&fixture, &[chief]).await;
    let (clerk, other) = (testing::member(&fixture, &[clerk]).await, testing::member(&fixture, &[other]).await);
    let token = create(&scope(&fixture, &clerk), new(&[InventoryProductRead])).await.unwrap();
    let (args, of) = (PageArgs::default(), clerk.member.unwrap().1);
    assert_eq!(refused(revoke(&scope(&fixture, &other), token.row.id).await), one(Code::NotFound, "id"), "a colleague's is not there");
    assert!(find(&scope(&fixture, &other), token.row.id).await.unwrap().is_none());
    assert!(matches!(page_of_member(&scope(&fixture, &other), of, &args).await, Err(Error::Forbidden(_))));
    let seen = page_of_member(&scope(&fixture, &chief), of, &args).await.unwrap();
    assert_eq!(seen.items().map(|one| one.id).collect::<Vec<_>>(), [token.row.id]);
    revoke(&scope(&fixture, &chief), token.row.id).await.unwrap();
    assert!(with(&fixture, &token.secret).await.is_none());
}
