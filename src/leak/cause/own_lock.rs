//! A lock that a goroutine wants and has locked itself, further up its own stack.

use super::Subject;
use super::exits::statement_around;
use super::held::{self, Inside, Lock};
use super::loops::enclosing_loop;
use super::place::{Place, function, short};
use super::stack::site;
use super::wording::called;
use crate::go_source::At;
use crate::go_source::calls::{callee, operand_of};
use crate::go_source::types::{Type, type_of};
use crate::leak::Cause;

/// A lock that it holds, and wants again.
pub(super) struct Own<'s> {
    pub lock: &'s Lock,
    /// Whether it surely is the same one.
    pub is_sure: bool,
}

/// The lock that a goroutine holds, where it is or may be the one that it wants.
pub(super) fn own<'s>(subject: &'s Subject<'_>, wanted: &Lock) -> Option<Own<'s>> {
    let held = subject.peers.held(subject, subject.goroutine).iter();
    let of_name = held.filter(|lock| lock.key == wanted.key);
    let mut found: Vec<Own<'s>> = of_name
        .filter_map(|lock| {
            let is_sure = match one_receiver(subject, lock, wanted) {
                Some(is_one) => is_one.then_some(true)?,
                None => lock
                    .may_be(wanted)
                    .then(|| lock.is(wanted) || is_in_one_call(subject, lock, wanted))?,
            };
            Some(Own { lock, is_sure })
        })
        .collect();
    found.sort_by_key(|own| !own.is_sure);
    found.into_iter().next()
}

/// Whether one call of a function has taken both, by one name.
fn is_in_one_call(subject: &Subject<'_>, held: &Lock, wanted: &Lock) -> bool {
    let is_further_out = |outer: usize| is_further_out(subject, outer);
    held.frame.is_some_and(|outer| !is_further_out(outer))
        && (&held.func, &held.expr) == (&wanted.func, &wanted.expr)
}

/// Whether both are the same field of the receivers of two methods: the dump shows the addresses of these.
fn one_receiver(subject: &Subject<'_>, held: &Lock, wanted: &Lock) -> Option<bool> {
    let frames = &subject.goroutine.frames;
    let inner = site(frames)?;
    let inner = frames.iter().position(|frame| std::ptr::eq(frame, inner))?;
    let objects = match subject.peers.get(subject.id) {
        Some(peer) if !peer.objects.is_empty() => peer.objects.to_vec(),
        _ => subject.goroutine.objects(),
    };
    let of = |lock: &Lock, index: usize| {
        let name = frames[index].func.as_str();
        let (of, method) = name.rsplit_once(").").filter(|_| !name.contains('['))?;
        let func = function(subject, &frames[index]).filter(|func| func.func_name() == lock.func)?;
        let receiver = func.field("receiver")?.first()?.field("name")?.text();
        let way = lock.expr.strip_prefix(receiver)?;
        let is_field = way.is_empty() || way.starts_with('.');
        let object = objects.iter().find(|object| object.frame == index)?;
        (is_field && !method.contains('.')).then(|| ((of.to_owned(), way.to_owned()), object.address))
    };
    let (outer, here) = (of(held, held.frame?)?, of(wanted, inner)?);
    (outer.0 == here.0).then_some(())?;
    let same = outer.1 == here.1;
    // Two structs may keep one lock.
    (same || is_part(subject, &here.0.1)).then_some(same)
}

/// Whether the lock that is wanted lies in the struct itself: behind these fields is no pointer.
fn is_part(subject: &Subject<'_>, way: &str) -> bool {
    let operand = || {
        let place = Place::of(subject)?;
        let operand = operand_of(held::taken(&place, subject)?)?;
        Some((place.files, operand))
    };
    let by_value = |(files, operand)| match type_of(files, operand) {
        Some(Type::Written(kind)) => {
            matches!(kind.kind(), "type_identifier" | "qualified_type") && kind.text() != "sync.Locker"
        }
        _ => false,
    };
    way.is_empty() || way.matches('.').count() == 1 && operand().is_some_and(by_value)
}

/// Says so in the cause, with what to do.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause, kind: &str, wanted: &Lock, own: &Own<'_>) {
    let (expr, lock) = (&wanted.expr, own.lock);
    let outer = lock.frame.filter(|outer| is_further_out(subject, *outer));
    let whence = if outer.is_some() {
        ", further up its own stack"
    } else {
        ""
    };
    let locked = if lock.read { "read-locked" } else { "locked" };
    let name = match lock.expr == *expr {
        true => String::new(),
        false => format!(", as `{}`,", lock.expr),
    };
    cause.waits_for = match own.is_sure {
        true => format!(
            "`{expr}`, {kind} that it has {locked} itself{name} at {}{whence}",
            lock.place
        ),
        false => format!(
            "`{expr}`, {kind} that no other goroutine is seen to hold: this one has {locked} `{}` at {}{whence}",
            lock.expr, lock.place
        ),
    };
    let upgrades = lock.read && !wanted.read;
    if upgrades {
        cause.waits_for += ": Lock waits until no reader is left";
    }
    let unlock = if lock.read { "RUnlock" } else { "Unlock" };
    let call = outer.and_then(|outer| Inside::of(subject, subject.goroutine, outer)?.call());
    cause.fix = match (call, outer) {
        (Some(call), _) => around(subject, call, wanted, lock),
        (None, Some(_)) => format!(
            "do not lock `{expr}` again ({}) before its {unlock}: split off a part of {} that expects the lock to be held",
            wanted.place,
            what_locks(subject, wanted)
        ),
        (None, None) if upgrades => format!(
            "call `{expr}.RUnlock()` before Lock, and look again at what was read: a read lock can't become a lock"
        ),
        (None, None) => format!(
            "do not lock `{expr}` again ({}) before its {unlock}: lock it once for both",
            wanted.place
        ),
    };
}

/// What to do about a call under a lock that it wants itself: those ways out that there are.
fn around<'a>(subject: &Subject<'a>, call: At<'a>, wanted: &Lock, lock: &Lock) -> String {
    let (name, at, expr) = (called(call), short(call), &lock.expr);
    let (locked, unlock) = match lock.read {
        true => ("read-locked", "RUnlock"),
        false => ("locked", "Unlock"),
    };
    let when = match is_first_under(call, lock) {
        true => format!(
            "before `{expr}` is {locked} ({}) or after its {unlock}",
            lock.place
        ),
        false => format!("after the {unlock} of `{expr}` ({locked} at {})", lock.place),
    };
    let copy = match enclosing_loop(&call) {
        Some(_) => ", in a loop over a copy",
        None => "",
    };
    // What is given as a value is written by others, and a reader may not write.
    let is_own = callee(subject.code.sources, call).is_some_and(|func| func.kind() != "func_literal");
    let upgrades = lock.read && !wanted.read;
    let part = match is_own && !upgrades {
        true => format!(
            ", or let it run a part of {} that expects the lock to be held",
            what_locks(subject, wanted)
        ),
        false => String::new(),
    };
    format!("call `{name}` ({at}) {when}{copy}{part}")
}

/// Whether nothing is done between the lock and a call.
fn is_first_under(call: At<'_>, lock: &Lock) -> bool {
    let statement = statement_around(call);
    let list = statement.and_then(|statement| statement.parent());
    let before = list.map_or(Vec::new(), |list| list.children()).into_iter();
    let mut before: Vec<At<'_>> = before.take_while(|one| Some(*one) != statement).collect();
    while before.last().is_some_and(|last| last.kind() == "defer_statement") {
        before.pop();
    }
    let takes = if lock.read { "RLock" } else { "Lock" };
    before
        .last()
        .is_some_and(|last| last.text() == format!("{}.{takes}()", lock.expr))
}

/// Whether a frame is further out than the one that wants the lock.
fn is_further_out(subject: &Subject<'_>, index: usize) -> bool {
    let frames = &subject.goroutine.frames;
    let inner = site(frames).and_then(|site| frames.iter().position(|frame| std::ptr::eq(frame, site)));
    inner.is_some_and(|inner| index > inner)
}

/// The function that wants the lock, in words.
fn what_locks(subject: &Subject<'_>, wanted: &Lock) -> String {
    let func = || {
        let place = Place::of(subject)?;
        held::taken(&place, subject)?.func()
    };
    match func() {
        Some(func) if func.kind() == "func_literal" => format!("the function of {}", short(func)),
        _ => wanted.func.clone(),
    }
}
