//! Where a goroutine is blocked, in its source, with the calls that led there.

use super::Subject;
use super::stack::site;
use crate::go_source::calls::{called_name, callee, is_called_from, on_line};
use crate::go_source::types::{fields, spec, type_of};
use crate::go_source::{At, Blocked, Calls, DeclKind, GoFile, GoFiles, Value, Var, values, variable};
use crate::goroutine::{Frame, Goroutine, Location, WaitReason, name};
use crate::leak::{Evidenced, TestName};

/// The line that a goroutine is blocked on.
pub(super) struct Place<'a> {
    pub files: &'a GoFiles,
    pub file: &'a GoFile,
    pub line: u32,
    pub calls: Calls<'a>,
    /// Its `go` statement.
    pub started: Option<(&'a GoFile, u32)>,
    /// The call that led to it, once that is known.
    pub led: Option<(&'a GoFile, u32)>,
    /// Whether Go has proven that it never goes on, or that it may.
    pub evidenced: Evidenced,
    /// Whether it was there until the end of settling.
    pub is_left: bool,
    /// The first test that it is tied to, without subtests.
    pub test: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The place of the blocking operation, if it is not in the standard library.
    pub(super) fn of(subject: &Subject<'a>) -> Option<Self> {
        let frames = &subject.goroutine.frames;
        let frame = site(frames).filter(|frame| !name::is_std(frame.func.as_str()))?;
        let index = frames.iter().position(|one| std::ptr::eq(one, frame))?;
        Self::at(subject, index)
    }

    /// The place of one of the frames.
    pub(super) fn at(subject: &Subject<'a>, index: usize) -> Option<Self> {
        let frames = &subject.goroutine.frames;
        let at = frames.get(index)?.at.as_ref()?;
        let file = file(subject, at)?;
        let above = frames
            .iter()
            .skip(index + 1)
            .filter_map(|frame| frame.at.as_ref());
        let created = subject
            .goroutine
            .created
            .iter()
            .filter_map(|created| created.at.as_ref());
        let led = subject.led.filter(|(id, _)| *id == subject.id).map(|(_, at)| at);
        let line = |at: &Location| Some((file_of_call(subject, at)?, at.line));
        let started = created.clone().next().and_then(line);
        let led = led.and_then(line);
        let calls = above
            .chain(created)
            .filter(|at| !at.file.starts_with("_testmain"))
            .filter_map(line)
            .chain(led);
        Some(Self {
            files: subject.code.sources,
            file,
            line: at.line,
            calls: Calls {
                lines: calls.chain(led).collect(),
                here: Some((file, at.line)),
                test: test_function(subject),
            },
            started,
            led,
            evidenced: subject.evidenced,
            is_left: subject.is_left,
            test: subject.tests.first().map(TestName::function),
        })
    }

    /// A line that no frame shows: that of a `go` statement.
    pub(super) fn of_line(subject: &Subject<'a>, at: &Location) -> Option<Self> {
        Some(Self {
            files: subject.code.sources,
            file: file(subject, at)?,
            line: at.line,
            calls: Calls::default(),
            started: None,
            led: None,
            evidenced: subject.evidenced,
            is_left: subject.is_left,
            test: subject.tests.first().map(TestName::function),
        })
    }

    /// What an expression may hold.
    pub(super) fn values(&self, expr: At<'a>) -> Vec<Value<'a>> {
        values::values(self.files, expr, &self.calls)
    }

    /// The one `make` of a channel.
    pub(super) fn made(&self, channel: At<'a>) -> Option<At<'a>> {
        let values = self.values(channel);
        let [made] = &values[..] else { return None };
        Some(made.expr).filter(|made| called_name(made) == Some("make"))
    }

    /// The variable that an expression names.
    pub(super) fn variable(&self, expr: At<'a>) -> Option<Var<'a>> {
        variable(self.files, expr)
    }

    /// Whether the test leads to a place.
    pub(super) fn is_by_test(&self, at: At<'a>) -> bool {
        let leads = |test| Some(is_called_from(self.files, at.top_func()?, test));
        self.calls.test.and_then(leads).unwrap_or_default()
    }

    /// What a field is of, as written, and all fields of that struct.
    pub(super) fn fields_beside(&self, field: At<'a>) -> Option<(At<'a>, Vec<(&'a str, At<'a>)>)> {
        let operand = field.bare().field("operand")?;
        let body = spec(self.files, &type_of(self.files, operand)?)?.field("type")?;
        Some((operand, fields(body)))
    }

    /// Whether the call that led to the goroutine leads to a place.
    pub(super) fn is_led_to(&self, at: At<'a>) -> bool {
        let Some(((file, line), func)) = self.led.zip(at.top_func()) else {
            return false;
        };
        on_line(file, line)
            .into_iter()
            .filter_map(|call| callee(self.files, call))
            .any(|called| is_called_from(self.files, func, called))
    }

    /// Whether Go's collector has proven that it never goes on.
    pub(super) fn is_proven(&self) -> bool {
        self.evidenced == Evidenced::Proven
    }

    /// ` (line 3)` in the same file, where the test is in that too: a report names both; else ` (other.go:3)`.
    pub(super) fn told(&self, at: At<'_>) -> String {
        self.told_line(at.file, at.line())
    }

    /// The same for a line.
    pub(super) fn told_line(&self, file: &GoFile, line: u32) -> String {
        let is_here = |file: &GoFile| std::ptr::eq(file, self.file);
        match is_here(file) && self.calls.test.is_none_or(|test| is_here(test.file)) {
            true => format!("line {line}"),
            false => line_of(&file.path, line),
        }
    }
}

/// The `*testing.T` (or the like) of a function that is a test or gets one: its parameter.
pub(super) fn handle(func: At<'_>) -> Option<At<'_>> {
    let parameters = func.field("parameters")?.children();
    parameters.into_iter().find(|parameter| {
        let kind = parameter.field("type").map_or("", |kind| kind.text());
        matches!(kind, "*testing.T" | "*testing.B" | "*testing.F" | "testing.TB")
    })
}

/// The function of the first test that a goroutine is tied to.
pub(super) fn test_function<'a>(subject: &Subject<'a>) -> Option<At<'a>> {
    let name = subject.tests.first()?.function();
    // The stack often leads to it.
    let goroutine = subject.goroutine;
    let frames = goroutine.frames.iter().filter_map(|frame| frame.at.as_ref());
    let created = goroutine.created.iter().filter_map(|created| created.at.as_ref());
    let mut near = frames.chain(created).filter(|at| at.file.ends_with("_test.go"));
    let near = near.find_map(|at| {
        let file = file(subject, at)?;
        crate::go_source::find(&[file], name, |kind| *kind == DeclKind::Func)
    });
    if near.is_some() {
        return near;
    }
    let files = subject.code.sources.with_tests(subject.code.package.as_str());
    crate::go_source::find(&files, name, |kind| *kind == DeclKind::Func)
}

/// What a goroutine does at a channel that is not nil.
pub(super) fn blocked(reason: WaitReason) -> Option<Blocked> {
    match reason {
        WaitReason::ChanReceive => Some(Blocked::Receiving),
        WaitReason::ChanSend => Some(Blocked::Sending),
        WaitReason::Select => Some(Blocked::Selecting),
        _ => None,
    }
}

/// `other.go:3`.
pub(super) fn short(at: At<'_>) -> String {
    line_of(&at.file.path, at.line())
}

/// The same for a line of a dump.
pub(super) fn short_location(at: &Location) -> String {
    line_of(&at.file, at.line)
}

fn line_of(path: &str, line: u32) -> String {
    format!("{}:{line}", path.rsplit(['/', '\\']).next().unwrap_or(path))
}

/// A file as a dump names it.
pub(super) fn file<'a>(subject: &Subject<'a>, at: &Location) -> Option<&'a GoFile> {
    subject.code.sources.get(&subject.code.absolute(&at.file))
}

/// The file of a call further out; the standard library's is not needed.
fn file_of_call<'a>(subject: &Subject<'a>, at: &Location) -> Option<&'a GoFile> {
    let path = subject.code.absolute(&at.file);
    let std = subject
        .code
        .module
        .goroots
        .iter()
        .any(|root| path.starts_with(root.as_str()));
    (!std).then(|| subject.code.sources.get(&path)).flatten()
}

/// The function of a frame, in its source.
pub(super) fn function<'a>(subject: &Subject<'a>, frame: &Frame) -> Option<At<'a>> {
    let at = frame.at.as_ref()?;
    function_on(file(subject, at)?, at.line, frame)
}

/// Whether a goroutine is in a function.
pub(super) fn is_in(subject: &Subject<'_>, goroutine: &Goroutine, func: At<'_>) -> bool {
    let mut frames = goroutine.frames.iter();
    frames.any(|frame| function(subject, frame) == Some(func))
}

/// The call of the goroutine's `go` statement.
pub(super) fn started<'a>(subject: &Subject<'a>) -> Option<At<'a>> {
    let at = subject.goroutine.created.as_ref()?.at.as_ref()?;
    let starts = file(subject, at)?.on_line(at.line, &["go_statement"]);
    starts.first()?.first()
}

/// The function of a frame: of several on one line, that of its name.
pub(super) fn function_on<'a>(file: &'a GoFile, line: u32, frame: &Frame) -> Option<At<'a>> {
    let name = last_name(frame.func.as_str());
    let named = file.declared(name).filter_map(|decl| file.node(decl));
    let mut here = named.filter(|func| func.is_func() && func.line() <= line && line <= func.last_line());
    here.next()
        .or_else(|| closure_on(file, line, frame.func.as_str()))
}

/// The function around a line. Of literals in each other, the one as deep as the name of the frame says: `run.func1` is at the line
/// `ch <- retry(func() error {`, not the literal that begins there.
fn closure_on<'a>(file: &'a GoFile, line: u32, name: &str) -> Option<At<'a>> {
    let mut func = file.func_at(line)?;
    let is_literal = |node: &At<'_>| node.kind() == "func_literal";
    let depth = |func: At<'a>| {
        std::iter::once(func)
            .chain(func.ancestors())
            .filter(is_literal)
            .count()
    };
    let wanted = closures(name);
    while wanted > 0 && depth(func) > wanted {
        func = func.ancestors().find(At::is_func)?;
    }
    Some(func)
}

/// How many closures a name is of: two in `m.(*T).run.func1.2`.
fn closures(name: &str) -> usize {
    let is_closure = |part: &str| {
        let part = part.split('-').next().unwrap_or(part);
        let number = part.strip_prefix("func").unwrap_or(part);
        !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
    };
    let name = name.rsplit('/').next().unwrap_or(name);
    name.rsplit('.').take_while(|part| is_closure(part)).count()
}

/// `put` of `a/b.(*T[...]).put`; the number of a closure is no name.
pub(super) fn last_name(func: &str) -> &str {
    let func = func.strip_suffix("[...]").unwrap_or(func);
    func.rsplit('.').next().unwrap_or(func)
}
