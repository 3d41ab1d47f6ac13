//! Finding products by a part of what they are called, however it is written.

use crate::locale::Locale;
use crate::{Code, Error, Result};
use entities::inventory::product;
use migration::folding::fold;
use sea_orm::sea_query::{ExprTrait, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition};

/// Longer texts are in no product's name.
const LONGEST: usize = 300;
/// Stands between what a product is called; in no folded text.
const BETWEEN: char = '\n';

/// What a product is found by, as its row keeps it: folded, a line each.
pub(crate) fn folded(sku: &str, name: &str, barcode: Option<&str>) -> String {
    let parts = [Some(sku), Some(name), barcode].into_iter().flatten().map(fold);
    parts.collect::<Vec<_>>().join(&BETWEEN.to_string())
}

/// Products called something that contains each word of the text, in whatever order. A part of a text is in no index: the
/// organisation's products are read, in the order of the page and until it is full.
pub(super) fn finds(text: &str, locale: Locale) -> Result<Condition> {
    if text.chars().count() > LONGEST {
        let too_long = locale.say("text-too-long", &[("most", LONGEST.to_string())]);
        return Err(Error::refuse(Code::TooLong, "search", too_long));
    }
    let text = fold(text);
    // Words beyond these find nothing more.
    let words = text.split_whitespace().take(MOST_WORDS);
    Ok(words.fold(Condition::all(), |all, word| all.add(contains(word))))
}

fn contains(word: &str) -> SimpleExpr {
    let literal: String = word.chars().flat_map(|c| matches!(c, '%' | '_' | ESCAPE).then_some(ESCAPE).into_iter().chain([c])).collect();
    product::Column::Search.into_expr().like(LikeExpr::new(format!("%{literal}%")).escape(ESCAPE))
}

const MOST_WORDS: usize = 10;

const ESCAPE: char = '!';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_what_a_product_is_called_has_its_line() {
        assert_eq!(folded("A-1", "Thé\nvert", None), "a-1\nthe vert");
    }
}
