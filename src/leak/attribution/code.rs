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

/// The one test whose closure the stack shows; if the stack shows none, the one that ran the `go` statement. `is_test` says
/// whether a function of that name is a test that could have been meant. None where closures of two tests are on the
/// stack: one called the other, and either may be to blame.
pub fn closure<'a>(
    goroutine: &'a Goroutine,
    code: &Code<'_>,
    is_test: impl Fn(&str, CodePlace) -> bool,
) -> Option<Closure<'a>> {
    let entry = owner_index(&goroutine.frames);
    let of = |func: &'a FuncName, place| {
        let test = encloses(func.as_str()).filter(|_| code.is_under_test(func.as_str()))?;
        is_test(test, place).then_some(Closure { test, func, place })
    };
    let frames = goroutine.frames.iter().enumerate().filter_map(|(index, frame)| {
        let place = match Some(index) == entry {
            true => CodePlace::Entry,
            false => CodePlace::Stack,
        };
        of(&frame.func, place)
    });
    let mut on_stack: Vec<Closure<'_>> = frames.collect();
    on_stack.reverse();
    if let Some(first) = on_stack.first().copied() {
        return on_stack.iter().all(|one| one.test == first.test).then_some(first);
    }
    let created = goroutine.created.as_ref()?;
    of(&created.func, CodePlace::Creator)
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
