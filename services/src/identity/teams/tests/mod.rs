mod reach;

use super::*;
use crate::identity::{Caller, ShippedRole, members};
use crate::locale::Locale;
use crate::page::PageArgs;
use crate::scope::retrying;
use crate::testing::{self, Fixture, refusals};
use crate::{Code, Error, Reads, Result, Scope, sql};
use chrono::TimeDelta;
use entities::identity::{MembershipId, TeamId, team};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};

fn of(fixture: &Fixture, caller: &Caller) -> Scope {
    caller.scope(&fixture.app, Locale::Fr).unwrap()
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

async fn make(fixture: &Fixture, name: &str, parent: Option<&team::Model>) -> team::Model {
    create(&fixture.again(), NewTeam { name: name.into(), parent: parent.map(|team| team.id) }).await.unwrap()
}

fn under(parent: Option<TeamId>) -> TeamChange {
    TeamChange { parent: Some(parent), ..TeamChange::default() }
}

/// Each pair of a team and one that stands above it or is it, and how far.
async fn paths(scope: &Scope) -> BTreeMap<(TeamId, TeamId), i64> {
    #[derive(sea_orm::FromQueryResult)]
    struct Path {
        ancestor_id: TeamId,
        team_id: TeamId,
        distance: i64,
    }
    let all: Vec<Path> = scope.statement(sql!("paths.sql")).all().await.unwrap();
    all.into_iter().map(|path| ((path.ancestor_id, path.team_id), path.distance)).collect()
}

/// The same, by climbing from each.
fn climbed(parents: &BTreeMap<TeamId, Option<TeamId>>) -> BTreeMap<(TeamId, TeamId), i64> {
    let mut paths = BTreeMap::new();
    for team in parents.keys() {
        let (mut at, mut distance) = (Some(*team), 0);
        while let Some(above) = at {
            assert!(distance < DEEPEST, "a circle, or too deep");
            paths.insert((above, *team), distance);
            (at, distance) = (parents[&above], distance + 1);
        }
    }
    paths
}

async fn parents(scope: &Scope) -> BTreeMap<TeamId, Option<TeamId>> {
    let all = scope.select::<team::Entity>().all().await.unwrap();
    all.into_iter().map(|row| (row.id, row.parent_id)).collect()
}

#[tokio::test]
async fn a_team_is_made_named_moved_and_deleted() {
    let fixture = Fixture::new().await;
    let (shop, depot) = (make(&fixture, "Boutique", None).await, make(&fixture, "Dépôt", None).await);
    let till = make(&fixture, "Caisse", Some(&shop)).await;
    make(&fixture, "Caisse", Some(&depot)).await;
    let new = |name: &str, parent| NewTeam { name: name.into(), parent };
    assert_eq!(refused(create(&fixture.again(), new("depot", None)).await), one(Code::AlreadyExists, "name"));
    assert_eq!(refused(create(&fixture.again(), new(" ", None)).await), one(Code::Required, "name"));
    assert_eq!(refused(create(&fixture.again(), new("Nuit", Some(TeamId::NIL))).await), one(Code::NotFound, "parentId"));
    let taken = update(&fixture.again(), till.id, under(Some(depot.id))).await;
    assert_eq!(refused(taken), one(Code::AlreadyExists, "name"), "another is called so there");
    let change = TeamChange { name: Some("Caisse du soir".into()), expected_version: Some(1), ..under(Some(depot.id)) };
    let moved = update(&fixture.again(), till.id, change.clone()).await.unwrap();
    assert_eq!((moved.name.as_str(), moved.parent_id, moved.version), ("Caisse du soir", Some(depot.id), 2));
    assert_eq!(refused(update(&fixture.again(), till.id, change).await), one(Code::StaleVersion, "expectedVersion"));
    assert_eq!(refused(delete(&fixture.again(), depot.id, None).await), one(Code::ForbiddenState, "id"), "teams stand below it");
    assert_eq!(refused(delete(&fixture.again(), till.id, Some(1)).await), one(Code::StaleVersion, "expectedVersion"));
    delete(&fixture.again(), till.id, Some(2)).await.unwrap();
    assert_eq!(refused(delete(&fixture.again(), till.id, None).await), one(Code::NotFound, "id"));
    assert_eq!(paths(&fixture.again()).await, climbed(&parents(&fixture.again()).await));
    let employee = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let may_not = create(&of(&fixture, &employee), new("Mienne", None)).await;
    assert!(matches!(may_not, Err(Error::Forbidden("identity.team.write"))));
}

#[tokio::test]
async fn no_team_stands_below_itself_nor_deeper_than_eight() {
    let fixture = Fixture::new().await;
    let mut line = vec![make(&fixture, "1", None).await];
    for n in 2..=DEEPEST {
        line.push(make(&fixture, &n.to_string(), line.last()).await);
    }
    let deeper = create(&fixture.again(), NewTeam { name: "9".into(), parent: Some(line[7].id) }).await;
    assert_eq!(refused(deeper), one(Code::LimitReached, "parentId"));
    for below in [0, 3, 7] {
        let circle = update(&fixture.again(), line[0].id, under(Some(line[below].id))).await;
        assert_eq!(refused(circle), one(Code::ForbiddenState, "parentId"), "{below}");
    }
    let pair = make(&fixture, "Haut", None).await;
    make(&fixture, "Bas", Some(&pair)).await;
    assert_eq!(refused(update(&fixture.again(), pair.id, under(Some(line[6].id))).await), one(Code::LimitReached, "parentId"));
    update(&fixture.again(), pair.id, under(Some(line[5].id))).await.unwrap();
    update(&fixture.again(), line[5].id, under(None)).await.unwrap();
    assert_eq!(paths(&fixture.again()).await, climbed(&parents(&fixture.again()).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_move_two_teams_below_each_other_at_once_one_does() {
    for _ in 0..5 {
        let fixture = Fixture::new().await;
        let (one, two) = (make(&fixture, "Une", None).await.id, make(&fixture, "Autre", None).await.id);
        let elsewhere = testing::second_process(&fixture).await;
        let moves = async |app: &crate::App, team: TeamId, parent: TeamId| {
            let scope = fixture.caller.scope(app, Locale::Fr).unwrap();
            retrying(|| update(&scope, team, under(Some(parent)))).await
        };
        let (first, second) = tokio::join!(moves(&fixture.app, one, two), moves(&elsewhere, two, one));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let lost = first.err().or(second.err()).unwrap();
        assert_eq!(refusals(&lost), [(Code::ForbiddenState, "parentId".to_owned())]);
        assert_eq!(paths(&fixture.again()).await, climbed(&parents(&fixture.again()).await));
    }
}

#[tokio::test]
async fn members_come_and_go_and_who_leaves_is_in_no_team() {
    let fixture = Fixture::new().await;
    let (team, other) = (make(&fixture, "Boutique", None).await, make(&fixture, "Accueil", None).await);
    let (member, gone) =
        (testing::member(&fixture, &[ShippedRole::Client]).await, testing::member(&fixture, &[ShippedRole::Employee]).await);
    let both = [id(&member), id(&gone)];
    let row = add_members(&fixture.again(), team.id, &[both[0], both[1], both[0]], Some(1)).await.unwrap();
    assert_eq!(row.version, 2);
    assert_eq!(refused(add_members(&fixture.again(), team.id, &both, Some(1)).await), one(Code::StaleVersion, "expectedVersion"));
    add_members(&fixture.again(), other.id, &both, None).await.unwrap();
    add_members(&fixture.again(), other.id, &both, None).await.unwrap();
    let page = member_page(&fixture.again(), team.id, &PageArgs { with_total: true, ..PageArgs::default() }).await.unwrap();
    assert_eq!((page.items().map(|row| row.id).collect::<BTreeSet<_>>(), page.total), (both.into(), Some(2)));
    let mine = of_members(&of(&fixture, &member), &[both[0]]).await.unwrap().remove(&both[0]).unwrap();
    assert_eq!(mine.iter().map(|team| team.name.as_str()).collect::<Vec<_>>(), ["Accueil", "Boutique"], "one sees one's own");
    assert!(matches!(of_members(&of(&fixture, &member), &both).await, Err(Error::Forbidden(_))));
    members::remove(&fixture.again(), both[1], None).await.unwrap();
    assert!(!of_members(&fixture.again(), &both).await.unwrap().contains_key(&both[1]));
    assert_eq!(refused(add_members(&fixture.again(), team.id, &both, None).await), one(Code::ForbiddenState, "membershipIds"));
    let (stranger, _) = fixture.stranger().await;
    let theirs = [stranger.membership().unwrap()];
    assert_eq!(refused(add_members(&fixture.again(), team.id, &theirs, None).await), one(Code::NotFound, "membershipIds"));
    remove_members(&fixture.again(), team.id, &[both[0], theirs[0]], None).await.unwrap();
    assert_eq!(member_page(&fixture.again(), team.id, &PageArgs::default()).await.unwrap().items().count(), 0);
    delete(&fixture.again(), other.id, None).await.unwrap();
    assert!(of_members(&fixture.again(), &both).await.unwrap().is_empty());
}

#[tokio::test]
async fn teams_are_listed_by_name_found_by_a_part_of_it_and_by_what_they_stand_below() {
    let fixture = Fixture::new().await;
    let shop = make(&fixture, "Équipe de vente", None).await;
    for name in ["Étal", "Caisse 100 %", "étage"] {
        fixture.app.clock().advance(TimeDelta::seconds(1));
        make(&fixture, name, Some(&shop)).await;
    }
    let names = async |filter: TeamFilter, order: &[(TeamOrder, bool)]| {
        let page = page(&fixture.again(), &filter, order, &PageArgs::default()).await.unwrap();
        page.items().map(|team| team.name.clone()).collect::<Vec<_>>()
    };
    let below = TeamFilter { parents: Some(vec![shop.id]), ..TeamFilter::default() };
    assert_eq!(names(below.clone(), &[]).await, ["Caisse 100 %", "étage", "Étal"]);
    assert_eq!(names(below, &[(TeamOrder::CreatedAt, true)]).await, ["étage", "Caisse 100 %", "Étal"]);
    let found = |text: &str| TeamFilter { search: Some(text.into()), ..TeamFilter::default() };
    assert_eq!(names(found("ETA"), &[]).await, ["étage", "Étal"]);
    assert_eq!(names(found("0 %"), &[]).await, ["Caisse 100 %"]);
    assert_eq!(names(TeamFilter { at_top: true, ..TeamFilter::default() }, &[]).await, ["Équipe de vente"]);
    let children = children(&fixture.again(), &[shop.id]).await.unwrap();
    assert_eq!(children[&shop.id].iter().map(|team| team.name.as_str()).collect::<Vec<_>>(), ["Caisse 100 %", "étage", "Étal"]);
}

/// Whatever is moved where, the paths are those one climbs, and what is refused changes nothing.
#[tokio::test]
async fn random_moves_leave_the_paths_one_climbs() {
    for seed in 0..6 {
        let (fixture, mut chance, mut teams) = (Fixture::new().await, StdRng::seed_from_u64(seed), Vec::new());
        for n in 0..10 {
            teams.push(make(&fixture, &format!("Équipe {n}"), None).await.id);
        }
        for step in 0..20 {
            let (team, parent) = (teams[chance.random_range(0..10)], teams.get(chance.random_range(0..11)).copied());
            let before = parents(&fixture.again()).await;
            let done = update(&fixture.again(), team, under(parent)).await;
            let now = parents(&fixture.again()).await;
            assert_eq!(
                (now[&team] == parent, before == now || done.is_ok()),
                (done.is_ok() || before[&team] == parent, true),
                "seed {seed}, step {step}"
            );
            assert_eq!(paths(&fixture.again()).await, climbed(&now), "seed {seed}, step {step}");
        }
    }
}

#[tokio::test]
async fn what_is_done_to_teams_is_in_the_audit_log() {
    let fixture = Fixture::new().await;
    let team = make(&fixture, "Boutique", None).await;
    let member = testing::member(&fixture, &[ShippedRole::Employee]).await;
    add_members(&fixture.again(), team.id, &[id(&member)], None).await.unwrap();
    remove_members(&fixture.again(), team.id, &[id(&member)], None).await.unwrap();
    update(&fixture.again(), team.id, TeamChange { name: Some("Magasin".into()), ..TeamChange::default() }).await.unwrap();
    delete(&fixture.again(), team.id, None).await.unwrap();
    let log = crate::audit::page(&fixture.again(), &Default::default(), &PageArgs::default()).await.unwrap();
    let acts: BTreeSet<&str> = log.items().map(|event| event.action.as_str()).filter(|act| act.contains(".team.")).collect();
    let all = ["create", "update", "delete", "add_members", "remove_members"].map(|act| format!("identity.team.{act}"));
    assert_eq!(acts, all.iter().map(String::as_str).collect());
}
