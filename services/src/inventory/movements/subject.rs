//! What a movement is about: a product in a warehouse, and whether it may move at all.

use super::change::ProductFacts;
use super::{Quantity, RecordMovement};
use crate::locale::Locale;
use crate::{Code, Error, Reads, Refusals, Result, Scope, sql};
use entities::Timestamp;
use entities::identity::organization::NegativeStockPolicy;
use entities::inventory::{ProductId, WarehouseId, warehouse};

/// What is known of a product in a warehouse before a movement.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct Subject {
    pub archived_at: Option<Timestamp>,
    pub decimals: i32,
    /// None: there is no such warehouse.
    pub warehouse_id: Option<WarehouseId>,
    pub policy: NegativeStockPolicy,
    pub currency: String,
    pub time_zone: String,
    pub on_hand: Option<Quantity>,
}

impl Subject {
    pub(super) async fn find(on: &impl Reads, product: ProductId, warehouse: WarehouseId) -> Result<Option<Self>> {
        on.statement(sql!("subject.sql")).bind("product", product).bind("warehouse", warehouse).one().await
    }

    /// The subject of a movement that fits it, or all that speaks against it. `at`: the field that names the warehouse.
    pub(super) async fn fitting(on: &impl Reads, locale: Locale, input: &RecordMovement, at: &str) -> Result<Self> {
        let mut refusals = Refusals::default();
        let subject = Self::find(on, input.product, input.warehouse).await?;
        let warehouse_is_there = match &subject {
            Some(subject) => subject.warehouse_id.is_some(),
            None => {
                refusals.add(Code::NotFound, "productId", locale.say("product-unknown", &[]));
                on.find::<warehouse::Entity>(input.warehouse).await?.is_some()
            }
        };
        if !warehouse_is_there {
            refusals.add(Code::NotFound, at, locale.say("warehouse-unknown", &[]));
        }
        if let Some(subject) = &subject {
            let product = ProductFacts { archived_at: subject.archived_at, decimals: subject.decimals };
            product.check(input, locale, &mut refusals);
        }
        refusals.check()?;
        // Without one it has been refused.
        subject.ok_or(Error::NotFound)
    }
}

/// All that stands against movements that are refused already, each with the field that names its warehouse.
pub(super) async fn refused(scope: &Scope, movements: &[(&RecordMovement, &str)], mut refusals: Refusals) -> Error {
    for (input, at) in movements {
        if let Err(other) = refusals.also(Subject::fitting(scope, scope.locale(), input, at).await) {
            return other;
        }
    }
    scope.end_read().await;
    refusals.into()
}
