use super::*;
use crate::inventory::movements::{self, MovementFilter, on_hand_after};
use crate::inventory::{catalog, dashboard};
use crate::testing::movement;
use entities::Quantity;
use entities::inventory::{category, supplier, warehouse};

const SALES: &str = "facture;référence produit;qté;date\n\
    F1;A;2;2026-11-01 10:00\n\
    F1;B;1,5;2026-11-01 10:00\n\
    C2;A;-1;2026-11-02\n\
    F3;A;-4;03/11/2026 08:30\n\
    F1;A;2;2026-11-01 10:00\n\
    F4;PORT;1;2026-11-04T00:00Z\n";

fn shop_rules() -> Vec<Rule> {
    vec![
        rule("référence produit", |r| (r.one_of, r.skip, r.reason) = (Some(vec!["PORT".into()]), true, Some("frais de port".into()))),
        rule("facture", |r| (r.starts_with, r.kind) = (Some("C".into()), Some(Kind::CustomerReturn))),
        rule("qté", |r| (r.less_than, r.kind, r.reason) = (Some("0".into()), Some(Kind::WriteOff), Some("casse".into()))),
        sale_rule("facture"),
    ]
}

async fn shop() -> Fixture {
    let fixture = Fixture::new().await;
    fixture.product().sku("A").on_hand(10).create().await;
    let kilos = catalog::units(&fixture.again(), &PageArgs::default()).await.unwrap();
    let kilo = kilos.items().find(|unit| unit.code == "KG").unwrap().id;
    fixture.product().sku("B").with(|product| product.unit = Some(kilo)).create().await;
    fixture
}

#[tokio::test]
async fn rules_and_columns_make_movements_of_rows() {
    let fixture = shop().await;
    let done = import(&fixture, StartImport { rules: shop_rules(), ..of(SALES) }).await.unwrap();
    assert_eq!((done.state, counts(&done)), (DataImportState::Completed, (5, 1, 0)));
    let carriage =
        Skipped { why: Skip::Rule(0), column: Some("référence produit".into()), reason: Some("frais de port".into()), rows: 1 };
    assert_eq!(skipped(&done).unwrap(), [carriage]);
    let stock = stock_by_sku(&fixture).await;
    assert_eq!((stock["A"], stock["B"]), ((10 - 2 + 1 - 4 - 2) * 1000, -1500));
    check_sums(&fixture).await;
    let all = ledger(&fixture).await;
    let kinds = |kind| all.iter().filter(|m| m.kind == kind && m.dedup_key.is_some()).count();
    assert_eq!((kinds(Kind::Sale), kinds(Kind::CustomerReturn), kinds(Kind::WriteOff)), (3, 1, 1));
    let loss = all.iter().find(|m| m.kind == Kind::WriteOff).unwrap();
    assert_eq!((loss.quantity, loss.reason.as_deref(), loss.reference.as_deref()), (Quantity(-4000), Some("casse"), Some("F3")));
    assert_eq!(loss.occurred_at.to_utc().to_rfc3339(), "2026-11-03T08:30:00+00:00");
    assert_eq!(loss.recorded_by, fixture.scope.membership(), "by who started it");
}

#[tokio::test]
async fn again_changes_nothing_and_a_longer_export_adds_what_is_new() {
    let fixture = shop().await;
    let input = || StartImport { rules: shop_rules(), ..of(SALES) };
    import(&fixture, input()).await.unwrap();
    let (before, sums) = (ledger(&fixture).await, stock_by_sku(&fixture).await);
    let again = import(&fixture, input()).await.unwrap();
    assert_eq!(counts(&again), (0, 6, 0));
    let why: Vec<_> = skipped(&again).unwrap().into_iter().map(|skipped| (skipped.why, skipped.rows)).collect();
    assert_eq!(why, [(Skip::Known, 5), (Skip::Rule(0), 1)], "known ones apart from those a rule passes over");
    let mut reworded = shop_rules();
    reworded[2].reason = Some("cassé à la livraison".into());
    let reworded = import(&fixture, StartImport { rules: reworded, ..of(SALES) }).await.unwrap();
    assert_eq!(counts(&reworded), (0, 6, 0), "a rule's words make no other row");
    assert_eq!((ledger(&fixture).await, stock_by_sku(&fixture).await), (before, sums));
    // A third genuine equal, an equal of another time, and one row in the middle.
    let longer = SALES.replacen("C2;", "F0;B;3;2026-10-30\nC2;", 1) + "F1;A;2;2026-11-01 10:00\nF1;A;2;2026-11-01 10:01\n";
    let longer = import(&fixture, StartImport { rules: shop_rules(), ..of(&longer) }).await.unwrap();
    assert_eq!(counts(&longer), (3, 6, 0));
    assert_eq!(stock_by_sku(&fixture).await["A"], (10 - 2 + 1 - 4 - 2 - 2 - 2) * 1000);
    check_sums(&fixture).await;
}

#[tokio::test]
async fn rows_may_come_in_any_order() {
    let fixture = Fixture::new().await;
    let product = fixture.product().sku("A").create().await;
    let content = "sku,quantity,kind,date\nA,4,SALE,2026-11-09\nA,10,RECEIPT,2026-11-05\nA,1,sale,2026-11-07\nA,3,entrée,2026-11-01\n";
    let done = import(&fixture, of(content)).await.unwrap();
    assert_eq!(counts(&done), (4, 0, 0));
    let scope = fixture.again();
    let filter = MovementFilter { products: Some(vec![product.id]), ..Default::default() };
    let rows: Vec<_> = movements::page(&scope, &filter, &PageArgs::default()).await.unwrap().items().cloned().collect();
    let after = on_hand_after(&scope, &rows).await.unwrap();
    assert_eq!(rows.iter().map(|row| after[&row.id].0 / 1000).collect::<Vec<_>>(), [8, 12, 13, 3], "the latest first");
}

#[tokio::test]
async fn movements_of_one_instant_keep_the_order_of_the_file() {
    let fixture = Fixture::new().await;
    fixture.product().sku("A").create().await;
    let rows: String = (1..=30).map(|n| format!("A,{n},RECEIPT,2026-11-01\n")).collect();
    let import = start(&fixture.again(), of(&format!("sku,quantity,kind,date\n{rows}"))).await.unwrap();
    run_all(&fixture, &import, Pace::fixed(100)).await.unwrap();
    let mut all = ledger(&fixture).await;
    all.sort_by_key(|movement| movement.id);
    assert!(all.iter().map(|m| m.quantity.0).eq((1..=30).map(|n| n * 1000)));
}

#[tokio::test]
async fn missing_things_are_created_where_the_import_may() {
    let fixture = Fixture::new().await;
    let content = "sku,nom,catégorie,fournisseur,unité,entrepôt,quantité,type\n\
        A,Riz,Vivres,Awa SARL,KG,Thiès,2.5,RECEIPT\nA,Riz parfumé,Autre,,,Thiès,1,RECEIPT\nB,,,,,,0,RECEIPT\nB,,Vivres,,,,3,RECEIPT\n";
    let strict = import(&fixture, of(content)).await.unwrap();
    assert_eq!(counts(&strict), (0, 0, 4));
    let rehearsed = import(&fixture, StartImport { create_missing: true, dry_run: true, ..of(content) }).await.unwrap();
    assert_eq!((counts(&rehearsed), ledger(&fixture).await.len()), ((3, 0, 1), 0));
    let done = import(&fixture, StartImport { create_missing: true, ..of(content) }).await.unwrap();
    assert_eq!(counts(&done), (3, 0, 1));
    let scope = fixture.again();
    let products = scope.select::<product::Entity>().order_by(product::Column::Sku, sea_orm::Order::Asc).all().await.unwrap();
    let names: Vec<_> = products.iter().map(|product| (product.sku.as_str(), product.name.as_str())).collect();
    assert_eq!(names, [("A", "Riz"), ("B", "B")], "by its first row that is taken; else by its SKU");
    let categories = scope.select::<category::Entity>().all().await.unwrap();
    assert_eq!(categories.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Vivres"], "once, and only of rows taken");
    assert_eq!(scope.select::<supplier::Entity>().all().await.unwrap().len(), 1);
    let warehouses = scope.select::<warehouse::Entity>().all().await.unwrap();
    assert_eq!(warehouses.len(), 2);
    check_sums(&fixture).await;
}

#[tokio::test]
async fn the_policy_judges_rows_in_the_order_of_time_and_a_dry_run_alike() {
    let fixture = Fixture::new().await;
    set_policy(&fixture, NegativeStockPolicy::Forbid).await;
    fixture.product().sku("A").on_hand(3).create().await;
    let mut content = "sku,quantity,kind,date\n".to_owned();
    // Of A three are sold on the 9th at the latest, and from the 15th on two more pass; the new product has nothing at all until the
    // 10th, wherever its receipt stands.
    for n in 0..20 {
        content.push_str(&format!("A,1,SALE,2026-11-{:02}\nN,1,SALE,2026-11-{:02}\n", 1 + n % 9 * 2, 20 - n));
        if n == 10 {
            content.push_str("A,2,RECEIPT,2026-11-15\nN,4,RECEIPT,2026-11-10\n");
        }
    }
    let input = |dry_run| StartImport { create_missing: true, dry_run, ..of(&content) };
    let rehearsed = import(&fixture, input(true)).await.unwrap();
    let expected_faults = faults(&fixture, &rehearsed).await;
    let done = import(&fixture, input(false)).await.unwrap();
    assert_eq!(counts(&done), (3 + 1 + 2 + 1 + 4, 0, 20 * 2 + 2 - 11));
    assert_eq!(counts(&rehearsed), counts(&done));
    assert_eq!(faults(&fixture, &done).await, expected_faults);
    assert!(expected_faults.iter().all(|(_, column, code)| column == "quantity" && code == "INSUFFICIENT_STOCK"));
    assert!(expected_faults.is_sorted(), "told in the order of the file");
    assert_eq!(stock_by_sku(&fixture).await, BTreeMap::from([("A".into(), 0), ("N".into(), 0)]));
    let sales = ledger(&fixture).await.into_iter().filter(|row| row.kind == Kind::Sale);
    let mut days: Vec<_> = sales.map(|row| row.occurred_at.to_utc().format("%d").to_string()).collect();
    days.sort_unstable();
    assert_eq!(days, ["01", "01", "01", "11", "12", "13", "14", "15", "17"]);
    // What was refused for want of stock is taken once there is some: it was never recorded.
    import(&fixture, StartImport { create_missing: true, ..of("sku,quantity,kind\nA,5,RECEIPT\n") }).await.unwrap();
    assert_eq!(counts(&import(&fixture, input(false)).await.unwrap()).0, 5);
}

#[tokio::test]
async fn a_count_knows_the_rows_before_it() {
    let fixture = Fixture::new().await;
    let product = fixture.product().sku("A").create().await;
    let day = |days| fixture.scope.now().minus(chrono::TimeDelta::days(days));
    let mut before = movement(&product, &fixture.warehouse().await, Kind::Receipt, 5);
    before.occurred_at = Some(day(20));
    movements::record(&fixture.again(), before).await.unwrap();
    let content = format!(
        "sku,quantity,kind,date\nA,3,SALE,{0}\nA,4,COUNT,{1}\nA,1,SALE,{2}\nB,7,COUNT,{1}\nB,2,RECEIPT,{2}\nB,7,COUNT,{2}\n",
        day(15).to_utc().to_rfc3339(),
        day(10).to_utc().to_rfc3339(),
        day(5).to_utc().to_rfc3339()
    );
    for dry_run in [true, false] {
        let done = import(&fixture, StartImport { create_missing: true, dry_run, ..of(&content) }).await.unwrap();
        assert_eq!(counts(&done), (6, 0, 0));
    }
    assert_eq!(stock_by_sku(&fixture).await, BTreeMap::from([("A".into(), 3000), ("B".into(), 7000)]));
}

#[tokio::test]
async fn sales_count_for_the_service_level() {
    let fixture = Fixture::new().await;
    fixture.product().sku("A").on_hand(100).create().await;
    let content =
        "sku,quantity,ordered,kind,date\nA,3,3,SALE,2026-11-28\nA,3,4,SALE,2026-11-28\nA,0,4,SALE,2026-11-29\nA,1,,SALE,2026-11-29\n";
    let done = import(&fixture, of(content)).await.unwrap();
    assert_eq!((counts(&done), faults(&fixture, &done).await), ((4, 0, 0), vec![]));
    let level = dashboard::get(&fixture.again()).await.unwrap().service_level;
    assert_eq!((level.lines, level.full_lines), (4, 2));
}

#[tokio::test]
async fn two_imports_of_one_file_at_once_record_it_once() {
    let fixture = Fixture::new().await;
    let rows: String = (0..200).map(|n| format!("P{},{},RECEIPT,2026-11-0{}\n", n % 17, 1 + n % 5, 1 + n % 9)).collect();
    let content = format!("sku,quantity,kind,date\n{rows}");
    let mut both = Vec::new();
    for _ in 0..2 {
        let import = start(&fixture.again(), StartImport { create_missing: true, ..of(&content) }).await.unwrap();
        both.push(import);
    }
    let (one, two) = tokio::join!(run_all(&fixture, &both[0], Pace::fixed(13)), run_all(&fixture, &both[1], Pace::fixed(13)));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.rows_applied + two.rows_applied, 200);
    assert_eq!(ledger(&fixture).await.len(), 200);
    check_sums(&fixture).await;
}

#[tokio::test]
async fn two_imports_that_count_what_never_moved_do_not_add_up() {
    let fixture = Fixture::new().await;
    for round in 0..6 {
        let mut both = Vec::new();
        for who in ["Awa", "Moussa"] {
            let mut content = "sku,quantity,kind,date,reference\n".to_owned();
            for place in 0..3 {
                let sku = format!("P{round}-{place}");
                if who == "Awa" {
                    fixture.product().sku(&sku).create().await;
                }
                content += &format!("{sku},10,COUNT,2026-11-01,{who}\n");
            }
            both.push(start(&fixture.again(), of(&content)).await.unwrap());
        }
        let (one, two) = tokio::join!(run_all(&fixture, &both[0], Pace::fixed(7)), run_all(&fixture, &both[1], Pace::fixed(7)));
        assert_eq!((counts(&one.unwrap()), counts(&two.unwrap())), ((3, 0, 0), (3, 0, 0)));
    }
    let stock = stock_by_sku(&fixture).await;
    assert!(stock.len() == 18 && stock.values().all(|on_hand| *on_hand == 10_000), "{stock:?}");
    check_sums(&fixture).await;
}

/// Random files against a plain model: on hand is the model's sum, whatever the chunks; dry run = real run; twice = once.
#[tokio::test]
async fn random_files_agree_with_a_plain_model() {
    use rand::{RngExt, SeedableRng};
    for seed in 0..6 {
        let mut rng = rand::rngs::StdRng::seed_from_u64(seed);
        let fixture = Fixture::new().await;
        let forbids = seed % 2 == 0;
        set_policy(&fixture, if forbids { NegativeStockPolicy::Forbid } else { NegativeStockPolicy::Allow }).await;
        let (mut content, mut stock, mut expected) = ("sku,quantity,kind,date\n".to_owned(), BTreeMap::new(), (0, 0, 0));
        let mut rows = Vec::new();
        for _ in 0..rng.random_range(1..150) {
            let (sku, units) = (format!("P{}", rng.random_range(0..6)), rng.random_range(-3..9_i64));
            let kind = ["SALE", "RECEIPT", "RECEIPT", "WRITE_OFF", "ADJUSTMENT", "CUSTOMER_RETURN", "?"][rng.random_range(0..7)];
            let day = rng.random_range(1..29);
            content.push_str(&format!("{sku},{units},{kind},2026-11-{day:02}\n"));
            rows.push((day, sku, units, kind));
        }
        rows.sort_by_key(|(day, ..)| *day);
        for (_, sku, units, kind) in rows {
            let moves = match kind {
                "SALE" | "WRITE_OFF" if units > 0 => Some(-units),
                "RECEIPT" | "CUSTOMER_RETURN" if units > 0 => Some(units),
                "ADJUSTMENT" if units != 0 => Some(units),
                _ => None,
            };
            let there = stock.get(&sku).copied().unwrap_or(0);
            match moves.filter(|moves| !forbids || *moves > 0 || there + moves * 1000 >= 0) {
                Some(moves) => {
                    expected.0 += 1;
                    stock.insert(sku, there + moves * 1000);
                }
                None => expected.2 += 1,
            }
        }
        let input = |dry_run| StartImport { create_missing: true, dry_run, ..of(&content) };
        for (dry_run, rows) in [(true, rng.random_range(1..40)), (false, rng.random_range(1..40))] {
            let import = start(&fixture.again(), input(dry_run)).await.unwrap();
            let done = run_all(&fixture, &import, Pace::fixed(rows)).await.unwrap();
            assert_eq!(counts(&done), expected, "seed {seed}, dry run {dry_run}");
        }
        assert_eq!(stock_by_sku(&fixture).await, stock, "seed {seed}");
        check_sums(&fixture).await;
        let recorded = ledger(&fixture).await.len();
        let again = import(&fixture, StartImport { content: Some(content.clone()), ..input(true) }).await.unwrap();
        assert!(again.rows_skipped == expected.0 || forbids, "seed {seed}");
        assert_eq!(ledger(&fixture).await.len(), recorded);
    }
}

/// A hundred and three receipts of the largest quantity into one level, then a sale.
fn too_much() -> String {
    let receipts: String = (0..103).map(|n| format!("A,1000000000,RECEIPT,2026-11-{:02}\n", 1 + n / 4)).collect();
    format!("sku,quantity,kind,date\n{receipts}A,5,SALE,2026-11-29\nB,1,RECEIPT,2026-11-29\n")
}

#[tokio::test]
async fn a_row_that_would_pass_the_bound_of_a_level_fails_alone() {
    for (rows, dry_run, policy) in [
        (7, false, NegativeStockPolicy::Allow),
        (500, false, NegativeStockPolicy::Allow),
        (500, false, NegativeStockPolicy::Forbid),
        (7, true, NegativeStockPolicy::Allow),
    ] {
        let fixture = Fixture::new().await;
        set_policy(&fixture, policy).await;
        let input = StartImport { create_missing: true, dry_run, ..of(&too_much()) };
        let import = start(&fixture.again(), input).await.unwrap();
        let done = run_all(&fixture, &import, Pace::fixed(rows)).await.unwrap();
        assert_eq!((done.state, counts(&done)), (DataImportState::Completed, (102, 0, 3)), "{rows} rows a chunk, {policy:?}");
        let failed = (102..105).map(|line| (line, "quantity".to_owned(), "OUT_OF_RANGE".to_owned())).collect::<Vec<_>>();
        assert_eq!(faults(&fixture, &done).await, failed);
        assert!(row_errors(&fixture, &done).await[0].message.starts_with("Trop pour un entrepôt"));
        if !dry_run {
            let stock = stock_by_sku(&fixture).await;
            assert_eq!((stock["A"], stock["B"]), (Quantity::MOST_ON_HAND.0 - 5000, 1000));
            check_sums(&fixture).await;
        }
    }
}
