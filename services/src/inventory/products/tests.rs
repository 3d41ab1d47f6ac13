use super::{NewProduct, ProductChange, ProductFilter, archive, create, page, unarchive, update};
use crate::page::PageArgs;
use crate::testing::{Fixture, refusals};
use crate::{Code, Reads, SystemScope, alerts};
use entities::inventory::{UnitId, unit};
use sea_orm::ColumnTrait;

async fn unit_of(fixture: &Fixture, code: &str) -> UnitId {
    fixture.again().select::<unit::Entity>().filter(unit::Column::Code.eq(code)).one().await.unwrap().unwrap().id
}

#[tokio::test]
async fn all_that_stands_against_a_product_is_said_at_once() {
    let fixture = Fixture::new().await;
    fixture.product().sku("RIZ").create().await;
    let input = NewProduct {
        sku: "RIZ".into(),
        name: " ".into(),
        category: Some(fixture.app.new_id()),
        supplier: Some(fixture.app.new_id()),
        cost_price: Some("cher".into()),
        reorder_point: Some("2.5".into()),
        ..NewProduct::default()
    };
    let error = create(&fixture.again(), NewProduct { unit: Some(fixture.app.new_id()), ..input.clone() }).await.unwrap_err();
    let expected = |all: &[(Code, &str)]| all.iter().map(|(code, path)| (*code, (*path).to_owned())).collect::<Vec<_>>();
    let fields = [(Code::Required, "name"), (Code::OutOfRange, "costPrice")];
    let references = [(Code::NotFound, "categoryId"), (Code::NotFound, "supplierId"), (Code::AlreadyExists, "sku")];
    assert_eq!(refusals(&error), expected(&[&fields[..], &[(Code::NotFound, "unitId")], &references[..]].concat()));
    let error = create(&fixture.again(), input).await.unwrap_err();
    let finer = [(Code::OutOfRange, "reorderPoint")];
    assert_eq!(refusals(&error), expected(&[&fields[..], &finer, &references[..]].concat()), "a piece has no halves");

    let oil = fixture.product().sku("HUILE").create().await;
    let change = ProductChange {
        expected_version: Some(9),
        sku: Some("RIZ".into()),
        lead_time_days: Some(Some(-1)),
        category: Some(Some(fixture.app.new_id())),
        ..ProductChange::default()
    };
    let error = update(&fixture.again(), oil.id, change.clone()).await.unwrap_err();
    let all = [
        (Code::OutOfRange, "leadTimeDays"),
        (Code::StaleVersion, "expectedVersion"),
        (Code::NotFound, "categoryId"),
        (Code::AlreadyExists, "sku"),
    ];
    assert_eq!(refusals(&error), expected(&all));
    let error = update(&fixture.again(), fixture.app.new_id(), change).await.unwrap_err();
    assert!(refusals(&error).contains(&(Code::NotFound, "id".into())) && refusals(&error).len() == 4, "{error}");
}

#[tokio::test]
async fn a_reorder_point_is_no_finer_than_the_unit() {
    let fixture = Fixture::new().await;
    let (kilo, piece) = (unit_of(&fixture, "KG").await, unit_of(&fixture, "PIECE").await);
    let rice = fixture.product().with(|p| (p.unit, p.reorder_point) = (Some(kilo), Some("2.5".into()))).create().await;
    let changed = async |change: ProductChange| {
        let done = update(&fixture.again(), rice.id, change).await;
        done.map(drop).map_err(|error| refusals(&error))
    };
    let to_pieces = ProductChange { unit: Some(piece), ..ProductChange::default() };
    assert_eq!(changed(to_pieces.clone()).await, Err(vec![(Code::ForbiddenState, "unitId".into())]), "2.5 pieces are none");
    let both = ProductChange { reorder_point: Some(Some("3.5".into())), safety_stock: Some(Some("0.5".into())), ..to_pieces.clone() };
    let finer = vec![(Code::OutOfRange, "reorderPoint".into()), (Code::OutOfRange, "safetyStock".into())];
    assert_eq!(changed(both).await, Err(finer));
    assert_eq!(changed(ProductChange { reorder_point: Some(Some("3".into())), ..to_pieces }).await, Ok(()));
    let half = ProductChange { safety_stock: Some(Some("0.5".into())), ..ProductChange::default() };
    assert_eq!(changed(half).await, Err(vec![(Code::OutOfRange, "safetyStock".into())]), "of the unit it has");
}

#[tokio::test]
async fn an_archived_product_comes_back_into_use() {
    let fixture = Fixture::new().await;
    let rice = fixture.product().create().await;
    let listed = async || page(&fixture.again(), &ProductFilter::default(), &[], &PageArgs::default()).await.unwrap().items().count();
    let same = unarchive(&fixture.again(), rice.id, Some(1)).await.unwrap();
    assert_eq!((same.version, same.archived_at), (1, None), "one in use stays as it is");
    archive(&fixture.again(), rice.id, Some(1)).await.unwrap();
    assert_eq!(listed().await, 0);
    let stale = unarchive(&fixture.again(), rice.id, Some(1)).await.unwrap_err();
    assert_eq!(refusals(&stale), [(Code::StaleVersion, "expectedVersion".into())]);
    let unknown = unarchive(&fixture.again(), fixture.app.new_id(), None).await.unwrap_err();
    assert_eq!(refusals(&unknown), [(Code::NotFound, "id".into())]);
    let back = unarchive(&fixture.again(), rice.id, Some(2)).await.unwrap();
    assert_eq!((back.version, back.archived_at, listed().await), (3, None, 1));
}

#[tokio::test]
async fn alerts_look_at_a_product_that_comes_back() {
    let fixture = Fixture::new().await;
    let rice = fixture.product().reorder_point(5).on_hand(3).create().await;
    let open = async || {
        alerts::evaluate::run(&SystemScope::new(&fixture.app), Default::default()).await.unwrap();
        alerts::read::count_open(&fixture.again()).await.unwrap()
    };
    assert_eq!(open().await, 1);
    archive(&fixture.again(), rice.id, None).await.unwrap();
    assert_eq!(open().await, 0);
    unarchive(&fixture.again(), rice.id, None).await.unwrap();
    assert_eq!(open().await, 1);
}
