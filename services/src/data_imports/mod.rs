//! Rows from files: products and movements of stock.
//!
//! An *import* reads a CSV (plain or gzip, from an uploaded file or given in the call) row by row. A *mapping* says which
//! column is which *field*; *rules* decide the kind of a movement, or pass a row over. Both are data of the import, checked
//! against the file's header before it starts, and kept with the columns that nothing is read from: no code knows a file's
//! name. A *dry run* decides every row as a real run would and writes none of it.
//!
//! Life: QUEUED → RUNNING → COMPLETED, FAILED (the file cannot be read) or CANCELLED (what was applied stays).
//!
//! An import of movements that is over may be *undone*: each movement it recorded gets its reverse, the newest first, in
//! chunks of a job. Undo: QUEUED → RUNNING → COMPLETED, or FAILED (through our fault; ask again).
//!
//! Rules that always hold:
//! - Nothing is lost: rows of the file = applied + skipped + failed. Each failed row is told with its line and reason;
//!   skipped ones are counted apart: known already, blank, and passed over by each rule, with the reason it gives.
//! - A first pass reads the whole file and changes nothing, so a broken file never half arrives; it settles encoding,
//!   delimiter and the number of rows, within bounds of size, inflated size, rows, record and cell.
//! - A quote costs no row: one that is never closed, or closed on a later line with the wrong number of cells, fails the file and
//!   names its line. A row of one line with the wrong number of cells fails alone.
//! - Memory does not follow the file: rows are read ahead and cut into chunks by their bytes ([`reader`]), a cell that its
//!   field cannot hold is let go of at once, a dry run remembers so much and no more ([`outcome`]).
//! - A movement's identity is its content and which of its equals in the file it is. So the same file again changes
//!   nothing, a longer export adds what is new, and genuine duplicates stay. Content is what the mapped columns say, the
//!   decided kind, and the import's warehouse where the row names none; not the product's name, nor a rule's reason. So
//!   one file may bring receipts from one column and sales from another, and each goes to the warehouse it is meant for.
//! - A row whose movement an undo of its import reversed is new when it comes again, and is written under the next key of a
//!   chain; one whose movement somebody reversed by hand stays known.
//! - An undo leaves what its level forbids (below zero where the policy says so, or beyond its bound) and counts it. Asked
//!   again, it goes over what stands once more. What was reversed by hand is passed over. Imports of products, dry runs, and
//!   imports of before movements knew theirs, are not undone.
//! - A product row adds the product of its SKU or changes what it says something of; empty cells say nothing.
//! - Rows may be in any order: they are taken oldest first ([`order`]), so that counts and the stock policy come to the same
//!   whichever way the file goes. Rows of one instant are taken as written; from the end in a file that is newest first. What the
//!   ledger knows already stays as it is: a count weighs what was recorded before it, of whatever import.
//! - A chunk of rows, its counts and with them the place to go on from are one transaction: a run killed anywhere goes on
//!   exactly there. It may take as long as it goes on; one that stands still, or whose job is gone, is failed and says so.
//!   On SQLite chunks adapt so that none holds the writer for long.
//! - What is kept has an end: a file goes a week after it came or its last import ended, row errors after 90 days, the
//!   import itself after a year.
//! - Those who follow an import, or its undo, are told of each new state and of its end, and of chunks twice a second at most.
//! - Whoever started an import is told of its end in the application, once; not whoever cancelled it themselves. Whoever
//!   asked for an undo is told of its end.
//! - Lock order of a chunk, also of an undo's: the import's row, products, levels (sorted), service days, the stream.

mod cells;
mod chunks;
mod cleanup;
mod drafts;
mod encoding;
mod errors;
mod fields;
mod header;
mod mapping;
mod movements;
mod names;
mod news;
mod occurrences;
mod order;
mod outcome;
mod parser;
mod products;
mod progress;
mod read;
mod reader;
mod rows;
mod rule;
mod run;
mod skips;
mod source;
mod standstill;
mod start;
mod survey;
mod undo;
mod values;

pub use cleanup::{CleanUp, cleanup};
pub use errors::code_of;
pub use fields::Field;
pub use mapping::{ColumnMapping, Understood, understood};
pub(crate) use read::any_under_way;
pub use read::{by_ids, errors, find, find_error, first_errors, follow, page};
pub use rule::Rule;
pub use run::{RunImport, run};
pub use skips::{Skip, Skipped, skipped};
pub use standstill::{FailStranded, fail_stranded};
pub use start::{CONTENT_LIMIT, StartImport, cancel, start};
pub use undo::{UndoImport, run_undo, undo};

#[cfg(test)]
mod tests;
