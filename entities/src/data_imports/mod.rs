//! Imports of rows from files, and why some rows were not taken.

pub mod data_import;
pub mod row_error;

crate::id!(DataImportId, DataImportRowErrorId);
