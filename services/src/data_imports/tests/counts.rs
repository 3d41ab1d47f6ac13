//! Counts in files: what was on hand at their instants decides, whatever the order of the rows.

use super::*;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

/// What happened to a SKU, by day, in thousandths; added up anew for each count.
type Plain = BTreeMap<String, Vec<(i32, i64)>>;

/// In which order a file's days stand.
#[derive(Clone, Copy, Debug)]
enum Written {
    OldestFirst,
    NewestFirst,
    Anyhow,
}

#[derive(Clone)]
struct Line {
    sku: String,
    units: i64,
    kind: &'static str,
    day: i32,
    reference: String,
}

impl Line {
    fn random(random: &mut StdRng, kinds: &[&'static str], reference: String) -> Self {
        let (sku, kind) = (format!("P{}", random.random_range(0..4)), *kinds.choose(random).unwrap());
        Self { sku, units: random.random_range(1..20), kind, day: random.random_range(1..29), reference }
    }

    /// What the line moves; none: refused, for nothing may fall below zero.
    fn take(&self, plain: &mut Plain) -> Option<i64> {
        let history = plain.entry(self.sku.clone()).or_default();
        let change = match self.kind {
            "SALE" => -self.units * 1000,
            "RECEIPT" => self.units * 1000,
            _ => self.units * 1000 - history.iter().filter(|(on, _)| *on <= self.day).map(|(_, moved)| moved).sum::<i64>(),
        };
        let after = history.iter().map(|(_, moved)| moved).sum::<i64>() + change;
        let change = (change >= 0 || after >= 0).then_some(change);
        history.extend(change.map(|change| (self.day, change)));
        change
    }
}

fn file(lines: &[Line]) -> String {
    let row = |line: &Line| format!("{},{},{},2026-11-{:02},{}\n", line.sku, line.units, line.kind, line.day, line.reference);
    format!("sku,quantity,kind,date,reference\n{}", lines.iter().map(row).collect::<String>())
}

/// So many lines of a file, and the same in the order they are to be taken in.
fn lines(random: &mut StdRng, most: i32, written: Written, name: &str, kinds: &[&'static str]) -> (String, Vec<Line>) {
    let mut lines: Vec<Line> = (0..most).map(|n| Line::random(random, kinds, format!("{name}-{n}"))).collect();
    let mut taken = lines.clone();
    taken.sort_by_key(|line| line.day);
    match written {
        Written::OldestFirst => lines = taken.clone(),
        Written::NewestFirst => lines = taken.iter().rev().cloned().collect(),
        Written::Anyhow => {}
    }
    (file(&lines), taken)
}

#[tokio::test]
async fn counts_in_any_order_agree_with_adding_up_everything() {
    for (seed, written) in [Written::OldestFirst, Written::NewestFirst, Written::Anyhow, Written::Anyhow].into_iter().enumerate() {
        let (mut random, mut plain) = (StdRng::seed_from_u64(seed as u64), Plain::new());
        let fixture = Fixture::new().await;
        set_policy(&fixture, NegativeStockPolicy::Forbid).await;
        let (before, taken) = lines(&mut random, 8, written, "before", &["RECEIPT"]);
        let mut moved: BTreeMap<_, _> = taken.iter().map(|line| (line.reference.clone(), line.take(&mut plain))).collect();
        import(&fixture, StartImport { create_missing: true, ..of(&before) }).await.unwrap();
        let (content, taken) = lines(&mut random, 90, written, "counted", &["SALE", "RECEIPT", "COUNT", "COUNT"]);
        let counted: BTreeMap<_, _> = taken.iter().map(|line| (line.reference.clone(), line.take(&mut plain))).collect();
        let refused = i64::try_from(counted.values().filter(|change| change.is_none()).count()).unwrap();
        assert!(refused > 0, "{written:?}: else a rehearsal that counts wrongly would not be seen");
        let mut faulty = Vec::new();
        for (dry_run, most) in [(true, random.random_range(1..40)), (false, random.random_range(1..40))] {
            let started = start(&fixture.again(), StartImport { create_missing: true, dry_run, ..of(&content) }).await.unwrap();
            let done = run_all(&fixture, &started, Pace::fixed(most)).await.unwrap();
            assert_eq!(counts(&done), (90 - refused, 0, refused), "{written:?}, dry run {dry_run}");
            faulty.push(faults(&fixture, &done).await);
        }
        assert_eq!(faulty[0], faulty[1], "{written:?}");
        moved.extend(counted);
        let recorded = ledger(&fixture).await.into_iter().map(|row| (row.reference.unwrap(), row.quantity.0));
        let expected = moved.into_iter().filter_map(|(reference, change)| Some((reference, change?)));
        assert_eq!(recorded.collect::<BTreeMap<_, _>>(), expected.collect(), "{written:?}");
        check_sums(&fixture).await;
    }
}

/// A year's days of one shop: every order comes to the stock that was counted last, and what moved since.
#[tokio::test]
async fn a_file_that_is_newest_first_comes_to_the_same_stock_as_one_that_is_oldest_first() {
    let days = ["A,10,COUNT,2026-11-01", "A,3,SALE,2026-11-01", "B,4,RECEIPT,2026-11-02", "A,6,COUNT,2026-11-03", "A,1,SALE,2026-11-04"];
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [3, 0, 1, 4, 2]] {
        let fixture = Fixture::new().await;
        let content = format!("sku,quantity,kind,date\n{}\n", order.map(|at| days[at]).join("\n"));
        let done = import(&fixture, StartImport { create_missing: true, ..of(&content) }).await.unwrap();
        assert_eq!(counts(&done), (5, 0, 0), "{order:?}");
        assert_eq!(stock_by_sku(&fixture).await, BTreeMap::from([("A".into(), 5000), ("B".into(), 4000)]), "{order:?}");
        let again = import(&fixture, StartImport { create_missing: true, ..of(&content) }).await.unwrap();
        assert_eq!(counts(&again), (0, 5, 0), "{order:?}: again changes nothing");
    }
}
