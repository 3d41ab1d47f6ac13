//! What the document holds, and for whom.

use super::*;
use crate::Code;
use crate::identity::api_tokens::{self, NewToken};
use crate::identity::sessions::sign_in;
use crate::identity::{Permission, ShippedRole, teams};
use crate::notifications::{Category, Channel, NewNotification, Severity, notify};
use crate::testing::{self, Fixture};
use serde_json::Value;

async fn document(app: &App, announced: &Announced) -> Result<Value> {
    let mut export = open(app, announced.url.rsplit('/').next().unwrap()).await?;
    let mut text = Vec::new();
    while let Some(piece) = export.next().await? {
        text.extend(piece);
    }
    Ok(serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&text))))
}

#[tokio::test]
async fn a_person_takes_along_all_that_is_kept_about_them_and_nothing_of_others() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let awa = testing::member(&fixture, &[ShippedRole::Employee, ShippedRole::Trainer]).await;
    let scope = awa.scope(app, Locale::Fr).unwrap();
    for _ in 0..3 {
        crate::notifications::test_send(&scope, crate::notifications::Channel::InApp).await.unwrap();
    }
    crate::notifications::test_send(&fixture.again(), crate::notifications::Channel::InApp).await.unwrap();
    testing::external_identity(app, &awa).await;
    let doorway = Doorway::new(app, Locale::Fr);
    let asked = crate::audit::Asked { user_agent: Some("Firefox".into()), ..Default::default() };
    let email = doorway.read().await.unwrap().find::<user::Entity>(awa.user).await.unwrap().unwrap().email;
    let there = doorway.clone().asked_in(Some(std::sync::Arc::new(asked)));
    sign_in(&there, &email, testing::PASSWORD.to_owned(), None, None).await.unwrap();
    let key = NewToken { name: "Caisse".into(), scopes: vec![Permission::InventoryProductRead], ..Default::default() };
    api_tokens::create(&scope, key).await.unwrap();
    let team = teams::create(&fixture.again(), teams::NewTeam { name: "Dépôt".into(), ..Default::default() }).await.unwrap();
    teams::add_members(&fixture.again(), team.id, &[awa.member.unwrap().1], None).await.unwrap();
    let (_, elsewhere) = testing::organization(app, "Chez Modou").await;
    let announced = announce(&Doorway::new(app, Locale::Fr), &awa).await.unwrap();
    let found = document(app, &announced).await.unwrap();
    assert!(found["account"]["email"].as_str().unwrap().ends_with("@teranga.example"), "{found}");
    assert_eq!((found["account"]["hasPassword"].clone(), found["sessions"].as_array().unwrap().len()), (true.into(), 3));
    assert_eq!(found["externalIdentities"][0]["issuer"], "https://lycee.example");
    let organizations = found["organizations"].as_array().unwrap();
    assert_eq!(organizations.len(), 1);
    let mut roles: Vec<&str> = organizations[0]["roles"].as_str().unwrap().split(", ").collect();
    roles.sort_unstable();
    assert_eq!(roles, ["employee", "trainer"]);
    assert_eq!(organizations[0]["notifications"].as_array().unwrap().len(), 4);
    let acts = organizations[0]["acts"].as_array().unwrap();
    assert!(acts.iter().any(|act| act["action"] == "identity.account.export"), "{acts:?}");
    assert_eq!(found["knownDevices"].as_array().unwrap().len(), 1);
    assert_eq!((&organizations[0]["teams"], &organizations[0]["apiTokens"][0]["name"]), (&serde_json::json!(["Dépôt"]), &"Caisse".into()));
    assert_eq!(organizations[0]["invitationsSent"], serde_json::json!([]));
    let text = found.to_string();
    assert!(!text.contains("argon2") && !text.contains("Modou"));

    let alone = announce(&Doorway::new(app, Locale::Fr), &elsewhere).await.unwrap();
    assert_eq!(document(app, &alone).await.unwrap()["organizations"][0]["name"], "Chez Modou");
}

#[tokio::test]
async fn a_link_is_over_after_five_minutes_and_is_made_by_who_just_proved_who_they_are() {
    let fixture = Fixture::new().await;
    let (app, here) = (&fixture.app, Doorway::new(&fixture.app, Locale::Fr));
    let announced = announce(&here, &fixture.caller).await.unwrap();
    let cut = Announced { url: announced.url[..announced.url.len() - 1].to_owned(), ..announced.clone() };
    assert!(matches!(document(app, &cut).await, Err(Error::NotFound)));
    app.clock().advance(LINK);
    assert!(matches!(document(app, &announced).await, Err(Error::NotFound)));
    app.clock().advance(TimeDelta::minutes(1));
    let refused = announce(&here, &fixture.caller).await;
    assert!(matches!(refused, Err(Error::Refused(why)) if why[0].code == Code::ProofRequired));
}

#[tokio::test]
async fn pages_join_into_one_document() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let txn = fixture.scope.begin().await.unwrap();
    for number in 0..1001 {
        let new = NewNotification {
            to: fixture.scope.membership().into_iter().collect(),
            category: Category::Security,
            severity: Severity::Info,
            key: "password-changed",
            params: serde_json::json!({ "at": "2026-12-01T09:00:00Z" }),
            subject: None,
            channels: vec![Channel::InApp],
            dedup_key: Some(format!("many:{number}")),
        };
        notify(&txn, new).await.unwrap();
    }
    txn.commit().await.unwrap();
    let announced = announce(&Doorway::new(app, Locale::Fr), &fixture.caller).await.unwrap();
    let found = document(app, &announced).await.unwrap();
    assert_eq!(found["organizations"][0]["notifications"].as_array().unwrap().len(), 1001);
}
