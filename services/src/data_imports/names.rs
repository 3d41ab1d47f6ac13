//! What rows call by name: categories, suppliers, units, warehouses; found, or added where the import may. Case and accents do
//! not tell names apart, as in lists; of several the one written the same way is meant. A warehouse's code goes first where it is
//! written the same way, and last in another case.

use super::rows::Row;
use crate::inventory::catalog;
use crate::scope::{Column, TenantTx};
use crate::{Error, Reads, Result, sql};
use entities::inventory::{CategoryId, SupplierId, UnitId, WarehouseId, unit};
use migration::folding::name_key;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// One kind of named thing.
#[derive(Clone, Debug)]
pub(super) struct Book<I> {
    /// By the names rows use, and of those added by their own.
    known: HashMap<String, I>,
    /// What was added, by folded name.
    folded: HashMap<String, I>,
    added: Vec<(I, String)>,
    /// How many more the organisation may have.
    room: u64,
}

/// Why a name leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nameless {
    Unknown,
    Full,
}

/// A thing a row names; a new one exists once a row that names it is taken.
#[derive(Clone, Debug)]
pub(super) enum Named<I> {
    Known(I),
    New(I, String),
}

impl<I: Copy + From<Uuid>> Book<I> {
    fn new(known: HashMap<String, I>, count: u64) -> Self {
        Self { known, folded: HashMap::new(), added: Vec::new(), room: catalog::MOST.saturating_sub(count) }
    }

    pub(super) fn find(&self, name: &str) -> Option<I> {
        self.known.get(name).or_else(|| self.folded.get(&name_key(name))).copied()
    }

    /// The thing of this name, or a new one where things may be added.
    pub(super) fn name(&self, name: &str, add: bool, new_id: impl Fn() -> Uuid) -> Result<Named<I>, Nameless> {
        match self.find(name) {
            Some(id) => Ok(Named::Known(id)),
            None if !add => Err(Nameless::Unknown),
            None if self.room == 0 => Err(Nameless::Full),
            None => Ok(Named::New(new_id().into(), name.to_owned())),
        }
    }

    /// Keeps what a taken row named.
    pub(super) fn adopt(&mut self, named: Named<I>) -> I {
        match named {
            Named::Known(id) => id,
            Named::New(id, name) => {
                // A row may name one new thing twice, as when a name and a code are the same.
                if let Some(known) = self.find(&name) {
                    return known;
                }
                self.know(&name, id);
                self.added.push((id, name));
                self.room -= 1;
                id
            }
        }
    }

    /// Adds what a rehearsal's earlier rows would have added.
    fn rehearse_after(&mut self, earlier: &HashMap<String, I>) {
        self.room = self.room.saturating_sub(earlier.len() as u64);
        earlier.iter().for_each(|(name, id)| self.know(name, *id));
    }

    fn know(&mut self, name: &str, id: I) {
        self.known.insert(name.to_owned(), id);
        self.folded.insert(name_key(name), id);
    }

    fn columns(&self) -> Vec<Column>
    where
        I: Into<Uuid>,
    {
        vec![
            Column::uuids(self.added.iter().map(|(id, _)| *id)),
            Column::texts(self.added.iter().map(|(_, name)| name.clone())),
            Column::texts(self.added.iter().map(|(_, name)| name_key(name))),
        ]
    }
}

impl<I: Copy> Named<I> {
    pub(super) fn id(&self) -> I {
        match self {
            Self::Known(id) | Self::New(id, _) => *id,
        }
    }
}

/// All that the rows of a batch name.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub warehouses: Book<WarehouseId>,
    pub categories: Book<CategoryId>,
    pub suppliers: Book<SupplierId>,
    /// By code, with decimals.
    pub units: HashMap<String, (UnitId, i32)>,
}

/// What earlier batches of a rehearsal would have added.
#[derive(Clone, Debug, Default)]
pub(super) struct Added {
    warehouses: HashMap<String, WarehouseId>,
    categories: HashMap<String, CategoryId>,
    suppliers: HashMap<String, SupplierId>,
}

#[derive(sea_orm::FromQueryResult)]
struct Found {
    name: String,
    id: Uuid,
}

#[derive(sea_orm::FromQueryResult)]
struct Counts {
    warehouses: i64,
    categories: i64,
    suppliers: i64,
}

impl Names {
    pub(super) async fn read(on: &impl Reads, rows: &[Row], earlier: Option<&Added>) -> Result<Self> {
        let mut wanted = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
        for row in rows {
            let Some((product, warehouse)) = row.names() else { continue };
            wanted[0].extend(warehouse);
            wanted[1].extend(product.category.as_deref());
            wanted[2].extend(product.supplier.as_deref());
        }
        let mut found = [HashMap::new(), HashMap::new(), HashMap::new()];
        let statements = [sql!("warehouses.sql"), sql!("categories.sql"), sql!("suppliers.sql")];
        for ((wanted, found), statement) in wanted.iter().zip(&mut found).zip(statements) {
            if !wanted.is_empty() {
                let names = vec![Column::texts(wanted.iter().copied()), Column::texts(wanted.iter().map(|name| name_key(name)))];
                let rows: Vec<Found> = on.statement(statement).rows("r", names).all().await?;
                found.extend(rows.into_iter().map(|row| (row.name, row.id)));
            }
        }
        find_codes(on, &wanted[0], &mut found[0]).await?;
        let lacking = wanted.iter().zip(&found).any(|(wanted, found)| wanted.len() > found.len());
        let counts = match lacking {
            true => on.statement(sql!("counts.sql")).one::<Counts>().await?.ok_or_else(|| Error::internal("no counts"))?,
            false => Counts { warehouses: 0, categories: 0, suppliers: 0 },
        };
        let units = on.select::<unit::Entity>().all().await?;
        let [warehouses, categories, suppliers] = found;
        let mut names = Self {
            warehouses: Book::new(typed(warehouses), counts.warehouses.unsigned_abs()),
            categories: Book::new(typed(categories), counts.categories.unsigned_abs()),
            suppliers: Book::new(typed(suppliers), counts.suppliers.unsigned_abs()),
            units: units.into_iter().map(|unit| (unit.code, (unit.id, unit.decimals))).collect(),
        };
        if let Some(earlier) = earlier {
            names.warehouses.rehearse_after(&earlier.warehouses);
            names.categories.rehearse_after(&earlier.categories);
            names.suppliers.rehearse_after(&earlier.suppliers);
        }
        Ok(names)
    }

    /// Writes what was added. A conflict when somebody else added it in the meantime.
    pub(super) async fn write(&self, txn: &TenantTx<'_>) -> Result<()> {
        let all = [
            (sql!("add_warehouses.sql"), self.warehouses.columns(), self.warehouses.added.len()),
            (sql!("add_categories.sql"), self.categories.columns(), self.categories.added.len()),
            (sql!("add_suppliers.sql"), self.suppliers.columns(), self.suppliers.added.len()),
        ];
        for (statement, columns, count) in all {
            if count > 0 && txn.statement(statement).rows("r", columns).bind("now", txn.now()).run().await? != count as u64 {
                return Err(Error::Conflict);
            }
        }
        Ok(())
    }

    /// Keeps what a rehearsal would have added.
    pub(super) fn remember(&self, added: &mut Added) {
        added.warehouses.extend(self.warehouses.added.iter().map(|(id, name)| (name.clone(), *id)));
        added.categories.extend(self.categories.added.iter().map(|(id, name)| (name.clone(), *id)));
        added.suppliers.extend(self.suppliers.added.iter().map(|(id, name)| (name.clone(), *id)));
    }
}

/// Finds by a code in another case what nothing else is called; none where several codes would do. Databases fold case differently.
async fn find_codes(on: &impl Reads, wanted: &BTreeSet<&str>, found: &mut HashMap<String, Uuid>) -> Result<()> {
    let nameless: Vec<&str> = wanted.iter().copied().filter(|name| !found.contains_key(*name)).collect();
    if nameless.is_empty() {
        return Ok(());
    }
    let codes: Vec<Found> = on.statement(sql!("warehouse_codes.sql")).all().await?;
    let mut by_code: HashMap<String, Option<Uuid>> = HashMap::new();
    for row in codes {
        by_code.entry(row.name.to_lowercase()).and_modify(|id| *id = None).or_insert(Some(row.id));
    }
    let ids = nameless.into_iter().filter_map(|name| Some((name.to_owned(), (*by_code.get(&name.to_lowercase())?)?)));
    found.extend(ids);
    Ok(())
}

fn typed<I: From<Uuid>>(found: HashMap<String, Uuid>) -> HashMap<String, I> {
    found.into_iter().map(|(name, id)| (name, I::from(id))).collect()
}
