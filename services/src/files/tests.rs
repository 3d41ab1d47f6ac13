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
    let received = receive(&fixture.app, Some(crate::locale::Locale::Fr), &token(upload), bytes).await;
    received.map_err(|why| match why {
        NotReceived::Other(error) => error,
        broken => Error::internal(broken),
    })
}

/// A transfer that brings nothing until the other end does something.
fn hang(fixture: &Fixture, upload: &AnnouncedUpload) -> (tokio::io::DuplexStream, tokio::task::JoinHandle<Result<(), NotReceived>>) {
    let (slow, from) = tokio::io::duplex(64);
    let (app, link) = (fixture.app.clone(), token(upload));
    (slow, tokio::spawn(async move { receive(&app, Some(crate::locale::Locale::Fr), &link, from).await }))
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
        let error = receive(&fixture.app, Some(crate::locale::Locale::Fr), bad, CSV).await.unwrap_err();
        assert!(matches!(error, NotReceived::Other(Error::NotFound)), "{bad}");
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
    let (mut slow, first) = hang(&fixture, &upload);
    slow.write_all(&CSV[..5]).await.unwrap();
    while stored(&fixture).is_empty() {
        tokio::task::yield_now().await;
    }
    put(&fixture, &upload, CSV).await.unwrap();
    assert!(matches!(first.await.unwrap(), Err(NotReceived::Other(Error::Conflict))), "at once, though it brings nothing more");
    assert_eq!(stored(&fixture).len(), 1, "one copy, whoever else was sending");
    complete(&fixture.again(), upload.id).await.unwrap();
}

#[tokio::test]
async fn a_transfer_that_brings_nothing_ends_and_leaves_nothing() {
    let fixture = Fixture::with(&[("UPLOAD_IDLE_SECONDS", "1")]).await;
    let upload = create(&fixture.again(), announce("ventes.csv", CSV)).await.unwrap();
    let (_open, silent) = hang(&fixture, &upload);
    let began = std::time::Instant::now();
    assert!(matches!(silent.await.unwrap(), Err(NotReceived::Silent(_))));
    assert!(began.elapsed().as_millis() >= 900, "{:?}", began.elapsed());
    assert_eq!(stored(&fixture).len(), 0);
    put(&fixture, &upload, CSV).await.expect("it may be repeated");
}

#[tokio::test]
async fn an_organisation_sends_eight_files_at_once_and_one_upload_once() {
    let fixture = Fixture::new().await;
    let mut uploads = Vec::new();
    for _ in 0..9 {
        uploads.push(create(&fixture.again(), announce("ventes.csv", CSV)).await.unwrap());
    }
    let mut open: Vec<_> = uploads[..8].iter().map(|upload| hang(&fixture, upload)).collect();
    while stored(&fixture).len() < 8 {
        tokio::task::yield_now().await;
    }
    let (code, _) = code(put(&fixture, &uploads[8], CSV).await.unwrap_err());
    assert_eq!(code, Code::LimitReached);
    let neighbour = fixture.neighbour().await;
    let theirs = create(&neighbour.again(), announce("ventes.csv", CSV)).await.unwrap();
    put(&neighbour, &theirs, CSV).await.expect("others have their own places");
    put(&fixture, &uploads[0], CSV).await.expect("a later transfer takes the place of the earlier");
    drop(open.pop());
    while put(&fixture, &uploads[8], CSV).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn of_two_transfers_the_row_and_the_bytes_are_those_of_one() {
    let fixture = Fixture::new().await;
    let other = &CSV.to_ascii_lowercase()[..];
    let upload = create(&fixture.again(), NewUpload { sha256: None, ..announce("ventes.csv", CSV) }).await.unwrap();
    put(&fixture, &upload, CSV).await.unwrap();
    // As if a second transfer had brought its bytes and its row were not yet written.
    let hash = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
    std::fs::write(store::staged_path(&fixture.app, upload.id, &hash(other)), other).unwrap();
    let file = complete(&fixture.again(), upload.id).await.unwrap();
    assert_eq!(file.sha256, hash(CSV));
    assert_eq!(std::fs::read(store::path_of(&fixture.app, fixture.scope.tenant(), &file.sha256)).unwrap(), CSV);
    assert_eq!(stored(&fixture).len(), 1, "what the other brought is gone");
}

#[tokio::test]
async fn of_an_upload_sent_again_and_again_little_waits() {
    let fixture = Fixture::new().await;
    let upload = create(&fixture.again(), NewUpload { sha256: None, ..announce("ventes.csv", CSV) }).await.unwrap();
    for n in 0..5 {
        put(&fixture, &upload, format!("sku,quantity\nA,{n}\n").as_bytes()).await.unwrap();
        assert!(stored(&fixture).len() <= 2, "{:?}", stored(&fixture));
    }
    let file = complete(&fixture.again(), upload.id).await.unwrap();
    let kept = std::fs::read(store::path_of(&fixture.app, fixture.scope.tenant(), &file.sha256)).unwrap();
    assert_eq!((kept.as_slice(), stored(&fixture).len()), (&b"sku,quantity\nA,4\n"[..], 1));
}

#[tokio::test]
async fn what_a_crash_left_is_swept_and_nothing_else() {
    let fixture = Fixture::new().await;
    let (kept, waiting) = (create(&fixture.again(), announce("a.csv", CSV)).await.unwrap(), b"a,b\n1,2\n");
    put(&fixture, &kept, CSV).await.unwrap();
    complete(&fixture.again(), kept.id).await.unwrap();
    let open = create(&fixture.again(), announce("b.csv", waiting)).await.unwrap();
    put(&fixture, &open, waiting).await.unwrap();
    let hash = hex::encode(Sha256::digest(b"x"));
    let lost = store::path_of(&fixture.app, fixture.scope.tenant(), &hash);
    std::fs::create_dir_all(lost.parent().unwrap()).unwrap();
    std::fs::write(lost, b"x").unwrap();
    for upload in [kept.id, entities::files::FileUploadId::from(uuid::Uuid::now_v7())] {
        std::fs::write(store::staged_path(&fixture.app, upload, &hash), b"x").unwrap();
    }
    assert_eq!(stored(&fixture).len(), 5);
    assert_eq!(sweep(&SystemScope::new(&fixture.app)).await.unwrap(), 0);
    assert_eq!(stored(&fixture).len(), 2, "the file and what waits");
    complete(&fixture.again(), open.id).await.unwrap();
}
