//! The fields of a product: what can be read, and what fits what is there.

use super::{ProductChange, has_finer_stock};
use crate::identity::check_text;
use crate::inventory::{money, quantity, search};
use crate::locale::Locale;
use crate::scope::TenantTx;
use crate::{Code, Error, Reads, Refusals, Result};
use entities::inventory::{UnitId, category, product, supplier, unit};
use entities::{MinorUnits, Quantity};
use migration::folding::name_key;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;

/// A change whose fields have been read and found good.
pub(crate) struct Checked {
    pub change: ProductChange,
    pub(super) unit: Option<UnitId>,
    pub cost_price: Option<Option<MinorUnits>>,
    pub sale_price: Option<Option<MinorUnits>>,
    pub reorder_point: Option<Option<Quantity>>,
    safety_stock: Option<Option<Quantity>>,
}

impl Checked {
    /// Reads the fields, or refuses each that cannot be read.
    pub(crate) fn of(locale: Locale, change: ProductChange, currency: &str) -> Result<Self> {
        let mut refusals = Refusals::default();
        let checked = Self::read(locale, change, currency, &mut refusals);
        refusals.check().map(|()| checked)
    }

    /// Reads the fields; what cannot be read is refused and nothing.
    pub(super) fn read(locale: Locale, mut change: ProductChange, currency: &str, refusals: &mut Refusals) -> Self {
        change.sku = change.sku.map(|sku| check_text(&sku, "sku", 64, locale, refusals));
        change.name = change.name.map(|name| check_text(&name, "name", 300, locale, refusals));
        for (text, path, most) in [(&change.description, "description", 5000), (&change.barcode, "barcode", 64)] {
            if text.as_ref().and_then(Option::as_ref).is_some_and(|text| text.chars().count() > most) {
                refusals.add(Code::TooLong, path, locale.say("text-too-long", &[("most", most.to_string())]));
            }
        }
        if change.lead_time_days.flatten().is_some_and(|days| !(0..=3650).contains(&days)) {
            refusals.add(Code::OutOfRange, "leadTimeDays", locale.say("lead-time-range", &[]));
        }
        let mut price = |text: &Option<Option<String>>, path: &str| {
            read(text, |text| money::parse(text, currency).filter(|amount| amount.0 >= 0)).unwrap_or_else(|()| {
                refusals.add(Code::OutOfRange, path, locale.say("amount-invalid", &[("currency", currency.to_owned())]));
                None
            })
        };
        let (cost_price, sale_price) = (price(&change.cost_price, "costPrice"), price(&change.sale_price, "salePrice"));
        let mut amount = |text: &Option<Option<String>>, path: &str| {
            read(text, |text| quantity::parse(text).filter(|quantity| quantity.0 >= 0)).unwrap_or_else(|()| {
                refusals.add(Code::OutOfRange, path, locale.say("quantity-invalid", &[]));
                None
            })
        };
        let (reorder_point, safety_stock) = (amount(&change.reorder_point, "reorderPoint"), amount(&change.safety_stock, "safetyStock"));
        Self { unit: change.unit, change, cost_price, sale_price, reorder_point, safety_stock }
    }

    /// What the product is found by; what does not change is as it was.
    pub(super) fn search(&self, sku: &str, name: &str, barcode: Option<&str>) -> String {
        let change = &self.change;
        let barcode = change.barcode.as_ref().map_or(barcode, Option::as_deref);
        search::folded(change.sku.as_deref().unwrap_or(sku), change.name.as_deref().unwrap_or(name), barcode)
    }

    /// Refuses what does not fit what is there: `old`, or nothing yet. Answers the unit a new product has.
    pub(super) async fn check_in(
        &self,
        txn: &TenantTx<'_>,
        old: Option<&product::Model>,
        refusals: &mut Refusals,
    ) -> Result<Option<unit::Model>> {
        let unit = self.unit_in(txn, old, refusals).await?;
        if let Some(unit) = &unit {
            self.check_fit(unit.decimals, txn.locale(), refusals);
        }
        if let (Some(unit), Some(old)) = (unit.as_ref().filter(|_| self.unit.is_some()), old) {
            self.check_coarser(txn, old, unit, refusals).await?;
        }
        self.check_references(txn, refusals).await?;
        // The database says so by itself, but only of what is right in all else.
        if !refusals.is_empty() {
            self.check_sku(txn, old, refusals).await?;
        }
        Ok(unit)
    }

    /// The unit its quantities are in, read where anything depends on it.
    async fn unit_in(&self, txn: &TenantTx<'_>, old: Option<&product::Model>, refusals: &mut Refusals) -> Result<Option<unit::Model>> {
        if let Some(id) = self.unit {
            let unit = txn.find::<unit::Entity>(id).await?;
            if unit.is_none() {
                refusals.add(Code::NotFound, "unitId", txn.locale().say("unit-unknown", &[]));
            }
            return Ok(unit);
        }
        let Some(old) = old else { return default_unit(txn).await.map(Some) };
        let quantities = [self.reorder_point, self.safety_stock].into_iter().any(|quantity| quantity.flatten().is_some());
        if quantities { txn.get::<unit::Entity>(old.unit_id).await.map(Some) } else { Ok(None) }
    }

    /// Refuses quantities that so few decimals cannot say.
    pub(crate) fn check_fit(&self, decimals: i32, locale: Locale, refusals: &mut Refusals) {
        for (amount, path) in [(self.reorder_point, "reorderPoint"), (self.safety_stock, "safetyStock")] {
            if amount.flatten().is_some_and(|amount| !quantity::fits(amount, decimals)) {
                refusals.add(Code::OutOfRange, path, quantity::too_fine(decimals, locale));
            }
        }
    }

    /// A coarser unit would make quantities already there meaningless.
    async fn check_coarser(&self, txn: &TenantTx<'_>, old: &product::Model, unit: &unit::Model, refusals: &mut Refusals) -> Result<()> {
        if unit.id == old.unit_id {
            return Ok(());
        }
        if has_finer_stock(txn, old.id, unit.decimals).await? {
            refusals.add(Code::ForbiddenState, "unitId", txn.locale().say("unit-too-coarse", &[]));
        } else if self.keeps_finer(old, unit.decimals) {
            refusals.add(Code::ForbiddenState, "unitId", txn.locale().say("unit-too-coarse-for-thresholds", &[]));
        }
        Ok(())
    }

    /// Whether the product keeps a threshold that so few decimals cannot say.
    pub(crate) fn keeps_finer(&self, old: &product::Model, decimals: i32) -> bool {
        let kept = [(self.reorder_point, old.reorder_point), (self.safety_stock, old.safety_stock)];
        kept.iter().any(|(new, old)| new.is_none() && old.is_some_and(|amount| !quantity::fits(amount, decimals)))
    }

    async fn check_references(&self, txn: &TenantTx<'_>, refusals: &mut Refusals) -> Result<()> {
        let mut missing = |path: &str, key: &str| refusals.add(Code::NotFound, path, txn.locale().say(key, &[]));
        if let Some(id) = self.change.category.flatten()
            && txn.find::<category::Entity>(id).await?.is_none()
        {
            missing("categoryId", "category-unknown");
        }
        if let Some(id) = self.change.supplier.flatten()
            && txn.find::<supplier::Entity>(id).await?.is_none()
        {
            missing("supplierId", "supplier-unknown");
        }
        Ok(())
    }

    async fn check_sku(&self, txn: &TenantTx<'_>, old: Option<&product::Model>, refusals: &mut Refusals) -> Result<()> {
        let Some(sku) = self.change.sku.as_deref() else { return Ok(()) };
        let owner = txn.select::<product::Entity>().filter(product::Column::Sku.eq(sku)).one().await?;
        if owner.is_some_and(|owner| old.is_none_or(|old| old.id != owner.id)) {
            refusals.add(Code::AlreadyExists, "sku", txn.locale().say("sku-taken", &[]));
        }
        Ok(())
    }

    pub(super) fn row(&self, now: entities::Timestamp) -> product::ActiveModel {
        use sea_orm::ActiveValue::NotSet;
        let change = &self.change;
        fn set<T: Into<sea_orm::Value> + Clone>(value: &Option<T>) -> sea_orm::ActiveValue<T> {
            value.clone().map_or(NotSet, Set)
        }
        product::ActiveModel {
            sku: set(&change.sku),
            name: set(&change.name),
            name_key: set(&change.name.as_deref().map(name_key)),
            description: set(&change.description),
            barcode: set(&change.barcode),
            category_id: set(&change.category),
            supplier_id: set(&change.supplier),
            cost_price: set(&self.cost_price),
            sale_price: set(&self.sale_price),
            reorder_point: set(&self.reorder_point),
            safety_stock: set(&self.safety_stock),
            lead_time_days: set(&change.lead_time_days),
            updated_at: Set(now),
            ..Default::default()
        }
    }
}

/// Reads an optional, clearable text; an error when it is there and cannot be read.
fn read<T>(text: &Option<Option<String>>, parse: impl Fn(&str) -> Option<T>) -> Result<Option<Option<T>>, ()> {
    match text {
        None => Ok(None),
        Some(None) => Ok(Some(None)),
        Some(Some(text)) => parse(text.trim()).map(|value| Some(Some(value))).ok_or(()),
    }
}

async fn default_unit(txn: &TenantTx<'_>) -> Result<unit::Model> {
    let piece = txn.select::<unit::Entity>().filter(unit::Column::Code.eq("PIECE")).one().await?;
    piece.ok_or_else(|| Error::internal("the organisation has no unit PIECE"))
}
