//! HTTP responses in a test's code: whether it closes the bodies of those that it gets.

use super::every_way::Got;
use super::reach::Reach;
use crate::go_source::types::{name_of, result_of, type_of};
use crate::go_source::{At, GoFile, GoFiles, Var, calls, flow, values, variable};

/// What a test does with HTTP responses. The order says how much it is to blame for one that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Responses {
    /// It gets none, or on every way closes or reads to its end each one that it gets.
    InOrder,
    /// What it does can't be told from its source.
    Unclear,
    /// It gets one and does not close it.
    LeftOpen,
}

/// Packages that make requests only to check them, or none.
const CHECKERS: [&str; 4] = [
    "github.com/stretchr/testify/",
    "github.com/google/go-cmp/",
    "gotest.tools/",
    "github.com/onsi/gomega",
];
/// Methods and functions that send a request.
const SENDERS: [&str; 6] = ["Do", "Get", "Head", "Post", "PostForm", "RoundTrip"];
/// Functions that hand a response on to each other.
const DEEPEST: usize = 4;
/// Functions that read all that a reader has: then the connection is free.
const READERS: [(&str, &str); 5] = [
    ("io", "ReadAll"),
    ("io", "Copy"),
    ("io", "CopyBuffer"),
    ("io/ioutil", "ReadAll"),
    ("net/http/httputil", "DumpResponse"),
];

/// Of all that a test leads to.
pub fn of<'a>(files: &'a GoFiles, reach: &Reach<'a>) -> Responses {
    let least = match is_hidden(files, reach) {
        true => Responses::Unclear,
        false => Responses::InOrder,
    };
    let gets = reach.calls().filter(|call| gives_response(files, *call));
    gets.map(|call| handled(files, call))
        .max()
        .unwrap_or(least)
        .max(least)
}

/// Whether code that can't be followed may send requests too.
pub fn is_hidden(files: &GoFiles, reach: &Reach<'_>) -> bool {
    reach.cut || !reach.unresolved.is_empty() || reach.dependencies.iter().any(|path| sends(files, path))
}

/// Whether a dependency may send requests of its own.
fn sends(files: &GoFiles, dependency: &str) -> bool {
    let has_http = |file: &&GoFile| file.imports.iter().any(|import| import.path == "net/http");
    !CHECKERS.iter().any(|checker| dependency.starts_with(checker))
        && files.imported(dependency).iter().any(has_http)
}

/// Whether the first result of a call is a `*http.Response`.
pub fn gives_response<'a>(files: &'a GoFiles, call: At<'a>) -> bool {
    if let Some(("net/http", name)) = calls::qualified(&call) {
        return SENDERS.contains(&name);
    }
    match result_of(files, call, 0)
        .as_ref()
        .and_then(|kind| name_of(files, kind))
    {
        Some(kind) => kind.name == "Response" && is_http(&kind.package),
        // Without the source of the standard library its types are unknown.
        None => {
            let operand = calls::operand_of(call);
            let unknown = |operand: At<'a>| match type_of(files, operand) {
                Some(kind) => name_of(files, &kind).is_some_and(|kind| is_http(&kind.package)),
                None => true,
            };
            calls::called_name(&call).is_some_and(|name| SENDERS.contains(&name))
                && operand.is_some_and(unknown)
        }
    }
}

/// By its import path, or by the folder that it lies in.
pub fn is_http(package: &str) -> bool {
    package == "net/http" || package.ends_with("/src/net/http")
}

/// What is done with the response of a call.
fn handled<'a>(files: &'a GoFiles, call: At<'a>) -> Responses {
    if calls::own_callee(files, call).is_some_and(|helper| closes_later(files, helper)) {
        return Responses::InOrder;
    }
    let Some(parent) = call.parent() else {
        return Responses::Unclear;
    };
    match parent.kind() {
        "expression_statement" | "statement_list" | "block" | "go_statement" | "defer_statement" => {
            Responses::LeftOpen
        }
        // `http.Get(url).Body` is no Go; `c.Get(url)` in an argument or a return has a new owner.
        "expression_list" => {
            let Some(statement) = parent.parent() else {
                return Responses::Unclear;
            };
            match statement.kind() {
                "return_statement" => Responses::InOrder,
                "short_var_declaration" | "assignment_statement" => given(
                    files,
                    statement,
                    statement.field("left").map_or(Vec::new(), |left| left.children()),
                ),
                "var_spec" => given(files, statement, statement.fields("name")),
                _ => Responses::Unclear,
            }
        }
        "return_statement" => Responses::InOrder,
        _ => Responses::Unclear,
    }
}

/// Whether a helper sees to the response that it returns: `t.Cleanup(func() { res.Body.Close() })`.
fn closes_later<'a>(files: &'a GoFiles, helper: At<'a>) -> bool {
    let is_later = |node: &At<'_>| {
        let is_argument = || node.parent().is_some_and(|list| list.kind() == "argument_list");
        node.kind() == "defer_statement" || (node.kind() == "func_literal" && is_argument())
    };
    let closes = |used: At<'a>| {
        let is_close = |node: &At<'_>| node.text().ends_with(".Body.Close");
        let mut around = used.ancestors().take(2);
        let inside = || used.ancestors().take_while(|node| *node != helper);
        around.any(|node| is_close(&node))
            && inside().any(|node| is_later(&node))
            && inside().all(|node| node.kind() != "if_statement")
    };
    let returned = values::returns(helper, 0);
    returned
        .iter()
        .filter_map(|given| variable(files, given.value))
        .any(|var| flow::uses(files, &var).into_iter().any(closes))
}

fn given<'a>(files: &'a GoFiles, statement: At<'a>, left: Vec<At<'a>>) -> Responses {
    match left.first() {
        Some(first) if first.text() == "_" => match left.get(1).is_some_and(|error| is_wanted(files, *error))
        {
            true => Responses::Unclear,
            false => Responses::LeftOpen,
        },
        Some(first) => match variable(files, *first) {
            Some(var @ Var::Local(_)) => used(files, &var, Got::by(files, statement, &left), 0),
            _ => Responses::Unclear,
        },
        None => Responses::Unclear,
    }
}

/// Whether a request is meant to fail: `if err == nil { t.Fatal() }`, `require.Error(t, err)`. Then there is no response.
fn is_wanted<'a>(files: &'a GoFiles, error: At<'a>) -> bool {
    let asks = |used: At<'a>| {
        used.parent().is_some_and(|around| match around.kind() {
            "binary_expression" => around.has_token("=="),
            "argument_list" => around
                .parent()
                .and_then(|call| calls::called_name(&call))
                .is_some_and(|name| name == "Is" || name == "As" || name.starts_with("Error")),
            _ => false,
        })
    };
    variable(files, error).is_some_and(|var| flow::uses(files, &var).into_iter().any(asks))
}

/// Whether the body of the response in a variable is closed, read to its end, or given away, whatever happens.
fn used<'a>(files: &'a GoFiles, var: &Var<'a>, got: Option<Got<'a>>, depth: usize) -> Responses {
    let uses = flow::uses(files, var);
    let each = uses.into_iter().map(|used| (used, what(files, used, depth)));
    let (ends, others): (Vec<_>, Vec<_>) = each.partition(|(_, says)| *says == Responses::InOrder);
    if ends.is_empty() {
        let others = others.into_iter().map(|(_, says)| says);
        return others.min().unwrap_or(Responses::LeftOpen);
    }
    let ends: Vec<At<'_>> = ends.into_iter().map(|(used, _)| used).collect();
    match got.is_some_and(|got| got.always_ends(&ends)) {
        true => Responses::InOrder,
        false => Responses::Unclear,
    }
}

/// What one use says.
fn what<'a>(files: &'a GoFiles, used: At<'a>, depth: usize) -> Responses {
    let Some(parent) = used.parent() else {
        return Responses::Unclear;
    };
    match parent.kind() {
        "selector_expression" => match parent.field("field").map(|field| field.text()) {
            Some("Body") => body(files, parent, depth),
            // Of a body that was passed on.
            Some("Close") if depth > 0 => Responses::InOrder,
            Some("Write" | "Read" | "WriteTo") => Responses::Unclear,
            _ => Responses::LeftOpen,
        },
        "argument_list" => passed(files, used, parent, depth),
        "expression_list" => match parent.parent().map(|statement| statement.kind()) {
            Some("return_statement") => Responses::InOrder,
            Some("short_var_declaration" | "assignment_statement")
                if parent.parent().and_then(|statement| statement.field("left")) == Some(parent) =>
            {
                Responses::LeftOpen
            }
            _ => Responses::Unclear,
        },
        "return_statement" => Responses::InOrder,
        kind => is_looked_at(kind),
    }
}

/// `res.Body` in what is around it.
fn body<'a>(files: &'a GoFiles, body: At<'a>, depth: usize) -> Responses {
    let Some(parent) = body.parent() else {
        return Responses::Unclear;
    };
    match parent.kind() {
        "selector_expression" if parent.field("field").is_some_and(|field| field.text() == "Close") => {
            Responses::InOrder
        }
        "argument_list" => passed(files, body, parent, depth),
        kind => is_looked_at(kind),
    }
}

/// Compared or declared it is as it was; what else is done with it can't be told.
fn is_looked_at(kind: &str) -> Responses {
    match kind {
        "binary_expression" | "var_spec" | "parameter_declaration" => Responses::LeftOpen,
        _ => Responses::Unclear,
    }
}

/// A response or its body as an argument of a call.
fn passed<'a>(files: &'a GoFiles, argument: At<'a>, list: At<'a>, depth: usize) -> Responses {
    let Some(call) = list.parent().filter(|_| depth < DEEPEST) else {
        return Responses::Unclear;
    };
    if calls::qualified(&call).is_some_and(|called| READERS.contains(&called)) {
        return Responses::InOrder;
    }
    let position = list.children().iter().position(|one| *one == argument);
    let parameter = || {
        let func = calls::callee(files, call)?;
        let lists = func.field("parameters")?.children();
        let names = lists
            .into_iter()
            .flat_map(|declaration| declaration.fields("name"));
        names.into_iter().nth(position?)
    };
    match parameter().and_then(|name| Some((name, variable(files, name)?))) {
        Some((name, var)) => used(files, &var, Got::as_parameter(files, name), depth + 1),
        None => Responses::Unclear,
    }
}
