//! How the text of a file is written.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Encoding {
    Utf8,
    Windows1252,
}

/// A cell as text; none when it is not written in the encoding.
pub(super) fn decode(encoding: Encoding, bytes: &[u8]) -> Option<Cow<'_, str>> {
    match (encoding, std::str::from_utf8(bytes)) {
        (Encoding::Utf8, Ok(text)) => Some(text.into()),
        (Encoding::Utf8, Err(_)) => None,
        (Encoding::Windows1252, Ok(text)) if text.is_ascii() => Some(text.into()),
        (Encoding::Windows1252, _) => bytes.iter().map(|byte| windows_1252(*byte)).collect::<Option<String>>().map(Into::into),
    }
}

/// The character of a byte in Windows-1252 (WHATWG names the five that are none).
pub(super) fn windows_1252(byte: u8) -> Option<char> {
    const HIGH: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•', '–', '—', '˜',
        '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => Some(HIGH[usize::from(byte) - 0x80]).filter(|c| *c != '\0'),
        _ => Some(char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_windows_1252() {
        assert_eq!(decode(Encoding::Windows1252, b"caf\xe9 \x80").as_deref(), Some("café €"));
        assert_eq!(decode(Encoding::Windows1252, b"\x81"), None);
        assert_eq!(decode(Encoding::Utf8, b"caf\xe9"), None);
    }
}
