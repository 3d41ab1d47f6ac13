//! Quantities: whole thousandths of a unit, read from and written as exact decimals.

use crate::locale::Locale;
use entities::Quantity;

/// Reads a decimal of at most three decimals, in any sign; none when it is not one or is out of range.
pub fn parse(text: &str) -> Option<Quantity> {
    parse_scaled(text, 3).map(Quantity).filter(|quantity| quantity.0.abs() <= Quantity::MAX.0)
}

/// The shortest exact decimal, such as `2.5` or `-3`.
pub fn format(quantity: Quantity) -> String {
    format_scaled(quantity.0, 3, false)
}

/// Whether a quantity is no finer than the unit allows.
pub fn fits(quantity: Quantity, decimals: i32) -> bool {
    let step = 10_i64.pow(u32::try_from(3 - decimals.clamp(0, 3)).unwrap_or(0));
    quantity.0 % step == 0
}

/// Why a quantity does not fit a unit of so many decimals.
pub fn too_fine(decimals: i32, locale: Locale) -> String {
    locale.say("quantity-too-fine", &[("decimals", decimals.to_string())])
}

/// How many decimals the finest of these needs, 0 to 3.
pub fn decimals(quantities: impl IntoIterator<Item = Option<Quantity>> + Clone) -> i32 {
    let all_fit = |decimals: &i32| quantities.clone().into_iter().flatten().all(|quantity| fits(quantity, *decimals));
    (0..3).find(all_fit).unwrap_or(3)
}

/// The product of a quantity and a unit price, rounded half away from zero.
pub fn value(quantity: Quantity, price: entities::MinorUnits) -> entities::MinorUnits {
    let exact = i128::from(quantity.0) * i128::from(price.0);
    let rounded = (exact + exact.signum() * 500) / 1000;
    entities::MinorUnits(i64::try_from(rounded).unwrap_or(if rounded > 0 { i64::MAX } else { i64::MIN }))
}

/// Reads a decimal as a whole number of 10^-`decimals`; trailing zeros beyond that are no excess.
pub(crate) fn parse_scaled(text: &str, decimals: u32) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let dot_without_digits = digits.ends_with('.') || digits.starts_with('.');
    if whole.is_empty() || whole.len() > 15 || fraction.len() > decimals as usize || !plain(whole) || !plain(fraction) || dot_without_digits
    {
        return None;
    }
    let padded = format!("{fraction:0<width$}", width = decimals as usize);
    let scaled = whole.parse::<i64>().ok()?.checked_mul(10_i64.pow(decimals))?;
    let scaled = scaled.checked_add(if padded.is_empty() { 0 } else { padded.parse().ok()? })?;
    (scaled <= 1_000_000_000_000_000).then_some(sign * scaled)
}

/// A whole number of 10^-`decimals` as a decimal.
pub fn format_scaled(number: i64, decimals: u32, keep_zeros: bool) -> String {
    let scale = 10_u64.pow(decimals);
    let (sign, magnitude) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    let mut text = format!("{sign}{}", magnitude / scale);
    if decimals > 0 {
        let fraction = format!("{:0width$}", magnitude % scale, width = decimals as usize);
        let fraction = if keep_zeros { &fraction } else { fraction.trim_end_matches('0') };
        if !fraction.is_empty() {
            text = format!("{text}.{fraction}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_exact_decimals() {
        for (text, thousandths) in [("0", 0), ("1", 1000), ("-2.5", -2500), ("+0.125", 125), ("3.100000", 3100), ("-0.001", -1)] {
            assert_eq!(parse(text), Some(Quantity(thousandths)), "{text}");
        }
        for text in ["", "-", ".", "1.", ".5", "1.2345", "1e3", " 1", "0x1", "1,5", "1000000001", "NaN", "٣"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!((format(Quantity(2500)), format(Quantity(-1)), format(Quantity(0))), ("2.5".into(), "-0.001".into(), "0".into()));
    }

    #[test]
    fn holds_quantities_to_the_decimals_of_the_unit() {
        assert!(fits(Quantity(3000), 0) && !fits(Quantity(3500), 0) && fits(Quantity(3500), 1) && fits(Quantity(1), 3));
    }

    #[test]
    fn rounds_values_half_away_from_zero() {
        use entities::MinorUnits;
        assert_eq!(value(Quantity(1500), MinorUnits(3)), MinorUnits(5));
        assert_eq!(value(Quantity(-1500), MinorUnits(3)), MinorUnits(-5));
    }
}
