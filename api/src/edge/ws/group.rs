//! Readers of the same stream who would get the same bytes: one of them executes, all are told.
//!
//! A *group* is the readers with the same document, operation and variables (but for `after`) whose likeness, as the
//! engine sees it, is the same: one organisation, the same rights, the same language, and the same person where the
//! answer depends on who reads. Its events are executed once, by a task of the group, and kept in a short *ring* from
//! which each reader takes what it has not had, at its own pace.
//!
//! Whoever resumes joins where its cursor stands in the ring; one the ring does not hold executes for itself. What an
//! engine tells through [`Position`] says where in the stream a frame stands.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_tungstenite::tungstenite::Bytes;

use super::operation::Output;
use super::position::Position;

/// What the members of a group have in common.
pub type Likeness = [u8; 32];

/// Frames of one ring, and their bytes together, at most.
const FRAMES: usize = 256;
const BYTES: usize = 1 << 20;

/// The groups of one process.
#[derive(Default)]
pub struct Groups(Mutex<HashMap<Likeness, Weak<Group>>>);

pub struct Group {
    likeness: Likeness,
    ring: Mutex<Ring>,
    /// Frames ever made; its receivers are the members.
    made: watch::Sender<u64>,
    pub position: Arc<Position>,
}

#[derive(Default)]
struct Ring {
    frames: VecDeque<(Option<i64>, Frame)>,
    /// The number of the first frame, counted from the group's beginning.
    first: u64,
    /// The stream's number before the first frame.
    before: Option<i64>,
    bytes: usize,
}

/// What all members are told.
#[derive(Clone)]
enum Frame {
    Next(Bytes),
    Error(Bytes),
    Complete,
}

/// One reader of a group.
pub struct Member {
    group: Arc<Group>,
    at: u64,
    made: WatchStream<u64>,
}

/// How an operation comes by its events.
pub enum Joined {
    /// Somebody executes already.
    Member(Member),
    /// Nobody does yet: run this group beside being its member.
    First(Member, Arc<Group>),
    /// The group is elsewhere in the stream.
    Alone,
}

impl Groups {
    /// Joins the group of this likeness after `after`, or from now on without it.
    pub fn join(&self, likeness: Likeness, after: Option<i64>) -> Joined {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = groups.get(&likeness).and_then(Weak::upgrade) {
            return match group.place(after) {
                Some(at) => Joined::Member(Member::new(group, at)),
                None => Joined::Alone,
            };
        }
        let group = Arc::new(Group { likeness, ring: Mutex::default(), made: watch::Sender::new(0), position: Arc::default() });
        groups.insert(likeness, Arc::downgrade(&group));
        Joined::First(Member::new(group.clone(), 0), group)
    }

    /// Ends a group that nobody reads any more; false: somebody joined meanwhile.
    fn leave(&self, group: &Arc<Group>) -> bool {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if group.made.receiver_count() > 0 {
            return false;
        }
        forget(&mut groups, group);
        true
    }

    /// Closes a group that has come to its end to new readers, and tells those it has.
    fn close(&self, group: &Arc<Group>, end: Frame) {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        forget(&mut groups, group);
        group.push(end);
    }

    /// Runs a group: takes what its one execution says and puts it into the ring, until all have left or it ends.
    pub async fn run(&self, group: Arc<Group>, mut execution: impl FnMut(&mut Context<'_>) -> Poll<Output>) {
        loop {
            tokio::select! {
                output = poll_fn(&mut execution) => {
                    let end = match output {
                        Output::Next(bytes) => {
                            group.push(Frame::Next(bytes));
                            continue;
                        }
                        Output::Last(bytes) | Output::Error(bytes) => Frame::Error(bytes),
                        Output::Complete => Frame::Complete,
                    };
                    return self.close(&group, end);
                }
                () = group.made.closed() => {
                    if self.leave(&group) {
                        return;
                    }
                }
            }
        }
    }
}

fn forget(groups: &mut HashMap<Likeness, Weak<Group>>, group: &Arc<Group>) {
    if groups.get(&group.likeness).is_some_and(|known| std::ptr::eq(known.as_ptr(), Arc::as_ptr(group))) {
        groups.remove(&group.likeness);
    }
}

impl Group {
    /// The first frame a reader at this number has not had.
    fn place(&self, after: Option<i64>) -> Option<u64> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let end = ring.first + ring.frames.len() as u64;
        let Some(after) = after else { return Some(end) };
        if ring.before.or(self.position.start()) == Some(after) {
            return Some(ring.first);
        }
        let at = ring.frames.iter().position(|(number, _)| *number == Some(after))?;
        Some(ring.first + at as u64 + 1)
    }

    fn push(&self, frame: Frame) {
        let number = self.position.now();
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        if ring.before.is_none() {
            ring.before = self.position.start();
        }
        ring.bytes += frame.len();
        ring.frames.push_back((number, frame));
        while ring.frames.len() > FRAMES || (ring.bytes > BYTES && ring.frames.len() > 1) {
            if let Some((number, frame)) = ring.frames.pop_front() {
                ring.bytes -= frame.len();
                ring.before = number;
                ring.first += 1;
            }
        }
        let made = ring.first + ring.frames.len() as u64;
        drop(ring);
        self.made.send_replace(made);
    }

    /// The frame of this number: not made yet, or gone already.
    fn frame(&self, at: u64) -> Result<Option<Frame>, Gone> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let place = at.checked_sub(ring.first).ok_or(Gone)?;
        Ok(usize::try_from(place).ok().and_then(|place| ring.frames.get(place)).map(|(_, frame)| frame.clone()))
    }
}

/// The reader is so slow that the ring has gone on without it.
#[derive(Debug)]
pub struct Gone;

impl Frame {
    fn len(&self) -> usize {
        match self {
            Self::Next(bytes) | Self::Error(bytes) => bytes.len(),
            Self::Complete => 0,
        }
    }
}

impl Member {
    fn new(group: Arc<Group>, at: u64) -> Self {
        let made = WatchStream::from_changes(group.made.subscribe());
        Self { group, at, made }
    }

    /// The next thing to say.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Output, Gone>> {
        loop {
            match self.group.frame(self.at) {
                Err(gone) => return Poll::Ready(Err(gone)),
                Ok(Some(frame)) => {
                    self.at += 1;
                    return Poll::Ready(Ok(match frame {
                        Frame::Next(bytes) => Output::Next(bytes),
                        Frame::Error(bytes) => Output::Error(bytes),
                        Frame::Complete => Output::Complete,
                    }));
                }
                Ok(None) => {}
            }
            match self.made.poll_next_unpin(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(_)) => {}
                Poll::Ready(None) => return Poll::Ready(Ok(Output::Complete)),
            }
        }
    }
}

/// One likeness of several parts, none of which can run into the next.
pub fn likeness<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Likeness {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn group() -> (Groups, Member, Arc<Group>) {
        let groups = Groups::default();
        match groups.join([0; 32], None) {
            Joined::First(member, group) => (groups, member, group),
            _ => panic!("the first to come is the first"),
        }
    }

    fn push(group: &Group, numbers: impl IntoIterator<Item = i64>) {
        for number in numbers {
            group.position.comes_to(number);
            group.push(Frame::Next(number.to_string().into()));
        }
    }

    fn heard(member: &mut Member) -> Option<Result<String, Gone>> {
        let output = poll_fn(|context| member.poll(context)).now_or_never()?;
        Some(output.map(|output| match output {
            Output::Next(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            _ => "an end".to_owned(),
        }))
    }

    #[test]
    fn a_reader_the_ring_has_left_behind_is_told() {
        let (groups, mut member, group) = group();
        group.position.starts_after(0);
        push(&group, 1..=FRAMES as i64);
        assert!(matches!(groups.join([0; 32], Some(0)), Joined::Member(_)), "all is still there");
        push(&group, [FRAMES as i64 + 1]);
        assert!(matches!(heard(&mut member), Some(Err(Gone))));
        assert!(matches!(groups.join([0; 32], Some(0)), Joined::Alone), "the first frame is gone");
        let Joined::Member(mut member) = groups.join([0; 32], Some(1)) else { panic!("the second is there") };
        assert_eq!(heard(&mut member).map(Result::unwrap).as_deref(), Some("2"));
    }

    #[test]
    fn big_frames_make_the_ring_shorter() {
        let (_groups, _member, group) = group();
        for _ in 0..8 {
            group.push(Frame::Next(vec![b'x'; BYTES / 4].into()));
        }
        assert_eq!(group.ring.lock().unwrap().frames.len(), 4);
    }

    #[test]
    fn an_end_is_told_to_all_and_begins_anew() {
        let (groups, mut member, group) = group();
        groups.close(&group, Frame::Complete);
        assert_eq!(heard(&mut member).map(Result::unwrap).as_deref(), Some("an end"));
        assert!(matches!(groups.join([0; 32], None), Joined::First(..)));
    }
}
