use super::*;
use crate::notifications::read::{self, NotificationFilter};
use crate::notifications::{cleanup, test_send, words};
use crate::page::PageArgs;
use crate::testing::refusals;
use crate::{Code, Error, SystemScope};
use chrono::TimeDelta;
use entities::notifications::DeliveryState;

async fn kinds(fixture: &Fixture) -> Vec<(String, String)> {
    let stream = crate::notifications::stream(fixture.caller.user);
    let mut follower = crate::events::follow(&fixture.again(), stream, Some(0)).await.unwrap();
    follower.next().await.unwrap().iter().map(|event| (event.kind.clone(), event.payload.clone())).collect()
}

#[tokio::test]
async fn one_reads_marks_and_archives_ones_own_only() {
    let fixture = Fixture::new().await;
    let (stranger, _) = fixture.stranger().await;
    let member = add_members(&fixture, 1).await;
    let mut new = telling(&fixture.scope, &[Channel::InApp]);
    new.to.extend(member);
    tell(&fixture, new).await;
    let all = notifications(&fixture.scope).await;
    let (mine, theirs): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| row.user_id == fixture.caller.user);
    let (mine, theirs) = (mine[0].id, theirs[0].id);
    assert_eq!(read::find(&fixture.again(), theirs).await.unwrap(), None);
    assert_eq!(read::find(&stranger, mine).await.unwrap(), None);
    assert!(read::deliveries_of(&fixture.again(), &[theirs]).await.unwrap().is_empty());
    for (scope, id) in [(fixture.again(), theirs), (stranger.clone(), mine)] {
        let error = read::mark_read(&scope, Some(vec![id]), true).await.unwrap_err();
        assert_eq!(refusals(&error), [(Code::NotFound, "ids".into())]);
        assert_eq!(refusals(&read::archive(&scope, id).await.unwrap_err()), [(Code::NotFound, "id".into())]);
    }
    assert_eq!(read::unread_count(&fixture.again()).await.unwrap(), 1);
    let read = read::mark_read(&fixture.again(), Some(vec![mine]), true).await.unwrap();
    assert!(read[0].read_at.is_some());
    let state = read::deliveries_of(&fixture.again(), &[mine]).await.unwrap().remove(&mine).unwrap()[0].state;
    assert_eq!((state, read::unread_count(&fixture.again()).await.unwrap()), (DeliveryState::Read, 0));
}

#[tokio::test]
async fn what_one_does_is_told_once_on_ones_stream() {
    let fixture = Fixture::new().await;
    for _ in 0..3 {
        tell(&fixture, telling(&fixture.scope, &[Channel::InApp])).await;
    }
    let first = notifications(&fixture.scope).await[0].id;
    for _ in 0..2 {
        read::mark_read(&fixture.again(), Some(vec![first]), true).await.unwrap();
        read::archive(&fixture.again(), first).await.unwrap();
    }
    read::mark_read(&fixture.again(), Some(vec![first]), false).await.unwrap();
    assert_eq!(read::mark_read(&fixture.again(), None, true).await.unwrap().len(), 2, "not the archived one");
    assert_eq!(read::mark_read(&fixture.again(), None, false).await.unwrap().len(), 2, "and back again");
    assert_eq!(read::unread_count(&fixture.again()).await.unwrap(), 2);
    assert!(read::mark_read(&fixture.again(), None, false).await.unwrap().is_empty(), "there is nothing left to do");
    let told = kinds(&fixture).await;
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    let after = ["NotificationRead", "NotificationArchived", "NotificationUnread", "NotificationRead", "NotificationUnread"];
    assert_eq!(kinds, [["NotificationCreated"; 3].as_slice(), after.as_slice()].concat());
    assert_eq!((told[6].1.as_str(), told[7].1.as_str()), ("{\"id\":null}", "{\"id\":null}"), "all at once is one event");
}

#[tokio::test]
async fn lists_by_what_was_done_and_category() {
    let fixture = Fixture::new().await;
    for category in [Category::System, Category::StockAlert, Category::StockAlert] {
        let mut new = telling(&fixture.scope, &[Channel::InApp]);
        new.category = category;
        tell(&fixture, new).await;
        fixture.app.clock().advance(TimeDelta::seconds(1));
    }
    let list = |filter: NotificationFilter| {
        let scope = fixture.again();
        async move { read::page(&scope, &filter, &PageArgs::default()).await.unwrap().items().map(|row| row.id).collect::<Vec<_>>() }
    };
    let newest_first = list(NotificationFilter::default()).await;
    assert_eq!(newest_first.len(), 3);
    read::archive(&fixture.again(), newest_first[0]).await.unwrap();
    read::mark_read(&fixture.again(), Some(vec![newest_first[1]]), true).await.unwrap();
    let stock = Some(vec![Category::StockAlert]);
    assert_eq!(list(NotificationFilter { archived: true, ..Default::default() }).await, newest_first[..1]);
    assert_eq!(list(NotificationFilter { category: stock, ..Default::default() }).await, newest_first[1..2]);
    assert_eq!(list(NotificationFilter { unread: Some(true), ..Default::default() }).await, newest_first[2..]);
    assert_eq!(list(NotificationFilter { unread: Some(false), ..Default::default() }).await, newest_first[1..2]);
}

#[tokio::test]
async fn a_test_alert_says_what_it_is_and_goes_only_where_it_can_arrive() {
    use crate::locale::Locale::{En, Fr, Wo};
    let fixture = Fixture::new().await;
    let row = test_send(&fixture.again(), Channel::InApp).await.unwrap();
    let shown = words(&row, Fr, "Africa/Dakar");
    assert_eq!(shown.title, "[Test] Alerte d'essai");
    assert!(shown.body.contains("Awa Diop pour Boutique Awa, le 1er décembre 2026 à 09:00"), "{}", shown.body);
    assert!(words(&row, En, "America/New_York").body.contains("on 1 December 2026 at 04:00"));
    assert!(words(&row, Wo, "Africa/Dakar").title.starts_with("[Test]"));
    for (channel, sentence) in [(Channel::Whatsapp, "numéro de téléphone"), (Channel::Sms, "pas encore disponible")] {
        let error = test_send(&fixture.again(), channel).await.unwrap_err();
        assert_eq!(refusals(&error), [(Code::ForbiddenState, "channel".into())]);
        let Error::Refused(refusals) = error else { unreachable!() };
        assert!(refusals[0].message.contains(sentence), "{}", refusals[0].message);
    }
    on_whatsapp(&fixture, "+221771234567").await;
    let row = test_send(&fixture.again(), Channel::Whatsapp).await.unwrap();
    assert!(row.in_app, "its sender sees in the list how far it got");
}

#[tokio::test]
async fn shows_numbers_money_and_days_in_the_readers_form() {
    use crate::locale::Locale::{En, Fr};
    let fixture = Fixture::new().await;
    let mut row = test_send(&fixture.again(), Channel::InApp).await.unwrap();
    row.params = serde_json::json!({ "name": "1500 XOF", "organization": "1664", "at": "2026-12-25" }).to_string();
    let body = words(&row, Fr, "UTC").body;
    assert!(body.contains("1\u{202f}500\u{a0}F\u{202f}CFA pour 1664, le 25 décembre 2026"), "{body}");
    assert!(words(&row, En, "UTC").body.contains("F\u{202f}CFA\u{a0}1,500 for 1664"));
}

#[tokio::test]
async fn puts_away_what_was_read_and_forgets_what_is_old() {
    let fixture = Fixture::new().await;
    for _ in 0..3 {
        tell(&fixture, telling(&fixture.scope, &[Channel::InApp, Channel::Email])).await;
    }
    let first = notifications(&fixture.scope).await[0].id;
    read::mark_read(&fixture.again(), Some(vec![first]), true).await.unwrap();
    let system = SystemScope::new(&fixture.app);
    let clean = async |days| {
        fixture.app.clock().advance(TimeDelta::days(days));
        let cleaned = cleanup(&system).await.unwrap();
        (cleaned.archived, cleaned.deleted, cleaned.given_up)
    };
    assert_eq!(clean(2).await, (0, 0, 0));
    assert_eq!(clean(29).await, (1, 0, 3), "mails nobody carried are given up");
    assert_eq!(clean(1).await, (0, 0, 0));
    assert_eq!(clean(400).await, (0, 3, 0));
    assert!(deliveries(&fixture.scope).await.is_empty());
}

#[tokio::test]
async fn more_ids_than_one_call_takes_are_beyond_the_limit() {
    let fixture = Fixture::new().await;
    let most: Vec<_> = (0..=250).map(|_| fixture.app.new_id()).collect();
    let error = read::mark_read(&fixture.again(), Some(most.clone()), true).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::LimitReached, "ids".into())]);
    let error = read::mark_read(&fixture.again(), Some(most[1..].to_vec()), true).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::NotFound, "ids".into())], "250 are looked for");
}

#[tokio::test]
async fn tests_are_sent_five_times_a_minute_and_no_more() {
    let fixture = Fixture::new().await;
    let neighbour = fixture.neighbour().await;
    for _ in 0..5 {
        test_send(&fixture.again(), Channel::InApp).await.unwrap();
    }
    let error = test_send(&fixture.again(), Channel::Email).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::LimitReached, "channel".into())]);
    test_send(&neighbour.again(), Channel::InApp).await.unwrap();
    fixture.app.clock().advance(TimeDelta::minutes(1));
    test_send(&fixture.again(), Channel::Email).await.unwrap();
}
