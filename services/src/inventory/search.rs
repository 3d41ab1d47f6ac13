//! Finding products by a part of what they are called, however it is written.

use crate::{Error, Result};
use entities::inventory::product;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{ExprTrait, LikeExpr, SimpleExpr};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer texts are in no product's name.
const LONGEST: usize = 300;
/// Stands between what a product is called; in no folded text.
const BETWEEN: char = '\n';

/// What a product is found by, as its row keeps it: databases fold case differently, and accents not at all.
pub(crate) fn folded(sku: &str, name: &str, barcode: Option<&str>) -> String {
    let parts = [Some(sku), Some(name), barcode].into_iter().flatten().map(fold);
    parts.collect::<Vec<_>>().join(&BETWEEN.to_string())
}

/// Products called something that contains the text. A part of a text is in no index: the organisation's products are read,
/// in the order of the page and until it is full.
pub(super) fn finds(text: &str) -> Result<SimpleExpr> {
    if text.chars().count() > LONGEST {
        return Err(Error::BadArgument(format!("`search` has at most {LONGEST} characters")));
    }
    let literal: String =
        fold(text).chars().flat_map(|c| matches!(c, '%' | '_' | ESCAPE).then_some(ESCAPE).into_iter().chain([c])).collect();
    Ok(product::Column::Search.into_expr().like(LikeExpr::new(format!("%{literal}%")).escape(ESCAPE)))
}

const ESCAPE: char = '!';

/// Without case and accents, spaces being alike.
fn fold(text: &str) -> String {
    let bare = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(text.len());
    for c in bare {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            c if c.is_whitespace() || c.is_control() => folded.push(' '),
            c => folded.push(c),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_accents_and_ligatures() {
        for (text, expected) in [
            ("ÉPONGE", "eponge"),
            ("E\u{301}ponge", "eponge"),
            ("Cœur de bœuf", "coeur de boeuf"),
            ("ŒUF", "oeuf"),
            ("Ñebbe", "nebbe"),
            ("Ndogou\u{a0}Ramadan\n", "ndogou ramadan "),
            ("İstanbul", "istanbul"),
            ("SAC_25%", "sac_25%"),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
        assert_eq!(folded("A-1", "Thé\nvert", None), "a-1\nthe vert");
    }
}
