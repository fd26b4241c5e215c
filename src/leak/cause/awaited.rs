//! What a goroutine waits on, as the source names it, so that all that wait on one thing can be told together.

use super::Subject;
use super::busy;
use super::context;
use super::ended_by;
use super::ending::{self, Ending};
use super::held;
use super::kind::{self, Kind};
use super::led;
use super::loops::in_loop;
use super::pipe;
use super::place::{Place, blocked};
use super::select::leaves;
use super::vain;
use crate::go_source::calls::qualified;
use crate::go_source::{At, Blocked, Calls, Case, Operation, Var, at_line};
use crate::goroutine::WaitReason;
use crate::leak::{Awaited, TestName};

/// The channels, contexts, locks or groups whose close, cancel, send or release would let it go on.
pub(super) fn of(subject: &Subject<'_>) -> Vec<Awaited> {
    if let Some(process) = process(subject) {
        return vec![process];
    }
    let reason = subject.goroutine.state.wait_reason();
    let Some(blocked) = blocked(reason) else {
        return of_primitive(subject, reason).into_iter().collect();
    };
    let Some(place) = Place::of(subject) else {
        let made = led::notify_context(subject);
        let test = subject.tests.first().map(TestName::function);
        return made.map(|call| made_context(test, call)).into_iter().collect();
    };
    let place = &place;
    let mut found: Vec<Awaited> = match at_line(place.file, place.line, blocked) {
        Some(Operation::Send(channel)) => of_channel(place, channel).into_iter().collect(),
        Some(operation) => receives(&operation)
            .filter_map(|channel| received(place, channel))
            .map(|found| match operation {
                // What no code closes is missing once, whoever makes the channel.
                Operation::Range(channel) => Awaited {
                    once: found.once || ending::is_never_closed(place, channel),
                    ..found
                },
                _ => found,
            })
            .collect(),
        None => Vec::new(),
    };
    found.sort();
    found.dedup();
    found
}

/// The process whose end ends the wait: of what reads its output or writes its input, and of what os/exec starts for it.
fn process(subject: &Subject<'_>) -> Option<Awaited> {
    let command = pipe::command(subject).or_else(|| led::command(subject))?;
    let key = held::key(subject.code.sources, command, &Calls::default())?;
    Some(Awaited {
        thing: format!("process {key}"),
        once: false,
    })
}

/// The methods that let it go on: those that close the channel or cancel the context it waits on, the best first.
pub(super) fn endings(subject: &Subject<'_>) -> Vec<String> {
    let in_rounds = || busy::ending(subject).and_then(method).into_iter().collect();
    let blocked = match subject.goroutine.state.wait_reason() {
        WaitReason::ChanReceive => Blocked::Receiving,
        WaitReason::Select => Blocked::Selecting,
        WaitReason::Running | WaitReason::Sleep => return in_rounds(),
        _ => return pipe::endings(subject),
    };
    let Some(place) = Place::of(subject) else {
        return pipe::endings(subject);
    };
    match at_line(place.file, place.line, blocked) {
        // The next tick comes, and with it the next look.
        Some(Operation::Range(channel) | Operation::Receive(channel))
            if matches!(kind::of(&place, channel), Kind::Ticker(_)) =>
        {
            in_rounds()
        }
        Some(operation) => {
            let ending = |channel: At<'_>| method(ended_by::channel(&place, channel)?);
            let found: Vec<String> = receives(&operation).filter_map(ending).collect();
            let ticks = |case: &Case<'_>| matches!(kind::of(&place, case.channel), Kind::Ticker(_));
            match &operation {
                Operation::Select(cases) if found.is_empty() && cases.iter().any(ticks) => in_rounds(),
                _ => found,
            }
        }
        None => Vec::new(),
    }
}

/// What a goroutine does at a channel, and where.
pub(super) fn operation<'a>(subject: &Subject<'a>) -> Option<(Place<'a>, Operation<'a>)> {
    let place = Place::of(subject)?;
    let blocked = blocked(subject.goroutine.state.wait_reason())?;
    let operation = at_line(place.file, place.line, blocked)?;
    Some((place, operation))
}

/// What to do where a method that lets it go on is called already, and the source shows why that is in vain.
pub(super) fn called_in_vain(subject: &Subject<'_>) -> Option<String> {
    let (place, operation) = operation(subject)?;
    let vain = |channel| ended_by::channel(&place, channel)?.in_vain(&place);
    let mut shown = receives(&operation).filter_map(vain).filter(|vain| vain.is_shown);
    Some(shown.next()?.told)
}

/// The method that would let a goroutine go on, where the one that waits for it calls that only after its own wait.
pub(super) fn called_after<'a>(subject: &Subject<'a>, waiting: &Subject<'a>) -> Option<String> {
    let (place, operation) = operation(subject)?;
    let waits = Place::of(waiting)?;
    receives(&operation).find_map(|channel| {
        let ending = ended_by::channel(&place, channel)?;
        let call = ending.in_vain(&place)?.at;
        let Ending::Method { name, of, .. } = &ending else {
            return None;
        };
        vain::comes_after_the_wait(&waits, call).then(|| vain::only_after_the_wait(name, of, call))
    })
}

fn method(ending: Ending<'_>) -> Option<String> {
    match ending {
        Ending::Method { name, .. } => Some(name.to_owned()),
        Ending::Function(_) | Ending::Returned(_) => None,
    }
}

/// The channels whose close or next value ends the wait: of a select in a loop, those of cases that leave the loop.
pub(super) fn receives<'a>(operation: &Operation<'a>) -> impl Iterator<Item = At<'a>> {
    let channels = match operation {
        Operation::Range(channel) | Operation::Receive(channel) => vec![*channel],
        Operation::Select(cases) => cases
            .iter()
            .filter(|case| !case.sends && (leaves(&case.whole) || !in_loop(&case.whole)))
            .map(|case| case.channel)
            .collect(),
        Operation::Send(_) => Vec::new(),
    };
    channels.into_iter()
}

/// A lock, a condition, a group: what the source calls on its line.
fn of_primitive(subject: &Subject<'_>, reason: WaitReason) -> Option<Awaited> {
    let thing = match reason {
        WaitReason::Mutex | WaitReason::RwMutex => held::wanted(subject)?.key,
        WaitReason::Cond => held::called_on(subject, subject.goroutine, "sync.(*Cond).Wait", "Wait")?,
        WaitReason::WaitGroup | WaitReason::Semacquire => {
            held::called_on(subject, subject.goroutine, "sync.(*WaitGroup).Wait", "Wait")?
        }
        _ => return None,
    };
    Some(Awaited { thing, once: false })
}

/// What ends a receive: time and signals come by themselves.
fn received<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Awaited> {
    match kind::of(place, channel) {
        Kind::Context(of) => of_context(place, of),
        Kind::Made(_) | Kind::Unknown => of_channel(place, channel),
        Kind::Ticker(_) | Kind::Timer(_) | Kind::Signal => None,
    }
}

/// A channel by the one expression that makes it; made again and again, by the field that holds it.
fn of_channel<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Awaited> {
    let values = place.values(channel);
    let sites: Option<Vec<String>> = values.iter().map(|value| held::made_at(value.expr)).collect();
    match (&sites?[..], &values[..]) {
        ([site], [value]) => Some(Awaited {
            thing: format!("channel {site}"),
            once: made_once(place.test, value.expr),
        }),
        ([], _) => None,
        _ => match place.variable(channel)? {
            var @ (Var::Field(..) | Var::Global(_)) => Some(Awaited {
                thing: format!("channel {}", held::var_key(&var)),
                once: false,
            }),
            Var::Local(_) => None,
        },
    }
}

/// A context by the one call that makes it cancellable. One that the goroutine makes for itself ends with the one it is
/// made from.
fn of_context<'a>(place: &Place<'a>, context: At<'a>) -> Option<Awaited> {
    let own = place.file.func_at(place.line);
    let mut context = context;
    for _ in 0..4 {
        let values = context::resolved(place, context);
        let [value] = &values[..] else { return None };
        let call = value.expr;
        match qualified(&call)? {
            ("context", name) if name.starts_with("With") && name != "WithoutCancel" => {}
            ("os/signal", "NotifyContext") | ("golang.org/x/sync/errgroup", "WithContext") => {}
            _ => return None,
        }
        if own.is_some() && call.func() == own {
            context = call.field("arguments")?.first()?;
            continue;
        }
        return Some(made_context(place.test, call));
    }
    None
}

/// The context that a call makes.
fn made_context(test: Option<&str>, call: At<'_>) -> Awaited {
    Awaited {
        thing: format!("context {}:{}", call.file.path, call.start()),
        once: made_once(test, call),
    }
}

/// Whether the test itself makes it, outside of loops.
fn made_once(test: Option<&str>, made: At<'_>) -> bool {
    let by = made.top_func().map(|func| func.func_name());
    by.is_some() && by == test && !in_loop(&made)
}
