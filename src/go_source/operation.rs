//! The channel operation that a line holds.

use super::{At, GoFile};

/// What a goroutine may be blocked in.
#[derive(Debug, Clone)]
pub enum Operation<'a> {
    /// `for … range ch`: the channel.
    Range(At<'a>),
    /// `<-ch`: the channel.
    Receive(At<'a>),
    /// `ch <- v`: the channel.
    Send(At<'a>),
    /// `select { … }`, also one whose only case makes Go compile it as a plain operation.
    Select(Vec<Case<'a>>),
}

/// One case of a select.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The channel.
    pub channel: At<'a>,
    /// `case ch <- v`; else a receive.
    pub sends: bool,
    /// The whole case, with its statements.
    pub whole: At<'a>,
}

/// What the scheduler says, so far as it tells operations on one line apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// `chan receive`.
    Receiving,
    /// `chan send`.
    Sending,
    /// `select`.
    Selecting,
}

/// The operation on a line, if it can be told.
pub fn at_line(file: &GoFile, line: u32, blocked: Blocked) -> Option<Operation<'_>> {
    let on_line = |kinds: &[&str]| file.on_line(line, kinds);
    let starts = |node: &&At<'_>| node.line() == line;
    let selects = on_line(&["select_statement"]);
    if let Some(select) = selects.iter().find(starts) {
        return Some(Operation::Select(cases(select)));
    }
    let communication = on_line(&["communication_case"]);
    if let Some(case) = communication.iter().find(|case| {
        case.line() == line
            || case
                .field("communication")
                .is_some_and(|part| part.line() == line)
    }) {
        return case.parent().map(|select| Operation::Select(cases(&select)));
    }
    match blocked {
        Blocked::Receiving => {
            let receives: Vec<At<'_>> = on_line(&["unary_expression"])
                .into_iter()
                .filter(|node| node.has_token("<-"))
                .collect();
            let receive = receives.iter().find(starts).or(receives.last());
            let ranges = on_line(&["range_clause"]);
            let range = ranges
                .iter()
                .find(starts)
                .filter(|_| !receives.iter().any(|node| starts(&node)));
            match range {
                Some(range) => range.field("right").map(Operation::Range),
                None => receive?.field("operand").map(Operation::Receive),
            }
        }
        Blocked::Sending => {
            let sends = on_line(&["send_statement"]);
            let send = sends.iter().find(starts).or(sends.last())?;
            send.field("channel").map(Operation::Send)
        }
        Blocked::Selecting => None,
    }
}

/// Whether a select has a `default`.
pub fn has_default(select: &At<'_>) -> bool {
    select.children().iter().any(|case| case.kind() == "default_case")
}

/// The cases of a select, without `default`.
pub fn cases<'a>(select: &At<'a>) -> Vec<Case<'a>> {
    let case = |whole: At<'a>| {
        let part = whole.field("communication")?;
        let (channel, sends) = match part.kind() {
            "send_statement" => (part.field("channel")?, true),
            _ => (part.field("right")?.field("operand")?, false),
        };
        Some(Case {
            channel,
            sends,
            whole,
        })
    };
    select.children().into_iter().filter_map(case).collect()
}
