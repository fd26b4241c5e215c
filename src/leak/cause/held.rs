//! Which locks a goroutine holds: its frames from the outside in, with what the functions that they call lock and unlock.

use super::Subject;
use super::locker;
use super::place::{Place, blocked, file, function, function_on, last_name, test_function};
pub(super) use super::thing::{Lock, key, lock, made_at, thing, var_key};
use crate::go_source::calls::{
    called_name, callee, is_started, on_line, operand_of, own_callee, runs_apart, std_package,
};
use crate::go_source::order::can_follow;
use crate::go_source::{At, Calls, GoFile, GoFiles, Operation, at_line, values};
use crate::goroutine::{Frame, Goroutine, WaitReason, name};

/// Frames, and calls of a function, that are looked at.
const MOST_FRAMES: usize = 24;
const MOST_CALLS: usize = 200;
/// How deep calls are followed for what they lock and unlock.
const DEEPEST: usize = 3;

/// What a call does to locks.
enum Act<'a> {
    Takes(At<'a>),
    Gives(At<'a>),
    Calls(At<'a>),
}

/// The lock that the line of a goroutine takes.
pub(super) fn wanted(subject: &Subject<'_>) -> Option<Lock> {
    let place = Place::of(subject)?;
    lock(place.files, taken(&place, subject)?, &place.calls)
}

/// The call on the line of a goroutine that takes a lock.
pub(super) fn taken<'a>(place: &Place<'a>, subject: &Subject<'_>) -> Option<At<'a>> {
    let reads = subject
        .goroutine
        .frames
        .iter()
        .any(|frame| frame.func.as_str() == "sync.(*RWMutex).RLock");
    let method = if reads { "RLock" } else { "Lock" };
    // More than one on a line: the goroutine has got past all but the last.
    let calls = on_line(place.file, place.line);
    let named = |method: &str| calls.iter().rfind(|call| called_name(call) == Some(method));
    // `c.L.Lock()` of what an RLocker is behind.
    named(method).or_else(|| named("Lock")).copied()
}

/// Whether a call gives this lock back.
pub(super) fn gives<'a>(place: &Place<'a>, call: At<'a>, held: &Lock) -> bool {
    let is_unlock = called_name(&call).is_some_and(|name| GIVES.contains(&name));
    is_unlock && lock(place.files, call, &place.calls).is_some_and(|lock| lock.can_be(held))
}

/// The locks that a goroutine holds where it is.
pub(super) fn held(subject: &Subject<'_>, goroutine: &Goroutine) -> Vec<Lock> {
    let files = subject.code.sources;
    let mut held: Vec<Lock> = Vec::new();
    let own = |frame: &Frame| !name::is_std(frame.func.as_str());
    let frames: Vec<(usize, &GoFile, u32)> = goroutine
        .frames
        .iter()
        .enumerate()
        .filter(|(_, frame)| own(frame))
        .filter_map(|(index, frame)| Some((index, frame.at.as_ref()?)))
        .take(MOST_FRAMES)
        .filter_map(|(index, at)| Some((index, file(subject, at)?, at.line)))
        .collect();
    let created = goroutine.created.iter().filter_map(|created| created.at.as_ref());
    let created = created.filter_map(|at| Some((file(subject, at)?, at.line)));
    let further_out: Vec<(&GoFile, u32)> = frames
        .iter()
        .map(|(_, file, line)| (*file, *line))
        .chain(created)
        .collect();
    for (at, (index, file, line)) in frames.iter().enumerate().rev() {
        let Some(func) = function_on(file, *line, &goroutine.frames[*index]) else {
            continue;
        };
        let callee = index.checked_sub(1).and_then(|inner| goroutine.frames.get(inner));
        let Some(upto) = upto(file, *line, callee, goroutine) else {
            continue;
        };
        let calls = Calls {
            lines: further_out[at + 1..].to_vec(),
            test: test_function(subject),
            ..Calls::default()
        };
        let mut budget = MOST_CALLS;
        apply(files, func, Some(upto), &calls, &mut held, 0, &mut budget);
        held.extend(handed_over(files, func, upto, &calls));
        for lock in &mut held {
            lock.frame.get_or_insert(*index);
        }
    }
    if goroutine.state.wait_reason() == WaitReason::Cond {
        given_up_in_wait(subject, goroutine, &mut held);
    }
    held
}

/// The locks that a goroutine's function has only to give back, because the function that it is written in has taken them.
fn handed_over<'a>(files: &'a GoFiles, func: At<'a>, upto: usize, calls: &Calls<'a>) -> Vec<Lock> {
    let Some(outer) = func.top_func().filter(|_| runs_apart(&func) || is_started(&func)) else {
        return Vec::new();
    };
    let inside = func.find(&["call_expression"]).into_iter();
    let of_lock = |call: At<'a>| Some((lock(files, call, calls)?, call));
    let named = |call: &At<'a>, names: [&str; 2]| called_name(call).is_some_and(|name| names.contains(&name));
    let (mut given, mut taken) = (Vec::new(), Vec::new());
    for call in inside {
        if named(&call, GIVES) {
            given.extend(of_lock(call).filter(|_| call.is_deferred() || call.start() >= upto));
        } else if named(&call, TAKES) {
            taken.extend(of_lock(call));
        }
    }
    given.retain(|(given, _)| !taken.iter().any(|(taken, _)| taken.key == given.key));
    let before = |call: &At<'a>| call.func() == Some(outer) && call.end() <= func.start();
    let outside = outer.find(&["call_expression"]).into_iter();
    let outside: Vec<Lock> = outside
        .filter(|call| named(call, TAKES) && before(call))
        .filter_map(|call| lock(files, call, &Calls::default()))
        .collect();
    let taken = |(given, _): &(Lock, At<'a>)| outside.iter().rfind(|lock| lock.key == given.key).cloned();
    given.iter().filter_map(taken).collect()
}

/// `Wait` of a sync.Cond gives back its lock, which its caller has locked: the one that NewCond was given; where that is not
/// known, the last one that the calling function took.
fn given_up_in_wait(subject: &Subject<'_>, goroutine: &Goroutine, held: &mut Vec<Lock>) {
    let files = subject.code.sources;
    let Some((_, wait)) = call_of_std(subject, goroutine, "sync.(*Cond).Wait", "Wait") else {
        return;
    };
    let cond = operand_of(wait);
    let behind = cond.and_then(|cond| locker::of_cond(files, cond, &Calls::default()));
    let given = behind.and_then(|behind| key(files, behind.lock, &Calls::default()));
    let locker = cond.map(|cond| format!("{}.L", cond.bare().text()));
    let caller = wait.top_func().map(|func| func.func_name());
    let is_its = |lock: &Lock| match &given {
        None => Some(lock.func.as_str()) == caller,
        Some(given) => *given == lock.key || Some(&lock.expr) == locker.as_ref(),
    };
    if let Some(at) = held.iter().rposition(is_its) {
        held.remove(at);
    }
}

/// The byte up to which the line has run.
fn upto(file: &GoFile, line: u32, callee: Option<&Frame>, goroutine: &Goroutine) -> Option<usize> {
    let start = file.line(line)?.start;
    let at = reached(file, line, callee, goroutine);
    Some(at.map_or(start, |at| at.start()).max(start))
}

/// What a frame is at: the call of the next frame, also a deferred one, the channel or select that it waits on, else the
/// statement of its line.
fn reached<'a>(file: &'a GoFile, line: u32, callee: Option<&Frame>, goroutine: &Goroutine) -> Option<At<'a>> {
    let called = callee.map(|callee| last_name(callee.func.as_str()));
    let call = on_line(file, line)
        .into_iter()
        .rfind(|call| called.is_some() && called_name(call) == called);
    let deferred = || {
        let inside = callee
            .and_then(|callee| callee.at.as_ref())
            .map_or(0, |at| at.line);
        let statements = file.func_at(line)?.find(&["defer_statement"]);
        let calls = statements.into_iter().filter_map(|statement| statement.first());
        let mut runs = calls.filter(|call| match call.field("function") {
            Some(literal) if literal.kind() == "func_literal" => {
                literal.line() <= inside && inside <= literal.last_line()
            }
            _ => called.is_some() && called_name(call) == called,
        });
        runs.next()
    };
    let waits = || match at_line(file, line, blocked(goroutine.state.wait_reason())?)? {
        Operation::Range(channel) | Operation::Receive(channel) | Operation::Send(channel) => Some(channel),
        Operation::Select(cases) => cases.first()?.whole.parent(),
    };
    let statement = || {
        let all = file.on_line(line, &["statement_list"]);
        let statements = all.iter().flat_map(At::children);
        statements.into_iter().find(|statement| statement.line() == line)
    };
    call.or_else(deferred).or_else(waits).or_else(statement)
}

/// A function that a goroutine is in, and what it has reached there.
pub(super) struct Inside<'a> {
    pub func: At<'a>,
    reached: Option<At<'a>>,
}

impl<'a> Inside<'a> {
    /// The function of one of the frames.
    pub(super) fn of(subject: &Subject<'a>, goroutine: &Goroutine, index: usize) -> Option<Self> {
        let frame = goroutine.frames.get(index)?;
        let func = function(subject, frame)?;
        let callee = index.checked_sub(1).map(|inner| &goroutine.frames[inner]);
        let reached = reached(func.file, frame.at.as_ref()?.line, callee, goroutine);
        Some(Self { func, reached })
    }

    /// The call that it is in; of a function value, which has another name than what runs, the outermost of its statement.
    pub(super) fn call(&self) -> Option<At<'a>> {
        self.reached?.find(&["call_expression"]).into_iter().next()
    }

    /// The deferred call that runs.
    pub(super) fn deferred(&self) -> Option<At<'a>> {
        let is_deferred = |call: &At<'a>| {
            call.parent()
                .is_some_and(|outer| outer.kind() == "defer_statement")
        };
        self.reached.filter(is_deferred)
    }

    /// Whether a place of the function can still run: any, where it is not known what the goroutine has reached.
    pub(super) fn may_run(&self, place: At<'a>) -> bool {
        self.reached.is_none_or(|reached| can_follow(reached, place))
    }

    /// Whether a place of the function has not run yet, and can: it lies further on, in no round of a loop that is under way.
    pub(super) fn comes_later(&self, place: At<'a>) -> bool {
        let around = |at: At<'a>| at.ancestors().filter(|node| node.kind() == "for_statement");
        self.reached.is_some_and(|reached| {
            let shared = around(place).any(|whole| whole.contains(&reached));
            !shared && reached.end() <= place.start() && can_follow(reached, place)
        })
    }

    /// Whether a call of the function has not been made yet and will be, deferred or not.
    pub(super) fn is_yet_to_make(&self, call: At<'a>) -> bool {
        if !call.is_deferred() {
            return self.comes_later(call);
        }
        // What is deferred last runs first.
        self.reached.is_some_and(|reached| call.end() <= reached.start())
    }

    /// Whether what it has reached is called again, in the next round of a loop.
    pub(super) fn comes_back(&self) -> bool {
        self.reached
            .is_some_and(|reached| super::loops::in_loop(&reached) && can_follow(reached, reached))
    }
}

pub(super) const TAKES: [&str; 2] = ["Lock", "RLock"];
pub(super) const GIVES: [&str; 2] = ["Unlock", "RUnlock"];

/// The locks that a function has taken and not given back when it returns.
pub(super) fn left_by<'a>(files: &'a GoFiles, func: At<'a>) -> Vec<Lock> {
    let (mut held, mut budget) = (Vec::new(), MOST_CALLS);
    apply(files, func, None, &Calls::default(), &mut held, 0, &mut budget);
    held
}

/// Whether a call gives a lock back.
pub(super) fn gives_back<'a>(files: &'a GoFiles, call: At<'a>, held: &Lock) -> bool {
    let is_unlock = called_name(&call).is_some_and(|name| GIVES.contains(&name));
    is_unlock && lock(files, call, &Calls::default()).is_some_and(|given| given.key == held.key)
}

/// The first call of a function, or of what that calls, that takes one of some locks.
pub(super) fn first_taken<'a>(files: &'a GoFiles, func: At<'a>, locks: &[Lock]) -> Option<At<'a>> {
    taken_within(files, func, locks, 0)
}

fn taken_within<'a>(files: &'a GoFiles, func: At<'a>, locks: &[Lock], depth: usize) -> Option<At<'a>> {
    if locks.is_empty() || depth > DEEPEST {
        return None;
    }
    let calls = func.find(&["call_expression"]).into_iter();
    let mut own = calls.filter(|call| call.func() == Some(func)).take(MOST_CALLS);
    own.find_map(|call| match kind_of(files, call) {
        Act::Takes(call) => {
            let taken = lock(files, call, &Calls::default())?;
            locks.iter().any(|lock| lock.key == taken.key).then_some(call)
        }
        Act::Gives(_) => None,
        Act::Calls(call) => taken_within(files, own_callee(files, call)?, locks, depth + 1),
    })
}

/// Applies what a function does up to a byte, or all of it, to the locks that are held.
fn apply<'a>(
    files: &'a GoFiles,
    func: At<'a>,
    upto: Option<usize>,
    calls: &Calls<'a>,
    held: &mut Vec<Lock>,
    depth: usize,
    budget: &mut usize,
) {
    let Some(body) = func.field("body") else { return };
    let mut deferred = Vec::new();
    for call in body.find(&["call_expression"]) {
        if call.func() != Some(func) || upto.is_some_and(|upto| call.start() >= upto) {
            continue;
        }
        *budget = budget.saturating_sub(1);
        if *budget == 0 {
            return;
        }
        match call.parent().map(|parent| parent.kind()) {
            Some("go_statement") => continue,
            Some("defer_statement") => {
                deferred.push(call);
                continue;
            }
            _ => {}
        }
        if left_before(&call, func, upto) {
            continue;
        }
        act(files, call, calls, held, depth, budget);
    }
    if upto.is_none() {
        for call in deferred.into_iter().rev() {
            act(files, call, calls, held, depth, budget);
        }
    }
}

fn act<'a>(
    files: &'a GoFiles,
    call: At<'a>,
    calls: &Calls<'a>,
    held: &mut Vec<Lock>,
    depth: usize,
    budget: &mut usize,
) {
    match kind_of(files, call) {
        Act::Takes(call) => held.extend(lock(files, call, calls)),
        Act::Gives(call) => {
            let Some(given) = lock(files, call, calls) else {
                return;
            };
            if let Some(index) = held.iter().rposition(|lock| lock.may_be(&given)) {
                held.remove(index);
            }
        }
        Act::Calls(call) if depth < DEEPEST => {
            let literal = call
                .field("function")
                .filter(|function| function.kind() == "func_literal");
            let of_std = call
                .field("function")
                .and_then(|function| std_package(files, function));
            let is_read = of_std.is_none_or(|package| package == "sync");
            let callee = || is_read.then(|| callee(files, call)).flatten();
            if let Some(func) = literal.or_else(callee) {
                let mut lines = vec![(call.file, call.line())];
                lines.extend(&calls.lines);
                let inside = Calls {
                    lines,
                    test: calls.test,
                    ..Calls::default()
                };
                apply(files, func, None, &inside, held, depth + 1, budget);
            }
        }
        Act::Calls(_) => {}
    }
}

fn kind_of<'a>(files: &'a GoFiles, call: At<'a>) -> Act<'a> {
    let takes = match called_name(&call) {
        Some("Lock" | "RLock") => true,
        Some("Unlock" | "RUnlock") => false,
        _ => return Act::Calls(call),
    };
    // A type with a Lock of its own is read as any other call.
    let own = || callee(files, call).is_some_and(|method| !method.file.path.contains("/sync/"));
    match takes {
        _ if own() => Act::Calls(call),
        true => Act::Takes(call),
        false => Act::Gives(call),
    }
}

/// Whether the block around a call has left the function (or loop) before the place is reached.
pub(super) fn left_before(call: &At<'_>, func: At<'_>, upto: Option<usize>) -> bool {
    let blocks = call
        .ancestors()
        .take_while(|node| *node != func)
        .filter(|node| node.kind() == "statement_list")
        .filter(|block| block.parent().and_then(|body| body.parent()) != Some(func));
    let apart = |block: &At<'_>| upto.is_none_or(|upto| block.end() < upto);
    blocks.into_iter().filter(apart).any(|block| {
        block.children().iter().any(|statement| {
            matches!(
                statement.kind(),
                "return_statement" | "break_statement" | "continue_statement" | "goto_statement"
            ) || statement.text().starts_with("panic(")
        })
    })
}

/// The variable on which a goroutine calls a function of the standard library.
pub(super) fn called_on(
    subject: &Subject<'_>,
    goroutine: &Goroutine,
    func: &str,
    method: &str,
) -> Option<String> {
    let (index, operand) = operand_of_std(subject, goroutine, func, method)?;
    let above = goroutine
        .frames
        .iter()
        .skip(index + 2)
        .filter_map(|frame| frame.at.as_ref());
    let created = goroutine.created.iter().filter_map(|created| created.at.as_ref());
    let calls = above
        .chain(created)
        .filter_map(|at| Some((file(subject, at)?, at.line)));
    key(
        subject.code.sources,
        operand,
        &Calls {
            lines: calls.collect(),
            ..Calls::default()
        },
    )
}

/// What a goroutine calls a function of the standard library on, and the index of the function's frame: `wg` of `wg.Wait()`, and of
/// `f()` where `f` was given `wg.Wait`.
pub(super) fn operand_of_std<'a>(
    subject: &Subject<'a>,
    goroutine: &Goroutine,
    func: &str,
    method: &str,
) -> Option<(usize, At<'a>)> {
    if let Some((index, call)) = call_of_std(subject, goroutine, func, method) {
        return Some((index, operand_of(call)?));
    }
    let index = goroutine
        .frames
        .iter()
        .rposition(|frame| frame.func.as_str() == func)?;
    let at = goroutine.frames.get(index + 1)?.at.as_ref()?;
    let calls = Calls {
        test: test_function(subject),
        ..calls_above(subject, goroutine, index + 1)
    };
    let called = on_line(file(subject, at)?, at.line).into_iter();
    let methods = called.flat_map(|call| {
        let function = call.field("function").into_iter();
        let values = function.flat_map(|function| values::values(subject.code.sources, function, &calls));
        values.map(|value| value.expr)
    });
    let of_method = |value: &At<'a>| value.field("field").is_some_and(|field| field.text() == method);
    let mut found: Vec<At<'a>> = methods.filter(of_method).collect();
    found.dedup();
    match found[..] {
        [one] => Some((index, one.field("operand")?)),
        _ => None,
    }
}

/// The calls further out than one frame of a goroutine, and its `go` statement.
pub(super) fn calls_above<'a>(subject: &Subject<'a>, goroutine: &Goroutine, index: usize) -> Calls<'a> {
    let above = (index + 1..goroutine.frames.len()).filter_map(|index| {
        let at = goroutine.frames[index].at.as_ref()?;
        // A deferred call is further up than the line that the frame shows.
        let deferred = Inside::of(subject, goroutine, index).and_then(|inside| inside.deferred());
        Some((file(subject, at)?, deferred.map_or(at.line, |call| call.line())))
    });
    let created = goroutine.created.iter().filter_map(|created| created.at.as_ref());
    let created = created.filter_map(|at| Some((file(subject, at)?, at.line)));
    Calls {
        lines: above.chain(created).collect(),
        ..Calls::default()
    }
}

/// The call of a function of the standard library in the source, and the index of its frame.
pub(super) fn call_of_std<'a>(
    subject: &Subject<'a>,
    goroutine: &Goroutine,
    func: &str,
    method: &str,
) -> Option<(usize, At<'a>)> {
    let index = goroutine
        .frames
        .iter()
        .rposition(|frame| frame.func.as_str() == func)?;
    let at = match goroutine.frames.get(index + 1) {
        Some(caller) => caller.at.as_ref()?,
        // `go wg.Wait()`.
        None => goroutine.created.as_ref()?.at.as_ref()?,
    };
    let on_line = on_line(file(subject, at)?, at.line).into_iter();
    let mut named = on_line.filter(|call| called_name(call) == Some(method));
    let deferred = || {
        let inside = Inside::of(subject, goroutine, index + 1)?;
        inside.deferred().filter(|call| called_name(call) == Some(method))
    };
    Some((index, named.next().or_else(deferred)?))
}
