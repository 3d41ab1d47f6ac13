//! Sentences that count: each of them, of one and of two, in every language.

use super::Locale;
use std::collections::BTreeSet;
use std::path::Path;

/// A sentence with another form of one, and what is counted in it.
struct Counting {
    key: String,
    counted: String,
}

/// Those of a language. A form of one is `[one]` where the language has that category, else `[1]`.
fn counting(locale: Locale) -> Vec<Counting> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../locales").join(locale.code());
    let mut all = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let (mut key, mut counted) = ("", "");
        for line in text.lines() {
            if !line.starts_with([' ', '\t', '#']) {
                key = line.split(" =").next().unwrap();
            }
            if line.trim_end().ends_with("->") {
                counted = line.rsplit('$').next().unwrap().split([' ', ')']).next().unwrap();
            }
            if line.trim_start().starts_with("[one]") || line.trim_start().starts_with("[1]") {
                all.push(Counting { key: key.to_owned(), counted: counted.to_owned() });
            }
        }
    }
    all
}

/// A sentence in which one thing is counted, all others are none, and no digits tell which it was.
fn say(locale: Locale, sentence: &Counting, count: &str) -> String {
    let names = [
        "names", "where", "more", "still", "days", "count", "n", "applied", "skipped", "failed", "undone", "stay", "seconds", "most",
        "pace", "found", "expected",
    ];
    let value = |name: &str| {
        if name == sentence.counted {
            count
        } else if name == "names" {
            "Riz"
        } else {
            "0"
        }
    };
    let arguments: Vec<(String, String)> = names.iter().map(|name| ((*name).to_owned(), value(name).to_owned())).collect();
    let said = locale.try_say(&sentence.key, &arguments).unwrap_or_else(|| panic!("{} has no {}", locale.code(), sentence.key));
    said.replace(['1', '2'], "#")
}

#[test]
fn one_is_said_otherwise_than_two_in_every_language() {
    for locale in [Locale::Fr, Locale::En, Locale::Wo] {
        let all = counting(locale);
        assert!(all.len() >= 10, "{}: {} found", locale.code(), all.len());
        for sentence in all {
            let (one, two) = (say(locale, &sentence, "1"), say(locale, &sentence, "2"));
            assert_ne!(one, two, "{} says {} of one ${} as of two", locale.code(), sentence.key, sentence.counted);
        }
    }
}

#[test]
fn the_title_of_one_product_names_it_in_every_language() {
    let titles = ["stock-alert-stock-out-title", "stock-alert-low-stock-title", "stock-alert-service-level-drop-title"];
    for locale in [Locale::Fr, Locale::En, Locale::Wo] {
        let found: BTreeSet<String> = counting(locale).into_iter().map(|sentence| sentence.key).collect();
        for key in titles {
            assert!(found.contains(key), "{} {key}", locale.code());
            let title = |count: &str| locale.say(key, &[("count", count.into()), ("where", String::new()), ("names", "Riz".into())]);
            assert!(title("1").ends_with("Riz"), "{}", title("1"));
            assert!(title("2").contains('2') && !title("2").contains("Riz"), "{}", title("2"));
        }
    }
    let wolof = Locale::Wo.say("stock-alert-stock-out-title", &[("count", "1".into()), ("where", String::new()), ("names", "Riz".into())]);
    assert_eq!(wolof, "Stok bi jeex na: Riz");
}
