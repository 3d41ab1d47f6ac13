use super::*;
use crate::inventory::catalog::create_warehouse;
use crate::testing::Fixture;

fn claim(key: &str) -> Claim {
    Claim { key: key.into(), fingerprint: [7; 32] }
}

/// An operation under a key.
async fn under(fixture: &Fixture, key: &str) -> Scope {
    let scope = fixture.again();
    scope.claim_idempotency(claim(key)).await;
    scope
}

#[tokio::test]
async fn what_has_no_answer_in_its_time_was_done_and_its_answer_is_lost() {
    let fixture = Fixture::new().await;
    let known = async |fingerprint| look(&fixture.again(), &Claim { fingerprint, ..claim("order-1") }).await.unwrap();
    assert_eq!(known([7; 32]).await, Known::Fresh);
    create_warehouse(&under(&fixture, "order-1").await, "Annexe", None).await.unwrap();
    assert_eq!(known([7; 32]).await, Known::Running);
    fixture.app.clock().advance(TimeDelta::seconds(59));
    assert_eq!(known([7; 32]).await, Known::Running);
    fixture.app.clock().advance(TimeDelta::seconds(1));
    assert_eq!((known([7; 32]).await, known([8; 32]).await), (Known::Done, Known::Mismatch));
    answer(&fixture.again(), &claim("order-1"), "{}".into()).await.unwrap();
    assert_eq!(known([7; 32]).await, Known::Answered("{}".into()), "late, but told");
    fixture.app.clock().advance(LIFE);
    assert_eq!(known([7; 32]).await, Known::Fresh);
}

#[tokio::test]
async fn an_answer_that_is_known_to_be_lost_is_not_waited_for() {
    let fixture = Fixture::new().await;
    create_warehouse(&under(&fixture, "order-1").await, "Annexe", None).await.unwrap();
    lose(&fixture.again(), &claim("order-1")).await.unwrap();
    assert_eq!(look(&fixture.again(), &claim("order-1")).await.unwrap(), Known::Done);
}
