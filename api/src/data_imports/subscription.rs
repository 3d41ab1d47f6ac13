use super::types::{DataImport, DataImportEvent};
use crate::context::Ask;
use crate::error::{Failure, Result};
use crate::ids::GlobalId;
use crate::schema::requires;
use async_graphql::{Context, ID, Subscription};
use entities::Timestamp;
use entities::data_imports::{DataImportId, data_import};
use futures_util::{Stream, stream};
use services::events::Follower;
use services::{Scope, data_imports};

#[derive(Default)]
pub struct DataImportSubscription;

#[Subscription]
impl DataImportSubscription {
    /// One import, live: its present state at once, then every chunk, also of its undo; ends when nothing goes on in it.
    #[graphql(directive = requires::apply("DATA_IMPORTS_IMPORT_READ".into()))]
    async fn data_import_progressed<'a>(
        &self,
        ctx: &Context<'a>,
        data_import_id: ID,
    ) -> Result<impl Stream<Item = async_graphql::Result<DataImportEvent>> + use<'a>> {
        let scope = ctx.scope()?.clone();
        let id = DataImportId::of_global(&data_import_id);
        let (import, follower) = data_imports::follow(&scope, id).await?;
        Ok(stream::unfold(Step::Present { scope, import: Box::new(import), follower: Box::new(follower) }, step))
    }
}

/// Where a follower stands.
enum Step {
    Present { scope: Scope, import: Box<data_import::Model>, follower: Box<Follower> },
    Following { scope: Scope, id: DataImportId, follower: Box<Follower> },
    Over,
}

async fn step(step: Step) -> Option<(async_graphql::Result<DataImportEvent>, Step)> {
    match step {
        Step::Over => None,
        Step::Present { scope, import, follower } => {
            let (id, at) = (import.id, import.undone_at.or(import.finished_at).or(import.started_at).unwrap_or(import.created_at));
            let event = show(follower.last(), at, *import.clone());
            let next = if import.is_at_rest() { Step::Over } else { Step::Following { scope, id, follower } };
            Some((Ok(event), next))
        }
        Step::Following { scope, id, mut follower } => match following(&scope, id, &mut follower).await {
            Ok((import, at)) => {
                let is_over = import.is_at_rest();
                let event = show(follower.last(), at, import);
                Some((Ok(event), if is_over { Step::Over } else { Step::Following { scope, id, follower } }))
            }
            Err(error) => Some((Err(Failure(error).into()), Step::Over)),
        },
    }
}

/// Waits for what is new; several events that are there already are one step for a reader.
async fn following(scope: &Scope, id: DataImportId, follower: &mut Follower) -> services::Result<(data_import::Model, Timestamp)> {
    let events = follower.next().await?;
    let at = events.last().map_or_else(|| scope.now(), |event| event.occurred_at);
    let import = data_imports::find(scope, id).await?.ok_or(services::Error::NotFound)?;
    scope.end_read().await;
    Ok((import, at))
}

fn show(seq: i64, at: Timestamp, import: data_import::Model) -> DataImportEvent {
    DataImportEvent { cursor: seq.to_string(), occurred_at: at.into(), data_import: Some(DataImport::alone(import)) }
}
