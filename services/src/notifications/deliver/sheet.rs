//! What a mail looks like.

use super::Parcel;
use crate::locale::Locale;
use crate::settings::Settings;
use crate::{Error, Result};
use entities::Timestamp;
use entities::notifications::Severity;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use std::time::SystemTime;
use uuid::Uuid;

/// The longest subject mail programs show whole.
const SUBJECT: usize = 78;

/// A mail before it is put into its form.
pub(in crate::notifications) struct Sheet {
    /// Its Message-ID begins with it: the same mail again is known by it.
    pub id: Uuid,
    pub written_at: Timestamp,
    pub locale: Locale,
    pub name: Option<String>,
    pub address: String,
    pub severity: Severity,
    /// What stands on the badge.
    pub badge: String,
    /// Whose mail it is, beside the name of the product; empty: the product's own.
    pub organization: String,
    pub greeting: String,
    pub title: String,
    pub body: String,
    pub button: Option<Button>,
    pub footer: String,
}

/// What there is to press.
pub(in crate::notifications) struct Button {
    pub label: String,
    pub url: String,
}

impl From<&Parcel> for Sheet {
    fn from(parcel: &Parcel) -> Self {
        let (locale, to) = (parcel.locale, &parcel.to);
        let say = |key, name: &'static str, value: &str| locale.say(key, &[(name, value.to_owned())]);
        Self {
            id: parcel.delivery.id.0,
            written_at: parcel.notification.created_at,
            locale,
            name: Some(to.name.clone()),
            address: to.email.clone(),
            severity: parcel.notification.severity,
            badge: locale.say(&format!("severity-{}", parcel.notification.severity.word().to_lowercase()), &[]),
            organization: to.organization.clone(),
            greeting: say("mail-greeting", "name", &to.name),
            title: parcel.words.title.clone(),
            body: parcel.words.body.clone(),
            button: None,
            footer: say("mail-footer", "organization", &to.organization),
        }
    }
}

impl Sheet {
    /// The mail: the same bytes each time, so that a second copy is known by its Message-ID. None, where the person's
    /// address is one that no mail can go to.
    pub(super) fn compose(&self, settings: &Settings) -> Result<Option<Message>> {
        let Ok(address) = self.address.parse::<Address>() else { return Ok(None) };
        let from: Mailbox = settings.messaging.mail_from.parse().map_err(|error| Error::internal(format!("MAIL_FROM: {error}")))?;
        let mail = Message::builder()
            .from(from)
            .to(Mailbox::new(self.name.clone(), address))
            .subject(shortened(&self.title))
            .date(SystemTime::from(self.written_at.to_utc()))
            .message_id(Some(self.message_id(settings)))
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Content-Language"), self.locale.code().to_owned()))
            .multipart(MultiPart::alternative_plain_html(self.plain(), self.html()));
        mail.map(Some).map_err(Error::internal)
    }

    pub(super) fn message_id(&self, settings: &Settings) -> String {
        let host = settings.public_url.split("://").nth(1).unwrap_or_default();
        let host = host.split(['/', ':']).next().filter(|host| !host.is_empty()).unwrap_or("localhost");
        format!("<{}@{host}>", self.id)
    }

    fn plain(&self) -> String {
        let Self { greeting, title, body, footer, .. } = self;
        let button = self.button.as_ref().map(|button| format!("{} :\r\n{}\r\n\r\n", button.label, button.url)).unwrap_or_default();
        format!("{greeting}\r\n\r\n{title}\r\n\r\n{body}\r\n\r\n{button}-- \r\n{footer}\r\n")
    }

    fn html(&self) -> String {
        let (tint, ink) = match self.severity {
            Severity::Info => ("#e6f2ee", "#0b6b4f"),
            Severity::Warning => ("#fdf1dc", "#8a5200"),
            Severity::Critical => ("#fdeae7", "#b3261e"),
        };
        let paragraph = |line| format!("<p style=\"margin:0 0 14px\">{line}</p>");
        let body: String = escaped(&self.body).split('\n').map(paragraph).collect();
        let words = [
            ("{lang}", self.locale.code().to_owned()),
            ("{tint}", tint.to_owned()),
            ("{ink}", ink.to_owned()),
            ("{severity}", escaped(&self.badge)),
            ("{organization}", escaped(&self.organization)),
            ("{greeting}", escaped(&self.greeting)),
            ("{title}", escaped(&self.title)),
            ("{preview}", escaped(&self.body.chars().take(120).collect::<String>())),
            ("{footer}", escaped(&self.footer)),
            ("{body}", body + &self.button.as_ref().map(|button| button.html(ink)).unwrap_or_default()),
        ];
        fill(include_str!("mail.html"), &words)
    }
}

impl Button {
    /// A link that looks like one to press, and the address itself for who cannot.
    fn html(&self, ink: &str) -> String {
        let (label, url) = (escaped(&self.label), escaped(&self.url));
        format!(
            "<p style=\"margin:22px 0 18px\"><a href=\"{url}\" style=\"display:inline-block;background:{ink};color:#ffffff;font-weight:600;\
             text-decoration:none;padding:13px 22px;border-radius:8px\">{label}</a></p>\
             <p class=\"soft\" style=\"margin:0 0 14px;font-size:13px;color:#5d6b64;word-break:break-all\">{url}</p>"
        )
    }
}

fn shortened(title: &str) -> String {
    if title.chars().count() <= SUBJECT { title.to_owned() } else { title.chars().take(SUBJECT - 1).chain(['…']).collect() }
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
