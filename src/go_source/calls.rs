//! Calls: what is called on a line, and who calls a function.

use super::scope::qualifier;
use super::types::{Type, type_of};
use super::{At, GoFile, GoFiles};

/// The function, method or function literal that a call runs, if its source is at hand.
pub fn callee<'a>(files: &'a GoFiles, call: At<'a>) -> Option<At<'a>> {
    match type_of(files, call.field("function")?)? {
        Type::Func(func) if func.field("body").is_some() => Some(func),
        _ => None,
    }
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
    let mut calls = file.root().find(&["call_expression"]);
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
    calls
        .filter(|call| callee(files, *call).is_none_or(|found| found == func))
        .collect()
}

/// The call whose function a name is.
pub fn call_of(name: At<'_>) -> Option<At<'_>> {
    let mut inner = name;
    for outer in name.ancestors().take(3) {
        match outer.kind() {
            "call_expression" if outer.field("function") == Some(inner) => return Some(outer),
            "selector_expression" if outer.field("field") == Some(inner) => inner = outer,
            "index_expression" | "type_instantiation_expression" | "parenthesized_expression" => {
                inner = outer
            }
            _ => return None,
        }
    }
    None
}

/// Position of a parameter in its list, from the name that declares it; `None` for a receiver or result.
pub fn position(func: At<'_>, parameter: At<'_>) -> Option<usize> {
    let names = func.field("parameters")?.children().into_iter();
    names
        .flat_map(|declaration| declaration.fields("name"))
        .position(|name| name == parameter)
}
