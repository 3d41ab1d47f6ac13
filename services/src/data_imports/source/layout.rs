//! How the text of a file is written.

use super::is_line_end;
use crate::data_imports::encoding::Encoding;
use crate::data_imports::order::Order;
use serde::{Deserialize, Serialize};

/// How the text is written, and its rows are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    pub encoding: Encoding,
    pub delimiter: u8,
    /// Imports that began before it was looked for take their rows as written.
    #[serde(default)]
    pub order: Order,
}

/// The delimiter a header is written with: the one most of it has outside quotes.
pub fn delimiter_of(head: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [0_u32; 3];
    const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
    for byte in head.iter().skip_while(|byte| is_line_end(**byte)) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            byte if !quoted => {
                if let Some(at) = DELIMITERS.iter().position(|d| d == byte) {
                    counts[at] += 1;
                }
            }
            _ => {}
        }
    }
    let best = (0..3).rev().max_by_key(|at| counts[*at]).unwrap_or(0);
    DELIMITERS[best]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_delimiter_outside_quotes() {
        for (head, delimiter) in
            [("a,b,c", b','), ("a;b;c,d", b';'), ("\"a,b,c\";d", b';'), ("a\tb", b'\t'), ("\n\r\na;b", b';'), ("a", b',')]
        {
            assert_eq!(delimiter_of(head.as_bytes()), delimiter, "{head}");
        }
    }
}
