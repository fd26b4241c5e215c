//! Whether what ends a response happens on every way through the code that got it.

use crate::go_source::calls::{called_name, operand_of, qualified};
use crate::go_source::types::{name_of, type_of};
use crate::go_source::{At, GoFiles};

/// A response that some code has got.
pub struct Got<'a> {
    files: &'a GoFiles,
    /// The innermost block around the statement that got it; the body, of a helper that it is passed to.
    scope: At<'a>,
    /// Where that statement ends.
    after: usize,
    /// The variable that holds it.
    name: &'a str,
    /// The variable that holds the request's error.
    error: Option<&'a str>,
}

impl<'a> Got<'a> {
    /// By a statement that gives it, and the error, to variables.
    pub fn by(files: &'a GoFiles, statement: At<'a>, left: &[At<'a>]) -> Option<Self> {
        let is_scope = |node: &At<'_>| {
            matches!(
                node.kind(),
                "block" | "statement_list" | "if_statement" | "for_statement"
            ) || is_case(node)
                || is_switch(node)
        };
        Some(Self {
            files,
            scope: statement.ancestors().find(is_scope)?,
            after: statement.end(),
            name: left.first()?.text(),
            error: left.get(1).map(At::text).filter(|name| *name != "_"),
        })
    }

    /// As a parameter.
    pub fn as_parameter(files: &'a GoFiles, name: At<'a>) -> Option<Self> {
        let scope = name.func()?.field("body")?;
        Some(Self {
            files,
            scope,
            after: scope.start(),
            name: name.text(),
            error: None,
        })
    }

    /// Whether one of these places that end it is reached whatever happens.
    pub fn always_ends(&self, ends: &[At<'a>]) -> bool {
        ends.iter()
            .any(|end| self.is_unconditional(*end) && !self.is_left_before(*end, ends))
    }

    fn is_unconditional(&self, end: At<'a>) -> bool {
        if end.start() < self.after || !self.scope.contains(&end) {
            return false;
        }
        self.steps_out(end).all(|(inner, outer)| match outer.kind() {
            "if_statement" => !is_branch(outer, inner) || self.is_taken(outer, inner) == Some(true),
            "for_statement" => false,
            "func_literal" => is_run(outer),
            _ => outer == self.scope || !is_case(&outer),
        })
    }

    /// Whether a statement between it and that end leaves it as it is.
    fn is_left_before(&self, end: At<'a>, ends: &[At<'a>]) -> bool {
        let between = |at: &At<'a>| at.start() >= self.after && at.end() <= end.start();
        let is_here = |at: &At<'a>| at.func() == self.scope_func() || at.func() == end.func();
        let is_ended = |exit: &At<'a>| {
            let Some(scope) = exit.parent().filter(|block| *block != self.scope) else {
                return false;
            };
            let (after, block) = (scope.start().max(self.after), Self { scope, ..*self });
            let block = Self { after, ..block };
            let before = |one: &At<'a>| one.end() <= exit.start() && block.is_unconditional(*one);
            ends.iter().any(|one| exit.contains(one) || before(one))
        };
        let mut exits = self
            .scope
            .find(EXITS)
            .into_iter()
            .filter_map(|exit| self.exit(exit));
        let left = exits.any(|exit| {
            between(&exit)
                && is_here(&exit)
                && !self.stays_inside(exit)
                && !self.is_without(exit)
                && !is_ended(&exit)
        });
        left || self.is_given(self.name, end.start())
    }

    /// A statement after which its function has ended. A check of the request's own error goes on with a response.
    fn exit(&self, at: At<'a>) -> Option<At<'a>> {
        if at.kind() != "call_expression" {
            return Some(at);
        }
        let arguments = at.field("arguments").map_or(Vec::new(), |list| list.children());
        let of_error = arguments.iter().any(|one| Some(one.text()) == self.error);
        let ends = ends_goroutine(self.files, at) && !(of_error && is_of_require(&at));
        ends.then(|| at.parent())
            .flatten()
            .filter(|statement| statement.kind() == "expression_statement")
    }

    fn scope_func(&self) -> Option<At<'a>> {
        if self.scope.parent().is_some_and(|parent| parent.is_func()) {
            return self.scope.parent();
        }
        self.scope.func()
    }

    /// `continue` and `break` of a loop or switch that lies in the scope.
    fn stays_inside(&self, exit: At<'a>) -> bool {
        let of_switch = exit.kind() == "break_statement";
        matches!(exit.kind(), "continue_statement" | "break_statement")
            && exit.first().is_none()
            && self
                .inside(exit)
                .any(|node| node.kind() == "for_statement" || (of_switch && is_switch(&node)))
    }

    /// Whether a place is reached only where there is no response.
    fn is_without(&self, place: At<'a>) -> bool {
        self.steps_out(place)
            .any(|(inner, outer)| self.is_taken(outer, inner) == Some(false))
    }

    /// Each step from a place out to the scope: a part, and what it is part of.
    fn steps_out(&self, place: At<'a>) -> impl Iterator<Item = (At<'a>, At<'a>)> {
        let inner = std::iter::once(place).chain(self.inside(place));
        inner.zip(self.inside(place).chain([self.scope]))
    }

    /// What is around a place, up to the scope.
    fn inside(&self, place: At<'a>) -> impl Iterator<Item = At<'a>> {
        let scope = self.scope;
        place.ancestors().take_while(move |node| *node != scope)
    }

    /// Whether a branch of an `if` is taken when there is a response; `None` if that can't be told.
    fn is_taken(&self, statement: At<'a>, branch: At<'a>) -> Option<bool> {
        let condition = statement.field("condition")?;
        if statement.field("consequence") == Some(branch) {
            return self.holds(condition);
        }
        if statement.field("alternative") == Some(branch) {
            return self.holds(condition).map(|holds| !holds);
        }
        None
    }

    /// Whether a condition holds when there is a response.
    fn holds(&self, condition: At<'a>) -> Option<bool> {
        let error = self.error.filter(|name| !self.is_given(name, condition.start()));
        match condition.kind() {
            "parenthesized_expression" => self.holds(condition.first()?),
            "unary_expression" if condition.has_token("!") => {
                self.holds(condition.field("operand")?).map(|holds| !holds)
            }
            "call_expression" => {
                let arguments = condition.field("arguments")?.children();
                arguments.iter().find(|one| Some(one.text()) == error)?;
                match called_name(&condition)? {
                    "NoError" => Some(true),
                    "Error" | "Is" | "As" => Some(false),
                    _ => None,
                }
            }
            "binary_expression" => {
                let (left, right) = (condition.field("left")?, condition.field("right")?);
                let parts = || (self.holds(left), self.holds(right));
                if condition.has_token("&&") {
                    return match parts() {
                        (Some(true), Some(true)) => Some(true),
                        (Some(false), _) | (_, Some(false)) => Some(false),
                        _ => None,
                    };
                }
                if condition.has_token("||") {
                    return match parts() {
                        (Some(false), Some(false)) => Some(false),
                        (Some(true), _) | (_, Some(true)) => Some(true),
                        _ => None,
                    };
                }
                let is_error = Some(left.text()) == error;
                let is_it = left.text() == self.name || left.text() == format!("{}.Body", self.name);
                if right.text() != "nil" || !(is_error || is_it) {
                    return None;
                }
                if condition.has_token("==") {
                    return Some(is_error);
                }
                condition.has_token("!=").then_some(is_it)
            }
            _ => None,
        }
    }

    /// Whether a variable is given another value before a place.
    fn is_given(&self, name: &str, before: usize) -> bool {
        let statements = self
            .scope
            .find(&["short_var_declaration", "assignment_statement"]);
        statements.iter().any(|statement| {
            let left = statement.field("left").map_or(Vec::new(), |left| left.children());
            (self.after..before).contains(&statement.start()) && left.iter().any(|one| one.text() == name)
        })
    }
}

/// What may leave a function.
const EXITS: &[&str] = &[
    "return_statement",
    "continue_statement",
    "break_statement",
    "goto_statement",
    "call_expression",
];

/// Whether a call does not return: `panic`, `os.Exit`, `log.Fatal`, `t.Fatal`, `require.Equal`, which may.
fn ends_goroutine<'a>(files: &'a GoFiles, call: At<'a>) -> bool {
    let Some(name) = called_name(&call) else {
        return false;
    };
    match qualified(&call) {
        Some(("log", name)) => name.starts_with("Fatal") || name.starts_with("Panic"),
        Some(("os", "Exit") | ("runtime", "Goexit")) => true,
        Some(_) => is_of_require(&call),
        None => match operand_of(call) {
            None => name == "panic",
            Some(operand) => {
                let ends = ["Fatal", "Fatalf", "FailNow", "Skip", "Skipf", "SkipNow"].contains(&name);
                let kind = || type_of(files, operand).and_then(|kind| name_of(files, &kind));
                ends && kind().is_none_or(|kind| kind.package == "testing")
            }
        },
    }
}

/// `require.Equal(…)`: it ends the test where it does not hold.
fn is_of_require(call: &At<'_>) -> bool {
    qualified(call).is_some_and(|(package, _)| package.ends_with("testify/require"))
}

/// `defer func() { … }()`, or a function that is handed to one that runs it, as `t.Cleanup` does.
fn is_run(literal: At<'_>) -> bool {
    let Some(around) = literal.parent() else {
        return false;
    };
    let kept = || around.parent().and_then(|call| called_name(&call)) == Some("append");
    around.kind() == "call_expression" || (around.kind() == "argument_list" && !kept())
}

fn is_branch(statement: At<'_>, part: At<'_>) -> bool {
    [statement.field("consequence"), statement.field("alternative")].contains(&Some(part))
}

fn is_case(node: &At<'_>) -> bool {
    matches!(
        node.kind(),
        "expression_case" | "type_case" | "communication_case" | "default_case"
    )
}

fn is_switch(node: &At<'_>) -> bool {
    matches!(
        node.kind(),
        "expression_switch_statement" | "type_switch_statement" | "select_statement"
    )
}
