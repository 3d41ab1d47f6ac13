//! What people say of themselves: what they can do, and where more of them is to be found.

use super::account::check_text;
use crate::locale::Locale;
use crate::{Code, Refusals};

/// How many of each there may be.
const MOST: usize = 30;
/// How long an address may be, in characters.
const LONGEST_LINK: usize = 300;

/// Skills as they are kept: trimmed, each once, in the order they were given.
pub(super) fn check_skills(skills: &[String], locale: Locale, refusals: &mut Refusals) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for skill in skills {
        let skill = check_text(skill, "skills", 60, locale, refusals);
        if !kept.iter().any(|known| known.to_lowercase() == skill.to_lowercase()) {
            kept.push(skill);
        }
    }
    check_many(&kept, "skills", locale, refusals);
    kept
}

/// Links as they are kept: addresses of the web, each once. Nothing of ours ever follows them.
pub(super) fn check_links(links: &[String], locale: Locale, refusals: &mut Refusals) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for link in links {
        let link = check_text(link, "links", LONGEST_LINK, locale, refusals);
        let url = reqwest::Url::parse(&link).ok().filter(|url| url.scheme() == "https" && url.has_host() && url.username().is_empty());
        match url {
            Some(url) if !kept.iter().any(|known| *known == url.as_str()) => kept.push(url.into()),
            Some(_) => {}
            None => refusals.add(Code::Invalid, "links", locale.say("link-invalid", &[])),
        }
    }
    check_many(&kept, "links", locale, refusals);
    kept
}

fn check_many(kept: &[String], path: &str, locale: Locale, refusals: &mut Refusals) {
    if kept.len() > MOST {
        refusals.add(Code::LimitReached, path, locale.say("list-too-long", &[("most", MOST.to_string())]));
    }
}

/// A list as it is kept in one column.
pub fn list_of(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_addresses_of_the_web_and_skills_are_said_once() {
        let mut refusals = Refusals::default();
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let skills = check_skills(&texts(&[" Comptabilité ", "comptabilité", "Rust"]), Locale::Fr, &mut refusals);
        assert_eq!(skills, ["Comptabilité", "Rust"]);
        let links =
            check_links(&texts(&["https://example.sn/awa", " https://EXAMPLE.sn/awa ", "https://example.sn"]), Locale::Fr, &mut refusals);
        assert_eq!(links, ["https://example.sn/awa", "https://example.sn/"]);
        assert!(refusals.is_empty());
        for bad in [
            "http://example.sn",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "awa",
            "",
            "https://awa:secret@example.sn",
            "https://x\u{202e}.sn",
        ] {
            let mut refusals = Refusals::default();
            check_links(&texts(&[bad]), Locale::Fr, &mut refusals);
            assert!(!refusals.is_empty(), "{bad}");
        }
        let many: Vec<String> = (0..=MOST).map(|n| format!("métier {n}")).collect();
        check_skills(&many, Locale::Fr, &mut refusals);
        assert!(!refusals.is_empty());
    }
}
