//! What a name means where it is written: Go's scopes.

use super::At;

/// The import path, if the operand of a selector is the name of an import.
pub fn qualifier<'a>(operand: At<'a>) -> Option<&'a str> {
    let name = operand.kind() == "identifier" && local(operand).is_none();
    name.then(|| operand.file.import(operand.text())).flatten()
}

/// The name that declares a local variable (or constant), seen from where it is used.
pub fn local<'a>(name: At<'a>) -> Option<At<'a>> {
    name.declared_once(|| declaring(name))
}

fn declaring<'a>(name: At<'a>) -> Option<At<'a>> {
    let wanted = name.text();
    if is_declaring(&name) {
        // A name on the left of `:=` may be declared before in the same scope.
        return earlier(&name).or(Some(name));
    }
    let mut inner = name;
    for outer in name.ancestors() {
        if let Some(found) = declared_in(&outer, &inner, wanted) {
            return Some(found);
        }
        inner = outer;
    }
    None
}

/// Whether the name itself is where names are declared.
fn is_declaring(name: &At<'_>) -> bool {
    let Some(parent) = name.parent() else { return false };
    match parent.kind() {
        "parameter_declaration" | "variadic_parameter_declaration" | "var_spec" | "const_spec" => {
            parent.fields("name").contains(name)
        }
        "expression_list" => parent
            .parent()
            .is_some_and(|statement| statement.field("left") == Some(parent) && declares(&statement)),
        _ => false,
    }
}

/// `:=`.
fn declares(statement: &At<'_>) -> bool {
    match statement.kind() {
        "short_var_declaration" => true,
        "range_clause" | "receive_statement" => statement.has_token(":="),
        _ => false,
    }
}

/// A declaration of the same name before this one, in the same block.
fn earlier<'a>(name: &At<'a>) -> Option<At<'a>> {
    let statement = name
        .ancestors()
        .find(|node| node.kind() == "short_var_declaration")?;
    let block = statement
        .parent()
        .filter(|block| block.kind() == "statement_list")?;
    let func = block.parent().and_then(|body| body.parent()).filter(At::is_func);
    declared_in(&block, &statement, name.text())
        .or_else(|| func.and_then(|func| parameter(&func, name.text())))
}

/// What a scope declares under this name before `inner`, its part that holds the use.
fn declared_in<'a>(scope: &At<'a>, inner: &At<'a>, wanted: &str) -> Option<At<'a>> {
    match scope.kind() {
        "statement_list" => {
            let before = scope.children().into_iter();
            let found = before
                .take_while(|statement| statement.start() < inner.start())
                .find_map(|statement| of_statement(&statement, wanted));
            // The body's outermost block is the scope of the parameters, too.
            let func = scope.parent().and_then(|body| body.parent()).filter(At::is_func);
            match (found, func) {
                (Some(_), Some(func)) => parameter(&func, wanted).or(found),
                _ => found,
            }
        }
        "function_declaration" | "method_declaration" | "func_literal" => parameter(scope, wanted),
        "for_clause" | "if_statement" | "expression_switch_statement" => scope
            .field("initializer")
            .filter(|init| init != inner)
            .and_then(|init| of_statement(&init, wanted)),
        "for_statement" => {
            let clause = scope
                .children()
                .into_iter()
                .find(|child| matches!(child.kind(), "range_clause" | "for_clause"))
                .filter(|clause| clause != inner)?;
            match clause.kind() {
                "range_clause" => of_statement(&clause, wanted),
                _ => of_statement(&clause.field("initializer")?, wanted),
            }
        }
        "type_switch_statement" => {
            let alias = scope.field("alias").and_then(|alias| listed(&alias, wanted));
            alias.or_else(|| {
                scope
                    .field("initializer")
                    .filter(|init| init != inner)
                    .and_then(|init| of_statement(&init, wanted))
            })
        }
        "communication_case" => scope
            .field("communication")
            .filter(|receive| receive != inner && receive.kind() == "receive_statement")
            .and_then(|receive| of_statement(&receive, wanted)),
        _ => None,
    }
}

/// The name in a statement that declares it.
fn of_statement<'a>(statement: &At<'a>, wanted: &str) -> Option<At<'a>> {
    match statement.kind() {
        _ if declares(statement) => listed(&statement.field("left")?, wanted),
        "var_declaration" | "const_declaration" => statement
            .find(&["var_spec", "const_spec"])
            .iter()
            .flat_map(|spec| spec.fields("name"))
            .find(|name| name.text() == wanted),
        "labeled_statement" => statement
            .children()
            .iter()
            .find_map(|inner| of_statement(inner, wanted)),
        _ => None,
    }
}

fn listed<'a>(list: &At<'a>, wanted: &str) -> Option<At<'a>> {
    list.children()
        .into_iter()
        .find(|name| name.kind() == "identifier" && name.text() == wanted)
}

/// A parameter, receiver or named result.
fn parameter<'a>(func: &At<'a>, wanted: &str) -> Option<At<'a>> {
    ["receiver", "parameters", "result"]
        .iter()
        .filter_map(|field| func.field(field))
        .filter(|list| list.kind() == "parameter_list")
        .flat_map(|list| list.children())
        .flat_map(|declaration| declaration.fields("name"))
        .find(|name| name.text() == wanted)
}
