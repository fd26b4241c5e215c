//! What a function has only a copy of: a receiver, a parameter, or what `range` hands it, by value.

use super::place::Place;
use crate::go_source::calls::operand_of;
use crate::go_source::scope::local;
use crate::go_source::types::{Type, fields, spec, type_of, underlying};
use crate::go_source::values::ranged;
use crate::go_source::{At, GoFiles};

/// A function that has a struct by value.
pub(super) struct Copied<'a> {
    pub func: At<'a>,
    /// The parameter or receiver, or what `range` declares.
    pub name: At<'a>,
    /// What a `range` goes over.
    pub over: Option<At<'a>>,
}

impl Copied<'_> {
    fn is_receiver(&self) -> bool {
        let receiver = self.func.field("receiver");
        receiver.is_some_and(|list| list.contains(&self.name))
    }

    fn kind(&self) -> &str {
        let declaration = self
            .name
            .parent()
            .and_then(|declaration| declaration.field("type"));
        declaration.map_or("T", |kind| kind.text())
    }

    fn gets(&self) -> String {
        match self.is_receiver() {
            true => format!("gets its receiver `{}`", self.name.text()),
            false => format!("gets `{}`", self.name.text()),
        }
    }

    /// That a field is set in it and lost, in words.
    pub(super) fn loses<'a>(&self, field: At<'a>, place: &Place<'a>) -> String {
        let (name, set) = (field.text(), place.told(field));
        match self.over {
            Some(over) => format!(
                "`{}` is a copy of an element of `{}` ({}): `{name}` ({set}) is set in that copy alone",
                self.name.text(),
                over.text(),
                place.told(over)
            ),
            None => format!(
                "{} {} by value and sets `{name}` ({set}) in a copy, which is lost when it returns",
                self.who(place),
                self.gets()
            ),
        }
    }

    /// That what others set later is not in it, in words.
    pub(super) fn keeps(&self, place: &Place<'_>) -> String {
        format!(
            "{} {} by value, and what others change later is not in that",
            self.who(place),
            self.gets()
        )
    }

    /// `Close (line 3)`.
    fn who(&self, place: &Place<'_>) -> String {
        let at = place.told(self.func);
        match self.func.kind() {
            "func_literal" => format!("the function of {at}"),
            _ => format!("{} ({at})", self.func.func_name()),
        }
    }

    /// Whether its function sets any part of it.
    pub(super) fn sets_any(&self) -> bool {
        let sets = self
            .func
            .find(&["assignment_statement", "inc_statement", "dec_statement"]);
        let name = self.name.text();
        sets.iter().any(|set| {
            let left = set.field("left").or_else(|| set.first());
            left.is_some_and(|left| left.text().starts_with(&format!("{name}.")))
        })
    }

    /// To get no copy, and where.
    pub(super) fn fix_at(&self, place: &Place<'_>) -> String {
        match self.over {
            Some(over) => format!(
                "work on the element of `{0}` itself ({1}), as in `for i := range {0} {{ {name} := &{0}[i]`: `{name}` is a copy, and what is set in it is lost",
                over.text(),
                place.told(over),
                name = self.name.text()
            ),
            None => format!("{} ({})", self.fix(), place.told(self.func)),
        }
    }

    /// To get no copy.
    pub(super) fn fix(&self) -> String {
        let name = self.name.text();
        let what = match (self.is_receiver(), self.func.kind()) {
            (true, _) => format!("the receiver of {}", self.func.func_name()),
            (false, "func_literal") => format!("the parameter `{name}`"),
            (false, _) => format!("`{name}` of {}", self.func.func_name()),
        };
        format!("make {what} a pointer: `{name} *{}`", self.kind())
    }
}

/// The function that has a thing only as its copy: `l.cancel` or `wg`, reached through a receiver or parameter that is no pointer.
pub(super) fn copied<'a>(files: &'a GoFiles, thing: At<'a>) -> Option<Copied<'a>> {
    let thing = thing.bare();
    let root = match thing.kind() {
        "selector_expression" => thing.field("operand")?,
        _ => thing,
    };
    let name = local((root.kind() == "identifier").then_some(root)?)?;
    let func = name.func()?;
    if let Some((over, 1)) = ranged(name) {
        let kind = type_of(files, name)?;
        let is_pointer = matches!(kind, Type::Written(written) if written.kind() == "pointer_type");
        let copy = (!is_pointer && is_struct(files, kind)).then_some(Copied {
            func,
            name,
            over: Some(over),
        });
        return copy.filter(|_| thing != root);
    }
    let declaration = name
        .parent()
        .filter(|outer| outer.kind() == "parameter_declaration")?;
    let kind = declaration
        .field("type")
        .filter(|kind| kind.kind() != "pointer_type")?;
    let is_value = kind.text() == "sync.WaitGroup" || is_struct(files, Type::Written(kind));
    is_value.then_some(Copied {
        func,
        name,
        over: None,
    })
}

/// The copy in which a field is set and lost.
pub(super) fn lost<'a>(files: &'a GoFiles, field: At<'a>) -> Option<Copied<'a>> {
    copied(files, field).filter(|copy| !is_handed_on(copy))
}

/// The same for the statement or call that sets it, and the field: `s.closed = true`, `s.closed.Store(true)`.
pub(super) fn set_and_lost<'a>(files: &'a GoFiles, by: At<'a>) -> Option<(At<'a>, Copied<'a>)> {
    let field = match by.kind() {
        "assignment_statement" => by.field("left")?.first()?,
        "call_expression" => operand_of(by)?,
        "inc_statement" | "dec_statement" => by.first()?,
        _ => return None,
    };
    Some((field, lost(files, field)?))
}

/// The copy in which a field is, as it was when its function was called: a number, a flag, or the length of a slice.
pub(super) fn kept<'a>(files: &'a GoFiles, field: At<'a>) -> Option<Copied<'a>> {
    let copy = copied(files, field).filter(|copy| copy.over.is_none())?;
    let operand = field.field("operand")?;
    let body = spec(files, &type_of(files, operand)?)?.field("type")?;
    let name = field.field("field")?.text();
    let (_, kind) = fields(body).into_iter().find(|(field, _)| *field == name)?;
    let is_value = kind.kind() == "slice_type"
        || matches!(kind.text(), "bool" | "string" | "error")
        || ["int", "uint", "atomic."]
            .iter()
            .any(|begin| kind.text().starts_with(begin));
    is_value.then_some(copy)
}

fn is_struct<'a>(files: &'a GoFiles, kind: Type<'a>) -> bool {
    underlying(files, kind).is_some_and(|body| body.kind() == "struct_type")
}

/// Whether the copy as a whole goes on from the function: `return l`, `keep(&l)`.
pub(super) fn is_handed_on(copy: &Copied<'_>) -> bool {
    let name = copy.name;
    let uses = name
        .file
        .named_within(name.text(), &copy.func.bytes())
        .into_iter();
    let mut own = uses.filter(|at| *at != name && local(*at) == Some(name));
    own.any(|at| {
        !at.parent()
            .is_some_and(|outer| outer.kind() == "selector_expression" && outer.field("operand") == Some(at))
    })
}
