mod chain;
mod log;
mod tampering;

use super::*;
use crate::testing::Fixture;
use crate::work::Running;
use crate::{Reads, Scope, SystemScope};
use entities::audit::{event, seal as link};
use sea_orm::Order;

/// Writes so many events in one transaction.
async fn write_many(scope: &Scope, events: usize) {
    let txn = scope.begin().await.unwrap();
    for n in 0..events {
        txn.audit(NewAudit::of("inventory.product.update").with("n", n));
    }
    txn.commit().await.unwrap();
}

async fn seal_all(scope: &Scope) -> crate::Result<()> {
    seal(scope, &Running::detached(scope.tenant()), SealEvents { all: true }).await
}

async fn verified(fixture: &Fixture) -> Verified {
    let system = SystemScope::new(&fixture.app);
    verify(&system, Some(fixture.scope.tenant()), None).await.unwrap().remove(0)
}

async fn events(fixture: &Fixture) -> Vec<event::Model> {
    fixture.again().select::<event::Entity>().order_by(event::Column::Id, Order::Asc).all().await.unwrap()
}

async fn links(fixture: &Fixture) -> Vec<link::Model> {
    fixture.again().select::<link::Entity>().order_by(link::Column::Seq, Order::Asc).all().await.unwrap()
}
