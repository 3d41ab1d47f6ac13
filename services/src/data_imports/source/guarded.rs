//! The bounds of what is read.

use super::{Unreadable, is_line_end};
use crate::Code;
use std::io::{self, Cursor, Read};

/// The largest record, with the blank lines before it; beyond it a quote was most likely never closed.
const LARGEST_RECORD: usize = 1 << 20;

/// Stops at the end of what may be read in all, and of what one record may hold; ends every text with a line feed.
pub struct Guarded {
    inner: Box<dyn Read + Send>,
    zipped: bool,
    left: u64,
    budget: usize,
    most: u64,
    /// Whether nothing but the ends of lines was read of it.
    blank: bool,
    ended: bool,
    /// Whether somebody asked for more than there is.
    exhausted: bool,
}

impl Guarded {
    pub fn new(inner: Box<dyn Read + Send>, zipped: bool, most: u64) -> io::Result<Self> {
        let mut guarded = Self { inner, zipped, most, left: most, budget: LARGEST_RECORD, blank: true, ended: false, exhausted: false };
        guarded.skip_byte_order_mark()?;
        Ok(guarded)
    }

    /// Another record begins.
    pub fn begin_record(&mut self) {
        (self.budget, self.blank) = (LARGEST_RECORD, true);
    }

    /// Whether more was asked for than there is. As every text ends with a line feed, only what is inside quotes asks.
    pub fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        let mut start = Vec::new();
        let read = self.inner.by_ref().take(3).read_to_end(&mut start);
        read.map_err(|e| self.fault(e))?;
        if start != [0xef, 0xbb, 0xbf] {
            let rest = std::mem::replace(&mut self.inner, Box::new(io::empty()));
            self.inner = Box::new(Cursor::new(start).chain(rest));
        }
        Ok(())
    }

    fn too_large(&self) -> io::Error {
        let most = Some(self.most);
        io::Error::other(Unreadable { code: Code::FileTooLarge, most, ..Unreadable::new("import-too-large", 0) })
    }

    /// What cannot be inflated is the file's fault; what cannot be read is ours.
    fn fault(&self, error: io::Error) -> io::Error {
        if self.zipped { io::Error::other(Unreadable::new("import-gzip-broken", 0)) } else { error }
    }
}

impl Read for Guarded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.budget == 0 {
            let key = if self.blank { "import-blank-lines" } else { "import-record-too-large" };
            return Err(io::Error::other(Unreadable::new(key, 0)));
        }
        let read = self.inner.read(into).map_err(|e| self.fault(e))?;
        if read == 0 && !self.ended && !into.is_empty() {
            self.ended = true;
            into[0] = b'\n';
            return Ok(1);
        }
        self.exhausted = self.exhausted || (read == 0 && !into.is_empty());
        self.budget = self.budget.saturating_sub(read);
        self.blank = self.blank && into[..read].iter().copied().all(is_line_end);
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| self.too_large())?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    #[test]
    fn what_inflates_too_far_says_how_far_it_may() {
        let error = Guarded::new(Box::new(io::empty()), false, 4096).unwrap().too_large();
        let why = error.get_ref().and_then(|why| why.downcast_ref::<Unreadable>()).unwrap();
        for (locale, most) in [(Locale::Fr, "4\u{a0}Kio"), (Locale::En, "4\u{a0}KiB"), (Locale::Wo, "4\u{a0}Kio")] {
            assert!(why.say(locale).contains(most), "{}", why.say(locale));
        }
    }
}
