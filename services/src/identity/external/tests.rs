//! Sign-in with a provider of this machine, honest and not.

use super::*;
use crate::Code;
use crate::identity::sessions::{Session, SignedIn};
use crate::identity::tests::second_factor::shown;
use crate::identity::{Caller, second_factor, users};
use crate::locale::Locale;
use crate::testing::{BACK, FakeIssuer, Fixture, PASSWORD, START, Visitor};
use crate::{Reads, Result};
use chrono::TimeDelta;
use entities::identity::{external_identity, user};
use sea_orm::{ColumnTrait, EntityTrait};
use serde_json::{Value, json};

/// What changes the header and the claims before they are signed.
type Lie = Box<dyn Fn(&mut Value, &mut Value) + Send + Sync>;

/// An installation that people may sign in to with the provider.
async fn shop() -> (Fixture, FakeIssuer) {
    let issuer = FakeIssuer::start().await;
    issuer.at(START.0 / 1_000_000);
    let vars = issuer.settings();
    let vars: Vec<(&str, &str)> = vars.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    (Fixture::with(&vars).await, issuer)
}

fn doorway(fixture: &Fixture) -> Doorway {
    Doorway::new(&fixture.app, Locale::Fr)
}

/// To the provider and back.
async fn trip(fixture: &Fixture, issuer: &FakeIssuer, visitor: Visitor, linking: Option<&Caller>) -> Returned {
    let begun = begin(&doorway(fixture), "lycee", BACK, linking).await.unwrap();
    let back = issuer.visit(&begun.url, visitor).await;
    let part = |name: &str| back.get(name).cloned().unwrap_or_default();
    Returned { flow: begun.flow, state: part("state"), code: part("code"), issuer: back.get("iss").cloned() }
}

async fn enter(fixture: &Fixture, returned: &Returned) -> Result<SignedIn> {
    sign_in(&doorway(fixture), returned, None, Some("Firefox".to_owned())).await
}

async fn entered(fixture: &Fixture, returned: &Returned) -> Session {
    enter(fixture, returned).await.unwrap().session().unwrap()
}

async fn refused<T>(done: impl Future<Output = Result<T>>) -> Code {
    match done.await {
        Err(Error::Refused(refusals)) => refusals[0].code,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it went through"),
    }
}

async fn people(fixture: &Fixture) -> usize {
    all::<user::Entity>(fixture, user::Column::Email.ne("")).await
}

async fn all<E: entities::Global>(fixture: &Fixture, which: sea_orm::sea_query::SimpleExpr) -> usize
where
    <E as EntityTrait>::Model: Send + Sync,
{
    doorway(fixture).read().await.unwrap().all::<E>(which).await.unwrap().len()
}

async fn linked(fixture: &Fixture) -> usize {
    all::<external_identity::Entity>(fixture, external_identity::Column::Subject.ne("")).await
}

#[tokio::test]
async fn an_account_is_opened_at_the_first_sign_in_and_known_at_the_next() {
    let (fixture, issuer) = shop().await;
    let awa = Visitor::new("subject-1", "Awa.Diop@lycee.sn");
    let first = entered(&fixture, &trip(&fixture, &issuer, awa.clone(), None).await).await;
    assert_eq!(first.tenant, None);
    let row = doorway(&fixture).read().await.unwrap().find::<user::Entity>(first.user).await.unwrap().unwrap();
    assert_eq!((row.email.as_str(), row.display_name.as_str(), row.locale.as_str()), ("awa.diop@lycee.sn", "Awa Diop", "fr"));
    assert!(row.email_verified_at.is_some() && row.password_hash.is_none());
    // Known by the subject, whatever the address is by now.
    let moved = Visitor { email: Some("awa@elsewhere.sn".to_owned()), verified: json!(false), ..awa };
    let second = entered(&fixture, &trip(&fixture, &issuer, moved, None).await).await;
    assert_eq!(second.user, first.user);
    assert_ne!(second.id, first.id, "ASVS 7.2.4: a sign-in is a session of its own");
    assert_eq!((linked(&fixture).await, issuer.asked("discovery"), issuer.asked("keys")), (1, 1, 1), "documents are asked for once");
}

/// ASVS 10.3.3: a person is an issuer and a subject, both.
#[tokio::test]
async fn somebody_else_with_the_same_address_is_somebody_else() {
    let (fixture, issuer) = shop().await;
    let first = entered(&fixture, &trip(&fixture, &issuer, Visitor::new("subject-1", "awa@lycee.sn"), None).await).await;
    let other = Visitor { email: Some("modou@lycee.sn".to_owned()), ..Visitor::new("subject-2", "") };
    assert_ne!(entered(&fixture, &trip(&fixture, &issuer, other, None).await).await.user, first.user);
}

#[tokio::test]
async fn an_address_nobody_vouches_for_opens_and_links_nothing() {
    let (fixture, issuer) = shop().await;
    let before = people(&fixture).await;
    for verified in [json!(false), json!("false"), Value::Null, json!(1)] {
        for address in ["new@lycee.sn".to_owned(), fixture.email().await] {
            let visitor = Visitor { verified: verified.clone(), ..Visitor::new("subject-1", &address) };
            let back = trip(&fixture, &issuer, visitor, None).await;
            assert_eq!(refused(enter(&fixture, &back)).await, Code::EmailUnverified, "{verified} {address}");
        }
    }
    let nameless = Visitor { email: None, ..Visitor::new("subject-1", "") };
    let back = trip(&fixture, &issuer, nameless, None).await;
    assert_eq!(refused(enter(&fixture, &back)).await, Code::EmailUnverified);
    assert_eq!((people(&fixture).await, linked(&fixture).await), (before, 0), "nothing changed");
}

/// Whoever opens an account with somebody's address before they come must not share it with them.
#[tokio::test]
async fn an_account_whose_address_was_never_confirmed_is_not_linked_and_one_that_was_is() {
    let (fixture, issuer) = shop().await;
    let address = fixture.email().await;
    let back = trip(&fixture, &issuer, Visitor::new("subject-1", &address), None).await;
    assert_eq!(refused(enter(&fixture, &back)).await, Code::EmailUnverified);
    fixture.confirm_address().await;
    let session = entered(&fixture, &trip(&fixture, &issuer, Visitor::new("subject-1", &address), None).await).await;
    assert_eq!((session.user, session.tenant), (fixture.caller.user, Some(fixture.scope.tenant())));
    let told = fixture.again().select::<entities::notifications::notification::Entity>().all().await.unwrap();
    let words = crate::notifications::words(&told[0], Locale::Fr, "Africa/Dakar");
    assert!(words.title.contains("nouvelle façon de vous connecter") && !words.body.contains('{'), "{words:?}");
    let still = crate::identity::sessions::sign_in(&doorway(&fixture), &address, PASSWORD.to_owned(), None, None).await;
    assert!(still.unwrap().session().is_some(), "the password is good as before");
}

#[tokio::test]
async fn a_second_factor_is_asked_for_all_the_same() {
    let (fixture, issuer) = shop().await;
    fixture.confirm_address().await;
    let begun = second_factor::begin(&doorway(&fixture), &fixture.caller, PASSWORD.to_owned()).await.unwrap();
    let code = shown(&fixture, &begun, 0);
    second_factor::confirm(&doorway(&fixture), &fixture.caller, &code).await.unwrap();
    let back = trip(&fixture, &issuer, Visitor::new("subject-1", &fixture.email().await), None).await;
    assert!(matches!(enter(&fixture, &back).await.unwrap(), SignedIn::Challenge(_)));
}

#[tokio::test]
async fn a_flow_serves_once_in_its_browser_and_for_ten_minutes() {
    let (fixture, issuer) = shop().await;
    let awa = || Visitor::new("subject-1", "awa@lycee.sn");
    issuer.is_lax();
    let back = trip(&fixture, &issuer, awa(), None).await;
    let stolen = trip(&fixture, &issuer, Visitor::new("thief", "thief@lycee.sn"), None).await;
    let cut = |text: &str| text[..text.len() - 1].to_owned();
    for (forged, why) in [
        (Returned { state: stolen.state.clone(), code: stolen.code.clone(), ..back.clone() }, "somebody else's code and state"),
        (Returned { state: String::new(), ..back.clone() }, "no state"),
        (Returned { state: cut(&back.state), ..back.clone() }, "a cut state"),
        (Returned { flow: stolen.flow.clone(), ..back.clone() }, "another flow"),
        (Returned { flow: cut(&back.flow), ..back.clone() }, "a cut flow"),
        (Returned { flow: String::new(), ..back.clone() }, "no flow"),
    ] {
        assert_eq!(refused(enter(&fixture, &forged)).await, Code::TokenExpired, "{why}");
    }
    for (forged, why) in [
        // PKCE: the code is another flow's.
        (Returned { code: stolen.code.clone(), ..back.clone() }, "somebody else's code"),
        (Returned { code: cut(&back.code), ..back.clone() }, "a cut code"),
        (Returned { code: String::new(), ..back.clone() }, "no code"),
        (Returned { issuer: Some("https://elsewhere.sn".to_owned()), ..back.clone() }, "another issuer"),
        (Returned { issuer: None, ..back.clone() }, "an issuer that names itself, and did not"),
    ] {
        assert_eq!(refused(enter(&fixture, &forged)).await, Code::InvalidCredentials, "{why}");
    }
    entered(&fixture, &back).await;
    assert_eq!(refused(enter(&fixture, &back)).await, Code::TokenReused, "also where the provider takes its code again");
    let late = trip(&fixture, &issuer, awa(), None).await;
    fixture.app.clock().advance(TimeDelta::minutes(10));
    assert_eq!(refused(enter(&fixture, &late)).await, Code::TokenExpired);
    assert_eq!(linked(&fixture).await, 1);
}

/// ASVS 9.1.1, 9.1.2, 9.1.3, 9.2.1, 9.2.3 of what a provider signs.
#[tokio::test]
async fn an_id_token_that_is_not_right_in_everything_signs_nobody_in() {
    let (fixture, issuer) = shop().await;
    let now = START.0 / 1_000_000;
    let lies: Vec<(&str, Lie)> = vec![
        ("no algorithm", Box::new(|header, _| header["alg"] = json!("none"))),
        ("a shared secret", Box::new(|header, _| header["alg"] = json!("HS256"))),
        ("another algorithm of the key's kind", Box::new(|header, _| header["alg"] = json!("PS256"))),
        ("a key of its own", Box::new(|header, _| header["kid"] = json!("mine"))),
        ("another issuer", Box::new(|_, claims| claims["iss"] = json!("https://elsewhere.sn"))),
        ("another audience", Box::new(|_, claims| claims["aud"] = json!("another"))),
        ("no audience", Box::new(|_, claims| drop(claims.as_object_mut().unwrap().remove("aud")))),
        ("many audiences and no party", Box::new(|_, claims| claims["aud"] = json!(["teranga", "another"]))),
        ("another party", Box::new(|_, claims| claims["azp"] = json!("another"))),
        ("over", Box::new(move |_, claims| claims["exp"] = json!(now - 61))),
        ("made in the future", Box::new(move |_, claims| claims["iat"] = json!(now + 61))),
        ("made long ago", Box::new(move |_, claims| claims["iat"] = json!(now - 601))),
        ("not good yet", Box::new(move |_, claims| claims["nbf"] = json!(now + 61))),
        ("another nonce", Box::new(|_, claims| claims["nonce"] = json!("another"))),
        ("no nonce", Box::new(|_, claims| drop(claims.as_object_mut().unwrap().remove("nonce")))),
        ("no subject", Box::new(|_, claims| claims["sub"] = json!(""))),
        ("an endless subject", Box::new(|_, claims| claims["sub"] = json!("x".repeat(256)))),
    ];
    let before = people(&fixture).await;
    for (why, lie) in lies {
        issuer.lies(lie);
        let back = trip(&fixture, &issuer, Visitor::new("subject-1", "awa@lycee.sn"), None).await;
        assert_eq!(refused(enter(&fixture, &back)).await, Code::InvalidCredentials, "{why}");
    }
    assert_eq!((people(&fixture).await, linked(&fixture).await), (before, 0), "nothing changed");
    // A minute off is no lie.
    issuer.lies(move |_, claims| (claims["iat"], claims["exp"]) = (json!(now + 59), json!(now - 59)));
    entered(&fixture, &trip(&fixture, &issuer, Visitor::new("subject-1", "awa@lycee.sn"), None).await).await;
}

#[tokio::test]
async fn keys_that_change_are_asked_for_again_but_not_at_every_strangers_word() {
    let (fixture, issuer) = shop().await;
    let awa = || Visitor::new("subject-1", "awa@lycee.sn");
    entered(&fixture, &trip(&fixture, &issuer, awa(), None).await).await;
    issuer.rotate();
    let back = trip(&fixture, &issuer, awa(), None).await;
    // Asked for within the last minute: whoever makes up key ids makes us ask no more than once in it.
    assert_eq!(refused(enter(&fixture, &back)).await, Code::InvalidCredentials);
    assert_eq!(issuer.asked("keys"), 1);
    fixture.app.issuers().age(std::time::Duration::from_secs(61));
    entered(&fixture, &trip(&fixture, &issuer, awa(), None).await).await;
    assert_eq!(issuer.asked("keys"), 2);
}

#[tokio::test]
async fn pages_and_providers_are_compared_letter_by_letter() {
    let (fixture, issuer) = shop().await;
    for page in [
        "https://app.example.sn/back/",
        "https://app.example.sn/back?x=1",
        "https://app.example.sn.evil.sn/back",
        "",
        "javascript:alert(1)",
    ] {
        assert_eq!(refused(begin(&doorway(&fixture), "lycee", page, None)).await, Code::Invalid, "{page}");
    }
    assert_eq!(refused(begin(&doorway(&fixture), "Lycee", BACK, None)).await, Code::Invalid);
    let own = own_redirect(&fixture.app);
    begin(&doorway(&fixture), "lycee", &own, None).await.unwrap();
    assert_eq!(issuer.asked("discovery"), 1);
}

#[tokio::test]
async fn a_provider_that_is_away_or_speaks_for_another_is_said_to_be() {
    let issuer = FakeIssuer::start().await;
    let mut vars = issuer.settings();
    for url in [format!("{}/", issuer.url), "http://127.0.0.1:9".to_owned()] {
        vars[1].1 = url;
        let vars: Vec<(&str, &str)> = vars.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let fixture = Fixture::with(&vars).await;
        assert_eq!(refused(begin(&doorway(&fixture), "lycee", BACK, None)).await, Code::Unavailable);
    }
}

#[tokio::test]
async fn an_account_is_linked_by_its_owner_alone_and_keeps_its_last_way_in() {
    let (fixture, issuer) = shop().await;
    let awa = || Visitor { verified: json!(false), ..Visitor::new("subject-1", "anything@lycee.sn") };
    let (here, mine) = (doorway(&fixture), &fixture.caller);
    let back = trip(&fixture, &issuer, awa(), None).await;
    assert_eq!(refused(link(&here, mine, &back)).await, Code::InvalidCredentials, "a flow to sign in links nothing");
    let back = trip(&fixture, &issuer, awa(), Some(mine)).await;
    assert_eq!(refused(enter(&fixture, &back)).await, Code::InvalidCredentials, "a flow to link signs nobody in");
    let stranger = entered(&fixture, &trip(&fixture, &issuer, Visitor::new("subject-9", "x@lycee.sn"), None).await).await;
    let stranger = crate::identity::authenticate(&fixture.app, &stranger.access_token).await.unwrap().unwrap();
    let back = trip(&fixture, &issuer, awa(), Some(mine)).await;
    assert_eq!(refused(link(&here, &stranger, &back)).await, Code::InvalidCredentials, "begun by another");
    let back = trip(&fixture, &issuer, awa(), Some(mine)).await;
    link(&here, mine, &back).await.unwrap();
    let taken = trip(&fixture, &issuer, awa(), Some(&stranger)).await;
    assert_eq!(refused(link(&here, &stranger, &taken)).await, Code::AlreadyExists);
    let signed_in = entered(&fixture, &trip(&fixture, &issuer, awa(), None).await).await;
    assert_eq!(signed_in.user, mine.user, "linked by the owner, whatever the address");

    let ways = list(&here, mine.user).await.unwrap();
    assert_eq!(refused(remove(&here, &stranger, ways[0].id)).await, Code::NotFound);
    let only = list(&here, stranger.user).await.unwrap()[0].id;
    assert_eq!(refused(remove(&here, &stranger, only)).await, Code::ForbiddenState, "the last way in");
    fixture.app.clock().advance(TimeDelta::minutes(6));
    assert_eq!(refused(remove(&here, mine, ways[0].id)).await, Code::ProofRequired);
    let fresh = Caller { proved_at: fixture.app.now(), ..mine.clone() };
    remove(&here, &fresh, ways[0].id).await.unwrap();
    assert!(list(&here, mine.user).await.unwrap().is_empty());
    assert!(users::get(&here, mine).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_in_by_many_windows_at_once_is_one_person() {
    let (fixture, issuer) = shop().await;
    let mut trips = Vec::new();
    for _ in 0..8 {
        trips.push(trip(&fixture, &issuer, Visitor::new("subject-1", "awa@lycee.sn"), None).await);
    }
    let before = people(&fixture).await;
    let all = futures_util::future::join_all(trips.iter().map(|back| enter(&fixture, back))).await;
    let people_in: std::collections::BTreeSet<_> = all.into_iter().map(|one| one.unwrap().session().unwrap().user).collect();
    assert_eq!((people_in.len(), people(&fixture).await, linked(&fixture).await), (1, before + 1, 1));
    // One trip shown by many at once: one session.
    let back = trip(&fixture, &issuer, Visitor::new("subject-1", "awa@lycee.sn"), None).await;
    issuer.is_lax();
    let all = futures_util::future::join_all((0..8).map(|_| enter(&fixture, &back))).await;
    assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 1);
}

#[tokio::test]
async fn how_a_person_comes_in_is_no_programs_business() {
    use crate::identity::api_tokens::{self, NewToken};
    let fixture = Fixture::new().await;
    let way = crate::testing::external_identity(&fixture.app, &fixture.caller).await;
    let scopes = vec![crate::identity::Permission::InventoryProductRead];
    let token = api_tokens::create(&fixture.proved(), NewToken { name: "Caisse".into(), scopes, ..NewToken::default() }).await.unwrap();
    let program = crate::identity::authenticate(&fixture.app, &token.secret).await.unwrap().unwrap();
    assert!(super::find(&fixture.again(), way).await.unwrap().is_some());
    assert!(super::find(&program.scope(&fixture.app, Locale::Fr).unwrap(), way).await.unwrap().is_none());
}
