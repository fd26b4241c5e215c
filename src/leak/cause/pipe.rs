//! Pipes: which end has to be closed, or which process has to end, so that a read or write of one returns, and who does that.

use super::exits::{first_skip, left_open, statement_around};
use super::fact::therefore;
use super::far_end::{self, End};
use super::peers::near;
use super::place::{Place, function, handle, short};
use super::stack::Stack;
use super::unsent::is_there;
use super::{Subject, context, ending, waits, with};
use crate::go_source::calls::{callee, callers, operand_of, qualified};
use crate::go_source::types::{name_of, type_of};
use crate::go_source::values::writes;
use crate::go_source::{At, Var, flow, variable};
use crate::leak::{Cause, CauseCode};

/// A pipe inside the process.
struct Pipe {
    /// What is called on it.
    calls: &'static [&'static str],
    code: CauseCode,
    waits_for: &'static str,
    /// The fix where the source does not show the pipe.
    fix: &'static str,
    closes: Closes,
}

/// The ends that end the wait when they are closed.
enum Closes {
    /// Any: the one that the goroutine does not have comes first.
    Either,
    /// The first is read from, the second written to.
    Only(usize),
}

const PIPES: &[Pipe] = &[
    Pipe {
        calls: &["net.(*pipe).read", "net.(*pipe).write"],
        code: CauseCode::NetworkIo,
        waits_for: "the other end of a net.Pipe",
        fix: "close one of its two ends when the test is done: reads and writes on both then return",
        closes: Closes::Either,
    },
    Pipe {
        calls: &["io.(*pipe).read"],
        code: CauseCode::PipeIo,
        waits_for: "data from an io.Pipe whose writer is still open and silent",
        fix: "close the writer on every path (CloseWithError where it fails), or close the reader",
        closes: Closes::Only(1),
    },
    Pipe {
        calls: &["io.(*pipe).write"],
        code: CauseCode::PipeIo,
        waits_for: "a reader of an io.Pipe, which nothing reads now",
        fix: "close the reader when it stops reading: writes then return",
        closes: Closes::Only(0),
    },
];

/// What closes an end.
pub(super) const CLOSES: &[&str] = &["Close", "CloseWithError"];
/// What ends a process.
const KILLS: &[&str] = &["Kill", "Signal", "Cancel"];

/// The cause of a read or write of a pipe.
pub(super) fn by_pipe(subject: &Subject<'_>, stack: &Stack) -> Option<Cause> {
    if let Some(pipe) = PIPES.iter().find(|pipe| stack.calls(pipe.calls)) {
        let mut cause = with(pipe.code, pipe.waits_for, pipe.fix);
        if let Some((place, End::Pipe { made, index })) = end(subject) {
            let ends = match pipe.closes {
                Closes::Either => vec![1 - index.min(1), index],
                Closes::Only(end) => vec![end],
            };
            let later = match pipe.closes {
                Closes::Only(other) => used_later(&place, made, other),
                Closes::Either => None,
            };
            match later {
                Some(later) => {
                    let (other, other_one) = match index {
                        1 => ("a reader", "writes"),
                        _ => ("a writer", "reads"),
                    };
                    cause.waits_for = format!(
                        "{other} of an io.Pipe, which this goroutine itself would be only later ({})",
                        place.told(later)
                    );
                    cause.fix = format!(
                        "start a goroutine that {other_one}, and closes its end then, or use a bytes.Buffer in place of the pipe"
                    );
                }
                None => cause.fix = closed(subject, &place, made, &ends).unwrap_or(cause.fix),
            }
        }
        return Some(cause);
    }
    let file = stack.calls(&["os.(*File).Read", "os.(*File).Write", "os.(*File).WriteString"]);
    let (place, end) = end(subject).filter(|_| file)?;
    let writes = far_end::writes(subject.goroutine);
    Some(match end {
        End::Pipe { made, .. } => {
            let (waits_for, other) = match writes {
                true => ("room in an os.Pipe, which is not read any more", 0),
                false => ("data from an os.Pipe whose writer is still open and silent", 1),
            };
            let mut cause = with(CauseCode::FileIo, waits_for, "");
            cause.fix = closed(subject, &place, made, &[other]).unwrap_or(cause.fix);
            cause
        }
        End::Command { command } => {
            let name = command.text();
            let waits_for = match writes {
                true => format!("the process of `{name}` to read its standard input, which it does not"),
                false => {
                    format!("output of the process of `{name}`: it, or one that it has started, still runs")
                }
            };
            with(CauseCode::FileIo, &waits_for, &ended(&place, command))
        }
        End::Dialled { .. } | End::Accepted { .. } => return None,
    })
}

/// The command whose input or output a goroutine writes or reads.
pub(super) fn command<'a>(subject: &Subject<'a>) -> Option<At<'a>> {
    match end(subject)? {
        (_, End::Command { command }) => Some(command),
        _ => None,
    }
}

/// The methods that end what a goroutine reads from or writes to, the best first.
pub(super) fn endings(subject: &Subject<'_>) -> Vec<String> {
    let found = || {
        let (place, end) = end(subject)?;
        match end {
            End::Pipe { made, .. } => [0, 1].iter().find_map(|index| {
                let var = flow::beside(place.files, made, *index)?;
                ending::of_method(&place, &var, CLOSES)
            }),
            End::Command { command } => ender(&place, command),
            End::Dialled { .. } | End::Accepted { .. } => None,
        }
    };
    match found() {
        Some(ending::Ending::Method { name, .. }) => vec![name.to_owned()],
        _ => Vec::new(),
    }
}

/// What the goroutine's own line reads from or writes to.
fn end<'a>(subject: &Subject<'a>) -> Option<(Place<'a>, End<'a>)> {
    let frames = &subject.goroutine.frames;
    let waits = ["net.(*pipe)", "io.(*pipe)", "os.(*File)"];
    let is_pipe = |name: &str| waits.iter().any(|prefix| name.starts_with(prefix));
    frames.iter().find(|frame| is_pipe(frame.func.as_str()))?;
    let place = match subject.code.innermost_own(frames) {
        Some(index) => Place::at(subject, index)?,
        None => {
            let created = subject.goroutine.created.as_ref()?;
            let at = created
                .at
                .as_ref()
                .filter(|at| subject.code.is_own_at(&created.func, Some(at)))?;
            Place::of_line(subject, at)?
        }
    };
    let end = far_end::of_line(&place, subject.goroutine)?;
    Some((place, end))
}

/// Where the function that makes a pipe uses the other end itself, after the wait, and nothing else has that end.
fn used_later<'a>(place: &Place<'a>, made: At<'a>, other: usize) -> Option<At<'a>> {
    let var @ Var::Local(_) = flow::beside(place.files, made, other)? else {
        return None;
    };
    let func = made.func()?;
    let is_here = place.file.func_at(place.line) == Some(func);
    let is_close = |at: &At<'a>| {
        let outer = at.parent().and_then(|outer| outer.field("field"));
        outer.is_some_and(|field| CLOSES.contains(&field.text()))
    };
    let uses: Vec<At<'a>> = flow::uses(place.files, &var)
        .into_iter()
        .filter(|at| !is_close(at) && at.start() > made.end())
        .collect();
    let is_later = |at: &At<'a>| at.func() == Some(func) && at.line() > place.line && !at.is_deferred();
    let apart = |at: &At<'a>| {
        at.ancestors()
            .take_while(|node| *node != func)
            .any(|node| node.kind() == "go_statement")
    };
    let all = is_here && !uses.is_empty() && uses.iter().all(|at| is_later(at) && !apart(at));
    all.then(|| uses.first().copied())?
}

/// What to do so that one of these ends of a pipe is closed.
fn closed<'a>(subject: &Subject<'a>, place: &Place<'a>, made: At<'a>, ends: &[usize]) -> Option<String> {
    let files = place.files;
    let vars: Vec<Var<'a>> = ends
        .iter()
        .filter_map(|end| flow::beside(files, made, *end))
        .collect();
    let mut owners = vars
        .iter()
        .filter_map(|var| ending::of_method(place, var, CLOSES));
    if let Some(ending) = owners.next() {
        return Some(ending.told(place));
    }
    // No close has been reached, or the goroutine would not wait.
    let mut called = vars.iter().flat_map(|var| flow::methods(files, var, CLOSES));
    if let Some(close) = called.find_map(|close| Some(close.selector).filter(|_| close.call.is_some())) {
        if let Some(skip) = first_skip(made, &[close]) {
            return Some(skip.told(made, |at| place.told(at)));
        }
        if let Some(fix) = kept_back(subject, place, made, close, &vars) {
            return Some(fix);
        }
        if let Some(fix) = closed_in_a_branch(place, close) {
            return Some(fix);
        }
        let fix = match close.is_deferred() {
            true => format!(
                "let the function of that `defer` return, or call `{}` as soon as that end is done with",
                close.text()
            ),
            false => format!(
                "call `{}` on every path, also where a function returns before, for example with `defer`",
                close.text()
            ),
        };
        return Some(therefore(
            &format!("`{}` ({}) is not reached", close.text(), place.told(close)),
            &fix,
        ));
    }
    if let Some(fix) = left_open_on_a_way(place, &vars) {
        return Some(fix);
    }
    if let [one] = &vars[..]
        && let Some(fix) = left_open_by_its_maker(subject, place, made, one)
    {
        return Some(fix);
    }
    let var = vars.into_iter().find_map(|var| holder(place, var))?;
    let when = match ends {
        [1] => "after its last write, on every path",
        [0] => "when it is not read any more",
        _ => "when the test is done with it",
    };
    Some(match &var {
        Var::Local(name) | Var::Global(name) => {
            let what = format!("`{}` ({})", name.text(), short(*name));
            if !has_close(place, *name) {
                return Some(format!(
                    "close {what} {when}: its type has no Close, so hand it on as what io.Pipe returns, or as an io.ReadCloser or io.WriteCloser"
                ));
            }
            let handle = name
                .func()
                .and_then(handle)
                .and_then(|handle| handle.field("name"));
            match handle {
                Some(t) => format!(
                    "close {what} {when}: `{}.Cleanup(func() {{ {}.Close() }})`",
                    t.text(),
                    name.text()
                ),
                None => format!("close {what} {when}"),
            }
        }
        Var::Field(owner, name) => format!("close `{name}` of the {} {when}", owner.name),
    })
}

/// What to do where an end of a pipe is closed only under a condition that does not ask for the end itself.
fn closed_in_a_branch<'a>(place: &Place<'a>, close: At<'a>) -> Option<String> {
    let end = close.field("operand")?.text();
    let mut around = close.ancestors().take_while(|node| !node.is_func());
    let branch = around.find(|node| node.kind() == "if_statement")?;
    let condition = branch.field("condition")?;
    let then = branch.field("consequence")?.contains(&close);
    let is_only = branch.field("alternative").is_none() && then && !condition.text().contains(end);
    is_only.then(|| {
        therefore(
            &format!(
                "`{}` ({}) is called only where `{}`",
                close.text(),
                place.told(close),
                condition.text()
            ),
            &format!(
                "call `{end}.Close()` on the other way too, behind that `if` ({})",
                place.told(branch)
            ),
        )
    })
}

/// What to do where the function that would close an end of a pipe is still in a wait that comes before: for this goroutine, or for
/// something else.
fn kept_back<'a>(
    subject: &Subject<'a>,
    place: &Place<'a>,
    made: At<'a>,
    close: At<'a>,
    ends: &[Var<'a>],
) -> Option<String> {
    let func = close.func()?;
    // Elsewhere it may be the end of another pipe.
    made.top_func().filter(|maker| maker.contains(&func))?;
    let name = close.text();
    let is_started_there = || {
        let (file, line) = place.started?;
        let starts = func.find(&["go_statement"]).into_iter();
        let mut here = starts.filter(|start| std::ptr::eq(start.file, file) && start.line() == line);
        here.next()
    };
    let keeper = near(subject).find_map(|peer| {
        let mut frames = peer.goroutine.frames.iter();
        let frame = frames.find(|frame| function(subject, frame) == Some(func))?;
        let line = frame.at.as_ref()?.line;
        (close.is_deferred() || close.line() > line).then_some((peer, line))
    });
    let (peer, line) = keeper?;
    let who = match func.kind() {
        "func_literal" => format!("the function of {}", place.told(func)),
        _ => func.func_name().to_owned(),
    };
    let at = place.told_line(func.file, line);
    let waits_for_this = waits::of(&subject.beside(peer))
        .iter()
        .any(|waits| waits.goroutines.contains(&subject.id));
    let is_used = |at: At<'a>| at.func() != Some(func) || at.line() > line;
    let uses = ends.iter().flat_map(|end| flow::uses(place.files, end));
    let is_close = |at: &At<'a>| at.parent() == Some(close);
    let is_done = !uses.filter(|at| !is_close(at)).any(is_used);
    if waits_for_this && is_done && is_started_there().is_some() {
        return Some(therefore(
            &format!(
                "`{name}` ({}) comes only after the wait of {who} ({at}), which is for this goroutine",
                place.told(close)
            ),
            &format!("call `{name}` before that wait ({at})"),
        ));
    }
    Some(therefore(
        &format!(
            "`{name}` ({}) is not reached: {who} is still at {at}",
            place.told(close)
        ),
        &format!(
            "let {who} go on from {at}, or call `{name}` before that, once nothing more goes through the pipe"
        ),
    ))
}

/// What to do where one function that gets an end of a pipe leaves it open on a way out, and all others close it.
fn left_open_on_a_way<'a>(place: &Place<'a>, ends: &[Var<'a>]) -> Option<String> {
    let files = place.files;
    let names = ends.iter().flat_map(|end| flow::names(files, end.clone()));
    let stays = |name: &Var<'a>| matches!(name, Var::Local(_)) && !flow::is_handed_on(files, name);
    let got = names.filter(stays).filter_map(|name| {
        let made = match &writes(files, &name)[..] {
            [one] => one.value,
            _ => return None,
        };
        let is_it = made.kind() == "call_expression" && place.is_by_test(made);
        let closes = flow::methods(files, &name, CLOSES).into_iter();
        is_it.then(|| (made, closes.map(|close| close.selector).collect::<Vec<_>>()))
    });
    let got: Vec<(At<'a>, Vec<At<'a>>)> = got.collect();
    let (made, closes) = got
        .iter()
        .find(|(made, closes)| first_skip(*made, closes).is_some())?;
    let is_closed = |(made, closes): &&(At<'a>, Vec<At<'a>>)| {
        !closes.is_empty() && left_open(*made, closes).is_some_and(|exits| exits.is_empty())
    };
    let others = got.iter().filter(|(other, _)| other != made);
    // A call whose result has no name is one more.
    let makers = callee(files, *made).map_or(Vec::new(), |maker| callers(files, maker));
    let is_other = |call: &At<'a>| place.is_by_test(*call) && !got.iter().any(|(made, _)| made == call);
    if others.clone().filter(is_closed).count() < others.count() || makers.iter().any(is_other) {
        return None;
    }
    Some(first_skip(*made, closes)?.told(*made, |at| place.told(at)))
}

/// What to do where a command writes to an io.Pipe whose reader the function that starts it has left open: `cmd.Stdout = w`.
pub(super) fn of_output<'a>(subject: &Subject<'a>, place: &Place<'a>, start: At<'a>) -> Option<String> {
    let command = operand_of(start)?;
    let outputs = ["Stdout", "Stderr"].map(|field| format!("{}.{field}", command.text()));
    let sets = start.func()?.find(&["assignment_statement"]).into_iter();
    let mut given = sets.filter_map(|set| {
        let to = set.field("left")?.first()?;
        let value = set.field("right")?.first()?;
        outputs.iter().any(|output| to.text() == output).then_some(value)
    });
    let values = place.values(given.next()?);
    let [made] = &values[..] else { return None };
    let reader = flow::beside(place.files, made.expr, 0);
    let is_pipe = qualified(&made.expr) == Some(("io", "Pipe")) && made.index == 1;
    left_open_by_its_maker(subject, place, made.expr, &reader.filter(|_| is_pipe)?)
}

/// What to do where the function that makes a pipe has used one end of it alone, and has returned without closing that.
fn left_open_by_its_maker<'a>(
    subject: &Subject<'a>,
    place: &Place<'a>,
    made: At<'a>,
    end: &Var<'a>,
) -> Option<String> {
    let files = place.files;
    let Var::Local(decl) = end else { return None };
    let func = made.func()?;
    let is_test = handle(func).is_some() || func.kind() == "func_literal";
    let has_no_result = func.field("result").is_none_or(|result| result.text() == "error");
    if is_test || flow::is_handed_on(files, end) {
        return None;
    }
    // What a call gives back may read from it later on.
    let keeps = |name: At<'a>| {
        let var = variable(files, name);
        !["_", "err"].contains(&name.text()) && var.is_none_or(|var| flow::is_handed_on(files, &var))
    };
    let stays = |at: &At<'a>| {
        let Some(statement) = statement_around(*at) else {
            return false;
        };
        let around = at.ancestors().take_while(|node| *node != statement);
        let mut sets = around.chain([statement]).filter_map(|node| node.field("left"));
        at.func() == Some(func)
            && match statement.kind() {
                "go_statement" | "defer_statement" => false,
                "return_statement" => has_no_result,
                _ => !sets.any(|left| left.children().into_iter().any(keeps)),
            }
    };
    let uses = flow::uses(files, end).into_iter().filter(|at| at != decl);
    if !uses.into_iter().all(|at| stays(&at)) || is_there(subject, func) {
        return None;
    }
    let name = decl.text();
    let at = place.told(*decl);
    Some(therefore(
        &format!("{} has returned and left `{name}` ({at}) open", func.func_name()),
        &format!("`defer {name}.Close()` right after {at}"),
    ))
}

/// Whether what a variable holds can be closed by its type.
fn has_close(place: &Place<'_>, name: At<'_>) -> bool {
    let kind = type_of(place.files, name).and_then(|kind| name_of(place.files, &kind));
    !kind.is_some_and(|kind| kind.is("io", "Reader") || kind.is("io", "Writer"))
}

/// How far a value is followed.
const MOST_HOLDERS: usize = 12;

/// The variable that a test, else whoever comes last, has an end of a pipe in.
fn holder<'a>(place: &Place<'a>, var: Var<'a>) -> Option<Var<'a>> {
    let mut all = vec![var];
    let mut at = 0;
    while at < all.len() && all.len() < MOST_HOLDERS {
        for alias in flow::aliases(place.files, &all[at]) {
            if !all.contains(&alias) {
                all.push(alias);
            }
        }
        at += 1;
    }
    let is_parameter = |var: &Var<'_>| match var {
        Var::Local(name) => name
            .parent()
            .is_some_and(|parent| parent.kind() == "parameter_declaration"),
        _ => false,
    };
    // What a command is given stays its giver's to close.
    let is_of_command = |var: &Var<'_>| matches!(var, Var::Field(owner, _) if owner.is("os/exec", "Cmd"));
    all.retain(|var| !is_parameter(var) && !is_of_command(var) && var.name() != "_");
    let of_test = |var: &&Var<'_>| match var {
        Var::Local(name) => name.top_func().map(|func| func.func_name()) == place.test,
        _ => false,
    };
    all.iter().rfind(of_test).or(all.last()).cloned()
}

/// What to do so that the process of a command ends.
pub(super) fn ended<'a>(place: &Place<'a>, command: At<'a>) -> String {
    if let Some(ending) = ender(place, command) {
        return ending.told(place);
    }
    if let Some(fix) = context_of(place, command).and_then(|context| context::facts(place, context).fix) {
        return format!("{fix}; then call `{}.Wait()`", command.text());
    }
    let name = command.text();
    let end = format!("`{name}.Process.Kill()`, then `{name}.Wait()`");
    let t = command
        .ancestors()
        .filter(At::is_func)
        .find_map(handle)
        .and_then(|handle| handle.field("name"));
    match t {
        Some(t) => format!(
            "end the process when the test is done, and Wait for it: `{}.Cleanup(func() {{ {name}.Process.Kill(); {name}.Wait() }})`",
            t.text()
        ),
        None => format!("end the process when the test is done, and Wait for it: {end}"),
    }
}

/// Who kills the process of a command; else who waits for it, which ends only what ends by itself.
fn ender<'a>(place: &Place<'a>, command: At<'a>) -> Option<ending::Ending<'a>> {
    killer(place, command).or_else(|| ending::of_part(place, &place.variable(command)?, &["Wait"]))
}

/// Who kills the process of a command, or cancels its context.
pub(super) fn killer<'a>(place: &Place<'a>, command: At<'a>) -> Option<ending::Ending<'a>> {
    let kills = ending::of_part(place, &place.variable(command)?, KILLS);
    kills.or_else(|| {
        let values = context::resolved(place, context_of(place, command)?);
        let mut cancels = values
            .iter()
            .filter_map(|value| flow::beside(place.files, value.expr, 1));
        cancels.find_map(|cancel| ending::of_cancel(place, &cancel))
    })
}

/// The context of `exec.CommandContext(ctx, …)`.
fn context_of<'a>(place: &Place<'a>, command: At<'a>) -> Option<At<'a>> {
    let values = place.values(command);
    let [value] = &values[..] else { return None };
    (qualified(&value.expr) == Some(("os/exec", "CommandContext")))
        .then(|| value.expr.field("arguments")?.first())?
}
