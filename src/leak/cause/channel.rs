//! Channel operations: what the source line adds to the wait reason.

use super::stack::site;
use super::{Subject, plain};
use crate::goroutine::{Location, WaitReason, name};
use crate::leak::source::operation::{Blocked, Case, Expr, Operation, at_line};
use crate::leak::source::origin::{Started, origin, trace};
use crate::leak::source::{GoText, Origin, text};
use crate::leak::{Cause, CauseCode};
use std::rc::Rc;

/// Where the operation stands, and what started the goroutine.
struct Place<'a> {
    text: Rc<GoText>,
    at: &'a Location,
    started: Option<(Rc<GoText>, u32)>,
}

impl Place<'_> {
    fn started(&self) -> Option<Started<'_>> {
        self.started
            .as_ref()
            .map(|(text, line)| Started { text, line: *line })
    }

    fn origin(&self, expr: &Expr) -> Origin {
        origin(&self.text, expr, self.started())
    }
}

/// The cause of a blocked channel operation, from its source line if there is one.
pub(super) fn by_source(subject: &Subject<'_>) -> Option<Cause> {
    let blocked = match subject.goroutine.state.wait_reason() {
        WaitReason::ChanReceive | WaitReason::NilChanReceive => Blocked::Receiving,
        WaitReason::ChanSend | WaitReason::NilChanSend => Blocked::Sending,
        WaitReason::Select => Blocked::Selecting,
        _ => return None,
    };
    let place = place(subject)?;
    let operation = at_line(&place.text, place.at.line, blocked)?;
    let nil = matches!(
        subject.goroutine.state.wait_reason(),
        WaitReason::NilChanReceive | WaitReason::NilChanSend
    );
    Some(match operation {
        Operation::Range(expr) | Operation::Receive(expr) | Operation::Send(expr) if nil => {
            nil_channel(&expr)
        }
        Operation::Range(expr) => received(&place, &expr, CauseCode::RangeNeverClosed),
        Operation::Receive(expr) => received(&place, &expr, CauseCode::ReceiveNoSender),
        Operation::Send(expr) => sent(&place, &expr),
        Operation::Select(_) if nil => return None,
        Operation::Select(cases) => selected(&place, &cases),
    })
}

fn place<'a>(subject: &Subject<'a>) -> Option<Place<'a>> {
    let frame = site(&subject.goroutine.frames).filter(|frame| !name::is_std(frame.func.as_str()))?;
    let at = frame.at.as_ref()?;
    let created = subject
        .goroutine
        .created
        .as_ref()
        .and_then(|created| created.at.as_ref());
    let started = created.and_then(|at| Some((subject.files.get(&at.file)?, at.line)));
    Some(Place {
        text: subject.files.get(&at.file)?,
        at,
        started,
    })
}

fn nil_channel(expr: &Expr) -> Cause {
    let mut cause = plain(CauseCode::NilChannel);
    cause.waits_for = format!(
        "`{}`, a channel that is nil: no send or receive on it ever goes on",
        expr.text
    );
    cause
}

/// A receive, or a range.
fn received(place: &Place<'_>, expr: &Expr, code: CauseCode) -> Cause {
    let name = &expr.text;
    match place.origin(expr) {
        Origin::Context(context) => context_cause(place, &context, expr),
        Origin::Ticker => said(
            CauseCode::TickerLoop,
            format!("the next tick of `{name}`, for ever: Stop does not close a ticker's channel"),
        ),
        Origin::Timer if in_loop(place, expr.at) || name.starts_with("time.After(") => said(
            CauseCode::SleepLoop,
            format!("`{name}`, which only lets time pass"),
        ),
        Origin::Signal => said(
            CauseCode::SignalHandler,
            format!("an operating-system signal on `{name}`"),
        ),
        _ if code == CauseCode::RangeNeverClosed => {
            said(code, format!("the next value of `{name}`, which nobody closes"))
        }
        _ => said(
            code,
            format!("a value from `{name}`, but nobody sends to it or closes it any more"),
        ),
    }
}

fn sent(place: &Place<'_>, expr: &Expr) -> Cause {
    let name = &expr.text;
    match place.origin(expr) {
        Origin::Buffered(size) => said(
            CauseCode::SendBufferFull,
            format!("room in `{name}`: its buffer (`{size}`) is full and nobody reads it any more"),
        ),
        Origin::Unbuffered => said(
            CauseCode::SendNoReceiver,
            format!("somebody to receive from `{name}`, an unbuffered channel whose reader has gone"),
        ),
        _ => said(
            CauseCode::SendNoReceiver,
            format!("somebody to receive from `{name}`, whose reader has gone"),
        ),
    }
}

/// A select waits for its way out: the context, the signal, the tick; else for any of its cases.
fn selected(place: &Place<'_>, cases: &[Case]) -> Cause {
    if cases.is_empty() {
        return plain(CauseCode::SelectEmpty);
    }
    let mut timed = None;
    let mut ticks = None;
    for case in cases {
        let Case::Receive(expr) = case else { continue };
        match place.origin(expr) {
            Origin::Context(context) => return context_cause(place, &context, expr),
            Origin::Signal => {
                return said(
                    CauseCode::SignalHandler,
                    format!("an operating-system signal on `{}`", expr.text),
                );
            }
            Origin::Ticker => ticks = Some(expr),
            Origin::Timer => timed = Some(expr),
            _ => {}
        }
    }
    let listed: Vec<String> = cases.iter().filter_map(case_text).collect();
    let others = listed.len() - usize::from(ticks.is_some() || timed.is_some());
    let again = ticks
        .or(timed.filter(|expr| in_loop(place, expr.at)))
        .filter(|expr| !leaves(place, expr.at));
    // With more cases it is a loop over events, of which the tick is one.
    if let Some(expr) = again.filter(|_| others <= if ticks.is_some() { 2 } else { 1 }) {
        let waits_for = match others {
            0 => format!(
                "`<-{}`, again and again, with no case that ends the loop",
                expr.text
            ),
            _ => format!(
                "a case that ends its loop ({}): only `<-{}` ever comes",
                but(&listed, expr),
                expr.text
            ),
        };
        let mut cause = said(CauseCode::TickerLoop, waits_for);
        if others > 0 {
            cause.fix = stop_it(&but(&listed, expr));
        }
        return cause;
    }
    let mut cause = said(
        CauseCode::SelectNoCase,
        match &listed[..] {
            [one] => format!("{one}, the only case of a select, which never becomes ready"),
            _ => format!("any of {}: none becomes ready any more", listed.join(", ")),
        },
    );
    if let Some(expr) = again {
        cause.waits_for = format!(
            "a case that ends its loop ({}): only `<-{}` ever comes",
            but(&listed, expr),
            expr.text
        );
    } else if let Some(expr) = timed {
        cause
            .notes
            .push(format!("it ends by itself once `<-{}` is ready", expr.text));
    }
    cause
}

fn stop_it(cases: &str) -> String {
    format!(
        "make a case ready that ends the loop ({cases}): call what closes or cancels it (Stop, Close, cancel) in t.Cleanup"
    )
}

fn but(listed: &[String], expr: &Expr) -> String {
    let without = format!("`<-{}`", expr.text);
    listed
        .iter()
        .filter(|case| **case != without)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ")
}

fn case_text(case: &Case) -> Option<String> {
    match case {
        Case::Receive(expr) => Some(format!("`<-{}`", expr.text)),
        Case::Send(expr) => Some(format!("`{} <-`", expr.text)),
        Case::Default => None,
    }
}

/// The context that is waited for, and what it was made from.
fn context_cause(place: &Place<'_>, context: &str, expr: &Expr) -> Cause {
    let mut cause = said(
        CauseCode::ContextNotCancelled,
        format!("`{context}` to be cancelled, which nobody does"),
    );
    let from = Expr {
        text: context.to_owned(),
        at: expr.at,
    };
    let steps = trace(&place.text, &from, place.started());
    let made = |value: &str| {
        let value = value.strip_prefix("context.")?;
        value.split('(').next().map(str::to_owned)
    };
    let start = std::iter::once((context, None))
        .chain(steps.iter().map(|step| (step.value.as_str(), Some(step.line))));
    for (value, line) in start {
        let line = line.map(|line| format!(" (line {line})")).unwrap_or_default();
        match made(value).as_deref() {
            Some(root @ ("Background" | "TODO" | "WithoutCancel")) => {
                cause.notes.push(format!(
                    "`{context}` comes from context.{root}(){line}: nothing can cancel it"
                ));
                cause.fix = "pass the caller's context on (t.Context(), r.Context()), or make one with WithCancel and cancel it".into();
            }
            Some(with @ ("WithCancel" | "WithCancelCause")) => {
                cause.notes.push(format!(
                    "`{context}` is made by context.{with}{line}, whose cancel function was not called"
                ));
                cause.fix = "call the cancel function on every path: `defer cancel()`".into();
            }
            Some(with @ ("WithTimeout" | "WithDeadline")) => {
                cause.notes.push(format!(
                    "`{context}` is made by context.{with}{line}: it ends by itself, but only then"
                ));
            }
            _ => continue,
        }
        break;
    }
    cause
}

/// Whether the case whose operation stands at `at` ends with the function.
fn leaves(place: &Place<'_>, at: usize) -> bool {
    let code = place.text.code();
    let mut next = at;
    while let Some(byte) = code.as_bytes().get(next) {
        match byte {
            b'{' => match place.text.block_end(next) {
                Some(close) => next = close,
                None => return false,
            },
            b'}' => return false,
            b'r' if text::is_word(code, next, "return") => return true,
            b'c' if text::is_word(code, next, "case") => return false,
            b'd' if text::is_word(code, next, "default") => return false,
            _ => {}
        }
        next += 1;
    }
    false
}

/// Whether a `for` of the same function is around.
fn in_loop(place: &Place<'_>, at: usize) -> bool {
    let Some(func) = place.text.funcs_around(at).into_iter().next() else {
        return false;
    };
    let code = place.text.code();
    text::words(code, func.body.start..at, "for").any(|start| {
        let open = code[start..].find('{').map(|open| start + open);
        open.and_then(|open| place.text.block_end(open))
            .is_some_and(|close| close >= at)
    })
}

fn said(code: CauseCode, waits_for: String) -> Cause {
    Cause {
        waits_for,
        ..plain(code)
    }
}
