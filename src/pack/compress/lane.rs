//! A lane: what has to be done in order, by whichever thread comes along.
//!
//! Items come in any order, each with its number. Who brings the one whose turn it is works on it and on those that wait
//! behind it; who brings another one, or comes while somebody works, leaves it there. So nobody waits but for the end.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Condvar, Mutex, PoisonError};

use super::locked;

/// Items of type `T`, and the state `S` that they are worked into.
pub(super) struct Lane<S, T> {
    inner: Mutex<Inner<S, T>>,
    idle: Condvar,
}

struct Inner<S, T> {
    /// Missing while somebody works with it, and after a failure.
    state: Option<S>,
    waiting: BTreeMap<u64, T>,
    next: u64,
    closed: bool,
}

impl<S, T> Lane<S, T> {
    pub(super) fn new(state: S) -> Self {
        Self {
            inner: Mutex::new(Inner {
                state: Some(state),
                waiting: BTreeMap::new(),
                next: 0,
                closed: false,
            }),
            idle: Condvar::new(),
        }
    }

    /// Brings the item with this number, and does by `work` what can be done now.
    ///
    /// After an error or a panic of `work` the lane goes no further, and has to be closed.
    pub(super) fn put(
        &self,
        number: u64,
        item: T,
        mut work: impl FnMut(&mut S, u64, T) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut inner = locked(&self.inner);
        if inner.closed {
            return Ok(());
        }
        inner.waiting.insert(number, item);
        let Some(mut state) = inner.state.take() else {
            return Ok(());
        };
        loop {
            let next = inner.next;
            let Some(item) = inner.waiting.remove(&next) else {
                break;
            };
            inner.next += 1;
            drop(inner);
            work(&mut state, next, item)?;
            inner = locked(&self.inner);
        }
        inner.state = Some(state);
        self.idle.notify_all();
        Ok(())
    }

    /// Waits until `count` items are done and gives the state; nothing once the lane is closed.
    pub(super) fn end(&self, count: u64) -> Option<S> {
        let busy = |inner: &mut Inner<S, T>| {
            !inner.closed && (inner.next < count || inner.state.is_none())
        };
        let waited = self.idle.wait_while(locked(&self.inner), busy);
        let mut inner = waited.unwrap_or_else(PoisonError::into_inner);
        if inner.closed {
            return None;
        }
        inner.state.take()
    }

    /// Drops what waits and what comes.
    pub(super) fn close(&self) {
        let mut inner = locked(&self.inner);
        inner.closed = true;
        let waiting = std::mem::take(&mut inner.waiting);
        // Not what somebody works with now: that goes when the work is done.
        let state = inner.state.take();
        drop(inner);
        self.idle.notify_all();
        drop((waiting, state));
    }

    /// Whether it has been closed.
    pub(super) fn is_closed(&self) -> bool {
        locked(&self.inner).closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(lane: &Lane<Vec<u64>, u64>, number: u64) {
        let note = |done: &mut Vec<u64>, number, item| {
            assert_eq!(number, item);
            done.push(item);
            Ok(())
        };
        lane.put(number, number, note).unwrap();
    }

    #[test]
    fn what_comes_out_of_order_is_done_in_order() {
        let lane = Lane::new(Vec::new());
        for number in [2, 0, 1, 4, 3] {
            put(&lane, number);
        }
        assert_eq!(lane.end(5), Some(vec![0, 1, 2, 3, 4]));
    }

    #[test]
    fn a_closed_lane_keeps_nothing() {
        let lane = Lane::new(Vec::new());
        put(&lane, 1);
        lane.close();
        put(&lane, 0);
        assert!(lane.is_closed());
        assert_eq!(lane.end(2), None);
    }
}
