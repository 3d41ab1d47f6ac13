//! Products by what people type.

use crate::Code;
use crate::inventory::products::{self, ProductChange, ProductFilter, ProductOrder};
use crate::page::PageArgs;
use crate::testing::{Fixture, refusals};

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
    for text in
        ["éponge", "eponge", "ÉPONGE", "E\u{301}PONGE", " Eponge a re", "sac_25", "SAC_", "recurer  eponge", "25 eponge", "25\neponge"]
    {
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
        ("eponge remise", ""),
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
    assert_eq!(refusals(&refused.unwrap_err()), [(Code::TooLong, "search".to_owned())]);
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
