//! The page of the roles against the product: every operation as a member with each role that comes with it, as one without any,
//! as an account without an organisation, and as nobody.

use crate::cases::{self, Case};
use crate::schema::declared;
use crate::world::World;
use api::roles_page::Access;
use serde_json::Value;
use services::identity::{Caller, Grants, ShippedRole};
use services::testing;

/// What takes from the caller their own rights, or their session, comes last.
const LAST: [&str; 3] = ["Mutation.ownershipTransfer", "Mutation.organizationLeave", "Mutation.signOut"];

fn in_order() -> Vec<Case> {
    let mut all = cases::all();
    all.sort_by_key(|case| LAST.iter().position(|last| *last == case.field).map_or(0, |place| place + 1));
    all
}

/// The code that the operation itself was refused with; what is refused below it is another field's.
fn refused(answer: &Value) -> Option<&str> {
    let errors = answer["errors"].as_array()?;
    let whole = errors.iter().find(|error| error["path"].as_array().is_none_or(|path| path.len() <= 1))?;
    whole["extensions"]["code"].as_str()
}

/// What the page says becomes of an operation.
fn expected(access: Access, caller: Option<&Caller>) -> Option<&'static str> {
    match (access, caller) {
        (Access::Public, _) => None,
        (_, None) => Some("UNAUTHENTICATED"),
        (Access::SignedIn, Some(_)) => None,
        (Access::Operator, Some(caller)) => (!caller.operator).then_some("FORBIDDEN"),
        (Access::Requires(permission), Some(caller)) => (!caller.grants.allow(permission)).then_some("FORBIDDEN"),
    }
}

/// Everything the page says that the product does not do, for one caller.
async fn differences(world: &World, who: &str, caller: Option<&Caller>) -> Vec<String> {
    let (declared, mut different) = (declared(), Vec::new());
    for case in in_order() {
        let access = declared[case.field].expect("checked by another test");
        let mut variables = (case.variables)(&world.victim);
        if case.field == "Mutation.apiTokenCreate" {
            // For oneself; for a service account it asks for the right to have one.
            variables["input"]["serviceAccountId"] = Value::Null;
        }
        let answer = world.send(caller, case.document, variables).await;
        let code = refused(&answer).filter(|code| ["FORBIDDEN", "UNAUTHENTICATED"].contains(code));
        if code != expected(access, caller) {
            different.push(format!("{} as {who}: {code:?}, expected {:?}: {answer}", case.field, expected(access, caller)));
        }
    }
    different
}

#[tokio::test]
async fn every_role_may_do_what_the_page_of_the_roles_says_and_nothing_else() {
    let mut different = Vec::new();
    for role in ShippedRole::ALL {
        let world = World::new().await;
        let member = testing::member(&world.fixture, &[*role]).await;
        assert_eq!(*member.grants, role.grants(), "{role:?}");
        different.extend(differences(&world, role.key(), Some(&member)).await);
    }
    let world = World::new().await;
    let bare = testing::member_with(&world.fixture, &[]).await;
    assert_eq!(*bare.grants, Grants::default());
    different.extend(differences(&world, "a member without a role", Some(&bare)).await);
    different.extend(differences(&world, "nobody", None).await);
    assert!(different.is_empty(), "{} differences: {different:#?}", different.len());
}

/// Who is in no organisation gets no further than their own account.
#[tokio::test]
async fn an_account_without_an_organisation_may_do_nothing_that_needs_a_right() {
    let world = World::new().await;
    let mut alone = world.stranger.clone();
    (alone.member, alone.grants, alone.organization, alone.operator) = (None, Grants::default().into(), None, false);
    for (field, access) in declared() {
        let Some(Access::Requires(_) | Access::Operator) = access else { continue };
        let case = cases::all().into_iter().find(|case| case.field == field).expect("a case");
        let answer = world.send(Some(&alone), case.document, (case.variables)(&world.own)).await;
        assert_eq!(refused(&answer), Some("FORBIDDEN"), "{field}: {answer}");
    }
}
