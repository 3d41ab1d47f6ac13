//! Files: announcing uploads, the PUT that brings their bytes, completing them.

pub mod mutation;
pub mod types;
pub mod upload;
