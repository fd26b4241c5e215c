//! What is set in a copy: a field that a method with a value receiver sets, or a loop in what `range` hands it, is lost.

use super::Subject;
use super::awaited::{operation, receives};
use super::context::resolved;
use super::copy::{Copied, copied, is_handed_on};
use super::kind::{self, Kind};
use super::place::Place;
use crate::go_source::calls::qualified;
use crate::go_source::{At, flow};
use crate::leak::Cause;

/// A field that ends a wait and is set in a copy alone.
struct Lost<'a> {
    place: Place<'a>,
    /// `l.cancel`, where it is set.
    field: At<'a>,
    copy: Copied<'a>,
}

/// Says that what ends the wait is set in a copy.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    let Some(lost) = Lost::of(subject) else { return };
    cause.notes.push(lost.copy.loses(lost.field, &lost.place));
    cause.fix = lost.fix();
}

/// What to do where what ends the wait is set in a copy.
pub(super) fn fix(subject: &Subject<'_>) -> Option<String> {
    Lost::of(subject).map(|lost| lost.fix())
}

impl<'a> Lost<'a> {
    /// Each way out of the wait that does not come by itself is one.
    fn of(subject: &Subject<'a>) -> Option<Self> {
        let (place, operation) = operation(subject)?;
        let mut found = None;
        for channel in receives(&operation) {
            let set = match kind::of(&place, channel) {
                Kind::Ticker(_) | Kind::Timer(_) => continue,
                Kind::Context(context) => cancel_of(&place, context),
                Kind::Made(made) => flow::given(made.at, 0),
                Kind::Signal | Kind::Unknown => None,
            };
            found = Some(set?);
        }
        let field = found?;
        let copy = copied(place.files, field)?;
        (!is_handed_on(&copy)).then_some(Self { place, field, copy })
    }

    fn fix(&self) -> String {
        let fix = self.copy.fix_at(&self.place);
        match self.copy.over {
            Some(_) => fix,
            None => format!(
                "{fix}: what it sets in `{}` is lost when it returns, `{}` too",
                self.copy.name.text(),
                self.field.text()
            ),
        }
    }
}

/// Where the cancel function of a context is set.
fn cancel_of<'a>(place: &Place<'a>, context: At<'a>) -> Option<At<'a>> {
    let values = resolved(place, context);
    let calls = values.iter().map(|value| value.expr);
    let mut made = calls.filter(|call| {
        let by = qualified(call);
        by.is_some_and(|(package, name)| package == "context" && name.starts_with("WithCancel"))
    });
    let (one, none) = (made.next()?, made.next());
    none.is_none().then(|| flow::given(one, 1))?
}
