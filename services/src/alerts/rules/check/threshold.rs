//! Below what an alert begins, and how far above that it ends.

use super::Checked;
use crate::inventory::quantity;
use crate::locale::Locale;
use crate::scope::TenantTx;
use crate::{Code, Reads, Refusals, Result};
use entities::Quantity;
use entities::alerts::AlertKind;
use entities::inventory::{product, unit};

impl Checked {
    /// Absent is untouched, none is cleared.
    pub(super) fn change_threshold(&mut self, threshold: Option<Option<String>>, locale: Locale, refusals: &mut Refusals) {
        let is = &mut self.is;
        let mut refuse = |code, key: &str| refusals.add(code, "threshold", locale.say(key, &[]));
        match threshold {
            Some(Some(_)) if is.kind != AlertKind::LowStock => refuse(Code::Invalid, "rule-threshold-of-low-stock"),
            Some(Some(text)) => match quantity::parse(text.trim()).filter(|quantity| *quantity >= Quantity::ZERO) {
                Some(quantity) => (is.threshold, self.new_threshold) = (Some(quantity), true),
                None => refuse(Code::OutOfRange, "quantity-invalid"),
            },
            Some(None) => is.threshold = None,
            None => {}
        }
    }

    /// Absent is untouched, none is that of the kind.
    pub(super) fn change_margin(&mut self, percent: Option<Option<String>>, locale: Locale, refusals: &mut Refusals) {
        let is = &mut self.is;
        match percent {
            Some(Some(text)) => match quantity::parse_scaled(text.trim(), 2).filter(|margin| (0..=100_000).contains(margin)) {
                Some(margin) => is.clear_margin = margin,
                None => refusals.add(Code::OutOfRange, "clearPercent", locale.say("rule-percent", &[])),
            },
            Some(None) => is.clear_margin = default_margin(is.kind),
            None => {}
        }
    }

    /// A threshold of one product is no finer than its unit; of several, each may have another.
    pub(super) async fn check_threshold(&self, txn: &TenantTx<'_>, product: &product::Model, refusals: &mut Refusals) -> Result<()> {
        let Some(threshold) = self.is.threshold.filter(|_| self.new_threshold) else { return Ok(()) };
        let decimals = txn.get::<unit::Entity>(product.unit_id).await?.decimals;
        if !quantity::fits(threshold, decimals) {
            refusals.add(Code::OutOfRange, "threshold", quantity::too_fine(decimals, txn.locale()));
        }
        Ok(())
    }
}

/// Ten-thousandths of the threshold an alert must rise above it to clear, when nothing is said.
pub(super) fn default_margin(kind: AlertKind) -> i64 {
    if kind == AlertKind::LowStock { 1000 } else { 0 }
}
