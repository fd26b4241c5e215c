//! The ways out of a function, or of a round of its loop, before what ends a thing that it has made.

use super::fact::therefore;
use crate::go_source::calls::called_name;
use crate::go_source::order::{can_follow, jumps_to, leads_to};
use crate::go_source::{At, flow};

/// A way out, and the end that it skips.
#[derive(Clone, Copy)]
pub(super) struct Skip<'a> {
    /// The `return`, `continue` or `break`.
    pub exit: At<'a>,
    /// The end of those behind it that comes first.
    pub end: At<'a>,
}

impl<'a> Skip<'a> {
    /// What to do, with what makes the thing, in words for its places.
    pub(super) fn told(&self, made: At<'a>, place: impl Fn(At<'a>) -> String) -> String {
        let ends = self
            .end
            .parent()
            .filter(|outer| outer.kind() == "call_expression");
        let ends = ends.unwrap_or(self.end).text();
        let (exit, end, word) = (place(self.exit), place(self.end), word(self.exit));
        let skips = format!("the `{word}` ({exit}) comes before `{ends}` ({end})");
        if word != "return" && !self.end.is_deferred() {
            return therefore(&skips, &format!("`{ends}` before the `{word}` ({exit}) too"));
        }
        let fix = format!(
            "`defer {ends}` right after {}, in place of {end}",
            behind_check(made, place)
        );
        therefore(&skips, &fix)
    }
}

/// Where what a call has made can be used: `line 3`, or `the error check of line 3`.
pub(super) fn behind_check<'a>(made: At<'a>, place: impl Fn(At<'a>) -> String) -> String {
    let next = statement_after(made).filter(|next| next.kind() == "if_statement");
    let then = next.and_then(|next| next.field("consequence"));
    let checks = then.is_some_and(|then| is_error_check(made, then));
    format!(
        "{}{}",
        if checks { "the error check of " } else { "" },
        place(made)
    )
}

/// Whether it is a `return`, and the last of what that gives is not `nil`.
pub(super) fn gives_an_error(exit: At<'_>) -> bool {
    let values = exit.first().map_or(Vec::new(), |list| list.children());
    exit.kind() == "return_statement" && values.last().is_some_and(|last| last.text() != "nil")
}

/// `return`, `continue` or `break`.
pub(super) fn word(exit: At<'_>) -> &'static str {
    match exit.kind() {
        "continue_statement" => "continue",
        "break_statement" => "break",
        _ => "return",
    }
}

/// A place in the file that the reader sees: `line 3`.
pub(super) fn line_of(at: At<'_>) -> String {
    format!("line {}", at.line())
}

/// The `recover()` of a function that a panic leaves.
pub(super) fn recovered(func: At<'_>) -> Option<At<'_>> {
    let calls = func.find(&["call_expression"]).into_iter();
    let mut recovers = calls.filter(|call| {
        let literal = call.func().filter(|literal| literal.func() == Some(func));
        called_name(call) == Some("recover") && literal.is_some_and(|literal| literal.is_deferred())
    });
    recovers.next()
}

/// What a function waits for behind an end of something: a `Wait`, or a receive.
pub(super) fn waits_behind<'a>(end: At<'a>) -> Option<At<'a>> {
    let func = end.func()?;
    let all = func.find(&["call_expression", "unary_expression"]).into_iter();
    let mut behind = all.filter(|at| {
        let is_wait =
            called_name(at) == Some("Wait") || at.kind() == "unary_expression" && at.has_token("<-");
        is_wait && at.func() == Some(func) && !at.is_deferred() && can_follow(end, *at)
    });
    behind.find(|at| at.start() > end.end())
}

/// The first way out behind what makes a thing on which none of these ends of it has run, and the end that comes then.
pub(super) fn first_skip<'a>(made: At<'a>, ends: &[At<'a>]) -> Option<Skip<'a>> {
    let exit = *left_open(made, ends)?.first()?;
    let end = ends.iter().find(|end| end.start() >= exit.end())?;
    Some(Skip { exit, end: *end })
}

/// The ways out behind what makes a thing on which none of these ends of it has run; `None` where one is not in its function.
pub(super) fn left_open<'a>(made: At<'a>, ends: &[At<'a>]) -> Option<Vec<At<'a>>> {
    let func = made.func()?;
    let statement = |end: &At<'a>| statement_of(func, *end);
    let statements: Vec<At<'a>> = ends.iter().map(statement).collect::<Option<_>>()?;
    let is_over = |exit: &At<'a>| {
        let mut before = statements.iter().filter(|end| end.start() < exit.end());
        before.any(|end| leads_to(*end, *exit))
    };
    let mut exits = ways_out(made, func);
    exits.retain(|exit| {
        exit.start() > made.end()
            && !is_over(exit)
            && !is_error_check(made, *exit)
            && skips(made, *exit, ends)
    });
    Some(exits)
}

/// The ways out of the function of what makes a thing, or of the rounds that make it, in a part of that.
pub(super) fn ways_out<'a>(made: At<'a>, part: At<'a>) -> Vec<At<'a>> {
    let mut exits = part.find(&["return_statement", "continue_statement", "break_statement"]);
    let leaves = |exit: &At<'a>| {
        exit.kind() == "return_statement" || jumps_to(exit).is_some_and(|left| is_round_of(made, left))
    };
    exits.retain(|exit| exit.func() == made.func() && leaves(exit));
    exits
}

/// Whether a statement is a loop that makes a thing anew in each round.
fn is_round_of<'a>(made: At<'a>, left: At<'a>) -> bool {
    let by = made.func().and_then(|func| statement_of(func, made));
    let is_own = by.is_some_and(|by| matches!(by.kind(), "short_var_declaration" | "var_declaration"));
    left.kind() == "for_statement" && left.contains(&made) && is_own
}

/// Whether a way out skips these ends: not where a loop is left, and one comes behind that.
fn skips<'a>(made: At<'a>, exit: At<'a>, ends: &[At<'a>]) -> bool {
    let left = jumps_to(&exit).filter(|left| is_round_of(made, *left));
    exit.kind() == "return_statement" || left.is_some_and(|left| ends.iter().all(|end| left.contains(end)))
}

/// The statement of a function that something in it, or in a literal in it, is part of.
pub(super) fn statement_of<'a>(func: At<'a>, at: At<'a>) -> Option<At<'a>> {
    let mut around = std::iter::once(at).chain(at.ancestors());
    around.find(|node| node.func() == Some(func) && is_statement(node))
}

/// The statement around an expression.
pub(super) fn statement_around(at: At<'_>) -> Option<At<'_>> {
    at.ancestors().find(is_statement)
}

fn is_statement(node: &At<'_>) -> bool {
    node.parent()
        .is_some_and(|outer| outer.kind() == "statement_list")
}

/// The statement that follows the one around an expression.
pub(super) fn statement_after(at: At<'_>) -> Option<At<'_>> {
    let statement = statement_around(at)?;
    let list = statement.parent()?.children().into_iter();
    list.skip_while(|one| *one != statement).nth(1)
}

/// Whether a way out is one where what makes a thing has failed: its error or its `ok` is looked at, or whether there is a thing.
pub(super) fn is_error_check<'a>(made: At<'a>, exit: At<'a>) -> bool {
    let names = flow::given_to(made).unwrap_or_default();
    let around = exit.ancestors().take_while(|node| !node.is_func());
    let mut checks = around.filter(|node| node.kind() == "if_statement" && node.start() > made.end());
    checks.any(|check| {
        let Some(says) = check.field("condition") else {
            return false;
        };
        let is_nil = |name: &At<'a>| says.text() == format!("{} == nil", name.text());
        let asks = |name: &&At<'a>| names_in(says, name.text()) && !is_set_between(made, check, name.text());
        names.first().is_some_and(is_nil) || names.iter().skip(1).any(|name| asks(&name))
    })
}

/// Whether an expression has an identifier of this name.
fn names_in(says: At<'_>, name: &str) -> bool {
    name != "_" && (says.text() == name || says.find(&["identifier"]).iter().any(|one| one.text() == name))
}

/// Whether a name gets another value between what makes a thing and a check, or in the head of that.
fn is_set_between<'a>(made: At<'a>, check: At<'a>, name: &str) -> bool {
    let Some(func) = made.func() else { return false };
    let sets = func.find(&["short_var_declaration", "assignment_statement"]);
    let is_before = |set: &At<'a>| {
        let then = check
            .field("consequence")
            .map_or(check.start(), |then| then.start());
        set.start() > made.end() && set.end() <= then
    };
    sets.into_iter().filter(is_before).any(|set| {
        let left = set.field("left").map_or(Vec::new(), |left| left.children());
        left.iter().any(|one| one.text() == name)
    })
}
