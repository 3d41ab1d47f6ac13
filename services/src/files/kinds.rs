//! What a file is: its bytes, its name and its announced type must agree.

use crate::locale::Locale;
use crate::{Code, Error, Refusals, Result};
use entities::files::file::FilePurpose;

pub(super) const CSV: &str = "text/csv";
pub(super) const GZIP: &str = "application/gzip";

/// How much of a file is looked at to know its type.
pub(super) const HEAD: usize = 8192;

/// What a browser may call a CSV file; some call every file a stream of bytes, and Windows calls a CSV an Excel sheet.
const ANNOUNCED: &[&str] = &[
    CSV,
    GZIP,
    "application/x-gzip",
    "application/csv",
    "text/plain",
    "text/tab-separated-values",
    "application/vnd.ms-excel",
    "application/octet-stream",
];

/// Refuses an announcement whose purpose, name or type we do not take.
pub(super) fn check_announcement(purpose: FilePurpose, filename: &str, content_type: &str, locale: Locale, refusals: &mut Refusals) {
    if purpose != FilePurpose::Import {
        refusals.add(Code::Invalid, "purpose", locale.say("file-purpose-not-yet", &[]));
        return;
    }
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !ANNOUNCED.contains(&essence.as_str()) {
        refusals.add(Code::Invalid, "contentType", locale.say("file-type-not-csv", &[]));
    }
    if extension(filename).is_none() {
        refusals.add(Code::Invalid, "filename", locale.say("file-name-not-csv", &[]));
    }
}

/// The type of a file for an import by its first bytes, or why it is none.
pub(super) fn sniff(head: &[u8], filename: &str, locale: Locale) -> Result<&'static str> {
    let refuse = |key: &str| Err(Error::refuse(Code::FileUnreadable, "uploadId", locale.say(key, &[])));
    let zipped = head.starts_with(&[0x1f, 0x8b]);
    let spreadsheet = head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
    if spreadsheet {
        return refuse("file-is-spreadsheet");
    }
    if !zipped && head.iter().filter(|byte| matches!(byte, 0..=8 | 14..=31)).count() > head.len() / 100 {
        return refuse("file-not-text");
    }
    match (zipped, extension(filename)) {
        (true, Some(Extension::Gzip)) => Ok(GZIP),
        (false, Some(Extension::Text)) => Ok(CSV),
        _ => refuse("file-name-disagrees"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extension {
    Text,
    Gzip,
}

fn extension(filename: &str) -> Option<Extension> {
    match filename.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
        "csv" | "tsv" | "txt" => Some(Extension::Text),
        "gz" => Some(Extension::Gzip),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_name_must_agree() {
        let of = |head: &[u8], name: &str| sniff(head, name, Locale::En).ok();
        assert_eq!(of(b"sku,quantity\n", "a.csv"), Some(CSV));
        assert_eq!(of(&[0x1f, 0x8b, 8, 0], "a.csv.gz"), Some(GZIP));
        assert_eq!(of(&[0x1f, 0x8b, 8, 0], "a.csv"), None, "zipped under the name of a text");
        assert_eq!(of(b"sku,quantity\n", "a.csv.gz"), None, "a text under the name of an archive");
        assert_eq!(of(b"PK\x03\x04....", "a.csv"), None, "a spreadsheet");
        assert_eq!(of(&[0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13], "a.csv"), None, "a picture");
    }
}
