//! What Twilio tells us: how messages fared, and what people wrote.

mod inbound;
mod status;

pub(super) use status::hear_early;

use super::signature;
use crate::{App, Error, Result};

/// Takes one callback of Twilio: a message's status, in any order and more than once, or a person's message.
///
/// `url` is the public address it was sent to, query included. Forged ones are forbidden.
pub async fn twilio_status(app: &App, url: &str, signature: &str, params: Vec<(String, String)>) -> Result<()> {
    let account = app.settings().messaging.twilio.as_ref().ok_or(Error::NotFound)?;
    if !signature::is_genuine(&account.auth_token, url, &params, signature) {
        return Err(Error::Forbidden("twilio.signature"));
    }
    let fields = Fields(params);
    let Some(sid) = fields.get("MessageSid").or_else(|| fields.get("SmsSid")) else { return Ok(()) };
    let status = fields.get("MessageStatus").or_else(|| fields.get("SmsStatus")).unwrap_or_default();
    match status {
        "received" | "receiving" => inbound::hear(app, sid, &fields).await,
        _ => status::hear(app, sid, status, &fields).await,
    }
}

/// The fields of a callback; unknown ones may be among them.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}
