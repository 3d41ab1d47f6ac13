use super::*;
use crate::locale::Locale;
use crate::testing::organization;
use entities::inventory::warehouse;

async fn refused(fixture: &Fixture, input: StartImport) -> Vec<(Code, String)> {
    refusals(&start(&fixture.again(), input).await.unwrap_err())
}

fn one(code: Code, path: &str) -> Vec<(Code, String)> {
    vec![(code, path.to_owned())]
}

#[tokio::test]
async fn what_cannot_start_is_told_at_once() {
    let fixture = Fixture::new().await;
    let good = "sku,quantity,kind\nA,1,RECEIPT\n";
    type Refused = Vec<(Code, String)>;
    let cases: Vec<(&str, StartImport, Refused)> = vec![
        ("nothing", StartImport { content: None, ..of("") }, one(Code::Invalid, "fileId")),
        ("both", StartImport { file: Some(entities::files::FileId::NIL), ..of(good) }, one(Code::Invalid, "fileId")),
        ("unknown file", StartImport { content: None, file: Some(entities::files::FileId::NIL), ..of("") }, one(Code::NotFound, "fileId")),
        ("empty", of(""), one(Code::FileUnreadable, "content")),
        ("blank lines", of("\n\r\n\n"), one(Code::FileUnreadable, "content")),
        ("header only", of("sku,quantity,kind\n\n"), one(Code::FileUnreadable, "content")),
        ("NUL", of("sku,quantity,kind\nA\0,1,RECEIPT\n"), one(Code::FileUnreadable, "content")),
        ("line ends of old", of("sku,quantity,kind\rA,1,RECEIPT\r"), one(Code::FileUnreadable, "content")),
        ("too large", of(&"x".repeat(super::super::CONTENT_LIMIT + 1)), one(Code::FileTooLarge, "content")),
        ("no sku", of("a,quantity,kind\nA,1,RECEIPT\n"), one(Code::Required, "columns")),
        ("no quantity", of("sku,b,kind\nA,1,RECEIPT\n"), one(Code::Required, "columns")),
        ("no kind", of("sku,quantity\nA,1\n"), one(Code::Required, "columns")),
        (
            "mapped column is not there",
            StartImport { columns: columns(&[("ref", Field::Sku), ("quantity", Field::Quantity), ("kind", Field::Kind)]), ..of(good) },
            one(Code::NotFound, "columns.0.column"),
        ),
        (
            "mapped column is there twice",
            StartImport {
                columns: columns(&[("a", Field::Sku), ("b", Field::Quantity), ("c", Field::Kind)]),
                ..of("a,b,c,a\nA,1,RECEIPT,B\n")
            },
            one(Code::Invalid, "columns.0.column"),
        ),
        (
            "a field twice",
            StartImport {
                columns: columns(&[("sku", Field::Sku), ("quantity", Field::Quantity), ("kind", Field::Quantity)]),
                rules: vec![sale_rule("sku")],
                ..of(good)
            },
            one(Code::Invalid, "columns.2.field"),
        ),
        ("rule column", StartImport { rules: vec![sale_rule("invoice")], ..of(good) }, one(Code::NotFound, "rules.0.column")),
        ("rule without effect", StartImport { rules: vec![rule("sku", |_| ())], ..of(good) }, one(Code::Invalid, "rules.0.kind")),
        (
            "rule with a long reason",
            StartImport { rules: vec![rule("sku", |r| (r.skip, r.reason) = (true, Some("x".repeat(501))))], ..of(good) },
            one(Code::TooLong, "rules.0.reason"),
        ),
        (
            "rule of a transfer",
            StartImport { rules: vec![rule("sku", |r| r.kind = Some(Kind::TransferIn))], ..of(good) },
            one(Code::Invalid, "rules.0.kind"),
        ),
        ("zone", StartImport { time_zone: Some("Dakar".into()), ..of(good) }, one(Code::Invalid, "timeZone")),
        (
            "unknown warehouse",
            StartImport { warehouse: Some(entities::inventory::WarehouseId::NIL), ..of(good) },
            one(Code::NotFound, "warehouseId"),
        ),
        (
            "movement fields of products",
            StartImport { rules: vec![sale_rule("sku")], ..products_of("sku,nom\nA,B\n") },
            one(Code::Invalid, "rules"),
        ),
    ];
    for (name, input, expected) in cases {
        assert_eq!(refused(&fixture, input).await, expected, "{name}");
    }
    let (stranger, _) = fixture.stranger().await;
    let theirs = stranger.select::<warehouse::Entity>().one().await.unwrap().unwrap();
    let foreign = StartImport { warehouse: Some(theirs.id), ..of(good) };
    assert_eq!(refused(&fixture, foreign).await, one(Code::NotFound, "warehouseId"), "as if it did not exist");
}

#[tokio::test]
async fn each_bad_row_is_told_with_its_line_and_column_and_the_good_ones_are_taken() {
    let fixture = Fixture::new().await;
    fixture.product().sku("A").on_hand(100).create().await;
    let archived = fixture.product().sku("OLD").create().await;
    crate::inventory::products::archive(&fixture.again(), archived.id, None).await.unwrap();
    let (stranger, _) = fixture.stranger().await;
    crate::inventory::products::create(
        &stranger,
        crate::inventory::products::NewProduct { sku: "THEIRS".into(), name: "x".into(), ..Default::default() },
    )
    .await
    .unwrap();
    let long = "x".repeat(30_000);
    let rows: Vec<(String, &str, &str)> = vec![
        ("A,1,SALE,2026-11-01,".into(), "", ""),
        ("B,1,SALE,2026-11-01,".into(), "sku", "NOT_FOUND"),
        ("THEIRS,1,SALE,2026-11-01,".into(), "sku", "NOT_FOUND"),
        ("OLD,1,SALE,2026-11-01,".into(), "sku", "ARCHIVED"),
        (",1,SALE,2026-11-01,".into(), "sku", "REQUIRED"),
        ("A,1,SALE".into(), "", "INVALID"),
        ("A,1,SALE,2026-11-01,,".into(), "", "INVALID"),
        ("A,,SALE,2026-11-01,".into(), "quantity", "REQUIRED"),
        ("A,0,SALE,2026-11-01,".into(), "quantity", "OUT_OF_RANGE"),
        ("A,-1,SALE,2026-11-01,".into(), "quantity", "OUT_OF_RANGE"),
        ("A,1.5,SALE,2026-11-01,".into(), "quantity", "OUT_OF_RANGE"),
        ("A,1.2345,SALE,2026-11-01,".into(), "quantity", "OUT_OF_RANGE"),
        ("A,1000000001,SALE,2026-11-01,".into(), "quantity", "OUT_OF_RANGE"),
        ("A,\"1,234\",SALE,2026-11-01,".into(), "quantity", "INVALID"),
        ("A,=1+1,SALE,2026-11-01,".into(), "quantity", "INVALID"),
        ("A,douze,SALE,2026-11-01,".into(), "quantity", "INVALID"),
        ("A,1,SALE,2026-12-02,".into(), "date", "OUT_OF_RANGE"),
        ("A,1,SALE,12/31/2025,".into(), "date", "INVALID"),
        ("A,1,SALE,01/02/25,".into(), "date", "INVALID"),
        ("A,1,SALE,1969-12-31,".into(), "date", "OUT_OF_RANGE"),
        ("A,1,SALE,,".into(), "date", "REQUIRED"),
        ("A,1,GIFT,2026-11-01,".into(), "kind", "INVALID"),
        ("A,1,TRANSFER_IN,2026-11-01,".into(), "kind", "INVALID"),
        ("A,1,,2026-11-01,".into(), "kind", "REQUIRED"),
        ("A,1,SALE,2026-11-01,\"=HYPERLINK(\"\"http://x\"\")\"".into(), "reference", "INVALID"),
        ("A,1,SALE,2026-11-01,+cmd|' /C calc'!A0".into(), "reference", "INVALID"),
        (format!("A,1,SALE,2026-11-01,{long}"), "reference", "TOO_LONG"),
        (format!("A,1,SALE,2026-11-01,{}", &long[..201]), "reference", "TOO_LONG"),
        (format!("{},1,SALE,2026-11-01,", &long[..65]), "sku", "TOO_LONG"),
        (",,,,".into(), "", ""),
        ("A,1,SALE,2026-11-01,\"two\nlines\"".into(), "", ""),
        ("A,0,COUNT,2026-11-01,".into(), "", ""),
        ("Z,1,SALE,2026-11-01,".into(), "sku", "NOT_FOUND"),
    ];
    let (mut content, mut expected, mut line) = ("sku,quantity,kind,date,reference\n".to_owned(), Vec::new(), 2);
    for (row, column, code) in &rows {
        if !code.is_empty() {
            expected.push((line, (*column).to_owned(), (*code).to_owned()));
        }
        content.push_str(row);
        content.push('\n');
        line += 1 + row.matches('\n').count() as i64;
    }
    for dry_run in [true, false] {
        let done = import(&fixture, StartImport { dry_run, ..of(&content) }).await.unwrap();
        assert_eq!(faults(&fixture, &done).await, expected, "dry run: {dry_run}");
        assert_eq!(counts(&done), (3, 1, rows.len() as i64 - 4));
        assert_eq!(skipped(&done).unwrap(), [Skipped { why: Skip::Blank, column: None, reason: None, rows: 1 }]);
    }
    check_sums(&fixture).await;
}

#[tokio::test]
async fn errors_speak_the_language_of_who_started() {
    let fixture = Fixture::new().await;
    let scope = fixture.caller.scope(&fixture.app, Locale::En).unwrap();
    let import = start(&scope, of("sku,quantity,kind\nX9,1,SALE\n")).await.unwrap();
    let done = run_all(&fixture, &import, Pace::fixed(7)).await.unwrap();
    assert_eq!(
        row_errors(&fixture, &done).await[0].message,
        "No product has the SKU “X9”. Create it first, or start the import again with createMissing."
    );
}

#[tokio::test]
async fn more_errors_than_anybody_reads_are_counted_not_stored() {
    let fixture = Fixture::new().await;
    let rows = "?,1,SALE\n".repeat(10_050);
    let import = start(&fixture.again(), of(&format!("sku,quantity,kind\n{rows}"))).await.unwrap();
    let done = run_all(&fixture, &import, Pace::fixed(2000)).await.unwrap();
    assert_eq!((counts(&done), done.errors_kept), ((0, 0, 10_050), 10_000));
}

#[tokio::test]
async fn a_file_has_so_many_rows_and_no_more() {
    let fixture = Fixture::with(&[("IMPORT_MAX_ROWS", "30")]).await;
    let rows = |count| format!("sku,quantity,kind\n{}", "A,1,RECEIPT\n".repeat(count));
    let input = |count| StartImport { create_missing: true, ..of(&rows(count)) };
    assert_eq!(counts(&import(&fixture, input(30)).await.unwrap()), (30, 0, 0));
    let done = import(&fixture, input(31)).await.unwrap();
    assert_eq!((done.state, counts(&done)), (DataImportState::Failed, (0, 0, 0)), "nothing half arrives");
    let told = row_errors(&fixture, &done).await.remove(0);
    assert_eq!((told.line, told.code.as_str()), (32, "LIMIT_REACHED"));
    assert_eq!(told.message, Locale::Fr.say("import-too-many-rows", &[("most", "30".into())]));
}

#[tokio::test]
async fn another_organisation_sees_nothing_of_an_import() {
    let fixture = Fixture::new().await;
    let done = import(&fixture, of("sku,quantity,kind\nX9,1,SALE\n")).await.unwrap();
    let (scope, _) = organization(&fixture.app, "Chez Fatou").await;
    assert!(find(&scope, done.id).await.unwrap().is_none());
    assert!(errors(&scope, done.id, &PageArgs::default()).await.unwrap().rows.is_empty());
    assert!(matches!(super::super::follow(&scope, done.id).await, Err(Error::NotFound)));
    assert_eq!(refusals(&super::super::cancel(&scope, done.id).await.unwrap_err()), one(Code::NotFound, "id"));
}

#[tokio::test]
async fn a_row_that_is_refused_says_what_to_do() {
    let fixture = Fixture::new().await;
    fixture.product().sku("A").create().await;
    let content = format!("sku,quantity,kind,reason\nA,1,GIFT,\nB,1,SALE,\nA,1,SALE,{}\n", "x".repeat(20_001));
    let done = import(&fixture, of(&content)).await.unwrap();
    let messages: Vec<String> = row_errors(&fixture, &done).await.into_iter().map(|row| row.message).collect();
    for (message, words) in messages.iter().zip([["RECEIPT", "COUNT"], ["« B »", "createMissing"], ["20\u{202f}000", "Raccourcissez"]]) {
        assert!(words.iter().all(|word| message.contains(word)), "{words:?}: {message}");
    }
    assert_eq!(messages.len(), 3, "{messages:?}");
}
