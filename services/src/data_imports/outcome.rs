//! What became of a batch of rows, and what a rehearsal remembers of it.

use super::drafts;
use super::errors::RowError;
use super::names::{Added, Names};
use super::rows::{Row, Setup, column_of};
use crate::inventory::movements::ProductFacts;
use crate::inventory::movements::bulk::{History, Ledger, Subject};
use crate::scope::TenantTx;
use crate::{Refusal, Result};
use entities::Quantity;
use entities::data_imports::data_import;
use entities::inventory::{ProductId, product};
use std::collections::HashMap;

/// How many rows were taken, passed over and refused, and why.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub applied: i64,
    pub skipped: i64,
    pub failed: i64,
    pub errors: Vec<RowError>,
}

impl Tally {
    pub(super) fn refuse(&mut self, row: &Row, setup: &Setup, refusals: Vec<Refusal>) {
        self.failed += 1;
        self.errors.extend(RowError::of_refusals(row.line, refusals, |field| column_of(&setup.mapping, field)));
    }
}

/// The decisions of a batch, not yet written.
pub(super) struct Outcome {
    pub tally: Tally,
    pub names: Names,
    pub new_products: Vec<product::Model>,
    pub changed_products: Vec<product::Model>,
    /// With the decimals of each new product's unit, by SKU.
    pub facts: HashMap<String, (ProductId, ProductFacts)>,
    pub ledger: Option<Ledger>,
}

impl Outcome {
    /// Writes what holds up nobody: what is new, and the movements.
    pub(super) async fn write(&self, txn: &TenantTx<'_>, import: &data_import::Model) -> Result<()> {
        self.names.write(txn).await?;
        drafts::insert(txn, &self.new_products).await?;
        drafts::update(txn, &self.changed_products).await?;
        match &self.ledger {
            Some(ledger) => ledger.write(txn, import.created_by).await,
            None => Ok(()),
        }
    }

    /// Writes the rest, which others wait for.
    pub(super) async fn settle(&self, txn: &TenantTx<'_>) -> Result<()> {
        match &self.ledger {
            Some(ledger) => ledger.settle(txn).await,
            None => Ok(()),
        }
    }

    /// Whether rows came that an earlier import had brought.
    pub(super) fn met_known(&self) -> bool {
        self.ledger.as_ref().is_some_and(Ledger::met_known)
    }

    /// Whether the next chunk may be decided before this one is committed.
    pub(super) fn leaves_way(&self) -> bool {
        self.ledger.as_ref().is_some_and(Ledger::leaves_way)
    }
}

/// What is decided but not to be read yet: all of a dry run so far, so that it decides later rows as a real one does; or
/// the chunk before one that comes early.
#[derive(Default)]
pub(super) struct Rehearsal {
    pub added: Added,
    /// Products that movements would have added, by SKU.
    pub facts: HashMap<String, (ProductId, ProductFacts)>,
    /// Products that product rows would have added or changed, by SKU.
    pub products: HashMap<String, product::Model>,
    pub moved: HashMap<Subject, Quantity>,
    /// Kept only where rows may be counts.
    pub history: Option<History>,
}

impl Rehearsal {
    pub(super) fn new(setup: &Setup) -> Self {
        use super::fields::Field;
        use entities::inventory::stock_movement::StockMovementKind::Count;
        let rules = setup.mapping.rules.iter().any(|rule| rule.kind == Some(Count));
        let counts = rules || column_of(&setup.mapping, Field::Kind).is_some();
        Self { history: counts.then(HashMap::new), ..Self::default() }
    }

    /// What a chunk that comes early must know of the one before it.
    pub(super) fn before(outcome: &Outcome) -> Self {
        let mut earlier = Self { facts: outcome.facts.clone(), ..Self::default() };
        outcome.names.remember(&mut earlier.added);
        earlier
    }

    pub(super) fn remember(&mut self, outcome: Outcome) {
        outcome.names.remember(&mut self.added);
        for product in outcome.new_products.into_iter().chain(outcome.changed_products) {
            if outcome.ledger.is_none() {
                self.products.insert(product.sku.clone(), product);
            }
        }
        self.facts.extend(outcome.facts);
        let Some(ledger) = outcome.ledger else { return };
        for (subject, quantity) in ledger.moved() {
            *self.moved.entry(subject).or_default() += quantity;
        }
        if let Some(history) = &mut self.history {
            for (subject, at, quantity) in ledger.happened() {
                history.entry(subject).or_default().push((at, quantity));
            }
        }
    }
}
