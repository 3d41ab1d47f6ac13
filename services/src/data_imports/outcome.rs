//! What became of a batch of rows, and what a rehearsal remembers of it.

use super::drafts;
use super::errors::RowError;
use super::names::{Added, Names};
use super::rows::{Row, Setup, column_of};
use super::skips::Skips;
use crate::inventory::movements::ProductFacts;
use crate::inventory::movements::bulk::{History, Ledger, Subject};
use crate::locale::Locale;
use crate::scope::TenantTx;
use crate::{Code, Error, Refusal, Result};
use entities::Quantity;
use entities::data_imports::data_import;
use entities::inventory::{ProductId, product};
use std::collections::HashMap;

/// How many rows were taken, passed over and refused, and why.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub applied: i64,
    pub skips: Skips,
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
            Some(ledger) => ledger.write(txn, import.id, import.created_by).await,
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
    /// About how many bytes all this takes.
    weight: usize,
    locale: Locale,
}

impl Rehearsal {
    pub(super) fn new(setup: &Setup) -> Self {
        use super::fields::Field;
        use entities::inventory::stock_movement::StockMovementKind::Count;
        let rules = setup.mapping.rules.iter().any(|rule| rule.kind == Some(Count));
        let counts = rules || column_of(&setup.mapping, Field::Kind).is_some();
        Self { history: counts.then(HashMap::new), locale: setup.locale, ..Self::default() }
    }

    /// What a chunk that comes early must know of the one before it.
    pub(super) fn before(outcome: &Outcome) -> Self {
        let mut earlier = Self { facts: outcome.facts.clone(), ..Self::default() };
        outcome.names.remember(&mut earlier.added);
        earlier
    }

    /// Keeps what later rows must know, or refuses: what a file may add has no bound of its own.
    pub(super) fn remember(&mut self, outcome: Outcome) -> Result<()> {
        outcome.names.remember(&mut self.added);
        for product in outcome.new_products.into_iter().chain(outcome.changed_products) {
            if outcome.ledger.is_none() {
                self.weight += weight(&product);
                let before = self.products.insert(product.sku.clone(), product);
                self.weight -= before.as_ref().map_or(0, weight);
            }
        }
        self.weight += outcome.facts.keys().map(|sku| ENTRY + sku.len()).sum::<usize>();
        self.facts.extend(outcome.facts);
        if let Some(ledger) = outcome.ledger {
            self.remember_movements(&ledger);
        }
        if self.weight <= ROOM {
            return Ok(());
        }
        Err(Error::refuse(Code::LimitReached, "", self.locale.say("import-rehearsal-too-large", &[])))
    }

    fn remember_movements(&mut self, ledger: &Ledger) {
        let before = self.moved.len();
        for (subject, quantity) in ledger.moved() {
            *self.moved.entry(subject).or_default() += quantity;
        }
        self.weight += (self.moved.len() - before) * ENTRY;
        let Some(history) = &mut self.history else { return };
        let before = history.len();
        for (subject, at, quantity) in ledger.happened() {
            // Twice the size: runs are merged into new ones.
            self.weight += 2 * size_of_val(&(at, quantity));
            history.entry(subject).or_default().add(at, quantity);
        }
        self.weight += (history.len() - before) * ENTRY;
    }
}

/// About how many bytes an entry of a table takes beside its text.
const ENTRY: usize = 100;
/// About how many bytes a dry run may remember.
const ROOM: usize = 256 << 20;

fn weight(product: &product::Model) -> usize {
    let texts = [&product.description, &product.barcode].map(|text| text.as_ref().map_or(0, String::len));
    ENTRY + size_of::<product::Model>() + 2 * product.sku.len() + product.name.len() + texts.iter().sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[tokio::test]
    async fn a_dry_run_remembers_so_much_and_no_more() {
        let fixture = Fixture::new().await;
        let product = fixture.product().create().await;
        let names = Names::read(&fixture.again(), &[], None).await.unwrap();
        let mut rehearsal = Rehearsal::default();
        let mut outcome = |skus: std::ops::Range<usize>, bytes: usize| {
            let new = |n| product::Model { sku: format!("P{n}"), description: Some("x".repeat(bytes)), ..product.clone() };
            let (new_products, facts) = (skus.map(new).collect(), HashMap::new());
            rehearsal.remember(Outcome {
                names: names.clone(),
                new_products,
                changed_products: Vec::new(),
                facts,
                tally: Tally::default(),
                ledger: None,
            })
        };
        for _ in 0..300 {
            outcome(0..1, 1 << 20).expect("one product that changes over and over is still one");
        }
        outcome(0..250, 1 << 20).expect("there is room");
        let Err(Error::Refused(refusals)) = outcome(250..300, 1 << 20) else { panic!("there is none left") };
        assert_eq!(refusals[0].code, Code::LimitReached);
    }
}
