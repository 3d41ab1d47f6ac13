use super::*;
use crate::identity::{Caller, ShippedRole, authenticate, roles, sessions};
use crate::locale::Locale;
use crate::notifications::words;
use crate::scope::retrying;
use crate::testing::{self, Fixture, PASSWORD, refusals};
use crate::{Code, Doorway, Error, alerts};
use entities::alerts::AlertKind;
use entities::identity::RoleId;
use entities::notifications::notification;

fn scope(fixture: &Fixture, caller: &Caller) -> Scope {
    caller.scope(&fixture.app, Locale::Fr).unwrap()
}

fn doorway(fixture: &Fixture) -> Doorway {
    Doorway::new(&fixture.app, Locale::Fr)
}

fn id(caller: &Caller) -> MembershipId {
    caller.member.unwrap().1
}

#[track_caller]
fn refused<T>(done: Result<T>) -> Vec<(Code, String)> {
    refusals(&done.map(drop).unwrap_err())
}

fn one(code: Code, path: &str) -> Vec<(Code, String)> {
    vec![(code, path.to_owned())]
}

async fn ids(fixture: &Fixture, all: &[ShippedRole]) -> Vec<RoleId> {
    let mut ids = Vec::new();
    for shipped in all {
        ids.push(testing::shipped_role(fixture, *shipped).await);
    }
    ids
}

async fn held(fixture: &Fixture, member: &Caller) -> Vec<ShippedRole> {
    let held = roles::of_members(&fixture.again(), &[id(member)]).await.unwrap().remove(&id(member)).unwrap_or_default();
    roles::in_order(held).iter().filter_map(roles::Role::shipped).collect()
}

async fn is_in(fixture: &Fixture, caller: &Caller) -> bool {
    authenticate(&fixture.app, &testing::token_of(&fixture.app, caller)).await.unwrap().is_some()
}

async fn active_owners(fixture: &Fixture) -> usize {
    let scope = Scope::system(&fixture.app, fixture.scope.tenant(), Locale::Fr);
    let all = page(&scope, false, &PageArgs::default()).await.unwrap();
    let ids: Vec<MembershipId> = all.items().filter(|row| row.status == MembershipStatus::Active).map(|row| row.id).collect();
    roles::of_members(&scope, &ids).await.unwrap().values().filter(|held| held.iter().any(roles::Role::is_owner)).count()
}

#[tokio::test]
async fn a_member_gets_other_roles_and_is_told() {
    let fixture = Fixture::new().await;
    let member = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let wanted = ids(&fixture, &[ShippedRole::Manager, ShippedRole::Accountant, ShippedRole::Manager]).await;
    let row = set_roles(&fixture.again(), id(&member), &wanted, Some(1)).await.unwrap();
    assert_eq!((row.version, held(&fixture, &member).await), (2, vec![ShippedRole::Manager, ShippedRole::Accountant]));
    assert_eq!(refused(set_roles(&fixture.again(), id(&member), &wanted, Some(1)).await), one(Code::StaleVersion, "expectedVersion"));
    assert_eq!(refused(set_roles(&fixture.again(), id(&member), &[], None).await), one(Code::Required, "roleIds"));
    assert_eq!(refused(set_roles(&fixture.again(), id(&member), &[RoleId::NIL], None).await), one(Code::NotFound, "roleIds"));
    assert_eq!(refused(set_roles(&fixture.again(), MembershipId::NIL, &wanted, None).await), one(Code::NotFound, "id"));
    let now = authenticate(&fixture.app, &testing::token_of(&fixture.app, &member)).await.unwrap().expect("still in");
    assert!(now.grants.allow(Permission::AlertsRuleWrite), "at once");
    let told = fixture.again().select::<notification::Entity>().one().await.unwrap().unwrap();
    assert_eq!((told.user_id, words(&told, Locale::En, "Africa/Dakar").title.as_str()), (member.user, "Your roles have changed"));
    let body = words(&told, Locale::Fr, "Africa/Dakar").body;
    assert!(body.contains("Boutique Awa") && body.contains("Gestionnaire, Comptable") && body.contains("Awa Diop"), "{body}");
}

#[tokio::test]
async fn nobody_decides_about_those_who_have_rights_that_they_lack() {
    let fixture = Fixture::new().await;
    let administrator = testing::member(&fixture, &[ShippedRole::Administrator]).await;
    let personnel = testing::member(&fixture, &[ShippedRole::HrManager]).await;
    let employee = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let (owner, may) = (id(&fixture.caller), |caller: &Caller| scope(&fixture, caller));
    for act in ["suspend", "remove", "demote", "raise"] {
        let path = if act == "demote" || act == "raise" { "roleIds" } else { "id" };
        let done = match act {
            "suspend" => suspend(&may(&administrator), owner, None).await,
            "remove" => remove(&may(&administrator), owner, None).await,
            "demote" => set_roles(&may(&administrator), owner, &ids(&fixture, &[ShippedRole::Employee]).await, None).await,
            _ => set_roles(&may(&administrator), id(&administrator), &ids(&fixture, &[ShippedRole::Owner]).await, None).await,
        };
        assert!(refused(done).contains(&(Code::ForbiddenState, path.to_owned())), "{act}");
    }
    assert_eq!(refused(suspend(&may(&personnel), id(&administrator), None).await), one(Code::ForbiddenState, "id"));
    let intern = ids(&fixture, &[ShippedRole::Intern]).await;
    assert!(set_roles(&may(&personnel), id(&employee), &intern, None).await.is_ok());
    let accountant = ids(&fixture, &[ShippedRole::Accountant]).await;
    assert_eq!(refused(set_roles(&may(&personnel), id(&employee), &accountant, None).await), one(Code::ForbiddenState, "roleIds"));
    let copy = roles::NewRole { name: "Double".into(), copy_of: Some(ids(&fixture, &[ShippedRole::Owner]).await[0]), grants: None };
    let copy = roles::create(&fixture.again(), copy).await.unwrap().row.id;
    let double = testing::member_with(&fixture, &[copy]).await;
    assert_eq!(refused(remove(&may(&double), owner, None).await), one(Code::ForbiddenState, "id"), "owners are the owners' alone");
    assert!(matches!(transfer(&may(&double), id(&employee), None).await, Err(Error::Forbidden(_))));
    assert_eq!(refused(remove(&may(&administrator), id(&administrator), None).await), one(Code::ForbiddenState, "id"), "oneself");
    assert!(matches!(suspend(&may(&employee), owner, None).await, Err(Error::Forbidden("identity.member.manage"))));
    assert_eq!(active_owners(&fixture).await, 1);
}

#[tokio::test]
async fn who_is_suspended_is_out_until_reactivated_and_keeps_their_roles() {
    let fixture = Fixture::new().await;
    let member = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let address = doorway(&fixture).read().await.unwrap().find::<user::Entity>(member.user).await.unwrap().unwrap().email;
    let sign_in = async || sessions::sign_in(&doorway(&fixture), &address, PASSWORD.into(), None, None).await.unwrap().session().unwrap();
    let elsewhere = sign_in().await;
    let row = suspend(&fixture.again(), id(&member), None).await.unwrap();
    assert_eq!(row.status, MembershipStatus::Suspended);
    assert!(!is_in(&fixture, &member).await && authenticate(&fixture.app, &elsewhere.access_token).await.unwrap().is_none());
    assert_eq!(refused(sessions::refresh(&doorway(&fixture), &elsewhere.refresh_token).await), one(Code::TokenExpired, "refreshToken"));
    assert_eq!(sign_in().await.tenant, None, "the account is theirs, the organisation is closed to them");
    assert_eq!(refused(suspend(&fixture.again(), id(&member), None).await), one(Code::ForbiddenState, "id"), "twice");
    reactivate(&fixture.again(), id(&member), Some(2)).await.unwrap();
    assert!(!is_in(&fixture, &member).await, "an ended session stays ended");
    assert_eq!(sign_in().await.tenant, Some(fixture.scope.tenant()));
    assert_eq!(held(&fixture, &member).await, [ShippedRole::Employee]);
    let told = fixture.again().select::<notification::Entity>().all().await.unwrap();
    assert_eq!(told.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["member-reactivated"], "the rest goes by letter");
    let other = ids(&fixture, &[ShippedRole::Sales, ShippedRole::Intern]).await;
    suspend(&fixture.again(), id(&member), None).await.unwrap();
    set_roles(&fixture.again(), id(&member), &other, None).await.unwrap();
    remove(&fixture.again(), id(&member), None).await.unwrap();
    let letters = testing::letters(&fixture.again()).await;
    let keys: Vec<&str> = letters.iter().map(|letter| letter.key.as_str()).collect();
    assert_eq!(keys, ["member-removed", "member-roles-set", "member-suspended", "member-suspended"]);
    assert!(letters.iter().all(|letter| letter.address == address && letter.link.is_none() && letter.params["by"] == "Awa Diop"));
    assert_eq!(
        (letters[1].params["roles"].as_str(), letters[1].params["organization"].as_str()),
        ("Stagiaire, Commercial", "Boutique Awa")
    );
}

#[tokio::test]
async fn who_is_removed_or_leaves_is_gone_with_their_roles_and_not_with_what_they_did() {
    let fixture = Fixture::new().await;
    let (sent, gone) = (testing::member(&fixture, &[ShippedRole::Employee]).await, testing::member(&fixture, &[ShippedRole::Sales]).await);
    let rule = alerts::rules::NewRule { recipients: Some(vec![id(&sent)]), ..alerts::rules::NewRule::of(AlertKind::StockOut) };
    let rule = alerts::rules::create(&fixture.again(), rule).await.unwrap().id;
    assert_eq!(remove(&fixture.again(), id(&sent), None).await.unwrap().status, MembershipStatus::Left);
    leave(&doorway(&fixture), &gone, fixture.scope.tenant()).await.unwrap();
    for member in [&sent, &gone] {
        assert!(!is_in(&fixture, member).await);
        assert_eq!((held(&fixture, member).await, find(&fixture.again(), id(member)).await.unwrap().is_some()), (vec![], true));
        assert_eq!(refused(reactivate(&fixture.again(), id(member), None).await), one(Code::ForbiddenState, "id"));
        let wanted = ids(&fixture, &[ShippedRole::Employee]).await;
        assert_eq!(refused(set_roles(&fixture.again(), id(member), &wanted, None).await), one(Code::ForbiddenState, "id"));
    }
    let told = alerts::rules::roles(&fixture.again(), rule).await.unwrap();
    assert_eq!(told.iter().map(roles::Role::is_owner).collect::<Vec<_>>(), [true], "somebody hears of the alerts");
    assert_eq!(refused(leave(&doorway(&fixture), &gone, fixture.scope.tenant()).await), one(Code::NotFound, "organizationId"), "twice");
    let (stranger, _) = fixture.stranger().await;
    assert_eq!(refused(leave(&doorway(&fixture), &sent, stranger.tenant()).await), one(Code::NotFound, "organizationId"));
    let count = async |left| page(&fixture.again(), left, &PageArgs::default()).await.unwrap().items().count();
    assert_eq!((count(false).await, count(true).await), (1, 3));
}

#[tokio::test]
async fn the_last_owner_stays_and_stays_owner() {
    let fixture = Fixture::new().await;
    let me = fixture.caller.clone();
    assert_eq!(refused(leave(&doorway(&fixture), &me, fixture.scope.tenant()).await), one(Code::ForbiddenState, "organizationId"));
    let employee = ids(&fixture, &[ShippedRole::Employee]).await;
    assert_eq!(refused(set_roles(&fixture.again(), id(&me), &employee, None).await), one(Code::ForbiddenState, "roleIds"));
    let second = testing::member(&fixture, &[ShippedRole::Owner]).await;
    suspend(&fixture.again(), id(&second), None).await.unwrap();
    assert_eq!(
        refused(set_roles(&fixture.again(), id(&me), &employee, None).await),
        one(Code::ForbiddenState, "roleIds"),
        "one who can act"
    );
    reactivate(&fixture.again(), id(&second), None).await.unwrap();
    leave(&doorway(&fixture), &me, fixture.scope.tenant()).await.unwrap();
    assert_eq!(active_owners(&fixture).await, 1);
}

#[tokio::test]
async fn an_organisation_is_handed_over_and_both_are_told() {
    let fixture = Fixture::new().await;
    let heir = testing::member(&fixture, &[ShippedRole::Accountant]).await;
    let administrator = testing::member(&fixture, &[ShippedRole::Administrator]).await;
    let may_not = transfer(&scope(&fixture, &administrator), id(&heir), None).await;
    assert!(matches!(may_not, Err(Error::Forbidden("identity.ownership.transfer"))));
    assert_eq!(refused(transfer(&fixture.again(), id(&fixture.caller), None).await), one(Code::ForbiddenState, "id"), "oneself");
    suspend(&fixture.again(), id(&heir), None).await.unwrap();
    assert_eq!(refused(transfer(&fixture.again(), id(&heir), None).await), one(Code::ForbiddenState, "id"), "who cannot act");
    reactivate(&fixture.again(), id(&heir), None).await.unwrap();
    transfer(&fixture.again(), id(&heir), Some(3)).await.unwrap();
    assert_eq!(held(&fixture, &heir).await, [ShippedRole::Owner, ShippedRole::Accountant]);
    assert_eq!(held(&fixture, &fixture.caller).await, [ShippedRole::Administrator]);
    assert!(matches!(transfer(&fixture.again(), id(&administrator), None).await, Err(Error::Forbidden(_))), "it is done");
    let told = fixture.again().select::<notification::Entity>().all().await.unwrap();
    let told: Vec<_> = told.iter().map(|row| (row.key.as_str(), row.user_id)).collect();
    assert!(told.contains(&("ownership-received", heir.user)) && told.contains(&("ownership-given", fixture.caller.user)), "{told:?}");
}

/// Whatever two owners do to each other at the same moment, one stays, and nobody does anything after they were put out.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_owners_who_put_each_other_out_at_once_one_stays() {
    for act in ["remove", "suspend", "demote", "transfer", "leave"] {
        let fixture = Fixture::new().await;
        let second = testing::member(&fixture, &[ShippedRole::Owner]).await;
        let other_process = testing::second_process(&fixture).await;
        let employee = ids(&fixture, &[ShippedRole::Employee]).await;
        let put_out = async |app: &crate::App, actor: &Caller, target: &Caller| {
            let (scope, doorway) = (actor.scope(app, Locale::Fr).unwrap(), Doorway::new(app, Locale::Fr));
            retrying(|| async {
                match act {
                    "remove" => remove(&scope, id(target), None).await.map(drop),
                    "suspend" => suspend(&scope, id(target), None).await.map(drop),
                    "demote" => set_roles(&scope, id(target), &employee, None).await.map(drop),
                    "transfer" => transfer(&scope, id(target), None).await.map(drop),
                    _ => leave(&doorway, actor, fixture.scope.tenant()).await,
                }
            })
            .await
        };
        let (one, two) = tokio::join!(put_out(&fixture.app, &fixture.caller, &second), put_out(&other_process, &second, &fixture.caller));
        assert_eq!(active_owners(&fixture).await, 1, "{act}");
        if act != "transfer" {
            assert!(one.is_ok() != two.is_ok(), "{act}: {one:?} {two:?}");
        }
    }
}

#[tokio::test]
async fn a_page_of_members_costs_as_many_statements_for_many_as_for_one() {
    let fixture = Fixture::new().await;
    let mut sent = Vec::new();
    for _ in 0..2 {
        let scope = fixture.again();
        let all = page(&scope, true, &PageArgs::default()).await.unwrap();
        let (ids, people): (Vec<_>, Vec<_>) = all.items().map(|row| (row.id, row.user_id)).unzip();
        assert_eq!(users(&scope, &people).await.unwrap().len(), ids.len());
        assert_eq!(roles::of_members(&scope, &ids).await.unwrap().len(), ids.len());
        sent.push(scope.statements().await);
        scope.end_read().await;
        for _ in 0..5 {
            testing::member(&fixture, &[ShippedRole::Employee, ShippedRole::Accountant]).await;
        }
    }
    assert_eq!(sent, [3, 3]);
}
