//! Whether the time of a refusal tells that an address has an account.

use super::*;
use crate::testing::{Fixture, long_tests};
use entities::identity::user;
use sea_orm::ActiveValue::{Set, Unchanged};
use std::time::{Duration, Instant};

const TRIES: u32 = 200;

/// An account of its own for each try: whoever guesses one again and again has to wait.
async fn account(fixture: &Fixture, number: u32, hash: &Option<String>) -> String {
    let done = crate::testing::person(&fixture.app).await;
    let tx = doorway(fixture).begin().await.unwrap();
    let email = format!("known-{number:03}@teranga.example");
    let (id, email) = (Unchanged(done.user.id), Set(email));
    let row = tx.update(user::ActiveModel { id, email, password_hash: Set(hash.clone()), ..Default::default() }).await.unwrap();
    tx.commit().await.unwrap();
    row.email
}

async fn refusal(fixture: &Fixture, email: &str) -> Duration {
    let since = Instant::now();
    let refused = sessions::sign_in(&doorway(fixture), email, "baobab et fromager".to_owned(), None, None).await;
    assert!(matches!(refused, Err(Error::Refused(why)) if why[0].code == Code::InvalidCredentials));
    since.elapsed()
}

#[tokio::test]
async fn an_unknown_address_takes_as_long_as_a_wrong_password() {
    if !long_tests("two hundred wrong passwords and as many unknown addresses") {
        return;
    }
    let fixture = Fixture::new().await;
    let owner = doorway(&fixture).read().await.unwrap().find::<user::Entity>(fixture.caller.user).await.unwrap().unwrap();
    let mut emails = Vec::new();
    for number in 0..TRIES {
        emails.push(account(&fixture, number, &owner.password_hash).await);
    }
    refusal(&fixture, "nobody@teranga.example").await;
    let (mut wrong, mut unknown) = (Duration::ZERO, Duration::ZERO);
    // In turns, so that whatever else the machine does is in both.
    for email in &emails {
        wrong += refusal(&fixture, email).await;
        unknown += refusal(&fixture, &email.replace("known", "unknown")).await;
    }
    let apart = wrong.abs_diff(unknown) / TRIES;
    assert!(apart < Duration::from_millis(5), "{apart:?} apart: {:?} and {:?}", wrong / TRIES, unknown / TRIES);
}
