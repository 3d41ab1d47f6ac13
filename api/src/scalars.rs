//! Values as clients write them.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use chrono::{DateTime as Chrono, SecondsFormat, Utc};
use entities::{MinorUnits, Quantity, Timestamp};
use services::inventory::{money, quantity};

/// An instant, RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

/// Any offset comes in; UTC with milliseconds goes out.
#[Scalar(name = "DateTime", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let at = Chrono::parse_from_rfc3339(text).map_err(|_| InputValueError::custom("not an RFC 3339 instant"))?;
        Ok(Self(Timestamp::from(at.with_timezone(&Utc))))
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl From<Timestamp> for DateTime {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// An exact decimal number, as a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal(pub String);

/// What the number means, and how fine it may be, is for the service to say.
#[Scalar(name = "Decimal", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259#section-6")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) if is_decimal(text) => Ok(Self(text.clone())),
            Value::Number(number) if is_decimal(&number.to_string()) => Ok(Self(number.to_string())),
            Value::String(_) => Err(InputValueError::custom("not a decimal number")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.len() <= 40 && plain(whole) && plain(fraction)
}

impl From<Quantity> for Decimal {
    fn from(amount: Quantity) -> Self {
        Self(quantity::format(amount))
    }
}

/// An integer beyond 32 bits, as a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BigInt(pub i64);

/// A string, or a number that fits.
#[Scalar(name = "BigInt", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259#section-6")]
impl ScalarType for BigInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number = match &value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        number.map(Self).ok_or_else(|| InputValueError::custom("not an integer"))
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An absolute URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url(pub String);

/// Only ever an output.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = value else { return Err(InputValueError::expected_type(value)) };
        Ok(Self(text))
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// An ISO 4217 currency code, such as XOF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrencyCode(pub String);

/// Upper case letters; whether we know it is for the service to say.
#[Scalar(name = "CurrencyCode", specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) => Ok(Self(text.clone())),
            _ => Err(InputValueError::custom("not an ISO 4217 code")),
        }
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// An amount of money in its currency.
#[derive(SimpleObject, Clone, Debug)]
#[graphql(crate = "crate::in_place::gql")]
pub struct Money {
    /// Exact, with the currency's own number of decimals.
    pub amount: Decimal,
    /// The organisation's currency.
    pub currency: CurrencyCode,
}

impl Money {
    pub fn new(amount: MinorUnits, currency: &str) -> Self {
        Self { amount: Decimal(money::format(amount, currency)), currency: CurrencyCode(currency.to_owned()) }
    }
}
