//! Who did what in an organisation, and that nobody rewrote it since.
//!
//! An *event* is one act, or one refusal, for want of a permission or of a right that somebody tried to give: who, what
//! (`domain.noun.verb`), to what, from which values to which, and the request it came with. It is written in the transaction of the act
//! ([`TenantTx::audit`], [`DoorwayTx::audit`]), so neither exists without the other. A *seal* binds an event to all that were sealed
//! before it: SHA-256 of the hash before and of the event's [bytes](canonical). An organisation's seals are its *chain*, numbered from
//! 1.
//!
//! Rules that always hold:
//! - Events and seals are never changed and never removed: triggers refuse it on both databases, and PostgreSQL's roles lack
//!   the right.
//! - A person's act is one event, however many rows it touches: an import is one.
//! - Values are kept of fields that are listed where the act is; of secrets and of people's numbers and addresses only that
//!   they changed.
//! - Events are sealed by a job ([`SealEvents`]), in batches, one organisation's at a time under a lock, so that no act waits
//!   and no chain forks. Until then, a minute as a rule, an event is of the *unsealed tail*: the triggers protect it, the
//!   chain does not yet.
//! - A chain shows what was changed inside it, not that its end was cut off, nor that all of it was made anew: for that the
//!   daily [`WriteAnchors`] says each chain's head to the log, which is kept elsewhere.
//!
//! What those who run the installation do to it belongs to no organisation. It is an *operator's act*, a row of a table of its own
//! that is as append-only, in the same transaction; where it is done inside an organisation, that one's log has it, too.
//!
//! Movements of stock are not here. Their ledger is their record: append-only by the same triggers, each row with who, when,
//! by which import and what it takes back; an event beside each would say the same at the price of an insert on the hottest
//! path. Left to whoever runs the installation: backups, and the commands of the shell.

mod act;
mod canonical;
mod denied;
mod export;
mod ledger;
mod read;
mod seal;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use act::Operating;
pub use act::{Asked, NewAudit};
pub(crate) use denied::{Denials, beyond, refused};
pub use export::{Announced, Export, announce as announce_export, open as open_export};
pub(crate) use ledger::{Beside, write, write_beside, write_of_operator};
pub use read::{AuditFilter, Change, by_ids, changes, find, page};
pub use seal::{SealEvents, SweepUnsealed, WriteAnchors, seal, sweep, write_anchors};
pub use verify::{Broken, Fault, Verified, verify};

#[cfg(doc)]
use crate::scope::{DoorwayTx, TenantTx};
