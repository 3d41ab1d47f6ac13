//! The first look at a document: characters only, one pass, no memory but a stack of brackets.

use std::collections::HashSet;

use async_graphql::Pos;

use crate::edge::errors::{Code, Fault};
use crate::edge::settings::Limits;

enum Frame<'a> {
    Round,
    Square,
    Selection,
    Object(HashSet<&'a str>),
}

/// Counts tokens and brackets, and finds input fields given twice, which the parser forgets, and U+0000, which no
/// database of ours takes for text alike.
pub fn scan(document: &str, limits: &Limits) -> Result<usize, Fault> {
    if document.len() > limits.document_bytes {
        return Err(Fault::complex(format!("The document is over {} bytes.", limits.document_bytes)));
    }
    if let Some(at) = document.bytes().position(|byte| byte == 0) {
        return Err(nul(document, at));
    }
    Scan { document, at: 0, tokens: 0, frames: Vec::new(), name: None }.run(limits)
}

struct Scan<'a> {
    document: &'a str,
    at: usize,
    tokens: usize,
    frames: Vec<Frame<'a>>,
    name: Option<(usize, usize)>,
}

impl Scan<'_> {
    fn run(mut self, limits: &Limits) -> Result<usize, Fault> {
        while let Some(&byte) = self.document.as_bytes().get(self.at) {
            let start = self.at;
            if self.skipped(byte) {
                continue;
            }
            self.tokens += 1;
            if self.tokens > limits.tokens {
                return Err(self.over(format!("The document has over {} tokens.", limits.tokens), start));
            }
            self.token(byte)?;
            if self.frames.len() > limits.brackets {
                return Err(self.over(format!("Brackets are nested over {} deep.", limits.brackets), start));
            }
        }
        Ok(self.tokens)
    }

    /// Spaces, commas, comments and the byte order mark.
    fn skipped(&mut self, byte: u8) -> bool {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => self.at += 1,
            b'#' => self.at = self.until(|byte| byte == b'\n' || byte == b'\r'),
            0xEF if self.document[self.at..].starts_with('\u{feff}') => self.at += 3,
            _ => return false,
        }
        true
    }

    fn token(&mut self, byte: u8) -> Result<(), Fault> {
        let start = self.at;
        match byte {
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                self.at = self.until(|byte| !(byte == b'_' || byte.is_ascii_alphanumeric()));
                self.name = Some((start, self.at));
                return Ok(());
            }
            b'0'..=b'9' | b'-' => {
                self.at += 1;
                self.at = self.until(|byte| !(byte.is_ascii_alphanumeric() || b".+-".contains(&byte)));
            }
            b'"' => self.string()?,
            b'.' if self.document[start..].starts_with("...") => self.at += 3,
            b':' => self.colon()?,
            _ => self.bracket(byte),
        }
        self.name = None;
        Ok(())
    }

    fn bracket(&mut self, byte: u8) {
        match byte {
            b'(' => self.frames.push(Frame::Round),
            b'[' => self.frames.push(Frame::Square),
            b'{' if matches!(self.frames.last(), None | Some(Frame::Selection)) => self.frames.push(Frame::Selection),
            b'{' => self.frames.push(Frame::Object(HashSet::new())),
            b')' | b']' | b'}' => {
                self.frames.pop();
            }
            _ => {}
        }
        let rest = &self.document[self.at..];
        self.at += rest.chars().next().map_or(1, char::len_utf8);
    }

    fn colon(&mut self) -> Result<(), Fault> {
        self.at += 1;
        let (Some((from, to)), Some(Frame::Object(seen))) = (self.name, self.frames.last_mut()) else {
            return Ok(());
        };
        let name = &self.document[from..to];
        if seen.insert(name) {
            return Ok(());
        }
        let message = format!("There can be only one input field named \"{name}\".");
        Err(Fault::new(Code::ValidationFailed, message).at(position(self.document, from)))
    }

    fn string(&mut self) -> Result<(), Fault> {
        let block = self.document[self.at..].starts_with("\"\"\"");
        let (open, close) = if block { (3, "\"\"\"") } else { (1, "\"") };
        self.at += open;
        while self.at < self.document.len() {
            let rest = &self.document.as_bytes()[self.at..];
            if rest.starts_with(close.as_bytes()) {
                self.at += close.len();
                return Ok(());
            }
            if !block && is_nul(rest) {
                return Err(nul(self.document, self.at));
            }
            self.at += if rest[0] == b'\\' { escape(rest, block) } else { 1 };
        }
        self.at = self.document.len();
        Ok(())
    }

    fn until(&self, stop: impl Fn(u8) -> bool) -> usize {
        let rest = &self.document.as_bytes()[self.at..];
        self.at + rest.iter().position(|&byte| stop(byte)).unwrap_or(rest.len())
    }

    fn over(&self, message: String, at: usize) -> Fault {
        Fault::complex(message).at(position(self.document, at))
    }
}

/// Whether an escape stands for U+0000: `\u0000`, `\u{0}`.
fn is_nul(rest: &[u8]) -> bool {
    let braced = |rest: &[u8]| rest.iter().position(|&byte| byte != b'0').is_some_and(|end| end > 0 && rest[end] == b'}');
    rest.starts_with(b"\\u0000") || rest.strip_prefix(b"\\u{").is_some_and(braced)
}

fn nul(document: &str, at: usize) -> Fault {
    Fault::input("U+0000 is not text.").at(position(document, at))
}

/// How many bytes a backslash takes with it: in a block string only `\"""` is an escape.
fn escape(rest: &[u8], block: bool) -> usize {
    match (block, rest.starts_with(b"\\\"\"\"")) {
        (true, true) => 4,
        (true, false) => 1,
        (false, _) => 2,
    }
}

/// Line and column of a byte, from one.
pub fn position(document: &str, at: usize) -> Pos {
    let before = &document.as_bytes()[..at.min(document.len())];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
    Pos { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(document: &str) -> Result<usize, Fault> {
        scan(document, &Limits::default())
    }

    #[test]
    fn counts_tokens_not_characters() {
        assert_eq!(count("query Q($a: [Int!] = 1) { a(b: \"x y\") ...F @c } # end"), Ok(25));
        assert_eq!(count("{ a(b: \"\"\"x \\\"\"\" \" y\"\"\") }"), Ok(8));
    }

    #[test]
    fn refuses_one_token_over() {
        let document = |names: usize| format!("{{{}}}", " a".repeat(names));
        assert!(count(&document(1_998)).is_ok());
        assert_eq!(count(&document(1_999)).unwrap_err().code, Code::TooComplex);
    }

    #[test]
    fn refuses_deep_brackets_before_the_parser_sees_them() {
        assert!(count(&format!("{{a(b:{}", "[".repeat(62))).is_ok());
        assert!(count(&format!("{{a(b:{}", "[".repeat(63))).is_err());
    }

    #[test]
    fn finds_the_character_that_is_no_text() {
        for nul in ["a(b: \"x\\u0000\")", "a(b: \"\\u{000}\")", "a(b: \"\0\")", "a(b: \"\"\"\0\"\"\")", "a # \0"] {
            assert_eq!(count(&format!("{{ {nul} }}")).unwrap_err().code, Code::BadUserInput, "{nul}");
        }
        for text in ["a(b: \"\\\\u0000\")", "a(b: \"\\u00001\\u{10}\")", "a(b: \"\"\"\\u0000\"\"\")", "a(b: \"0\")"] {
            let bad = text.contains("u00001");
            assert_eq!(count(&format!("{{ {text} }}")).is_err(), bad, "{text}");
        }
    }

    #[test]
    fn finds_input_fields_given_twice() {
        assert!(count("{ a(i: {x: 1, y: {x: 2}}, j: {x: 1}) x: b x: c }").is_ok());
        let fault = count("{ a(i: {x: 1,\n x: 2}) }").unwrap_err();
        assert_eq!((fault.code, fault.at), (Code::ValidationFailed, Some(Pos { line: 2, column: 2 })));
        assert!(count("query ($v: I = {x: 1, x: 2}) { a }").is_err());
    }
}
