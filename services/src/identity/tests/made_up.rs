//! Tokens, links, cursors and headers that somebody makes up: out of nothing, or out of good ones with a few characters changed.
//! None makes us panic, and none of what is signed is taken for good unless it is the very one we gave out.

use super::sign_in;
use crate::identity::keys::Verdict;
use crate::identity::{Permission, Purpose, api_tokens};
use crate::locale::Locale;
use crate::notifications::letters::{Link, Page};
use crate::page::{PageArgs, Sort};
use crate::settings::Network;
use crate::testing::{Fixture, long_tests};
use crate::{App, Reads};
use entities::inventory::product;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

/// What the product gave out: it is good as it is.
async fn given_out(fixture: &Fixture) -> Vec<String> {
    let session = sign_in(fixture).await;
    let scopes = vec![Permission::InventoryProductRead];
    let new = api_tokens::NewToken { name: "Caisse".to_owned(), scopes, ..Default::default() };
    let token = api_tokens::create(&fixture.again(), new).await.unwrap().secret;
    let link = Link { page: Page::Reset, id: uuid::Uuid::from_u128(7) }.token(&fixture.app);
    let sealed = fixture.app.keys().seal(Purpose::Challenge, b"{\"user\":1}");
    fixture.product().create().await;
    let args = PageArgs { first: Some(1), ..PageArgs::default() };
    let page = fixture.again().select::<product::Entity>().page(&args, &[Sort::ascending(product::Column::CreatedAt)]).await.unwrap();
    vec![session.access_token, session.refresh_token, token, link, sealed, page.rows[0].cursor(), "fr-SN,en;q=0.8,wo;q=0.1".to_owned()]
}

const ALPHABET: &[u8] = b"ABCXYZabcxyz0189-_.=+/ ,;:q\"{}[]\\\0\n\x7f";

fn made_up(rng: &mut StdRng, good: &[String]) -> String {
    if rng.random_ratio(1, 4) {
        let length = rng.random_range(0..300);
        return (0..length)
            .map(|_| if rng.random_ratio(1, 20) { rng.random::<char>() } else { char::from(*ALPHABET.choose(rng).unwrap()) })
            .collect();
    }
    let mut text: Vec<char> = good.choose(rng).unwrap().chars().collect();
    for _ in 0..rng.random_range(1..6) {
        let at = rng.random_range(0..=text.len());
        match rng.random_range(0..5) {
            0 => text.truncate(at),
            1 if at < text.len() => drop(text.remove(at)),
            2 if at < text.len() => text[at] = char::from(*ALPHABET.choose(rng).unwrap()),
            3 => text.insert(at, char::from(*ALPHABET.choose(rng).unwrap())),
            _ => text.extend(good.choose(rng).unwrap().chars().skip(at)),
        }
    }
    text.into_iter().collect()
}

/// Whether any of what is signed or checked takes the text for good.
fn taken(app: &App, text: &str) -> bool {
    let keys = app.keys();
    let links =
        [Page::Verify, Page::Reset, Page::Address, Page::Invitation].into_iter().any(|page| Link::of_token(app, page, text).is_some());
    let sealed = [Purpose::Challenge, Purpose::ExternalSignIn, Purpose::AuditLink, Purpose::AccountLink, Purpose::FileLink];
    let sealed = sealed.into_iter().any(|purpose| keys.unseal(purpose, text).is_some());
    matches!(keys.verify(text, app.now().0), Verdict::Good(_)) || links || sealed || api_tokens::hash_of(text).is_some()
}

#[tokio::test]
async fn nothing_made_up_is_taken_for_good_or_makes_us_panic() {
    let fixture = Fixture::new().await;
    let good = given_out(&fixture).await;
    assert_eq!(good.iter().filter(|text| taken(&fixture.app, text)).count(), 4, "the access token, the link, the challenge, the API token");
    let cases = if long_tests("a million made-up tokens") { 1_000_000 } else { 20_000 };
    let mut rng = StdRng::seed_from_u64(2026);
    for _ in 0..cases {
        let text = made_up(&mut rng, &good);
        assert!(!taken(&fixture.app, &text) || good.iter().any(|known| known == text.trim()), "{text:?}");
        let args = PageArgs { after: Some(text.clone()), ..PageArgs::default() };
        let sorts = [Sort::<product::Entity>::ascending(product::Column::CreatedAt), Sort::ascending(product::Column::Id)];
        if let Ok(Some(cursor)) = args.cursor(&sorts) {
            let _ = cursor.values(&sorts);
        }
        let _ = Locale::of_header(&text);
        let _ = text.parse::<Network>();
    }
}
