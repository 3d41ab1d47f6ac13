//! `GET /audit/exports/<token>`: the audit log as a CSV, written while it is read.

use futures_util::stream::try_unfold;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, X_CONTENT_TYPE_OPTIONS};
use poem::web::{Data, Path};
use poem::{Body, Response, RouteMethod, get, handler};
use services::App;
use services::audit::{Export, open_export};

pub fn endpoint() -> RouteMethod {
    get(download)
}

#[handler]
fn download(app: Data<&App>, Path(token): Path<String>) -> Response {
    let Ok(export) = open_export(&app, &token) else { return StatusCode::NOT_FOUND.into() };
    Response::builder()
        .content_type("text/csv; charset=utf-8")
        .header(CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"")
        .header(CACHE_CONTROL, "private, no-store")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(Body::from_bytes_stream(try_unfold(export, more)))
}

/// A transfer that breaks off is a CSV that its reader knows to be broken.
async fn more(mut export: Export) -> std::io::Result<Option<(Vec<u8>, Export)>> {
    match export.next().await {
        Ok(lines) => Ok(lines.map(|lines| (lines, export))),
        Err(error) => {
            tracing::error!(%error, "an export of the audit log broke off");
            Err(std::io::Error::other("broken off"))
        }
    }
}
