//! The ways in which a client comes to tokens (ASVS 10.4.4).

use crate::locale::Locale;
use crate::{Code, Refusals};
use entities::identity::oauth_client;

/// A way in which a client comes to tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
}

/// The ways that are open to a client: what it has decides.
pub fn grant_types_of(row: &oauth_client::Model) -> Vec<GrantType> {
    let of_people = [GrantType::AuthorizationCode, GrantType::RefreshToken];
    let of_people = of_people.into_iter().filter(|_| !row.redirect_uris.is_empty());
    of_people.chain(row.membership_id.map(|_| GrantType::ClientCredentials)).collect()
}

pub fn redirect_uris_of(row: &oauth_client::Model) -> Vec<String> {
    row.redirect_uris.split_whitespace().map(str::to_owned).collect()
}

/// A client can come to tokens in one way at least; what keeps no secret never acts for itself.
pub(super) fn check_ways(account: bool, redirect_uris: &str, public: bool, locale: Locale, refusals: &mut Refusals) {
    if redirect_uris.is_empty() && !account {
        refusals.add(Code::Required, "redirectUris", locale.say("oauth-client-no-way", &[]));
    }
    if public && account {
        refusals.add(Code::ForbiddenState, "serviceAccountId", locale.say("oauth-client-public", &[]));
    }
}
