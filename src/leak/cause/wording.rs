//! The words of a fix: what to call, on what, and where.

use super::ending;
use super::place::handle;
use crate::go_source::{At, TypeName, flow};
use crate::leak::spec;

/// `call Close of `srv`, made at a_test.go:7: `t.Cleanup(srv.Close)``.
pub(super) fn words(call: At<'_>, name: &str, what: &str, ending: At<'_>) -> String {
    let method = ending.func_name();
    let parameters = ending
        .field("parameters")
        .map_or(Vec::new(), |list| list.children());
    let arguments = match &parameters[..] {
        [] => Some(""),
        [one] if one.text().ends_with("context.Context") => Some("context.Background()"),
        _ => None,
    };
    let Some(arguments) = arguments else {
        return format!("call {method} of {what}, when the test is done");
    };
    let direct = format!("{name}.{method}({arguments})");
    let value = match arguments.is_empty() && ending.field("result").is_none() {
        true => format!("{name}.{method}"),
        false => format!("func() {{ {direct} }}"),
    };
    match cleanup(call, &value, &direct) {
        Some(cleanup) => format!("call {method} of {what}: {cleanup}"),
        None => format!("call {method} of {what} where the suite tears down what it has set up"),
    }
}

/// The same for what a call returns and nothing keeps: `keep what `New` (a_test.go:7) returns as `agent`, and …`.
pub(super) fn keep(call: At<'_>, place: &str, of: TypeName, ending: At<'_>) -> String {
    let name = lower(of.name);
    let words = words(call, &name, &format!("`{name}`"), ending);
    format!(
        "keep what `{}` ({place}) returns as `{name}`, and {words}",
        called(call)
    )
}

/// `t.Cleanup(…)` where the function has a `t`, `DeferCleanup(…)` in a suite of ginkgo, else `defer …`; `None` in a method
/// that sets up: its end is no end of the test.
pub(super) fn cleanup(call: At<'_>, value: &str, direct: &str) -> Option<String> {
    if let Some(t) = test_handle(call) {
        return Some(format!("`{t}.Cleanup({value})`"));
    }
    if spec::is_of_ginkgo(call) {
        return Some(format!("`DeferCleanup({value})`"));
    }
    let name = call.top_func().map_or("", |func| func.func_name());
    let of_suite = call.top_func().and_then(ending::receiver).is_some();
    let sets_up = of_suite
        && ["SetUp", "Setup", "Before"]
            .iter()
            .any(|begin| name.starts_with(begin));
    (!sets_up).then(|| format!("`defer {direct}`"))
}

/// `t` of the function around, if it is a test or one that gets a `*testing.T`.
pub(super) fn test_handle(call: At<'_>) -> Option<&str> {
    let mut names = call
        .ancestors()
        .filter(At::is_func)
        .filter_map(handle)
        .filter_map(|handle| handle.field("name"));
    names.next().map(|name| name.text())
}

/// The variable that the first result of a call goes to.
pub(super) fn assigned(call: At<'_>) -> Option<&str> {
    let name = flow::given(call, 0)?.text();
    (name != "_").then_some(name)
}

/// A name for a variable: `agent` of `Agent`.
fn lower(name: String) -> String {
    let mut chars = name.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_lowercase).collect();
    first + chars.as_str()
}

/// `NewRouter` of `NewRouter(a, b)`.
pub(super) fn called(call: At<'_>) -> &str {
    call.field("function").map_or("it", |function| function.text())
}
