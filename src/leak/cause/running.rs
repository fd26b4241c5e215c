//! A goroutine that ran, could run, or passed by a logger, when it was looked at. One look is not a state: the source says whether its loop
//! waits for something between two rounds.

use super::kind::{self, Kind};
use super::loops::{enclosing_loop, exit_inside};
use super::place::Place;
use super::select::leaves;
use super::{Subject, said};
use crate::go_source::calls::{is_called_from, qualified};
use crate::go_source::flow::arguments_of;
use crate::go_source::operation::{cases, has_default};
use crate::go_source::types::{Type, type_of};
use crate::go_source::{At, Case};
use crate::goroutine::{Frame, FuncName, Goroutine, State, WaitReason, name};
use crate::leak::{Cause, CauseCode};

/// The goroutine as its loop waits between two rounds; `None` if it waits now, or if no loop of it does.
pub fn settled(subject: &Subject<'_>) -> Option<Goroutine> {
    let goroutine = subject.goroutine;
    let sleeps = goroutine
        .frames
        .iter()
        .any(|frame| frame.func.as_str() == "time.Sleep");
    let works = goroutine.state.wait_reason() == WaitReason::Running || writes_log(goroutine);
    if !works || sleeps {
        return None;
    }
    let frames = &goroutine.frames;
    let own = (0..frames.len())
        .rev()
        .filter(|index| subject.code.is_own(&frames[*index]));
    own.into_iter().find_map(|index| {
        let place = Place::at(subject, index)?;
        let (reason, line) = waiting_loop(&place)?;
        Some(as_waiting(goroutine, index, reason, line))
    })
}

/// Whether it only passes by a logger: it writes a line, or waits until another one has written.
fn writes_log(goroutine: &Goroutine) -> bool {
    const LOGGERS: &[&str] = &[
        "log",
        "log/slog",
        "log/slog/internal",
        "go.uber.org/zap",
        "go.uber.org/zap/zapcore",
        "github.com/sirupsen/logrus",
        "github.com/rs/zerolog",
        "k8s.io/klog/v2",
        "github.com/golang/glog",
        "github.com/go-kit/log",
        "github.com/hashicorp/go-hclog",
        "testing",
    ];
    let passes = matches!(
        goroutine.state.wait_reason(),
        WaitReason::Syscall
            | WaitReason::IoWait
            | WaitReason::Mutex
            | WaitReason::RwMutex
            | WaitReason::Semacquire
    );
    let entry = goroutine.frames.len().saturating_sub(1);
    let inner = goroutine.frames.iter().take(entry);
    passes
        && inner
            .into_iter()
            .any(|frame| LOGGERS.contains(&&*name::import_path(frame.func.as_str())))
}

fn as_waiting(goroutine: &Goroutine, index: usize, reason: &str, line: u32) -> Goroutine {
    let mut settled = goroutine.clone();
    settled.frames.drain(..index);
    if let Some(at) = settled.frames.first_mut().and_then(|frame| frame.at.as_mut()) {
        at.line = line;
    }
    if reason == "sleep" {
        settled.frames.insert(
            0,
            Frame {
                func: FuncName("time.Sleep".into()),
                args: None,
                at: None,
            },
        );
    }
    settled.elided = None;
    settled.state = State {
        reason: reason.to_owned(),
        ..State::default()
    };
    settled
}

/// The wait of the loop around a line: the reason that the goroutine would have there, and its line.
fn waiting_loop(place: &Place<'_>) -> Option<(&'static str, u32)> {
    let func = place.file.func_at(place.line)?;
    let on_line = |node: &At<'_>| node.line() <= place.line && place.line <= node.last_line();
    let loops = func.find(&["for_statement"]).into_iter();
    loops
        .filter(on_line)
        .filter(|node| node.func() == Some(func))
        .find_map(|around| wait_in(place, &around, func))
}

/// The loop that never waits, because a channel is closed and the case that receives from it does not leave the loop.
pub(super) fn spins(subject: &Subject<'_>) -> Option<Cause> {
    let frames = &subject.goroutine.frames;
    let own = (0..frames.len()).rev();
    own.filter(|index| subject.code.is_own(&frames[*index]))
        .find_map(|index| {
            let place = Place::at(subject, index)?;
            let func = place.file.func_at(place.line)?;
            let selects = func.find(&["select_statement"]).into_iter();
            let mut looped = selects.filter(|select| select.func() == Some(func) && enclosing_loop(select).is_some());
            let (case, close) = looped.find_map(|select| always_ready(&place, &select))?;
            let channel = case.channel.text();
            let mut cause = said(
                CauseCode::BusyLoop,
                format!(
                    "nothing: `<-{channel}` is always ready since `{}` ({}), and its case does not leave the loop",
                    close.text(),
                    place.told(close)
                ),
            );
            let at = place.told(case.whole);
            // What a case takes a value from is to go on while there are values.
            let takes = case.whole.field("communication").and_then(|one| one.field("left"));
            cause.fix = match takes {
                Some(_) => format!(
                    "ask in the case `<-{channel}` ({at}) whether the channel is closed, and return then: `v, ok := <-{channel}`"
                ),
                None => format!("return in the case `<-{channel}` ({at}): a `break` there leaves only the select"),
            };
            Some(cause)
        })
}

/// A case of a select that receives from a channel which the test has closed, and goes on: the loop around never waits again.
fn always_ready<'a>(place: &Place<'a>, select: &At<'a>) -> Option<(Case<'a>, At<'a>)> {
    let test = place.calls.test?;
    let goes_on = |case: &Case<'a>| !case.sends && !leaves(&case.whole) && exit_inside(&case.whole).is_none();
    cases(select).into_iter().filter(goes_on).find_map(|case| {
        let channel = place.variable(case.channel)?;
        let closes = arguments_of(place.files, &channel, "close").into_iter();
        let mut closed = closes.filter(|close| {
            close
                .top_func()
                .is_some_and(|func| is_called_from(place.files, func, test))
        });
        Some((case, closed.next()?))
    })
}

/// Whether the type of an expression is that of a channel.
fn is_channel<'a>(place: &Place<'a>, expr: At<'a>) -> bool {
    let kind = type_of(place.files, expr);
    matches!(kind, Some(Type::Written(kind)) if kind.bare().kind() == "channel_type")
}

/// The first statement of a loop that waits: how, and on which line.
fn wait_in<'a>(place: &Place<'a>, around: &At<'a>, func: At<'a>) -> Option<(&'static str, u32)> {
    let kinds = [
        "select_statement",
        "range_clause",
        "unary_expression",
        "send_statement",
        "call_expression",
    ];
    let own = |node: &At<'a>| node.func() == Some(func);
    let in_select = |node: &At<'a>| {
        let case = node
            .ancestors()
            .find(|outer| outer.kind() == "communication_case");
        case.is_some_and(|case| {
            case.field("communication")
                .is_some_and(|part| part.contains(node))
        })
    };
    around.find(&kinds).into_iter().filter(own).find_map(|node| {
        let line = node.line();
        match node.kind() {
            "select_statement" => {
                (!has_default(&node) && always_ready(place, &node).is_none()).then_some(("select", line))
            }
            "range_clause" => {
                let direct = enclosing_loop(&node)? == *around;
                let channel = node.field("right")?;
                let waits = is_channel(place, channel) || matches!(kind::of(place, channel), Kind::Ticker(_));
                (direct && waits).then_some(("chan receive", line))
            }
            "unary_expression" if node.has_token("<-") && !in_select(&node) => Some(("chan receive", line)),
            "send_statement" if !in_select(&node) => Some(("chan send", line)),
            "call_expression" if qualified(&node) == Some(("time", "Sleep")) => Some(("sleep", line)),
            _ => None,
        }
    })
}
