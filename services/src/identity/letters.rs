//! Letters to addresses that have no list to read in: of people who are not, or no longer, active in an organisation.
//!
//! Nothing carries them yet: this is the one place that hands them over, in the transaction of what they tell.

use crate::Result;
use crate::locale::Locale;
use crate::scope::TenantTx;

/// What to write, and to whom: the sentences `<key>-title` and `<key>-body` with these variables, and a link below.
pub(super) struct Letter {
    pub to: String,
    pub locale: Locale,
    pub key: &'static str,
    pub params: serde_json::Value,
    pub link: Option<String>,
}

/// Hands a letter over. The address and the link, which may be a secret, are never logged.
pub(super) async fn letter(txn: &TenantTx<'_>, letter: Letter) -> Result<()> {
    let Letter { to: _to, locale, key, params: _params, link: _link } = letter;
    tracing::debug!(letter.key = key, letter.locale = locale.code(), at = txn.now().0, "no letter is carried yet");
    Ok(())
}
