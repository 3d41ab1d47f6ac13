mod at_once;
mod dashboard;
mod filters;
mod ledger;
mod levels;
mod movements;
mod names;
mod paces;
mod products;
mod search;

use super::stock;
use crate::testing::Fixture;
use entities::inventory::product;

async fn on_hand(fixture: &Fixture, product: &product::Model) -> i64 {
    let levels = stock::levels_of(&fixture.again(), &[product.id]).await.unwrap();
    stock::totals(levels.get(&product.id).map_or(&[], Vec::as_slice)).on_hand.0 / 1000
}
