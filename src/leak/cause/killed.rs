//! A signal that a process may outlive, in a method that is to end it.

use super::lost::Why;
use super::place::short;
use crate::go_source::At;
use crate::go_source::calls::{called_name, operand_of};

/// Why a method that sends a process a signal may not end it: nothing in it kills the process where it gives up waiting.
pub(super) fn why<'a>(method: At<'a>, does: At<'a>, what: &str) -> Option<Why> {
    let call = match does.kind() {
        "call_expression" => does,
        _ => does
            .parent()
            .filter(|call| call.field("function") == Some(does))?,
    };
    let signal = call.field("arguments")?.first()?;
    let is_sent = called_name(&call) == Some("Signal") && !signal.text().to_uppercase().ends_with("KILL");
    let process = operand_of(call).filter(|_| is_sent && call.func() == Some(method))?;
    let calls = method.find(&["call_expression"]);
    if calls.iter().any(|call| called_name(call) == Some("Kill")) {
        return None;
    }
    let fact = format!(
        ", but {what} sends `{}` alone, which a process may outlive",
        signal.text()
    );
    let kill = format!("`{}.Kill()`", process.text());
    let fix = match gives_up(method, call) {
        Some(exit) => format!(
            "{kill} before the `return` ({}), where it gives up waiting",
            short(exit)
        ),
        None => format!("{kill} where the process does not end in time"),
    };
    Some(Why::new(&fact, fix))
}

/// The `return` of a case that comes with time, behind the signal.
fn gives_up<'a>(method: At<'a>, signal: At<'a>) -> Option<At<'a>> {
    let cases = method.find(&["communication_case"]).into_iter();
    let comes_with_time = |case: &At<'a>| {
        let communication = case.field("communication");
        let text = communication.map_or("", |communication| communication.text());
        let is_timer = text.ends_with(".C") || text.contains("time.After(") || text.contains(".Done()");
        is_timer && case.start() > signal.end()
    };
    let mut exits = cases
        .filter(comes_with_time)
        .flat_map(|case| case.find(&["return_statement"]));
    exits.find(|exit| exit.func() == Some(method))
}
