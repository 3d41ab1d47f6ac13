use super::movement::StockLevel;
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::live;
use crate::scalars::DateTime;
use crate::schema::requires;
use async_graphql::{Context, ID, SimpleObject, Subscription};
use entities::inventory::{ProductId, StockMovementId, WarehouseId};
use futures_util::Stream;
use services::events::Event;
use services::identity::Permission;
use services::inventory::{movements, products, stock};
use services::{Error, Scope};

/// That stock of a product moved.
#[derive(SimpleObject)]
pub struct StockLevelEvent {
    /// Where to resume.
    pub cursor: String,
    /// When it was recorded.
    pub occurred_at: DateTime,
    /// The movement; null where an import brought many at once.
    pub stock_movement: Option<super::movement::StockMovement>,
    /// The level as it is by now.
    pub stock_level: Option<StockLevel>,
}

#[derive(Default)]
pub struct InventorySubscription;

#[Subscription]
impl InventorySubscription {
    /// The stock of one product, live: replays what followed the cursor, then live; without a cursor starts now.
    #[graphql(directive = requires::apply("INVENTORY_STOCK_READ".into()))]
    async fn stock_level_changed<'a>(
        &self,
        ctx: &Context<'a>,
        product_id: ID,
        after: Option<String>,
    ) -> Result<impl Stream<Item = async_graphql::Result<StockLevelEvent>> + use<'a>> {
        let scope = ctx.scope()?.clone();
        scope.require(Permission::InventoryStockRead)?;
        let product = ProductId::of_global(&product_id);
        if !live::resumes(ctx) {
            products::find(&scope, product).await?.ok_or(Error::NotFound)?;
            movements::watch(&scope, product).await?;
        }
        live::follow(ctx, movements::stream_of(product), after, move |scope, event| async move { show(&scope, product, event).await }).await
    }
}

#[derive(serde::Deserialize)]
struct StockMoved {
    movement: Option<StockMovementId>,
    warehouse: WarehouseId,
}

async fn show(scope: &Scope, product: ProductId, event: Event) -> Result<StockLevelEvent> {
    let moved: StockMoved = serde_json::from_str(&event.payload).map_err(Error::from)?;
    let movement = match moved.movement {
        Some(id) if scope.may(Permission::InventoryStockMovementRead) => movements::find(scope, id).await?,
        _ => None,
    };
    let mut levels = stock::levels_of(scope, &[product]).await?;
    let level = levels.remove(&product).unwrap_or_default().into_iter().find(|level| level.warehouse_id == moved.warehouse);
    scope.end_read().await;
    Ok(StockLevelEvent {
        cursor: event.seq.to_string(),
        occurred_at: event.occurred_at.into(),
        stock_movement: movement.map(super::movement::StockMovement::alone),
        stock_level: level.map(StockLevel::alone),
    })
}
