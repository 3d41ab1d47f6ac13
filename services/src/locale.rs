//! Languages: which one a reader has, and the sentences of `locales/` in it.

#![allow(clippy::redundant_closure, reason = "the macro takes a closure, not a path")]

mod forms;
#[cfg(test)]
mod plurals;

use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, langid, static_loader};
use std::borrow::Cow;
use std::collections::HashMap;

static_loader! {
    static SENTENCES = { locales: "../locales", fallback_language: "fr", customise: |bundle| forms::install(bundle) };
}

/// A language the product speaks; French when nothing else is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    #[default]
    Fr,
    En,
    Wo,
}

static FR: LanguageIdentifier = langid!("fr");
static EN: LanguageIdentifier = langid!("en");
static WO: LanguageIdentifier = langid!("wo");

impl Locale {
    /// The language of a tag such as `fr-SN`, `en`, `wo_SN`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "fr" => Some(Self::Fr),
            "en" => Some(Self::En),
            "wo" => Some(Self::Wo),
            _ => None,
        }
    }

    /// The best of an `Accept-Language` header (RFC 9110, 12.5.4).
    pub fn of_header(header: &str) -> Option<Self> {
        let weighted = header.split(',').filter_map(|part| {
            let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
            Some((Self::of_tag(tag.trim())?, weight.trim().parse::<f32>().ok()?))
        });
        // The first of equal weight wins, so the comparison keeps the earlier one.
        weighted.fold(None::<(Self, f32)>, |best, next| if best.is_some_and(|b| b.1 >= next.1) { best } else { Some(next) }).map(|b| b.0)
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
            Self::Wo => "wo",
        }
    }

    /// A sentence by its key.
    pub fn say(self, key: &str, arguments: &[(&'static str, String)]) -> String {
        let arguments: HashMap<Cow<'static, str>, FluentValue<'static>> =
            arguments.iter().map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(value.clone()))).collect();
        SENTENCES.lookup_with_args(self.language(), key, &arguments)
    }

    /// A sentence that may not exist, its variables known only when it is said.
    pub fn try_say(self, key: &str, arguments: &[(String, String)]) -> Option<String> {
        let arguments: HashMap<Cow<'static, str>, FluentValue<'static>> =
            arguments.iter().map(|(name, value)| (Cow::Owned(name.clone()), FluentValue::from(value.clone()))).collect();
        SENTENCES.try_lookup_with_args(self.language(), key, &arguments)
    }

    fn language(self) -> &'static LanguageIdentifier {
        match self {
            Self::Fr => &FR,
            Self::En => &EN,
            Self::Wo => &WO,
        }
    }
}
