use super::*;
use crate::scope::SystemScope;
use crate::testing::{Fixture, refusals};
use crate::{Code, Error};
use chrono::TimeDelta;
use entities::files::file::FilePurpose;
use entities::files::file_upload;
use sha2::{Digest, Sha256};

const CSV: &[u8] = b"sku,quantity\nA,1\n";

fn announce(filename: &str, bytes: &[u8]) -> NewUpload {
    NewUpload {
        filename: filename.into(),
        content_type: "text/csv".into(),
        size_bytes: bytes.len() as i64,
        sha256: Some(hex::encode(Sha256::digest(bytes))),
        purpose: FilePurpose::Import,
    }
}

fn token(upload: &AnnouncedUpload) -> String {
    upload.url.rsplit('/').next().unwrap().to_owned()
}

async fn put(fixture: &Fixture, upload: &AnnouncedUpload, bytes: &[u8]) -> Result<()> {
    receive(&fixture.app, crate::locale::Locale::Fr, &token(upload), bytes).await
}

fn code(error: Error) -> (Code, String) {
    refusals(&error).swap_remove(0)
}

/// Every file below the folder of files.
fn stored(fixture: &Fixture) -> Vec<std::path::PathBuf> {
    let (mut folders, mut files) = (vec![fixture.data_dir().join("files")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

#[tokio::test]
async fn a_file_is_announced_sent_and_completed_once() {
    let fixture = Fixture::new().await;
    let upload = create(&fixture.again(), announce("ventes.csv", CSV)).await.unwrap();
    assert!(upload.url.starts_with("http://127.0.0.1:8000/files/uploads/"));
    assert_eq!(code(complete(&fixture.again(), upload.id).await.unwrap_err()), (Code::ForbiddenState, "uploadId".into()));
    put(&fixture, &upload, b"something else, cut off").await.unwrap_err();
    put(&fixture, &upload, &CSV[..5]).await.unwrap();
    assert_eq!(code(complete(&fixture.again(), upload.id).await.unwrap_err()), (Code::FileUnreadable, "uploadId".into()));
    put(&fixture, &upload, CSV).await.unwrap();
    let file = complete(&fixture.again(), upload.id).await.unwrap();
    assert_eq!((file.size_bytes, file.content_type.as_str()), (CSV.len() as i64, "text/csv"));
    assert_eq!(complete(&fixture.again(), upload.id).await.unwrap(), file);
    assert_eq!(code(put(&fixture, &upload, CSV).await.unwrap_err()).0, Code::ForbiddenState);
    assert_eq!(std::fs::read(store::path_of(&fixture.app, fixture.scope.tenant(), &file.sha256)).unwrap(), CSV);
    // The same content again is another file of the same bytes.
    let again = create(&fixture.again(), announce("encore.csv", CSV)).await.unwrap();
    put(&fixture, &again, CSV).await.unwrap();
    assert_ne!(complete(&fixture.again(), again.id).await.unwrap().id, file.id);
    assert_eq!(stored(&fixture).len(), 1);
}

#[tokio::test]
async fn what_we_do_not_take_is_refused_before_a_byte_is_sent() {
    let fixture = Fixture::new().await;
    let refused = |change: fn(&mut NewUpload)| {
        let mut input = announce("ventes.csv", CSV);
        change(&mut input);
        let scope = fixture.again();
        async move { code(create(&scope, input).await.unwrap_err()) }
    };
    assert_eq!(refused(|i| i.purpose = FilePurpose::Image).await, (Code::Invalid, "purpose".into()));
    assert_eq!(refused(|i| i.filename = "ventes.xlsx".into()).await, (Code::Invalid, "filename".into()));
    assert_eq!(refused(|i| i.filename = "x".repeat(300) + ".csv").await, (Code::TooLong, "filename".into()));
    assert_eq!(refused(|i| i.content_type = "image/png".into()).await, (Code::Invalid, "contentType".into()));
    assert_eq!(refused(|i| i.size_bytes = 0).await, (Code::OutOfRange, "sizeBytes".into()));
    assert_eq!(refused(|i| i.size_bytes = (512 << 20) + 1).await, (Code::FileTooLarge, "sizeBytes".into()));
    assert_eq!(refused(|i| i.sha256 = Some("abc".into())).await, (Code::Invalid, "sha256".into()));
}

#[tokio::test]
async fn bytes_that_are_no_csv_never_become_a_file() {
    let fixture = Fixture::new().await;
    for (name, bytes) in [
        ("a.csv", &b"PK\x03\x04 a spreadsheet"[..]),
        ("a.csv", &[0x1f, 0x8b, 8, 0, 0]),
        ("a.csv.gz", CSV),
        ("a.csv", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1]),
        ("../../etc/passwd.csv", &[0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0]),
    ] {
        let upload = create(&fixture.again(), announce(name, bytes)).await.unwrap();
        put(&fixture, &upload, bytes).await.unwrap();
        assert_eq!(code(complete(&fixture.again(), upload.id).await.unwrap_err()), (Code::FileUnreadable, "uploadId".into()), "{name}");
    }
}

#[tokio::test]
async fn a_link_is_for_one_upload_for_one_hour_and_cannot_be_made_up() {
    let fixture = Fixture::new().await;
    let upload = create(&fixture.again(), announce("ventes.csv", CSV)).await.unwrap();
    let good = token(&upload);
    let mut forged = good.clone().into_bytes();
    forged[3] = if forged[3] == b'A' { b'B' } else { b'A' };
    for bad in ["", "x", &good[..good.len() - 4], std::str::from_utf8(&forged).unwrap(), "é"] {
        let error = receive(&fixture.app, crate::locale::Locale::Fr, bad, CSV).await.unwrap_err();
        assert!(matches!(error, Error::NotFound), "{bad}");
    }
    fixture.app.clock().advance(TimeDelta::minutes(61));
    assert_eq!(code(put(&fixture, &upload, CSV).await.unwrap_err()).0, Code::TokenExpired);
}

#[tokio::test]
async fn another_organisation_cannot_complete_an_upload() {
    let fixture = Fixture::new().await;
    let (stranger, _) = fixture.stranger().await;
    let upload = create(&fixture.again(), announce("ventes.csv", CSV)).await.unwrap();
    put(&fixture, &upload, CSV).await.unwrap();
    assert_eq!(code(complete(&stranger, upload.id).await.unwrap_err()), (Code::NotFound, "uploadId".into()));
    let file = complete(&fixture.again(), upload.id).await.unwrap();
    assert!(find(&stranger, file.id).await.unwrap().is_none());
}

#[tokio::test]
async fn abandoned_uploads_are_swept_with_their_bytes() {
    let fixture = Fixture::new().await;
    let upload = create(&fixture.again(), announce("ventes.csv", CSV)).await.unwrap();
    put(&fixture, &upload, CSV).await.unwrap();
    let kept = create(&fixture.again(), announce("autre.csv", b"a,b\n1,2\n")).await.unwrap();
    put(&fixture, &kept, b"a,b\n1,2\n").await.unwrap();
    complete(&fixture.again(), kept.id).await.unwrap();
    let system = SystemScope::new(&fixture.app);
    fixture.app.clock().advance(TimeDelta::hours(2));
    assert_eq!(sweep(&system).await.unwrap(), 0, "a day of grace");
    fixture.app.clock().advance(TimeDelta::hours(24));
    assert_eq!(sweep(&system).await.unwrap(), 1);
    assert_eq!(sweep(&system).await.unwrap(), 0, "again, there is nothing left to do");
    assert_eq!(stored(&fixture).len(), 1, "the completed one");
    assert_eq!(fixture.again().select::<file_upload::Entity>().all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_organisation_holds_so_much_and_no_more() {
    let fixture = Fixture::with(&[("FILES_QUOTA_BYTES", "40")]).await;
    let of = |bytes: &[u8]| {
        let (scope, input) = (fixture.again(), announce("ventes.csv", bytes));
        async move { create(&scope, input).await }
    };
    let first = of(CSV).await.unwrap();
    put(&fixture, &first, CSV).await.unwrap();
    complete(&fixture.again(), first.id).await.unwrap();
    let same = of(CSV).await.unwrap();
    assert_eq!(code(of(CSV).await.unwrap_err()), (Code::LimitReached, "sizeBytes".into()), "17 + 17 + 17");
    put(&fixture, &same, CSV).await.unwrap();
    complete(&fixture.again(), same.id).await.unwrap();
    let third = of(CSV).await.expect("equal content is kept once");
    assert_eq!(code(of(CSV).await.unwrap_err()).0, Code::LimitReached);
    fixture.app.clock().advance(TimeDelta::hours(2));
    assert!(find_upload(&fixture.again(), third.id).await.unwrap().is_some());
    of(CSV).await.expect("a dead link brings nothing");
    let (stranger, _) = fixture.stranger().await;
    create(&stranger, announce("ventes.csv", CSV)).await.expect("others have their own room");
}

#[tokio::test]
async fn a_later_transfer_of_an_upload_ends_the_earlier_ones() {
    use tokio::io::AsyncWriteExt;
    let fixture = Fixture::new().await;
    let upload = create(&fixture.again(), announce("ventes.csv", CSV)).await.unwrap();
    let (mut slow, from) = tokio::io::duplex(64);
    let (app, link) = (fixture.app.clone(), token(&upload));
    let first = tokio::spawn(async move { receive(&app, crate::locale::Locale::Fr, &link, from).await });
    slow.write_all(&CSV[..5]).await.unwrap();
    while stored(&fixture).is_empty() {
        tokio::task::yield_now().await;
    }
    put(&fixture, &upload, CSV).await.unwrap();
    slow.write_all(&CSV[5..]).await.unwrap();
    drop(slow);
    assert!(matches!(first.await.unwrap(), Err(Error::Conflict)));
    assert_eq!(stored(&fixture).len(), 1, "one copy, whoever else was sending");
    complete(&fixture.again(), upload.id).await.unwrap();
}
