//! Calls: what is called on a line, and who calls a function.

use super::scope::qualifier;
use super::types::{Type, name_of, type_of};
use super::{At, GoFile, GoFiles};
use crate::goroutine::name;

/// The function, method or function literal that a call runs, if its source is at hand.
pub fn callee<'a>(files: &'a GoFiles, call: At<'a>) -> Option<At<'a>> {
    match type_of(files, call.field("function")?)? {
        Type::Func(func) if func.field("body").is_some() => Some(func),
        _ => None,
    }
}

/// The package of the standard library that a selector takes a function or method from: `fmt` of `fmt.Print`, `testing` of
/// `t.Run`. Unlike [`callee`] it reads no source of that package, which may be a hundred files.
pub fn std_package(files: &GoFiles, selector: At<'_>) -> Option<String> {
    let operand = selector.field("operand")?;
    let package = match qualifier(operand) {
        Some(path) => path.to_owned(),
        None => {
            let kind = type_of(files, operand)?;
            name_of(files, &kind)
                .filter(|_| !is_type_parameter(&kind))?
                .package
        }
    };
    name::is_std_path(&package).then_some(package)
}

/// `T` of `func Max[T any](…) T`: any type.
fn is_type_parameter(kind: &Type<'_>) -> bool {
    let Type::Written(written) = kind else {
        return false;
    };
    let written = written.bare();
    let list = written.top_func().and_then(|func| func.field("type_parameters"));
    list.is_some_and(|list| {
        let names = list.find(&["identifier"]).into_iter();
        names.map(|name| name.text()).any(|name| name == written.text())
    })
}

/// [`callee`] of what is not the standard library's.
pub fn own_callee<'a>(files: &'a GoFiles, call: At<'a>) -> Option<At<'a>> {
    let of_std = std_package(files, call.field("function")?).is_some();
    (!of_std).then(|| callee(files, call))?
}

/// `F` of `pkg.F(…)`, `x.F(…)` and `F(…)`.
pub fn called_name<'a>(call: &At<'a>) -> Option<&'a str> {
    let function = call.field("function")?.bare();
    match function.kind() {
        "selector_expression" => function.field("field").map(|field| field.text()),
        "identifier" => Some(function.text()),
        _ => {
            let inner = function.instantiated()?;
            let name = inner.field("field").or_else(|| inner.field("name"));
            name.or(Some(inner)).map(|name| name.text())
        }
    }
}

/// `x` of `x.F(…)`.
pub fn operand_of(call: At<'_>) -> Option<At<'_>> {
    call.field("function")?.field("operand")
}

/// Import path and name of `pkg.F(…)`, where `pkg` is an import.
pub fn qualified<'a>(call: &At<'a>) -> Option<(&'a str, &'a str)> {
    let mut function = call.field("function")?.bare();
    if function.kind() != "selector_expression" {
        function = function.instantiated()?;
    }
    if function.kind() == "qualified_type" {
        let path = function.file.import(function.field("package")?.text())?;
        return Some((path, function.field("name")?.text()));
    }
    let path = qualifier(function.field("operand")?)?;
    Some((path, function.field("field")?.text()))
}

/// The calls that a line is part of, innermost last.
pub fn on_line(file: &GoFile, line: u32) -> Vec<At<'_>> {
    let mut calls = file.on_line(line, &["call_expression"]);
    calls.retain(|call| {
        let end = call
            .field("arguments")
            .map_or(call.last_line(), |list| list.line());
        call.line() <= line && line <= end
    });
    calls
}

/// The calls of a function or method in the package that declares it.
pub fn callers<'a>(files: &'a GoFiles, func: At<'a>) -> Vec<At<'a>> {
    let Some(name) = func.field("name") else {
        return Vec::new();
    };
    let calls = files
        .package(func.file)
        .into_iter()
        .flat_map(|file| file.named(name.text()))
        .filter_map(call_of);
    let in_std = files.is_std(func.file);
    let is_other = |call: &At<'a>| {
        let function = call.field("function");
        !in_std && function.is_some_and(|function| std_package(files, function).is_some())
    };
    calls
        .filter(|call| !is_other(call) && callee(files, *call).is_none_or(|found| found == func))
        .collect()
}

/// The same, only those on a way from a test's function if there are any. A test outside of the package may call too.
pub fn callers_from<'a>(files: &'a GoFiles, func: At<'a>, test: Option<At<'a>>) -> Vec<At<'a>> {
    let mut all = callers(files, func);
    let Some(test) = test else { return all };
    all.extend(callers_outside(files, func, test));
    let on_way: Vec<At<'a>> = all
        .iter()
        .copied()
        .filter(|call| {
            call.top_func()
                .is_some_and(|from| is_called_from(files, from, test))
        })
        .collect();
    match on_way.is_empty() {
        true => all,
        false => on_way,
    }
}

/// The calls of a function in the package of a test, where that is another one.
fn callers_outside<'a>(files: &'a GoFiles, func: At<'a>, test: At<'a>) -> Vec<At<'a>> {
    if test.file.package == func.file.package {
        return Vec::new();
    }
    let names = files.package(test.file).into_iter();
    names
        .flat_map(|file| file.named(func.func_name()))
        .filter_map(call_of)
        .filter(|call| callee(files, *call) == Some(func))
        .collect()
}

/// Functions that are looked at on the way up to a test.
const MOST_CALLERS: usize = 40;

/// Whether calls lead from one function to another one, or it is the same. A call of the same name on what has no known type counts.
pub fn is_called_from<'a>(files: &'a GoFiles, func: At<'a>, from: At<'a>) -> bool {
    is_led_to(files, func, from, |_, _| true)
}

/// The same, where each call on the way is known to be one of that function.
pub fn is_surely_called_from<'a>(files: &'a GoFiles, func: At<'a>, from: At<'a>) -> bool {
    is_led_to(files, func, from, |call, func| callee(files, call) == Some(func))
}

fn is_led_to<'a>(
    files: &'a GoFiles,
    func: At<'a>,
    from: At<'a>,
    counts: impl Fn(At<'a>, At<'a>) -> bool,
) -> bool {
    let mut open = vec![func];
    let mut seen = Vec::new();
    while let Some(func) = open.pop() {
        if func == from {
            return true;
        }
        if seen.contains(&func) || seen.len() > MOST_CALLERS {
            continue;
        }
        seen.push(func);
        let inside = callers(files, func).into_iter();
        open.extend(
            inside
                .filter(|call| counts(*call, func))
                .filter_map(|call| call.top_func()),
        );
        open.extend(callers_outside(files, func, from).iter().filter_map(At::top_func));
        for at in handed_on(files, func) {
            match at.top_func() {
                Some(func) => open.push(func),
                // A table of the package: any function may call what it holds.
                None => return true,
            }
        }
    }
    false
}

/// Where a function or method is handed on as a value: `t.Cleanup(s.stop)`, `t.Run("x", f)`, `{"x", TestLeakX}`.
pub fn handed_on<'a>(files: &'a GoFiles, func: At<'a>) -> Vec<At<'a>> {
    let Some(name) = func.field("name") else {
        return Vec::new();
    };
    let names = files.package(func.file).into_iter();
    let names = names.flat_map(|file| file.named(name.text()));
    let whole = |at: At<'a>| {
        let selector = at
            .parent()
            .filter(|outer| outer.kind() == "selector_expression" && outer.field("field") == Some(at));
        selector.unwrap_or(at)
    };
    names
        .filter(|at| *at != name && call_of(*at).is_none())
        .map(whole)
        .filter(|at| type_of(files, *at) == Some(Type::Func(func)))
        .collect()
}

/// The call whose function a name is.
pub fn call_of(name: At<'_>) -> Option<At<'_>> {
    let mut inner = name;
    for outer in name.ancestors().take(3) {
        match outer.kind() {
            "call_expression" if outer.field("function") == Some(inner) => return Some(outer),
            "selector_expression" if outer.field("field") == Some(inner) => inner = outer,
            "index_expression"
            | "type_instantiation_expression"
            | "generic_type"
            | "qualified_type"
            | "parenthesized_expression" => inner = outer,
            _ => return None,
        }
    }
    None
}

/// Whether a place is in a function literal that a `go` statement, or `g.Go(func() { … })`, starts: it runs in a goroutine of its
/// own, and can't be called.
pub fn runs_apart(at: &At<'_>) -> bool {
    let mut literals = at.ancestors().filter(|node| node.kind() == "func_literal");
    literals.any(|literal| is_started(&literal) || handed_to_go(literal).is_some())
}

/// `go func() { … }()`, from the literal.
pub fn is_started(literal: &At<'_>) -> bool {
    let call = literal.parent();
    let call =
        call.filter(|call| call.kind() == "call_expression" && call.field("function") == Some(*literal));
    call.is_some_and(is_go)
}

/// `go f()`, from the call.
pub fn is_go(call: At<'_>) -> bool {
    call.parent()
        .is_some_and(|statement| statement.kind() == "go_statement")
}

/// The function that runs a place: around a literal that is deferred, that one.
pub fn runs_in(at: At<'_>) -> Option<At<'_>> {
    let func = at.func()?;
    let call = func.parent().filter(|_| func.kind() == "func_literal");
    let statement = call.and_then(|call| call.parent());
    match statement.filter(|statement| statement.kind() == "defer_statement") {
        Some(statement) => statement.func(),
        None => Some(func),
    }
}

/// The call that gets something as an argument.
pub fn handed_to(handed: At<'_>) -> Option<At<'_>> {
    let list = handed.parent().filter(|list| list.kind() == "argument_list")?;
    list.parent().filter(|call| call.kind() == "call_expression")
}

/// `g.Go(f)`, from what is handed to it.
pub fn handed_to_go(handed: At<'_>) -> Option<At<'_>> {
    handed_to(handed).filter(|call| called_name(call) == Some("Go"))
}

/// Position of a parameter in its list, from the name that declares it; `None` for a receiver or result.
pub fn position(func: At<'_>, parameter: At<'_>) -> Option<usize> {
    let names = func.field("parameters")?.children().into_iter();
    names
        .flat_map(|declaration| declaration.fields("name"))
        .position(|name| name == parameter)
}
