//! Telling people: in the application, by e-mail, over WhatsApp.
//!
//! A *notification* tells one person one thing. It keeps a key and parameters, not sentences: the words are made when
//! somebody reads them, in the reader's language and form of numbers and dates. A *delivery* is its way over one
//! *channel*, and its state is there to be seen: QUEUED → SENT → DELIVERED → READ, or FAILED, BOUNCED, SUPPRESSED.
//!
//! Rules that always hold:
//! - Rows, deliveries, events and jobs are written in the transaction of what they tell ([`notify`]).
//! - The list, the count and the stream have what goes over IN_APP. What only went elsewhere is found by its id, and when it is
//!   asked for, for the state of its deliveries; it is never unread.
//! - The same `dedup_key` reaches a person once.
//! - What cannot be tried is SUPPRESSED with its reason (no telephone, no consent, no such channel here), never dropped.
//! - WhatsApp needs a consent, kept with its time and source; STOP takes it back. Free text only within 24 hours of the
//!   person's last message, else the approved template.
//! - A state only moves forward ([`state`]): callbacks come in any order, and more than once.
//! - A provider or a link that is away loses nothing: no connection, a 5xx, a 429, a mail server's 4xx, an account of ours that
//!   the provider does not know or let in, or a fault of our own leave the message QUEUED with that error. It is tried again after about as long as it is old, from seconds up to an
//!   hour, for 24 hours (alerts and digests, which age) or 48 (the rest), then FAILED. Attempts without an answer count: the
//!   tenth fails.
//! - No message is knowingly sent twice. An attempt is noted before it is made; one whose answer was lost is looked up at
//!   Twilio before the next. A mail server cannot be asked: the mail goes again, under the same Message-ID.
//! - Who has no account yet, or forgot its password, is written to at an address ([`letters`]): no notification, no delivery.
//! - A WhatsApp message that finally fails goes out by e-mail, unless the notification already has.
//! - Everybody reads and marks their own notifications only. Each has a stream, `notifications:<user>`.
//!
//! Left to later issues: preferences, digests, quiet hours, SMS, web push, unsubscribe links.

mod callbacks;
mod cleanup;
mod deliver;
pub(crate) mod letters;
mod notify;
pub mod read;
mod signature;
mod state;
mod test_send;
mod text;

pub use callbacks::twilio_status;
pub use cleanup::{CleanUp, Cleaned, cleanup};
pub use deliver::{Carriers, deliver};
pub use entities::notifications::{Category, Channel, DeliveryState, NotificationId, Severity};
pub use letters::{Letter, carry as carry_letter};
pub use notify::{Deliver, NewNotification, Subject, notify};
pub use signature::is_body_of;
pub use state::is_available;
pub use test_send::test_send;
pub use text::{Words, trouble, words};

use entities::identity::UserId;

/// The stream of one person's notifications.
pub fn stream(user: UserId) -> String {
    format!("notifications:{user}")
}

#[cfg(test)]
mod tests;
