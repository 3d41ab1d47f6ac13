use super::movements::{self, MovementFilter, RecordTransfer, on_hand_after};
use super::products::{self, ProductChange, ProductFilter, ProductOrder};
use super::{catalog, dashboard, stock};
use crate::page::PageArgs;
use crate::testing::{Fixture, movement, refusals};
use crate::{Code, Error, Reads};
use chrono::TimeDelta;
use entities::Quantity;
use entities::inventory::stock_movement::StockMovementKind::*;
use entities::inventory::{product, stock_level, warehouse};

async fn on_hand(fixture: &Fixture, product: &product::Model) -> i64 {
    let levels = stock::levels_of(&fixture.again(), &[product.id]).await.unwrap();
    stock::totals(levels.get(&product.id).map_or(&[], Vec::as_slice)).on_hand.0 / 1000
}

#[tokio::test]
async fn movements_add_up_to_the_level() {
    let fixture = Fixture::new().await;
    let product = fixture.product().on_hand(10).create().await;
    for (kind, units, left) in
        [(Sale, 3, 7), (CustomerReturn, 1, 8), (WriteOff, 2, 6), (SupplierReturn, 1, 5), (Adjustment, -2, 3), (Count, 9, 9)]
    {
        let recorded = fixture.record(&product, kind, units).await;
        assert_eq!(on_hand(&fixture, &product).await, left, "{kind:?}");
        assert!(recorded.warnings.is_empty());
    }
}

#[tokio::test]
async fn refuses_what_cannot_be_a_movement() {
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().on_hand(5).create().await, fixture.warehouse().await);
    let refused = |kind, units, change: fn(&mut movements::RecordMovement)| {
        let mut input = movement(&product, &warehouse, kind, units);
        change(&mut input);
        let scope = fixture.again();
        async move { refusals(&movements::record(&scope, input).await.unwrap_err()) }
    };
    assert_eq!(refused(Sale, -1, |_| ()).await, [(Code::OutOfRange, "quantity".into())]);
    assert_eq!(refused(Receipt, 0, |_| ()).await, [(Code::OutOfRange, "quantity".into())]);
    assert_eq!(refused(Sale, 1, |m| m.quantity = Quantity(500)).await, [(Code::OutOfRange, "quantity".into())], "a piece has no halves");
    assert_eq!(refused(Receipt, 2_000_000_000, |_| ()).await, [(Code::OutOfRange, "quantity".into())]);
    assert_eq!(refused(Receipt, 1, |m| m.ordered_quantity = Some(Quantity(1000))).await, [(Code::Invalid, "orderedQuantity".into())]);
    assert_eq!(refused(Sale, 2, |m| m.ordered_quantity = Some(Quantity(1000))).await, [(Code::OutOfRange, "orderedQuantity".into())]);
    let tomorrow = fixture.scope.now().plus(TimeDelta::days(1));
    let mut late = movement(&product, &warehouse, Sale, 1);
    late.occurred_at = Some(tomorrow);
    let error = movements::record(&fixture.again(), late).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::OutOfRange, "occurredAt".into())]);
    products::archive(&fixture.again(), product.id, None).await.unwrap();
    assert_eq!(refused(Sale, 1, |_| ()).await, [(Code::Archived, "productId".into())]);
    assert_eq!(on_hand(&fixture, &product).await, 5, "nothing moved");
}

#[tokio::test]
async fn the_policy_decides_below_zero() {
    use crate::identity::organizations::{self, UpdateOrganization};
    use entities::identity::organization::NegativeStockPolicy;
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().on_hand(5).create().await, fixture.warehouse().await);
    for (policy, recorded, warned) in
        [(NegativeStockPolicy::Forbid, false, false), (NegativeStockPolicy::Warn, true, true), (NegativeStockPolicy::Allow, true, false)]
    {
        let change = UpdateOrganization { negative_stock_policy: Some(policy), ..Default::default() };
        organizations::update(&fixture.again(), change).await.unwrap();
        match movements::record(&fixture.again(), movement(&product, &warehouse, Sale, 6)).await {
            Ok(done) => assert_eq!((true, !done.warnings.is_empty()), (recorded, warned), "{policy:?}"),
            Err(error) => {
                assert!(!recorded, "{policy:?}");
                assert_eq!(refusals(&error), [(Code::InsufficientStock, "quantity".into())]);
            }
        }
    }
    assert_eq!(on_hand(&fixture, &product).await, 5 - 12);
}

#[tokio::test]
async fn the_same_key_gives_the_same_movement_once() {
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().on_hand(5).create().await, fixture.warehouse().await);
    let mut input = movement(&product, &warehouse, Sale, 2);
    input.idempotency_key = Some("ticket-17".into());
    let first = movements::record(&fixture.again(), input.clone()).await.unwrap().movement;
    let second = movements::record(&fixture.again(), input.clone()).await.unwrap().movement;
    assert_eq!(first, second);
    assert_eq!(on_hand(&fixture, &product).await, 3);
    input.quantity = Quantity(3000);
    let error = movements::record(&fixture.again(), input).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::IdempotencyMismatch, "idempotencyKey".into())]);
}

#[tokio::test]
async fn forty_sales_at_once_never_oversell_and_each_key_counts_once() {
    use crate::identity::organizations::{self, UpdateOrganization};
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().on_hand(10).create().await, fixture.warehouse().await);
    let forbid = entities::identity::organization::NegativeStockPolicy::Forbid;
    organizations::update(&fixture.again(), UpdateOrganization { negative_stock_policy: Some(forbid), ..Default::default() })
        .await
        .unwrap();
    let sales = (0..40).map(|n| {
        let mut input = movement(&product, &warehouse, Sale, 1);
        // Each key is sent twice.
        input.idempotency_key = Some(format!("sale-{}", n / 2));
        let scope = fixture.again();
        tokio::spawn(async move { crate::scope::retrying(|| movements::record(&scope, input.clone())).await.is_ok() })
    });
    let done = futures_util::future::join_all(sales.collect::<Vec<_>>()).await.into_iter().filter(|done| *done.as_ref().unwrap()).count();
    assert_eq!(on_hand(&fixture, &product).await, 0);
    assert!((10..=20).contains(&done), "ten keys of two calls each at most: {done}");
}

/// What was counted is what is there, whoever else counts it at the same time.
#[tokio::test]
async fn first_counts_at_once_do_not_add_up() {
    let fixture = Fixture::new().await;
    let warehouse = fixture.warehouse().await;
    for _ in 0..10 {
        let product = fixture.product().create().await;
        let counts = (0..4).map(|_| {
            let (input, scope) = (movement(&product, &warehouse, Count, 10), fixture.again());
            tokio::spawn(async move { crate::scope::retrying(|| movements::record(&scope, input.clone())).await.map(drop) })
        });
        for done in futures_util::future::join_all(counts.collect::<Vec<_>>()).await {
            done.unwrap().unwrap();
        }
        assert_eq!(on_hand(&fixture, &product).await, 10);
    }
}

#[tokio::test]
async fn on_hand_after_follows_the_order_of_occurrence() {
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().create().await, fixture.warehouse().await);
    let now = fixture.scope.now();
    for (kind, units, days_ago) in [(Receipt, 10, 5), (Sale, 4, 1), (Receipt, 3, 9), (Sale, 1, 3)] {
        let mut input = movement(&product, &warehouse, kind, units);
        input.occurred_at = Some(now.minus(TimeDelta::days(days_ago)));
        movements::record(&fixture.again(), input).await.unwrap();
    }
    let filter = MovementFilter { products: Some(vec![product.id]), ..Default::default() };
    let scope = fixture.again();
    let rows: Vec<_> = movements::page(&scope, &filter, &PageArgs::default()).await.unwrap().items().cloned().collect();
    let after = on_hand_after(&scope, &rows).await.unwrap();
    let seen: Vec<i64> = rows.iter().map(|row| after[&row.id].0 / 1000).collect();
    assert_eq!(seen, [8, 12, 13, 3], "the latest first");
}

#[tokio::test]
async fn a_movement_is_undone_once() {
    let fixture = Fixture::new().await;
    let product = fixture.product().on_hand(5).create().await;
    let sale = fixture.record(&product, Sale, 2).await.movement;
    let undone = movements::reverse(&fixture.again(), sale.id, "erreur de saisie").await.unwrap();
    assert_eq!((undone.quantity, undone.reverses_id), (Quantity(2000), Some(sale.id)));
    assert_eq!(on_hand(&fixture, &product).await, 5);
    let error = movements::reverse(&fixture.again(), sale.id, "encore").await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::AlreadyExists, "id".into())]);
    let error = movements::reverse(&fixture.again(), undone.id, "encore").await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::ForbiddenState, "id".into())]);
    assert_eq!(dashboard::get(&fixture.again()).await.unwrap().service_level.lines, 0, "its line is undone too");
}

#[tokio::test]
async fn a_transfer_moves_and_is_undone_whole() {
    let fixture = Fixture::new().await;
    let product = fixture.product().on_hand(5).create().await;
    let (from, to) = (fixture.warehouse().await, catalog::create_warehouse(&fixture.again(), "Thiès", Some("THS")).await.unwrap());
    let input = RecordTransfer {
        product: product.id,
        from: from.id,
        to: to.id,
        quantity: Quantity(2000),
        occurred_at: None,
        reference: None,
        idempotency_key: Some("camion-1".into()),
    };
    let (out, into) = movements::transfer(&fixture.again(), input.clone()).await.unwrap();
    assert_eq!((out.kind, out.quantity, into.kind, into.quantity), (TransferOut, Quantity(-2000), TransferIn, Quantity(2000)));
    assert_eq!(movements::transfer(&fixture.again(), input).await.unwrap().1.id, into.id, "the key gives the same transfer");
    let levels = |scope: crate::Scope| async move { stock::levels_of(&scope, &[product.id]).await.unwrap().remove(&product.id).unwrap() };
    let at = |levels: &[stock_level::Model], w| levels.iter().find(|l| l.warehouse_id == w).unwrap().on_hand.0 / 1000;
    let now = levels(fixture.again()).await;
    assert_eq!((at(&now, from.id), at(&now, to.id)), (3, 2));
    movements::reverse(&fixture.again(), into.id, "mauvais camion").await.unwrap();
    let now = levels(fixture.again()).await;
    assert_eq!((at(&now, from.id), at(&now, to.id)), (5, 0));
}

#[tokio::test]
async fn the_ledger_refuses_to_be_rewritten() {
    let fixture = Fixture::new().await;
    let product = fixture.product().on_hand(5).create().await;
    let row = fixture.record(&product, Sale, 1).await.movement;
    let txn = fixture.scope.begin().await.unwrap();
    let forged = entities::inventory::stock_movement::ActiveModel {
        tenant_id: sea_orm::ActiveValue::Unchanged(row.tenant_id),
        id: sea_orm::ActiveValue::Unchanged(row.id),
        quantity: sea_orm::ActiveValue::Set(Quantity(0)),
        ..Default::default()
    };
    assert!(format!("{:?}", txn.update(forged).await.unwrap_err()).contains("append-only"));
}

#[tokio::test]
async fn another_organisations_rows_are_not_there() {
    let fixture = Fixture::new().await;
    let mine = fixture.product().on_hand(5).create().await;
    let warehouse = fixture.warehouse().await;
    let (stranger, caller) = fixture.stranger().await;
    assert_eq!(products::find(&stranger, mine.id).await.unwrap(), None);
    assert!(stock::levels_of(&stranger, &[mine.id]).await.unwrap().is_empty());
    let stranger = caller.scope(&fixture.app, crate::locale::Locale::Fr).unwrap();
    let error = movements::record(&stranger, movement(&mine, &warehouse, Sale, 1)).await.unwrap_err();
    assert_eq!(refusals(&error), ["productId", "warehouseId"].map(|path| (Code::NotFound, path.to_owned())));
    assert_eq!(stranger.select::<product::Entity>().count().await.unwrap(), 0);
}

#[tokio::test]
async fn pages_neither_skip_nor_repeat_when_rows_come_and_go() {
    let fixture = Fixture::new().await;
    for n in 0..7 {
        fixture.product().sku(&format!("B-{n}")).create().await;
    }
    let order = [(ProductOrder::Sku, false)];
    let list = |after: Option<String>, before: Option<String>, n| {
        let scope = fixture.again();
        let args = match &before {
            None => PageArgs { first: Some(n), after, ..Default::default() },
            Some(_) => PageArgs { last: Some(n), before, ..Default::default() },
        };
        async move { products::page(&scope, &ProductFilter::default(), &order, &args).await.unwrap() }
    };
    let first = list(None, None, 3).await;
    assert_eq!((first.has_next, first.has_previous), (true, false));
    fixture.product().sku("A-0").create().await;
    let second = list(Some(first.rows[2].cursor()), None, 3).await;
    let skus: Vec<&str> = second.items().map(|product| product.sku.as_str()).collect();
    assert_eq!(skus, ["B-3", "B-4", "B-5"]);
    let back = list(None, Some(second.rows[0].cursor()), 2).await;
    assert_eq!(back.items().map(|product| product.sku.as_str()).collect::<Vec<_>>(), ["B-1", "B-2"]);
    assert_eq!((back.has_next, back.has_previous), (true, true));
    let wrong = PageArgs { after: Some(first.rows[0].cursor()), ..Default::default() };
    let other_order = products::page(&fixture.again(), &ProductFilter::default(), &[(ProductOrder::Name, false)], &wrong).await;
    assert!(matches!(other_order, Err(Error::BadArgument(_))), "a cursor belongs to its order");
}

#[tokio::test]
async fn a_stale_version_is_refused_and_absent_is_not_null() {
    let fixture = Fixture::new().await;
    let product = fixture.product().with(|new| new.barcode = Some("6001".into())).reorder_point(4).create().await;
    let change = ProductChange { name: Some("Riz".into()), reorder_point: Some(None), expected_version: Some(1), ..Default::default() };
    let changed = products::update(&fixture.again(), product.id, change.clone()).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.reorder_point, changed.barcode.as_deref(), changed.version), ("Riz", None, Some("6001"), 2));
    let error = products::update(&fixture.again(), product.id, change).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::StaleVersion, "expectedVersion".into())]);
}

#[tokio::test]
async fn filters_by_how_stock_stands() {
    use super::products::StockStatus::{self, *};
    let fixture = Fixture::new().await;
    fixture.product().sku("out").on_hand(2).create().await;
    let out = products::find_by_sku(&fixture.again(), "out").await.unwrap().unwrap();
    fixture.record(&out, Sale, 2).await;
    fixture.product().sku("low").reorder_point(3).on_hand(3).create().await;
    fixture.product().sku("plenty").reorder_point(3).on_hand(4).create().await;
    fixture.product().sku("new").create().await;
    let list = |status: StockStatus| {
        let scope = fixture.again();
        let filter = ProductFilter { stock_status: Some(vec![status]), ..Default::default() };
        async move {
            let page = products::page(&scope, &filter, &[], &PageArgs::default()).await.unwrap();
            page.items().map(|product| product.sku.clone()).collect::<Vec<_>>()
        }
    };
    assert_eq!(list(StockOut).await, ["out"]);
    assert_eq!(list(LowStock).await, ["low"]);
    assert_eq!(list(InStock).await, ["plenty"]);
    assert_eq!(list(NoMovement).await, ["new"]);
}

#[tokio::test]
async fn a_service_level_without_lines_has_no_ratio() {
    let fixture = Fixture::new().await;
    assert_eq!(dashboard::get(&fixture.again()).await.unwrap().service_level.ratio(), None);
    let (product, warehouse) = (fixture.product().on_hand(10).create().await, fixture.warehouse().await);
    for (units, ordered) in [(1, 1), (2, 2), (1, 4)] {
        let mut input = movement(&product, &warehouse, Sale, units);
        input.ordered_quantity = Some(Quantity(ordered * 1000));
        movements::record(&fixture.again(), input).await.unwrap();
    }
    let level = dashboard::get(&fixture.again()).await.unwrap().service_level;
    assert_eq!((level.lines, level.full_lines, level.ratio().as_deref()), (3, 2, Some("0.6667")));
}

#[tokio::test]
async fn levels_are_paged_by_the_sku_of_their_product() {
    let fixture = Fixture::new().await;
    let here = fixture.warehouse().await;
    let elsewhere = catalog::create_warehouse(&fixture.again(), "Annexe", None).await.unwrap();
    // Made in another order than the SKUs', each in two warehouses, so that every SKU stands twice.
    for sku in ["D", "b", "A", "É", "C", "B-2", "10", "9"] {
        let product = fixture.product().sku(sku).create().await;
        for warehouse in [&elsewhere, &here] {
            movements::record(&fixture.again(), movement(&product, warehouse, Receipt, 4)).await.unwrap();
        }
    }
    let (other, _) = fixture.stranger().await;
    let skus = |rows: Vec<stock_level::Model>| {
        let scope = fixture.again();
        async move {
            let ids: Vec<_> = rows.iter().map(|row| row.product_id).collect();
            let products = scope.by_ids::<product::Entity>(&ids).await.unwrap();
            rows.iter().map(|row| (products[&row.product_id].sku.clone(), row.id)).collect::<Vec<_>>()
        }
    };
    let page = |descending: bool, args: PageArgs| {
        let scope = fixture.again();
        async move { stock::page(&scope, &Default::default(), &[(stock::LevelOrder::Sku, descending)], &args).await.unwrap() }
    };
    let mut orders = Vec::new();
    for descending in [false, true] {
        let whole = page(descending, PageArgs { with_total: true, ..Default::default() }).await;
        assert_eq!((whole.rows.len(), whole.total), (16, Some(16)));
        let whole = skus(whole.items().cloned().collect()).await;
        assert!(whole.chunks(2).all(|pair| pair[0].0 == pair[1].0 && (pair[0].1 < pair[1].1) != descending), "{whole:?}");
        let (mut there, mut after) = (Vec::new(), None);
        while there.len() < 16 {
            let next = page(descending, PageArgs { first: Some(3), after: after.clone(), ..Default::default() }).await;
            after = next.rows.last().map(|row| row.cursor());
            assert_eq!(next.has_next, there.len() + next.rows.len() < 16);
            there.extend(next.items().cloned());
        }
        assert_eq!(skus(there).await, whole, "three at a time, ties split over pages");
        let (mut back, mut before) = (Vec::new(), None);
        while back.len() < 16 {
            let next = page(descending, PageArgs { last: Some(5), before: before.clone(), ..Default::default() }).await;
            before = next.rows.first().map(|row| row.cursor());
            back.splice(..0, next.items().cloned());
        }
        assert_eq!(skus(back).await, whole, "and from the end");
        orders.push(whole);
    }
    orders[1].reverse();
    assert_eq!(orders[0], orders[1]);
    let foreign = stock::page(&other, &Default::default(), &[(stock::LevelOrder::Sku, false)], &PageArgs::default()).await.unwrap();
    assert_eq!(foreign.rows.len(), 0);
    let cursor = page(false, PageArgs { first: Some(1), ..Default::default() }).await.rows[0].cursor();
    let args = PageArgs { after: Some(cursor), ..Default::default() };
    let mixed = [(stock::LevelOrder::UpdatedAt, true)];
    assert!(matches!(stock::page(&fixture.again(), &Default::default(), &mixed, &args).await, Err(Error::BadArgument(_))));
}

#[tokio::test]
async fn no_price_is_too_much_for_the_dashboard() {
    let fixture = Fixture::new().await;
    let value = async || dashboard::get(&fixture.again()).await.unwrap().on_hand_value.0;
    fixture.product().with(|new| new.cost_price = Some("6001".into())).on_hand(3).create().await;
    assert_eq!(value().await, 3 * 6001);
    // A barcode in the column of prices.
    fixture.product().with(|new| new.cost_price = Some("6001234567891".into())).on_hand(2000).create().await;
    assert_eq!(value().await, 3 * 6001 + 2000 * 6_001_234_567_891);
    let dearest = fixture.product().with(|new| new.cost_price = Some("999999999999999".into())).on_hand(1000).create().await;
    assert_eq!(value().await, 3 * 6001 + 2000 * 6_001_234_567_891 + 1000 * 999_999_999_999_999);
    fixture.record(&dearest, Receipt, 1_000_000_000).await;
    assert_eq!(value().await, i64::MAX);
    fixture.record(&dearest, Adjustment, -1_000_000_000).await;
    fixture.record(&dearest, Adjustment, -2000).await;
    assert_eq!(value().await, 3 * 6001 + 2000 * 6_001_234_567_891 - 1000 * 999_999_999_999_999);
}

#[tokio::test]
async fn a_search_is_literal_and_knows_neither_case_nor_accents() {
    let fixture = Fixture::new().await;
    fixture.product().sku("SAC_25").with(|new| new.name = "Éponge \u{e0} récurer".into()).create().await;
    fixture.product().sku("SACX25").with(|new| (new.name, new.barcode) = ("Remise 100 %".into(), Some("6001!ABC".into()))).create().await;
    let late = fixture.product().sku("C\\D").with(|new| new.name = "Œufs".into()).create().await;
    let found = async |text: &str| {
        let filter = ProductFilter { search: Some(text.into()), ..Default::default() };
        let page = products::page(&fixture.again(), &filter, &[(ProductOrder::Sku, false)], &PageArgs::default()).await.unwrap();
        page.items().map(|product| product.sku.clone()).collect::<Vec<_>>().join(" ")
    };
    for text in ["éponge", "eponge", "ÉPONGE", "E\u{301}PONGE", " Eponge a re", "sac_25", "SAC_"] {
        assert_eq!(found(text).await, "SAC_25", "{text}");
    }
    for (text, skus) in [
        ("sac", "SACX25 SAC_25"),
        ("%", "SACX25"),
        ("100 %", "SACX25"),
        ("abc", "SACX25"),
        ("1!A", "SACX25"),
        ("\\", "C\\D"),
        ("oeuf", "C\\D"),
        ("25\neponge", ""),
        ("25 eponge", ""),
        ("__", ""),
        ("  ", "C\\D SACX25 SAC_25"),
    ] {
        assert_eq!(found(text).await, skus, "{text}");
    }
    let change = ProductChange { name: Some("Poulet".into()), barcode: Some(Some("77".into())), ..Default::default() };
    products::update(&fixture.again(), late.id, change).await.unwrap();
    assert_eq!([found("oeuf").await, found("poulet").await, found("77").await, found("c\\d").await], ["", "C\\D", "C\\D", "C\\D"]);
    let change = ProductChange { sku: Some("É-1".into()), barcode: Some(None), ..Default::default() };
    products::update(&fixture.again(), late.id, change).await.unwrap();
    assert_eq!([found("77").await, found("e-1").await, found("poulet").await], ["", "É-1", "É-1"]);
    let endless = ProductFilter { search: Some("x".repeat(60_000)), ..Default::default() };
    let refused = products::page(&fixture.again(), &endless, &[], &PageArgs::default()).await;
    assert!(matches!(refused, Err(Error::BadArgument(_))));
}

#[tokio::test]
async fn what_is_imported_is_found_as_well() {
    use crate::data_imports::{self, RunImport, StartImport};
    use entities::data_imports::data_import::DataImportKind;
    let fixture = Fixture::new().await;
    let import = async |content: &str| {
        let input = StartImport { content: Some(content.into()), ..StartImport::of(DataImportKind::Products) };
        let started = data_imports::start(&fixture.again(), input).await.unwrap();
        let job = crate::work::Running::detached(fixture.scope.tenant());
        data_imports::run(&fixture.again(), &job, RunImport { import: started.id }).await.unwrap();
    };
    let found = async |text: &str| {
        let filter = ProductFilter { search: Some(text.into()), ..Default::default() };
        products::page(&fixture.again(), &filter, &[], &PageArgs::default()).await.unwrap().rows.len()
    };
    import("sku,name\nEP-1,Éponge\n").await;
    assert_eq!([found("EPONGE").await, found("ep-1").await], [1, 1]);
    import("sku,name,barcode\nEP-1,Crème,Ñ77\n").await;
    assert_eq!([found("EPONGE").await, found("ep-1").await, found("creme").await, found("n77").await], [0, 1, 1, 1]);
}

#[tokio::test]
async fn a_level_goes_up_to_its_bound_and_down_to_it_and_no_further() {
    let fixture = Fixture::new().await;
    let (product, here) = (fixture.product().create().await, fixture.warehouse().await);
    let there = catalog::create_warehouse(&fixture.again(), "Thiès", None).await.unwrap();
    let record = async |kind, units| movements::record(&fixture.again(), movement(&product, &here, kind, units)).await;
    let (largest, beyond) = (1_000_000_000, vec![(Code::OutOfRange, "quantity".to_owned())]);
    for _ in 0..100 {
        record(Receipt, largest).await.unwrap();
    }
    assert_eq!(refusals(&record(Receipt, 1).await.unwrap_err()), beyond);
    assert_eq!(refusals(&record(Adjustment, 1).await.unwrap_err()), beyond);
    let transfer = |from: &warehouse::Model, to: &warehouse::Model| RecordTransfer {
        product: product.id,
        from: from.id,
        to: to.id,
        quantity: Quantity(1000),
        occurred_at: None,
        reference: None,
        idempotency_key: None,
    };
    movements::record(&fixture.again(), movement(&product, &there, Receipt, 1)).await.unwrap();
    assert_eq!(refusals(&movements::transfer(&fixture.again(), transfer(&there, &here)).await.unwrap_err()), beyond);
    let sold = record(Sale, 1).await.unwrap().movement;
    record(Receipt, 1).await.unwrap();
    let again = movements::reverse(&fixture.again(), sold.id, "Erreur").await.unwrap_err();
    assert_eq!(refusals(&again), [(Code::OutOfRange, "id".into())], "undoing is a movement like another");
    for _ in 0..200 {
        record(WriteOff, largest).await.unwrap();
    }
    assert_eq!(refusals(&record(Sale, 1).await.unwrap_err()), beyond);
    assert_eq!(on_hand(&fixture, &product).await, -100 * largest + 1);
    let Error::Refused(said) = record(Sale, 1).await.unwrap_err() else { panic!("refused") };
    assert!(said[0].message.starts_with("Trop pour un entrepôt"), "{said:?}");
}
