//! Lists sorted by a name have one order, whatever the database.

use crate::inventory::catalog::{self, NewSupplier};
use crate::inventory::products::{self, ProductChange, ProductFilter, ProductOrder};
use crate::page::{Page, PageArgs};
use crate::testing::{Fixture, refusals};
use crate::{Code, Error};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entities::inventory::product;

/// Written in no order; "É" also as two characters.
const WRITTEN: [&str; 8] = ["Zinc", "eponge 2", "banane", "Œufs", "E\u{301}clair", "Ñebbe", "Éponge", "Ocre"];
const IN_ORDER: [&str; 8] = ["banane", "E\u{301}clair", "Éponge", "eponge 2", "Ñebbe", "Ocre", "Œufs", "Zinc"];

/// The names of a whole list, read two rows at a time: from its start, or from its end.
async fn names<T>(list: impl AsyncFn(PageArgs) -> Page<T>, name: fn(&T) -> &str, from_the_end: bool) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = match from_the_end {
            false => list(PageArgs { first: Some(2), after: cursor, ..PageArgs::default() }).await,
            true => list(PageArgs { last: Some(2), before: cursor, ..PageArgs::default() }).await,
        };
        let (at, edge) = if from_the_end { (0, page.rows.first()) } else { (all.len(), page.rows.last()) };
        cursor = edge.map(|row| row.cursor());
        all.splice(at..at, page.items().map(|row| name(row).to_owned()));
        if !(if from_the_end { page.has_previous } else { page.has_next }) {
            return all;
        }
    }
}

async fn products_by(fixture: &Fixture, order: &[(ProductOrder, bool)], args: &PageArgs) -> crate::Result<Page<product::Model>> {
    products::page(&fixture.again(), &ProductFilter::default(), order, args).await
}

async fn named(fixture: &Fixture, name: &str) -> product::Model {
    fixture.product().with(|new| new.name = name.into()).create().await
}

#[tokio::test]
async fn products_are_listed_by_name_whatever_case_and_accents() {
    let fixture = Fixture::new().await;
    for name in WRITTEN {
        named(&fixture, name).await;
    }
    let mut expected = IN_ORDER.map(str::to_owned).to_vec();
    for order in [vec![], vec![(ProductOrder::Name, false)], vec![(ProductOrder::Name, true)]] {
        if order.iter().any(|(_, descending)| *descending) {
            expected.reverse();
        }
        for from_the_end in [false, true] {
            let list = async |args: PageArgs| products_by(&fixture, &order, &args).await.unwrap();
            assert_eq!(names(list, |row| row.name.as_str(), from_the_end).await, expected, "{order:?}, from the end: {from_the_end}");
        }
    }
    let upwards_of_each = [(ProductOrder::Name, true), (ProductOrder::Sku, false)];
    let list = async |args: PageArgs| products_by(&fixture, &upwards_of_each, &args).await.unwrap();
    assert_eq!(names(list, |row| row.name.as_str(), false).await, expected, "a cursor of columns that run apart");
}

#[tokio::test]
async fn names_that_differ_by_case_and_accents_alone_are_in_the_order_of_their_making() {
    let fixture = Fixture::new().await;
    let mut twins = Vec::new();
    for name in ["éponge", "Eponge", "ÉPONGE", "eponge"] {
        twins.push(named(&fixture, name).await);
    }
    twins.sort_by_key(|row| *row.id.0.as_bytes());
    let mut expected: Vec<&str> = twins.iter().map(|row| row.name.as_str()).collect();
    for descending in [false, true] {
        let order = [(ProductOrder::Name, descending)];
        let list = async |args: PageArgs| products_by(&fixture, &order, &args).await.unwrap();
        assert_eq!(names(list, |row| row.name.as_str(), false).await, expected, "the id decides, across pages");
        expected.reverse();
    }
}

#[tokio::test]
async fn a_product_renamed_moves_to_its_place_and_another_change_leaves_it() {
    let fixture = Fixture::new().await;
    for name in ["Zinc", "banane"] {
        named(&fixture, name).await;
    }
    let sponge = named(&fixture, "Éponge").await;
    let list = async |args: PageArgs| products_by(&fixture, &[], &args).await.unwrap();
    let change = async |change: ProductChange| drop(products::update(&fixture.again(), sponge.id, change).await.unwrap());
    change(ProductChange { sku: Some("A-0".into()), ..ProductChange::default() }).await;
    assert_eq!(names(list, |row| row.name.as_str(), false).await, ["banane", "Éponge", "Zinc"]);
    change(ProductChange { name: Some("à laver".into()), ..ProductChange::default() }).await;
    assert_eq!(names(list, |row| row.name.as_str(), false).await, ["à laver", "banane", "Zinc"]);
}

#[tokio::test]
async fn categories_suppliers_and_warehouses_are_in_the_same_order() {
    let fixture = Fixture::new().await;
    for name in WRITTEN {
        catalog::create_category(&fixture.again(), name, None).await.unwrap();
        let supplier = catalog::NewSupplier { name: name.into(), ..catalog::NewSupplier::default() };
        catalog::create_supplier(&fixture.again(), supplier).await.unwrap();
        catalog::create_warehouse(&fixture.again(), name, None).await.unwrap();
    }
    let categories = async |args: PageArgs| catalog::categories(&fixture.again(), &args).await.unwrap();
    let suppliers = async |args: PageArgs| catalog::suppliers(&fixture.again(), &args).await.unwrap();
    let warehouses = async |args: PageArgs| catalog::warehouses(&fixture.again(), &args).await.unwrap();
    let mut places = IN_ORDER.to_vec();
    places.insert(2, "Entrepôt principal");
    for from_the_end in [false, true] {
        assert_eq!(names(categories, |row| row.name.as_str(), from_the_end).await, IN_ORDER);
        assert_eq!(names(suppliers, |row| row.name.as_str(), from_the_end).await, IN_ORDER);
        let found = names(warehouses, |row| row.name.as_str(), from_the_end).await;
        assert_eq!(found, places, "among them the one an organisation begins with");
    }
}

/// Of the time when names were compared as they are written.
#[tokio::test]
async fn a_cursor_of_before_is_refused() {
    let fixture = Fixture::new().await;
    let zinc = named(&fixture, "Zinc").await;
    let cursor = format!(r#"[1,"+name+id",[{{"t":"Zinc"}},{{"u":"{}"}}]]"#, zinc.id.0);
    let args = PageArgs { after: Some(URL_SAFE_NO_PAD.encode(cursor)), ..PageArgs::default() };
    let refused = products_by(&fixture, &[], &args).await.unwrap_err();
    assert!(matches!(&refused, Error::CursorUnknown), "{refused:?}");
}

/// A name as long as names may be, of the character that folds into most.
#[tokio::test]
async fn a_name_that_folds_into_many_times_its_length_is_kept() {
    let fixture = Fixture::new().await;
    let long = named(&fixture, &"\u{fdfa}".repeat(300)).await;
    let name = ProductChange { name: Some("Zinc".into()), ..ProductChange::default() };
    assert_eq!(products::update(&fixture.again(), long.id, name).await.unwrap().name_key, "zinc");
}

#[tokio::test]
async fn what_lists_take_for_one_name_is_one_name() {
    let fixture = Fixture::new().await;
    let category = async |name: &str| catalog::create_category(&fixture.again(), name, None).await.map(drop);
    let warehouse = async |name: &str| catalog::create_warehouse(&fixture.again(), name, None).await.map(drop);
    let supplier = async |name: &str| {
        catalog::create_supplier(&fixture.again(), NewSupplier { name: name.into(), ..Default::default() }).await.map(drop)
    };
    for name in ["Épicerie", "Œufs"] {
        category(name).await.unwrap();
        warehouse(name).await.unwrap();
        supplier(name).await.unwrap();
    }
    for name in ["ÉPICERIE", "epicerie", " Oeufs"] {
        for refused in [category(name).await, warehouse(name).await, supplier(name).await] {
            assert_eq!(refusals(&refused.unwrap_err()), [(Code::AlreadyExists, "name".into())], "{name}");
        }
    }
    category("Épiceries").await.unwrap();
}

#[tokio::test]
async fn a_supplier_can_be_reached_at_what_is_said_of_them() {
    let fixture = Fixture::new().await;
    let new = |email: &str, phone: &str| NewSupplier {
        name: "Grossiste".into(),
        email: Some(email.into()),
        phone: Some(phone.into()),
        lead_time_days: None,
    };
    let error = catalog::create_supplier(&fixture.again(), new("x", "77 123 45 67")).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::Invalid, "phone".into()), (Code::Invalid, "email".into())]);
    let made = catalog::create_supplier(&fixture.again(), new(" ndar@example.sn ", "+221 77 123 45 67")).await.unwrap();
    assert_eq!((made.email.as_deref(), made.phone.as_deref()), (Some("ndar@example.sn"), Some("+221771234567")));
}
