//! Which locks a goroutine holds: its frames from the outside in, with what the functions that they call lock and unlock.

use super::Subject;
use super::place::{Place, blocked, file, function, function_on, last_name, short, test_function};
use crate::go_source::calls::{
    call_of, called_name, callee, callers_from, is_started, on_line, operand_of, position, runs_apart,
    std_package,
};
use crate::go_source::order::can_follow;
use crate::go_source::types::{self, Type, TypeName, name_of, type_of};
use crate::go_source::{At, Calls, GoFile, GoFiles, Operation, Value, Var, at_line, scope, values, variable};
use crate::goroutine::{Frame, Goroutine, WaitReason, name};

/// Frames, and calls of a function, that are looked at.
const MOST_FRAMES: usize = 24;
const MOST_CALLS: usize = 200;
/// How deep calls are followed for what they lock and unlock.
const DEEPEST: usize = 3;

/// A lock as the source names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lock {
    /// As written: `l.sales`.
    pub expr: String,
    /// The same for all that name this field or variable.
    pub key: String,
    /// Where it is taken: `ledger.go:12`.
    pub place: String,
    /// The function that takes it.
    pub func: String,
    /// RLock.
    pub read: bool,
    /// The variable that it is reached through, as far out as the stack shows.
    pub object: Option<Object>,
    /// Of a lock that is held: the frame whose function took it, or called what did.
    pub frame: Option<usize>,
}

/// A variable of a function, and the fields on the way from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    /// The function that declares the variable.
    func: String,
    /// The variable and the fields: `a.mu`.
    path: String,
    /// A variable of a body, or a parameter whose call is on the stack: two of them are two objects.
    is_followed: bool,
}

impl Object {
    /// The fields behind the variable.
    fn way(&self) -> &str {
        self.path.split_once('.').map_or("", |(_, way)| way)
    }
}

impl Lock {
    /// Whether the other may be the same lock: one field of two variables of a function is two. Fields on the way may lead back.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        let apart = |one: &Object, other: &Object| {
            let same_way = one.way() == other.way();
            one.is_followed
                && other.is_followed
                && one.func == other.func
                && one.path != other.path
                && same_way
        };
        self.key == other.key
            && match (&self.object, &other.object) {
                (Some(one), Some(other)) => !apart(one, other),
                _ => true,
            }
    }

    /// Whether it may be, with no other name for it in the same function.
    pub(super) fn can_be(&self, other: &Self) -> bool {
        let other_name = |one: &Object, other: &Object| one.func == other.func && one.path != other.path;
        self.may_be(other)
            && !matches!((&self.object, &other.object), (Some(one), Some(two)) if other_name(one, two))
    }

    /// Whether it is reached through a variable of a function in this way.
    pub(super) fn is_of(&self, func: At<'_>, path: &str) -> bool {
        let id = of_func(func);
        let object = self.object.as_ref();
        object.is_some_and(|object| object.func == id && object.path == path)
    }

    /// Whether it surely is the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.key == other.key && self.object.is_some() && self.object == other.object
    }
}

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
    on_line(place.file, place.line)
        .into_iter()
        .rfind(|call| called_name(call) == Some(method))
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
    let made = cond.map_or(Vec::new(), |cond| values::values(files, cond, &Calls::default()));
    let given = made.iter().filter_map(|value| {
        let lock = value.expr.field("arguments")?.first()?;
        let is_address = lock.kind() == "unary_expression";
        key(
            files,
            lock.field("operand").filter(|_| is_address).unwrap_or(lock),
            &Calls::default(),
        )
    });
    let given: Vec<String> = given.collect();
    let locker = cond.map(|cond| format!("{}.L", cond.bare().text()));
    let caller = wait.top_func().map(|func| func.func_name());
    let is_its = |lock: &Lock| match &given[..] {
        [] => Some(lock.func.as_str()) == caller,
        _ => given.contains(&lock.key) || Some(&lock.expr) == locker.as_ref(),
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
            .is_some_and(|reached| super::select::in_loop(&reached) && can_follow(reached, reached))
    }
}

/// The calls of two methods of the locks of this name, in the package of a file.
fn calls_of<'a>(files: &'a GoFiles, of: &Lock, near: &'a GoFile, methods: [&str; 2]) -> Vec<(Lock, At<'a>)> {
    let named = |file: &&'a GoFile| methods.map(|method| file.named(method)).concat();
    let package = files.package(near);
    let calls = package.iter().flat_map(named).filter_map(call_of);
    let of_lock = |call: At<'a>| Some((lock(files, call, &Calls::default())?, call));
    calls
        .filter_map(of_lock)
        .filter(|(lock, _)| lock.key == of.key)
        .collect()
}

const TAKES: [&str; 2] = ["Lock", "RLock"];
pub(super) const GIVES: [&str; 2] = ["Unlock", "RUnlock"];

/// A lock that a function takes and does not give back.
#[derive(PartialEq)]
pub(super) struct Kept<'a> {
    pub lock: Lock,
    pub func: At<'a>,
    /// `mu.Lock()`.
    pub call: At<'a>,
}

/// The locks of this name that a function takes and never gives back, by where it takes them.
pub(super) fn never_given_back<'a>(files: &'a GoFiles, of: &Lock, near: &'a GoFile) -> Vec<Kept<'a>> {
    let mut found = Vec::new();
    let taken = calls_of(files, of, near, TAKES);
    for (_, call) in &taken {
        let call = *call;
        let Some(func) = call
            .func()
            .filter(|func| !gives_back_first(files, *func, &of.key))
        else {
            continue;
        };
        // A goroutine that it starts may have to give it back.
        let given = calls_of(files, of, near, GIVES).into_iter();
        if given
            .into_iter()
            .any(|(_, give)| func.contains(&give) && runs_apart(&give) && !takes_first(&taken, &give))
        {
            continue;
        }
        let mut held = Vec::new();
        let mut budget = MOST_CALLS;
        apply(files, func, None, &Calls::default(), &mut held, 0, &mut budget);
        let kept = held.into_iter().filter(|lock| lock.key == of.key);
        let kept = kept.filter(|lock| lock.place == short(call));
        found.extend(kept.map(|lock| Kept { lock, func, call }));
    }
    found.dedup();
    found
}

/// Whether the function or literal that gives a lock back has taken it itself.
fn takes_first<'a>(taken: &[(Lock, At<'a>)], give: &At<'a>) -> bool {
    let own = |take: &At<'a>| take.func() == give.func() && take.end() <= give.start();
    taken.iter().any(|(_, take)| own(take))
}

/// What to do about a lock that a function, or a literal in it, does not give back.
pub(super) fn unlock_on_every_path(lock: &Lock, func: Option<At<'_>>) -> String {
    let unlock = if lock.read { "RUnlock" } else { "Unlock" };
    let func = match func.filter(|func| func.kind() == "func_literal") {
        Some(literal) => format!("the function of {}", short(literal)),
        None => lock.func.clone(),
    };
    format!(
        "unlock it in {func} on every path: `defer {}.{unlock}()`",
        lock.expr
    )
}

/// The functions that give a lock of this name back and do not take it, each with the place where they do.
pub(super) fn given_back_by<'a>(files: &'a GoFiles, of: &Lock, near: &'a GoFile) -> Vec<(String, At<'a>)> {
    let taken = calls_of(files, of, near, TAKES);
    let takes = |func: &At<'a>| taken.iter().any(|(_, call)| func.contains(call));
    let given = calls_of(files, of, near, GIVES).into_iter();
    let given = given.filter_map(|(_, call)| Some((call.top_func()?, call)));
    given
        .filter(|(func, _)| !takes(func))
        .map(|(func, call)| (func.func_name().to_owned(), call))
        .collect()
}

/// The locks of this name that a function takes and gives back, but for one path that returns, goes on with its loop, or leaves
/// it, before.
pub(super) fn kept_on_a_path<'a>(files: &'a GoFiles, of: &Lock, near: &'a GoFile) -> Vec<(Lock, At<'a>)> {
    let given = calls_of(files, of, near, GIVES);
    let mut found = Vec::new();
    let taken = calls_of(files, of, near, TAKES);
    for (lock, call) in &taken {
        let Some(func) = call.func() else { continue };
        let is_own = |unlock: &At<'a>| unlock.func() == Some(func) || !takes_first(&taken, unlock);
        let unlocks: Vec<At<'a>> = given
            .iter()
            .map(|(_, unlock)| *unlock)
            .filter(|unlock| func.contains(unlock) && is_own(unlock))
            .collect();
        let deferred = unlocks.iter().any(At::is_deferred);
        // Without any Unlock never_given_back finds it; in a loop, one that comes before is of the round before.
        let around = super::select::enclosing_loop(call);
        let before = |unlock: &At<'a>| unlock.start() < call.start();
        if deferred || unlocks.is_empty() || around.is_some() && unlocks.iter().any(before) {
            continue;
        }
        let leaves = func.find(&["return_statement", "continue_statement", "break_statement"]);
        let leaves = leaves.into_iter();
        let leaves = leaves.filter(|leaves| leaves.func() == Some(func) && call.start() < leaves.start());
        let after = |whole: &At<'a>| unlocks.iter().any(|unlock| unlock.start() > whole.end());
        let kept = leaves.filter(|leaves| match leaves.kind() {
            // A round behind this one has given it back.
            "return_statement" => around.is_none_or(|around| around.contains(leaves)),
            "break_statement" => {
                let left = super::select::left_by_break(leaves).filter(|_| leaves.first().is_none());
                left.is_some_and(|left| around == Some(left) && !after(&left))
            }
            _ => around.is_some() && super::select::enclosing_loop(leaves) == around,
        });
        let kept = kept.filter(|leaves| {
            let before = |unlock: &&At<'a>| {
                let block = unlock.ancestors().find(|node| node.kind() == "statement_list");
                call.start() < unlock.start()
                    && unlock.start() < leaves.end()
                    && block.is_some_and(|block| block.contains(leaves))
            };
            !unlocks.iter().any(|unlock| before(&unlock))
        });
        found.extend(kept.map(|leaves| (lock.clone(), leaves)));
    }
    found
}

/// Whether a function begins with an Unlock of its caller's lock: it takes back what it gave.
fn gives_back_first<'a>(files: &'a GoFiles, func: At<'a>, key: &str) -> bool {
    let first = func
        .find(&["call_expression"])
        .into_iter()
        .filter(|call| call.func() == Some(func))
        .filter(|call| {
            call.parent()
                .is_none_or(|parent| parent.kind() != "defer_statement")
        })
        .find(|call| {
            let named = matches!(called_name(call), Some("Lock" | "RLock" | "Unlock" | "RUnlock"));
            named && lock(files, *call, &Calls::default()).is_some_and(|lock| lock.key == key)
        });
    first.is_some_and(|call| matches!(called_name(&call), Some("Unlock" | "RUnlock")))
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
fn left_before(call: &At<'_>, func: At<'_>, upto: Option<usize>) -> bool {
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

/// The lock that `x.Lock()` names, or what another method is called on.
pub(super) fn lock<'a>(files: &'a GoFiles, call: At<'a>, calls: &Calls<'a>) -> Option<Lock> {
    Some(Lock {
        read: called_name(&call) == Some("RLock"),
        place: short(call),
        ..thing(files, operand_of(call)?, calls)?
    })
}

/// What an expression names: a lock, a channel.
pub(super) fn thing<'a>(files: &'a GoFiles, operand: At<'a>, calls: &Calls<'a>) -> Option<Lock> {
    Some(Lock {
        expr: operand.bare().text().to_owned(),
        key: key(files, operand, calls)?,
        read: false,
        object: object(files, operand, calls),
        frame: None,
        place: short(operand),
        func: operand
            .top_func()
            .map(|func| func.func_name().to_owned())
            .unwrap_or_default(),
    })
}

/// The variable through which a lock is reached, a parameter or receiver followed to the call on the stack.
fn object<'a>(files: &'a GoFiles, operand: At<'a>, calls: &Calls<'a>) -> Option<Object> {
    let (mut at, mut path) = (operand.bare(), Vec::new());
    let mut lines = &calls.lines[..];
    for _ in 0..MOST_FRAMES {
        while at.kind() == "selector_expression" {
            path.push(at.field("field")?.text());
            at = at.field("operand")?.bare();
        }
        (at.kind() == "identifier").then_some(())?;
        let decl = scope::local(at)?;
        let func = decl.func()?;
        let given = place_of(func, decl);
        // Of two different calls on one line, neither is known to be the one. A function value may have the name of a method.
        let is_value = |call: At<'a>| {
            let function = call
                .field("function")
                .and_then(|function| type_of(files, function));
            matches!(function, Some(Type::Written(_)))
        };
        let called = |line: &(&'a GoFile, u32)| {
            let calls = values::calls_on(func, line);
            let on = |call: &At<'a>| operand_of(*call).map(|on| on.text());
            let is_one = calls.len() == 1
                || matches!(given, Some(Given::Receiver))
                    && calls.windows(2).all(|two| on(&two[0]) == on(&two[1]));
            calls.first().copied().filter(|call| is_one && !is_value(*call))
        };
        let mut further_out = lines.iter().enumerate();
        let found = further_out.find_map(|(index, line)| Some((index, called(line)?)));
        if found.is_none()
            && let Some(Given::Receiver) = given
            && let Some(operand) = method_value(files, func, lines)
        {
            (at, lines) = (operand.bare(), &lines[1..]);
            continue;
        }
        // Further out than the stack shows, the test makes one call of it.
        let found = found.or_else(|| {
            let calls = callers_from(files, func, Some(calls.test?));
            match calls[..] {
                [call] if given.is_some() && !is_value(call) => Some((lines.len(), call)),
                _ => None,
            }
        });
        let (Some(given), Some((index, call))) = (&given, found) else {
            path.push(decl.text());
            path.reverse();
            return Some(Object {
                func: of_func(func),
                path: path.join("."),
                is_followed: given.is_none(),
            });
        };
        lines = &lines[index..];
        at = match given {
            Given::Receiver => operand_of(call)?.bare(),
            Given::Argument(position) => call.field("arguments")?.children().get(*position)?.bare(),
        };
    }
    None
}

/// `l` of `l.Check`, the one function that a variable holds which the innermost line calls.
fn method_value<'a>(files: &'a GoFiles, method: At<'a>, lines: &[(&'a GoFile, u32)]) -> Option<At<'a>> {
    let ((file, line), outer) = lines.split_first()?;
    let calls = Calls {
        lines: outer.to_vec(),
        ..Calls::default()
    };
    let functions = on_line(file, *line).into_iter();
    let functions = functions.filter_map(|call| call.field("function"));
    let mut held = functions
        .map(|function| values::values(files, function, &calls))
        .filter(|values| {
            values
                .iter()
                .any(|value| type_of(files, value.expr) == Some(Type::Func(method)))
        });
    match &held.next()?[..] {
        [one] => one.expr.field("operand"),
        _ => None,
    }
}

fn of_func(func: At<'_>) -> String {
    format!("{}:{}", func.file.path, func.start())
}

/// How a function gets a value.
enum Given {
    Receiver,
    Argument(usize),
}

/// How a declared variable gets its value from the call of its function; `None` if it is one of the body.
fn place_of(func: At<'_>, decl: At<'_>) -> Option<Given> {
    match position(func, decl) {
        Some(position) => Some(Given::Argument(position)),
        None if func.field("receiver").is_some_and(|list| list.contains(&decl)) => Some(Given::Receiver),
        None => None,
    }
}

/// The same text for every expression that names one variable: a field by its type, a parameter by what it is given.
pub(super) fn key<'a>(files: &'a GoFiles, operand: At<'a>, calls: &Calls<'a>) -> Option<String> {
    let kind = type_of(files, operand);
    let named = kind.and_then(|kind| name_of(files, &kind));
    let is_sync = named.as_ref().is_none_or(|name| name.package == "sync");
    if let (Some(name), false) = (&named, is_sync) {
        // What the type embeds: `s.Lock()`.
        let spec = kind.and_then(|kind| types::spec(files, &kind));
        if spec.is_some() {
            return Some(format!("{}.{}", name.package, name.name));
        }
    }
    let values = values::values(files, operand, calls);
    let last = match &values[..] {
        [one] => one.expr,
        _ => operand,
    };
    if let [_] = &values[..]
        && let Some(site) = made_at(last)
    {
        return Some(site);
    }
    let of_all = || match &values[..] {
        [_] => None,
        all => last_of_all(files, all),
    };
    let var = of_all()
        .or_else(|| variable(files, last))
        .or_else(|| variable(files, operand))?;
    Some(var_key(&var))
}

/// The last variable on the way back that all values have gone through: `w.out` of what a method returns.
fn last_of_all<'a>(files: &'a GoFiles, values: &[Value<'a>]) -> Option<Var<'a>> {
    let steps = values.first()?.path.iter().enumerate();
    let shared = steps.take_while(|(at, step)| values.iter().all(|value| value.path.get(*at) == Some(*step)));
    shared.filter_map(|(_, step)| variable(files, *step)).last()
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

/// A text for the expression that makes a channel, lock or the like: all that hold its value hold one thing.
pub(super) fn made_at(expr: At<'_>) -> Option<String> {
    let makes = match expr.kind() {
        "composite_literal" => true,
        "call_expression" => matches!(called_name(&expr), Some("make" | "new")),
        _ => false,
    };
    makes.then(|| format!("{}:{}", expr.file.path, expr.start()))
}

/// A text for a variable.
pub(super) fn var_key(var: &Var<'_>) -> String {
    match var {
        Var::Field(TypeName { package, name }, field) => format!("{package}.{name}.{field}"),
        Var::Local(at) | Var::Global(at) => format!("{}:{}", at.file.path, at.start()),
    }
}
