//! Taking along, and taking back, what is kept about oneself.

use super::types::Viewer;
use crate::context::Ask;
use crate::error::{Result, UserError, refused};
use crate::scalars::DateTime;
use crate::schema::signed_in;
use async_graphql::{Context, InputObject, Object, SimpleObject};
use futures_util::stream::try_unfold;
use poem::http::StatusCode;
use poem::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, X_CONTENT_TYPE_OPTIONS};
use poem::web::{Data, Path};
use poem::{Body, Response, RouteMethod, get, handler};
use services::App;
use services::identity::account_export::{self, Export};
use services::identity::erasure;
use services::scope::retrying;

/// What shows that a person means it.
#[derive(InputObject)]
pub struct AccountEraseInput {
    /// The address of the account, typed once more.
    pub email: String,
}

/// What came of `accountExport`.
#[derive(SimpleObject, Default)]
pub struct AccountExportPayload {
    /// Where the JSON is to be had; whoever holds the address may.
    pub url: Option<String>,
    /// When the address is over.
    pub expires_at: Option<DateTime>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

payload! {
    AccountErasePayload {
        /// The person, with the day of the erasure.
        viewer: Viewer
    },
    AccountEraseCancelPayload {
        /// The person, whose account stays.
        viewer: Viewer
    },
}

#[derive(Default)]
pub struct OwnDataMutation;

#[Object]
impl OwnDataMutation {
    /// Answers an address, good for five minutes, of all that is kept about the caller, as JSON. Asks for a recent proof of who one is.
    #[graphql(directive = signed_in::apply())]
    async fn account_export(&self, ctx: &Context<'_>) -> Result<Option<AccountExportPayload>> {
        let (announced, user_errors) = refused(account_export::announce(&ctx.doorway(), ctx.person()?).await)?;
        let (url, expires_at) = announced.map(|announced| (announced.url, announced.expires_at.into())).unzip();
        Ok(Some(AccountExportPayload { url, expires_at, user_errors }))
    }

    /// Has the caller's account be erased in seven days: what they did stays, under no name. Asks for a recent proof of who one is;
    /// the last owner of an organisation with other members hands it over first.
    #[graphql(directive = signed_in::apply())]
    async fn account_erase(&self, ctx: &Context<'_>, input: AccountEraseInput) -> Result<Option<AccountErasePayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let asked = retrying(|| erasure::request(&doorway, caller, &input.email)).await;
        Ok(Some(AccountErasePayload::of(asked.map(|_| Viewer))?))
    }

    /// Keeps the caller's account after all.
    #[graphql(directive = signed_in::apply())]
    async fn account_erase_cancel(&self, ctx: &Context<'_>) -> Result<Option<AccountEraseCancelPayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let kept = retrying(|| erasure::cancel(&doorway, caller)).await;
        Ok(Some(AccountEraseCancelPayload::of(kept.map(|_| Viewer))?))
    }
}

/// `GET /account/exports/<token>`: the document, written while it is read.
pub fn endpoint() -> RouteMethod {
    get(download)
}

#[handler]
async fn download(app: Data<&App>, Path(token): Path<String>) -> Response {
    let Ok(export) = account_export::open(&app, &token).await else { return StatusCode::NOT_FOUND.into() };
    Response::builder()
        .content_type("application/json; charset=utf-8")
        .header(CONTENT_DISPOSITION, "attachment; filename=\"teranga-account.json\"")
        .header(CACHE_CONTROL, "private, no-store")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(Body::from_bytes_stream(try_unfold(export, more)))
}

/// A transfer that breaks off is a JSON that its reader knows to be broken.
async fn more(mut export: Export) -> std::io::Result<Option<(Vec<u8>, Export)>> {
    match export.next().await {
        Ok(piece) => Ok(piece.map(|piece| (piece, export))),
        Err(error) => {
            tracing::error!(%error, "the document of an account broke off");
            Err(std::io::Error::other("broken off"))
        }
    }
}
