use super::*;
use crate::identity::{ShippedRole, organizations, sessions, users};
use crate::inventory::{catalog, movements, products};
use crate::locale::Locale;
use crate::page::PageArgs;
use crate::testing::{PASSWORD, movement};
use crate::{Actor, Doorway, Error};
use chrono::TimeDelta;
use entities::audit::event::{ActorKind, AuditOutcome};
use entities::inventory::stock_movement::StockMovementKind::Receipt;
use std::sync::Arc;

fn actions(events: &[event::Model]) -> Vec<&str> {
    events.iter().map(|event| event.action.as_str()).collect()
}

async fn last(fixture: &Fixture) -> event::Model {
    events(fixture).await.pop().unwrap()
}

#[tokio::test]
async fn an_act_is_written_with_who_what_and_by_which_request_or_not_at_all() {
    let fixture = Fixture::new().await;
    let product = fixture.product().create().await;
    fixture.app.clock().advance(TimeDelta::seconds(1));
    let scope = fixture.again();
    let asked = Asked {
        operation: Some("Rename".into()),
        request_id: Some("r-1".into()),
        address: Some("192.0.2.7".into()),
        user_agent: Some("x".repeat(500)),
    };
    scope.asked_in(Arc::new(asked));
    let change = products::ProductChange { name: Some("Riz brisé".into()), ..Default::default() };
    products::update(&scope, product.id, change.clone()).await.unwrap();
    let event = last(&fixture).await;
    assert_eq!((event.action.as_str(), event.outcome, event.actor_kind), ("inventory.product.update", AuditOutcome::Done, ActorKind::User));
    assert_eq!((event.actor_membership_id, event.target_type.as_deref()), (scope.membership(), Some("Product")));
    assert_eq!((event.target_id, event.at), (Some(product.id.0), scope.now()));
    let renamed = Change { field: "name".into(), old: Some(product.name.clone()), new: Some("Riz brisé".into()) };
    assert_eq!(changes(&event, &crate::identity::Grants::all()), [renamed]);
    assert_eq!((event.operation.as_deref(), event.request_id.as_deref()), (Some("Rename"), Some("r-1")));
    assert_eq!((event.address.as_deref(), event.user_agent.map(|agent| agent.len())), (Some("192.0.2.7"), Some(200)));

    let before = events(&fixture).await.len();
    let stale = products::ProductChange { expected_version: Some(1), ..change };
    products::update(&fixture.again(), product.id, stale).await.unwrap_err();
    assert_eq!(events(&fixture).await.len(), before, "what was refused did not happen");
}

#[tokio::test]
async fn acts_on_an_account_are_in_the_log_of_the_organisation_the_session_is_in() {
    let fixture = Fixture::new().await;
    let doorway = || Doorway::new(&fixture.app, Locale::Fr);
    fixture.app.clock().advance(TimeDelta::seconds(1));
    sessions::sign_in(&doorway(), &fixture.email().await, PASSWORD.to_owned(), None, None).await.unwrap();
    fixture.app.clock().advance(TimeDelta::seconds(1));
    let new = "tamarin et baobab".to_owned();
    crate::identity::change_password(&doorway(), &fixture.caller, PASSWORD.to_owned(), new).await.unwrap();
    fixture.app.clock().advance(TimeDelta::seconds(1));
    let phone = users::UpdateViewer { phone: Some(Some("+221771234567".into())), ..Default::default() };
    users::update(&doorway(), &fixture.caller, phone).await.unwrap();
    fixture.app.clock().advance(TimeDelta::seconds(1));
    sessions::sign_out(&doorway(), &fixture.caller, true, false).await.unwrap();
    let all = events(&fixture).await;
    assert_eq!(
        actions(&all),
        [
            "identity.organization.create",
            "identity.session.open",
            "identity.password.change",
            "identity.profile.update",
            "identity.session.end_all"
        ]
    );
    assert!(all.iter().all(|event| event.actor_membership_id == fixture.scope.membership()));
    assert_eq!(all[3].changes, r#"{"phone":null}"#, "a number is nobody's business");
    let found = changes(&all[3], &crate::identity::Grants::all());
    assert_eq!((found[0].field.as_str(), &found[0].old, &found[0].new), ("phone", &None, &None));
}

#[tokio::test]
async fn settings_and_lists_are_there_and_movements_are_in_their_ledger() {
    let fixture = Fixture::new().await;
    let product = fixture.product().create().await;
    let warehouse = fixture.warehouse().await;
    fixture.app.clock().advance(TimeDelta::seconds(1));
    movements::record(&fixture.again(), movement(&product, &warehouse, Receipt, 3)).await.unwrap();
    fixture.app.clock().advance(TimeDelta::seconds(1));
    let name = organizations::UpdateOrganization { name: Some("Chez Awa".into()), ..Default::default() };
    organizations::update(&fixture.again(), name).await.unwrap();
    fixture.app.clock().advance(TimeDelta::seconds(1));
    catalog::create_warehouse(&fixture.again(), "Annexe", None).await.unwrap();
    let all = events(&fixture).await;
    assert_eq!(actions(&all)[2..], ["identity.organization.update", "inventory.warehouse.create"]);
    assert_eq!(all[2].changes, r#"{"name":["Boutique Awa","Chez Awa"]}"#);
}

/// The same member with the rights of another role.
fn as_role(fixture: &Fixture, role: ShippedRole) -> Scope {
    let mut caller = fixture.caller.clone();
    caller.grants = Arc::new(role.grants());
    caller.scope(&fixture.app, Locale::Fr).unwrap()
}

async fn denials(fixture: &Fixture, at_least: usize) -> Vec<event::Model> {
    for _ in 0..250 {
        let mut all = events(fixture).await;
        all.retain(|event| event.outcome == AuditOutcome::Denied);
        if all.len() >= at_least {
            return all;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("fewer than {at_least} denials")
}

#[tokio::test]
async fn a_refusal_of_what_changes_something_is_written_once_a_minute() {
    let fixture = Fixture::new().await;
    let other = crate::testing::second_process(&fixture).await;
    let refused = async |scope: Scope| {
        let done = catalog::create_warehouse(&scope, "Annexe", None).await;
        assert!(matches!(done, Err(Error::Forbidden("inventory.product.write"))), "{done:?}");
    };
    for _ in 0..5 {
        refused(as_role(&fixture, ShippedRole::Employee)).await;
    }
    let first = denials(&fixture, 1).await;
    assert_eq!((first[0].action.as_str(), first[0].actor_membership_id), ("inventory.product.write", fixture.scope.membership()));
    let mut elsewhere = fixture.caller.clone();
    elsewhere.grants = Arc::new(ShippedRole::Employee.grants());
    refused(elsewhere.scope(&other, Locale::Fr).unwrap()).await;
    assert!(page(&as_role(&fixture, ShippedRole::Employee), &AuditFilter::default(), &PageArgs::default()).await.is_err());
    fixture.app.clock().advance(TimeDelta::minutes(1));
    refused(as_role(&fixture, ShippedRole::Employee)).await;
    let both = denials(&fixture, 2).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!((both.len(), denials(&fixture, 2).await.len()), (2, 2), "neither the other process nor a refusal to read adds one");
}

#[tokio::test]
async fn the_system_and_an_operator_who_acts_as_it_are_told_apart() {
    let fixture = Fixture::new().await;
    let neighbour = fixture.neighbour().await;
    let scope = Scope::system(&fixture.app, fixture.scope.tenant(), Locale::Fr);
    assert_eq!(scope.actor(), Actor::System);
    fixture.app.clock().advance(TimeDelta::seconds(1));
    write_many(&scope, 1).await;
    assert_eq!((last(&fixture).await.actor_kind, last(&fixture).await.impersonator_id), (ActorKind::System, None));
    fixture.app.clock().advance(TimeDelta::seconds(1));
    scope.called_by(neighbour.again());
    write_many(&scope, 1).await;
    assert_eq!((last(&fixture).await.actor_kind, last(&fixture).await.impersonator_id), (ActorKind::Support, Some(neighbour.caller.user)));
}

#[tokio::test]
async fn the_log_is_read_by_filter_and_taken_away_as_a_csv_that_is_itself_in_it() {
    let fixture = Fixture::new().await;
    fixture.app.clock().advance(TimeDelta::seconds(1));
    let product = fixture.product().with(|product| product.name = "=cmd".into()).create().await;
    fixture.app.clock().advance(TimeDelta::seconds(1));
    products::archive(&fixture.again(), product.id, None).await.unwrap();
    let found = async |filter: AuditFilter| {
        let page = page(&fixture.again(), &filter, &PageArgs::default()).await.unwrap();
        page.items().map(|event| event.action.clone()).collect::<Vec<_>>()
    };
    let (create, archive) = ("inventory.product.create", "inventory.product.archive");
    assert_eq!(found(AuditFilter::default()).await, [archive, create, "identity.organization.create"]);
    assert_eq!(found(AuditFilter { target: Some(product.id.0), ..Default::default() }).await, [archive, create]);
    assert_eq!(found(AuditFilter { actions: vec![create.into()], ..Default::default() }).await, [create]);
    let moment = fixture.scope.now();
    assert_eq!(found(AuditFilter { from: Some(moment), ..Default::default() }).await, [archive]);
    assert_eq!(found(AuditFilter { to: Some(moment), ..Default::default() }).await, [create, "identity.organization.create"]);
    assert!(found(AuditFilter { denied: Some(true), ..Default::default() }).await.is_empty());
    assert_eq!(found(AuditFilter { actor: fixture.scope.membership(), denied: Some(false), ..Default::default() }).await.len(), 3);

    fixture.app.clock().advance(TimeDelta::seconds(1));
    let announced = announce_export(&fixture.again(), AuditFilter { actions: vec![create.into()], ..Default::default() }).await.unwrap();
    assert_eq!(last(&fixture).await.action, "audit.event.export");
    let token = announced.url.rsplit('/').next().unwrap();
    let mut export = open_export(&fixture.app, token).unwrap();
    let text = String::from_utf8(export.next().await.unwrap().unwrap()).unwrap();
    assert!(export.next().await.unwrap().is_none());
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("instant,acteur,nom") && lines.len() == 2, "{text}");
    assert!(lines[1].contains("Awa Diop") && lines[1].contains("name:  → =cmd"), "{text}");
    fixture.app.clock().advance(TimeDelta::minutes(5));
    assert!(matches!(open_export(&fixture.app, token), Err(Error::NotFound)), "the link is over");
    assert!(open_export(&fixture.app, &format!("{}A", &token[..token.len() - 1])).is_err());
}
