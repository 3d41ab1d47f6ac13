//! Money: whole minor units of a currency (ISO 4217).

use crate::identity::Permission;
use crate::{Result, Scope};
use entities::MinorUnits;

/// What something cost the firm, or is worth at cost; refused to whoever may not see costs, whether there is an amount or not.
pub fn cost<T>(scope: &Scope, amount: T) -> Result<T> {
    scope.require(Permission::InventoryCostRead)?;
    Ok(amount)
}

/// How many decimals a currency has; none for a code we do not know.
pub fn decimals(currency: &str) -> Option<u32> {
    const NONE: &[&str] = &["XOF", "XAF", "GNF", "JPY", "KRW", "CLP", "RWF", "BIF", "DJF", "KMF", "UGX", "VND", "PYG", "VUV", "XPF", "ISK"];
    const THREE: &[&str] = &["TND", "BHD", "IQD", "JOD", "KWD", "LYD", "OMR"];
    const TWO: &[&str] = &[
        "EUR", "USD", "GBP", "CHF", "CAD", "MAD", "DZD", "EGP", "NGN", "GHS", "GMD", "SLE", "LRD", "CVE", "MRU", "ZAR", "KES", "TZS",
        "ETB", "CDF", "AOA", "MZN", "MGA", "MUR", "SCR", "AED", "SAR", "QAR", "TRY", "CNY", "INR", "BRL", "AUD", "NZD", "SEK", "NOK",
        "DKK", "PLN", "CZK", "HUF", "RON", "RUB", "SGD", "HKD", "THB", "MYR", "IDR", "PHP", "MXN", "ARS", "COP", "PEN", "ILS", "PKR",
        "BDT", "LKR", "STN",
    ];
    match currency {
        code if NONE.contains(&code) => Some(0),
        code if THREE.contains(&code) => Some(3),
        code if TWO.contains(&code) => Some(2),
        _ => None,
    }
}

/// Reads an amount such as `12.50`; none when it is not a number, has too many decimals, or is beyond 10^15.
pub fn parse(text: &str, currency: &str) -> Option<MinorUnits> {
    super::quantity::parse_scaled(text, decimals(currency)?).map(MinorUnits)
}

/// The amount as an exact decimal, such as `12.50` or `1500`.
pub fn format(amount: MinorUnits, currency: &str) -> String {
    super::quantity::format_scaled(amount.0, decimals(currency).unwrap_or(2), true)
}
