//! Numbers and dates as people's tables write them.

use chrono::{DateTime, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use entities::Timestamp;
use std::borrow::Cow;

/// Why a cell is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotANumber {
    /// Not one at all.
    Other,
    /// `1,234` is one thing in Dakar and another in Lagos.
    Ambiguous,
}

/// A number as exact decimals are written here (`-1234.5`), from one with spaces or marks between thousands, or a comma.
///
/// A dot alone is a decimal point. A comma alone is a decimal comma, unless exactly three digits follow one to three
/// others: then nobody can tell. Where both occur, the last is the decimal mark.
pub(super) fn number(text: &str) -> Result<Cow<'_, str>, NotANumber> {
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-' || b == b'+') && text.matches('.').count() <= 1 {
        return Ok(Cow::Borrowed(text));
    }
    let without_spaces: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’')).collect();
    let (sign, digits) = match without_spaces.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", without_spaces.strip_prefix('+').unwrap_or(&without_spaces)),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',') {
        return Err(NotANumber::Other);
    }
    let plain = match (digits.rfind(','), digits.rfind('.')) {
        (None, None) => digits.to_owned(),
        (Some(comma), Some(dot)) if comma > dot => decimals_after(digits, ',', '.')?,
        (Some(_), Some(_)) => decimals_after(digits, '.', ',')?,
        (Some(comma), None) if digits.find(',') == Some(comma) => with_one_comma(digits, comma)?,
        (Some(_), None) => grouped(digits, ',')?,
        (None, Some(dot)) if digits.find('.') == Some(dot) => digits.to_owned(),
        (None, Some(_)) => grouped(digits, '.')?,
    };
    Ok(Cow::Owned(format!("{sign}{plain}")))
}

fn with_one_comma(digits: &str, comma: usize) -> Result<String, NotANumber> {
    let (whole, fraction) = (&digits[..comma], &digits[comma + 1..]);
    if fraction.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0') {
        return Err(NotANumber::Ambiguous);
    }
    if whole.is_empty() || fraction.is_empty() { Err(NotANumber::Other) } else { Ok(format!("{whole}.{fraction}")) }
}

fn decimals_after(digits: &str, decimal: char, thousands: char) -> Result<String, NotANumber> {
    let (whole, fraction) = digits.rsplit_once(decimal).ok_or(NotANumber::Other)?;
    if fraction.is_empty() || whole.contains(decimal) {
        return Err(NotANumber::Other);
    }
    Ok(format!("{}.{fraction}", grouped(whole, thousands)?))
}

/// Digits in groups of three.
fn grouped(digits: &str, mark: char) -> Result<String, NotANumber> {
    let mut groups = digits.split(mark);
    let first = groups.next().unwrap_or_default();
    if !(1..=3).contains(&first.len()) || !first.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotANumber::Other);
    }
    if groups.any(|group| group.len() != 3 || !group.bytes().all(|b| b.is_ascii_digit())) {
        return Err(NotANumber::Other);
    }
    Ok(digits.replace(mark, ""))
}

/// When something happened, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// With a zone.
    Instant(Timestamp),
    /// On the clock of the import's time zone.
    Local(NaiveDateTime),
}

impl When {
    /// Reads an ISO 8601 date or date-time, with or without a zone, or `dd/mm/yyyy[ hh:mm[:ss]]`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once(['T', 't', ' ']) {
            Some((date, time)) => (date, Some(time.trim_start())),
            None => (text, None),
        };
        let (date, iso) = match date.contains('/') {
            true => (day_first(date)?, false),
            false => (year_first(date)?, true),
        };
        let Some(time) = time else { return Some(Self::Local(date.and_time(NaiveTime::MIN))) };
        let (clock, zone) = split_zone(time);
        let local = date.and_time(time_of_day(clock)?);
        match zone {
            None => Some(Self::Local(local)),
            Some(zone) if iso => offset(zone)?
                .from_local_datetime(&local)
                .single()
                .map(|at: DateTime<FixedOffset>| Self::Instant(Timestamp(at.timestamp_micros()))),
            Some(_) => None,
        }
    }

    /// The instant; none for a local time that a clock change skipped. Of a repeated hour, the first.
    pub(super) fn instant(self, zone: Tz) -> Option<Timestamp> {
        match self {
            Self::Instant(at) => Some(at),
            Self::Local(local) => match zone.from_local_datetime(&local) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(Timestamp(at.timestamp_micros())),
                LocalResult::None => None,
            },
        }
    }

    /// Bytes that differ when what was written means something else.
    pub(super) fn identity(self) -> [u8; 9] {
        let (tag, micros) = match self {
            Self::Instant(at) => (1, at.0),
            Self::Local(local) => (2, local.and_utc().timestamp_micros()),
        };
        let mut bytes = [tag; 9];
        bytes[1..].copy_from_slice(&micros.to_be_bytes());
        bytes
    }
}

fn digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<u32> {
    (lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn year_first(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let (year, month, day) = (digits(parts.next()?, 4..=4)?, digits(parts.next()?, 2..=2)?, digits(parts.next()?, 2..=2)?);
    parts.next().is_none().then(|| NaiveDate::from_ymd_opt(year as i32, month, day))?
}

fn day_first(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('/');
    let (day, month, year) = (digits(parts.next()?, 1..=2)?, digits(parts.next()?, 1..=2)?, digits(parts.next()?, 4..=4)?);
    parts.next().is_none().then(|| NaiveDate::from_ymd_opt(year as i32, month, day))?
}

/// `hh:mm[:ss[.ffffff]]`
fn time_of_day(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let (hour, minute) = (digits(parts.next()?, 1..=2)?, digits(parts.next()?, 2..=2)?);
    let Some(seconds) = parts.next() else { return NaiveTime::from_hms_opt(hour, minute, 0) };
    let (whole, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, ""));
    let micros = if fraction.is_empty() { 0 } else { digits(&format!("{:0<6}", fraction.get(..fraction.len().min(6))?), 6..=6)? };
    let second = digits(whole, 2..=2)?;
    (parts.next().is_none() && fraction.len() <= 9).then(|| NaiveTime::from_hms_micro_opt(hour, minute, second, micros))?
}

fn split_zone(time: &str) -> (&str, Option<&str>) {
    match time.find(['Z', 'z', '+', '-']) {
        Some(at) => (time[..at].trim_end(), Some(&time[at..])),
        None => (time, None),
    }
}

fn offset(zone: &str) -> Option<FixedOffset> {
    if zone.eq_ignore_ascii_case("z") {
        return FixedOffset::east_opt(0);
    }
    let (sign, rest) = (if zone.starts_with('-') { -1 } else { 1 }, zone.get(1..)?);
    let (hours, minutes) = match rest.len() {
        2 => (digits(rest, 2..=2)?, 0),
        4 => (digits(rest.get(..2)?, 2..=2)?, digits(rest.get(2..)?, 2..=2)?),
        _ => rest.split_once(':').and_then(|(h, m)| Some((digits(h, 2..=2)?, digits(m, 2..=2)?)))?,
    };
    (minutes < 60).then(|| FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60) as i32))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_of_both_worlds_and_refuses_what_nobody_can_tell() {
        for (text, plain) in [
            ("12", "12"),
            ("-3.50", "-3.50"),
            ("1,5", "1.5"),
            ("0,125", "0.125"),
            ("1234,567", "1234.567"),
            ("12,50", "12.50"),
            ("1 234", "1234"),
            ("1\u{202f}234,5", "1234.5"),
            ("1.234,5", "1234.5"),
            ("1,234.5", "1234.5"),
            ("1,234,567", "1234567"),
            ("1.234.567", "1234567"),
            ("-1 000", "-1000"),
            ("1'000", "1000"),
        ] {
            assert_eq!(number(text).as_deref(), Ok(plain), "{text}");
        }
        for text in ["1,234", "12,345", "-999,000"] {
            assert_eq!(number(text), Err(NotANumber::Ambiguous), "{text}");
        }
        for text in ["", "douze", "1,2,3", "1.2,3.4", "1e5", "=1+1", ",5", "5,", "1,23.4", "٣"] {
            assert!(number(text).map_or(true, |plain| crate::inventory::quantity::parse(&plain).is_none()), "{text}");
        }
    }

    #[test]
    fn reads_dates_with_and_without_a_zone() {
        let dakar = chrono_tz::Africa::Dakar;
        let at = |text: &str, zone: Tz| When::parse(text).and_then(|when| when.instant(zone)).map(|at| at.to_utc().to_rfc3339());
        for (text, utc) in [
            ("2009-12-01T07:45:00", "2009-12-01T07:45:00+00:00"),
            ("2009-12-01 07:45", "2009-12-01T07:45:00+00:00"),
            ("2009-12-01", "2009-12-01T00:00:00+00:00"),
            ("2009-12-01T07:45:00Z", "2009-12-01T07:45:00+00:00"),
            ("2009-12-01T07:45+01:00", "2009-12-01T06:45:00+00:00"),
            ("2009-12-01T07:45:00.250-0330", "2009-12-01T11:15:00.250+00:00"),
            ("31/12/2024", "2024-12-31T00:00:00+00:00"),
            ("1/2/2024 8:05", "2024-02-01T08:05:00+00:00"),
        ] {
            assert_eq!(at(text, dakar).as_deref(), Some(utc), "{text}");
        }
        for text in ["12/31/2024", "01/02/24", "01-02-2024", "2024-02-30", "2024-1-5", "hier", "20241231", "2024-01-01T25:00", "45291"] {
            assert_eq!(at(text, dakar), None, "{text}");
        }
        let paris = chrono_tz::Europe::Paris;
        assert_eq!(at("2024-07-01 12:00", paris).as_deref(), Some("2024-07-01T10:00:00+00:00"));
        assert_eq!(at("2024-03-31 02:30", paris), None, "the clock skipped it");
        assert_eq!(at("2024-10-27 02:30", paris).as_deref(), Some("2024-10-27T00:30:00+00:00"), "the first of the two");
    }
}
