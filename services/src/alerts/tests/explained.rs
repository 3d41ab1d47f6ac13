//! Why an alert is there, in the reader's words.

use super::{alerts_of, evaluate};
use crate::alerts::explain;
use crate::inventory::products;
use crate::locale::Locale;
use crate::testing::{Fixture, START};
use chrono::TimeDelta;
use entities::alerts::AlertResolution;
use entities::inventory::stock_movement::StockMovementKind::*;

#[tokio::test]
async fn explains_itself_in_three_languages() {
    let fixture = Fixture::at(START.minus(TimeDelta::days(12))).await;
    let product = fixture.product().with(|p| p.name = "Riz brisé".into()).reorder_point(1500).on_hand(1260).create().await;
    fixture.app.clock().advance(TimeDelta::days(12));
    fixture.record(&product, Sale, 60).await;
    evaluate(&fixture).await;
    let alert = alerts_of(&fixture, &product).await.remove(0);
    let say = async |locale| {
        explain::all(&fixture.caller.scope(&fixture.app, locale).unwrap(), std::slice::from_ref(&alert))
            .await
            .unwrap()
            .remove(&alert.id)
            .unwrap()
    };
    assert_eq!(
        say(Locale::Fr).await,
        "Stock bas : Riz brisé, disponible : 1\u{202f}200\u{a0}pièces pour un seuil de 1\u{202f}500, constaté le 1er décembre 2026 à 09:00. Au rythme des 12 derniers jours, cela couvre environ 240 jours."
    );
    assert_eq!(
        say(Locale::En).await,
        "Low stock: Riz brisé, available: 1,200\u{a0}pieces against a threshold of 1,500, noticed 1 December 2026 at 09:00. At the pace of the last 12 days this lasts about 240 days."
    );
    assert_eq!(
        say(Locale::Wo).await,
        "Stok bi néew na: Riz brisé, li des: 1\u{202f}200, dayo bi: 1\u{202f}500, dale ko 1 Desàmbar 2026 ci 09:00. Ni ñuy jaaye ci 12 fan yii weesu, loolu mën na yàgg lu jege 240 fan."
    );
    products::archive(&fixture.again(), product.id, None).await.unwrap();
    evaluate(&fixture).await;
    let alert = alerts_of(&fixture, &product).await.remove(0);
    assert_eq!(alert.resolution, Some(AlertResolution::ProductArchived));
    assert!(explain::all(&fixture.again(), std::slice::from_ref(&alert)).await.unwrap()[&alert.id].ends_with("le produit est archivé."));
}
