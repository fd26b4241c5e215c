//! What may have changed hands unseen: a connection of a pool, or a worker of the whole package, that is in use when tests
//! end, while nothing was looked at between its starter's end and that of later tests.
//!
//! Then the label alone is no evidence, and the source has to say which of the tests left it in use.

use super::by::By;
use super::pools;
use super::reach::{Reach, Reaches, function};
use super::responses::{self, Responses};
use super::scene::Scene;
use super::spans::{Stretch, is_below, ran_in};
use super::tie::Tie;
use super::worker::Worker;
use crate::evidence::{Sighting, TestSpan};
use crate::goroutine::{Goroutine, WaitReason};
use crate::leak::Code;
use crate::leak::attribution::by::Reused;
use crate::leak::test_name::TestName;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// As many tests are named; where it may be one of more, none is.
const MOST_CANDIDATES: usize = 10;

/// What may be used by one test after the other, each stack looked at once.
pub struct Uses<'s, 'a> {
    code: &'s Code<'a>,
    reaches: &'s Reaches<'a>,
    all: &'s [&'a TestSpan],
    /// Tests that opened connections of their own.
    dialled: FxHashSet<&'a str>,
    known: FxHashMap<*const Goroutine, Option<Rc<Use<'a>>>>,
    blames: RefCell<FxHashMap<(*const Use<'a>, &'a str), Responses>>,
    /// Whether the test has pools of its own.
    pools: RefCell<FxHashMap<&'a str, bool>>,
}

impl<'s, 'a> Uses<'s, 'a> {
    /// None is known yet.
    pub fn new(scene: &Scene<'s, 'a>) -> Self {
        let connections = scene
            .evidence
            .sightings
            .iter()
            .filter(|one| is_read_loop(&one.goroutine));
        let labels = connections
            .filter_map(|one| (scene.label)(one.id))
            .collect::<FxHashSet<_>>();
        let dialled = scene.all.iter().filter(|span| labels.contains(&span.seq));
        Self {
            code: scene.code,
            reaches: scene.reaches,
            all: scene.all,
            dialled: dialled.map(|span| span.name.as_str()).collect(),
            known: FxHashMap::default(),
            blames: RefCell::default(),
            pools: RefCell::default(),
        }
    }

    /// What a goroutine is, if tests may share it.
    pub fn of(&mut self, goroutine: &Arc<Goroutine>) -> Option<Rc<Use<'a>>> {
        let known = self.known.entry(Arc::as_ptr(goroutine));
        known
            .or_insert_with(|| Use::of(self.code, goroutine).map(Rc::new))
            .clone()
    }

    /// Of the tests that ran when it was put to use those that may have left it so, by their source.
    pub fn narrow(&self, use_: &Use<'a>, mut ran: Vec<&'a TestSpan>) -> Vec<&'a TestSpan> {
        let may = |span: &&'a TestSpan| self.may_have_left(use_, span);
        if ran.iter().copied().any(|span| may(&span)) {
            ran.retain(|span| may(span));
        }
        ran
    }

    /// Whether it may have left open what another test had started.
    fn may_have_left(&self, use_: &Use<'a>, span: &'a TestSpan) -> bool {
        self.blame(use_, span) != Responses::InOrder && !self.is_apart(use_, span)
    }

    /// Whether no other test can use its connections, nor it theirs.
    fn is_apart(&self, use_: &Use<'a>, span: &'a TestSpan) -> bool {
        if use_.kind() != Reused::Connection {
            return false;
        }
        let test = span.name.as_str();
        let known = self.pools.borrow().get(test).copied();
        known.unwrap_or_else(|| {
            let own = pools::are_own(self.code.sources, self.reaches.of(self.code, test));
            self.pools.borrow_mut().insert(test, own);
            own
        })
    }

    fn blame(&self, use_: &Use<'a>, span: &'a TestSpan) -> Responses {
        let test = span.name.as_str();
        let known = self
            .blames
            .borrow()
            .get(&(std::ptr::from_ref(use_), test))
            .copied();
        known.unwrap_or_else(|| {
            let blame = use_.blame(self.code, self.reaches.of(self.code, test));
            self.blames
                .borrow_mut()
                .insert((std::ptr::from_ref(use_), test), blame);
            blame
        })
    }

    /// The tie that takes the place of `birth`; `None` where it was in use when its starter had ended, at `over`, or where
    /// only that can have left it so.
    pub fn tie(&self, use_: &Use<'a>, sighting: &Sighting, birth: &Tie, over: u64) -> Option<Tie> {
        let [started] = &birth.tests[..] else { return None };
        if !matches!(birth.by, By::Label { .. } | By::Lineage { .. }) {
            return None;
        }
        let since = sighting.moved.as_ref();
        let since = since.map_or(sighting.first_seen, |moved| moved.first_seen);
        let own = self.all.iter().copied().find(|span| span.name == started.0)?;
        if self.reaches.of(self.code, &own.name).found.is_empty() {
            return None; // its source is not at hand
        }
        let stretch = Stretch {
            after: own.start,
            by: since,
        };
        let mut others = self.users(use_, own, stretch);
        // Subtests share the code of their parent, which says nothing of them.
        others.retain(|span| !self.share_code(own, span));
        let by = |later: usize| By::Reused {
            started: started.clone(),
            from_ms: over.min(since) / 1_000_000,
            to_ms: since / 1_000_000,
            later: later as u64,
            what: use_.kind(),
        };
        let blame = self.blame(use_, own);
        if blame == Responses::LeftOpen || self.is_apart(use_, own) {
            return None;
        }
        // A subtest's code is its parent's: the parent is named.
        let mut left: Vec<&TestSpan> = others.clone();
        left.retain(|span| self.has_own_code(span) && self.may_have_left(use_, span));
        if left.is_empty() {
            return None;
        }
        if blame == Responses::Unclear {
            left.push(own);
        }
        let tie = Tie::new(&left, by(others.len()));
        Some(if tie.tests.len() > MOST_CANDIDATES {
            Tie::new(&[], tie.by)
        } else {
            tie
        })
    }

    fn share_code(&self, a: &TestSpan, b: &TestSpan) -> bool {
        function(self.code, &a.name) == function(self.code, &b.name)
    }

    /// A test of the top level, or a method of a suite.
    fn has_own_code(&self, span: &TestSpan) -> bool {
        let root = TestName::function_of(&span.name);
        root == span.name || function(self.code, &span.name) != function(self.code, root)
    }

    /// Other tests that ran up to when it was in use. After the first that opened a connection of its own there are none: it
    /// found this one in use.
    fn users(&self, use_: &Use<'a>, own: &TestSpan, stretch: Stretch) -> Vec<&'a TestSpan> {
        let all = self.all.iter().copied();
        let other = |span: &&TestSpan| {
            span.name != own.name && !is_below(&own.name, &span.name) && !is_below(&span.name, &own.name)
        };
        let mut others: Vec<&TestSpan> = all.filter(|span| ran_in(span, stretch)).filter(other).collect();
        if use_.kind() == Reused::Connection {
            others.sort_by_key(|span| span.start);
            let later = others.iter().filter(|span| span.start >= own.start);
            let until = later.filter(|span| self.dialled.contains(span.name.as_str()));
            let until = until
                .map(|span| span.end.unwrap_or(u64::MAX))
                .min()
                .unwrap_or(u64::MAX);
            others.retain(|span| span.start < until);
        }
        others
    }
}

/// What is used by one test after the other.
pub enum Use<'a> {
    /// A connection of net/http's client, a response of which is open.
    Connection,
    /// A worker of the whole package.
    Worker(Worker<'a>),
}

impl<'a> Use<'a> {
    fn of(code: &Code<'a>, goroutine: &Goroutine) -> Option<Self> {
        if is_in_use(goroutine) {
            return Some(Self::Connection);
        }
        Worker::find(code, goroutine).map(Self::Worker)
    }

    fn blame(&self, code: &Code<'a>, reach: &Reach<'a>) -> Responses {
        match self {
            Self::Connection => responses::of(code.sources, reach),
            Self::Worker(worker) if worker.may_serve(code, reach) => Responses::Unclear,
            Self::Worker(_) => Responses::InOrder,
        }
    }

    fn kind(&self) -> Reused {
        match self {
            Self::Connection => Reused::Connection,
            Self::Worker(_) => Reused::Worker,
        }
    }
}

/// The read loop of a connection that waits for the body of a response to be closed.
fn is_in_use(goroutine: &Goroutine) -> bool {
    is_read_loop(goroutine) && goroutine.state.wait_reason() == WaitReason::Select
}

fn is_read_loop(goroutine: &Goroutine) -> bool {
    let entry = goroutine.frames.last();
    entry.is_some_and(|frame| frame.func.as_str() == "net/http.(*persistConn).readLoop")
}
