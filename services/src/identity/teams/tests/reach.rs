//! What a right over one's teams reaches, against a model that climbs the tree; and who may widen it.

use super::*;
use crate::identity::roles::{NewRole, create as new_role};
use crate::identity::{Grants, Permission, Reach};
use crate::inventory::{dashboard, movements};
use entities::inventory::stock_movement::StockMovementKind;
use std::sync::Arc;

const SEE: Permission = Permission::InventoryStockMovementRead;

/// The same person with this right reaching so far, and the right to see stock.
fn reaching(caller: &Caller, reach: Reach) -> Caller {
    let mut grants = Grants::default();
    grants.add(SEE, reach);
    grants.add(Permission::InventoryStockRead, Reach::Org);
    Caller { grants: Arc::new(grants), ..caller.clone() }
}

/// Whose movements a member sees: their own, and those of all who are in a team at or below one of theirs.
fn reached(me: usize, of: &[BTreeSet<TeamId>], parents: &BTreeMap<TeamId, Option<TeamId>>) -> BTreeSet<usize> {
    let above = |team: TeamId| std::iter::successors(Some(team), |at| parents[at]);
    let in_reach = |who: &usize| *who == me || of[*who].iter().any(|team| above(*team).any(|above| of[me].contains(&above)));
    (0..of.len()).filter(in_reach).collect()
}

#[tokio::test]
async fn random_teams_are_reached_as_the_model_climbs() {
    for seed in 0..4 {
        let (fixture, mut chance) = (Fixture::new().await, StdRng::seed_from_u64(seed));
        let (mut all, mut people, mut of) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..8 {
            let parent = all.get(chance.random_range(0..8)).copied();
            all.push(create(&fixture.again(), NewTeam { name: format!("Équipe {n}"), parent }).await.unwrap().id);
        }
        let (product, warehouse) = (fixture.product().create().await, fixture.warehouse().await);
        for _ in 0..5 {
            let person = testing::member(&fixture, &[ShippedRole::Employee]).await;
            let teams: BTreeSet<TeamId> = (0..chance.random_range(0..3)).map(|_| all[chance.random_range(0..8)]).collect();
            for team in &teams {
                add_members(&fixture.again(), *team, &[id(&person)], None).await.unwrap();
            }
            for _ in 0..chance.random_range(1..3) {
                let receipt = testing::movement(&product, &warehouse, StockMovementKind::Receipt, 1);
                movements::record(&super::of(&fixture, &person), receipt).await.unwrap();
            }
            people.push(person);
            of.push(teams);
        }
        for round in 0..3 {
            let parents = parents(&fixture.again()).await;
            for me in 0..people.len() {
                for reach in [Reach::Own, Reach::Team, Reach::Org] {
                    let theirs: BTreeSet<MembershipId> = match reach {
                        Reach::Own => [id(&people[me])].into(),
                        Reach::Team => reached(me, &of, &parents).into_iter().map(|who| id(&people[who])).collect(),
                        Reach::Org => people.iter().map(id).collect(),
                    };
                    let scope = super::of(&fixture, &reaching(&people[me], reach));
                    let args = PageArgs { with_total: true, ..PageArgs::default() };
                    let page = movements::page(&scope, &Default::default(), &args).await.unwrap();
                    let owners: BTreeSet<MembershipId> = page.items().filter_map(|row| row.recorded_by).collect();
                    let what = format!("seed {seed}, round {round}, person {me}, {reach:?}");
                    assert_eq!(owners, theirs, "{what}");
                    let counted = dashboard::get(&scope).await.unwrap().movements_last_30_days;
                    assert_eq!((page.total, counted), (Some(page.items().count() as u64), page.total.map(|n| n as i64)), "{what}");
                }
            }
            let (team, parent) = (all[chance.random_range(0..8)], all[chance.random_range(0..8)]);
            let _ = update(&fixture.again(), team, under(Some(parent))).await;
        }
    }
}

/// A member whose own roles let them manage teams, and see no movements but their own and their teams'.
#[tokio::test]
async fn nobody_widens_by_a_team_what_they_may_not_reach_in_the_whole_organisation() {
    let fixture = Fixture::new().await;
    let role = async |name: &str, reach: Reach| {
        let grants = Some(vec![(Permission::IdentityTeamWrite, Reach::Org), (SEE, reach)]);
        new_role(&fixture.again(), NewRole { name: name.into(), grants, ..NewRole::default() }).await.unwrap().row.id
    };
    let lead = testing::member_with(&fixture, &[role("Chef d'équipe", Reach::Team).await]).await;
    let chief = testing::member_with(&fixture, &[role("Chef de tous", Reach::Org).await]).await;
    let (shop, depot) = (make(&fixture, "Boutique", None).await, make(&fixture, "Dépôt", None).await);
    let till = make(&fixture, "Caisse", Some(&shop)).await;
    add_members(&fixture.again(), shop.id, &[id(&lead)], None).await.unwrap();
    let other = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let joins = add_members(&super::of(&fixture, &lead), depot.id, &[id(&lead)], None).await;
    assert_eq!(refused(joins), one(Code::ForbiddenState, "membershipIds"), "oneself into another team");
    let draws_in = add_members(&super::of(&fixture, &lead), till.id, &[id(&other)], None).await;
    assert_eq!(refused(draws_in), one(Code::ForbiddenState, "membershipIds"), "another into a team below one's own");
    let moves = update(&super::of(&fixture, &lead), depot.id, under(Some(till.id))).await;
    assert_eq!(refused(moves), one(Code::ForbiddenState, "parentId"), "another team below one's own");
    add_members(&super::of(&fixture, &lead), depot.id, &[id(&other)], None).await.unwrap();
    remove_members(&super::of(&fixture, &lead), shop.id, &[id(&lead)], None).await.unwrap();
    for (team, member) in [(depot.id, &lead), (till.id, &other)] {
        add_members(&super::of(&fixture, &chief), team, &[id(member)], None).await.unwrap();
    }
    let clerk = |reach| NewRole { grants: Some(vec![(SEE, reach)]), name: format!("Autre chef {reach:?}"), ..NewRole::default() };
    let grants = Some(vec![(Permission::IdentityRoleWrite, Reach::Org), (SEE, Reach::Team)]);
    let clerks = new_role(&fixture.again(), NewRole { name: "Greffier".into(), grants, ..NewRole::default() }).await.unwrap();
    let maker = testing::member_with(&fixture, &[clerks.row.id]).await;
    new_role(&super::of(&fixture, &maker), clerk(Reach::Own)).await.unwrap();
    let elsewhere = new_role(&super::of(&fixture, &maker), clerk(Reach::Team)).await;
    assert_eq!(refused(elsewhere), one(Code::ForbiddenState, "permissions"), "the teams of others are not one's own");
}

/// Who sends what somebody else sent under the same key learns that the key is taken, and of the movement only what they may see.
#[tokio::test]
async fn a_key_that_is_taken_shows_no_movement_out_of_reach() {
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().create().await, fixture.warehouse().await);
    let receipt = || movements::RecordMovement {
        idempotency_key: Some("bon-0001".into()),
        ..testing::movement(&product, &warehouse, StockMovementKind::Receipt, 1)
    };
    let first = movements::record(&fixture.again(), receipt()).await.unwrap().movement.id;
    let (employee, manager) =
        (testing::member(&fixture, &[ShippedRole::Employee]).await, testing::member(&fixture, &[ShippedRole::Manager]).await);
    let again = movements::record(&super::of(&fixture, &employee), receipt()).await;
    assert_eq!(refused(again), one(Code::IdempotencyMismatch, "idempotencyKey"));
    assert_eq!(movements::record(&super::of(&fixture, &manager), receipt()).await.unwrap().movement.id, first);
}
