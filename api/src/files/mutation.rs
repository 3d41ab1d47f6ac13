use super::types::{File, FilePurpose, FileUpload};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::scalars::BigInt;
use crate::schema::requires;
use async_graphql::{Context, ID, InputObject, Object};
use services::files::{self, NewUpload};
use services::scope::retrying;

/// A file about to be uploaded.
#[derive(InputObject)]
pub struct FileUploadCreateInput {
    /// For people; its ending must fit the content.
    filename: String,
    /// The media type.
    content_type: String,
    /// Exactly how many bytes will come.
    size_bytes: BigInt,
    /// The hash of the bytes, in hexadecimal; checked at completion.
    sha256: Option<String>,
    /// What it is for.
    purpose: FilePurpose,
}

/// The upload whose bytes have been sent.
#[derive(InputObject)]
pub struct FileUploadCompleteInput {
    /// The upload.
    upload_id: ID,
}

payload! {
    FileUploadCreatePayload {
        /// Where to send the bytes.
        upload: FileUpload
    },
    FileUploadCompletePayload {
        /// The file.
        file: File
    },
}

#[derive(Default)]
pub struct FileMutation;

#[Object]
impl FileMutation {
    /// Announces an upload and answers where to send its bytes.
    #[graphql(directive = requires::apply("FILES_FILE_UPLOAD".into()))]
    async fn file_upload_create(&self, ctx: &Context<'_>, input: FileUploadCreateInput) -> Result<Option<FileUploadCreatePayload>> {
        let new = NewUpload {
            filename: input.filename,
            content_type: input.content_type,
            size_bytes: input.size_bytes.0,
            sha256: input.sha256,
            purpose: input.purpose.into(),
        };
        let scope = ctx.scope()?;
        let made = retrying(|| files::create(scope, new.clone())).await;
        Ok(Some(FileUploadCreatePayload::of(made.map(Into::into))?))
    }

    /// Makes a file of what was sent; again, it answers the same file.
    #[graphql(directive = requires::apply("FILES_FILE_UPLOAD".into()))]
    async fn file_upload_complete(&self, ctx: &Context<'_>, input: FileUploadCompleteInput) -> Result<Option<FileUploadCompletePayload>> {
        let (scope, id) = (ctx.scope()?, GlobalId::of_global(&input.upload_id));
        let done = retrying(|| files::complete(scope, id)).await;
        Ok(Some(FileUploadCompletePayload::of(done.map(Into::into))?))
    }
}
