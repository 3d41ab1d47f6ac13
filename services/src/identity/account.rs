//! Checks of what people type about themselves.

use crate::locale::Locale;
use crate::{Code, Refusals};
use std::str::FromStr;

/// Lower case and trimmed; the form addresses are stored and compared in.
pub(super) fn email(text: &str) -> String {
    text.trim().to_lowercase()
}

pub(crate) fn check_email(email: &str, locale: Locale, refusals: &mut Refusals) {
    let (user, host) = email.rsplit_once('@').unwrap_or_default();
    let plain = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    let can_be_sent_to = email.parse::<lettre::Address>().is_ok();
    if !can_be_sent_to
        || email.len() > 254
        || user.is_empty()
        || !host.contains('.')
        || host.starts_with('.')
        || host.ends_with('.')
        || !plain
    {
        refusals.add(Code::Invalid, "email", locale.say("email-invalid", &[]));
    }
}

/// A name or another text of one line, trimmed; refused when empty, longer than `most` characters, or with what nobody sees.
pub(crate) fn check_text(text: &str, path: &str, most: usize, locale: Locale, refusals: &mut Refusals) -> String {
    check(text, path, most, |c| c.is_control(), locale, refusals)
}

/// The same of a text that may have lines.
pub(crate) fn check_prose(text: &str, path: &str, most: usize, locale: Locale, refusals: &mut Refusals) -> String {
    check(text, path, most, |c| c.is_control() && c != '\n' && c != '\t', locale, refusals)
}

/// Characters that change how others are read and are not seen themselves. Those that join letters are of some scripts.
fn misleads(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn check(text: &str, path: &str, most: usize, wrong: fn(char) -> bool, locale: Locale, refusals: &mut Refusals) -> String {
    let text = text.trim();
    if text.is_empty() {
        refusals.add(Code::Required, path, locale.say("text-required", &[]));
    } else if text.chars().count() > most {
        refusals.add(Code::TooLong, path, locale.say("text-too-long", &[("most", most.to_string())]));
    } else if text.chars().any(|c| wrong(c) || misleads(c)) {
        refusals.add(Code::Invalid, path, locale.say("text-control-characters", &[]));
    }
    text.to_owned()
}

/// A telephone number in E.164, spaces and punctuation taken out.
pub(crate) fn check_phone(text: &str, locale: Locale, refusals: &mut Refusals) -> String {
    let number: String = text.chars().filter(|c| !" .-()/".contains(*c)).collect();
    let digits = number.strip_prefix('+').unwrap_or_default();
    if !(8..=15).contains(&digits.len()) || digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
        refusals.add(Code::Invalid, "phone", locale.say("phone-invalid", &[]));
    }
    number
}

pub(super) fn check_locale(tag: &str, locale: Locale, refusals: &mut Refusals) {
    if Locale::of_tag(tag).is_none() || tag.len() > 16 {
        refusals.add(Code::Invalid, "locale", locale.say("locale-unknown", &[]));
    }
}

pub(super) fn check_time_zone(zone: &str, locale: Locale, refusals: &mut Refusals) {
    if chrono_tz::Tz::from_str(zone).is_err() {
        refusals.add(Code::Invalid, "timeZone", locale.say("time-zone-unknown", &[]));
    }
}

pub(super) fn check_currency(code: &str, locale: Locale, refusals: &mut Refusals) {
    if crate::inventory::money::decimals(code).is_none() {
        refusals.add(Code::Invalid, "currency", locale.say("currency-unknown", &[]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_what_people_see() {
        let good = |check: fn(&str, &str, usize, Locale, &mut Refusals) -> String, text: &str| {
            let mut refusals = Refusals::default();
            check(text, "name", 40, Locale::Fr, &mut refusals);
            refusals.check().is_ok()
        };
        for name in ["Sac de riz", "  Épicerie ", "وَلَفْ\u{200d}", "👩🏾‍🌾 Mil"] {
            assert!(good(check_text, name) && good(check_prose, name), "{name}");
        }
        for name in ["Sac\u{202e}zir", "Ri\u{200b}z", "Riz\u{7}", " ", "\u{feff}Riz"] {
            assert!(!good(check_text, name) && !good(check_prose, name), "{name:?}");
        }
        for lines in ["Sac\nBcc: awa@example.sn", "Sac\tde riz"] {
            assert!(!good(check_text, lines) && good(check_prose, lines), "{lines:?}");
        }
    }

    #[test]
    fn an_address_is_one_that_mail_can_go_to() {
        let good = |text: &str| {
            let mut refusals = Refusals::default();
            check_email(&email(text), Locale::Fr, &mut refusals);
            refusals.check().is_ok()
        };
        for address in ["awa@example.sn", "Awa.Diop+stock@mail.example.sn", "o'neil@example.com"] {
            assert!(good(address), "{address}");
        }
        for address in
            ["", "awa", "awa@", "@x.sn", "a..b@x.sn", ".a@x.sn", "x@y..z", "x@-y.sn", "x@localhost", "a b@x.sn", "a,b@x.sn", "a@b@x.sn"]
        {
            assert!(!good(address), "{address}");
        }
    }
}
