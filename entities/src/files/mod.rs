//! What people uploaded, and what they are about to.

pub mod file;
pub mod file_upload;

crate::id!(FileId, FileUploadId);
