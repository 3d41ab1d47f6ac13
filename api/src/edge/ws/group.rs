//! Readers of the same stream who would get the same bytes: one of them executes, all are told.
//!
//! A *group* is the readers with the same document, operation and variables (but for `after`) whose likeness, as the
//! engine sees it, is the same: one organisation, the same rights, the same language, and the same person where the
//! answer depends on who reads. Its events are executed once, by a task of the group, and kept in a short *ring* from
//! which each reader takes what it has not had, at its own pace.
//!
//! Whoever resumes joins where its cursor stands in the ring; one the ring does not hold executes for itself. What an
//! engine tells through [`Position`] says where in the stream a frame stands.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};

use futures_util::StreamExt;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

use super::alike::Likeness;
use super::operation::Output;
use super::position::Position;
use super::ring::{Frame, Gone, Ring};

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
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first frame a reader at this number has not had.
    fn place(&self, after: Option<i64>) -> Option<u64> {
        self.ring().place(after, self.position.start())
    }

    fn frame(&self, at: u64) -> Result<Option<Frame>, Gone> {
        self.ring().frame(at)
    }

    fn push(&self, frame: Frame) {
        let number = self.position.now();
        let made = self.ring().push(frame, number, self.position.start());
        self.made.send_replace(made);
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

#[cfg(test)]
mod tests {
    use super::super::ring::FRAMES;
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
    fn an_end_is_told_to_all_and_begins_anew() {
        let (groups, mut member, group) = group();
        groups.close(&group, Frame::Complete);
        assert_eq!(heard(&mut member).map(Result::unwrap).as_deref(), Some("an end"));
        assert!(matches!(groups.join([0; 32], None), Joined::First(..)));
    }
}
