//! The type of an expression, as far as the source tells without a type checker.

use super::scope::{local, qualifier};
use super::{At, DeclKind, GoFiles};

/// The name of a declared type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeName {
    /// Import path of its package, or its folder where no dump shows the path.
    pub package: String,
    /// Its name.
    pub name: String,
}

impl TypeName {
    /// Whether it is this one.
    pub fn is(&self, package: &str, name: &str) -> bool {
        self.package == package && self.name == name
    }
}

/// A type: as written somewhere, or known by name without its source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Type<'a> {
    /// An expression of a type.
    Written(At<'a>),
    /// A function, of which the results matter.
    Func(At<'a>),
    /// One of the standard library, whose source is not at hand.
    Known(&'static str, &'static str),
}

/// Longest chain of steps from an expression to its type.
const DEEPEST: usize = 12;

/// Package and name of a type.
type KnownName = (&'static str, &'static str);

/// Results of functions whose source may not be at hand.
const RESULTS: &[(&str, &str, &[KnownName])] = &[
    ("time", "NewTimer", &[("time", "Timer")]),
    ("time", "AfterFunc", &[("time", "Timer")]),
    ("time", "NewTicker", &[("time", "Ticker")]),
    ("context", "Background", &[("context", "Context")]),
    ("context", "TODO", &[("context", "Context")]),
    (
        "context",
        "WithCancel",
        &[("context", "Context"), ("context", "CancelFunc")],
    ),
    (
        "context",
        "WithTimeout",
        &[("context", "Context"), ("context", "CancelFunc")],
    ),
    (
        "context",
        "WithDeadline",
        &[("context", "Context"), ("context", "CancelFunc")],
    ),
];

/// The type of an expression.
pub fn type_of<'a>(files: &'a GoFiles, expr: At<'a>) -> Option<Type<'a>> {
    typed(files, expr, 0, 0)
}

/// The type of one of the values of an expression.
pub fn result_of<'a>(files: &'a GoFiles, expr: At<'a>, index: usize) -> Option<Type<'a>> {
    typed(files, expr, index, 0)
}

fn typed<'a>(files: &'a GoFiles, expr: At<'a>, index: usize, depth: usize) -> Option<Type<'a>> {
    if depth > DEEPEST {
        return None;
    }
    let expr = expr.bare();
    match expr.kind() {
        "identifier" => match local(expr) {
            Some(decl) => of_declaration(files, decl, depth),
            None => {
                let found = files.declared(expr.file, expr.text(), |kind| {
                    !matches!(kind, DeclKind::Method { .. })
                })?;
                match found.kind() {
                    "function_declaration" => Some(Type::Func(found)),
                    "identifier" => of_declaration(files, found, depth),
                    _ => None,
                }
            }
        },
        "selector_expression" => {
            let (operand, field) = (expr.field("operand")?, expr.field("field")?);
            if let Some(path) = qualifier(operand) {
                let found = files.imported_declared(path, field.text(), |kind| {
                    matches!(kind, DeclKind::Func | DeclKind::Var)
                })?;
                return match found.kind() {
                    "function_declaration" => Some(Type::Func(found)),
                    _ => of_declaration(files, found, depth),
                };
            }
            let of = typed(files, operand, 0, depth + 1)?;
            match field_owner(files, &of, field.text()) {
                Some((_, kind)) => Some(Type::Written(kind)),
                None => method(files, &of, field.text()).map(Type::Func),
            }
        }
        "call_expression" => called(files, expr, index, depth),
        "composite_literal" => Some(Type::Written(expr.field("type")?)),
        "type_assertion_expression" | "type_conversion_expression" => {
            Some(Type::Written(expr.field("type")?))
        }
        "unary_expression" => match typed(files, expr.field("operand")?, 0, depth + 1)? {
            Type::Written(kind) if kind.kind() == "channel_type" => kind.field("value").map(Type::Written),
            _ => None,
        },
        "index_expression" => match typed(files, expr.field("operand")?, 0, depth + 1)? {
            func @ Type::Func(_) => Some(func),
            of => element(files, of),
        },
        "type_instantiation_expression" | "generic_type" => {
            let inner = expr.instantiated()?;
            let is_func = |kind: &DeclKind| *kind == DeclKind::Func;
            let found = match inner.kind() {
                "qualified_type" => {
                    let path = inner.file.import(inner.field("package")?.text())?;
                    files.imported_declared(path, inner.field("name")?.text(), is_func)
                }
                _ => files.declared(inner.file, inner.text(), is_func),
            };
            found.map(Type::Func)
        }
        "func_literal" => Some(Type::Func(expr)),
        _ => None,
    }
}

/// A type as it is written, or what its declaration says that it is.
pub fn underlying<'a>(files: &'a GoFiles, kind: Type<'a>) -> Option<At<'a>> {
    let Type::Written(written) = kind else { return None };
    match written.bare().kind() {
        "type_identifier" => spec(files, &kind)?.field("type"),
        _ => Some(written.bare()),
    }
}

/// What a slice, array, map or channel holds.
fn element<'a>(files: &'a GoFiles, kind: Type<'a>) -> Option<Type<'a>> {
    let written = underlying(files, kind)?;
    let held = match written.kind() {
        "slice_type" | "array_type" | "implicit_length_array_type" => written.field("element"),
        "map_type" | "channel_type" => written.field("value"),
        _ => None,
    };
    held.map(Type::Written)
}

fn called<'a>(files: &'a GoFiles, call: At<'a>, index: usize, depth: usize) -> Option<Type<'a>> {
    let function = call.field("function")?;
    let arguments = call.field("arguments")?;
    if function.kind() == "identifier" && local(function).is_none() {
        match function.text() {
            "new" | "make" => return arguments.first().map(Type::Written),
            _ => {}
        }
    }
    if let Some(path) = function.field("operand").and_then(qualifier) {
        let name = function.field("field")?.text();
        let known = RESULTS.iter().find(|(p, f, _)| *p == path && *f == name);
        if let Some((package, name)) = known.and_then(|(.., results)| results.get(index)) {
            return Some(Type::Known(package, name));
        }
    }
    match typed(files, function, 0, depth + 1) {
        Some(Type::Func(func)) => result(func, index).map(Type::Written),
        Some(Type::Written(kind)) if kind.kind() == "function_type" => result(kind, index).map(Type::Written),
        // A conversion to a type with parameters.
        None if function.kind() == "generic_type" => Some(Type::Written(function)),
        _ => None,
    }
}

/// The type of a result of a function.
pub fn result(func: At<'_>, index: usize) -> Option<At<'_>> {
    let result = func.field("result")?;
    if result.kind() != "parameter_list" {
        return (index == 0).then_some(result);
    }
    let mut seen = 0;
    for declaration in result.children() {
        seen += declaration.fields("name").len().max(1);
        if index < seen {
            return declaration.field("type");
        }
    }
    None
}

/// The type of a variable, from the name that declares it.
fn of_declaration<'a>(files: &'a GoFiles, name: At<'a>, depth: usize) -> Option<Type<'a>> {
    let parent = name.parent()?;
    match parent.kind() {
        "parameter_declaration" | "variadic_parameter_declaration" => parent.field("type").map(Type::Written),
        "var_spec" | "const_spec" => match parent.field("type") {
            Some(kind) => Some(Type::Written(kind)),
            None => {
                let names = parent.fields("name");
                of_value(files, parent.field("value")?, name, &names, depth)
            }
        },
        "expression_list" => {
            let statement = parent.parent()?;
            match statement.kind() {
                "short_var_declaration" => {
                    of_value(files, statement.field("right")?, name, &parent.children(), depth)
                }
                "receive_statement" => typed(files, statement.field("right")?, 0, depth + 1),
                "range_clause" => {
                    let of = typed(files, statement.field("right")?, 0, depth + 1)?;
                    if parent.children().iter().position(|one| *one == name)? == 1 {
                        return element(files, of);
                    }
                    // The first name gets the values of a channel, and the keys of a map.
                    let over = underlying(files, of)?;
                    match over.kind() {
                        "channel_type" => element(files, of),
                        "map_type" => over.field("key").map(Type::Written),
                        _ => None,
                    }
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn of_value<'a>(
    files: &'a GoFiles,
    values: At<'a>,
    name: At<'a>,
    names: &[At<'a>],
    depth: usize,
) -> Option<Type<'a>> {
    let position = names.iter().position(|one| *one == name)?;
    let values = values.children();
    if values.len() == names.len() {
        typed(files, *values.get(position)?, 0, depth + 1)
    } else {
        typed(files, *values.first()?, position, depth + 1)
    }
}

/// The name of a type, whether a pointer to it or not.
pub fn name_of(files: &GoFiles, kind: &Type<'_>) -> Option<TypeName> {
    let written = match kind {
        Type::Known(package, name) => {
            return Some(TypeName {
                package: (*package).to_owned(),
                name: (*name).to_owned(),
            });
        }
        Type::Written(written) => written.bare(),
        Type::Func(_) => return None,
    };
    match written.kind() {
        "generic_type" => name_of(files, &Type::Written(written.field("type")?)),
        "qualified_type" => Some(TypeName {
            package: written.file.import(written.field("package")?.text())?.to_owned(),
            name: written.field("name")?.text().to_owned(),
        }),
        "type_identifier" | "identifier" => Some(TypeName {
            package: package_key(files, written),
            name: written.text().to_owned(),
        }),
        _ => None,
    }
}

/// Import path of the package that some code belongs to; its folder if no dump shows it.
pub fn package_key(files: &GoFiles, at: At<'_>) -> String {
    let folder = || {
        at.file
            .path
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder)
            .to_owned()
    };
    let key = files.path_of(at.file).unwrap_or_else(folder);
    match at.file.package.ends_with("_test") {
        true => format!("{key}_test"),
        false => key,
    }
}

/// The declaration of a type.
pub fn spec<'a>(files: &'a GoFiles, kind: &Type<'a>) -> Option<At<'a>> {
    let Type::Written(written) = kind else { return None };
    let written = written.bare();
    let is_type = |kind: &DeclKind| *kind == DeclKind::Type;
    let found = match written.kind() {
        "generic_type" => return spec(files, &Type::Written(written.field("type")?)),
        "qualified_type" => {
            let path = written.file.import(written.field("package")?.text())?;
            files.imported_declared(path, written.field("name")?.text(), is_type)?
        }
        "type_identifier" | "identifier" => files.declared(written.file, written.text(), is_type)?,
        _ => return None,
    };
    if found.kind() == "type_alias" {
        return spec(files, &Type::Written(found.field("type")?));
    }
    Some(found)
}

/// The type that declares a field, itself or one that it embeds, and the type of the field.
pub fn field_owner<'a>(files: &'a GoFiles, kind: &Type<'a>, name: &str) -> Option<(TypeName, At<'a>)> {
    owner(files, kind, name, 0)
}

fn owner<'a>(files: &'a GoFiles, kind: &Type<'a>, name: &str, depth: usize) -> Option<(TypeName, At<'a>)> {
    if depth > 4 {
        return None;
    }
    let (body, owner_name) = match kind {
        Type::Written(written) if written.bare().kind() == "struct_type" => {
            let place = format!("{}:{}", written.file.path, written.line());
            let anonymous = TypeName {
                package: package_key(files, *written),
                name: place,
            };
            (written.bare(), anonymous)
        }
        _ => {
            let spec = spec(files, kind)?;
            let name = TypeName {
                package: package_key(files, spec),
                name: spec.field("name")?.text().to_owned(),
            };
            (spec.field("type")?.bare(), name)
        }
    };
    if body.kind() != "struct_type" {
        return owner(files, &Type::Written(body), name, depth + 1);
    }
    let fields = fields(body);
    if let Some((_, kind)) = fields.iter().find(|(field, _)| *field == name) {
        return Some((owner_name, *kind));
    }
    let embedded = fields
        .iter()
        .filter(|(field, kind)| is_embedded(field, kind))
        .map(|(_, kind)| *kind);
    embedded
        .into_iter()
        .find_map(|kind| owner(files, &Type::Written(kind), name, depth + 1))
}

/// Names and types of the fields of a struct, in order. An embedded field is named by its type.
pub fn fields(body: At<'_>) -> Vec<(&str, At<'_>)> {
    let Some(list) = body.first() else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    for declaration in list.children() {
        let Some(kind) = declaration.field("type") else {
            continue;
        };
        let names = declaration.fields("name");
        if names.is_empty() {
            fields.push((last_name(kind), kind));
        }
        fields.extend(names.into_iter().map(|name| (name.text(), kind)));
    }
    fields
}

fn is_embedded(field: &str, kind: &At<'_>) -> bool {
    kind.parent()
        .is_some_and(|declaration| declaration.fields("name").is_empty())
        && last_name(*kind) == field
}

/// `Mutex` of `*sync.Mutex`.
fn last_name(kind: At<'_>) -> &str {
    let mut kind = kind.bare();
    if kind.kind() == "generic_type" {
        kind = kind.field("type").unwrap_or(kind);
    }
    kind.field("name").unwrap_or(kind).text()
}

/// A method of a type, its own, of what it embeds, or of an interface.
pub fn method<'a>(files: &'a GoFiles, kind: &Type<'a>, name: &str) -> Option<At<'a>> {
    method_below(files, kind, name, 0)
}

fn method_below<'a>(files: &'a GoFiles, kind: &Type<'a>, name: &str, depth: usize) -> Option<At<'a>> {
    if depth > 4 {
        return None;
    }
    let spec = spec(files, kind)?;
    let own = spec.field("name")?.text();
    if let Some(found) = files.method(spec.file, own, name) {
        return Some(found);
    }
    let body = spec.field("type")?.bare();
    match body.kind() {
        "struct_type" => fields(body)
            .into_iter()
            .filter(|(field, kind)| is_embedded(field, kind))
            .find_map(|(_, kind)| method_below(files, &Type::Written(kind), name, depth + 1)),
        "interface_type" => body
            .children()
            .into_iter()
            .find(|element| element.field("name").is_some_and(|own| own.text() == name))
            .or_else(|| {
                let embedded = body
                    .children()
                    .into_iter()
                    .filter(|part| part.kind() == "type_elem");
                embedded
                    .filter_map(|part| part.first())
                    .find_map(|kind| method_below(files, &Type::Written(kind), name, depth + 1))
            }),
        _ => None,
    }
}
