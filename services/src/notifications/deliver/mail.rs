//! E-mail: what a message looks like, and SMTP.

use super::{Outcome, Parcel, Trouble};
use crate::settings::Settings;
use crate::{App, Error, Result};
use entities::notifications::{DeliveryState, Severity};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, AsyncTransport, Message};
use std::time::{Duration, SystemTime};
use tokio::time::timeout;

const PROVIDER: &str = "smtp";
/// Lettre's own limit ends with the connection; a server may keep us waiting long after.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest subject mail programs show whole.
const SUBJECT: usize = 78;

pub(super) async fn send(app: &App, parcel: &Parcel) -> Result<Outcome> {
    let settings = app.settings();
    let Some(message) = compose(settings, parcel)? else { return Ok(no_address()) };
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
        Ok(Ok(_)) => Outcome::Accepted { provider: PROVIDER, message: Some(message_id(settings, parcel)), content: None },
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

/// The mail of a message: the same bytes each time, so that a second copy is known by its Message-ID. None, where the
/// person's address is one that no mail can go to.
pub(super) fn compose(settings: &Settings, parcel: &Parcel) -> Result<Option<Message>> {
    let Ok(address) = parcel.to.email.parse::<Address>() else { return Ok(None) };
    let from: Mailbox = settings.messaging.mail_from.parse().map_err(|error| Error::internal(format!("MAIL_FROM: {error}")))?;
    let mail = Message::builder()
        .from(from)
        .to(Mailbox::new(Some(parcel.to.name.clone()), address))
        .subject(shortened(&parcel.words.title))
        .date(SystemTime::from(parcel.notification.created_at.to_utc()))
        .message_id(Some(message_id(settings, parcel)))
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Content-Language"), parcel.locale.code().to_owned()))
        .multipart(MultiPart::alternative_plain_html(plain(parcel), html(parcel)));
    mail.map(Some).map_err(Error::internal)
}

fn message_id(settings: &Settings, parcel: &Parcel) -> String {
    let host = settings.public_url.split("://").nth(1).unwrap_or_default();
    let host = host.split(['/', ':']).next().filter(|host| !host.is_empty()).unwrap_or("localhost");
    format!("<{}@{host}>", parcel.delivery.id)
}

fn shortened(title: &str) -> String {
    if title.chars().count() <= SUBJECT { title.to_owned() } else { title.chars().take(SUBJECT - 1).chain(['…']).collect() }
}

/// The sentences around the words.
struct Around {
    greeting: String,
    footer: String,
    severity: String,
}

fn around(parcel: &Parcel) -> Around {
    let (say, to) = (|key, name: &'static str, value: &str| parcel.locale.say(key, &[(name, value.to_owned())]), &parcel.to);
    Around {
        greeting: say("mail-greeting", "name", &to.name),
        footer: say("mail-footer", "organization", &to.organization),
        severity: parcel.locale.say(&format!("severity-{}", parcel.notification.severity.word().to_lowercase()), &[]),
    }
}

fn plain(parcel: &Parcel) -> String {
    let Around { greeting, footer, .. } = around(parcel);
    let Parcel { words, .. } = parcel;
    format!("{greeting}\r\n\r\n{}\r\n\r\n{}\r\n\r\n-- \r\n{footer}\r\n", words.title, words.body)
}

fn html(parcel: &Parcel) -> String {
    let Around { greeting, footer, severity } = around(parcel);
    let (tint, ink) = match parcel.notification.severity {
        Severity::Info => ("#e6f2ee", "#0b6b4f"),
        Severity::Warning => ("#fdf1dc", "#8a5200"),
        Severity::Critical => ("#fdeae7", "#b3261e"),
    };
    let body: String = escaped(&parcel.words.body).split('\n').map(|line| format!("<p style=\"margin:0 0 14px\">{line}</p>")).collect();
    let words = [
        ("{lang}", parcel.locale.code().to_owned()),
        ("{tint}", tint.to_owned()),
        ("{ink}", ink.to_owned()),
        ("{severity}", escaped(&severity)),
        ("{organization}", escaped(&parcel.to.organization)),
        ("{greeting}", escaped(&greeting)),
        ("{title}", escaped(&parcel.words.title)),
        ("{preview}", escaped(&parcel.words.body.chars().take(120).collect::<String>())),
        ("{footer}", escaped(&footer)),
        ("{body}", body),
    ];
    fill(include_str!("mail.html"), &words)
}

/// Fills the places of a page in one pass, so that what is filled in is never read as a place itself.
fn fill(page: &str, words: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(page.len() + 1024);
    let mut rest = page;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let (taken, word) = words.iter().find(|(place, _)| rest.starts_with(place)).map_or((1, "{"), |(place, word)| (place.len(), word));
        filled.push_str(word);
        rest = &rest[taken..];
    }
    filled.push_str(rest);
    filled
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
