//! A batch of movement rows, decided one after the other.

use super::drafts::{self, Draft};
use super::names::{Named, Nameless, Names};
use super::outcome::{Outcome, Rehearsal, Tally};
use super::rows::{Asks, MovementRow, Row, Setup};
use super::skips::Skip;
use crate::inventory::movements::ProductFacts;
use crate::inventory::movements::bulk::{Entry, History, Ledger, Questions, Verdict};
use crate::scope::Column;
use crate::{App, Code, Reads, Refusal, Result, sql};
use entities::Timestamp;
use entities::inventory::stock_movement::StockMovementKind;
use entities::inventory::{ProductId, WarehouseId};
use std::collections::{BTreeSet, HashMap};

type Facts = HashMap<String, (ProductId, ProductFacts)>;

#[derive(sea_orm::FromQueryResult)]
struct Found {
    id: ProductId,
    sku: String,
    archived_at: Option<Timestamp>,
    decimals: i32,
}

/// Decides what each row does. A rehearsal is decided after what its earlier batches would have done. Whoever takes all
/// rows for new ones finds out when they are written.
pub(super) async fn decide(
    on: &impl Reads,
    app: &App,
    setup: &Setup,
    rows: &[Row],
    add: bool,
    rehearsal: Option<&Rehearsal>,
    all_new: bool,
) -> Result<Outcome> {
    let mut facts = product_facts(on, rows).await?;
    if let Some(earlier) = rehearsal {
        facts.extend(skus(rows).iter().filter_map(|sku| Some(((*sku).to_owned(), *earlier.facts.get(*sku)?))));
    }
    let names = Names::read(on, rows, rehearsal.map(|earlier| &earlier.added)).await?;
    let mut ask = questions(rows, &facts, &names);
    if all_new {
        ask.keys.clear();
    }
    ask.near_bound = setup.near_bound;
    let (subjects, counts) = (ask.subjects.clone(), ask.counts.clone());
    let mut ledger = Ledger::read(on, ask, rehearsal.is_none(), setup.now, setup.locale).await?;
    if let Some(earlier) = rehearsal {
        let moved = subjects.iter().filter_map(|subject| Some((*subject, *earlier.moved.get(subject)?))).collect();
        let all = earlier.history.as_ref();
        let history: History = counts.iter().filter_map(|(s, _)| Some((*s, all?.get(s)?.clone()))).collect();
        ledger.rehearse_after(&moved, history);
    }
    let outcome = Outcome {
        tally: Tally::default(),
        names,
        new_products: Vec::new(),
        changed_products: Vec::new(),
        facts: HashMap::new(),
        ledger: None,
    };
    let mut batch = Batch { app, setup, add, tenant: on.tenant(), facts, ledger, outcome };
    for row in rows {
        batch.take(row)?;
    }
    Ok(Outcome { ledger: Some(batch.ledger), ..batch.outcome })
}

struct Batch<'a> {
    app: &'a App,
    setup: &'a Setup,
    add: bool,
    tenant: entities::TenantId,
    facts: Facts,
    ledger: Ledger,
    outcome: Outcome,
}

impl Batch<'_> {
    fn take(&mut self, row: &Row) -> Result<()> {
        match &row.asks {
            Asks::Movement(movement) => match self.record(movement)? {
                Verdict::Recorded => self.outcome.tally.applied += 1,
                Verdict::Known => self.outcome.tally.skips.add(Skip::Known),
                Verdict::Refused(refusals) => self.outcome.tally.refuse(row, self.setup, refusals),
            },
            Asks::Nothing(why) => self.outcome.tally.skips.add(*why),
            Asks::Broken(errors) => {
                self.outcome.tally.failed += 1;
                self.outcome.tally.errors.extend(errors.iter().cloned());
            }
            Asks::Product(_) => unreachable!("an import of movements reads movements"),
        }
        Ok(())
    }

    fn record(&mut self, row: &MovementRow) -> Result<Verdict> {
        let warehouse = match self.warehouse(row) {
            Ok(warehouse) => warehouse,
            Err(refusal) => return Ok(Verdict::Refused(vec![refusal])),
        };
        let sku = &row.product.sku;
        let (product, draft) = match self.facts.get(sku) {
            Some(known) => (*known, None),
            None if !self.add => {
                let message = self.setup.locale.say("import-sku-unknown", &[("sku", sku.clone())]);
                return Ok(Verdict::Refused(vec![Refusal::new(Code::NotFound, "sku", message)]));
            }
            None => match self.draft(row) {
                Ok(draft) => {
                    let decimals = draft.decimals(&self.outcome.names);
                    ((self.app.new_id(), ProductFacts { archived_at: None, decimals }), Some(draft))
                }
                Err(error) => return drafts::refusals(error).map(Verdict::Refused),
            },
        };
        let mut input = row.input.clone();
        (input.product, input.warehouse) = (product.0, warehouse.as_ref().map_or(input.warehouse, Named::id));
        let verdict = self.ledger.decide(Entry { input, key: row.key.clone() }, product.1)?;
        if verdict == Verdict::Recorded {
            warehouse.map(|warehouse| self.outcome.names.warehouses.adopt(warehouse));
            if let Some(draft) = draft {
                let model = draft.product(product.0, self.tenant, &mut self.outcome.names, self.setup.now)?;
                self.outcome.new_products.push(model);
                self.facts.insert(sku.clone(), product);
                self.outcome.facts.insert(sku.clone(), product);
            }
        }
        Ok(verdict)
    }

    /// The warehouse a row names; none: the import's.
    fn warehouse(&self, row: &MovementRow) -> Result<Option<Named<WarehouseId>>, Refusal> {
        let Some(name) = &row.warehouse else { return Ok(None) };
        let refuse = |code, key: &str, arguments: &[(&'static str, String)]| {
            Err(Refusal::new(code, "warehouseId", self.setup.locale.say(key, arguments)))
        };
        match self.outcome.names.warehouses.name(name, self.add, || self.app.new_id()) {
            Ok(named) => Ok(Some(named)),
            Err(Nameless::Unknown) => refuse(Code::NotFound, "import-warehouse-unknown", &[("name", name.clone())]),
            Err(Nameless::Full) => refuse(Code::LimitReached, "list-full", &[("most", crate::inventory::catalog::MOST.to_string())]),
        }
    }

    fn draft(&self, row: &MovementRow) -> Result<Draft> {
        let name = row.product.name.clone().unwrap_or_else(|| row.product.sku.clone());
        let draft = Draft::of(&row.product, Some(name), &self.outcome.names, self.setup, true, || self.app.new_id())?;
        draft.check_fit(None, &self.outcome.names, self.setup).map(|()| draft)
    }
}

fn skus(rows: &[Row]) -> BTreeSet<&str> {
    rows.iter().filter_map(Row::names).map(|(product, _)| product.sku.as_str()).collect()
}

async fn product_facts(on: &impl Reads, rows: &[Row]) -> Result<Facts> {
    let skus = vec![Column::texts(skus(rows))];
    let found: Vec<Found> = on.statement(sql!("product_facts.sql")).rows("r", skus).all().await?;
    let facts = |row: Found| (row.sku, (row.id, ProductFacts { archived_at: row.archived_at, decimals: row.decimals }));
    Ok(found.into_iter().map(facts).collect())
}

/// What the ledger must be asked to decide these rows.
fn questions(rows: &[Row], facts: &Facts, names: &Names) -> Questions {
    let mut ask = Questions::default();
    for row in rows {
        let Asks::Movement(movement) = &row.asks else { continue };
        ask.keys.push(movement.key.clone());
        let is_count = movement.input.kind == StockMovementKind::Count;
        ask.has_counts |= is_count;
        let warehouse = match &movement.warehouse {
            Some(name) => names.warehouses.find(name),
            None => Some(movement.input.warehouse),
        };
        // What is new has no stock to ask for.
        let Some((warehouse, (product, _))) = warehouse.zip(facts.get(&movement.product.sku)) else { continue };
        ask.subjects.push((*product, warehouse));
        if let Some(at) = movement.input.occurred_at.filter(|_| is_count) {
            ask.counts.push(((*product, warehouse), at));
        }
    }
    ask
}
