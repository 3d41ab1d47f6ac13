//! What an import says of a file: its columns, its quotes, the names and cells of its rows.

use super::*;
use crate::locale::Locale;

#[tokio::test]
async fn an_import_says_which_columns_it_reads_and_which_it_passes_over() {
    let fixture = Fixture::new().await;
    fixture.product().sku("A").create().await;
    let content = "sku,quantity,Date de vente,Vendeur,canal,code,\nA,1,2026-03-01,Awa,web,x,\n";
    let input = StartImport { dry_run: true, rules: vec![sale_rule("canal")], ..of(content) };
    let started = start(&fixture.again(), input).await.unwrap();
    let done = run_all(&fixture, &started, Pace::fixed(7)).await.unwrap();
    for import in [started, done] {
        let told = understood(&import).unwrap();
        let read: Vec<_> = told.columns.iter().map(|column| (column.column.as_str(), column.field)).collect();
        assert_eq!(read, [("sku", Field::Sku), ("quantity", Field::Quantity), ("Date de vente", Field::OccurredAt)]);
        assert_eq!(told.ignored, ["Vendeur", "code"], "a rule reads the channel, and one column is the SKU");
    }
    let named = StartImport {
        columns: columns(&[(" sku ", Field::Sku), ("quantity", Field::Quantity)]),
        rules: vec![sale_rule("canal")],
        ..of(content)
    };
    let told = understood(&start(&fixture.again(), named).await.unwrap()).unwrap();
    assert_eq!(told.ignored, ["Date de vente", "Vendeur", "code"], "whoever names columns is told of the others, too");
}

#[tokio::test]
async fn an_import_of_before_columns_were_kept_passes_over_none() {
    let fixture = Fixture::new().await;
    let started = start(&fixture.again(), of("sku,quantity,kind,x\nA,1,RECEIPT,\n")).await.unwrap();
    let mut mapping: serde_json::Value = serde_json::from_str(&started.mapping).unwrap();
    mapping.as_object_mut().unwrap().remove("ignored").unwrap();
    let old = data_import::Model { mapping: mapping.to_string(), ..started };
    let told = understood(&old).unwrap();
    assert_eq!((told.columns.len(), told.ignored.len()), (3, 0));
}

#[tokio::test]
async fn a_quote_that_is_never_closed_loses_no_row() {
    let fixture = Fixture::new().await;
    let head = "sku,kind,quantity,occurred_at\nriz-5,RECEIPT,1,2024-03-01\n";
    let rows = "huile-1,RECEIPT,1,2024-03-02\n".repeat(3000);
    for (broken, key, line) in [
        (format!("{head}\"riz-25,RECEIPT,1,2024-03-02\n{rows}"), "import-quote-open", 3),
        (format!("{head}{rows}riz-25,RECEIPT,1,\"2024-03-02"), "import-quote-open", 3003),
        (format!("{head}\"riz-25,RECEIPT,1,2024-03-02\n{rows}\"riz-25\",RECEIPT,1\n"), "import-quote-astray", 3),
    ] {
        let done = import(&fixture, StartImport { create_missing: true, ..of(&broken) }).await.unwrap();
        assert_eq!((done.state, done.rows_total, counts(&done)), (DataImportState::Failed, None, (0, 0, 0)), "{key}");
        let told = row_errors(&fixture, &done).await.remove(0);
        assert_eq!((told.line, told.code.as_str()), (line, "FILE_UNREADABLE"), "{key}");
        assert_eq!(told.message, Locale::Fr.say(key, &[("line", line.to_string())]));
        assert!(told.message.contains(&format!("la ligne {line} ")), "{}", told.message);
    }
    assert!(ledger(&fixture).await.is_empty(), "nothing half arrives");
    let fine = "sku,name,kind,quantity\nriz-25,\"Riz\n25 kg\",RECEIPT,1\nriz-5,Riz 5 kg,RECEIPT,1\nhuile-1,RECEIPT\n";
    let done = import(&fixture, StartImport { create_missing: true, ..of(fine) }).await.unwrap();
    assert_eq!((done.state, counts(&done)), (DataImportState::Completed, (2, 0, 1)), "cells of several lines, and short rows, are read");
}

#[tokio::test]
async fn a_row_that_names_what_is_unknown_says_the_name() {
    let fixture = Fixture::new().await;
    let moved =
        import(&fixture, StartImport { create_missing: false, ..of("sku,quantity,kind,warehouse\nA,1,RECEIPT,Cave\n") }).await.unwrap();
    let content = "sku,nom,catégorie,fournisseur,unité\nA,Riz,Vivres,,\nB,Riz,,Touba,\nC,Riz,,,sac\n";
    let listed = import(&fixture, products_of(content)).await.unwrap();
    let told = [row_errors(&fixture, &moved).await, row_errors(&fixture, &listed).await].concat();
    assert!(told.iter().all(|row| row.code == "NOT_FOUND"), "{told:?}");
    let said: Vec<&str> = told.iter().map(|row| row.message.as_str()).collect();
    let hint = |thing: &str| format!("{thing} d'abord, ou relancez l'importation avec createMissing.");
    assert_eq!(
        said,
        [
            format!("Aucun entrepôt n'a le nom ou le code « Cave ». {}", hint("Créez-le")),
            format!("Aucune catégorie ne s'appelle « Vivres ». {}", hint("Créez-la")),
            format!("Aucun fournisseur ne s'appelle « Touba ». {}", hint("Créez-le")),
            "Aucune unité n'a le code « sac ».".to_owned(),
        ]
    );
}

#[test]
fn a_row_that_is_too_short_counts_its_cells_in_each_language() {
    let say = |locale: Locale, found: &str| locale.say("import-row-ragged", &[("found", found.to_owned()), ("expected", "4".to_owned())]);
    let cases = [
        (Locale::Fr, "Cette ligne a 1 cellule ; l'en-tête en a 4.", "Cette ligne a 2 cellules ; l'en-tête en a 4."),
        (Locale::En, "This row has 1 cell; the header has 4.", "This row has 2 cells; the header has 4."),
        (Locale::Wo, "Rëdd wii benn néeg la am ; bopp bi 4 la am.", "Rëdd wii 2 néeg la am ; bopp bi 4 la am."),
    ];
    for (locale, one, two) in cases {
        assert_eq!((say(locale, "1").as_str(), say(locale, "2").as_str()), (one, two));
    }
}
