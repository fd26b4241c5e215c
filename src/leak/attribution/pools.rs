//! Pools of connections that one test alone has: it made the transport itself.

use super::reach::Reach;
use super::responses;
use crate::go_source::types::{Type, name_of, type_of};
use crate::go_source::values::{ranged, returns, values, writes};
use crate::go_source::{At, Calls, GoFiles, Value, Var, calls, flow, scope, variable};

/// More values of a client are not looked at.
const MOST: usize = 20;

/// Whether a test sends all its requests through transports that it makes itself: no other test can use one of its
/// connections, and it can't use one of another.
pub fn are_own<'a>(files: &'a GoFiles, reach: &Reach<'a>) -> bool {
    let own = Own {
        files,
        reach,
        calls: Calls {
            test: reach.found.first().copied(),
            ..Calls::default()
        },
    };
    let mut sends = reach
        .calls()
        .filter(|call| responses::gives_response(files, *call))
        .filter(|call| calls::own_callee(files, *call).is_none_or(|func| func.field("body").is_none()))
        .peekable();
    sends.peek().is_some()
        && !responses::is_hidden(files, reach)
        && sends.all(|call| {
            let client = calls::operand_of(call);
            client.is_some_and(|client| own.made(client))
        })
}

/// Structs in structs, and methods that call each other.
const DEEPEST: usize = 4;

/// A transport that a client is given after it was made.
struct Given<'a> {
    transport: At<'a>,
    /// Whether every way to its use gives it.
    is_certain: bool,
}

struct Own<'r, 'a> {
    files: &'a GoFiles,
    reach: &'r Reach<'a>,
    calls: Calls<'a>,
}

impl<'a> Own<'_, 'a> {
    /// Whether a client or transport is made by the test, and no package variable or field holds it.
    fn made(&self, expr: At<'a>) -> bool {
        self.is_of_test(expr, 0, &|made, path| self.has_own(made, &self.given_later(path)))
    }

    /// Whether all that an expression may hold is made by the test, is of a kind, and in no variable of the package; in a field
    /// only of what the test has made too.
    fn is_of_test(&self, expr: At<'a>, depth: usize, is_of_kind: &dyn Fn(At<'a>, &[At<'a>]) -> bool) -> bool {
        let mut all = values(self.files, expr, &self.calls);
        all.retain(|value| !self.never_holds(value));
        let is_shared = |at: &At<'a>| match variable(self.files, *at) {
            Some(Var::Global(_)) => true,
            Some(Var::Field(..)) => !at
                .field("operand")
                .is_some_and(|holder| self.is_holder(holder, depth)),
            Some(var @ Var::Local(_)) if depth > 0 => {
                let names = flow::names(self.files, var);
                names.len() >= flow::MOST || names.iter().any(|name| matches!(name, Var::Global(_)))
            }
            _ => false,
        };
        !all.is_empty()
            && all.len() < MOST
            && all.iter().all(|value| {
                let made = value.expr;
                made.top_func().is_some()
                    && self.reach.found.iter().any(|at| at.contains(&made))
                    && !value.path.iter().any(is_shared)
                    && is_of_kind(made, &value.path)
            })
    }

    /// Whether a field on the way to a value never holds it in this test.
    fn never_holds(&self, value: &Value<'a>) -> bool {
        let mut steps = value.path.iter().zip(value.path.iter().skip(1));
        steps.any(|(of, given)| match variable(self.files, *of) {
            Some(field @ Var::Field(..)) => {
                let func = given.top_func();
                func.is_some_and(|func| !self.reach.found.contains(&func))
                    || self.is_replaced(&field, *given).unwrap_or_default()
            }
            _ => false,
        })
    }

    /// Whether a constructor gives this to a field at first, and each call of it has an option that sets the field:
    /// `New(WithClient(c))`.
    fn is_replaced(&self, field: &Var<'a>, first: At<'a>) -> Option<bool> {
        let element = first.parent()?.parent()?;
        let is_first = element.kind() == "keyed_element" && element.field("key")?.text() == field.name();
        let func = element.func().filter(|func| is_first && runs_options(*func))?;
        let mut makes = self
            .reach
            .calls()
            .filter(|call| calls::callee(self.files, *call) == Some(func))
            .peekable();
        makes.peek()?;
        Some(makes.all(|call| {
            let options = call.field("arguments").map_or(Vec::new(), |list| list.children());
            options.into_iter().any(|option| self.sets(option, field))
        }))
    }

    /// Whether an option sets a field, whatever happens: what it returns is a function that begins so.
    fn sets(&self, option: At<'a>, field: &Var<'a>) -> bool {
        let func = Some(option).filter(|option| option.kind() == "call_expression");
        let func = func.and_then(|option| calls::own_callee(self.files, option));
        let returned = func.map_or(Vec::new(), |func| returns(func, 0));
        let [one] = &returned[..] else { return false };
        let body = one
            .value
            .field("body")
            .filter(|_| one.value.kind() == "func_literal");
        let in_body = |at: At<'a>| at.parent().and_then(|list| list.parent()) == body;
        body.is_some() && writes(self.files, field).iter().any(|given| in_body(given.by))
    }

    /// Whether a struct is made by the test: of a receiver, what the test calls the method on.
    fn is_holder(&self, holder: At<'a>, depth: usize) -> bool {
        if depth >= DEEPEST {
            return false;
        }
        let Some(method) = received(holder) else {
            return self.is_of_test(holder, depth + 1, &|made, _| is_literal(made));
        };
        let mut on = self
            .reach
            .calls()
            .filter(|call| calls::callee(self.files, *call) == Some(method))
            .map(calls::operand_of)
            .peekable();
        on.peek().is_some() && on.all(|on| on.is_some_and(|on| self.is_holder(on, depth + 1)))
    }

    /// Whether it has a transport of its own, after those that are given to it later.
    fn has_own(&self, made: At<'a>, later: &[Given<'a>]) -> bool {
        let replaced = later.iter().any(|given| given.is_certain);
        later.iter().all(|given| self.made(given.transport))
            && (self.is_new(made) || replaced && self.is_client(made))
    }

    /// A client that may have no transport yet.
    fn is_client(&self, made: At<'a>) -> bool {
        let kind = match made.kind() {
            "composite_literal" => made.field("type").map(Type::Written),
            "call_expression" if calls::called_name(&made) == Some("new") => made
                .field("arguments")
                .and_then(|list| list.first())
                .map(Type::Written),
            "identifier" => type_of(self.files, made),
            _ => None,
        };
        let name = kind.and_then(|kind| name_of(self.files, &kind));
        name.is_some_and(|kind| kind.name == "Client" && responses::is_http(&kind.package))
    }

    /// The transports that a client is given on its way: `c.Transport = tr`.
    fn given_later(&self, path: &[At<'a>]) -> Vec<Given<'a>> {
        let mut found: Vec<Given<'a>> = Vec::new();
        for used in path.iter().filter(|at| at.kind() == "identifier") {
            let Some(var @ Var::Local(decl)) = variable(self.files, *used) else {
                continue;
            };
            let fields = decl.file.named_within("Transport", &decl.reach()).into_iter();
            found.extend(fields.filter_map(|field| {
                let selector = field.parent().filter(|at| at.kind() == "selector_expression")?;
                (variable(self.files, selector.field("operand")?)? == var).then_some(())?;
                let statement = selector
                    .parent()?
                    .parent()
                    .filter(|at| at.kind() == "assignment_statement")?;
                let left = statement.field("left")?.children();
                let position = left.iter().position(|one| *one == selector)?;
                let home = decl.func();
                let mut around = statement.ancestors().take_while(|node| Some(*node) != home);
                let always = !around.any(|node| {
                    matches!(node.kind(), "if_statement" | "for_statement" | "func_literal")
                        || node.kind().ends_with("_case")
                });
                Some(Given {
                    transport: statement.field("right")?.children().get(position).copied()?,
                    is_certain: always && statement.end() <= used.start(),
                })
            }));
        }
        found
    }

    fn is_new(&self, made: At<'a>) -> bool {
        match made.kind() {
            "composite_literal" => self.is_new_literal(made),
            "call_expression" => {
                let server = matches!(calls::qualified(&made), Some(("net/http/httptest", _)));
                let on = calls::operand_of(made);
                match calls::called_name(&made) {
                    Some("NewServer" | "NewTLSServer" | "NewUnstartedServer") => server,
                    // Of a transport, and of a test server.
                    Some("Clone") => true,
                    Some("Client") => on.is_some_and(|server| self.made(server)),
                    _ => false,
                }
            }
            _ => false,
        }
    }

    fn is_new_literal(&self, literal: At<'a>) -> bool {
        let kind = literal.field("type").map(Type::Written);
        let Some(kind) = kind.and_then(|kind| name_of(self.files, &kind)) else {
            return false;
        };
        if !responses::is_http(&kind.package) {
            return false;
        }
        if kind.name == "Transport" {
            return true;
        }
        let elements = literal.field("body").map_or(Vec::new(), |body| body.children());
        let transport = elements.into_iter().find_map(|element| {
            let key = element.field("key")?.bare();
            (key.text() == "Transport").then(|| element.field("value"))?
        });
        kind.name == "Client" && transport.is_some_and(|transport| self.made(transport))
    }
}

/// Whether a function runs all functions that it is given: `for _, option := range options { option(c) }`.
fn runs_options(func: At<'_>) -> bool {
    let Some(list) = func.field("parameters") else {
        return false;
    };
    let given = list.find(&["variadic_parameter_declaration"]).into_iter();
    let given: Vec<At<'_>> = given.flat_map(|given| given.fields("name")).collect();
    let calls = func.find(&["call_expression"]).into_iter();
    let mut called = calls.filter_map(|call| scope::local(call.field("function")?));
    called.any(|name| {
        let over = ranged(name).and_then(|(over, _)| scope::local(over));
        over.is_some_and(|over| given.contains(&over))
    })
}

/// The method whose receiver a name is.
fn received(name: At<'_>) -> Option<At<'_>> {
    let method = scope::local(name)?
        .ancestors()
        .find(|node| node.kind() == "method_declaration")?;
    let receiver = method.field("receiver")?;
    receiver.contains(&scope::local(name)?).then_some(method)
}

/// `T{…}` or `&T{…}`.
fn is_literal(made: At<'_>) -> bool {
    let inner = match made.kind() {
        "unary_expression" if made.has_token("&") => made.field("operand").unwrap_or(made).bare(),
        _ => made,
    };
    inner.kind() == "composite_literal"
}
