use super::*;
use entities::inventory::{category, unit};

#[tokio::test]
async fn products_are_added_changed_and_left_alone() {
    let fixture = Fixture::new().await;
    fixture.product().sku("A").with(|product| product.barcode = Some("123".into())).create().await;
    let content = "sku,nom,prix,prix d'achat,seuil,unité,catégorie\n\
        A,Riz,1500,,10,,Vivres\nB,Huile,\"2 000,00\",1 800,2,l,Vivres\nB,Huile,2000,1800,2,L,Vivres\nC,,,,,,\nD,Thé,1.5,,,,\nE,Mil,,,,SEAU,\n";
    let strict = import(&fixture, products_of(content)).await.unwrap();
    assert_eq!(counts(&strict), (0, 0, 6), "the category is unknown");
    let create = |dry_run| StartImport { create_missing: true, dry_run, ..products_of(content) };
    let rehearsed = import(&fixture, create(true)).await.unwrap();
    let done = import(&fixture, create(false)).await.unwrap();
    assert_eq!((counts(&rehearsed), counts(&done)), ((2, 1, 3), (2, 1, 3)));
    let expected = [(5, "nom", "REQUIRED"), (6, "prix", "OUT_OF_RANGE"), (7, "unité", "NOT_FOUND")];
    let expected = expected.map(|(line, column, code)| (line, column.to_owned(), code.to_owned()));
    assert_eq!(faults(&fixture, &done).await, expected);
    assert_eq!(faults(&fixture, &rehearsed).await, expected);
    let scope = fixture.again();
    let products = scope.select::<product::Entity>().order_by(product::Column::Sku, sea_orm::Order::Asc).all().await.unwrap();
    let [a, b] = &products[..] else { panic!("two products") };
    assert_eq!((a.name.as_str(), a.barcode.as_deref(), a.version), ("Riz", Some("123"), 2), "what is not said stays");
    assert_eq!((b.sale_price.unwrap().0, b.cost_price.unwrap().0, b.reorder_point.unwrap().0), (2000, 1800, 2000));
    let units = scope.by_ids::<unit::Entity>(&[a.unit_id, b.unit_id]).await.unwrap();
    assert_eq!((units[&a.unit_id].code.as_str(), units[&b.unit_id].code.as_str()), ("PIECE", "L"));
    assert_eq!(scope.select::<category::Entity>().all().await.unwrap().len(), 1);
    let again = import(&fixture, create(false)).await.unwrap();
    assert_eq!(counts(&again), (0, 3, 3));
    assert_eq!(skipped(&again).unwrap(), [Skipped { why: Skip::Known, column: None, reason: None, rows: 3 }]);
    assert_eq!(fixture.again().select::<product::Entity>().all().await.unwrap().iter().map(|p| p.version).max(), Some(2));
}

#[tokio::test]
async fn a_coarser_unit_is_refused_where_the_ledger_is_finer() {
    let fixture = Fixture::new().await;
    let kilo = fixture.again().select::<unit::Entity>().filter(sea_orm::ColumnTrait::eq(&unit::Column::Code, "KG")).one().await.unwrap();
    fixture.product().sku("A").with(|product| product.unit = kilo.map(|unit| unit.id)).create().await;
    import(&fixture, of("sku,quantity,kind\nA,2.5,RECEIPT\n")).await.unwrap();
    let done = import(&fixture, products_of("sku,unit\nA,PIECE\n")).await.unwrap();
    assert_eq!(faults(&fixture, &done).await, [(2, "unit".into(), "FORBIDDEN_STATE".into())]);
}

#[tokio::test]
async fn a_threshold_finer_than_the_unit_fails_its_row() {
    let fixture = Fixture::new().await;
    fixture.product().sku("A").create().await;
    let done =
        import(&fixture, products_of("sku,nom,seuil,unité\nA,,2.5,\nB,Huile,2.5,\nC,Mil,2.5,KG\nA,,2.5,KG\nA,,3.5,\n")).await.unwrap();
    assert_eq!(faults(&fixture, &done).await, [2, 3].map(|line| (line, "seuil".to_owned(), "OUT_OF_RANGE".to_owned())));
    assert_eq!(counts(&done), (3, 0, 2));
}

#[tokio::test]
async fn a_coarser_unit_is_refused_where_a_threshold_kept_is_finer() {
    let fixture = Fixture::new().await;
    let kilos = products_of("sku,nom,seuil,unité\nA,Riz,2.5,KG\nB,Mil,2.5,KG\nC,Sel,2,KG\n");
    assert_eq!(counts(&import(&fixture, kilos).await.unwrap()), (3, 0, 0));
    let done = import(&fixture, products_of("sku,seuil,unité\nA,,PIECE\nB,3,PIECE\nC,,PIECE\n")).await.unwrap();
    assert_eq!((counts(&done), faults(&fixture, &done).await), ((2, 0, 1), vec![(2, "unité".into(), "FORBIDDEN_STATE".into())]));
    assert!(row_errors(&fixture, &done).await[0].message.contains("seuil"));
}

#[tokio::test]
async fn a_movement_brings_no_product_with_a_threshold_finer_than_its_unit() {
    let fixture = Fixture::new().await;
    let content = "sku,quantity,kind,seuil,unit\nA,1,RECEIPT,2.5,\nB,1,RECEIPT,2.5,KG\nC,1,RECEIPT,2.5,PIECE\n";
    for dry_run in [true, false] {
        let done = import(&fixture, StartImport { create_missing: true, dry_run, ..of(content) }).await.unwrap();
        let finer = [2, 4].map(|line| (line, "seuil".to_owned(), "OUT_OF_RANGE".to_owned()));
        assert_eq!((counts(&done), faults(&fixture, &done).await), ((1, 0, 2), finer.to_vec()));
    }
}

#[tokio::test]
async fn a_row_of_an_archived_product_fails_for_nobody_would_see_what_it_changed() {
    use crate::inventory::products;
    let fixture = Fixture::new().await;
    let old = fixture.product().sku("OLD").create().await;
    products::archive(&fixture.again(), old.id, None).await.unwrap();
    let renamed = products_of("sku,nom\nOLD,Riz\nA,Mil\n");
    let done = import(&fixture, renamed.clone()).await.unwrap();
    assert_eq!((counts(&done), faults(&fixture, &done).await), ((1, 0, 1), vec![(2, "sku".into(), "ARCHIVED".into())]));
    assert_eq!(row_errors(&fixture, &done).await[0].message, "Ce produit est archivé. Réactivez-le d'abord.");
    products::unarchive(&fixture.again(), old.id, None).await.unwrap();
    assert_eq!(counts(&import(&fixture, renamed).await.unwrap()), (1, 1, 0));
}

#[tokio::test]
async fn names_that_differ_in_case_and_accents_alone_are_one() {
    use crate::inventory::catalog;
    let fixture = Fixture::new().await;
    let (elsewhere, _) = fixture.stranger().await;
    catalog::create_category(&elsewhere, "Boissons", None).await.unwrap();
    for name in ["Épices", "Poivres"] {
        catalog::create_category(&fixture.again(), name, None).await.unwrap();
    }
    // Nobody can make a second one any more; there may be some from before.
    let twin = "UPDATE categories SET name = 'EPICES', name_key = (SELECT c.name_key FROM categories c WHERE c.name = 'Épices') \
                WHERE name = 'Poivres'";
    crate::testing::change_database(&fixture.app, twin).await;
    catalog::create_supplier(&fixture.again(), catalog::NewSupplier { name: "Élan".into(), ..Default::default() }).await.unwrap();
    // Seven rows a chunk: the last ones find what the first chunk added.
    let rows =
        ["Épices,elan", "EPICES,ÉLAN", "boissons,Zam", "Boissons,zam", "BOISSONS,Zàm", "Vivres,", "vivres,", "VIVRES,ZAM", "boïssons,"];
    let rows: String = rows.iter().enumerate().map(|(n, row)| format!("P{n},Riz,{row}\n")).collect();
    let content = format!("sku,nom,catégorie,fournisseur\n{rows}");
    for dry_run in [true, false] {
        let done = import(&fixture, StartImport { create_missing: true, dry_run, ..products_of(&content) }).await.unwrap();
        assert_eq!(counts(&done), (9, 0, 0));
    }
    let moved = "sku,quantity,kind,warehouse\nP0,1,RECEIPT,ENTREPOT PRINCIPAL\nP0,1,RECEIPT,Étage\nP1,1,RECEIPT,etage\n";
    assert_eq!(counts(&import(&fixture, StartImport { create_missing: true, ..of(moved) }).await.unwrap()), (3, 0, 0));
    let (scope, args) = (fixture.again(), PageArgs::default());
    let categories = catalog::categories(&scope, &args).await.unwrap();
    let names: BTreeMap<_, _> = categories.items().map(|row| (row.id, row.name.as_str())).collect();
    let mut of_products: Vec<_> = scope.select::<product::Entity>().all().await.unwrap();
    of_products.sort_by(|one, two| one.sku.cmp(&two.sku));
    let called: Vec<_> = of_products.iter().map(|product| names[&product.category_id.unwrap()]).collect();
    assert_eq!(called, ["Épices", "EPICES", "boissons", "boissons", "boissons", "Vivres", "Vivres", "Vivres", "boissons"]);
    assert_eq!(names.len(), 4, "the very name where two are alike, one for all spellings where none was");
    let suppliers = catalog::suppliers(&scope, &args).await.unwrap();
    assert_eq!(suppliers.items().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Élan", "Zam"]);
    let warehouses = catalog::warehouses(&scope, &args).await.unwrap();
    assert_eq!(warehouses.items().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Entrepôt principal", "Étage"]);
}

/// What an import adds or renames stands in the lists where it would had somebody typed it.
#[tokio::test]
async fn what_is_imported_is_in_its_place_by_name() {
    use crate::inventory::{catalog, products};
    let fixture = Fixture::new().await;
    fixture.product().sku("A").with(|product| product.name = "Aubergine".into()).create().await;
    let content =
        "sku,nom,catégorie,fournisseur\nA,Zinc,Vivres,Touba\nB,Éponge,Épices,Élan\nC,banane,entretien,dakar sel\nD,Œufs,Vivres,Zam\n";
    let done = import(&fixture, StartImport { create_missing: true, ..products_of(content) }).await.unwrap();
    assert_eq!(counts(&done), (4, 0, 0));
    let moved = "sku,quantity,kind,warehouse\nA,1,RECEIPT,annexe\nE-1,1,RECEIPT,Étage\n";
    let done = import(&fixture, StartImport { create_missing: true, ..of(moved) }).await.unwrap();
    assert_eq!(counts(&done), (2, 0, 0));
    let (scope, args) = (fixture.again(), PageArgs::default());
    let products = products::page(&scope, &Default::default(), &[], &args).await.unwrap();
    let categories = catalog::categories(&scope, &args).await.unwrap();
    let suppliers = catalog::suppliers(&scope, &args).await.unwrap();
    let warehouses = catalog::warehouses(&scope, &args).await.unwrap();
    assert_eq!(products.items().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["banane", "E-1", "Éponge", "Œufs", "Zinc"]);
    assert_eq!(categories.items().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["entretien", "Épices", "Vivres"]);
    assert_eq!(suppliers.items().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["dakar sel", "Élan", "Touba", "Zam"]);
    assert_eq!(warehouses.items().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["annexe", "Entrepôt principal", "Étage"]);
}

#[tokio::test]
async fn a_name_of_a_version_without_keys_is_found_by_itself() {
    use crate::inventory::catalog;
    let fixture = Fixture::new().await;
    catalog::create_category(&fixture.again(), "Épices", None).await.unwrap();
    catalog::create_supplier(&fixture.again(), catalog::NewSupplier { name: "Élan".into(), ..Default::default() }).await.unwrap();
    for table in ["categories", "suppliers", "warehouses"] {
        crate::testing::change_database(&fixture.app, &format!("UPDATE {table} SET name_key = ''")).await;
    }
    let rows = "sku,nom,catégorie,fournisseur\nA,Piment,Épices,Élan\n";
    let done = import(&fixture, StartImport { create_missing: true, ..products_of(rows) }).await.unwrap();
    assert_eq!(counts(&done), (1, 0, 0));
    let moved = "sku,quantity,kind,warehouse\nA,1,RECEIPT,Entrepôt principal\n";
    assert_eq!(counts(&import(&fixture, StartImport { create_missing: true, ..of(moved) }).await.unwrap()), (1, 0, 0));
    let (scope, args) = (fixture.again(), PageArgs::default());
    let found = (
        catalog::categories(&scope, &args).await.unwrap().items().count(),
        catalog::suppliers(&scope, &args).await.unwrap().items().count(),
        catalog::warehouses(&scope, &args).await.unwrap().items().count(),
    );
    assert_eq!(found, (1, 1, 1));
}

/// The case of a code opens no second warehouse, unless it tells two apart.
#[tokio::test]
async fn a_code_in_another_case_is_the_same_warehouse_where_only_one_fits() {
    use crate::inventory::catalog;
    let fixture = Fixture::new().await;
    fixture.product().sku("A").create().await;
    for (name, code) in [("Étage", "Ét"), ("Annexe", "anx"), ("Autre annexe", "ANX"), ("Cave", "C1"), ("c2", "X"), ("Grenier", "C2")] {
        catalog::create_warehouse(&fixture.again(), name, Some(code)).await.unwrap();
    }
    let rows = |names: &[&str]| names.iter().map(|name| format!("A,1,RECEIPT,{name}\n")).collect::<String>();
    let known = format!("sku,quantity,kind,warehouse\n{}", rows(&["main", "ÉT", "anx", "ANX", "c1", "c2"]));
    for (dry_run, create_missing) in [(true, false), (false, false), (false, true)] {
        let done = import(&fixture, StartImport { dry_run, create_missing, ..of(&known) }).await.unwrap();
        assert_eq!(done.rows_failed, 0, "create: {create_missing}");
    }
    let all = catalog::warehouses(&fixture.again(), &PageArgs::default()).await.unwrap();
    let names: BTreeMap<_, _> = all.items().map(|row| (row.id, row.name.clone())).collect();
    let moved: Vec<_> = ledger(&fixture).await.iter().map(|movement| names[&movement.warehouse_id].clone()).collect();
    let mut moved: Vec<&str> = moved.iter().map(String::as_str).collect();
    moved.sort_unstable();
    assert_eq!(moved, ["Annexe", "Autre annexe", "Cave", "Entrepôt principal", "c2", "Étage"]);
    assert_eq!(names.len(), 7, "none was added");
    let unclear = format!("sku,quantity,kind,warehouse\n{}", rows(&["Anx"]));
    let done = import(&fixture, of(&unclear)).await.unwrap();
    assert_eq!(faults(&fixture, &done).await, [(2, "warehouse".into(), "NOT_FOUND".into())], "two would do");
}
