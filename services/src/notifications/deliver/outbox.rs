//! Where no provider is set: every message becomes a file below `DATA_DIR/outbox`, named by its delivery.

use super::sheet::Sheet;
use super::{Outcome, Parcel, mail, twilio};
use crate::{App, Result};
use std::path::Path;

const PROVIDER: &str = "outbox";

/// Writes the message as it would have been posted, and its words for people.
pub(super) async fn whatsapp(app: &App, parcel: &Parcel) -> Result<Outcome> {
    let form = twilio::form(&twilio::stand_in(), app.settings(), parcel, parcel.content).unwrap_or_default();
    let form: serde_json::Map<String, serde_json::Value> = form.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let text = twilio::free_text(&parcel.words);
    let file = serde_json::json!({ "delivery": parcel.delivery.id, "form": form, "text": text });
    write(app, &format!("whatsapp/{}.json", parcel.delivery.id), serde_json::to_vec_pretty(&file)?).await?;
    Ok(Outcome::Accepted { provider: PROVIDER, message: None, content: Some(parcel.content) })
}

/// Writes the mail as it would have been sent.
pub(super) async fn mail(app: &App, sheet: &Sheet) -> Result<Outcome> {
    let Some(message) = sheet.compose(app.settings())? else { return Ok(mail::no_address()) };
    write(app, &format!("mail/{}.eml", sheet.id), message.formatted()).await?;
    Ok(Outcome::Accepted { provider: PROVIDER, message: None, content: None })
}

/// Writes beside the place and moves there, so that nobody sees half a file; a second time replaces the first.
async fn write(app: &App, name: &str, content: Vec<u8>) -> Result<()> {
    let path = app.settings().data_dir.join("outbox").join(name);
    tokio::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).await?;
    let draft = path.with_extension("part");
    tokio::fs::write(&draft, content).await?;
    Ok(tokio::fs::rename(&draft, &path).await?)
}
