//! Waits inside the standard library and well-known libraries: told by what the user's code has called.

use super::place::file;
use super::stack::Stack;
use super::{Subject, given_back, waits, with};
use crate::go_source::At;
use crate::go_source::calls::{called_name, on_line, operand_of};
use crate::goroutine::{Goroutine, name};
use crate::leak::{Cause, CauseCode};

/// A call that waits.
struct Call {
    /// Its functions, as [`crate::goroutine::name::normal`] writes them.
    names: &'static [&'static str],
    code: CauseCode,
    /// `{}` is what the function is called on.
    waits_for: &'static str,
    fix: &'static str,
}

const SEMAPHORE: &[&str] = &["golang.org/x/sync/semaphore.(*Weighted).Acquire"];

const CALLS: &[Call] = &[
    Call {
        names: FLIGHT,
        code: CauseCode::CallWaits,
        waits_for: "the other call of `{}.Do` with the same key, which does not return",
        fix: "let the function of the other call return: close or cancel what it waits for, or give it a context with a deadline",
    },
    Call {
        names: &["golang.org/x/sync/errgroup.(*Group).Go"],
        code: CauseCode::CallWaits,
        waits_for: "a place in the group `{}`: its limit is reached, and no function in it returns",
        fix: "let a function in the group return: close or cancel what it waits for",
    },
    Call {
        names: &["golang.org/x/sync/errgroup.(*Group).Wait"],
        code: CauseCode::CallWaits,
        waits_for: "the functions of the group `{}` to return",
        fix: "let the functions in the group return: close or cancel what they wait for",
    },
    Call {
        names: SEMAPHORE,
        code: CauseCode::CallWaits,
        waits_for: "a place in the semaphore `{}`: all are taken, and Release does not come",
        fix: "`defer {}.Release(n)` after each Acquire that succeeds, and give Acquire a context that the test cancels",
    },
    Call {
        names: &[
            "golang.org/x/time/rate.(*Limiter).Wait",
            "golang.org/x/time/rate.(*Limiter).WaitN",
            "golang.org/x/time/rate.(*Limiter).wait",
        ],
        code: CauseCode::TimerPending,
        waits_for: "the rate limit of `{}` to let it go on: it ends by itself after that time",
        fix: "give Wait a context with a deadline, or one that the test cancels",
    },
    Call {
        names: &["net/http.(*Server).Shutdown"],
        code: CauseCode::CallWaits,
        waits_for: "the active connections of `{}` to become idle: a handler does not return",
        fix: "give Shutdown a context with a deadline and then call Close, and let the handlers return (r.Context().Done())",
    },
    Call {
        names: &["net/http/httptest.(*Server).Close"],
        code: CauseCode::CallWaits,
        waits_for: "the requests that the server `{}` still serves: a handler does not return",
        fix: "let the handlers return (r.Context().Done()), or call CloseClientConnections before Close",
    },
    Call {
        names: &["google.golang.org/grpc.(*Server).GracefulStop"],
        code: CauseCode::CallWaits,
        waits_for: "the calls that the server `{}` still serves: a handler does not return",
        fix: "call Stop when GracefulStop takes too long, and let the handlers return when their context ends",
    },
];

/// A group that is full of its own callers.
const NESTED: Call = Call {
    names: &["golang.org/x/sync/errgroup.(*Group).Go"],
    code: CauseCode::CallWaits,
    waits_for: "a place in the group `{}`, which is full of goroutines that wait for a place in it: this one is one of them, so it waits for itself",
    fix: "do not call `{}.Go` in a function that the group `{}` runs: give the inner calls a group of its own, or collect the work and start it from the caller",
};

/// A call that waits for itself, further up the stack.
const OF_ITSELF: Call = Call {
    names: FLIGHT,
    code: CauseCode::CallWaits,
    waits_for: "the other call of `{}.Do` with the same key, which is further up this stack: it waits for itself",
    fix: "do not call `{}.Do` for a key in a function that `{}.Do` runs for the same key: call what that function does there, or use another key",
};

const FLIGHT: &[&str] = &["golang.org/x/sync/singleflight.(*Group).Do"];

/// Whether the function of one call of a singleflight group makes the other one, and no other goroutine is in such a function.
fn is_own_flight(subject: &Subject<'_>) -> bool {
    let runs = |goroutine: &Goroutine| {
        let frames = goroutine.frames.iter();
        frames
            .map(|frame| name::normal(frame.func.as_str()))
            .any(|func| func.starts_with("golang.org/x/sync/singleflight.(*Group).doCall"))
    };
    let mut others = subject.peers.iter().filter(|peer| peer.id != subject.id);
    runs(subject.goroutine) && !others.any(|peer| runs(peer.goroutine))
}

/// The cause of a wait inside such a call.
pub(super) fn by_call(subject: &Subject<'_>, stack: &Stack) -> Option<Cause> {
    let mut call = CALLS.iter().find(|call| stack.calls(call.names))?;
    if waits::is_full_of_itself(subject) {
        call = &NESTED;
    } else if call.names == FLIGHT && is_own_flight(subject) {
        call = &OF_ITSELF;
    }
    let receiver = receiver(subject, call.names).unwrap_or_default();
    let fill = |text: &str| match receiver.is_empty() {
        true => text
            .replace(" of `{}`", "")
            .replace(" `{}`", "")
            .replace("`{}.", "`")
            .replace("{}.", ""),
        false => text.replace("{}", &receiver),
    };
    let mut cause = with(call.code, &fill(call.waits_for), &fill(call.fix));
    if call.names == SEMAPHORE
        && let Some(taken) = waits::holds_a_place(subject)
    {
        cause.waits_for = fill(&format!(
            "a place in the semaphore `{{}}`: this goroutine holds a place of it already (line {})",
            taken.line()
        ));
        cause.fix = fill(NEST_NOT);
    } else if call.names == SEMAPHORE
        && let Some(missing) = given_back::of(subject, SEMAPHORE[0])
    {
        if let Some(fact) = missing.fact {
            cause.waits_for = fill(&format!(
                "a place in the semaphore `{{}}`, all of which are taken: {fact}"
            ));
        }
        cause.fix = missing.fix;
    }
    Some(cause)
}

/// What to do where a goroutine takes a second place.
pub(super) const NEST_NOT: &str =
    "give the place back before the call that takes the next one, or take one place for all of it";

/// `g` of `g.Go(…)` on the line of the user's innermost frame, or of the `go` statement.
fn receiver(subject: &Subject<'_>, names: &[&str]) -> Option<String> {
    let place = match subject.code.innermost_own(&subject.goroutine.frames) {
        Some(index) => subject.goroutine.frames.get(index)?.at.as_ref()?,
        // `go g.Do(…)`: the call is the goroutine's entry.
        None => subject.goroutine.created.as_ref()?.at.as_ref()?,
    };
    let file = file(subject, place)?;
    let methods: Vec<&str> = names.iter().filter_map(|name| name.rsplit('.').next()).collect();
    let on: Vec<At<'_>> = on_line(file, place.line);
    let call = on
        .iter()
        .find(|call| called_name(call).is_some_and(|name| methods.contains(&name)))?;
    Some(operand_of(*call)?.text().to_owned())
}
