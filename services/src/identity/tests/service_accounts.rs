//! Service accounts: programs of an organisation's own.

use super::*;
use crate::identity::api_tokens::{self, NewToken};
use crate::identity::roles;
use crate::identity::service_accounts::{self, NewServiceAccount, ServiceAccountChange, create, find, page, remove, update};
use crate::identity::{Permission, ShippedRole, members};
use crate::page::PageArgs;
use Permission::{InventoryProductRead, InventoryProductWrite, InventoryStockRead};
use entities::identity::membership::MembershipKind;
use entities::identity::{MembershipId, RoleId, ServiceAccountId, user};

fn scope(fixture: &Fixture, caller: &Caller) -> Scope {
    caller.scope(&fixture.app, Locale::Fr).unwrap()
}

async fn role(fixture: &Fixture, shipped: ShippedRole) -> RoleId {
    testing::shipped_role(fixture, shipped).await
}

async fn made(fixture: &Fixture, shipped: ShippedRole) -> membership::Model {
    let new = NewServiceAccount { name: "Balance".into(), roles: vec![role(fixture, shipped).await] };
    create(&fixture.proved(), new).await.unwrap()
}

fn id(row: &membership::Model) -> ServiceAccountId {
    ServiceAccountId(row.id.0)
}

fn new(scopes: &[Permission]) -> NewToken {
    NewToken { name: "Caisse".into(), scopes: scopes.to_vec(), ..NewToken::default() }
}

async fn key(fixture: &Fixture, account: &membership::Model, scopes: &[Permission]) -> api_tokens::Made {
    api_tokens::create_for(&fixture.proved(), id(account), new(scopes)).await.unwrap()
}

async fn with(fixture: &Fixture, secret: &str) -> Option<Caller> {
    authenticate(&fixture.app, secret).await.unwrap()
}

#[track_caller]
fn refused<T>(done: Result<T>) -> Vec<(Code, String)> {
    testing::refusals(&done.map(drop).unwrap_err())
}

fn one(code: Code, path: &str) -> Vec<(Code, String)> {
    vec![(code, path.to_owned())]
}

#[tokio::test]
async fn a_service_account_acts_by_its_tokens_within_its_roles() {
    let fixture = Fixture::new().await;
    let account = made(&fixture, ShippedRole::Employee).await;
    let token = key(&fixture, &account, &[InventoryProductRead, InventoryProductWrite]).await;
    let program = with(&fixture, &token.secret).await.expect("good");
    assert_eq!(program.member, Some((fixture.scope.tenant(), account.id)));
    assert_ne!(program.user, fixture.caller.user);
    assert_eq!(program.grants.iter().map(|(p, _)| p).collect::<Vec<_>>(), [InventoryProductRead], "an employee edits no product");
    assert!(matches!(scope(&fixture, &program).require(InventoryStockRead), Err(Error::OutOfScope(_))));
    let manager = role(&fixture, ShippedRole::Manager).await;
    let change = ServiceAccountChange { roles: Some(vec![manager]), name: Some("Pesage".into()), ..Default::default() };
    let changed =
        update(&fixture.proved(), id(&account), ServiceAccountChange { expected_version: Some(1), ..change.clone() }).await.unwrap();
    assert_eq!(changed.version, 2);
    assert!(with(&fixture, &token.secret).await.unwrap().grants.allow(InventoryProductWrite), "at once");
    let users = members::users(&fixture.again(), &[account.user_id]).await.unwrap();
    assert_eq!(users[&account.user_id].row.display_name, "Pesage");
    let stale = update(&fixture.proved(), id(&account), ServiceAccountChange { expected_version: Some(1), ..change }).await;
    assert_eq!(refused(stale), one(Code::StaleVersion, "expectedVersion"));
}

#[tokio::test]
async fn suspended_its_tokens_wait_and_removed_they_are_over() {
    let fixture = Fixture::new().await;
    let account = made(&fixture, ShippedRole::Employee).await;
    let token = key(&fixture, &account, &[InventoryProductRead]).await;
    let suspend = |yes| ServiceAccountChange { suspended: Some(yes), ..Default::default() };
    update(&fixture.proved(), id(&account), suspend(true)).await.unwrap();
    assert!(with(&fixture, &token.secret).await.is_none());
    update(&fixture.proved(), id(&account), suspend(false)).await.unwrap();
    assert!(with(&fixture, &token.secret).await.is_some());
    assert_eq!(api_tokens::page_of(&fixture.again(), id(&account), &PageArgs::default()).await.unwrap().items().count(), 1);
    let seen = api_tokens::find(&fixture.again(), token.row.id).await.unwrap();
    assert_eq!(seen.map(|row| row.id), Some(token.row.id));
    let second = key(&fixture, &account, &[InventoryProductRead]).await;
    api_tokens::revoke(&fixture.again(), second.row.id).await.unwrap();
    assert!(with(&fixture, &second.secret).await.is_none());
    assert_eq!(remove(&fixture.again(), id(&account), None).await.unwrap().status, MembershipStatus::Left);
    assert!(with(&fixture, &token.secret).await.is_none());
    assert_eq!(page(&fixture.again(), &PageArgs::default()).await.unwrap().items().count(), 0);
    assert!(find(&fixture.again(), id(&account)).await.unwrap().is_some(), "whoever did something can be looked up");
    assert_eq!(refused(remove(&fixture.again(), id(&account), None).await), one(Code::NotFound, "id"));
    let again = api_tokens::create_for(&fixture.proved(), id(&account), new(&[InventoryProductRead])).await;
    assert_eq!(refused(again), one(Code::NotFound, "serviceAccountId"));
}

#[tokio::test]
async fn nobody_makes_a_service_account_of_what_they_lack() {
    let fixture = Fixture::new().await;
    let write = Permission::IdentityServiceAccountWrite;
    let clerk = roles::NewRole {
        name: "Greffier".into(),
        grants: Some([write, Permission::IdentityMemberRead, InventoryProductRead].map(|p| (p, crate::identity::Reach::Org)).to_vec()),
        ..Default::default()
    };
    let clerk = roles::create(&fixture.proved(), clerk).await.unwrap().row.id;
    let clerk = testing::member_with(&fixture, &[clerk]).await;
    let theirs = || scope(&fixture, &clerk);
    let strong = made(&fixture, ShippedRole::Manager).await;
    let of = async |shipped| NewServiceAccount { name: "Porte".into(), roles: vec![role(&fixture, shipped).await] };
    assert_eq!(refused(create(&theirs(), of(ShippedRole::Manager).await).await), one(Code::ForbiddenState, "roleIds"));
    let as_owner = create(&fixture.proved(), of(ShippedRole::Owner).await).await;
    assert_eq!(refused(as_owner), one(Code::ForbiddenState, "roleIds"), "owners are people");
    assert_eq!(refused(create(&theirs(), NewServiceAccount::default()).await).len(), 2, "a name, and a role");
    // A key of somebody stronger would be a way to their rights.
    let stolen = api_tokens::create_for(&theirs(), id(&strong), new(&[InventoryProductRead])).await;
    assert_eq!(refused(stolen), one(Code::ForbiddenState, "serviceAccountId"));
    assert_eq!(refused(remove(&theirs(), id(&strong), None).await), one(Code::ForbiddenState, "id"));
    assert_eq!(refused(update(&theirs(), id(&strong), ServiceAccountChange::default()).await), one(Code::ForbiddenState, "id"));
    let mine = create(&theirs(), of(ShippedRole::Client).await).await.unwrap();
    let beyond = api_tokens::create_for(&theirs(), id(&mine), new(&[InventoryProductWrite])).await;
    assert_eq!(refused(beyond), one(Code::ForbiddenState, "permissions"));
    let employee = testing::member(&fixture, &[ShippedRole::Manager]).await;
    let lacked = create(&scope(&fixture, &employee), of(ShippedRole::Client).await).await;
    assert!(matches!(lacked, Err(Error::Forbidden("identity.service_account.write"))), "{lacked:?}");
    // A person is no service account, and their id opens nothing here.
    let person = ServiceAccountId(fixture.caller.member.unwrap().1.0);
    assert_eq!(refused(remove(&fixture.again(), person, None).await), one(Code::NotFound, "id"));
    assert!(find(&fixture.again(), person).await.unwrap().is_none());
    let (stranger, _) = fixture.stranger().await;
    assert_eq!(refused(remove(&stranger, id(&strong), None).await), one(Code::NotFound, "id"));
}

#[tokio::test]
async fn a_service_account_is_no_member_no_owner_and_nobody_who_signs_in() {
    let fixture = Fixture::new().await;
    let account = made(&fixture, ShippedRole::Administrator).await;
    assert_eq!(account.kind, MembershipKind::Service);
    let count = members::page(&fixture.again(), true, &PageArgs::default()).await.unwrap().items().count();
    assert_eq!((count, members::find(&fixture.again(), account.id).await.unwrap()), (1, None));
    assert_eq!(refused(members::suspend(&fixture.again(), account.id, None).await), one(Code::NotFound, "id"));
    assert_eq!(refused(members::transfer(&fixture.proved(), account.id, None).await), one(Code::NotFound, "id"));
    let owner = role(&fixture, ShippedRole::Owner).await;
    let raised = members::set_roles(&fixture.proved(), account.id, &[owner], None).await;
    assert_eq!(refused(raised), one(Code::NotFound, "id"));
    // Though somebody wrote it into the database, it is not the owner that an organisation is left with.
    testing::change_database(
        &fixture.app,
        "UPDATE membership_roles SET role_id = (SELECT r.id FROM roles r WHERE r.key = 'owner') WHERE membership_id IN (SELECT m.id FROM memberships m WHERE m.kind = 'SERVICE')",
    )
    .await;
    let left = members::leave(&doorway(&fixture), &fixture.caller, fixture.scope.tenant()).await;
    assert_eq!(refused(left), one(Code::ForbiddenState, "organizationId"));
    let user = doorway(&fixture).read().await.unwrap().find::<user::Entity>(account.user_id).await.unwrap().unwrap();
    assert!(service_accounts::is_address_of_one(&user.email) && user.password_hash.is_none() && user.email.len() > 40);
    let entered = sessions::sign_in(&doorway(&fixture), &user.email, String::new(), None, None).await;
    assert_eq!(refused(entered), one(Code::InvalidCredentials, ""));
    let rule = crate::alerts::rules::NewRule {
        recipients: Some(vec![MembershipId(account.id.0)]),
        ..crate::alerts::rules::NewRule::of(entities::alerts::AlertKind::StockOut)
    };
    let told = crate::alerts::rules::create(&fixture.again(), rule).await;
    assert_eq!(refused(told), one(Code::NotFound, "recipientIds.0"));
}

#[tokio::test]
async fn where_the_last_person_goes_the_programs_stop() {
    let fixture = Fixture::new().await;
    let account = made(&fixture, ShippedRole::Employee).await;
    let token = key(&fixture, &account, &[InventoryProductRead]).await;
    let employee = testing::member(&fixture, &[ShippedRole::Employee]).await;
    for (who, alone) in [(&employee, false), (&fixture.caller, true)] {
        let system = Scope::system(&fixture.app, fixture.scope.tenant(), Locale::Fr);
        assert!(members::erase(system.begin().await.unwrap(), who.member.unwrap().1).await.unwrap());
        fixture.app.standings().forget();
        assert_eq!(with(&fixture, &token.secret).await.is_none(), alone);
    }
}
