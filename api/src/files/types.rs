use crate::scalars::{BigInt, DateTime, Url};
use async_graphql::{Enum, SimpleObject};
use entities::files::file::{self, FilePurpose as Purpose};
use entities::files::{FileId, FileUploadId};
use services::files::AnnouncedUpload;

/// An announced upload: send the bytes with this method to this URL, then complete it.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct FileUpload {
    #[graphql(skip)]
    pub key: FileUploadId,
    /// The HTTP method to send the bytes with.
    pub method: String,
    /// Where to send them; whoever holds it may.
    pub url: Url,
    /// What to send along.
    pub headers: Vec<HttpHeader>,
    /// When the URL dies.
    pub expires_at: DateTime,
}

/// An HTTP header.
#[derive(SimpleObject, Clone)]
pub struct HttpHeader {
    /// In lower case.
    pub name: String,
    /// As it is to be sent.
    pub value: String,
}

impl From<AnnouncedUpload> for FileUpload {
    fn from(upload: AnnouncedUpload) -> Self {
        let headers = upload.headers.into_iter().map(|(name, value)| HttpHeader { name: name.to_owned(), value });
        Self {
            key: upload.id,
            method: upload.method.to_owned(),
            url: Url(upload.url),
            headers: headers.collect(),
            expires_at: upload.expires_at.into(),
        }
    }
}

/// A file somebody uploaded.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct File {
    #[graphql(skip)]
    pub key: FileId,
    /// As its uploader named it.
    pub filename: String,
    /// What the bytes are.
    pub content_type: String,
    /// How many bytes it has.
    pub size_bytes: BigInt,
    /// The hash of its bytes, in hexadecimal.
    pub sha256: String,
    /// When it was completed.
    pub created_at: DateTime,
}

impl From<file::Model> for File {
    fn from(row: file::Model) -> Self {
        Self {
            key: row.id,
            filename: row.filename,
            content_type: row.content_type,
            size_bytes: BigInt(row.size_bytes),
            sha256: row.sha256,
            created_at: row.created_at.into(),
        }
    }
}

crate::node_id!(FileUpload, File);

/// What a file is for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Purpose")]
pub enum FilePurpose {
    /// A picture.
    Image,
    /// A document.
    Document,
    /// A person's picture.
    Avatar,
    /// Rows to import.
    Import,
}
