//! Whose code is it? Closures of test functions on a stack, or behind its `go` statement.

use super::by::CodePlace;
use crate::goroutine::owner::owner_index;
use crate::goroutine::{FuncName, Goroutine, name};
use crate::leak::Code;

/// A closure of a test function.
#[derive(Debug, Clone, Copy)]
pub struct Closure<'a> {
    /// The test function: `TestA`.
    pub test: &'a str,
    /// The closure: `example.com/m.TestA.func1`.
    pub func: &'a FuncName,
    /// Where it is.
    pub place: CodePlace,
}

/// The closures of test functions that a goroutine shows.
#[derive(Debug, Clone)]
pub struct Closures<'a> {
    /// On its stack, outermost first.
    on_stack: Vec<Closure<'a>>,
    /// The one that ran the `go` statement.
    creator: Option<Closure<'a>>,
}

impl<'a> Closures<'a> {
    /// Reads them off a goroutine.
    pub fn of(goroutine: &'a Goroutine, code: &Code<'_>) -> Self {
        let entry = owner_index(&goroutine.frames);
        let of = |func: &'a FuncName, place| {
            let test = encloses(func.as_str()).filter(|_| code.is_under_test(func.as_str()))?;
            Some(Closure { test, func, place })
        };
        let frames = goroutine.frames.iter().enumerate().rev();
        let on_stack = frames.filter_map(|(index, frame)| {
            let place = match Some(index) == entry {
                true => CodePlace::Entry,
                false => CodePlace::Stack,
            };
            of(&frame.func, place)
        });
        let created = goroutine.created.as_ref();
        Self {
            on_stack: on_stack.collect(),
            creator: created.and_then(|created| of(&created.func, CodePlace::Creator)),
        }
    }

    /// The one test whose closure the stack shows; if the stack shows none, the one that ran the `go` statement. `is_test`
    /// says whether a function of that name is a test that could have been meant. None where closures of two tests are on
    /// the stack: one called the other, and either may be to blame.
    pub fn one(&self, is_test: impl Fn(&str, CodePlace) -> bool) -> Option<Closure<'a>> {
        let meant = |closure: &&Closure<'a>| is_test(closure.test, closure.place);
        let mut on_stack = self.on_stack.iter().filter(meant);
        match on_stack.next() {
            Some(first) => on_stack.all(|one| one.test == first.test).then_some(*first),
            None => self.creator.as_ref().filter(meant).copied(),
        }
    }
}

/// `TestA` of its closures: `TestA.func1`, `TestA.gowrap1`, and `TestA.helper.func1` where the helper was inlined.
/// `TestA` itself runs in its own goroutine, which the lineage knows, or in that of a test that called it.
fn encloses(func: &str) -> Option<&str> {
    let function = top_function(func)?;
    let rest = func.get(name::package(func).len() + 1 + function.len()..)?;
    rest.starts_with('.').then_some(function)
}

/// `TestA` of `example.com/m.TestA.func1`; methods have none.
pub fn top_function(func: &str) -> Option<&str> {
    let rest = func.get(name::package(func).len()..)?.strip_prefix('.')?;
    rest.split(['.', '[', '('])
        .next()
        .filter(|function| !function.is_empty())
}
