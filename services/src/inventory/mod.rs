//! What an organisation stocks, where, and how much of it there is.
//!
//! A *product* has a SKU, is counted in a *unit*, may have a *category* and a *supplier*. A *stock level* says how much of
//! it one *warehouse* holds: *on hand* (physically there), *reserved* (promised), *available* = on hand − reserved. A
//! *stock movement* is one change of a level; movements are the ledger, levels their running sum.
//!
//! Rules that always hold:
//! - The ledger is append-only. A wrong movement is undone by its reverse, once.
//! - on hand = Σ quantity of the subject's movements, in every committed state.
//! - Every change of a product's stock locks its level first (sorted by product and warehouse, where there are several),
//!   then touches its service day, then marks it for evaluation.
//! - `on hand after` a movement follows the order of `occurred at`, whenever it was recorded.
//! - A *count* writes the difference between what was counted and what the ledger says of that instant, as known then.
//! - Below zero: the organisation's policy refuses, warns, or allows.
//! - The same idempotency key gives the same movement, once. A hash of what was asked is kept with it: with other content the key is refused.
//! - Products are found by any part of SKU, name or barcode, whatever the case and the accents.
//! - Products, categories, suppliers and warehouses are listed by name in the same sense: by `name_key`, then by id; [`names`]
//!   fills keys that are missing. A SKU is a
//!   code, listed by its bytes.
//! - A sale that delivers less than was ordered is a *short line*; the service level counts them per local day, and a change
//!   of the organisation's time zone makes those days anew ([`service_days`]).
//!
//! Quantities are thousandths of the unit, at most as fine as the unit's decimals; prices are minor units of the
//! organisation's currency.

pub mod catalog;
pub mod dashboard;
pub mod money;
pub mod movements;
pub mod names;
pub mod products;
pub mod quantity;
pub mod references;
pub(crate) mod search;
pub mod service_days;
pub mod stock;

#[cfg(test)]
mod tests;
