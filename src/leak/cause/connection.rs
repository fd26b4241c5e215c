//! A read of a connection of the network: who has made that, and whether anything closes it or sets a deadline.

use super::Subject;
use super::exits::behind_check;
use super::far_end::expressions;
use super::place::Place;
use super::wording::{called, cleanup, test_handle};
use crate::go_source::calls::qualified;
use crate::go_source::{At, Var, flow};

/// What a read waits for, and what to do.
pub(super) struct Unclosed {
    pub waits_for: String,
    pub fix: String,
}

/// The connection that a goroutine's own code reads from, where the source shows which call makes it.
pub(super) fn of(subject: &Subject<'_>) -> Option<Unclosed> {
    let index = subject.code.innermost_own(&subject.goroutine.frames)?;
    let place = Place::at(subject, index)?;
    let read = expressions(place.file, place.line, false).into_iter();
    let (made, name, names) = read.filter_map(|expr| made(&place, expr)).next()?;
    let of_all = |methods: &[&str]| -> Vec<At<'_>> {
        let uses = names
            .iter()
            .flat_map(|name| flow::methods(place.files, name, methods));
        uses.map(|used| used.selector).collect()
    };
    if let Some(deadline) = of_all(&["SetDeadline", "SetReadDeadline"]).first() {
        return Some(Unclosed {
            waits_for: format!(
                "data from the network, up to a deadline (`{}`, {})",
                deadline.text(),
                place.told(*deadline)
            ),
            fix: "close the connection when the test is done with it, or set an earlier deadline".into(),
        });
    }
    let is_kept = names.iter().any(|name| !matches!(name, Var::Local(_)));
    let leaves = names.iter().any(|name| flow::is_given_away(place.files, name));
    if is_kept || leaves || !of_all(&["Close"]).is_empty() {
        return None;
    }
    let (by, at) = (called(made), place.told(made));
    let close = test_handle(made).and_then(|_| {
        let direct = format!("{name}.Close()");
        cleanup(made, &format!("func() {{ {direct} }}"), &direct)
    });
    Some(Unclosed {
        waits_for: format!(
            "data from the network, and nothing closes `{name}`, which `{by}` has made ({at})"
        ),
        fix: match close {
            Some(close) => format!("{close} right after {}", behind_check(made, |at| place.told(at))),
            None => format!("close `{name}` ({at}) when this read is to end"),
        },
    })
}

/// The call that makes a connection, the name that it has there, and all names of it.
fn made<'a>(place: &Place<'a>, expr: At<'a>) -> Option<(At<'a>, &'a str, Vec<Var<'a>>)> {
    let values = place.values(expr);
    let [value] = &values[..] else { return None };
    let call = value.expr;
    let makes = |name: &str| {
        ["Listen", "Dial", "File"]
            .iter()
            .any(|begin| name.starts_with(begin))
    };
    let is_one = matches!(qualified(&call), Some(("net" | "crypto/tls", name)) if makes(name));
    let var = flow::beside(place.files, call, 0).filter(|var| is_one && matches!(var, Var::Local(_)))?;
    Some((call, var.name(), flow::names(place.files, var.clone())))
}
