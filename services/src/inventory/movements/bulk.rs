//! Many movements at once: the same rules as one by one, in the order given, in a handful of statements.
//!
//! Whether a key is known is asked beforehand, or left to the insert: it writes all or, by [`Error::Conflict`], says that
//! some are known after all.
//!
//! [`Ledger::read`] learns what the batch needs to know, [`Ledger::decide`] judges one movement after the other and
//! remembers what the earlier ones did, [`Ledger::write`] writes the movements and [`Ledger::settle`] what they do to
//! levels and service days, with an event for each level somebody watches. Without these two it is a rehearsal. Until it
//! settles, a batch keeps nobody from moving anything, unless the policy or a count had it hold the levels.

use super::change::{self, Fit, ProductFacts, RecordMovement, StockChange};
use super::day_in;
use super::effects::{self, ServiceDays, Settings};
use super::keys::Keys;
use super::timeline::Timeline;
use crate::locale::Locale;
use crate::scope::{Column, TenantTx};
use crate::{Error, Reads, Refusal, Result, sql};
use chrono_tz::Tz;
use entities::data_imports::DataImportId;
use entities::identity::MembershipId;
use entities::identity::organization::NegativeStockPolicy;
use entities::inventory::stock_movement::StockMovementKind;
use entities::inventory::{ProductId, WarehouseId};
use entities::{Quantity, Timestamp};
use sea_orm::ActiveEnum;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// A product in a warehouse.
pub(crate) type Subject = (ProductId, WarehouseId);

/// A movement and the key that makes it the same when it comes again.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub input: RecordMovement,
    pub key: String,
}

/// What became of one movement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Recorded,
    /// It was recorded before.
    Known,
    Refused(Vec<Refusal>),
}

/// What is known of the ledger, and what the batch adds to it.
pub(crate) struct Ledger {
    policy: NegativeStockPolicy,
    zone: Tz,
    now: Timestamp,
    locale: Locale,
    /// Whether what is on hand decides anything; only then is it known.
    weighs_levels: bool,
    levels: HashMap<Subject, Quantity>,
    known: HashSet<String>,
    /// Keys under which those are written whose movements an undo of their import took back.
    again: HashMap<String, String>,
    /// How many movements came whose keys had been there before.
    met: usize,
    /// What the ledger says of the instants of counts.
    sums: HashMap<(Subject, Timestamp), Quantity>,
    /// What is counted before anything has moved there, as far as is known.
    counted_first: HashSet<Subject>,
    /// What this batch recorded, kept only where it holds counts.
    history: Option<History>,
    recorded: Vec<Recorded>,
}

/// What happened to subjects, and when.
pub(crate) type History = HashMap<Subject, Timeline>;

struct Recorded {
    entry: Entry,
    change: StockChange,
}

#[derive(sea_orm::FromQueryResult)]
struct Stretch {
    product_id: ProductId,
    warehouse_id: WarehouseId,
    occurred_at: Timestamp,
    added: Quantity,
}

/// What a batch is going to ask of the ledger.
#[derive(Default)]
pub(crate) struct Questions {
    pub subjects: Vec<Subject>,
    /// Those that may be known; an insert of others that are fails.
    pub keys: Vec<String>,
    pub counts: Vec<(Subject, Timestamp)>,
    /// Also of subjects that are new.
    pub has_counts: bool,
    /// Levels are weighed although nothing but their bound asks for it: they may be near it.
    pub near_bound: bool,
}

impl Ledger {
    /// Reads what is needed to judge the batch; in a transaction, holds the levels until its end, sorted.
    pub(crate) async fn read(on: &impl Reads, mut ask: Questions, hold: bool, now: Timestamp, locale: Locale) -> Result<Self> {
        ask.subjects.sort_unstable();
        ask.subjects.dedup();
        let settings = Settings::read(on).await?;
        let weighs_levels = settings.policy == NegativeStockPolicy::Forbid || ask.has_counts || ask.near_bound;
        let levels = if weighs_levels { effects::levels(on, &ask.subjects, hold).await? } else { HashMap::new() };
        let keys = if ask.keys.is_empty() { Keys::default() } else { Keys::read(on, ask.keys).await? };
        let history = ask.has_counts.then(HashMap::new);
        let counted_first = ask.counts.iter().map(|(subject, _)| *subject).filter(|subject| !levels.contains_key(subject)).collect();
        Ok(Self {
            policy: settings.policy,
            zone: settings.zone(),
            now,
            locale,
            weighs_levels,
            levels,
            counted_first,
            known: keys.known,
            again: keys.again,
            met: 0,
            sums: sums(on, ask.counts).await?,
            history,
            recorded: Vec::new(),
        })
    }

    /// Adds what a rehearsal's earlier batches would have done.
    pub(crate) fn rehearse_after(&mut self, moved: &HashMap<Subject, Quantity>, history: History) {
        for (subject, quantity) in moved {
            *self.levels.entry(*subject).or_default() += *quantity;
        }
        if let Some(own) = &mut self.history {
            *own = history;
        }
    }

    /// Judges the next movement.
    pub(crate) fn decide(&mut self, entry: Entry, product: ProductFacts) -> Result<Verdict> {
        if self.known.contains(&entry.key) {
            self.met += 1;
            return Ok(Verdict::Known);
        }
        let subject = (entry.input.product, entry.input.warehouse);
        let counted_from =
            (entry.input.kind == StockMovementKind::Count).then(|| self.on_hand_at(subject, entry.input.occurred_at(self.now)));
        let decided = StockChange::new(product, &entry.input, counted_from, self.now, self.locale)
            .and_then(|change| self.check_level(subject, change.quantity).map(|()| change));
        let change = match decided {
            Ok(change) => change,
            Err(Error::Refused(refusals)) => return Ok(Verdict::Refused(refusals)),
            Err(other) => return Err(other),
        };
        *self.levels.entry(subject).or_default() += change.quantity;
        if let Some(history) = &mut self.history {
            history.entry(subject).or_default().add(change.occurred_at, change.quantity);
        }
        self.met += usize::from(self.again.contains_key(&entry.key));
        self.known.insert(entry.key.clone());
        self.recorded.push(Recorded { entry, change });
        Ok(Verdict::Recorded)
    }

    /// Refuses what a level may not become; of levels it has not read it cannot tell, and is better asked again with them.
    fn check_level(&self, subject: Subject, quantity: Quantity) -> Result<()> {
        let there = self.levels.get(&subject).copied().unwrap_or_default();
        match change::fit(self.policy, there, quantity) {
            Fit::Fits => Ok(()),
            Fit::Short => Err(change::insufficient(there, self.locale)),
            Fit::Beyond if self.weighs_levels => Err(change::beyond(self.locale)),
            Fit::Beyond => Err(Error::Conflict),
        }
    }

    fn on_hand_at(&self, subject: Subject, at: Timestamp) -> Quantity {
        let before = self.sums.get(&(subject, at)).copied().unwrap_or_default();
        let batch = self.history.as_ref().and_then(|history| history.get(&subject));
        before + batch.map_or(Quantity::ZERO, |batch| batch.sum_until(at))
    }

    /// What the batch does to each level.
    pub(crate) fn moved(&self) -> BTreeMap<Subject, Quantity> {
        let mut moved = BTreeMap::new();
        for Recorded { entry, change } in &self.recorded {
            *moved.entry((entry.input.product, entry.input.warehouse)).or_insert(Quantity::ZERO) += change.quantity;
        }
        moved
    }

    /// What the batch did, by instant.
    pub(crate) fn happened(&self) -> impl Iterator<Item = (Subject, Timestamp, Quantity)> + '_ {
        self.recorded.iter().map(|r| ((r.entry.input.product, r.entry.input.warehouse), r.change.occurred_at, r.change.quantity))
    }

    /// Whether it met movements that were recorded before, be they undone by now.
    pub(crate) fn met_known(&self) -> bool {
        self.met > 0
    }

    /// Whether the next batch may be decided before this one is settled.
    pub(crate) fn leaves_way(&self) -> bool {
        !self.weighs_levels
    }

    /// Writes the movements. A conflict when somebody else recorded one of the keys in the meantime.
    pub(crate) async fn write(&self, txn: &TenantTx<'_>, import: DataImportId, by: Option<MembershipId>) -> Result<()> {
        if self.recorded.is_empty() { Ok(()) } else { self.write_movements(txn, import, by).await }
    }

    /// Writes what the movements do to levels and service days, and tells who watches them. A conflict where one it has not
    /// read would pass its bound, or is there although it was counted as the first to move. Levels that are opened come
    /// before the others, so two batches may meet in a ring: the one PostgreSQL picks has a conflict, too.
    pub(crate) async fn settle(&self, txn: &TenantTx<'_>) -> Result<()> {
        let (first, moved): (BTreeMap<_, _>, BTreeMap<_, _>) =
            self.moved().into_iter().partition(|(subject, _)| self.counted_first.contains(subject));
        if first.is_empty() && moved.is_empty() {
            return Ok(());
        }
        effects::open_levels(txn, &first).await?;
        effects::add_to_levels(txn, &moved, self.now).await?;
        self.write_service_days(txn).await?;
        effects::tell(txn, first.iter().chain(&moved)).await
    }

    async fn write_movements(&self, txn: &TenantTx<'_>, import: DataImportId, by: Option<MembershipId>) -> Result<()> {
        let all = &self.recorded;
        // In the order of the batch, so that movements of one instant keep it.
        let mut ids: Vec<Uuid> = all.iter().map(|_| txn.new_id()).collect();
        ids.sort_unstable();
        let input = || all.iter().map(|recorded| &recorded.entry.input);
        let rows = vec![
            Column::uuids(ids),
            Column::uuids(input().map(|input| input.product)),
            Column::uuids(input().map(|input| input.warehouse)),
            Column::texts(input().map(|input| input.kind.to_value())),
            Column::ints(all.iter().map(|recorded| recorded.change.quantity.0)),
            Column::maybe_ints(input().map(|input| input.ordered_quantity.map(|quantity| quantity.0))),
            Column::maybe_ints(input().map(|input| input.unit_cost.map(|cost| cost.0))),
            Column::maybe_texts(input().map(|input| input.reason.clone())),
            Column::maybe_texts(input().map(|input| input.reference.clone())),
            Column::ints(all.iter().map(|recorded| recorded.change.occurred_at.0)),
            Column::texts(all.iter().map(|recorded| self.key(&recorded.entry).clone())),
        ];
        let insert = txn.statement(sql!("bulk_insert.sql")).rows("r", rows).bind("now", txn.now());
        let written = insert.bind("by", by.map(|by| by.0)).bind("import", import).run().await?;
        if written == all.len() as u64 { Ok(()) } else { Err(Error::Conflict) }
    }

    /// The key an entry is written under.
    fn key<'e>(&'e self, entry: &'e Entry) -> &'e String {
        self.again.get(&entry.key).unwrap_or(&entry.key)
    }

    async fn write_service_days(&self, txn: &TenantTx<'_>) -> Result<()> {
        let mut days = ServiceDays::new();
        for Recorded { entry, change } in &self.recorded {
            let Some(line) = change.line() else { continue };
            let line_of_day = days.entry((entry.input.product, day_in(change.occurred_at, self.zone))).or_default();
            *line_of_day = line_of_day.and(line);
        }
        effects::add_to_service_days(txn, &days).await
    }
}

/// What was on hand at the instants of counts, by one statement that reads the ledger of each subject once.
async fn sums(on: &impl Reads, counts: Vec<(Subject, Timestamp)>) -> Result<HashMap<(Subject, Timestamp), Quantity>> {
    if counts.is_empty() {
        return Ok(HashMap::new());
    }
    let counts = stretches(counts);
    let rows = vec![
        Column::uuids(counts.iter().map(|((product, _), ..)| *product)),
        Column::uuids(counts.iter().map(|((_, warehouse), ..)| *warehouse)),
        Column::ints(counts.iter().map(|(_, since, _)| since.0)),
        Column::ints(counts.iter().map(|(.., at)| at.0)),
    ];
    let mut added: Vec<Stretch> = on.statement(sql!("bulk_on_hand_at.sql")).rows("r", rows).all().await?;
    added.sort_unstable_by_key(|row| (row.product_id, row.warehouse_id, row.occurred_at));
    let mut so_far = HashMap::new();
    let sums = added.into_iter().map(|row| {
        let subject = (row.product_id, row.warehouse_id);
        let sum = so_far.entry(subject).or_insert(Quantity::ZERO);
        *sum += row.added;
        ((subject, row.occurred_at), *sum)
    });
    Ok(sums.collect())
}

/// From each instant asked for back to the one before it: no moment of a subject is in two of them.
fn stretches(mut counts: Vec<(Subject, Timestamp)>) -> Vec<(Subject, Timestamp, Timestamp)> {
    counts.sort_unstable();
    counts.dedup();
    let mut before: Option<(Subject, Timestamp)> = None;
    let stretch = |(subject, at)| {
        let since = before.replace((subject, at)).filter(|(of, _)| *of == subject).map_or(Timestamp(i64::MIN), |(_, at)| at);
        (subject, since, at)
    };
    counts.into_iter().map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_of_a_subject_follow_each_other() {
        let ids: [Uuid; 2] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let (one, two) = ((ids[0].into(), ids[0].into()), (ids[0].into(), ids[1].into()));
        let (never, at) = (Timestamp(i64::MIN), Timestamp);
        let asked = vec![(two, at(4)), (one, at(9)), (one, at(3)), (two, at(4)), (one, at(5))];
        let expected = [(one, never, at(3)), (one, at(3), at(5)), (one, at(5), at(9)), (two, never, at(4))];
        assert_eq!(stretches(asked), expected);
    }
}
