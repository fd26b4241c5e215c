//! What an expression names, a lock or a channel: a text that is the same for all that name one, and the variable that it is reached
//! through.

use super::locker;
use super::place::short;
use crate::go_source::calls::{called_name, callers_from, on_line, operand_of, position};
use crate::go_source::types::{self, Type, TypeName, name_of, type_of};
use crate::go_source::{At, Calls, GoFile, GoFiles, Value, Var, scope, values, variable};

/// Steps of a way to a variable.
const MOST_STEPS: usize = 24;

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

    /// Whether it is reached through a variable of a package: goroutines of all tests may hold it.
    pub(super) fn is_of_package(&self) -> bool {
        let object = self.object.as_ref();
        object.is_some_and(|object| object.func.starts_with(PACKAGE))
    }

    /// How it is given back, in words.
    pub(super) fn unlock(&self) -> String {
        let unlock = if self.read { "RUnlock" } else { "unlock" };
        format!("{unlock} `{}`", self.expr)
    }

    /// Whether it surely is the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.key == other.key && self.object.is_some() && self.object == other.object
    }
}

/// The lock that `x.Lock()` names, or what another method is called on.
pub(super) fn lock<'a>(files: &'a GoFiles, call: At<'a>, calls: &Calls<'a>) -> Option<Lock> {
    let operand = operand_of(call)?;
    let behind = locker::behind(files, operand, calls);
    let of_behind = behind.and_then(|behind| key(files, behind.lock, &Calls::default()));
    let of_reads = called_name(&call) == Some("RLock");
    Some(Lock {
        read: of_reads || of_behind.is_some() && behind.is_some_and(|behind| behind.read),
        key: of_behind.or_else(|| key(files, operand, calls))?,
        place: short(call),
        ..thing(files, operand, calls)?
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
    for _ in 0..MOST_STEPS {
        while at.kind() == "selector_expression" {
            path.push(at.field("field")?.text());
            at = at.field("operand")?.bare();
        }
        (at.kind() == "identifier").then_some(())?;
        let Some(decl) = scope::local(at) else {
            return of_package(files, at, path);
        };
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

/// How the object of a variable of a package begins.
const PACKAGE: &str = "package ";

/// The same for a variable of a package, which all functions share.
fn of_package<'a>(files: &'a GoFiles, at: At<'a>, mut path: Vec<&'a str>) -> Option<Object> {
    let Some(Var::Global(decl)) = variable(files, at) else {
        return None;
    };
    path.push(decl.text());
    path.reverse();
    let (folder, _) = decl.file.path.rsplit_once('/')?;
    Some(Object {
        func: format!("{PACKAGE}{folder}"),
        path: path.join("."),
        is_followed: true,
    })
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
        // What the type embeds: `s.Lock()`. A channel has no parts.
        let spec = kind.and_then(|kind| types::spec(files, &kind));
        let whole = kind.and_then(|kind| types::underlying(files, kind));
        if spec.is_some() && whole.is_none_or(|whole| whole.kind() != "channel_type") {
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
