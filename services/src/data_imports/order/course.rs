//! Which way the instants of a file go.

use super::Order;
use entities::Timestamp;

/// Which way the instants so far have gone.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::data_imports) struct Course {
    last: Option<Timestamp>,
    rises: bool,
    falls: bool,
}

impl Course {
    /// Looks at the next row's instant.
    pub(in crate::data_imports) fn pass(&mut self, at: Timestamp) {
        if let Some(last) = self.last.replace(at) {
            self.rises |= at > last;
            self.falls |= at < last;
        }
    }

    pub(in crate::data_imports) fn order(self) -> Order {
        match (self.rises, self.falls) {
            (_, false) => Order::AsWritten,
            (false, true) => Order::FromTheEnd,
            (true, true) => Order::ByInstant,
        }
    }
}
