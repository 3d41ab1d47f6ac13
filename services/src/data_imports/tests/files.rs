//! Imports of uploaded files: encodings, archives, sizes.

use super::*;
use crate::files::{self, NewUpload};
use crate::locale::Locale;
use crate::scope::Clock;
use crate::testing::{START, app_with, organization};
use crate::{App, Scope};
use entities::files::FileId;
use entities::files::file::FilePurpose;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use tokio::io::AsyncReadExt;

pub(super) async fn upload(app: &App, scope: &Scope, filename: &str, bytes: &[u8]) -> FileId {
    let content_type = "application/octet-stream".into();
    let size_bytes = bytes.len() as i64;
    let input = NewUpload { filename: filename.into(), content_type, size_bytes, sha256: None, purpose: FilePurpose::Import };
    let upload = files::create(scope, input).await.unwrap();
    let token = upload.url.rsplit('/').next().unwrap();
    files::receive(app, Some(Locale::Fr), token, bytes).await.unwrap();
    files::complete(scope, upload.id).await.unwrap().id
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn of_file(file: FileId) -> StartImport {
    StartImport { content: None, file: Some(file), create_missing: true, ..of("") }
}

const HEAD: &[u8] = b"sku,nom,quantity,kind\n";

/// Runs an import of these bytes; answers its end and its first row error.
async fn run_bytes(filename: &str, bytes: &[u8]) -> (data_import::Model, Option<row_error::Model>, Fixture) {
    let fixture = Fixture::new().await;
    let file = upload(&fixture.app, &fixture.again(), filename, bytes).await;
    let done = import(&fixture, of_file(file)).await.unwrap();
    let first = row_errors(&fixture, &done).await.into_iter().next();
    (done, first, fixture)
}

async fn name_of_a(fixture: &Fixture) -> String {
    fixture.again().select::<product::Entity>().one().await.unwrap().unwrap().name
}

#[tokio::test]
async fn reads_utf8_with_and_without_a_mark_windows_1252_and_archives() {
    let utf8 = [HEAD, "A,Café,1,RECEIPT\n".as_bytes()].concat();
    let marked = [b"\xef\xbb\xbf", &utf8[..]].concat();
    let windows = [HEAD, b"A,Caf\xe9,1,RECEIPT\r\n"].concat();
    let twice = [gzip(HEAD), gzip("A,Café,1,RECEIPT\n".as_bytes())].concat();
    let semicolons = String::from_utf8(marked.clone()).unwrap().replace(',', ";").into_bytes();
    let tabs = String::from_utf8(utf8.clone()).unwrap().replace(',', "\t").into_bytes();
    for (what, filename, bytes) in [
        ("UTF-8", "a.csv", utf8.clone()),
        ("with a mark", "a.csv", marked.clone()),
        ("Windows-1252", "a.csv", windows),
        ("gzip", "a.csv.gz", gzip(&marked)),
        ("gzip in two members", "a.csv.gz", twice),
        ("semicolons", "a.csv", semicolons),
        ("tabs", "a.tsv", tabs),
    ] {
        let (done, error, fixture) = run_bytes(filename, &bytes).await;
        assert_eq!((counts(&done), error), ((1, 0, 0), None), "{what}");
        assert_eq!(name_of_a(&fixture).await, "Café", "{what}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_to_its_end_fails_whole_and_says_where() {
    let good = "A,x,1,RECEIPT\n".repeat(5000);
    let all = [HEAD, good.as_bytes()].concat();
    let noise: Vec<u8> = (0..60_000_u32).flat_map(|n| format!("P{},{n},1,RECEIPT\n", n.wrapping_mul(2_654_435_761)).into_bytes()).collect();
    let zipped = gzip(&[HEAD, &noise].concat());
    let mut damaged = zipped.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0x55);
    let cases: Vec<(&str, &str, Vec<u8>, i64)> = vec![
        ("mixed encodings", "a.csv", [&all, "A,é,1,RECEIPT\n".as_bytes(), b"A,\xe9,1,RECEIPT\n"].concat(), 5003),
        ("no encoding we know", "a.csv", [&all[..], b"A,\x81\x8d,1,RECEIPT\n"].concat(), 5002),
        ("an unclosed quote", "a.csv", [&all[..], b"A,\"x,1,RECEIPT\n", &good.as_bytes().repeat(16)].concat(), 5002),
        ("an unclosed quote near the end", "a.csv", [&all[..], b"\"A,x,1,RECEIPT\n", good.as_bytes()].concat(), 5002),
        ("a quote that a later row closes", "a.csv", [&all[..], b"\"A,x,1,RECEIPT\nA,\"x\",1,RECEIPT\n"].concat(), 5002),
        ("a truncated archive", "a.csv.gz", zipped[..zipped.len() - 100].to_vec(), 0),
        ("a damaged archive", "a.csv.gz", damaged, 0),
        ("rubbish behind an archive", "a.csv.gz", [&gzip(&all)[..], b"rubbish"].concat(), 0),
    ];
    for (what, filename, bytes, line) in cases {
        let (done, error, fixture) = run_bytes(filename, &bytes).await;
        let error = error.unwrap_or_else(|| panic!("{what} is told"));
        assert_eq!((done.state, counts(&done), error.code.as_str()), (DataImportState::Failed, (0, 0, 0), "FILE_UNREADABLE"), "{what}");
        assert!(line == 0 || error.line == line, "{what}: line {}", error.line);
        assert!(ledger(&fixture).await.is_empty(), "{what}: nothing half arrives");
    }
}

#[tokio::test]
async fn utf16_is_refused_at_the_start() {
    let fixture = Fixture::new().await;
    let text = "sku,quantity,kind\r\nÀ,1,RECEIPT\r\n".repeat(8);
    let bytes: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let file = upload(&fixture.app, &fixture.again(), "a.csv.gz", &gzip(&bytes)).await;
    let error = start(&fixture.again(), of_file(file)).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::FileUnreadable, "fileId".into())]);
}

#[tokio::test]
async fn a_bomb_is_put_down_at_its_bound() {
    let (app, place) = app_with(Clock::manual(START), &[("IMPORT_MAX_BYTES", "200000")]).await;
    let (scope, _) = organization(&app, "Boutique").await;
    // 200 MB of one row over and over fit in far less than the limit.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(HEAD).unwrap();
    let rows = b"A,x,1,RECEIPT\n".repeat(10_000);
    for _ in 0..150 {
        encoder.write_all(&rows).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    let file = upload(&app, &scope, "a.csv.gz", &bomb).await;
    let import = start(&scope, of_file(file)).await.unwrap();
    run_paced(&scope, &Running::detached(scope.tenant()), import.id, Pace::fixed(100)).await.unwrap();
    let done = find(&scope, import.id).await.unwrap().unwrap();
    assert_eq!((done.state, counts(&done)), (DataImportState::Failed, (0, 0, 0)));
    let told = errors(&scope, import.id, &PageArgs::default()).await.unwrap();
    assert_eq!(told.items().map(|error| error.code.as_str()).collect::<Vec<_>>(), ["FILE_TOO_LARGE"]);
    drop(place);
}

#[tokio::test]
async fn blank_lines_without_end_are_told_before_they_are_read_through() {
    let row = b"A,x,1,RECEIPT\r\n";
    for (ends, blank) in [("CRLF", b"\r\n".repeat(4 << 20)), ("LF", b"\n".repeat(8 << 20)), ("a mix", b"\n\r\n\n".repeat(2 << 20))] {
        for (what, parts) in [("before the header", [&blank[..], HEAD, row]), ("after the header", [HEAD, &blank, row])] {
            let fixture = Fixture::new().await;
            let file = upload(&fixture.app, &fixture.again(), "a.csv.gz", &gzip(&parts.concat())).await;
            let Error::Refused(refusals) = start(&fixture.again(), of_file(file)).await.unwrap_err() else { panic!("{ends} {what}") };
            let told: Vec<_> = refusals.iter().map(|r| (r.code, r.path.join("."), r.message.clone())).collect();
            let sentence = Locale::Fr.say("import-blank-lines", &[]);
            assert_eq!(told, [(Code::FileUnreadable, "fileId".to_owned(), sentence)], "{ends} {what}");
        }
        let (done, error, _) = run_bytes("a.csv.gz", &gzip(&[HEAD, row, &blank, row].concat())).await;
        let error = error.expect("it is told");
        assert_eq!((done.state, error.code.as_str()), (DataImportState::Failed, "FILE_UNREADABLE"), "{ends} further down");
        assert_eq!(error.message, Locale::Fr.say("import-blank-lines", &[]), "{ends} further down");
    }
    let some = [&b"\r\n".repeat(1000)[..], HEAD, &b"\n".repeat(1000), row].concat();
    let (done, ..) = run_bytes("a.csv", &some).await;
    assert_eq!(counts(&done), (1, 0, 0), "a few are passed over");
}

#[tokio::test]
async fn a_header_wider_than_any_table_is_refused() {
    let fixture = Fixture::new().await;
    let wide = format!("sku,quantity,kind{}\nA,1,RECEIPT\n", ",c".repeat(1000));
    let long = format!("sku,quantity,kind,{}\nA,1,RECEIPT,\n", "c".repeat(201));
    for content in [wide, long] {
        let error = start(&fixture.again(), of(&content)).await.unwrap_err();
        assert_eq!(refusals(&error), [(Code::FileUnreadable, "content".into())]);
    }
}

#[tokio::test]
async fn a_stream_of_two_gigabytes_is_cut_at_the_limit_and_not_kept() {
    let (app, place) = app_with(Clock::manual(START), &[("IMPORT_MAX_BYTES", "1000000")]).await;
    let (scope, _) = organization(&app, "Boutique").await;
    let input = |size_bytes| NewUpload {
        filename: "a.csv".into(),
        content_type: "text/csv".into(),
        size_bytes,
        sha256: None,
        purpose: FilePurpose::Import,
    };
    let error = files::create(&scope, input(2 << 30)).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::FileTooLarge, "sizeBytes".into())]);
    // Announced small, sent large.
    let upload = files::create(&scope, input(1_000_000)).await.unwrap();
    let mut stream = tokio::io::repeat(b'x').take(2 << 30);
    let error = files::receive(&app, Some(Locale::Fr), upload.url.rsplit('/').next().unwrap(), &mut stream).await.unwrap_err();
    let files::NotReceived::Other(error) = error else { panic!("{error}") };
    assert_eq!(refusals(&error)[0].0, Code::FileTooLarge);
    assert!(stream.limit() > (2 << 30) - 3_000_000, "no more was read than it took to know");
    let left = std::fs::read_dir(app.settings().data_dir.join("files/uploads")).unwrap().count();
    assert_eq!(left, 0, "nothing is kept");
    drop(place);
}

#[tokio::test]
async fn the_time_zone_of_the_import_reads_dates_without_one() {
    let fixture = Fixture::new().await;
    let content = "sku,quantity,kind,date\nA,1,RECEIPT,2026-07-01 12:00\nB,1,RECEIPT,2026-07-01T12:00Z\nC,1,RECEIPT,2026-03-29 02:30\n";
    let input = StartImport { create_missing: true, time_zone: Some("Europe/Paris".into()), ..of(content) };
    let done = import(&fixture, input).await.unwrap();
    assert_eq!(faults(&fixture, &done).await, [(4, "date".into(), "INVALID".into())], "the clock skipped half past two");
    let mut hours: Vec<String> = ledger(&fixture).await.iter().map(|m| m.occurred_at.to_utc().format("%H").to_string()).collect();
    hours.sort();
    assert_eq!(hours, ["10", "12"]);
}
