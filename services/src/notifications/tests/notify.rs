use super::*;
use crate::notifications::read::{self, NotificationFilter};
use crate::page::PageArgs;
use crate::testing::Fixture;
use entities::notifications::DeliveryState::{Delivered, Queued, Suppressed};
use entities::work::job;

#[tokio::test]
async fn tells_a_thousand_people_in_a_handful_of_statements() {
    let fixture = Fixture::new().await;
    let members = add_members(&fixture, 1000).await;
    let scope = fixture.again();
    let mut new = telling(&scope, &[Channel::InApp, Channel::Email, Channel::Whatsapp]);
    new.to = members;
    let txn = scope.begin().await.unwrap();
    crate::notifications::notify(&txn, new).await.unwrap();
    txn.commit().await.unwrap();
    let statements = scope.statements().await;
    assert!(statements <= 6, "{statements} statements");
    assert_eq!((notifications(&scope).await.len(), deliveries(&scope).await.len()), (1000, 3000));
    let jobs = scope.select::<job::Entity>().all().await.unwrap();
    assert_eq!(jobs.len(), 1000, "one for each e-mail; nobody can be reached on WhatsApp");
}

#[tokio::test]
async fn keeps_the_reason_of_what_is_not_tried() {
    let fixture = Fixture::new().await;
    let states = |all: Vec<delivery::Model>| all.into_iter().map(|d| (d.channel, d.state, d.suppressed_because)).collect::<Vec<_>>();
    tell(&fixture, telling(&fixture.scope, &[Channel::Sms, Channel::Email, Channel::Whatsapp, Channel::InApp])).await;
    assert_eq!(
        states(deliveries(&fixture.scope).await),
        [
            (Channel::Email, Queued, None),
            (Channel::InApp, Delivered, None),
            (Channel::Sms, Suppressed, Some("NO_CHANNEL".into())),
            (Channel::Whatsapp, Suppressed, Some("NO_PHONE".into())),
        ]
    );
    on_whatsapp(&fixture, "+221771234567").await;
    tell(&fixture, telling(&fixture.scope, &[Channel::Whatsapp])).await;
    let queued = deliveries(&fixture.scope).await.into_iter().filter(|d| (d.channel, d.state) == (Channel::Whatsapp, Queued)).count();
    assert_eq!(queued, 1, "with a number and a consent it is tried");
}

#[tokio::test]
async fn tells_nobody_the_same_twice_and_strangers_nothing() {
    let fixture = Fixture::new().await;
    let (stranger, _) = fixture.stranger().await;
    let mut new = telling(&fixture.scope, &[Channel::InApp, Channel::Email]);
    new.dedup_key = Some("alert:1".into());
    new.to.extend([new.to[0], stranger.membership().unwrap()]);
    tell(&fixture, new.clone()).await;
    tell(&fixture, new).await;
    assert_eq!((notifications(&fixture.scope).await.len(), deliveries(&fixture.scope).await.len()), (1, 2));
    assert_eq!(notifications(&stranger).await.len(), 0);
    let stream = crate::notifications::stream(fixture.caller.user);
    assert_eq!(crate::events::cursor_at(&fixture.again(), &stream).await.unwrap(), 1, "one event each");
}

#[tokio::test]
async fn what_only_goes_elsewhere_is_not_in_the_list_nor_counted_nor_streamed() {
    let fixture = Fixture::new().await;
    for channels in [&[Channel::Email][..], &[Channel::InApp], &[Channel::Whatsapp, Channel::Email]] {
        tell(&fixture, telling(&fixture.scope, channels)).await;
    }
    let list = async |elsewhere| {
        let filter = NotificationFilter { elsewhere, ..NotificationFilter::default() };
        let page = read::page(&fixture.again(), &filter, &PageArgs::default()).await.unwrap();
        page.items().map(|row| row.id).collect::<Vec<_>>()
    };
    let (shown, elsewhere) = (list(false).await, list(true).await);
    assert_eq!((shown.len(), elsewhere.len()), (1, 2));
    assert_eq!(read::unread_count(&fixture.again()).await.unwrap(), 1);
    let cursor = async || crate::events::cursor_at(&fixture.again(), &crate::notifications::stream(fixture.caller.user)).await.unwrap();
    assert_eq!(cursor().await, 1, "the sequence has no gap for what is not in it");

    let found = read::find(&fixture.again(), elsewhere[0]).await.unwrap();
    assert!(found.is_some(), "by its id it is there, for how far it got");
    assert_eq!(read::deliveries_of(&fixture.again(), &elsewhere).await.unwrap().values().flatten().count(), 3);
    let marked = read::mark_read(&fixture.again(), Some(elsewhere.clone()), true).await.unwrap();
    assert!(marked.iter().all(|row| row.read_at.is_none()), "nobody reads it in the application");
    assert!(read::archive(&fixture.again(), elsewhere[0]).await.unwrap().archived_at.is_none());
    assert_eq!(cursor().await, 1);
    let all = read::mark_read(&fixture.again(), None, true).await.unwrap();
    assert_eq!(all.into_iter().map(|row| row.id).collect::<Vec<_>>(), shown);
    assert_eq!((cursor().await, read::unread_count(&fixture.again()).await.unwrap()), (2, 0));
}
