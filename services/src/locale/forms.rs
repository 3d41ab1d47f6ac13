//! The forms of numbers, money and dates in each language (CLDR).

use super::Locale;
use chrono::{Datelike, NaiveDate, NaiveDateTime};
use fluent_templates::fluent_bundle::concurrent::FluentBundle;
use fluent_templates::fluent_bundle::{FluentResource, FluentValue};
use std::borrow::Borrow;

/// The narrow no-break space French writes between thousands.
const NARROW: char = '\u{202f}';

/// Lets sentences say `NUMBER($x)` of a decimal given as text: shown in the language's form, and counted for plurals.
pub(super) fn install<R: Borrow<FluentResource>>(bundle: &mut FluentBundle<R>) {
    bundle.set_use_isolating(false);
    let english = bundle.locales.first().is_some_and(|language| language.language.as_str() == "en");
    // A function pointer carries no language with it, so there is one for each form.
    bundle.set_formatter(Some(if english { |value, _| shown(value, Locale::En) } else { |value, _| shown(value, Locale::Fr) }));
    let number = bundle.add_function("NUMBER", |positional, _| match positional.first() {
        Some(FluentValue::String(text)) => text.parse::<f64>().map_or_else(|_| FluentValue::String(text.clone()), FluentValue::from),
        Some(other) => other.clone(),
        None => FluentValue::Error,
    });
    number.expect("NUMBER is added once to a new bundle");
}

fn shown(value: &FluentValue, locale: Locale) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    Some(locale.number(&number.value.to_string()))
}

impl Locale {
    /// A decimal such as `1234.5` in this language's form.
    pub fn number(self, decimal: &str) -> String {
        let (group, point) = if self == Self::En { (',', '.') } else { (NARROW, ',') };
        let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal), |digits| ("-", digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut text = sign.to_owned();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(point);
            text.push_str(fraction);
        }
        text
    }

    /// A quantity in a unit, such as `2,5 kg` or `3 sacs`; the unit by its code.
    pub fn measure(self, decimal: &str, unit: &str) -> String {
        let said = self.try_say(&format!("measure-{}", unit.to_lowercase()), &[("n".to_owned(), decimal.to_owned())]);
        said.unwrap_or_else(|| format!("{}\u{a0}{unit}", self.number(decimal)))
    }

    /// The size of a file, such as `512 Mio`, rounded down to a tenth.
    pub fn size(self, bytes: u64) -> String {
        let units = if self == Self::En { ["B", "KiB", "MiB", "GiB", "TiB"] } else { ["o", "Kio", "Mio", "Gio", "Tio"] };
        let mut place = 0;
        while place + 1 < units.len() && bytes >> (10 * (place + 1)) > 0 {
            place += 1;
        }
        let tenths = (u128::from(bytes) * 10) >> (10 * place);
        let tenth = if tenths.is_multiple_of(10) { String::new() } else { format!(".{}", tenths % 10) };
        format!("{}\u{a0}{}", self.number(&format!("{}{tenth}", tenths / 10)), units[place])
    }

    /// An amount in a currency's own decimals, such as `1500` of `XOF`.
    pub fn amount(self, decimal: &str, currency: &str) -> String {
        let number = self.number(decimal);
        let symbol = match currency {
            "XOF" => "F\u{202f}CFA",
            "XAF" => "FCFA",
            "EUR" => "€",
            "USD" => "$",
            "GBP" => "£",
            code => code,
        };
        match self {
            Self::En if symbol.chars().count() == 1 => format!("{symbol}{number}"),
            Self::En => format!("{symbol}\u{a0}{number}"),
            Self::Fr | Self::Wo => format!("{number}\u{a0}{symbol}"),
        }
    }

    /// A day, such as `1er décembre 2026`.
    pub fn day(self, day: NaiveDate) -> String {
        let month = self.months()[day.month0() as usize];
        let first = if self == Self::Fr && day.day() == 1 { "er" } else { "" };
        format!("{}{first} {month} {}", day.day(), day.year())
    }

    /// A local date and time, to the minute.
    pub fn moment(self, at: NaiveDateTime) -> String {
        let joined = match self {
            Self::Fr => "à",
            Self::En => "at",
            Self::Wo => "ci",
        };
        format!("{} {joined} {}", self.day(at.date()), at.format("%H:%M"))
    }

    fn months(self) -> [&'static str; 12] {
        match self {
            Self::Fr => {
                ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]
            }
            Self::En => {
                ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
            }
            Self::Wo => {
                ["Samwiyee", "Fewriyee", "Mars", "Awril", "Mee", "Suwe", "Sulet", "Ut", "Sàttumbar", "Oktoobar", "Nowàmbar", "Desàmbar"]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Locale::{En, Fr, Wo};

    #[test]
    fn writes_numbers_and_money_as_the_reader_does() {
        assert_eq!(Fr.number("1234567.5"), "1\u{202f}234\u{202f}567,5");
        assert_eq!((En.number("-1234567.5"), Wo.number("999")), ("-1,234,567.5".into(), "999".into()));
        assert_eq!(Fr.amount("1500", "XOF"), "1\u{202f}500\u{a0}F\u{202f}CFA");
        assert_eq!((Fr.amount("12.50", "EUR"), En.amount("12.50", "EUR")), ("12,50\u{a0}€".into(), "€12.50".into()));
    }

    #[test]
    fn writes_quantities_with_their_unit_and_sizes_in_words() {
        for (locale, decimal, unit, expected) in [
            (Fr, "1234.5", "KG", "1\u{202f}234,5\u{a0}kg"),
            (Fr, "1.5", "BAG", "1,5\u{a0}sac"),
            (Fr, "-3", "BAG", "-3\u{a0}sacs"),
            (Fr, "0", "PIECE", "0\u{a0}pièce"),
            (En, "1", "BOX", "1\u{a0}box"),
            (En, "1.5", "L", "1.5\u{a0}l"),
            (En, "2000", "PIECE", "2,000\u{a0}pieces"),
            (Wo, "2.5", "L", "2,5\u{a0}liitar"),
            (Fr, "2", "PALLET", "2\u{a0}PALLET"),
        ] {
            assert_eq!(locale.measure(decimal, unit), expected);
        }
        for (bytes, french, english) in [
            (512, "512\u{a0}o", "512\u{a0}B"),
            (536_870_912, "512\u{a0}Mio", "512\u{a0}MiB"),
            (1_000_000, "976,5\u{a0}Kio", "976.5\u{a0}KiB"),
            (5 << 30, "5\u{a0}Gio", "5\u{a0}GiB"),
        ] {
            assert_eq!((Fr.size(bytes), En.size(bytes)), (french.into(), english.into()));
        }
    }

    #[test]
    fn writes_days_as_the_reader_does() {
        let at = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap().and_hms_opt(9, 5, 0).unwrap();
        assert_eq!(Fr.moment(at), "1er décembre 2026 à 09:05");
        assert_eq!((En.moment(at), Wo.day(at.date())), ("1 December 2026 at 09:05".into(), "1 Desàmbar 2026".into()));
    }
}
