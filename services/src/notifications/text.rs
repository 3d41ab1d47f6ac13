//! A notification's words, made for one reader.

use crate::inventory::money;
use crate::locale::Locale;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use entities::notifications::{DeliveryState, delivery, notification};
use serde_json::Value;
use std::str::FromStr;

/// What a reader sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub title: String,
    pub body: String,
}

/// The words of a notification, its instants in the reader's time zone.
pub fn words(notification: &notification::Model, locale: Locale, time_zone: &str) -> Words {
    let zone = Tz::from_str(time_zone).unwrap_or(Tz::UTC);
    let params: serde_json::Map<String, Value> = serde_json::from_str(&notification.params).unwrap_or_default();
    let params: Vec<(String, String)> = params.into_iter().map(|(name, value)| (name, shown(&value, locale, zone))).collect();
    let say = |part: &str| locale.try_say(&format!("{}-{part}", notification.key), &params);
    Words { title: say("title").unwrap_or_else(|| notification.key.clone()), body: say("body").unwrap_or_default() }
}

/// A list of items, an instant, a day or an amount in the reader's form; anything else as it is.
fn shown(value: &Value, locale: Locale, zone: Tz) -> String {
    let text = match value {
        Value::String(text) => text,
        Value::Array(items) => return items.iter().map(|item| piece(item, locale)).collect::<Vec<_>>().join(", "),
        other => return other.to_string(),
    };
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return locale.moment(at.with_timezone(&Utc).with_timezone(&zone).naive_local());
    }
    if text.len() == 10
        && let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d")
    {
        return locale.day(day);
    }
    match text.split_once(' ') {
        Some((decimal, currency)) if money::parse(decimal, currency).is_some() => locale.amount(decimal, currency),
        _ => text.to_owned(),
    }
}

/// One of a list: a name as it is, or the sentence `say` of its other fields, a measure among them in the reader's form.
fn piece(item: &Value, locale: Locale) -> String {
    let Value::Object(fields) = item else { return item.as_str().unwrap_or_default().to_owned() };
    let word = |value: &Value| match (value["n"].as_str(), value["unit"].as_str()) {
        (Some(decimal), Some(unit)) => locale.measure(decimal, unit),
        _ => value.as_str().unwrap_or_default().to_owned(),
    };
    let words: Vec<(String, String)> = fields.iter().map(|(name, value)| (name.clone(), word(value))).collect();
    fields.get("say").and_then(Value::as_str).and_then(|key| locale.try_say(key, &words)).unwrap_or_default()
}

/// Why a delivery stands where it does, in the reader's language; none while nothing is wrong.
pub fn trouble(delivery: &delivery::Model, locale: Locale) -> Option<String> {
    if let Some(reason) = &delivery.suppressed_because {
        let key = format!("delivery-suppressed-{}", reason.to_lowercase().replace('_', "-"));
        return locale.try_say(&key, &[]).or_else(|| Some(reason.clone()));
    }
    let known = delivery.error_code.and_then(|code| {
        let sentence = locale.try_say(&format!("delivery-error-{code}"), &[])?;
        Some(format!("{sentence} ({code})"))
    });
    let why = known.or_else(|| delivery.error.clone())?;
    match delivery.state {
        DeliveryState::Queued => Some(locale.say("delivery-waiting", &[("why", why)])),
        _ => Some(why),
    }
}
