//! Callbacks of timers have neither label nor creator: `time.AfterFunc` runs them long after it was called.

use super::by::{By, CodePlace};
use super::spans::{Stretch, innermost, running};
use super::tie::Tie;
use crate::evidence::{Sighting, TestSpan};
use crate::goroutine::owner::owner_index;
use crate::goroutine::{FuncName, name};
use crate::leak::module::Code;
use crate::leak::test_name::TestName;

/// As many candidates are named; where there are more, none is.
const MOST_CANDIDATES: usize = 10;
/// Of the tests that ran when the callback was first seen.
const MOST_RUNNING: usize = 5;

/// Whether the runtime started the goroutine for a timer.
pub fn is_callback(sighting: &Sighting) -> bool {
    sighting.parent.is_none()
        && sighting
            .goroutine
            .created
            .as_ref()
            .is_some_and(|created| created.func.as_str() == "time.goFunc")
}

/// Any test that had begun may have set the timer, unless the source of one names the callback.
pub fn tie<'a>(
    all: &[&'a TestSpan],
    code: &Code<'_>,
    last_run: &dyn Fn(&str) -> Option<&'a TestSpan>,
    sighting: &Sighting,
) -> Tie {
    let birth = Stretch::of_birth(sighting);
    let begun: Vec<&TestSpan> = all
        .iter()
        .copied()
        .filter(|span| span.start <= sighting.first_seen)
        .collect();
    let ran = innermost(&running(all, birth), birth);
    let (from_ms, to_ms) = birth.millis();
    let mut names: Vec<TestName> = ran.iter().map(|span| TestName(span.name.clone())).collect();
    names.sort();
    names.dedup();
    names.truncate(MOST_RUNNING);
    let by = By::Timer {
        from_ms,
        to_ms,
        ran: names,
        begun: begun.len() as u64,
    };
    if let Some((span, func)) = named(code, last_run, sighting) {
        let by = By::Code {
            func,
            place: CodePlace::Named,
            beside: Some(Box::new(by)),
        };
        return Tie::new(&[span], by);
    }
    // Subtests step back behind their parents, which may have set it for them.
    let mut roots: Vec<&TestSpan> = begun
        .iter()
        .copied()
        .filter(|span| !span.name.contains('/'))
        .collect();
    roots.sort_by(|a, b| (&a.name, b.start).cmp(&(&b.name, a.start)));
    roots.dedup_by(|a, b| a.name == b.name);
    match roots.len() {
        1 if begun.len() == 1 => Tie::new(&begun, by),
        n if n <= MOST_CANDIDATES => Tie::new(&roots, by),
        _ => Tie::new(&[], by),
    }
}

/// The only one of the tests whose function names the function in which the callback begins, in the same file:
/// `time.AfterFunc(d, park)`.
fn named<'a>(
    code: &Code<'_>,
    last_run: &dyn Fn(&str) -> Option<&'a TestSpan>,
    sighting: &Sighting,
) -> Option<(&'a TestSpan, FuncName)> {
    let frames = &sighting.goroutine.frames;
    let entry = &frames[owner_index(frames)?];
    let func = entry.func.as_str();
    if !code.is_under_test(func) {
        return None;
    }
    let called = func.get(name::package(func).len() + 1..)?.rsplit('.').next()?;
    let text = code.read(&entry.at.as_ref()?.file)?;
    let mut naming: Vec<&str> = uses(&text, called)
        .filter_map(|at| function_around(&text, at))
        .collect();
    naming.sort_unstable();
    naming.dedup();
    let mut found = naming.into_iter().filter_map(last_run);
    let only = found.next().filter(|_| found.next().is_none())?;
    Some((only, entry.func.clone()))
}

/// Where a name is used as a word of its own, outside of comments as far as lines tell.
fn uses<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        !text[line..at].contains("//")
            && !text[..at].ends_with(is_part)
            && !text[at + word.len()..].starts_with(is_part)
    })
}

/// The function whose body holds a place, in a file that gofmt has seen.
fn function_around(text: &str, at: usize) -> Option<&str> {
    let start = text[..at].rfind("\nfunc ")? + "\nfunc ".len();
    let rest = &text[start..];
    let (name, _) = rest.split_once('(')?;
    let body = rest.find('{')? + start;
    let over = rest.find("\n}").map_or(text.len(), |end| end + start);
    let one_line = rest.lines().next().is_some_and(|line| line.ends_with('}'));
    let over = if one_line {
        start + rest.lines().next()?.len()
    } else {
        over
    };
    (body < at && at < over).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_the_function_that_uses_it() {
        let text = "package p\nfunc park() { <-hold }\nfunc TestA(t *T) {\n\t// park is not called\n}\n\
            func TestB(t *T) {\n\ttime.AfterFunc(5, park)\n}\nfunc TestC(t *T) { parking() }\nvar x = park\n";
        let found: Vec<_> = uses(text, "park").map(|at| function_around(text, at)).collect();
        assert_eq!(found, [None, Some("TestB"), None]);
    }
}
