use super::hub::Hub;
use crate::app::WeakApp;
use crate::scope::Column;
use crate::{App, Result, SystemScope, sql};
use entities::TenantId;

/// Looks, for all streams followed in this process in one statement, whether they have grown unheard: each second while
/// nothing can be heard from other processes, at once when something may have been lost, and seldom otherwise, because
/// a process may die between its commit and its announcement.
pub(crate) async fn tail(hub: Hub, app: WeakApp) {
    loop {
        hub.until_look().await;
        let Some(app) = app.upgrade() else { return };
        if let Err(error) = look(&hub, &app).await {
            tracing::warn!(%error, "could not look for new events");
        }
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Grown {
    tenant_id: TenantId,
    stream: String,
    seq: i64,
}

async fn look(hub: &Hub, app: &App) -> Result<()> {
    let listened = hub.listened();
    if listened.is_empty() {
        return Ok(());
    }
    let (tenants, streams): (Vec<TenantId>, Vec<String>) = listened.into_iter().unzip();
    let tx = SystemScope::new(app).read().await?;
    let columns = vec![Column::uuids(tenants), Column::texts(streams)];
    for row in tx.statement(sql!("tail.sql")).rows("r", columns).all::<Grown>().await? {
        hub.0.hear(row.tenant_id, row.stream, row.seq);
    }
    Ok(())
}
