//! A goroutine of a dependency: the user's call that made what it works for, and the method that ends it.

use super::Subject;
use super::ending::{self, receiver};
use super::place::file;
use crate::go_source::calls::{call_of, called_name, callee, callers, own_callee, qualified};
use crate::go_source::scope::qualifier;
use crate::go_source::types::{Type, name_of, result_of, spec, type_of};
use crate::go_source::{At, DeclKind, GoFiles};
use crate::goroutine::owner::owner_index;
use crate::goroutine::{FuncName, Location, name};
use crate::leak::Made;

/// Functions that are looked through on the way from a test to the call.
const MOST_FUNCS: usize = 400;

/// What made the object, the object in words, and whether its type is known.
pub(super) struct Found {
    pub made: Made,
    pub what: String,
    pub is_known: bool,
}

/// What made the object.
pub(super) fn of(subject: &Subject<'_>) -> Option<Found> {
    let goroutine = subject.goroutine;
    if has_own_frame(subject) {
        return None;
    }
    let created = goroutine.created.as_ref()?;
    let at = created.at.as_ref()?;
    if is_own_here(subject, &created.func, Some(at)) {
        return started_directly(subject, at);
    }
    let entry = owner_index(&goroutine.frames).and_then(|index| goroutine.frames.get(index))?;
    let library = name::import_path(entry.func.as_str()).into_owned();
    if name::is_std(entry.func.as_str()) || name::is_std(created.func.as_str()) {
        return None;
    }
    let starter = file(subject, at)?.func_at(at.line)?.top_func_or_self();
    let ways = ways_in(subject.code.sources, starter);
    let call = own_call(subject, &ways, &library)?;
    Some(described(subject, call))
}

/// Whether any code on the stack is of the module under test.
pub(super) fn has_own_frame(subject: &Subject<'_>) -> bool {
    let frames = &subject.goroutine.frames;
    frames
        .iter()
        .any(|frame| is_own_here(subject, &frame.func, frame.at.as_ref()))
}

/// Whether a function is of the module under test: another own module, as one that replaces a dependency, is used by its
/// public functions like any other.
fn is_own_here(subject: &Subject<'_>, func: &FuncName, at: Option<&Location>) -> bool {
    let module = |path: &str| {
        let modules = subject.code.module.modules.iter();
        let holds = modules.filter(|module| {
            path.strip_prefix(module.path.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '_']))
        });
        holds.map(|module| module.path.len()).max()
    };
    let of = |path: &str| {
        let length = module(path)?;
        path.get(..length).map(str::to_owned)
    };
    let path = name::import_path(func.as_str());
    let here = of(subject.code.package.as_str());
    subject.code.is_own_at(func, at)
        && (path == "main" || here.is_none() || of(&path).is_none() || of(&path) == here)
}

/// `go srv.ActivateAndServe()` in the user's own code.
fn started_directly(subject: &Subject<'_>, at: &Location) -> Option<Found> {
    let file = file(subject, at)?;
    let starts = file
        .root()
        .find(&["go_statement"])
        .into_iter()
        .find(|statement| statement.line() <= at.line && at.line <= statement.last_line())?;
    let call = starts.first().filter(|call| call.kind() == "call_expression")?;
    // Where nothing ends the call, what it waits for says more.
    Some(described(subject, call)).filter(|found| found.made.ended_by.is_some())
}

/// The call, what ends the object, and the object in words.
fn described<'a>(subject: &Subject<'a>, call: At<'a>) -> Found {
    let files = subject.code.sources;
    let func = call
        .top_func()
        .map(|func| func.func_name().to_owned())
        .unwrap_or_default();
    let at = Location {
        file: call.file.path.clone(),
        line: call.line(),
    };
    let function = call.field("function");
    let text = function.map_or_else(String::new, |function| {
        function
            .text()
            .split_once('[')
            .map_or(function.text(), |(name, _)| name)
            .to_owned()
    });
    let result = result_of(files, call, 0);
    let on = function
        .and_then(|function| function.field("operand"))
        .and_then(|operand| type_of(files, operand));
    let ending = |files, kind: &Type<'a>| Some(ending::method_of(files, kind)?.0.to_owned());
    let of_result = result.and_then(|kind| ending(files, &kind));
    let of_operand = || on.and_then(|kind| ending(files, &kind));
    let spot = subject.code.spot(&FuncName(func), &at);
    let place = format!(
        "{}:{}",
        spot.relative.as_deref().unwrap_or(&spot.at.file),
        spot.at.line
    );
    let operand = function.and_then(|function| function.field("operand"));
    let (ended_by, what) = match (of_result, operand) {
        (None, Some(operand)) => (of_operand(), format!("`{}` ({place})", operand.text())),
        (ended_by, _) => (ended_by, format!("what `{text}` ({place}) made")),
    };
    let of_type = [on, result]
        .into_iter()
        .flatten()
        .find_map(|kind| name_of(files, &kind));
    let package = operand
        .and_then(qualifier)
        .map(str::to_owned)
        .or_else(|| Some(of_type?.package))
        .unwrap_or_default();
    let made = Made {
        at: spot,
        call: text,
        package,
        ended_by,
    };
    let is_known = [result, on]
        .iter()
        .flatten()
        .any(|kind| spec(files, kind).is_some());
    Found { made, what, is_known }
}

/// The public functions and methods of a library through which a function of it is reached.
fn ways_in<'a>(files: &'a GoFiles, starter: At<'a>) -> Vec<At<'a>> {
    let mut open = vec![starter];
    let mut seen: Vec<At<'a>> = Vec::new();
    while let Some(func) = open.pop() {
        if seen.contains(&func) || seen.len() > 60 {
            continue;
        }
        seen.push(func);
        open.extend(callers(files, func).iter().filter_map(At::top_func));
    }
    seen.retain(|func| func.func_name().starts_with(char::is_uppercase));
    seen
}

/// The nearest own call of one of these functions, from the test on.
fn own_call<'a>(subject: &Subject<'a>, ways: &[At<'a>], library: &str) -> Option<At<'a>> {
    let files = subject.code.sources;
    let mut open: Vec<At<'a>> = starts(subject);
    let mut seen: Vec<At<'a>> = Vec::new();
    let mut at = 0;
    while at < open.len() && seen.len() < MOST_FUNCS {
        let func = open[at];
        at += 1;
        if seen.contains(&func) {
            continue;
        }
        seen.push(func);
        for call in func.find(&["call_expression"]) {
            let name = called_name(&call);
            let candidate = ways.iter().find(|way| Some(way.func_name()) == name);
            let direct = qualified(&call).is_some_and(|(path, _)| path == library);
            match candidate {
                Some(way) if direct && receiver(*way).is_none() => return Some(call),
                Some(_) if callee(files, call).is_some_and(|found| ways.contains(&found)) => {
                    return Some(call);
                }
                _ => {}
            }
            if let Some(next) = own_callee(files, call).filter(|next| is_own(subject, next)) {
                open.push(next);
            }
        }
        // What is handed on as a value: go s.run, t.Run("x", f).
        let handed = func
            .find(&["identifier"])
            .into_iter()
            .filter(|name| call_of(*name).is_none());
        for name in handed {
            if let Some(Type::Func(next)) = type_of(files, name)
                && next.kind() == "function_declaration"
                && is_own(subject, &next)
            {
                open.push(next);
            }
        }
    }
    None
}

fn is_own(subject: &Subject<'_>, func: &At<'_>) -> bool {
    let path = &func.file.path;
    subject
        .code
        .module
        .modules
        .iter()
        .any(|module| path.starts_with(&format!("{}/", module.dir)))
        && !path.contains('@')
}

/// The functions of the tests; of the whole package if no test is known.
fn starts<'a>(subject: &Subject<'a>) -> Vec<At<'a>> {
    let files = subject.code.sources;
    let package = subject.code.package.as_str();
    let all = files.with_tests(package);
    let of = |wanted: &str| {
        let decl = |file: &&'a crate::go_source::GoFile| {
            let decl = file
                .decls
                .iter()
                .find(|decl| decl.kind == DeclKind::Func && decl.name == wanted)?;
            file.node(decl)
        };
        all.iter().find_map(decl)
    };
    let tests: Vec<At<'a>> = subject
        .tests
        .iter()
        .filter_map(|test| of(test.function()))
        .collect();
    if !tests.is_empty() {
        return tests;
    }
    let funcs = all.iter().flat_map(|file| {
        let decls = file
            .decls
            .iter()
            .filter(|decl| matches!(decl.kind, DeclKind::Func | DeclKind::Method { .. }));
        decls.filter_map(|decl| file.node(decl)).collect::<Vec<_>>()
    });
    funcs.collect()
}

impl<'a> At<'a> {
    /// The declared function around it, or itself.
    fn top_func_or_self(self) -> Self {
        self.top_func().unwrap_or(self)
    }
}

/// Whether the type of what was made is a server by its name.
pub(super) fn is_server(subject: &Subject<'_>) -> bool {
    let frames = &subject.goroutine.frames;
    frames.iter().any(|frame| {
        let normal = name::normal(frame.func.as_str());
        let last = normal.rsplit('.').next().unwrap_or_default();
        normal.contains("Server)") || last.to_ascii_lowercase().starts_with("serve")
    })
}
