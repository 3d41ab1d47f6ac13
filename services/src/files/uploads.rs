use super::store::NotReceived;
use super::{kinds, quota, store, transfers};
use crate::audit::NewAudit;
use crate::identity::{Permission, Purpose, check_text, organizations};
use crate::locale::Locale;
use crate::scope::ReadsWithin;
use crate::{App, Code, Error, Reads, Refusals, Result, Scope, sql};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entities::files::file::FilePurpose;
use entities::files::file_upload::{self, FileUploadState};
use entities::files::{FileId, FileUploadId, file};
use entities::{TenantId, Timestamp};
use sea_orm::ActiveValue::{Set, Unchanged};
use subtle::ConstantTimeEq;
use tokio::io::AsyncRead;
use uuid::Uuid;

/// What somebody wants to upload.
#[derive(Clone, Debug)]
pub struct NewUpload {
    pub filename: String,
    pub content_type: String,
    pub size_bytes: i64,
    /// Hexadecimal; checked at completion.
    pub sha256: Option<String>,
    pub purpose: FilePurpose,
}

/// Where to send the bytes, and until when.
#[derive(Clone, Debug)]
pub struct AnnouncedUpload {
    pub id: FileUploadId,
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub expires_at: Timestamp,
}

/// How long a link lives.
const LINK: TimeDelta = TimeDelta::hours(1);

/// Announces an upload and answers the signed link to PUT its bytes to.
pub async fn create(scope: &Scope, input: NewUpload) -> Result<AnnouncedUpload> {
    scope.require(Permission::FilesFileUpload)?;
    let locale = scope.locale();
    let mut refusals = Refusals::default();
    let filename = check_text(&input.filename, "filename", 255, locale, &mut refusals);
    kinds::check_announcement(input.purpose, &filename, &input.content_type, locale, &mut refusals);
    let limit = scope.app().settings().import_max_bytes;
    match u64::try_from(input.size_bytes) {
        Ok(1..) if input.size_bytes as u64 <= limit => {}
        Ok(1..) => refusals.add(Code::FileTooLarge, "sizeBytes", too_large(locale, limit)),
        _ => refusals.add(Code::OutOfRange, "sizeBytes", locale.say("file-empty", &[])),
    }
    let sha256 = input.sha256.map(|hash| hash.trim().to_ascii_lowercase());
    if sha256.as_ref().is_some_and(|hash| hash.len() != 64 || hex::decode(hash).is_err()) {
        refusals.add(Code::Invalid, "sha256", locale.say("file-hash-invalid", &[]));
    }
    refusals.check()?;
    let txn = scope.begin().await?;
    quota::check(&txn, input.size_bytes).await?;
    let row = file_upload::ActiveModel {
        id: Set(txn.new_id()),
        filename: Set(filename),
        content_type: Set(input.content_type.trim().chars().take(100).collect()),
        size_bytes: Set(input.size_bytes),
        sha256: Set(sha256),
        purpose: Set(input.purpose),
        state: Set(FileUploadState::Created),
        created_by: Set(txn.membership()),
        created_at: Set(txn.now()),
        expires_at: Set(txn.now().plus(LINK)),
        ..Default::default()
    };
    let row = txn.insert(row).await?;
    txn.commit().await?;
    Ok(announced(scope, row))
}

/// An upload that was announced, with its link; none when there is no such upload.
pub async fn find(scope: &Scope, id: FileUploadId) -> Result<Option<AnnouncedUpload>> {
    if !scope.may(Permission::FilesFileUpload) {
        return Err(Error::Forbidden(Permission::FilesFileUpload.code()));
    }
    Ok(scope.find_within::<file_upload::Entity>(Permission::FilesFileUpload, id).await?.map(|row| announced(scope, row)))
}

fn announced(scope: &Scope, row: file_upload::Model) -> AnnouncedUpload {
    let link = Link { upload: row.id, tenant: scope.tenant(), expires_at: row.expires_at };
    let url = format!("{}/files/uploads/{}", scope.app().settings().public_url, link.sign(scope.app()));
    let headers = vec![("content-type", row.content_type)];
    AnnouncedUpload { id: row.id, method: "PUT", url, headers, expires_at: row.expires_at }
}

/// Takes the bytes of an upload; whoever holds the link may send them. A broken transfer leaves nothing and may be repeated.
/// What is refused is said in the sender's language, else in the organisation's.
pub async fn receive(app: &App, language: Option<Locale>, token: &str, from: impl AsyncRead + Unpin) -> Result<(), NotReceived> {
    let link = Link::read(app, token).ok_or(Error::NotFound)?;
    let scope = Scope::system(app, link.tenant, language.unwrap_or_default());
    let locale = match language {
        Some(locale) => locale,
        None => organizations::language(&scope).await?,
    };
    let refuse = |code, key: &str| Err(Error::refuse(code, "", locale.say(key, &[])));
    if link.expires_at <= app.now() {
        return Ok(refuse(Code::TokenExpired, "file-link-expired")?);
    }
    let row = scope.get::<file_upload::Entity>(link.upload).await?;
    scope.end_read().await;
    if row.state == FileUploadState::Completed {
        return Ok(refuse(Code::ForbiddenState, "file-upload-completed")?);
    }
    let Some(mut seat) = app.transfers().take(link.tenant, row.id) else {
        let most = [("most", transfers::MOST.to_string())];
        return Err(Error::refuse(Code::LimitReached, "", locale.say("file-transfers-at-once", &most)).into());
    };
    let limit = u64::try_from(row.size_bytes).unwrap_or(0);
    let Some(received) = store::receive(app, row.id, limit, &mut seat, from).await? else {
        return Err(Error::refuse(Code::FileTooLarge, "", too_large(locale, limit)).into());
    };
    // From here on the row is held: its hash and the bytes that wait change together.
    let txn = scope.begin().await?;
    let row = txn.lock::<file_upload::Entity>(row.id).await?;
    if row.state == FileUploadState::Completed {
        return Ok(refuse(Code::ForbiddenState, "file-upload-completed")?);
    }
    store::stage(app, row.id, &received, row.received_sha256.as_deref()).await?;
    txn.update(file_upload::ActiveModel {
        id: Unchanged(row.id),
        state: Set(FileUploadState::Received),
        received_bytes: Set(Some(i64::try_from(received.bytes).map_err(Error::internal)?)),
        received_sha256: Set(Some(received.sha256.clone())),
        ..Default::default()
    })
    .await?;
    Ok(txn.commit().await?)
}

/// Makes a file of what was received; a second call answers the same file.
pub async fn complete(scope: &Scope, id: FileUploadId) -> Result<file::Model> {
    scope.require(Permission::FilesFileUpload)?;
    let locale = scope.locale();
    let refuse = |code, key: &str| Error::refuse(code, "uploadId", locale.say(key, &[]));
    let txn = scope.begin().await?;
    // While the night looks whether bytes are still used, nobody begins to use them.
    txn.statement(sql!("lock_organization.sql")).run().await?;
    let unknown = || locale.say("file-upload-unknown", &[]);
    let row = txn.lock_within::<file_upload::Entity>(Permission::FilesFileUpload, id).await;
    let row = row.map_err(|e| e.or_refuse_missing("uploadId", unknown()))?;
    if let Some(file) = row.file_id {
        return txn.get::<file::Entity>(file).await;
    }
    let (Some(bytes), Some(sha256)) = (row.received_bytes, row.received_sha256.clone()) else {
        return Err(refuse(Code::ForbiddenState, "file-not-received"));
    };
    if bytes != row.size_bytes || row.sha256.as_ref().is_some_and(|announced| *announced != sha256) {
        return Err(refuse(Code::FileUnreadable, "file-not-as-announced"));
    }
    let head = store::head(scope.app(), id, scope.tenant(), &sha256).await?;
    let content_type = kinds::sniff(&head, &row.filename, locale)?;
    store::keep(scope.app(), id, scope.tenant(), &sha256).await?;
    let file = txn
        .insert(file::ActiveModel {
            id: Set(txn.new_id::<FileId>()),
            filename: Set(row.filename),
            content_type: Set(content_type.to_owned()),
            size_bytes: Set(bytes),
            sha256: Set(sha256),
            purpose: Set(row.purpose),
            created_by: Set(row.created_by),
            created_at: Set(txn.now()),
            ..Default::default()
        })
        .await?;
    let (state, file_id) = (Set(FileUploadState::Completed), Set(Some(file.id)));
    txn.update(file_upload::ActiveModel { id: Unchanged(id), state, file_id, ..Default::default() }).await?;
    txn.audit(NewAudit::of("files.file.upload").on("File", file.id).with("sha256", file.sha256.as_str()).with("bytes", file.size_bytes));
    txn.commit().await?;
    // What an earlier transfer brought; left here, the night finds it.
    store::remove_staged(scope.app(), id).await?;
    Ok(file)
}

fn too_large(locale: Locale, limit: u64) -> String {
    locale.say("file-too-large", &[("limit", locale.size(limit))])
}

/// Which upload a link is for, signed so that nobody makes one up.
struct Link {
    upload: FileUploadId,
    tenant: TenantId,
    expires_at: Timestamp,
}

const SIGNED: usize = 16 + 16 + 8;

impl Link {
    fn bytes(&self) -> Vec<u8> {
        [&self.upload.0.as_bytes()[..], self.tenant.0.as_bytes(), &self.expires_at.0.to_be_bytes()].concat()
    }

    fn sign(&self, app: &App) -> String {
        let bytes = self.bytes();
        let mac = app.keys().mac(Purpose::FileLink, &bytes);
        URL_SAFE_NO_PAD.encode([&bytes[..], &mac].concat())
    }

    fn read(app: &App, token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (signed, mac) = bytes.split_at_checked(SIGNED)?;
        if !bool::from(app.keys().mac(Purpose::FileLink, signed).ct_eq(mac)) {
            return None;
        }
        Some(Self {
            upload: Uuid::from_slice(&signed[..16]).ok()?.into(),
            tenant: Uuid::from_slice(&signed[16..32]).ok()?.into(),
            expires_at: Timestamp(i64::from_be_bytes(signed[32..].try_into().ok()?)),
        })
    }
}
