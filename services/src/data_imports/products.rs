//! A batch of product rows: each adds the product of its SKU or changes it, in the order of the file.

use super::drafts::{self, Draft};
use super::names::Names;
use super::outcome::{Outcome, Rehearsal, Tally};
use super::rows::{Asks, ProductRow, Row, Setup};
use super::skips::Skip;
use crate::inventory::products::has_finer_stock;
use crate::scope::Column;
use crate::{App, Code, Reads, Refusal, Result, sql};
use entities::inventory::{ProductId, product};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

#[derive(sea_orm::FromQueryResult)]
struct Id {
    id: Uuid,
}

enum Done {
    Applied,
    Same,
    Refused(Vec<Refusal>),
}

/// Decides what each row does; in a transaction, holds the products until its end, sorted.
pub(super) async fn decide(
    on: &impl Reads,
    app: &App,
    setup: &Setup,
    rows: &[Row],
    add: bool,
    rehearsal: Option<&Rehearsal>,
) -> Result<Outcome> {
    let skus: BTreeSet<&str> = rows.iter().filter_map(Row::names).map(|(product, _)| product.sku.as_str()).collect();
    let column = vec![Column::texts(skus.iter().copied())];
    let statement = if rehearsal.is_none() { sql!("lock_products.sql") } else { sql!("product_ids.sql") };
    let ids: Vec<Id> = on.statement(statement).rows("r", column).all().await?;
    let ids: Vec<ProductId> = ids.into_iter().map(|row| row.id.into()).collect();
    let known = on.by_ids::<product::Entity>(&ids).await?;
    let mut products: HashMap<String, product::Model> = known.into_values().map(|product| (product.sku.clone(), product)).collect();
    if let Some(earlier) = rehearsal {
        products.extend(skus.iter().filter_map(|sku| Some(((*sku).to_owned(), earlier.products.get(*sku)?.clone()))));
    }
    let names = Names::read(on, rows, rehearsal.map(|earlier| &earlier.added)).await?;
    let mut batch = Batch { app, setup, add, names, products, new: BTreeSet::new(), changed: BTreeSet::new(), tally: Tally::default() };
    for row in rows {
        batch.take(on, row).await?;
    }
    Ok(batch.outcome())
}

struct Batch<'a> {
    app: &'a App,
    setup: &'a Setup,
    add: bool,
    names: Names,
    products: HashMap<String, product::Model>,
    new: BTreeSet<String>,
    changed: BTreeSet<String>,
    tally: Tally,
}

impl Batch<'_> {
    async fn take(&mut self, on: &impl Reads, row: &Row) -> Result<()> {
        match &row.asks {
            Asks::Product(asked) => match self.upsert(on, asked).await? {
                Done::Applied => self.tally.applied += 1,
                Done::Same => self.tally.skips.add(Skip::Known),
                Done::Refused(refusals) => self.tally.refuse(row, self.setup, refusals),
            },
            Asks::Nothing(why) => self.tally.skips.add(*why),
            Asks::Broken(errors) => {
                self.tally.failed += 1;
                self.tally.errors.extend(errors.iter().cloned());
            }
            Asks::Movement(_) => unreachable!("an import of products reads products"),
        }
        Ok(())
    }

    async fn upsert(&mut self, on: &impl Reads, asked: &ProductRow) -> Result<Done> {
        let known = self.products.get(&asked.sku);
        if known.is_none() && asked.name.is_none() {
            let message = self.setup.locale.say("import-name-missing", &[]);
            return Ok(Done::Refused(vec![Refusal::new(Code::Required, "name", message)]));
        }
        if known.is_some_and(|known| known.archived_at.is_some()) {
            let message = self.setup.locale.say("product-archived", &[]);
            return Ok(Done::Refused(vec![Refusal::new(Code::Archived, "productId", message)]));
        }
        let draft = Draft::of(asked, asked.name.clone(), &self.names, self.setup, self.add, || self.app.new_id());
        let fitting = draft.and_then(|draft| draft.check_fit(known, &self.names, self.setup).map(|()| draft));
        let draft = match fitting {
            Ok(draft) => draft,
            Err(error) => return drafts::refusals(error).map(Done::Refused),
        };
        let Some(known) = known else {
            let product = draft.product(self.app.new_id(), on.tenant(), &mut self.names, self.setup.now)?;
            self.new.insert(product.sku.clone());
            self.products.insert(product.sku.clone(), product);
            return Ok(Done::Applied);
        };
        if let Some((unit, decimals)) = draft.unit
            && unit != known.unit_id
            && let Some(key) = too_coarse(on, known, &draft, decimals).await?
        {
            let message = self.setup.locale.say(key, &[]);
            return Ok(Done::Refused(vec![Refusal::new(Code::ForbiddenState, "unitId", message)]));
        }
        let mut product = known.clone();
        if !draft.apply(&mut product, &mut self.names) {
            return Ok(Done::Same);
        }
        if !self.new.contains(&product.sku) {
            self.changed.insert(product.sku.clone());
        }
        self.products.insert(product.sku.clone(), product);
        Ok(Done::Applied)
    }

    fn outcome(mut self) -> Outcome {
        let mut pick = |skus: BTreeSet<String>| skus.iter().filter_map(|sku| self.products.remove(sku)).collect();
        let (new_products, changed_products) = (pick(self.new), pick(self.changed));
        Outcome { tally: self.tally, names: self.names, new_products, changed_products, facts: HashMap::new(), ledger: None }
    }
}

/// Why a product cannot have a unit of so few decimals: the key of the sentence that says so.
async fn too_coarse(on: &impl Reads, known: &product::Model, draft: &Draft, decimals: i32) -> Result<Option<&'static str>> {
    if has_finer_stock(on, known.id, decimals).await? {
        return Ok(Some("unit-too-coarse"));
    }
    Ok(draft.keeps_finer(known, decimals).then_some("unit-too-coarse-for-thresholds"))
}
