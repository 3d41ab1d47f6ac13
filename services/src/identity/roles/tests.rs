use super::*;
use crate::identity::invitations::{self, NewInvitation};
use crate::identity::{Caller, Reach, members};
use crate::testing::{self, Fixture, refusals};
use crate::{Code, Error, alerts};
use Permission::{AlertsRuleWrite, IdentityOwnershipTransfer, IdentityRoleWrite, InventoryProductWrite, InventoryStockRead};
use entities::alerts::AlertKind;
use entities::audit::event;
use entities::identity::membership_role;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;

fn scope(fixture: &Fixture, caller: &Caller) -> Scope {
    caller.scope(&fixture.app, Locale::Fr).unwrap()
}

fn listed(permissions: &[Permission]) -> Option<Vec<(Permission, Reach)>> {
    Some(permissions.iter().map(|permission| (*permission, Reach::Org)).collect())
}

fn new(name: &str, permissions: &[Permission]) -> NewRole {
    NewRole { name: name.into(), grants: listed(permissions), ..NewRole::default() }
}

fn grants(permissions: &[Permission]) -> RoleChange {
    RoleChange { grants: listed(permissions), ..RoleChange::default() }
}

#[track_caller]
fn refused<T>(done: Result<T>) -> Vec<(Code, String)> {
    refusals(&done.map(drop).unwrap_err())
}

fn one(code: Code, path: &str) -> Vec<(Code, String)> {
    vec![(code, path.to_owned())]
}

#[tokio::test]
async fn an_organisation_has_the_shipped_roles_and_its_own_behind_them() {
    let fixture = Fixture::new().await;
    let made = create(&fixture.again(), new("Vigile", &[InventoryStockRead])).await.unwrap();
    let accountant = testing::shipped_role(&fixture, ShippedRole::Accountant).await;
    let copy = NewRole { name: "Aide-comptable".into(), copy_of: Some(accountant), ..NewRole::default() };
    let copy = create(&fixture.again(), copy).await.unwrap();
    assert_eq!(copy.grants, ShippedRole::Accountant.grants());
    let all = page(&fixture.again(), &PageArgs::default()).await.unwrap();
    let names: Vec<String> = all.items().map(|role| role.name(Locale::En)).collect();
    assert_eq!(names.len(), 19);
    assert_eq!((names[0].as_str(), names[16].as_str(), &names[17..]), ("Owner", "Client", &["Aide-comptable".into(), "Vigile".into()][..]));
    let held = find(&fixture.again(), made.row.id).await.unwrap().unwrap();
    assert_eq!((held.grants.iter().collect::<Vec<_>>(), held.row.version), (vec![(InventoryStockRead, Reach::Org)], 1));

    let change = RoleChange { name: Some("Gardien".into()), expected_version: Some(1), ..grants(&[]) };
    let changed = update(&fixture.again(), made.row.id, change.clone()).await.unwrap();
    assert_eq!((changed.name(Locale::Fr).as_str(), changed.grants, changed.row.version), ("Gardien", Grants::default(), 2));
    assert_eq!(refused(update(&fixture.again(), made.row.id, change).await), one(Code::StaleVersion, "expectedVersion"));
    delete(&fixture.again(), made.row.id).await.unwrap();
    assert_eq!(refused(delete(&fixture.again(), made.row.id).await), one(Code::NotFound, "id"));
}

#[tokio::test]
async fn what_comes_with_the_product_is_copied_and_never_changed() {
    let fixture = Fixture::new().await;
    for shipped in [ShippedRole::Owner, ShippedRole::Client] {
        let id = testing::shipped_role(&fixture, shipped).await;
        assert_eq!(refused(update(&fixture.again(), id, grants(&[])).await), one(Code::ForbiddenState, "id"));
        assert_eq!(refused(delete(&fixture.again(), id).await), one(Code::ForbiddenState, "id"));
    }
    for taken in ["Comptable", "ACCOUNTANT", "propriétaire"] {
        assert_eq!(refused(create(&fixture.again(), new(taken, &[])).await), one(Code::AlreadyExists, "name"), "{taken}");
    }
    create(&fixture.again(), new("Épicier", &[])).await.unwrap();
    assert_eq!(refused(create(&fixture.again(), new("epicier", &[])).await), one(Code::AlreadyExists, "name"));
    let both = NewRole { copy_of: Some(RoleId::NIL), ..new("Deux", &[]) };
    assert_eq!(refused(create(&fixture.again(), both).await), one(Code::Invalid, "permissions"));
    let unknown = NewRole { copy_of: Some(RoleId::NIL), grants: None, ..new("Rien", &[]) };
    assert_eq!(refused(create(&fixture.again(), unknown).await), one(Code::NotFound, "copyOf"));
}

#[tokio::test]
async fn nobody_grants_what_they_lack_nor_edits_what_has_more_than_they() {
    let fixture = Fixture::new().await;
    let clerk = create(&fixture.again(), new("Greffier", &[IdentityRoleWrite, InventoryStockRead])).await.unwrap().row.id;
    let chief = create(&fixture.again(), new("Chef", &[InventoryStockRead, InventoryProductWrite])).await.unwrap().row.id;
    let editor = testing::member_with(&fixture, &[clerk]).await;
    let administrator = testing::member(&fixture, &[ShippedRole::Administrator]).await;
    create(&scope(&fixture, &editor), new("Veilleur", &[InventoryStockRead])).await.unwrap();
    let too_much = new("Plus", &[InventoryStockRead, InventoryProductWrite]);
    assert_eq!(refused(create(&scope(&fixture, &editor), too_much).await), one(Code::ForbiddenState, "permissions"));
    assert_eq!(refused(update(&scope(&fixture, &editor), chief, grants(&[])).await), one(Code::ForbiddenState, "id"));
    assert_eq!(refused(delete(&scope(&fixture, &editor), chief).await), one(Code::ForbiddenState, "id"));
    let copy = |copy_of| NewRole { name: "Copie".into(), copy_of: Some(copy_of), ..NewRole::default() };
    assert_eq!(refused(create(&scope(&fixture, &editor), copy(chief)).await), one(Code::ForbiddenState, "copyOf"));
    let owner = testing::shipped_role(&fixture, ShippedRole::Owner).await;
    assert_eq!(refused(create(&scope(&fixture, &administrator), copy(owner)).await), one(Code::ForbiddenState, "copyOf"));
    let hand_over = new("Passeur", &[IdentityOwnershipTransfer]);
    assert_eq!(refused(create(&scope(&fixture, &administrator), hand_over).await), one(Code::ForbiddenState, "permissions"));
    assert!(create(&scope(&fixture, &administrator), copy(chief)).await.is_ok());
    let narrow = NewRole { grants: Some(vec![(InventoryStockRead, Reach::Own)]), ..new("Étroit", &[]) };
    assert_eq!(refused(create(&fixture.again(), narrow).await), one(Code::OutOfRange, "permissions"));
    let employee = testing::member(&fixture, &[ShippedRole::Manager]).await;
    assert!(matches!(create(&scope(&fixture, &employee), new("Rien", &[])).await, Err(Error::Forbidden("identity.role.write"))));
}

#[tokio::test]
async fn an_edit_leaves_its_editor_the_right_to_edit_roles() {
    let fixture = Fixture::new().await;
    let clerk = create(&fixture.again(), new("Greffier", &[IdentityRoleWrite, InventoryStockRead])).await.unwrap().row.id;
    let editor = testing::member_with(&fixture, &[clerk]).await;
    let lose = update(&scope(&fixture, &editor), clerk, grants(&[InventoryStockRead])).await;
    assert_eq!(refused(lose), one(Code::ForbiddenState, "permissions"));
    update(&scope(&fixture, &editor), clerk, grants(&[IdentityRoleWrite])).await.unwrap();
    update(&fixture.again(), clerk, grants(&[InventoryStockRead])).await.unwrap();
    // What the editor was known to have a moment ago is not asked.
    let late = create(&scope(&fixture, &editor), new("Tard", &[])).await;
    assert!(matches!(late, Err(Error::Forbidden("identity.role.write"))), "{late:?}");
}

#[tokio::test]
async fn a_role_that_is_held_stays_and_one_that_goes_leaves_its_alerts_to_the_owners() {
    let fixture = Fixture::new().await;
    let role = create(&fixture.again(), new("Magasinier", &[AlertsRuleWrite])).await.unwrap().row.id;
    let rule = alerts::rules::NewRule { roles: Some(vec![role]), ..alerts::rules::NewRule::of(AlertKind::StockOut) };
    let rule = alerts::rules::create(&fixture.again(), rule).await.unwrap().id;
    let holder = testing::member_with(&fixture, &[role]).await;
    assert_eq!(refused(delete(&fixture.again(), role).await), one(Code::ForbiddenState, "id"));
    let txn = fixture.scope.begin().await.unwrap();
    let held = txn.select::<membership_role::Entity>().all().await.unwrap();
    let held = held.into_iter().find(|held| held.membership_id == holder.member.unwrap().1).unwrap();
    let other = Set(testing::shipped_role(&fixture, ShippedRole::Employee).await);
    txn.update(membership_role::ActiveModel { id: Set(held.id), role_id: other, ..Default::default() }).await.unwrap();
    txn.commit().await.unwrap();
    delete(&fixture.again(), role).await.unwrap();
    let told = alerts::rules::roles(&fixture.again(), rule).await.unwrap();
    assert_eq!(told.iter().map(Role::shipped).collect::<Vec<_>>(), [Some(ShippedRole::Owner)]);
}

#[tokio::test]
async fn rights_change_hands_only_for_who_has_just_proved_who_they_are() {
    let fixture = Fixture::new().await;
    let role = create(&fixture.again(), new("Greffier", &[InventoryStockRead])).await.unwrap().row.id;
    let member = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let (_, membership) = member.member.unwrap();
    fixture.app.clock().advance(chrono::TimeDelta::minutes(6));
    let late = fixture.again();
    let wanted = one(Code::ProofRequired, "");
    assert_eq!(refused(create(&late, new("Veilleur", &[])).await), wanted);
    assert_eq!(refused(update(&late, role, grants(&[])).await), wanted);
    assert_eq!(refused(delete(&late, role).await), wanted);
    assert_eq!(refused(members::set_roles(&late, membership, &[role], None).await), wanted);
    assert_eq!(refused(members::transfer(&late, membership, None).await), wanted);
    let invited = NewInvitation { email: "thief@teranga.example".into(), roles: vec![role], ..NewInvitation::default() };
    assert_eq!(refused(invitations::create(&late, invited.clone()).await), wanted);
    let waiting = invitations::create(&fixture.proved(), invited).await.unwrap().id;
    assert_eq!(refused(invitations::resend(&late, waiting).await), wanted);
    members::suspend(&late, membership, None).await.unwrap();
    assert_eq!(refused(members::reactivate(&late, membership, None).await), wanted);
    members::reactivate(&fixture.proved(), membership, None).await.unwrap();
    members::set_roles(&fixture.proved(), membership, &[role], None).await.unwrap();
}

#[tokio::test]
async fn the_log_says_how_far_a_right_reaches() {
    let fixture = Fixture::new().await;
    let reaching = |reach| Some(vec![(Permission::InventoryStockMovementRead, reach)]);
    let own = NewRole { name: "Vigile".into(), grants: reaching(Reach::Own), ..NewRole::default() };
    let role = create(&fixture.again(), own).await.unwrap().row.id;
    fixture.app.clock().advance(chrono::TimeDelta::seconds(1));
    let wider = RoleChange { grants: reaching(Reach::Org), ..RoleChange::default() };
    update(&fixture.again(), role, wider).await.unwrap();
    let (scope, on_it) = (fixture.again(), event::Column::TargetId.eq(role.0));
    let log = scope.select::<event::Entity>().filter(on_it).order_by(event::Column::At, sea_orm::Order::Asc).all().await.unwrap();
    let changes: Vec<&str> = log.iter().map(|event| event.changes.as_str()).collect();
    let (made, changed) = (
        r#"{"name":[null,"Vigile"],"permissions":[null,["inventory.stock_movement.read OWN"]]}"#,
        r#"{"permissions":[["inventory.stock_movement.read OWN"],["inventory.stock_movement.read ORG"]]}"#,
    );
    assert_eq!(changes, [made, changed]);
}

/// What was refused, as the log has it; it is written beside the call.
async fn denied(fixture: &Fixture, wanted: usize) -> Vec<(String, String)> {
    for _ in 0..250 {
        let mut all = fixture.again().select::<event::Entity>().all().await.unwrap();
        all.retain(|event| event.outcome == event::AuditOutcome::Denied);
        if all.len() >= wanted {
            all.sort_by_key(|event| event.at);
            return all.into_iter().map(|event| (event.action, event.changes)).collect();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("fewer than {wanted} refusals")
}

#[tokio::test]
async fn whoever_tries_to_give_what_they_lack_is_in_the_log() {
    let fixture = Fixture::new().await;
    let administrator = testing::member(&fixture, &[ShippedRole::Administrator]).await;
    let myself = administrator.member.unwrap().1;
    let owner = testing::shipped_role(&fixture, ShippedRole::Owner).await;
    let copy = NewRole { name: "Copie".into(), copy_of: Some(owner), ..NewRole::default() };
    refused(create(&scope(&fixture, &administrator), copy).await);
    denied(&fixture, 1).await;
    fixture.app.clock().advance(chrono::TimeDelta::seconds(1));
    refused(members::set_roles(&scope(&fixture, &administrator), myself, &[owner], None).await);
    let beyond = || r#"{"beyondOwnRights":[null,true]}"#.to_owned();
    let wanted = [("identity.role.write".to_owned(), beyond()), ("identity.member.manage".to_owned(), beyond())];
    assert_eq!(denied(&fixture, 2).await, wanted);
}
