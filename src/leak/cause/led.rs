//! The user's call that led to a goroutine, where the source names just one: the call in a test through which the `go`
//! statement is reached, or the one that makes what a goroutine of a library works for.

use super::Subject;
use super::graph::Edge;
use super::names;
use super::place::file;
use crate::go_source::calls::{called_name, callee, on_line, operand_of, qualified};
use crate::go_source::types::{name_of, type_of};
use crate::go_source::{At, Calls, DeclKind, Var, flow, values, variable};
use crate::goroutine::{FuncName, Location, name};
use crate::leak::{Cause, LedTo, LedToBy, Spot, launched};
use rustc_hash::FxHashSet;

/// Functions that are looked through for one goroutine.
const MOST_FUNCS: usize = 400;

/// What makes the goroutines of the standard library: who creates them, and the calls that lead there.
struct Maker {
    created_by: &'static str,
    functions: &'static [(&'static str, &'static [&'static str])],
    methods: &'static [(&'static str, &'static str, &'static [&'static str])],
}

/// What a command starts is created by one of its methods.
const OF_COMMAND: &str = "os/exec.(*Cmd).";

const MAKERS: &[Maker] = &[
    Maker {
        created_by: "net/http/httptest.(*Server).goServe",
        functions: &[(
            "net/http/httptest",
            &["NewServer", "NewTLSServer", "NewUnstartedServer"],
        )],
        methods: &[],
    },
    Maker {
        created_by: "net/http.(*Transport).",
        functions: &[("net/http", &["Get", "Post", "Head", "PostForm"])],
        methods: &[
            ("net/http", "Client", &["Do", "Get", "Post", "Head", "PostForm"]),
            ("net/http", "Transport", &["RoundTrip"]),
        ],
    },
    Maker {
        created_by: "database/sql.OpenDB",
        functions: &[("database/sql", &["Open", "OpenDB"])],
        methods: &[],
    },
    Maker {
        created_by: "database/sql.(*DB).beginDC",
        functions: &[],
        methods: &[("database/sql", "DB", &["BeginTx", "Begin"])],
    },
    Maker {
        created_by: "database/sql.(*Rows).initContextClose",
        functions: &[],
        methods: &[("database/sql", "DB", &["QueryContext", "Query"])],
    },
    Maker {
        created_by: OF_COMMAND,
        functions: &[],
        methods: &[("os/exec", "Cmd", &["Start", "Run", "Output", "CombinedOutput"])],
    },
    Maker {
        created_by: "net/rpc.NewClientWithCodec",
        functions: &[("net/rpc", &["Dial", "DialHTTP", "DialHTTPPath", "NewClient"])],
        methods: &[],
    },
    Maker {
        created_by: "time.goFunc",
        functions: &[("time", &["AfterFunc"])],
        methods: &[],
    },
    Maker {
        created_by: "os/signal.",
        functions: &[("os/signal", &["Notify", "NotifyContext"])],
        methods: &[],
    },
];

impl Maker {
    fn makes<'a>(&self, subject: &Subject<'a>, call: At<'a>) -> bool {
        if let Some((package, name)) = qualified(&call) {
            return self
                .functions
                .iter()
                .any(|(of, names)| *of == package && names.contains(&name));
        }
        let Some(method) = called_name(&call) else {
            return false;
        };
        let mut methods = self.methods.iter().filter(|(.., names)| names.contains(&method));
        let operand = || {
            let operand = operand_of(call)?;
            name_of(subject.code.sources, &type_of(subject.code.sources, operand)?)
        };
        methods.any(|(package, kind, _)| operand().is_some_and(|of| of.is(package, kind)))
    }
}

/// The line, if the goroutine is one test's, and the source names one.
pub fn of(subject: &Subject<'_>, cause: &Cause) -> Option<LedTo> {
    let [test] = subject.tests else { return None };
    let created = subject.goroutine.created.as_ref()?;
    // `wg.Go(f)` is the user's own `go` statement.
    let launched = launched::by(subject.goroutine, subject.code).map(|spot| spot.at);
    let at = created.at.as_ref()?;
    let is_own = subject.code.is_own_at(&created.func, Some(at));
    if let Some(start) = launched.as_ref().or(Some(at).filter(|_| is_own)) {
        return match is_of_tests(&start.file) {
            true => {
                process(subject).or_else(|| through_helper(subject, &Search::new(subject, &test.0)?, start))
            }
            false => through_own(subject, &Search::new(subject, &test.0)?, start),
        };
    }
    let search = || Search::new(subject, &test.0);
    if let Some(made) = &cause.made {
        let at = made.at.clone();
        let own = file(subject, &at.at)?.func_at(at.at.line)?;
        let from = search().and_then(|search| match is_of_tests(&at.at.file) {
            true => search.one_to_helper(own),
            false => search.one_to(own),
        });
        return Some(led(at, from.map(|call| spot(subject, call))));
    }
    let creator = name::normal(created.func.as_str());
    let maker = MAKERS
        .iter()
        .find(|maker| creator.starts_with(maker.created_by))?;
    let search = search()?;
    let (call, from) = search.one_that(|call| maker.makes(subject, call))?;
    let from = from.or_else(|| search.one_to_helper(call.func()?));
    Some(led(spot(subject, call), from.map(|call| spot(subject, call))))
}

/// The call of `signal.NotifyContext` that made a goroutine of the standard library.
pub(super) fn notify_context<'a>(subject: &Subject<'a>) -> Option<At<'a>> {
    let [test] = subject.tests else { return None };
    let created = subject.goroutine.created.as_ref()?;
    let of_notify = name::normal(created.func.as_str()) == "os/signal.NotifyContext";
    let search = of_notify.then(|| Search::new(subject, &test.0))??;
    let is_it = |call| qualified(&call) == Some(("os/signal", "NotifyContext"));
    Some(search.one_that(is_it)?.0)
}

/// The command that a goroutine of os/exec works for.
pub(super) fn command<'a>(subject: &Subject<'a>) -> Option<At<'a>> {
    let [test] = subject.tests else { return None };
    let created = subject.goroutine.created.as_ref()?;
    let creator = name::normal(created.func.as_str());
    let mut makers = MAKERS.iter().filter(|maker| maker.created_by == OF_COMMAND);
    let maker = makers.find(|maker| creator.starts_with(maker.created_by))?;
    let search = Search::new(subject, &test.0)?;
    let (start, _) = search.one_that(|call| maker.makes(subject, call))?;
    operand_of(start)
}

fn led(at: Spot, from: Option<Spot>) -> LedTo {
    LedTo {
        at,
        by: LedToBy::Source,
        from,
    }
}

fn is_of_tests(file: &str) -> bool {
    file.ends_with("_test.go")
}

fn spot(subject: &Subject<'_>, call: At<'_>) -> Spot {
    let func = call.top_func().map(|func| func.func_name().to_owned());
    let package = subject.code.package.as_str();
    let name = format!("{package}.{}", func.unwrap_or_default());
    let at = Location {
        file: call.file.path.clone(),
        line: call.line(),
    };
    subject.code.spot(&FuncName(name), &at)
}

/// The user's own code has started it: the call in the test through which that is reached.
fn through_own(subject: &Subject<'_>, search: &Search<'_, '_>, start: &Location) -> Option<LedTo> {
    let func = file(subject, start)?.func_at(start.line)?;
    let target = func.top_func().unwrap_or(func);
    let call = search.one_to(target)?;
    Some(led(spot(subject, call), None))
}

/// A helper in a test file has started it: the call in the test's own function through which that is reached.
fn through_helper(subject: &Subject<'_>, search: &Search<'_, '_>, start: &Location) -> Option<LedTo> {
    let func = file(subject, start)?.func_at(start.line)?;
    let call = search.one_to_helper(func)?;
    Some(led(spot(subject, call), None))
}

/// The call that makes the command whose end is waited for.
fn process(subject: &Subject<'_>) -> Option<LedTo> {
    const WAIT: &str = "os/exec.(*Cmd).Wait";
    let frames = &subject.goroutine.frames;
    let index = frames.iter().position(|frame| frame.func.as_str() == WAIT)?;
    let at = match frames.get(index + 1) {
        Some(frame) => frame.at.as_ref()?,
        None => subject.goroutine.created.as_ref()?.at.as_ref()?,
    };
    let calls = on_line(file(subject, at)?, at.line);
    let wait = calls.into_iter().find(|call| called_name(call) == Some("Wait"))?;
    let command = operand_of(wait)?;
    let values = values::values(subject.code.sources, command, &Calls::default());
    let [value] = &values[..] else { return None };
    let calls = value.path.iter().copied();
    let made = calls
        .filter(|expr| expr.kind() == "call_expression")
        .find(|call| matches!(qualified(call), Some(("os/exec", "Command" | "CommandContext"))))?;
    Some(led(spot(subject, made), None))
}

/// A look through what one test calls.
struct Search<'s, 'a> {
    subject: &'s Subject<'a>,
    test: At<'a>,
}

impl<'s, 'a> Search<'s, 'a> {
    fn new(subject: &'s Subject<'a>, test: &str) -> Option<Self> {
        let files = subject.code.sources;
        let (name, rest) = test.split_once('/').unwrap_or((test, ""));
        let decl = files
            .with_tests(subject.code.package.as_str())
            .into_iter()
            .find_map(|file| {
                let mut decls = file.declared(name);
                file.node(decls.find(|decl| decl.kind == DeclKind::Func)?)
            })?;
        let test = subtest(decl, rest).unwrap_or(decl);
        Some(Self { subject, test })
    }

    fn edges(&self, func: At<'a>) -> Vec<Edge<'a>> {
        let own = |edge: &Edge<'a>| self.is_own(&edge.to);
        let mut edges = self.subject.peers.graph.edges(self.subject.code.sources, func);
        edges.retain(own);
        edges
    }

    fn is_own(&self, func: &At<'_>) -> bool {
        let path = &func.file.path;
        let mut modules = self.subject.code.module.modules.iter();
        !path.contains('@')
            && !path.contains("/vendor/")
            && modules.any(|module| {
                path.strip_prefix(module.dir.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
            })
    }

    /// The one call in a test file from which a function outside of test files is reached. Of several, the one whose
    /// result the test does not end.
    fn one_to(&self, target: At<'a>) -> Option<At<'a>> {
        let mut found = self.all_to(target)?;
        let first = *found.first()?;
        if found.len() > 1 {
            let of = |call: &At<'a>| made_on(self.subject, *call);
            let files = self.subject.code.sources;
            let is_one = of(&first).is_some()
                && found
                    .iter()
                    .all(|call| of(call) == of(&first) && callee(files, *call) == callee(files, first));
            found.retain(|call| !is_ended(self.subject, *call));
            // What one thing has started again and again ends the last one.
            if found.is_empty() && is_one {
                return Some(first);
            }
        }
        match &found[..] {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The one call in the test's own function from which a helper in a test file is reached.
    fn one_to_helper(&self, target: At<'a>) -> Option<At<'a>> {
        let target = target.top_func().unwrap_or(target);
        let mut budget = MOST_FUNCS;
        let mut found = Vec::new();
        for edge in self.edges(self.test) {
            if edge.to == target || self.reaches(edge.to, target, &mut budget)? {
                found.push(edge.at);
            }
        }
        if found.len() > 1 {
            // The goroutine may run what one of the calls was given.
            let given: Vec<At<'a>> = found
                .iter()
                .copied()
                .filter(|call| self.is_given(*call))
                .collect();
            // Else it is of the one whose result the test does not end.
            match given.is_empty() {
                true => found.retain(|call| !is_ended(self.subject, *call)),
                false => found = given,
            }
        }
        match &found[..] {
            [one] if !self.test.contains(&target) => Some(*one),
            _ => None,
        }
    }

    /// Whether a function literal among the arguments of a call is on the stack.
    fn is_given(&self, call: At<'a>) -> bool {
        let subject = self.subject;
        let list = call.field("arguments").into_iter();
        let literals: Vec<At<'a>> = list.flat_map(|list| list.find(&["func_literal"])).collect();
        let frames = subject.goroutine.frames.iter();
        let mut lines = frames.filter_map(|frame| frame.at.as_ref());
        lines.any(|at| {
            let is_in = |literal: &At<'a>| literal.line() <= at.line && at.line <= literal.last_line();
            file(subject, at).is_some_and(|file| std::ptr::eq(file, call.file)) && literals.iter().any(is_in)
        })
    }

    fn all_to(&self, target: At<'a>) -> Option<Vec<At<'a>>> {
        let mut found = Vec::new();
        let mut open = vec![self.test];
        let mut seen = FxHashSet::default();
        let mut budget = MOST_FUNCS;
        while let Some(func) = open.pop() {
            if !seen.insert(id(&func)) {
                continue;
            }
            budget = budget.checked_sub(1)?;
            for edge in self.edges(func) {
                if is_of_tests(&edge.to.file.path) {
                    open.push(edge.to);
                } else if self.reaches(edge.to, target, &mut budget)? {
                    found.push(edge.at);
                }
            }
        }
        Some(found)
    }

    /// Whether a function leads to another one; `None` when too much would have to be read.
    fn reaches(&self, from: At<'a>, target: At<'a>, budget: &mut usize) -> Option<bool> {
        let mut open = vec![from];
        let mut seen = FxHashSet::default();
        while let Some(func) = open.pop() {
            if func == target {
                return Some(true);
            }
            if !seen.insert(id(&func)) {
                continue;
            }
            *budget = budget.checked_sub(1)?;
            open.extend(self.edges(func).into_iter().map(|edge| edge.to));
        }
        Some(false)
    }

    /// The one call of this kind that the test reaches, and the call in a test file that leads to it where that is another.
    fn one_that(&self, is: impl Fn(At<'a>) -> bool) -> Option<(At<'a>, Option<At<'a>>)> {
        let mut found = None;
        let mut open = vec![(self.test, None)];
        let mut seen = FxHashSet::default();
        while let Some((func, through)) = open.pop() {
            if !seen.insert(id(&func)) {
                continue;
            }
            if seen.len() > MOST_FUNCS {
                return None;
            }
            for call in func.find(&["call_expression"]) {
                if is(call) {
                    if found.is_some() {
                        return None;
                    }
                    found = Some((call, through));
                }
            }
            for edge in self.edges(func) {
                let through = match is_of_tests(&edge.at.file.path) {
                    true => Some(edge.at),
                    false => through,
                };
                let inside = is_of_tests(&edge.to.file.path);
                open.push((edge.to, through.filter(|_| !inside)));
            }
        }
        found
    }
}

/// The variable that a call's result goes to, or, where none keeps that, the local one whose method it calls.
fn made_on<'a>(subject: &Subject<'a>, call: At<'a>) -> Option<Var<'a>> {
    let files = subject.code.sources;
    let result = flow::beside(files, call, 0);
    let kept = result.filter(|var| {
        let is_error = |name: &At<'_>| name.text() == "err";
        !matches!(var, Var::Local(name) if is_error(name))
    });
    let operand = || variable(files, operand_of(call)?);
    kept.or_else(operand).filter(|var| matches!(var, Var::Local(_)))
}

/// Whether a method that ends it is called on, or handed on from, the variable that it is kept in or called on, before that is
/// given another value.
fn is_ended<'a>(subject: &Subject<'a>, call: At<'a>) -> bool {
    let files = subject.code.sources;
    let Some(variable) = made_on(subject, call) else {
        return false;
    };
    let is_result = flow::beside(files, call, 0).as_ref() == Some(&variable);
    let endings: Vec<&str> = names::public().collect();
    let writes = values::writes(files, &variable).into_iter();
    let own = writes.filter(|given| given.by.func() == call.func());
    let next = own
        .map(|given| given.by.start())
        .filter(|at| *at > call.start())
        .min();
    let ends = flow::methods(files, &variable, &endings).into_iter();
    let mut ends = ends.map(|end| end.selector);
    ends.any(|end| {
        let is_here = end.func() == call.func();
        !is_result || !is_here || end.start() >= call.start() && next.is_none_or(|next| end.start() < next)
    })
}

fn id(func: &At<'_>) -> (usize, usize) {
    (std::ptr::from_ref(func.file).addr(), func.start())
}

/// The closure of `t.Run("name", func…)`, where the name is written there.
fn subtest<'a>(test: At<'a>, name: &str) -> Option<At<'a>> {
    let first = name.split('/').next().filter(|first| !first.is_empty())?;
    let mut runs = test.find(&["call_expression"]).into_iter().filter(|call| {
        let arguments = call.field("arguments").map_or(Vec::new(), |list| list.children());
        let written = arguments.first().map_or("", |name| name.text());
        called_name(call) == Some("Run") && written.trim_matches(['"', '`']).replace(' ', "_") == first
    });
    let run = runs.next()?;
    let body = run.field("arguments")?.children().get(1).copied()?;
    (body.kind() == "func_literal" && runs.next().is_none()).then_some(body)
}
