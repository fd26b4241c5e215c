//! The far end of what a goroutine reads from or writes to: the other half of a connection that the same test has made, the
//! request that a handler answers, the process whose output is read; and what a line reads from or writes to at all.

use super::held::{self, called_on};
use super::peers::{self, READ_LOOP, near};
use super::place::{Place, file};
use super::stack::site;
use super::{Peer, Subject};
use crate::go_source::calls::{called_name, callee, on_line, operand_of, qualified};
use crate::go_source::{At, Calls, GoFile, GoFiles, Value, values};
use crate::goroutine::{Goroutine, GoroutineId, name};
use crate::leak::WaitsBecause;

/// How deep a connection is looked for in what wraps it: `json.NewDecoder(bufio.NewReader(conn))`.
const DEEPEST: usize = 3;

/// One end of a connection or pipe.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End<'a> {
    /// Made by net.Dial and the like, to the listener of this name if the source tells.
    Dialled { to: Option<String> },
    /// Made by Accept, of this listener.
    Accepted { from: String },
    /// One of the two of a net.Pipe, io.Pipe or os.Pipe, by the call that makes it.
    Pipe { made: At<'a>, index: usize },
    /// The standard input or output of a command.
    Command { command: At<'a> },
}

/// Who has the far end, if a goroutine of the same test has.
pub(super) fn of(subject: &Subject<'_>) -> Option<(WaitsBecause, Vec<GoroutineId>)> {
    let goroutine = subject.goroutine;
    if serves(goroutine) && waits_for_its_client(subject, goroutine) {
        let asks = ids(near(subject).filter(|peer| peers::calls(peer.goroutine, peers::ROUND_TRIPS)));
        // Whoever has the answer may not have read it: of several connections, none is known to be the one.
        let reads = || ids(near(subject).filter(|peer| peers::calls(peer.goroutine, &[READ_LOOP])));
        let of_one = |reads: Vec<GoroutineId>| if reads.len() == 1 { reads } else { Vec::new() };
        let clients = if asks.is_empty() { of_one(reads()) } else { asks };
        return Some((WaitsBecause::Connection, clients));
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
        let context = operand_of(*done)?;
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
        let End::Command { command } = of_goroutine(subject, goroutine)? else {
            return None;
        };
        let wanted = held::key(subject.code.sources, command, &Calls::default())?;
        let on = |peer: &Peer<'_>| called_on(subject, peer.goroutine, WAIT, "Wait");
        let same = waits.iter().filter(|peer| on(peer).as_ref() == Some(&wanted));
        same.map(|peer| peer.id).collect()
    };
    (found.len() == 1).then_some(found)
}

/// The calls that a value came through: those of the standard library may have been followed into.
fn calls_of<'v, 'a>(value: &'v Value<'a>) -> impl Iterator<Item = At<'a>> + use<'v, 'a> {
    let all = value.path.iter().copied();
    all.filter(|expr| expr.kind() == "call_expression")
}

/// The goroutines that hold the other half of the connection.
fn connection(subject: &Subject<'_>) -> Option<Vec<GoroutineId>> {
    let Some(own) = end(subject, subject.goroutine) else {
        let client = is_accepted(subject, subject.goroutine).then(|| only_client(subject));
        return client.flatten().or_else(|| only_half(subject)).map(|id| vec![id]);
    };
    let others: Vec<(&Peer<'_>, End<'_>)> = near(subject)
        .filter_map(|peer| Some((peer, end(subject, peer.goroutine)?)))
        .collect();
    let alone = |wanted: &dyn Fn(&End<'_>) -> bool| {
        let mut found = others.iter().filter(|(_, end)| wanted(end));
        let first = found.next()?;
        found.next().is_none().then_some(first.0.id)
    };
    let found = match &own {
        // Closing one half ends both: the first of a pipe, and the one that was dialled, come first.
        End::Pipe { made, index: 1 } => {
            let first = End::Pipe {
                made: *made,
                index: 0,
            };
            let halves = others.iter().filter(|(_, end)| *end == first);
            let halves: Vec<GoroutineId> = halves.map(|(peer, _)| peer.id).collect();
            return match halves.is_empty() {
                true => only_half(subject).map(|id| vec![id]),
                false => Some(halves),
            };
        }
        End::Accepted { from } => {
            let accepted = |end: &End<'_>| matches!(end, End::Accepted { from: other } if other == from);
            // Of several connections nothing says which is which.
            if others.iter().any(|(_, end)| accepted(end)) {
                return None;
            }
            alone(&|end| matches!(end, End::Dialled { to: Some(to) } if to == from))
        }
        End::Pipe { .. } | End::Dialled { .. } | End::Command { .. } => None,
    };
    found.map(|id| vec![id])
}

/// The end of a connection that a goroutine reads or writes.
fn end<'a>(subject: &Subject<'a>, goroutine: &Goroutine) -> Option<End<'a>> {
    let blocked = uses_connection(goroutine) || uses_pipe(goroutine);
    blocked.then(|| of_goroutine(subject, goroutine)).flatten()
}

/// Whether it reads or writes a net.Pipe.
fn uses_pipe(goroutine: &Goroutine) -> bool {
    let mut frames = goroutine.frames.iter();
    frames.any(|frame| frame.func.as_str().starts_with("net.(*pipe)."))
}

/// The one other goroutine of the test that waits in a net.Pipe: it has the other half. Of two, what the test's own code does comes
/// second, else what was started later.
fn only_half(subject: &Subject<'_>) -> Option<GoroutineId> {
    let own = Some(subject.goroutine).filter(|own| uses_pipe(own))?;
    let label = subject.peers.get(subject.id)?.label?;
    let mut others = near(subject)
        .filter(|peer| peer.id != subject.id && peer.label == Some(label) && uses_pipe(peer.goroutine));
    let (other, none) = (others.next()?, others.next());
    let is_of_test = |goroutine: &Goroutine| {
        let index = subject.code.innermost_own(&goroutine.frames);
        let at = index.and_then(|index| goroutine.frames.get(index)?.at.as_ref());
        at.is_some_and(|at| at.file.ends_with("_test.go"))
    };
    let comes_second = match (is_of_test(own), is_of_test(other.goroutine)) {
        (true, false) => true,
        (false, true) => false,
        _ => subject.id > other.id,
    };
    (none.is_none() && comes_second).then_some(other.id)
}

/// Whether it reads or writes a connection of the network.
fn uses_connection(goroutine: &Goroutine) -> bool {
    goroutine.frames.iter().any(|frame| {
        let func = frame.func.as_str();
        func.starts_with("net.(*conn).") || func.starts_with("net.(*TCPConn).")
    })
}

/// Whether a goroutine has a connection that was accepted: by the function with its `go` statement.
pub(super) fn is_accepted(subject: &Subject<'_>, goroutine: &Goroutine) -> bool {
    let accepts = || {
        let at = goroutine.created.as_ref()?.at.as_ref()?;
        let func = file(subject, at)?.func_at(at.line)?;
        let func = func.top_func().unwrap_or(func);
        let calls = func.find(&["call_expression"]);
        let mut names = calls.iter().filter_map(called_name);
        Some(names.any(|name| ACCEPTS.contains(&name)))
    };
    uses_connection(goroutine) && accepts().unwrap_or_default()
}

/// What takes the next connection of a listener.
const ACCEPTS: &[&str] = &["Accept", "AcceptTCP", "AcceptUnix"];

/// The other end of an accepted connection where its test has one of each left: no source says more of them.
fn only_client(subject: &Subject<'_>) -> Option<GoroutineId> {
    let label = subject.peers.get(subject.id)?.label?;
    let of_test =
        || near(subject).filter(|peer| peer.label == Some(label) && uses_connection(peer.goroutine));
    if of_test().any(|peer| is_accepted(subject, peer.goroutine)) {
        return None;
    }
    let known = |peer: &&Peer<'_>| end(subject, peer.goroutine).is_some();
    let clients: Vec<&Peer<'_>> = of_test().collect();
    match &clients[..] {
        [one] if !known(one) => Some(one.id),
        _ => None,
    }
}

/// What the line of a goroutine's own code, or of its `go` statement, reads from or writes to.
fn of_goroutine<'a>(subject: &Subject<'a>, goroutine: &Goroutine) -> Option<End<'a>> {
    let at = match subject.code.innermost_own(&goroutine.frames) {
        Some(index) => goroutine.frames.get(index)?.at.as_ref()?,
        None => goroutine.created.as_ref()?.at.as_ref()?,
    };
    let file = file(subject, at)?;
    on(subject.code.sources, file, at.line, goroutine, &Calls::default())
}

/// What a line reads from or writes to, as reached through its stack.
pub(super) fn of_line<'a>(place: &Place<'a>, goroutine: &Goroutine) -> Option<End<'a>> {
    on(place.files, place.file, place.line, goroutine, &place.calls)
}

fn on<'a>(
    files: &'a GoFiles,
    file: &'a GoFile,
    line: u32,
    goroutine: &Goroutine,
    calls: &Calls<'a>,
) -> Option<End<'a>> {
    let found = expressions(file, line, writes(goroutine)).into_iter();
    let mut found: Vec<End<'a>> = found.filter_map(|expr| made(files, expr, calls, 0)).collect();
    found.dedup();
    match &found[..] {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// Whether it is blocked in a write.
pub(super) fn writes(goroutine: &Goroutine) -> bool {
    let mut names = goroutine.frames.iter().filter_map(|frame| {
        let name = frame.func.as_str();
        name.rsplit('.').next()
    });
    let way = names.find(|name| matches!(*name, "read" | "Read" | "write" | "Write"));
    way.is_some_and(|name| name.eq_ignore_ascii_case("write"))
}

/// What a line hands to the call that blocks.
pub(super) fn expressions(file: &GoFile, line: u32, writes: bool) -> Vec<At<'_>> {
    let calls = on_line(file, line).into_iter();
    calls.flat_map(|call| handed(call, writes)).collect()
}

fn handed(call: At<'_>, writes: bool) -> Vec<At<'_>> {
    let arguments = call.field("arguments").map_or(Vec::new(), |list| list.children());
    if qualified(&call).is_some_and(|(package, name)| package == "io" && name.starts_with("Copy")) {
        let way = if writes { 0 } else { 1 };
        return arguments.get(way).copied().into_iter().collect();
    }
    let operand = operand_of(call);
    operand.into_iter().chain(arguments).collect()
}

/// The end that an expression holds.
fn made<'a>(files: &'a GoFiles, expr: At<'a>, calls: &Calls<'a>, depth: usize) -> Option<End<'a>> {
    let values = values::values(files, expr, calls);
    let [value] = &values[..] else { return None };
    calls_of(value).find_map(|call| made_by(files, call, value.index, calls, depth))
}

fn made_by<'a>(
    files: &'a GoFiles,
    call: At<'a>,
    index: usize,
    calls: &Calls<'a>,
    depth: usize,
) -> Option<End<'a>> {
    let name = called_name(&call)?;
    match (qualified(&call), name) {
        (Some(("net" | "io" | "os", "Pipe")), _) => Some(End::Pipe { made: call, index }),
        (None, "StdoutPipe" | "StderrPipe" | "StdinPipe") => Some(End::Command {
            command: operand_of(call)?,
        }),
        (Some(("net" | "crypto/tls", _)) | None, dials) if dials.starts_with("Dial") => Some(End::Dialled {
            to: call
                .field("arguments")?
                .children()
                .into_iter()
                .find_map(|argument| listener(files, argument)),
        }),
        (None, accepts) if ACCEPTS.contains(&accepts) => Some(End::Accepted {
            from: thing(files, operand_of(call)?)?,
        }),
        _ if depth < DEEPEST => wrapped(call).and_then(|inner| made(files, inner, calls, depth + 1)),
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
        .find_map(|call| {
            // `func (s *Server) Addr() string { return s.ln.Addr().String() }`.
            let own = callee(files, call).map_or(Vec::new(), |func| func.find(&["call_expression"]));
            let inner = own.into_iter().find(|inner| called_name(inner) == Some("Addr"));
            thing(files, operand_of(inner.unwrap_or(call))?)
        })
}

/// A text for what makes a listener.
fn thing<'a>(files: &'a GoFiles, expr: At<'a>) -> Option<String> {
    let values = values::values(files, expr, &Calls::default());
    let [value] = &values[..] else { return None };
    let made = calls_of(value).next()?;
    Some(format!("{}:{}", made.file.path, made.start()))
}
