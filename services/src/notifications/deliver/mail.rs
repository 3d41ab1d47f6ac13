//! E-mail by SMTP.

use super::sheet::Sheet;
use super::{Outcome, Trouble};
use crate::{App, Result};
use entities::notifications::DeliveryState;
use lettre::AsyncTransport;
use lettre::transport::smtp::Error as SmtpError;
use std::time::Duration;
use tokio::time::timeout;

const PROVIDER: &str = "smtp";
/// Lettre's own limit ends with the connection; a server may keep us waiting long after.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn send(app: &App, sheet: &Sheet) -> Result<Outcome> {
    let settings = app.settings();
    let Some(message) = sheet.compose(settings)? else { return Ok(no_address()) };
    let url = settings.messaging.smtp_url.as_deref().unwrap_or_default();
    let transport = app.carriers().smtp(url)?;
    // Greeted first: who is not there, or does not let us in, has taken nothing. Of a mail under way Lettre does not say.
    let trouble = match timeout(PATIENCE, transport.test_connection()).await {
        Ok(Ok(true)) => None,
        Ok(Err(error)) => Some(trouble(&error)),
        Ok(Ok(false)) | Err(_) => Some(Trouble::new(None, "SMTP: no answer in time")),
    };
    if let Some(trouble) = trouble {
        return Ok(Outcome::Away { trouble, unsure: false });
    }
    Ok(match timeout(PATIENCE, transport.send(message)).await {
        Ok(Ok(_)) => Outcome::Accepted { provider: PROVIDER, message: Some(sheet.message_id(settings)), content: None },
        Ok(Err(error)) => judge(&error),
        Err(_) => Outcome::Unanswered(Trouble::new(None, "SMTP: no answer in time")),
    })
}

/// Nothing will make mail go there: nobody waits for it, and it is no fault of ours.
pub(super) fn no_address() -> Outcome {
    Outcome::Refused { state: DeliveryState::Failed, trouble: Trouble::new(None, "no mail can go to this address") }
}

/// A mailbox that says no is a bounce; a server that does not know us is ours to mend, and may be tried again.
fn judge(error: &SmtpError) -> Outcome {
    let trouble = trouble(error);
    match trouble.code {
        Some(550..=553) => Outcome::Refused { state: DeliveryState::Bounced, trouble },
        Some(530 | 534 | 535 | 538) => Outcome::Away { trouble, unsure: false },
        _ if error.is_permanent() || error.is_client() => Outcome::Refused { state: DeliveryState::Failed, trouble },
        _ if error.is_transient() => Outcome::Away { trouble, unsure: false },
        _ => Outcome::Unanswered(trouble),
    }
}

fn trouble(error: &SmtpError) -> Trouble {
    Trouble::new(error.status().map(|code| u16::from(code).into()), error.to_string())
}
