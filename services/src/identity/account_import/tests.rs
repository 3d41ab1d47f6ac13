//! People of a system before this one, moved over.

use super::*;
use crate::identity::sessions::sign_in;
use crate::testing::{self, Fixture};

const LEGACY: &str = "secret des anciens";

async fn moved(fixture: &Fixture, csv: &str, join: Option<Join>, trial: bool) -> Result<(Report, Vec<(u64, Outcome)>)> {
    let mut told = Vec::new();
    let report = import(&fixture.app, csv.as_bytes(), join, trial, |line, outcome| told.push((line, outcome.clone()))).await?;
    Ok((report, told))
}

fn people() -> String {
    let hash = bcrypt::hash(LEGACY, 4).unwrap();
    format!(
        "id,Email,First Name,last_name,phone,password,is_verified,extra\n\
         1,Awa.Diop@ecole.sn,Awa,Diop,+221771234567,{hash},true,x\n\
         2,modou@ecole.sn,Modou,Fall,,{hash},0,x\n\
         3,nobody,,,12,plain text,perhaps,x\n\
         4,not an address,Sans Adresse,,,plain text,,x\n"
    )
}

#[tokio::test]
async fn people_move_over_with_their_passwords_and_every_row_is_accounted_for() {
    let fixture = Fixture::new().await;
    let join = Join { tenant: fixture.scope.tenant(), role: ShippedRole::Learner };
    let (report, _) = moved(&fixture, &people(), Some(join), true).await.unwrap();
    assert_eq!(report, Report { opened: 2, known: 0, refused: 2 }, "a trial says the same");
    let (report, told) = moved(&fixture, &people(), Some(join), false).await.unwrap();
    assert_eq!(report, Report { opened: 2, known: 0, refused: 2 });
    assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4, 5]);
    let Outcome::Refused(why) = &told[3].1 else { panic!("{told:?}") };
    assert_eq!(why.len(), 2, "all that is wrong with a row: {why:?}");
    let doorway = Doorway::new(&fixture.app, Locale::Fr);
    for _ in 0..2 {
        let session = sign_in(&doorway, "awa.diop@ecole.sn", LEGACY.to_owned(), None, None).await.unwrap().session().unwrap();
        assert_eq!(session.tenant, Some(fixture.scope.tenant()));
    }
    let awa = doorway.read().await.unwrap().one::<user::Entity>(user::Column::Email.eq("awa.diop@ecole.sn")).await.unwrap().unwrap();
    assert_eq!((awa.display_name.as_str(), awa.phone.as_deref()), ("Awa Diop", Some("+221771234567")));
    assert!(awa.password_hash.unwrap().starts_with("$argon2id$") && awa.email_verified_at.is_some());
}

#[tokio::test]
async fn the_same_file_may_be_given_twice_and_accounts_that_are_there_stay_as_they_are() {
    let fixture = Fixture::new().await;
    let before = fixture.email().await;
    let csv = format!("email,name\n{before},Somebody Else\nnew@ecole.sn,Nouvelle\n");
    let (report, _) = moved(&fixture, &csv, None, false).await.unwrap();
    assert_eq!(report, Report { opened: 1, known: 1, refused: 0 });
    let (report, _) = moved(&fixture, &csv, None, false).await.unwrap();
    assert_eq!(report, Report { opened: 0, known: 2, refused: 0 });
    let owner = crate::identity::users::get(&Doorway::new(&fixture.app, Locale::Fr), &fixture.caller).await.unwrap();
    assert_ne!(owner.display_name, "Somebody Else");
}

#[tokio::test]
async fn whoever_left_an_organisation_is_not_brought_back() {
    let fixture = Fixture::new().await;
    let awa = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let doorway = Doorway::new(&fixture.app, Locale::Fr);
    let email = crate::identity::users::get(&doorway, &awa).await.unwrap().email;
    crate::identity::members::leave(&doorway, &awa, fixture.scope.tenant()).await.unwrap();
    let join = Join { tenant: fixture.scope.tenant(), role: ShippedRole::Learner };
    moved(&fixture, &format!("email,name\n{email},Awa\n"), Some(join), false).await.unwrap();
    let member = fixture.again().get::<membership::Entity>(awa.member.unwrap().1).await.unwrap();
    assert_eq!(member.status, MembershipStatus::Left);
}

#[tokio::test]
async fn a_file_without_addresses_and_an_organisation_that_is_not_there_are_refused() {
    let fixture = Fixture::new().await;
    let refused = moved(&fixture, "name,phone\nAwa,1\n", None, false).await;
    assert!(matches!(refused, Err(Error::Refused(why)) if why[0].code == Code::FileUnreadable));
    let join = Join { tenant: TenantId(uuid::Uuid::from_u128(7)), role: ShippedRole::Learner };
    let (report, _) = moved(&fixture, "email,name\nnew@ecole.sn,Nouvelle\n", Some(join), false).await.unwrap();
    assert_eq!(report.refused, 1);
    let none = Doorway::new(&fixture.app, Locale::Fr).read().await.unwrap();
    assert!(none.one::<user::Entity>(user::Column::Email.eq("new@ecole.sn")).await.unwrap().is_none(), "nothing changed");
}

#[tokio::test]
async fn a_hash_that_would_hold_up_everybody_is_refused_with_its_row() {
    let fixture = Fixture::new().await;
    let bcrypt = bcrypt::hash(LEGACY, 4).unwrap();
    let argon = |params: &str| format!("$argon2id$v=19${params}$c29tZXNhbHQ$iWh06vD8Fy27wf9npn6FXWiCX4K6pW6Ue1Bnzz07Z8A");
    let rows = [
        (bcrypt.replacen("$04$", "$14$", 1), true),
        (bcrypt.replacen("$04$", "$15$", 1), false),
        (bcrypt.replacen("$04$", "$31$", 1), false),
        (argon("m=65536,t=3,p=4"), true),
        (argon("m=4194304,t=3,p=1"), false),
        (argon("m=65536,t=1000,p=1"), false),
    ];
    let lines = rows.iter().enumerate().map(|(n, (hash, _))| format!("awa{n}@ecole.sn,Awa,\"{hash}\"\n"));
    let csv = format!("email,name,password_hash\n{}", lines.collect::<String>());
    let (_, told) = moved(&fixture, &csv, None, true).await.unwrap();
    let taken: Vec<bool> = told.iter().map(|(_, outcome)| matches!(outcome, Outcome::Opened)).collect();
    assert_eq!(taken, rows.map(|(_, taken)| taken), "{told:?}");
}
