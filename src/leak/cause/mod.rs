//! Why a goroutine does not end: from its wait reason, its frames and the source line.
//!
//! An honest `unknown` beats a wrong guess.

mod another_round;
mod asked;
mod at_hand;
mod awaited;
mod barred;
mod bound;
mod bounds;
mod busy;
mod channel;
mod circle;
mod clock;
mod closed_input;
mod closer;
mod cond;
mod connection;
mod context;
mod copied;
mod copy;
mod duration;
mod ended_by;
mod ending;
mod exits;
mod fact;
mod fails;
mod far_end;
mod fix;
mod flag;
mod gate;
mod given_back;
mod given_up;
mod graph;
mod group;
mod half_closed;
mod handed_back;
mod handler;
mod held;
mod in_turn;
mod inside;
mod io;
mod kept;
mod keyed;
mod killed;
mod kind;
mod known;
mod last_send;
mod led;
mod left_alone;
mod local_owner;
mod locker;
mod locks;
mod loops;
mod lost;
mod lost_stop;
mod made;
mod names;
mod nested;
mod nil;
mod once;
mod one_send;
mod outlives;
mod overwritten;
mod own_lock;
mod owned;
mod partly;
mod peers;
mod per_call;
mod pipe;
mod place;
mod places;
mod process;
mod pulled;
mod reason;
mod receiver;
mod running;
mod select;
mod sibling;
mod signal;
mod skipped;
mod sleep;
mod sole;
mod spin;
mod stack;
mod starts;
mod thing;
mod ticket;
mod timer;
mod too_late;
mod twice;
mod uncalled;
mod unclosed;
mod unended;
mod uneven;
mod unreached;
mod unsent;
mod unshared;
mod vain;
mod waits;
mod wording;

use super::module::Code;
use super::registry;
use super::{Cause, CauseCode, Evidenced, LedTo, TestName};
use crate::go_source::calls::callers;
use crate::goroutine::{Depth, Fingerprint, Goroutine, GoroutineId, Location, WaitReason, fingerprint_of};
use place::Place;
use stack::Stack;
pub(super) use stack::site;

pub use led::of as led_to;
pub use peers::{Peer, Peers};
pub use running::settled;

/// One goroutine to be judged.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Its block.
    pub goroutine: &'a Goroutine,
    /// Its id.
    pub id: GoroutineId,
    /// Own code and sources.
    pub code: &'a Code<'a>,
    /// What else was alive at the time, this one among it.
    pub peers: &'a Peers<'a>,
    /// What Go says of whether it can go on.
    pub evidenced: Evidenced,
    /// Whether it was there until the end of settling.
    pub is_left: bool,
    /// The tests that it is tied to.
    pub tests: &'a [TestName],
    /// The call that led to a goroutine, once that is known.
    pub led: Option<(GoroutineId, &'a Location)>,
}

impl<'a> Subject<'a> {
    /// The same for another goroutine.
    fn beside(&self, peer: &Peer<'a>) -> Self {
        Self {
            goroutine: peer.goroutine,
            id: peer.id,
            ..*self
        }
    }
}

/// The cause of a goroutine that does not end.
pub fn judge(subject: &Subject<'_>) -> Cause {
    judge_led(subject, |_| None).0
}

/// The same, with the call that led to it, as far as that is known.
pub fn judge_led(
    subject: &Subject<'_>,
    led_to: impl FnOnce(&Cause) -> Option<LedTo>,
) -> (Cause, Option<LedTo>) {
    let mut cause = found(subject);
    let led_to_by = led_to(&cause);
    let mut subject = *subject;
    if let Some(led) = &led_to_by {
        let led = Subject {
            led: Some((subject.id, &led.at.at)),
            ..subject
        };
        if let Some(from) = found_from(&led, &cause) {
            (cause, subject) = (from, led);
        }
    }
    let uncalled = uncalled::of(&subject, &cause);
    if let Some(led) = &led_to_by
        && let Some(fix) = fix::of(&subject, &cause, led)
    {
        cause.fix = fix;
    }
    fact::tell(&mut cause, uncalled.as_deref());
    (cause, led_to_by)
}

/// The cause and what to do about it, as one that follows from a fact or not.
fn found(subject: &Subject<'_>) -> Cause {
    let mut cause = locks::explain(subject, judge_alone(subject));
    once::explain(subject, &mut cause);
    copied::explain(subject, &mut cause);
    half_closed::explain(subject, &mut cause);
    pulled::explain(subject, &mut cause);
    nested::explain(subject, &mut cause);
    lost_stop::explain(subject, &mut cause);
    per_call::explain(subject, &mut cause);
    cause.awaits = awaited::of(subject);
    cause
}

/// The same, now that the call that led to it is known: what a parameter is given may differ from call to call.
fn found_from(subject: &Subject<'_>, before: &Cause) -> Option<Cause> {
    let hangs_on_values = matches!(
        before.code,
        CauseCode::ContextNotCancelled
            | CauseCode::ReceiveNoSender
            | CauseCode::RangeNeverClosed
            | CauseCode::SelectNoCase
            | CauseCode::SendNoReceiver
            | CauseCode::SendBufferFull
    );
    let (_, led) = subject.led?;
    if !hangs_on_values || !subject.code.is_own_file(&led.file) || !is_started_by_many(subject) {
        return None;
    }
    Some(found(subject)).filter(|from| from.code == before.code)
}

/// Whether the function of its `go` statement is called at more than one place.
fn is_started_by_many(subject: &Subject<'_>) -> bool {
    let started = Place::of(subject).and_then(|place| Some((place.files, place.started?)));
    started.is_some_and(|(files, (file, line))| {
        let func = file.func_at(line).and_then(|func| func.top_func().or(Some(func)));
        func.is_some_and(|func| callers(files, func).len() > 1)
    })
}

/// The cause as far as the goroutine itself shows it.
fn judge_alone(subject: &Subject<'_>) -> Cause {
    let stack = Stack::new(subject.goroutine, subject.code);
    let found = reason::by_state(subject)
        .or_else(|| inside::by_call(subject, &stack))
        .or_else(|| known::by_library(&stack))
        .or_else(|| known::by_functions(subject, &stack))
        .or_else(|| io::by_io(subject, &stack))
        .or_else(|| channel::by_source(subject))
        .unwrap_or_else(|| reason::by_reason(subject));
    of_dependency(subject, found)
}

/// A goroutine that is all of a dependency's: the reader can change what made it, not how it waits.
fn of_dependency(subject: &Subject<'_>, mut cause: Cause) -> Cause {
    use CauseCode::{
        ClientNotClosed, ListenerNotClosed, NetworkIo, ServerNotClosed, SleepLoop, TickerLoop, TimerPending,
    };
    let waits_to_be_told = matches!(
        cause.code,
        CauseCode::ReceiveNoSender
            | CauseCode::RangeNeverClosed
            | CauseCode::SelectNoCase
            | CauseCode::ContextNotCancelled
            | CauseCode::Cond
            | CauseCode::WaitGroup
            | TickerLoop
            | SleepLoop
            | TimerPending
            | NetworkIo
            | CauseCode::FileIo
            | CauseCode::PipeIo
            | ListenerNotClosed
            | ClientNotClosed
            | ServerNotClosed
    );
    if !waits_to_be_told || made::has_own_frame(subject) {
        return cause;
    }
    let Some(made::Found {
        mut made,
        what,
        is_known,
    }) = made::of(subject)
    else {
        return cause;
    };
    let is_endless = loops::without_end(subject).is_some();
    if is_endless {
        made.ended_by = None;
    }
    match &made.ended_by {
        Some(ending) => {
            if !matches!(cause.code, ClientNotClosed | ServerNotClosed) {
                let waits_for = match cause.code {
                    NetworkIo | ListenerNotClosed => {
                        format!("the network, for {what}, on which {ending} is not called")
                    }
                    _ => format!("work for {what}, on which {ending} is not called"),
                };
                let code = match made::is_server(subject) {
                    true => ServerNotClosed,
                    false => ClientNotClosed,
                };
                cause = said(code, waits_for);
            }
            cause.fix =
                format!("call {ending} of {what} when the test is done, also on paths that return an error");
        }
        None => {
            let place = made.at.relative.as_deref().unwrap_or(&made.at.at.file);
            let line = made.at.at.line;
            cause
                .notes
                .push(format!("`{}` ({place}:{line}) has started it", made.call));
            if is_known && !matches!(cause.code, ClientNotClosed | ServerNotClosed) {
                let why = if is_endless {
                    ": its loop has no way out"
                } else {
                    ""
                };
                cause.notes.push(format!("no method of {what} ends it{why}"));
                cause.fix = format!(
                    "what `{}` starts can't be stopped: use a part of that library that can, or allow it with a reason",
                    made.call
                );
            }
        }
    }
    cause.made = Some(made);
    cause
}

/// A cause with its own words for what it waits for.
fn said(code: CauseCode, waits_for: String) -> Cause {
    Cause {
        waits_for,
        ..plain(code)
    }
}

/// What tells equal stacks apart: the two goroutines of an HTTP connection look alike for all connections.
pub fn distinction(subject: &Subject<'_>) -> Option<CauseCode> {
    let of_connection =
        |frame: &crate::goroutine::Frame| frame.func.as_str().starts_with("net/http.(*persistConn).");
    let stack = || Stack::new(subject.goroutine, subject.code);
    let last = subject.goroutine.frames.last()?;
    of_connection(last)
        .then(|| known::by_functions(subject, &stack()).map(|cause| cause.code))
        .flatten()
}

/// A cause with the registry's words.
fn plain(code: CauseCode) -> Cause {
    with(code, "", "")
}

/// A cause with words of its own; an empty text is the registry's.
fn with(code: CauseCode, waits_for: &str, fix: &str) -> Cause {
    let entry = registry::entry(code);
    let or = |own: &str, general: &str| {
        if own.is_empty() {
            general.to_owned()
        } else {
            own.to_owned()
        }
    };
    Cause {
        code,
        title: entry.title.to_owned(),
        waits_for: or(waits_for, entry.waits_for),
        fix: or(fix, entry.fix),
        notes: Vec::new(),
        waits_for_goroutines: Vec::new(),
        awaits: Vec::new(),
        made: None,
    }
}

/// Identity of a leak. It hashes what it waits on rather than the code: the code may hang on whether the
/// source could be read, which must not make another leak of it.
pub fn fingerprint(code: CauseCode, goroutine: &Goroutine) -> Fingerprint {
    let depth = if code == CauseCode::BusyLoop {
        Depth::Owner
    } else {
        Depth::Stack
    };
    fingerprint_of(family(goroutine), goroutine, depth)
}

fn family(goroutine: &Goroutine) -> &'static str {
    let calls = |name: &str| goroutine.frames.iter().any(|frame| frame.func.as_str() == name);
    match goroutine.state.wait_reason() {
        WaitReason::ChanReceive | WaitReason::NilChanReceive => "receive",
        WaitReason::ChanSend | WaitReason::NilChanSend => "send",
        WaitReason::Select | WaitReason::SelectNoCases => "select",
        WaitReason::Cond => "cond",
        WaitReason::Mutex => "mutex",
        WaitReason::RwMutex => "rwmutex",
        WaitReason::WaitGroup => "waitgroup",
        WaitReason::Semacquire if calls("sync.(*WaitGroup).Wait") => "waitgroup",
        WaitReason::Semacquire => "semaphore",
        WaitReason::Running if calls("time.Sleep") => "sleep",
        WaitReason::Sleep => "sleep",
        WaitReason::IoWait | WaitReason::Syscall => "io",
        WaitReason::Coroutine => "coroutine",
        WaitReason::Running => "running",
        WaitReason::Synctest | WaitReason::Runtime | WaitReason::Other => "other",
    }
}
