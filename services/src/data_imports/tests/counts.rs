//! Counts in files: what was on hand at their instant decides, whatever the order of the rows.

use super::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// What happened to a SKU, by day, in thousandths; added up anew for each count.
type Plain = BTreeMap<String, Vec<(i32, i64)>>;

/// Rows in random order of time, and what each moves; none: refused, for nothing may fall below zero.
fn rows(random: &mut StdRng, plain: &mut Plain, name: &str, counts: bool) -> (String, BTreeMap<String, Option<i64>>) {
    let (mut content, mut moved) = ("sku,quantity,kind,date,reference\n".to_owned(), BTreeMap::new());
    for n in 0..90 {
        let (sku, units, day) = (format!("P{}", random.random_range(0..4)), random.random_range(1..20_i64), random.random_range(1..29));
        let kind = if counts { ["SALE", "RECEIPT", "COUNT", "COUNT"][random.random_range(0..4)] } else { "RECEIPT" };
        content.push_str(&format!("{sku},{units},{kind},2026-11-{day:02},{name}-{n}\n"));
        let history = plain.entry(sku).or_default();
        let change = match kind {
            "SALE" => -units * 1000,
            "RECEIPT" => units * 1000,
            _ => units * 1000 - history.iter().filter(|(on, _)| *on <= day).map(|(_, moved)| moved).sum::<i64>(),
        };
        let after = history.iter().map(|(_, moved)| moved).sum::<i64>() + change;
        let change = (change >= 0 || after >= 0).then_some(change);
        history.extend(change.map(|change| (day, change)));
        moved.insert(format!("{name}-{n}"), change);
    }
    (content, moved)
}

#[tokio::test]
async fn counts_in_random_order_agree_with_adding_up_everything() {
    for seed in 0..5 {
        let (mut random, mut plain) = (StdRng::seed_from_u64(seed), Plain::new());
        let fixture = Fixture::new().await;
        set_policy(&fixture, NegativeStockPolicy::Forbid).await;
        let (before, mut moved) = rows(&mut random, &mut plain, "before", false);
        import(&fixture, StartImport { create_missing: true, ..of(&before) }).await.unwrap();
        let (content, counted) = rows(&mut random, &mut plain, "counted", true);
        let refused = i64::try_from(counted.values().filter(|change| change.is_none()).count()).unwrap();
        assert!(refused > 0, "seed {seed}: else a rehearsal that counts wrongly would not be seen");
        let mut faulty = Vec::new();
        for (dry_run, most) in [(true, random.random_range(1..40)), (false, random.random_range(1..40))] {
            let started = start(&fixture.again(), StartImport { dry_run, ..of(&content) }).await.unwrap();
            let done = run_all(&fixture, &started, Pace::fixed(most)).await.unwrap();
            assert_eq!(counts(&done), (90 - refused, 0, refused), "seed {seed}, dry run {dry_run}");
            faulty.push(faults(&fixture, &done).await);
        }
        assert_eq!(faulty[0], faulty[1], "seed {seed}");
        moved.extend(counted);
        let recorded = ledger(&fixture).await.into_iter().map(|row| (row.reference.unwrap(), row.quantity.0));
        let expected = moved.into_iter().filter_map(|(reference, change)| Some((reference, change?)));
        assert_eq!(recorded.collect::<BTreeMap<_, _>>(), expected.collect(), "seed {seed}");
        check_sums(&fixture).await;
    }
}
