//! Where a value comes from: assignments, fields, parameters and returns, followed back to what made it.

use super::calls::{
    call_of, called_name, callers_from, on_line, operand_of, own_callee, position, std_package,
};
use super::scope::local;
use super::types::{self, Type, TypeName, name_of};
use super::variable::{Var, variable};
use super::{At, GoFile, GoFiles};

/// How a piece of code was reached.
#[derive(Debug, Clone, Default)]
pub struct Calls<'a> {
    /// The lines that a goroutine's stack holds, innermost first, and the `go` statement last.
    pub lines: Vec<(&'a GoFile, u32)>,
    /// The line that it is on itself.
    pub here: Option<(&'a GoFile, u32)>,
    /// The test's function: calls on a way from it come before those of other tests.
    pub test: Option<At<'a>>,
}

/// What an expression may hold.
#[derive(Debug, Clone)]
pub struct Value<'a> {
    /// The expression that made it, or the last one that could be followed.
    pub expr: At<'a>,
    /// Which of its results.
    pub index: usize,
    /// What it went through, the use first.
    pub path: Vec<At<'a>>,
}

/// One assignment to a variable.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The expression.
    pub value: At<'a>,
    /// Which of its results.
    pub index: usize,
    /// The statement, literal or call that gives it.
    pub by: At<'a>,
}

/// Longest way back, and most values.
const DEEPEST: usize = 10;
const MOST: usize = 24;
/// Most interfaces that are looked behind, one for the value of another.
const MOST_BEHIND: usize = 2;

/// Everything that an expression may hold, nil aside.
pub fn values<'a>(files: &'a GoFiles, expr: At<'a>, calls: &Calls<'a>) -> Vec<Value<'a>> {
    Walk::of(files, expr, calls).found
}

/// Whether an expression holds nil, and nothing else.
pub fn is_nil<'a>(files: &'a GoFiles, expr: At<'a>, calls: &Calls<'a>) -> bool {
    let walk = Walk::of(files, expr, calls);
    walk.found.is_empty() && walk.nils > 0
}

struct Walk<'a, 'c> {
    files: &'a GoFiles,
    calls: &'c Calls<'a>,
    found: Vec<Value<'a>>,
    /// How often nil was found.
    nils: usize,
    /// How many calls of interface methods it looks behind.
    behind: usize,
}

impl<'a, 'c> Walk<'a, 'c> {
    fn of(files: &'a GoFiles, expr: At<'a>, calls: &'c Calls<'a>) -> Self {
        Self::behind(files, expr, calls, 0)
    }

    fn behind(files: &'a GoFiles, expr: At<'a>, calls: &'c Calls<'a>, behind: usize) -> Self {
        let mut walk = Self {
            files,
            calls,
            found: Vec::new(),
            nils: 0,
            behind,
        };
        walk.follow(expr, 0, &mut Vec::new());
        walk
    }

    fn follow(&mut self, expr: At<'a>, index: usize, path: &mut Vec<At<'a>>) {
        let expr = expr.bare();
        if expr.kind() == "nil" {
            self.nils += 1;
            return;
        }
        if path.contains(&expr) {
            return;
        }
        if self.found.len() >= MOST {
            return;
        }
        path.push(expr);
        let next = if path.len() > DEEPEST {
            Vec::new()
        } else {
            self.before(expr, index)
        };
        if next.is_empty() {
            self.found.push(Value {
                expr,
                index,
                path: path.clone(),
            });
        }
        for given in next {
            self.follow(given.value, given.index, path);
        }
        path.pop();
    }

    /// One step back.
    fn before(&self, expr: At<'a>, index: usize) -> Vec<Given<'a>> {
        match expr.kind() {
            "identifier" | "selector_expression" => match variable(self.files, expr) {
                Some(var) => self.given(&var, expr),
                None => Vec::new(),
            },
            "call_expression" => match converted(self.files, expr) {
                Some(value) => vec![Given {
                    value,
                    index: 0,
                    by: expr,
                }],
                None => self.returned(expr, index),
            },
            "unary_expression" if expr.has_token("<-") => {
                expr.field("operand").map_or(Vec::new(), |from| self.sent(from))
            }
            "index_expression" => self.of_each(expr).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// What is put into the elements of a slice, array or map, or what the keys of a map are.
    fn held(&self, holder: At<'a>, part: Part) -> Vec<Given<'a>> {
        let mut found = Vec::new();
        let mut open = vec![holder];
        let mut seen: Vec<Var<'a>> = Vec::new();
        while let Some(holder) = open.pop() {
            let holder = holder.bare();
            match holder.kind() {
                "identifier" | "selector_expression" => {
                    let Some(var) = variable(self.files, holder).filter(|var| !seen.contains(var)) else {
                        continue;
                    };
                    if let Some((func, position)) = variadic(&var) {
                        let (whole, single) = self.rest(func, position);
                        open.extend(whole);
                        found.extend(single);
                    } else if seen.len() < DEEPEST {
                        open.extend(self.given(&var, holder).iter().map(|given| given.value));
                    }
                    found.extend(stored(self.files, &var, part));
                    seen.push(var);
                }
                "slice_expression" => open.extend(holder.field("operand")),
                "composite_literal" => found.extend(listed(holder, part)),
                "call_expression" if called_name(&holder) == Some("append") => {
                    let list = holder
                        .field("arguments")
                        .map_or(Vec::new(), |list| list.children());
                    let [first, rest @ ..] = &list[..] else { continue };
                    open.push(*first);
                    for value in rest {
                        match value.kind() {
                            "variadic_argument" => open.extend(value.first()),
                            _ => found.push(Given {
                                value: *value,
                                index: 0,
                                by: holder,
                            }),
                        }
                    }
                }
                "call_expression" => open.extend(self.returned(holder, 0).iter().map(|given| given.value)),
                _ => {}
            }
        }
        found.truncate(MOST);
        found
    }

    /// What callers give for a variadic parameter: slices (`all...`), and single values.
    fn rest(&self, func: At<'a>, position: usize) -> (Vec<At<'a>>, Vec<Given<'a>>) {
        let (mut whole, mut single) = (Vec::new(), Vec::new());
        for call in self.calls_of(func) {
            let list = call.field("arguments").map_or(Vec::new(), |list| list.children());
            for value in list.into_iter().skip(position) {
                match value.kind() {
                    "variadic_argument" => whole.extend(value.first()),
                    _ => single.push(Given {
                        value,
                        index: 0,
                        by: call,
                    }),
                }
            }
        }
        (whole, single)
    }

    /// `all[k]` in `for k := range all`: which element another index is of is not known.
    fn of_each(&self, element: At<'a>) -> Option<Vec<Given<'a>>> {
        let of = element.field("operand")?;
        let (over, position) = ranged(local(element.field("index")?)?)?;
        let is_each = position == 0 && variable(self.files, over)? == variable(self.files, of)?;
        is_each.then(|| self.held(of, Part::Element))
    }

    /// What a loop hands to a name that its `range` declares.
    fn of_round(&self, over: At<'a>, position: usize) -> Vec<Given<'a>> {
        if variable(self.files, over).is_some_and(|var| variadic(&var).is_some()) {
            return match position {
                1 => self.held(over, Part::Element),
                _ => Vec::new(),
            };
        }
        let kind = types::type_of(self.files, over).and_then(|kind| types::underlying(self.files, kind));
        match (kind.map(|kind| kind.kind()), position) {
            (Some("map_type"), 0) => self.held(over, Part::Key),
            (Some("channel_type") | None, 0) => self.sent(over),
            (Some("map_type" | "slice_type" | "array_type" | "implicit_length_array_type"), 1) => {
                self.held(over, Part::Element)
            }
            _ => Vec::new(),
        }
    }

    /// What a variable was given, as seen from a use of it.
    fn given(&self, var: &Var<'a>, used: At<'a>) -> Vec<Given<'a>> {
        let written = writes(self.files, var);
        let Var::Local(decl) = var else { return written };
        if let Some((over, position)) = ranged(*decl) {
            return self.of_round(over, position);
        }
        let mut reaching = reaching(*decl, used, written);
        // A parameter still has the caller's value where no assignment lies on every way.
        let func = decl.func().filter(|_| is_parameter(decl));
        if let Some(func) = func
            && !reaching
                .iter()
                .any(|given| always_before(&given.by, &anchor(*decl, used)))
        {
            reaching.extend(self.passed(func, *decl));
        }
        reaching
    }

    /// What is sent on a channel, where the variable that holds it is the same.
    fn sent(&self, channel: At<'a>) -> Vec<Given<'a>> {
        let Some(var) = variable(self.files, channel) else {
            return Vec::new();
        };
        let sends: Vec<At<'a>> = match &var {
            Var::Local(decl) => decl.file.sends_within(&decl.reach()),
            _ => reach(self.files, &var)
                .into_iter()
                .flat_map(|file| file.sends_within(&(0..file.text.len())))
                .collect(),
        };
        let name = var.name();
        let given = |send: &At<'a>| {
            // What a name means costs more than to see that it is another one.
            let to = send.field("channel").filter(|to| to.text().contains(name))?;
            (variable(self.files, to)? == var).then_some(())?;
            Some(Given {
                value: send.field("value")?,
                index: 0,
                by: *send,
            })
        };
        sends.iter().filter_map(given).take(MOST).collect()
    }

    /// What callers give for a parameter, or for a receiver that is a channel: the call on the stack, else every call in the
    /// package. One that hands on what the function itself was given says nothing.
    fn passed(&self, func: At<'a>, decl: At<'a>) -> Vec<Given<'a>> {
        let place = position(func, decl);
        let is_channel = || {
            let kind = types::type_of(self.files, decl).and_then(|kind| types::underlying(self.files, kind));
            kind.is_some_and(|kind| kind.kind() == "channel_type")
        };
        if place.is_none() && !is_channel() {
            return Vec::new();
        }
        let given = |call: At<'a>| {
            let value = match place {
                Some(place) => call.field("arguments")?.children().into_iter().nth(place)?,
                None => operand_of(call)?,
            };
            (variable(self.files, value) != Some(Var::Local(decl))).then_some(())?;
            Some(Given {
                value,
                index: 0,
                by: call,
            })
        };
        let mut on_stack = self.calls.lines.iter().flat_map(|line| calls_on(func, line));
        match on_stack
            .find_map(given)
            .or_else(|| given(self.called_back(func)?))
        {
            Some(given) => vec![given],
            None => self.calls_of(func).into_iter().filter_map(given).collect(),
        }
    }

    /// The call on the stack of a function literal that was handed on: of the one value on the line above that takes as much.
    fn called_back(&self, func: At<'a>) -> Option<At<'a>> {
        let is_in = |(file, line): &(&GoFile, u32)| {
            std::ptr::eq(*file, func.file) && func.line() <= *line && *line <= func.last_line()
        };
        let stack = || self.calls.here.iter().chain(&self.calls.lines);
        let inside = stack()
            .position(is_in)
            .filter(|_| func.kind() == "func_literal")?;
        let (file, line) = stack().skip(inside).find(|line| !is_in(line))?;
        let count = |list: At<'a>| list.children().len();
        let takes: usize = func
            .field("parameters")?
            .children()
            .iter()
            .map(|one| one.fields("name").len())
            .sum();
        let calls = on_line(file, *line).into_iter().filter(|call| {
            call.field("arguments").map(count) == Some(takes) && own_callee(self.files, *call).is_none()
        });
        let mut calls: Vec<At<'a>> = calls.collect();
        if calls.len() > 1 {
            let is_value = |call: &At<'a>| {
                let function = call
                    .field("function")
                    .filter(|function| function.kind() == "identifier");
                function.is_some_and(|function| matches!(variable(self.files, function), Some(Var::Local(_))))
            };
            calls.retain(is_value);
        }
        match calls[..] {
            [call] => Some(call),
            _ => None,
        }
    }

    /// The call of a function on the stack, else every call in the package.
    fn calls_of(&self, func: At<'a>) -> Vec<At<'a>> {
        let mut lines = self.calls.lines.iter();
        match lines.find_map(|line| calls_on(func, line).into_iter().next()) {
            Some(call) => vec![call],
            None if func.kind() == "func_literal" => literal_calls(func),
            None => callers_from(self.files, func, self.calls.test),
        }
    }

    /// What a function of the user's (or of a dependency whose source is at hand) returns.
    fn returned(&self, call: At<'a>, index: usize) -> Vec<Given<'a>> {
        let funcs = match own_callee(self.files, call) {
            Some(func) => vec![func],
            None => self.of_interface(call).unwrap_or_default(),
        };
        funcs.into_iter().flat_map(|func| returns(func, index)).collect()
    }

    /// The methods that a call through an interface runs: those of all that its operand may hold, where each is known.
    fn of_interface(&self, call: At<'a>) -> Option<Vec<At<'a>>> {
        let (operand, name) = (operand_of(call)?, called_name(&call)?);
        let declared = types::type_of(self.files, operand)?;
        let is_interface = types::underlying(self.files, declared)?.kind() == "interface_type";
        let is_std = || std_package(self.files, call.field("function")?);
        (is_interface && self.behind < MOST_BEHIND && is_std().is_none()).then_some(())?;
        let held = Walk::behind(self.files, operand, self.calls, self.behind + 1).found;
        let method = |value: &Value<'a>| {
            let kind = types::result_of(self.files, value.expr, value.index)?;
            let method = types::method(self.files, &kind, name)?;
            method.field("body").is_some().then_some(method)
        };
        let mut methods: Vec<At<'a>> = held.iter().map(method).collect::<Option<_>>()?;
        methods.dedup();
        Some(methods)
    }
}

/// The channel in `T(ch)`, a conversion to a type of channels that has a name.
pub fn converted<'a>(files: &'a GoFiles, call: At<'a>) -> Option<At<'a>> {
    let function = call.field("function")?.bare();
    let [value] = call.field("arguments")?.children()[..] else {
        return None;
    };
    let is_name = function.kind() == "identifier" && local(function).is_none();
    let kind = is_name.then(|| {
        types::underlying(
            files,
            Type::Written(types::spec(files, &Type::Written(function))?.field("name")?),
        )
    })??;
    (kind.kind() == "channel_type").then_some(value)
}

/// The expressions that a function returns as one of its results.
pub fn returns<'a>(func: At<'a>, index: usize) -> Vec<Given<'a>> {
    let Some(body) = func.field("body") else {
        return Vec::new();
    };
    let own = |statement: &At<'a>| statement.func() == Some(func);
    let value = |statement: At<'a>| {
        let values = statement.first()?.children();
        let (value, index) = match values.len() {
            1 => (*values.first()?, index),
            _ => (*values.get(index)?, 0),
        };
        Some(Given {
            value,
            index,
            by: statement,
        })
    };
    body.find(&["return_statement"])
        .into_iter()
        .filter(own)
        .filter_map(value)
        .collect()
}

/// The calls of a function on a line of a stack.
pub fn calls_on<'a>(func: At<'a>, (file, line): &(&'a GoFile, u32)) -> Vec<At<'a>> {
    let mut calls = on_line(file, *line);
    if func.kind() == "func_literal" {
        let of_literal = literal_calls(func);
        calls.retain(|call| of_literal.contains(call));
    } else {
        calls.retain(|call| called_name(call) == Some(func.func_name()));
    }
    calls
}

/// The calls of a function literal: where it is written, or through the variable that holds it.
fn literal_calls(literal: At<'_>) -> Vec<At<'_>> {
    let direct = literal
        .parent()
        .filter(|call| call.field("function") == Some(literal));
    if let Some(call) = direct {
        return vec![call];
    }
    let statement = literal.parent().and_then(|list| list.parent());
    let Some(statement) = statement.filter(|statement| statement.kind() == "short_var_declaration") else {
        return Vec::new();
    };
    let Some(name) = statement.field("left").and_then(|list| list.first()) else {
        return Vec::new();
    };
    let uses = literal.file.named_within(name.text(), &name.reach()).into_iter();
    uses.filter(|at| local(*at) == Some(name))
        .filter_map(call_of)
        .collect()
}

/// What `for k, v := range x` goes over, from a name that it declares, and the place of the name.
pub fn ranged(decl: At<'_>) -> Option<(At<'_>, usize)> {
    let list = decl.parent().filter(|list| list.kind() == "expression_list")?;
    let clause = list.parent().filter(|clause| clause.kind() == "range_clause")?;
    let position = list.children().iter().position(|name| *name == decl)?;
    Some((clause.field("right")?, position))
}

/// A part of what holds many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Key,
    Element,
}

/// What `x[k] = v` puts into a variable.
fn stored<'a>(files: &'a GoFiles, var: &Var<'a>, part: Part) -> Vec<Given<'a>> {
    let name = var.name();
    let names = match var {
        Var::Local(decl) => decl.file.named_within(name, &decl.reach()),
        _ => reach(files, var)
            .into_iter()
            .flat_map(|file| file.named(name))
            .collect(),
    };
    let put = |at: At<'a>| {
        let selector = at
            .parent()
            .filter(|outer| outer.kind() == "selector_expression" && outer.field("field") == Some(at));
        let whole = selector.unwrap_or(at);
        let index = whole
            .parent()
            .filter(|outer| outer.kind() == "index_expression" && outer.field("operand") == Some(whole))?;
        (is_written(&index) && variable(files, whole).as_ref() == Some(var)).then_some(())?;
        match part {
            Part::Element => assigned(index),
            Part::Key => Some(Given {
                value: index.field("index")?,
                index: 0,
                by: index,
            }),
        }
    };
    names.into_iter().filter_map(put).collect()
}

/// The keys or elements that a literal lists.
fn listed<'a>(literal: At<'a>, part: Part) -> Vec<Given<'a>> {
    let elements = literal.field("body").map_or(Vec::new(), |body| body.children());
    let value = |element: At<'a>| {
        let value = match (element.kind(), part) {
            ("keyed_element", Part::Key) => element.field("key")?,
            ("keyed_element", Part::Element) => element.field("value")?,
            (_, Part::Element) => element,
            (_, Part::Key) => return None,
        };
        Some(Given {
            value: value.bare(),
            index: 0,
            by: element,
        })
    };
    elements.into_iter().filter_map(value).collect()
}

/// The function and the place of a variadic parameter.
fn variadic<'a>(var: &Var<'a>) -> Option<(At<'a>, usize)> {
    let Var::Local(decl) = var else { return None };
    decl.parent()
        .filter(|parent| parent.kind() == "variadic_parameter_declaration")?;
    let func = decl.func()?;
    Some((func, position(func, *decl)?))
}

fn is_parameter(decl: &At<'_>) -> bool {
    decl.parent().is_some_and(|parent| {
        matches!(
            parent.kind(),
            "parameter_declaration" | "variadic_parameter_declaration"
        )
    })
}

/// Every assignment to a variable: where it is declared, assigned again, or named in a literal of its type.
pub fn writes<'a>(files: &'a GoFiles, var: &Var<'a>) -> Vec<Given<'a>> {
    let is_it = |at: At<'a>| variable(files, at).as_ref() == Some(var);
    match var {
        Var::Local(decl) => {
            let uses = decl.file.named_within(decl.text(), &decl.reach()).into_iter();
            uses.filter(|at| at.kind() == "identifier")
                .filter(|at| is_written(at) && is_it(*at))
                .filter_map(assigned)
                .collect()
        }
        Var::Global(decl) => files
            .package(decl.file)
            .into_iter()
            .flat_map(|file| file.named(decl.text()))
            .filter(|at| at.kind() == "identifier" && is_written(at))
            .filter(|at| *at == *decl || is_it(*at))
            .filter_map(assigned)
            .collect(),
        Var::Field(owner, name) => field_writes(files, owner, name),
    }
}

/// The files in which a variable may be used.
pub fn reach<'a>(files: &'a GoFiles, var: &Var<'a>) -> Vec<&'a GoFile> {
    match var {
        Var::Local(decl) => vec![decl.file],
        Var::Global(decl) => files.package(decl.file),
        Var::Field(owner, _) => home(files, owner),
    }
}

/// The files of the package that declares a type.
pub fn home<'a>(files: &'a GoFiles, owner: &TypeName) -> Vec<&'a GoFile> {
    let known = files.imported(&owner.package);
    if let Some(file) = known.first() {
        return files.package(file);
    }
    let (package, test) = match owner.package.strip_suffix("_test") {
        Some(package) => (package, true),
        None => (owner.package.as_str(), false),
    };
    // A package may be all tests; without its import path, its folder is its name.
    let mut all = files.with_tests(package);
    if all.is_empty() {
        all = files.in_folder(package, true);
    }
    all.retain(|file| file.package.ends_with("_test") == test);
    all
}

fn field_writes<'a>(files: &'a GoFiles, owner: &TypeName, name: &str) -> Vec<Given<'a>> {
    // What package time puts into `C` says nothing of when it fires.
    if owner.package == "time" {
        return Vec::new();
    }
    let mut found = Vec::new();
    let package = home(files, owner);
    for at in package.iter().flat_map(|file| file.named(name)) {
        let Some(parent) = at.parent() else { continue };
        if parent.kind() == "selector_expression" && parent.field("field") == Some(at) {
            let is_it = |var: Var<'a>| matches!(&var, Var::Field(o, n) if o == owner && *n == name);
            if is_written(&parent) && variable(files, parent).is_some_and(is_it) {
                found.extend(assigned(parent));
            }
        } else if let Some(given) = keyed(files, at, owner) {
            found.push(given);
        }
    }
    found.extend(positional(files, &package, owner, name));
    found
}

/// `T{name: v}`.
fn keyed<'a>(files: &'a GoFiles, at: At<'a>, owner: &TypeName) -> Option<Given<'a>> {
    let element = at.parent().and_then(|element| element.parent())?;
    if element.kind() != "keyed_element" || !element.field("key")?.contains(&at) {
        return None;
    }
    let literal = element.parent()?.parent()?;
    let kind = literal_type(literal)?;
    (name_of(files, &kind).as_ref() == Some(owner)).then_some(())?;
    Some(Given {
        value: element.field("value")?.bare(),
        index: 0,
        by: element,
    })
}

/// The type of a composite literal; of an element without one, the element type of the literal around it.
fn literal_type(literal: At<'_>) -> Option<Type<'_>> {
    if literal.kind() == "composite_literal" {
        return literal.field("type").map(Type::Written);
    }
    let outer = literal
        .ancestors()
        .find(|outer| outer.kind() == "composite_literal")?;
    let kind = outer.field("type")?;
    let element = kind.field("element").or_else(|| kind.field("value"))?;
    Some(Type::Written(element))
}

/// `T{v, w}`.
fn positional<'a>(
    files: &'a GoFiles,
    package: &[&'a GoFile],
    owner: &TypeName,
    name: &str,
) -> Vec<Given<'a>> {
    let spec = super::files::find(package, &owner.name, |kind| *kind == super::DeclKind::Type);
    let body = spec.and_then(|spec| spec.field("type"));
    let position = body.and_then(|body| types::fields(body).iter().position(|(field, _)| *field == name));
    let Some(position) = position else {
        return Vec::new();
    };
    let literals = package
        .iter()
        .flat_map(|file| file.named(&owner.name))
        .filter_map(|at| {
            let mut around = at.ancestors().take(3);
            around.find(|outer| outer.kind() == "composite_literal")
        });
    literals
        .filter(|literal| {
            let kind = literal.field("type").map(Type::Written);
            kind.and_then(|kind| name_of(files, &kind)).as_ref() == Some(owner)
        })
        .filter_map(|literal| {
            let elements = literal.field("body")?.children();
            let element = elements.get(position)?;
            (element.kind() == "literal_element").then(|| Given {
                value: element.bare(),
                index: 0,
                by: *element,
            })
        })
        .collect()
}

/// Whether a name or selector is given a value where it is written.
pub fn is_written(at: &At<'_>) -> bool {
    let Some(parent) = at.parent() else { return false };
    match parent.kind() {
        "var_spec" => parent.fields("name").contains(at),
        "expression_list" => parent.parent().is_some_and(|statement| {
            statement.field("left") == Some(parent)
                && match statement.kind() {
                    "assignment_statement" => statement.has_token("="),
                    kind => matches!(
                        kind,
                        "short_var_declaration" | "range_clause" | "receive_statement"
                    ),
                }
        }),
        _ => false,
    }
}

/// The value that a name is given where it is written.
fn assigned(at: At<'_>) -> Option<Given<'_>> {
    let parent = at.parent()?;
    let (names, values, by) = match parent.kind() {
        "var_spec" => (parent.fields("name"), parent.field("value")?, parent),
        _ => {
            let statement = parent.parent()?;
            if !matches!(statement.kind(), "assignment_statement" | "short_var_declaration") {
                return None;
            }
            (parent.children(), statement.field("right")?, statement)
        }
    };
    let position = names.iter().position(|name| *name == at)?;
    let values = values.children();
    let (value, index) = if values.len() == names.len() {
        (*values.get(position)?, 0)
    } else {
        (*values.first()?, position)
    };
    Some(Given { value, index, by })
}

/// The place in the function that declares a variable which a use belongs to: the function literal around it.
fn anchor<'a>(decl: At<'a>, used: At<'a>) -> At<'a> {
    let home = decl.func();
    let mut at = used;
    while let Some(func) = at.func() {
        if Some(func) == home {
            return at;
        }
        at = func;
    }
    at
}

/// The assignments whose value a use may see.
fn reaching<'a>(decl: At<'a>, used: At<'a>, written: Vec<Given<'a>>) -> Vec<Given<'a>> {
    let anchor = anchor(decl, used);
    let in_literal = anchor != used;
    let (mut before, after): (Vec<Given<'a>>, Vec<Given<'a>>) = written
        .into_iter()
        .filter(|given| !given.by.contains(&used) || given.by.end() <= used.start())
        .partition(|given| given.by.start() < anchor.start());
    let last = before.iter().rposition(|given| always_before(&given.by, &anchor));
    if let Some(last) = last {
        before.drain(..last);
    }
    let again = |given: &Given<'a>| in_literal || share_loop(&given.by, &anchor);
    before.extend(after.into_iter().filter(again));
    before
}

/// Whether a statement has run whenever the other place is reached: it belongs to a block around it.
fn always_before(statement: &At<'_>, place: &At<'_>) -> bool {
    let holder = statement.ancestors().find(|node| {
        matches!(
            node.kind(),
            "statement_list" | "if_statement" | "for_statement" | "communication_case"
        )
    });
    statement.start() < place.start() && holder.is_some_and(|holder| holder.contains(place))
}

fn share_loop(one: &At<'_>, other: &At<'_>) -> bool {
    one.ancestors()
        .filter(|node| node.kind() == "for_statement")
        .any(|node| node.contains(other))
}
