use std::net::{IpAddr, SocketAddr};

const MOST: usize = 500;
/// After one of these the next word is a secret.
const SECRETS: [&str; 8] = ["password", "passwort", "token", "secret", "bearer", "authorization", "apikey", "cookie"];

/// A sentence without what could be somebody's: quoted values, addresses of all kinds, numbers with a meaning, keys, queries.
pub fn scrub(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MOST));
    let mut hide = false;
    for word in unquoted(text).split_whitespace() {
        let shown = if std::mem::take(&mut hide) && !is_secret(word) { "[…]".to_owned() } else { bare(word) };
        hide = is_secret(word);
        if out.len() + shown.len() > MOST {
            out.push('…');
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&shown);
    }
    out
}

fn is_secret(word: &str) -> bool {
    let plain: String = word.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    SECRETS.iter().any(|secret| plain.ends_with(secret))
}

/// The text with everything between quotes, and every value in brackets after `=`, taken out.
fn unquoted(text: &str) -> String {
    let (mut out, mut before) = (String::with_capacity(text.len()), ' ');
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let end = match c {
            '"' => Some('"'),
            '`' => Some('`'),
            '«' => Some('»'),
            '“' => Some('”'),
            '\'' if !before.is_alphanumeric() => Some('\''),
            '(' if before == '=' => Some(')'),
            _ => None,
        };
        match end {
            None => out.push(c),
            Some(end) => {
                out.push_str("[…]");
                while let Some(inside) = rest.next() {
                    match inside {
                        '\\' => drop(rest.next()),
                        inside if inside == end => break,
                        _ => {}
                    }
                }
            }
        }
        before = c;
    }
    out
}

/// One word, or what stands in its place.
fn bare(word: &str) -> String {
    if let Some((name, value)) = word.split_once('=')
        && !value.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.(,{[".contains(c))
    {
        return format!("{name}=[…]");
    }
    let core = word.trim_matches(|c: char| !c.is_alphanumeric());
    let address = core.parse::<IpAddr>().is_ok() || word.trim_matches([',', ';', '(', ')']).parse::<SocketAddr>().is_ok();
    let digits = core.chars().filter(char::is_ascii_digit).count();
    let long = core.chars().count() > 20 && (digits > 0 || core.chars().any(|c| c.is_ascii_uppercase()) && !core.contains("::"));
    let hidden = word.contains('@') || word.contains("://") || word.contains('?') && core.contains('?');
    if address || digits >= 5 || long || hidden || core.chars().count() > 60 { "[…]".to_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_sentence_and_drops_what_is_somebodys() {
        for (text, kept) in [
            ("internal: no such table: products", "internal: no such table: products"),
            ("Key (email)=(awa@example.sn) already exists.", "Key (email)=[…] already exists."),
            ("cannot write to awa@example.sn now", "cannot write to […] now"),
            ("Authorization: Bearer eyJhbGciOi.J9", "Authorization: Bearer […]"),
            ("password: baobab", "password: […]"),
            ("password=baobab, user=awa", "password=[…] user=[…]"),
            ("invalid type: string \"un baobab au bord\", expected u64", "invalid type: string […], expected u64"),
            ("unwrap on `Err(\"a\")` didn't work", "unwrap on […] didn't work"),
            ("GET https://h.example/a?token=1 failed", "GET […] failed"),
            ("call of +221771234567 failed", "call of […] failed"),
            ("from 203.0.113.9:4711 and 10.0.0.1, or [::1]:80", "from […] and […] or […]"),
            ("/files/uploads/a?secret=x", "[…]"),
            ("pool timed out while waiting for an open connection", "pool timed out while waiting for an open connection"),
            ("sk_live_4eC39HqLyjWDarjtT1zdp7dc was refused", "[…] was refused"),
        ] {
            assert_eq!(scrub(text), kept);
        }
        assert!(scrub(&"word ".repeat(1000)).len() < 600);
    }
}
