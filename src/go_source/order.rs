//! The order in which a function runs: what of it can still run after a place in it.

use super::At;

/// Whether a place of a function can run after another one has been reached: further on, in the next round of a loop, or
/// deferred. What the source does not rule out can.
pub fn can_follow(from: At<'_>, to: At<'_>) -> bool {
    let Some(to) = from.func().and_then(|func| within(func, to)) else {
        return false;
    };
    let mut around = to.ancestors().take_while(|node| !node.is_func());
    let deferred = around.find(|node| node.kind() == "defer_statement");
    // Deferred calls run when the function is over, the last one first.
    let runs_deferred = from
        .parent()
        .is_some_and(|outer| outer.kind() == "defer_statement");
    match deferred {
        Some(deferred) if runs_deferred => deferred.end() < from.start(),
        Some(deferred) => deferred.start() < from.start() || comes_after(from, deferred, Rounds::All),
        None => !runs_deferred && comes_after(from, to, Rounds::All),
    }
}

/// Whether a place of a function can run after another one in the same round of the loops around both.
pub fn leads_to(from: At<'_>, to: At<'_>) -> bool {
    comes_after(from, to, Rounds::This)
}

/// Which rounds of a loop count.
#[derive(Clone, Copy, PartialEq)]
enum Rounds {
    All,
    This,
}

/// The part of a function that runs a place: the call of the literal around it, where it is called at once or deferred.
fn within<'a>(func: At<'a>, place: At<'a>) -> Option<At<'a>> {
    let mut at = place;
    while at.func()? != func {
        let literal = at.func()?;
        at = literal
            .parent()
            .filter(|call| call.kind() == "call_expression" && call.field("function") == Some(literal))
            .filter(|call| call.parent().is_none_or(|outer| outer.kind() != "go_statement"))?;
    }
    Some(at)
}

fn comes_after(from: At<'_>, to: At<'_>, rounds: Rounds) -> bool {
    let is_statement = from
        .parent()
        .is_some_and(|outer| outer.kind() == "statement_list");
    if is_statement && from.contains(&to) {
        return true;
    }
    let mut inner = from;
    while let Some(outer) = inner.parent().filter(|outer| !outer.is_func()) {
        let holds = outer.contains(&to);
        inner = match outer.kind() {
            "statement_list" => match next(&outer, &inner, &to, rounds) {
                Next::Reached => return true,
                Next::Left => return false,
                Next::Goes(on) => on,
            },
            "for_statement" if holds => return rounds == Rounds::All || inner.kind() != "block",
            "if_statement" | "select_statement" | "expression_switch_statement" | "type_switch_statement" => {
                // Of the branches one runs.
                let is_branch =
                    matches!(inner.kind(), "block" | "if_statement") || inner.kind().ends_with("_case");
                if holds && !is_branch {
                    return true;
                }
                outer
            }
            _ if holds && to.start() >= inner.end() => return true,
            _ => outer,
        };
    }
    false
}

/// Where the rest of a block leads.
enum Next<'a> {
    Reached,
    Left,
    /// It goes on behind this.
    Goes(At<'a>),
}

fn next<'a>(block: &At<'a>, after: &At<'a>, to: &At<'a>, rounds: Rounds) -> Next<'a> {
    let rest = block.children().into_iter();
    for statement in rest.filter(|statement| statement.start() >= after.end()) {
        if statement.contains(to) {
            return Next::Reached;
        }
        let target = match statement.kind() {
            _ if leaves_function(&statement) => return Next::Left,
            "break_statement" | "continue_statement" => jumps_to(&statement),
            "fallthrough_statement" => jumped_to(&statement, &["expression_switch_statement"]),
            "goto_statement" => None,
            _ => continue,
        };
        return match target {
            Some(target)
                if statement.kind() == "continue_statement"
                    && rounds == Rounds::This
                    && target.contains(to) =>
            {
                Next::Left
            }
            Some(target) if statement.kind() == "break_statement" || !target.contains(to) => {
                Next::Goes(target)
            }
            _ => Next::Reached,
        };
    }
    Next::Goes(*block)
}

/// The statement that a `break` or `continue` is about.
pub fn jumps_to<'a>(jump: &At<'a>) -> Option<At<'a>> {
    const LEFT: &[&str] = &[
        "for_statement",
        "select_statement",
        "expression_switch_statement",
        "type_switch_statement",
    ];
    match jump.kind() {
        "break_statement" => jumped_to(jump, LEFT),
        "continue_statement" => jumped_to(jump, &["for_statement"]),
        _ => None,
    }
}

fn jumped_to<'a>(jump: &At<'a>, kinds: &[&str]) -> Option<At<'a>> {
    let mut around = jump.ancestors().take_while(|node| !node.is_func());
    let Some(label) = jump.first() else {
        return around.find(|node| kinds.contains(&node.kind()));
    };
    let labeled = around.find(|node| {
        node.kind() == "labeled_statement" && node.first().is_some_and(|name| name.text() == label.text())
    })?;
    labeled.children().into_iter().nth(1)
}

/// A statement after which the function has ended.
pub fn leaves_function(statement: &At<'_>) -> bool {
    match statement.kind() {
        "return_statement" => true,
        "expression_statement" => {
            let text = statement.text();
            ["panic(", "runtime.Goexit(", "os.Exit(", "log.Fatal"]
                .iter()
                .any(|start| text.starts_with(start))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go_source::GoFile;

    /// Whether `to()` can run after `from()`.
    fn follows(body: &str) -> bool {
        between(body, can_follow)
    }

    fn between(body: &str, is: fn(At<'_>, At<'_>) -> bool) -> bool {
        let text = format!("package m\nfunc f() {{\n{body}\n}}\n");
        let file = GoFile::parse("/m/x.go", text.as_str().into()).expect("it is Go");
        let call = |name: &str| {
            let calls = file.root().find(&["call_expression"]);
            calls
                .into_iter()
                .find(|call| call.text() == format!("{name}()"))
                .expect("a call")
        };
        is(call("from"), call("to"))
    }

    #[test]
    fn another_round_of_a_loop_is_not_this_one() {
        let leads = |body: &str| between(body, leads_to);
        for body in [
            "for { from(); to() }",
            "for { if a { from() }; to() }",
            "for from() { to() }",
            "for { for { from(); break }; to() }",
            "for { from(); break }\nto()",
        ] {
            assert!(leads(body), "{body}");
        }
        for body in [
            "for { to(); from() }",
            "for { if a { from(); continue }; to() }",
            "all: for { for { from(); continue all }; to() }",
            "for { if a { from(); return }; to() }",
        ] {
            assert!(!leads(body), "{body}");
        }
    }

    #[test]
    fn what_follows_in_a_block_and_around_it_can_run() {
        for body in [
            "from(); to()",
            "if a { from() }\nto()",
            "if from() { to() }",
            "for { to(); from() }",
            "for { if a { from(); continue }; to() }",
            "for { to(); select { case <-c: from(); break } }",
            "outer: for { to(); for { from(); continue outer } }",
            "for { if a { from(); break }; b() }\nto()",
            "defer to()\nfrom(); return",
            "defer func() { to() }()\nfrom(); panic(1)",
            "from(); func() { to() }()",
            "defer to(); defer from()",
            "switch a { case 1: from(); fallthrough; case 2: to() }",
            "again: to(); from(); goto again",
        ] {
            assert!(follows(body), "{body}");
        }
    }

    #[test]
    fn what_lies_before_or_behind_a_way_out_can_not() {
        for body in [
            "to(); from()",
            "if a { from(); return }\nto()",
            "if a { from() } else { to() }",
            "select { case <-a: from(); case <-b: to() }",
            "for { select { case <-a: from(); return; case <-b: to() } }",
            "outer: for { select { case <-a: from(); break outer; case <-b: to() } }",
            "for { to(); if a { from(); break } }",
            "from(); return; defer to()",
            "from(); go func() { to() }()",
            "defer from(); defer to()",
            "defer from(); to()",
        ] {
            assert!(!follows(body), "{body}");
        }
    }
}
