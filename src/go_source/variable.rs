//! The variable that an expression names: a field, a package's own, or a local one.

use super::scope::{local, qualifier};
use super::types::{TypeName, field_owner, name_of, type_of};
use super::{At, DeclKind, GoFiles};

/// A variable. Two expressions mean the same variable when these are equal; of a field, it is the field of the type,
/// whatever value holds it.
#[derive(Debug, Clone, PartialEq)]
pub enum Var<'a> {
    /// Of a function: the name that declares it.
    Local(At<'a>),
    /// Of a package: the name that declares it.
    Global(At<'a>),
    /// A field of a type.
    Field(TypeName, &'a str),
}

impl<'a> Var<'a> {
    /// Its name, without what it is a field of.
    pub fn name(&self) -> &'a str {
        match self {
            Self::Local(decl) | Self::Global(decl) => decl.text(),
            Self::Field(_, name) => name,
        }
    }
}

/// The variable that an expression names, or `None`: a call, an unknown type, a name that is not declared here.
pub fn variable<'a>(files: &'a GoFiles, expr: At<'a>) -> Option<Var<'a>> {
    let expr = expr.bare();
    match expr.kind() {
        "identifier" => match local(expr) {
            Some(decl) => Some(Var::Local(decl)),
            None => global(files, expr),
        },
        "selector_expression" => {
            let (operand, field) = (expr.field("operand")?, expr.field("field")?);
            if let Some(path) = qualifier(operand) {
                let found = files.imported_declared(path, field.text(), is_variable)?;
                return Some(Var::Global(found));
            }
            let kind = type_of(files, operand)?;
            // Without the type's source, a field is one of the type that it is read from.
            let owner = match field_owner(files, &kind, field.text()) {
                Some((owner, _)) => owner,
                None => name_of(files, &kind)?,
            };
            Some(Var::Field(owner, field.text()))
        }
        "index_expression" => variable(files, expr.field("operand")?),
        _ => None,
    }
}

fn is_variable(kind: &DeclKind) -> bool {
    matches!(kind, DeclKind::Var)
}

fn global<'a>(files: &'a GoFiles, name: At<'a>) -> Option<Var<'a>> {
    files
        .declared(name.file, name.text(), is_variable)
        .map(Var::Global)
}
