//! WhatsApp through Twilio's Messages resource.

use super::super::text::Words;
use super::{Outcome, Parcel, Trouble};
use crate::locale::Locale;
use crate::scope::Column;
use crate::settings::{Settings, Twilio};
use crate::{App, Doorway, Result, sql};
use chrono::TimeDelta;
use entities::notifications::{Content, DeliveryState};
use serde::Deserialize;
use std::ops::Range;

pub(super) const PROVIDER: &str = "twilio";
/// A template is needed: the window is closed, or Twilio says so.
pub(crate) const USE_TEMPLATE: i32 = 63016;
/// Too many people were written to today.
pub(crate) const DAILY_LIMIT: i32 = 63018;
/// Never processed: too many requests, or a queue that is full.
const SLOW_DOWN: [i32; 4] = [20429, 63017, 30001, 21611];

/// Twilio's codes of requests as such; those of one message or recipient come after.
const OURS: Range<i32> = 20000..21000;

#[derive(Deserialize)]
struct Message {
    sid: String,
    #[serde(default)]
    body: Option<String>,
}

#[derive(Deserialize)]
struct Messages {
    messages: Vec<Message>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    code: Option<i32>,
    message: Option<String>,
}

/// Sends, in a template where our own words are refused. Both in one go: what is refused was not sent.
pub(super) async fn send(app: &App, account: &Twilio, parcel: &Parcel) -> Result<Outcome> {
    if parcel.unsure_since.is_some() {
        match find_sent(app, account, parcel).await {
            Ok(Some(sid)) => return Ok(accepted(sid, parcel.content)),
            Ok(None) => {}
            Err(trouble) => return Ok(Outcome::Away { trouble, unsure: true }),
        }
    }
    let outcome = post(app, account, parcel, parcel.content).await?;
    match &outcome {
        Outcome::Refused { trouble: Trouble { code: Some(USE_TEMPLATE), .. }, .. } if parcel.content == Content::FreeText => {
            post(app, account, parcel, Content::Template).await
        }
        _ => Ok(outcome),
    }
}

async fn post(app: &App, account: &Twilio, parcel: &Parcel, content: Content) -> Result<Outcome> {
    let Some(form) = form(account, app.settings(), parcel, content) else {
        let trouble = Trouble::new(Some(USE_TEMPLATE), "outside the 24-hour window, and TWILIO_ALERT_CONTENT_SID is not set");
        return Ok(Outcome::Refused { state: DeliveryState::Failed, trouble });
    };
    let request = app.carriers().http()?.post(messages(account)).basic_auth(&account.account_sid, Some(&account.auth_token));
    let answer = match request.form(&form).send().await {
        Ok(answer) => answer,
        // Without a connection nothing was asked; after it, nobody knows.
        Err(error) if error.is_connect() => return Ok(Outcome::Away { trouble: Trouble::new(None, plain(&error)), unsure: false }),
        Err(error) => return Ok(Outcome::Unanswered(Trouble::new(None, plain(&error)))),
    };
    let status = answer.status();
    let body = answer.bytes().await.unwrap_or_default();
    Ok(match serde_json::from_slice::<Message>(&body) {
        Ok(message) if status.is_success() => accepted(message.sid, content),
        _ => judge(status.as_u16(), &body),
    })
}

/// Which of the ways to fail an answer is.
fn judge(status: u16, body: &[u8]) -> Outcome {
    let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
    let text = problem.message.unwrap_or_else(|| format!("Twilio answered {status}"));
    let trouble = Trouble::new(problem.code, text);
    match (status, problem.code) {
        (_, Some(DAILY_LIMIT)) => Outcome::Hold(trouble),
        (429, _) => Outcome::Away { trouble, unsure: false },
        (_, Some(code)) if SLOW_DOWN.contains(&code) => Outcome::Away { trouble, unsure: false },
        // It is us that Twilio does not know or let in, whoever the message is for.
        (401 | 403 | 404, code) if code.is_none_or(|code| OURS.contains(&code)) => Outcome::Away { trouble, unsure: false },
        (400..=499, _) => Outcome::Refused { state: DeliveryState::Failed, trouble },
        (500..=599, _) => Outcome::Away { trouble, unsure: true },
        // Not an answer of Twilio's, such as the page of a network that wants a login.
        _ => Outcome::Unanswered(trouble),
    }
}

/// A message of ours that Twilio took although we never heard so: to the same number, since the attempt, in our words.
async fn find_sent(app: &App, account: &Twilio, parcel: &Parcel) -> Result<Option<String>, Trouble> {
    let since = parcel.unsure_since.unwrap_or(parcel.now).minus(TimeDelta::minutes(1)).to_utc();
    let query = [("To", address(parcel)), ("DateSent>", since.format("%Y-%m-%d").to_string()), ("PageSize", "50".to_owned())];
    let client = app.carriers().http().map_err(|error| Trouble::new(None, error.to_string()))?;
    let url = reqwest::Url::parse_with_params(&messages(account), &query).map_err(|error| Trouble::new(None, error.to_string()))?;
    let request = client.get(url).basic_auth(&account.account_sid, Some(&account.auth_token));
    let answer = request.send().await.map_err(|error| Trouble::new(None, plain(&error)))?;
    let status = answer.status().as_u16();
    let body = answer.bytes().await.map_err(|error| Trouble::new(None, plain(&error)))?;
    match status {
        200..=299 => {
            let found: Messages = serde_json::from_slice(&body).map_err(|error| Trouble::new(None, error.to_string()))?;
            let alike = found.messages.into_iter().filter(|message| says(message, &parcel.words)).map(|message| message.sid);
            let unclaimed = unclaimed(app, alike.collect()).await.map_err(|error| Trouble::new(None, error.to_string()))?;
            Ok(unclaimed.into_iter().next())
        }
        401 | 404 | 429 | 500..=599 => Err(Trouble::new(None, format!("Twilio answered {status}"))),
        // An account that may send and not list: the one possible duplicate is accepted.
        _ => Ok(None),
    }
}

/// Those of the messages that no delivery has for its own.
async fn unclaimed(app: &App, sids: Vec<String>) -> Result<Vec<String>> {
    #[derive(sea_orm::FromQueryResult)]
    struct Claimed {
        sid: String,
    }
    let tx = Doorway::new(app, Locale::default()).read().await?;
    let find = tx.statement(sql!("claimed.sql")).rows("r", vec![Column::texts(sids.iter().cloned())]);
    let claimed: Vec<Claimed> = find.all().await?;
    Ok(sids.into_iter().filter(|sid| claimed.iter().all(|row| row.sid != *sid)).collect())
}

/// A template's text is Twilio's, but holds our words.
fn says(message: &Message, words: &Words) -> bool {
    let body = unbroken(message.body.as_deref().unwrap_or_default());
    body.contains(&one_line(&words.title)) && body.contains(&one_line(&words.body))
}

/// The fields of the request; none when a template is needed and none is set.
pub(super) fn form(account: &Twilio, settings: &Settings, parcel: &Parcel, content: Content) -> Option<Vec<(&'static str, String)>> {
    let mut form = vec![("To", address(parcel))];
    match (&account.messaging_service_sid, &account.whatsapp_from) {
        (Some(service), _) => form.push(("MessagingServiceSid", service.clone())),
        (None, Some(number)) => form.push(("From", format!("whatsapp:{}", number.trim_start_matches("whatsapp:")))),
        (None, None) => {}
    }
    match content {
        Content::FreeText => form.push(("Body", free_text(&parcel.words))),
        Content::Template => {
            let variables = serde_json::json!({ "1": one_line(&parcel.words.title), "2": one_line(&parcel.words.body) });
            form.push(("ContentSid", account.alert_content_sid.clone()?));
            form.push(("ContentVariables", variables.to_string()));
        }
    }
    // Twilio refuses a message whose callback it could never reach.
    if !settings.is_only_here() {
        form.push(("StatusCallback", format!("{}/webhooks/twilio", settings.public_url)));
    }
    Some(form)
}

/// The title in bold, then the text; Twilio takes at most 1600 characters.
pub(super) fn free_text(words: &Words) -> String {
    format!("*{}*\n{}", words.title, words.body).chars().take(1600).collect()
}

/// Who would send, where no account is set: Twilio's public sandbox number and a template that does not exist.
pub(super) fn stand_in() -> Twilio {
    Twilio {
        base_url: String::new(),
        account_sid: String::new(),
        auth_token: String::new(),
        whatsapp_from: Some("+14155238886".to_owned()),
        messaging_service_sid: None,
        alert_content_sid: Some(format!("HX{}", "0".repeat(32))),
    }
}

fn accepted(sid: String, content: Content) -> Outcome {
    Outcome::Accepted { provider: PROVIDER, message: Some(sid), content: Some(content) }
}

fn messages(account: &Twilio) -> String {
    format!("{}/2010-04-01/Accounts/{}/Messages.json", account.base_url.trim_end_matches('/'), account.account_sid)
}

fn address(parcel: &Parcel) -> String {
    format!("whatsapp:{}", parcel.to.phone.as_deref().unwrap_or_default())
}

/// What a template's variable may be: WhatsApp refuses line breaks, runs of spaces, and what is long.
fn one_line(text: &str) -> String {
    unbroken(text).chars().take(900).collect()
}

fn unbroken(text: &str) -> String {
    text.split([' ', '\n', '\r', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What went wrong, without the address it was sent to.
fn plain(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    format!("Twilio: {kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_ways_to_fail_apart() {
        let of = |status, code: i32| judge(status, serde_json::json!({ "code": code, "message": "m" }).to_string().as_bytes());
        let trouble = |code| Trouble::new(Some(code), "m");
        assert_eq!(of(429, 20429), Outcome::Away { trouble: trouble(20429), unsure: false });
        assert_eq!(of(400, 63018), Outcome::Hold(trouble(63018)));
        assert!(matches!(of(503, 20503), Outcome::Away { unsure: true, .. }));
        for code in [21211, 63003, 63016, 63024, 99999] {
            assert_eq!(of(400, code), Outcome::Refused { state: DeliveryState::Failed, trouble: trouble(code) });
        }
        for (status, code) in [(401, 20003), (403, 20003), (403, 20005), (404, 20404)] {
            assert_eq!(of(status, code), Outcome::Away { trouble: trouble(code), unsure: false }, "our account, not the recipient");
        }
        assert!(matches!(judge(401, b"<html>"), Outcome::Away { unsure: false, .. }));
        assert!(matches!(of(403, 21610), Outcome::Refused { .. }), "a recipient's no is one, whatever the status");
        assert!(matches!(judge(502, b"<html>"), Outcome::Away { unsure: true, .. }));
        assert!(matches!(judge(200, b"<html>"), Outcome::Unanswered(_)));
    }
}
