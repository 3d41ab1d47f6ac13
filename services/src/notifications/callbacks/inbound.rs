use super::Fields;
use crate::identity::users;
use crate::locale::Locale;
use crate::{App, Doorway, Result, sql};

/// What people write who want no more messages (`Taxawal` is Wolof for stop).
const STOP: [&str; 9] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "ARRET", "ARRÊT", "TAXAWAL"];

/// A person wrote to us: the 24-hour window is open, and STOP takes their consent back. Heard again, nothing changes.
pub(super) async fn hear(app: &App, sid: &str, fields: &Fields) -> Result<()> {
    let Some(phone) = fields.get("From").and_then(|from| from.strip_prefix("whatsapp:")) else { return Ok(()) };
    let doorway = Doorway::new(app, Locale::default());
    let tx = doorway.begin().await?;
    let insert = tx.statement(sql!("insert_inbound.sql")).bind("sid", sid.to_owned()).bind("phone", phone.to_owned());
    let new = insert.bind("now", doorway.now()).run().await? > 0;
    let words = fields.get("Body").unwrap_or_default().trim().to_uppercase();
    let stops = STOP.contains(&words.as_str()) || fields.get("OptOutType") == Some("STOP");
    if new && stops {
        users::withdraw_whatsapp_consent(&tx, phone, &format!("WHATSAPP:{words}"), doorway.now()).await?;
    }
    tx.commit().await
}
