//! The far end of what a goroutine reads from or writes to: the other half of a connection that the same test has made, the
//! request that a handler answers, the process whose output is read.

use super::held::{self, called_on};
use super::peers::{self, near};
use super::place::file;
use super::stack::site;
use super::{Peer, Subject};
use crate::go_source::calls::{called_name, on_line, qualified};
use crate::go_source::{At, Calls, GoFiles, Value, values};
use crate::goroutine::{Goroutine, GoroutineId, name};
use crate::leak::WaitsBecause;

/// How deep a connection is looked for in what wraps it: `json.NewDecoder(bufio.NewReader(conn))`.
const DEEPEST: usize = 3;

/// One half of a connection.
#[derive(Debug, Clone, PartialEq)]
enum End {
    /// Made by net.Dial and the like, to the listener of this name if the source tells.
    Dialled { to: Option<String> },
    /// Made by Accept, of this listener.
    Accepted { from: String },
    /// One of the two of a net.Pipe.
    Pipe { made: String, index: usize },
}

/// Who has the far end, if a goroutine of the same test has.
pub(super) fn of(subject: &Subject<'_>) -> Option<(WaitsBecause, Vec<GoroutineId>)> {
    let goroutine = subject.goroutine;
    if serves(goroutine) && waits_for_its_client(subject, goroutine) {
        let asks = near(subject).filter(|peer| peers::calls(peer.goroutine, peers::ROUND_TRIPS));
        return Some((WaitsBecause::Connection, ids(asks)));
    }
    if peers::calls(goroutine, peers::ROUND_TRIPS) {
        let answers = near(subject).filter(|peer| {
            serves(peer.goroutine)
                && subject.code.innermost_own(&peer.goroutine.frames).is_some()
                && !waits_for_its_client(subject, peer.goroutine)
        });
        return Some((WaitsBecause::Handler, ids(answers)));
    }
    if let Some(process) = process_of(subject, goroutine) {
        return Some((WaitsBecause::Process, process));
    }
    connection(subject).map(|ids| (WaitsBecause::Connection, ids))
}

fn ids<'s, 'a: 's>(peers: impl Iterator<Item = &'s Peer<'a>>) -> Vec<GoroutineId> {
    peers.map(|peer| peer.id).collect()
}

/// A handler of an HTTP server.
fn serves(goroutine: &Goroutine) -> bool {
    let frames = &goroutine.frames;
    frames.iter().any(|frame| {
        matches!(
            frame.func.as_str(),
            "net/http.(*conn).serve" | "net/http.(*http2serverConn).runHandler"
        )
    })
}

/// `<-r.Context().Done()`: the client ends it by going away.
fn waits_for_its_client(subject: &Subject<'_>, goroutine: &Goroutine) -> bool {
    let found = || {
        let at = site(&goroutine.frames)?.at.as_ref()?;
        let file = file(subject, at)?;
        let calls = on_line(file, at.line);
        let done = calls.iter().find(|call| called_name(call) == Some("Done"))?;
        let context = done.field("function")?.field("operand")?;
        let values = values::values(subject.code.sources, context, &Calls::default());
        let of_request = |value: &Value<'_>| {
            calls_of(value).any(|call| {
                let arguments = call.field("arguments");
                called_name(&call) == Some("Context")
                    && arguments.is_some_and(|list| list.children().is_empty())
            })
        };
        Some(!values.is_empty() && values.iter().all(of_request))
    };
    found().unwrap_or_default()
}

/// Those that wait for the process whose output this one reads; of several processes, none.
fn process_of(subject: &Subject<'_>, goroutine: &Goroutine) -> Option<Vec<GoroutineId>> {
    const WAIT: &str = "os/exec.(*Cmd).Wait";
    let creator = goroutine
        .created
        .as_ref()
        .map(|created| name::normal(created.func.as_str()));
    let copies = matches!(
        creator.as_deref(),
        Some("os/exec.(*Cmd).Start" | "os/exec.(*Cmd).watchCtx")
    );
    let files = ["os.(*File).Read", "os.(*File).Write"];
    if !copies && !peers::calls(goroutine, &files) {
        return None;
    }
    let waits: Vec<&Peer<'_>> = near(subject)
        .filter(|peer| peers::calls(peer.goroutine, &[WAIT]))
        .collect();
    let found: Vec<GoroutineId> = if copies {
        // Once the process has ended, its Wait waits for the copies.
        let of_process =
            |peer: &&&Peer<'_>| !peers::calls(peer.goroutine, &["os/exec.(*Cmd).awaitGoroutines"]);
        waits.iter().filter(of_process).map(|peer| peer.id).collect()
    } else {
        let wanted = expressions(subject, goroutine)
            .into_iter()
            .find_map(|expr| piped(subject.code.sources, expr, 0))?;
        let on = |peer: &Peer<'_>| called_on(subject, peer.goroutine, WAIT, "Wait");
        let same = waits.iter().filter(|peer| on(peer).as_ref() == Some(&wanted));
        same.map(|peer| peer.id).collect()
    };
    (found.len() == 1).then_some(found)
}

/// The command of `cmd.StdoutPipe()`.
fn piped<'a>(files: &'a GoFiles, expr: At<'a>, depth: usize) -> Option<String> {
    for value in values::values(files, expr, &Calls::default()) {
        for call in calls_of(&value) {
            if matches!(
                called_name(&call),
                Some("StdoutPipe" | "StderrPipe" | "StdinPipe")
            ) {
                let command = call.field("function")?.field("operand")?;
                return held::key(files, command, &Calls::default());
            }
            if depth < DEEPEST
                && let Some(found) = wrapped(call).and_then(|inner| piped(files, inner, depth + 1))
            {
                return Some(found);
            }
        }
    }
    None
}

/// The calls that a value came through: those of the standard library may have been followed into.
fn calls_of<'v, 'a>(value: &'v Value<'a>) -> impl Iterator<Item = At<'a>> + use<'v, 'a> {
    let all = value.path.iter().copied();
    all.filter(|expr| expr.kind() == "call_expression")
}

/// The goroutines that hold the other half of the connection.
fn connection(subject: &Subject<'_>) -> Option<Vec<GoroutineId>> {
    let own = end(subject, subject.goroutine)?;
    let others: Vec<(&Peer<'_>, End)> = near(subject)
        .filter_map(|peer| Some((peer, end(subject, peer.goroutine)?)))
        .collect();
    let alone = |wanted: &dyn Fn(&End) -> bool| {
        let mut found = others.iter().filter(|(_, end)| wanted(end));
        let first = found.next()?;
        found.next().is_none().then_some(first.0.id)
    };
    let found = match &own {
        // Closing one half ends both: the first of a pipe, and the one that was dialled, come first.
        End::Pipe { made, index: 1 } => {
            let first = End::Pipe {
                made: made.clone(),
                index: 0,
            };
            let halves = others.iter().filter(|(_, end)| *end == first);
            return Some(halves.map(|(peer, _)| peer.id).collect());
        }
        End::Accepted { from } => {
            let accepted = |end: &End| matches!(end, End::Accepted { from: other } if other == from);
            // Of several connections nothing says which is which.
            if others.iter().any(|(_, end)| accepted(end)) {
                return None;
            }
            alone(&|end| matches!(end, End::Dialled { to: Some(to) } if to == from))
        }
        End::Pipe { .. } | End::Dialled { .. } => None,
    };
    found.map(|id| vec![id])
}

/// The half that a goroutine reads or writes.
fn end(subject: &Subject<'_>, goroutine: &Goroutine) -> Option<End> {
    let blocked = goroutine.frames.iter().any(|frame| {
        let func = frame.func.as_str();
        func.starts_with("net.(*conn).")
            || func.starts_with("net.(*TCPConn).")
            || func.starts_with("net.(*pipe).")
    });
    if !blocked {
        return None;
    }
    let found = expressions(subject, goroutine)
        .into_iter()
        .filter_map(|expr| made(subject.code.sources, expr, 0));
    let mut found: Vec<End> = found.collect();
    found.dedup();
    match &found[..] {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// What the line of a goroutine's own code (or of its `go` statement) hands to the call that blocks.
fn expressions<'a>(subject: &Subject<'a>, goroutine: &Goroutine) -> Vec<At<'a>> {
    let at = match subject.code.innermost_own(&goroutine.frames) {
        Some(index) => goroutine.frames.get(index).and_then(|frame| frame.at.as_ref()),
        None => goroutine.created.as_ref().and_then(|created| created.at.as_ref()),
    };
    let Some((file, line)) = at.and_then(|at| Some((file(subject, at)?, at.line))) else {
        return Vec::new();
    };
    let calls = on_line(file, line).into_iter();
    calls
        .flat_map(|call| {
            let operand = call
                .field("function")
                .and_then(|function| function.field("operand"));
            let arguments = call.field("arguments").map_or(Vec::new(), |list| list.children());
            operand.into_iter().chain(arguments)
        })
        .collect()
}

/// The half of a connection that an expression holds.
fn made<'a>(files: &'a GoFiles, expr: At<'a>, depth: usize) -> Option<End> {
    let values = values::values(files, expr, &Calls::default());
    let [value] = &values[..] else { return None };
    calls_of(value).find_map(|call| made_by(files, call, value.index, depth))
}

fn made_by<'a>(files: &'a GoFiles, call: At<'a>, index: usize, depth: usize) -> Option<End> {
    let name = called_name(&call)?;
    let place = || format!("{}:{}", call.file.path, call.start());
    match (qualified(&call), name) {
        (Some(("net", "Pipe")), _) => Some(End::Pipe { made: place(), index }),
        (Some(("net" | "crypto/tls", _)) | None, dials) if dials.starts_with("Dial") => Some(End::Dialled {
            to: call
                .field("arguments")?
                .children()
                .into_iter()
                .find_map(|argument| listener(files, argument)),
        }),
        (None, "Accept" | "AcceptTCP" | "AcceptUnix") => Some(End::Accepted {
            from: thing(files, call.field("function")?.field("operand")?)?,
        }),
        _ if depth < DEEPEST => wrapped(call).and_then(|inner| made(files, inner, depth + 1)),
        _ => None,
    }
}

/// The reader in `bufio.NewScanner(reader)`.
fn wrapped(call: At<'_>) -> Option<At<'_>> {
    let wraps = qualified(&call)
        .is_some_and(|(_, name)| name.starts_with("New") || matches!(name, "Client" | "Server"));
    wraps.then(|| call.field("arguments")?.first()).flatten()
}

/// The listener of `l.Addr().String()`.
fn listener<'a>(files: &'a GoFiles, expr: At<'a>) -> Option<String> {
    let values = values::values(files, expr, &Calls::default());
    let path = values.iter().flat_map(|value| value.path.iter());
    let calls = path.flat_map(|expr| expr.find(&["call_expression"]));
    calls
        .filter(|call| called_name(call) == Some("Addr"))
        .find_map(|call| thing(files, call.field("function")?.field("operand")?))
}

/// A text for what makes a listener.
fn thing<'a>(files: &'a GoFiles, expr: At<'a>) -> Option<String> {
    let values = values::values(files, expr, &Calls::default());
    let [value] = &values[..] else { return None };
    let made = calls_of(value).next()?;
    Some(format!("{}:{}", made.file.path, made.start()))
}
