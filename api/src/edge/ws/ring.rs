//! What a group last said, kept for its readers as long as there is room.

use std::collections::VecDeque;

use tokio_tungstenite::tungstenite::Bytes;

/// Frames of one ring, and their bytes together, at most.
pub(super) const FRAMES: usize = 256;
const BYTES: usize = 1 << 20;

#[derive(Default)]
pub(super) struct Ring {
    frames: VecDeque<(Option<i64>, Frame)>,
    /// The number of the first frame, counted from the group's beginning.
    first: u64,
    /// The stream's number before the first frame.
    before: Option<i64>,
    bytes: usize,
}

/// The reader is so slow that the ring has gone on without it.
#[derive(Debug)]
pub struct Gone;

impl Ring {
    /// How many frames were ever made.
    fn made(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    /// The first frame a reader at this number of the stream has not had; the stream began after `start`.
    pub(super) fn place(&self, after: Option<i64>, start: Option<i64>) -> Option<u64> {
        let Some(after) = after else { return Some(self.made()) };
        if self.before.or(start) == Some(after) {
            return Some(self.first);
        }
        let at = self.frames.iter().position(|(number, _)| *number == Some(after))?;
        Some(self.first + at as u64 + 1)
    }

    /// Adds a frame, which stands at this number of the stream, and says how many were made.
    pub(super) fn push(&mut self, frame: Frame, number: Option<i64>, start: Option<i64>) -> u64 {
        if self.before.is_none() {
            self.before = start;
        }
        self.bytes += frame.len();
        self.frames.push_back((number, frame));
        while self.frames.len() > FRAMES || (self.bytes > BYTES && self.frames.len() > 1) {
            if let Some((number, frame)) = self.frames.pop_front() {
                self.bytes -= frame.len();
                self.before = number;
                self.first += 1;
            }
        }
        self.made()
    }

    /// The frame of this number: not made yet, or gone already.
    pub(super) fn frame(&self, at: u64) -> Result<Option<Frame>, Gone> {
        let place = at.checked_sub(self.first).ok_or(Gone)?;
        Ok(usize::try_from(place).ok().and_then(|place| self.frames.get(place)).map(|(_, frame)| frame.clone()))
    }
}

/// What all members are told.
#[derive(Clone)]
pub(super) enum Frame {
    Next(Bytes),
    Error(Bytes),
    Complete,
}

impl Frame {
    fn len(&self) -> usize {
        match self {
            Self::Next(bytes) | Self::Error(bytes) => bytes.len(),
            Self::Complete => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn big_frames_make_the_ring_shorter() {
        let mut ring = Ring::default();
        for _ in 0..8 {
            ring.push(Frame::Next(vec![b'x'; BYTES / 4].into()), None, None);
        }
        assert_eq!(ring.frames.len(), 4);
    }
}
