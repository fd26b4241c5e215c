//! Which functions a test's code leads to, as far as its source tells: what it calls or names, and what that does in turn.

use crate::go_source::types::{Type, name_of, type_of};
use crate::go_source::{
    At, Calls, DeclKind, GoFile, GoFiles, Value, Var, calls, files, scope, values, variable,
};
use crate::goroutine::name;
use crate::leak::Code;
use crate::leak::test_name::TestName;
use elsa::FrozenMap;
use std::collections::BTreeSet;

/// Packages whose runner calls what package variables or `init` have registered.
const REGISTERED: [&str; 3] = ["onsi/ginkgo", "check.v1", "frankban/quicktest/qtsuite"];
/// Functions that are looked at for one test.
const MOST_FUNCTIONS: usize = 400;

/// What one test's code leads to.
#[derive(Debug, Default)]
pub struct Reach<'a> {
    /// The user's functions and methods, and declarations of package variables, the test's own function first.
    pub found: Vec<At<'a>>,
    /// Import paths of dependencies that are used.
    pub dependencies: BTreeSet<&'a str>,
    /// Names of functions and methods that it uses and that could not be found.
    pub unresolved: BTreeSet<&'a str>,
    /// There is more than was looked at, or the test's own source is not at hand.
    pub cut: bool,
}

impl<'a> Reach<'a> {
    /// Of a test: of the method of a suite, or of the function whose test or subtest it is.
    pub fn of(code: &Code<'a>, test: &str) -> Self {
        match function(code, test) {
            Some(func) => Self::from(code, func),
            None => Self {
                cut: true,
                ..Self::default()
            },
        }
    }

    /// Of a function.
    pub fn from(code: &Code<'a>, func: At<'a>) -> Self {
        let mut reach = Self::default();
        reach.found.push(func);
        reach.walk(code);
        reach
    }

    /// Of what runs before the tests of the package: TestMain, `init`, and what package variables are given.
    pub fn before_tests(code: &Code<'a>) -> Self {
        let mut reach = Self::default();
        for file in code.sources.with_tests(code.package.as_str()) {
            let decls = file.decls.iter().filter(|decl| match decl.kind {
                DeclKind::Func => matches!(decl.name.as_str(), "TestMain" | "init"),
                DeclKind::Var => true,
                _ => false,
            });
            let nodes = decls.filter_map(|decl| file.node(decl));
            for node in nodes.filter_map(|node| if node.is_func() { Some(node) } else { node.parent() }) {
                reach.add(node);
            }
        }
        reach.walk(code);
        reach
    }

    /// Whether it leads to a declared function, for certain or perhaps: what could not be found may have that name.
    pub fn may_lead_to(&self, func: &At<'a>) -> bool {
        self.cut || self.found.contains(func) || self.unresolved.contains(func.func_name())
    }

    /// Every call in what it leads to.
    pub fn calls(&self) -> impl Iterator<Item = At<'a>> {
        self.found.iter().flat_map(|at| at.find(&["call_expression"]))
    }

    fn walk(&mut self, code: &Code<'a>) {
        let mut next = 0;
        while let Some(at) = self.found.get(next).copied() {
            next += 1;
            if next > MOST_FUNCTIONS {
                self.cut = true;
                return;
            }
            for used in at.find(&["identifier", "selector_expression"]) {
                self.take(code, used);
            }
            for call in at.find(&["call_expression"]) {
                self.take_suite(code, call);
                // The name of a generic function is no identifier to the grammar: `NewCache[int](opts)`.
                let function = call
                    .field("function")
                    .filter(|function| function.kind() == "generic_type");
                if let Some(function) = function {
                    self.take(code, function);
                }
            }
        }
    }

    fn take(&mut self, code: &Code<'a>, name: At<'a>) {
        if let Some(path) = name.field("operand").and_then(scope::qualifier)
            && code.is_dependency(path)
        {
            self.dependencies.insert(path);
            return;
        }
        let part = name.parent().is_some_and(|parent| {
            parent.kind() == "selector_expression" && parent.field("operand") == Some(name)
        });
        let is_package = part && name.kind() == "identifier" && scope::qualifier(name).is_some();
        if is_package || (name.kind() == "identifier" && scope::local(name).is_some()) {
            return;
        }
        if calls::std_package(code.sources, name).is_some() || is_of_error(code, name) {
            return;
        }
        match type_of(code.sources, name) {
            Some(Type::Func(func)) if !code.is_own_file(&func.file.path) => return,
            Some(Type::Func(func)) if func.field("body").is_some() => return self.add(func),
            Some(Type::Func(func)) => {
                // A method of an interface: of whoever implements it.
                self.unresolved.extend(func.field("name").map(|name| name.text()));
                return;
            }
            _ => {}
        }
        if let Some(global) = global(code.sources, name) {
            self.add(global);
        } else if calls::call_of(name.field("field").unwrap_or(name)).is_some()
            && !is_foreign(code, name)
            && !cancels(code, name)
        {
            self.unresolved.insert(name.field("field").unwrap_or(name).text());
        }
    }

    /// The methods that a suite's runner calls without naming them: `suite.Run(t, new(S))`.
    fn take_suite(&mut self, code: &Code<'a>, call: At<'a>) {
        let Some((path, _)) = calls::qualified(&call) else {
            return;
        };
        // These run what was registered elsewhere.
        self.cut |= REGISTERED.iter().any(|runner| path.contains(runner));
        let Some(arguments) = call.field("arguments").filter(|_| path.ends_with("/suite")) else {
            return;
        };
        let types = arguments.find(&["type_identifier", "identifier"]);
        for file in code.sources.package(call.file) {
            let methods = file.decls.iter().filter(|decl| {
                matches!(&decl.kind, DeclKind::Method { receiver, .. } if types.iter().any(|of| of.text() == receiver))
            });
            for method in methods.filter_map(|decl| file.node(decl)) {
                self.add(method);
            }
        }
    }

    fn add(&mut self, at: At<'a>) {
        if !self.found.contains(&at) {
            self.found.push(at);
        }
    }
}

/// What tests lead to, each read once.
#[derive(Default)]
pub struct Reaches<'a>(FrozenMap<String, Box<Reach<'a>>>);

impl<'a> Reaches<'a> {
    /// Of a test.
    pub fn of(&self, code: &Code<'a>, test: &str) -> &Reach<'a> {
        match self.0.get(test) {
            Some(known) => known,
            None => self.0.insert(test.to_owned(), Box::new(Reach::of(code, test))),
        }
    }

    /// Of TestMain, `init`, and what package variables are given.
    pub fn before_tests(&self, code: &Code<'a>) -> &Reach<'a> {
        match self.0.get("") {
            Some(known) => known,
            None => self.0.insert(String::new(), Box::new(Reach::before_tests(code))),
        }
    }
}

/// The code of a test: the method of a suite for `TestSuite/TestTidy`, else the function of the outermost test.
pub fn function<'a>(code: &Code<'a>, test: &str) -> Option<At<'a>> {
    let files: Vec<&GoFile> = code.sources.with_tests(code.package.as_str());
    let method = test.split('/').nth(1).and_then(|name| {
        let is_method = |kind: &DeclKind| matches!(kind, DeclKind::Method { .. });
        files::find(&files, name, is_method).filter(|_| name.starts_with("Test"))
    });
    method.or_else(|| {
        files::find(&files, TestName::function_of(test), |kind| {
            *kind == DeclKind::Func
        })
    })
}

/// The declaration of a package variable: what it is given may be a function.
fn global<'a>(sources: &'a GoFiles, name: At<'a>) -> Option<At<'a>> {
    match variable(sources, name)? {
        Var::Global(decl) => decl.parent().or(Some(decl)),
        _ => None,
    }
}

/// A function variable that only package context gives a function: `s.ctx, s.cancel = context.WithCancel(parent)`.
fn cancels<'a>(code: &Code<'a>, name: At<'a>) -> bool {
    let all = values::values(code.sources, name, &Calls::default());
    let is_made =
        |value: &Value<'a>| value.index == 1 && matches!(calls::qualified(&value.expr), Some(("context", _)));
    !all.is_empty() && all.iter().all(is_made)
}

/// A builtin, a conversion, or something of the standard library or a dependency.
fn is_foreign(code: &Code<'_>, name: At<'_>) -> bool {
    let Some(operand) = name.field("operand") else {
        return true;
    };
    if let Some(path) = scope::qualifier(operand) {
        return name::is_std_path(path);
    }
    let kind = type_of(code.sources, operand);
    let of = kind.and_then(|kind| name_of(code.sources, &kind));
    of.is_some_and(|of| match of.package.starts_with('/') {
        true => !code.is_own_file(&format!("{}/x.go", of.package)),
        false => name::is_std_path(&of.package) || code.is_dependency(&of.package),
    })
}

/// `err.Error()`.
fn is_of_error(code: &Code<'_>, name: At<'_>) -> bool {
    let of = name.field("operand").and_then(|of| type_of(code.sources, of));
    matches!(of, Some(Type::Written(kind)) if kind.text() == "error")
}
