//! Callbacks of timers have neither label nor creator: `time.AfterFunc` runs them long after it was called.

use super::by::{By, CodePlace};
use super::reach::Reaches;
use super::spans::{Stretch, innermost, running};
use super::tie::Tie;
use super::worker::declared;
use crate::evidence::{Sighting, TestSpan};
use crate::goroutine::FuncName;
use crate::goroutine::owner::owner_index;
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

/// Any test that had begun may have set the timer, unless the source of only one leads to the callback.
pub fn tie<'a>(all: &[&'a TestSpan], code: &Code<'a>, reaches: &Reaches<'a>, sighting: &Sighting) -> Tie {
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
    // Subtests step back behind their parents, which may have set it for them.
    let mut roots: Vec<&TestSpan> = begun
        .iter()
        .copied()
        .filter(|span| !span.name.contains('/'))
        .collect();
    roots.sort_by(|a, b| (&a.name, b.start).cmp(&(&b.name, a.start)));
    roots.dedup_by(|a, b| a.name == b.name);
    if let Some((leading, func)) = leading(code, reaches, &roots, sighting) {
        if let [span] = leading[..] {
            let by = By::Code {
                func,
                place: CodePlace::Named,
                beside: Some(Box::new(by)),
            };
            return Tie::new(&[span], by);
        }
        roots = leading;
    }
    match roots.len() {
        1 if begun.len() == 1 => Tie::new(&begun, by),
        n if n <= MOST_CANDIDATES => Tie::new(&roots, by),
        _ => Tie::new(&[], by),
    }
}

/// The tests whose code leads to the function in which the callback begins, by calls or by name (`time.AfterFunc(d, park)`),
/// if some do, and what runs before the tests does not.
fn leading<'a>(
    code: &Code<'a>,
    reaches: &Reaches<'a>,
    roots: &[&'a TestSpan],
    sighting: &Sighting,
) -> Option<(Vec<&'a TestSpan>, FuncName)> {
    let frames = &sighting.goroutine.frames;
    let entry = &frames[owner_index(frames)?];
    let func = declared(code, entry)?;
    if reaches.before_tests(code).may_lead_to(&func) {
        return None;
    }
    let mut leading = roots.to_vec();
    leading.retain(|span| reaches.of(code, &span.name).may_lead_to(&func));
    (!leading.is_empty()).then(|| (leading, entry.func.clone()))
}
