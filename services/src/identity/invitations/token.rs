//! What an invited person shows: a link's id and its 256-bit MAC, anew with each letter. The id is in the letter's job, the
//! hash of the whole in the invitation's row, and neither makes the other.

use crate::App;
use crate::identity::Purpose;
use crate::notifications::letters::{Link, Page};

/// A new link.
pub(super) fn new(app: &App) -> Link {
    Link { page: Page::Invitation, id: app.new_id() }
}

/// The keyed hash that a link's invitation is found by.
pub(super) fn hash(app: &App, link: Link) -> Vec<u8> {
    app.keys().mac(Purpose::Invitation, link.token(app).as_bytes()).to_vec()
}

/// The link of a token that is one of ours.
pub(super) fn of_text(app: &App, text: &str) -> Option<Link> {
    Link::of_token(app, Page::Invitation, text)
}
