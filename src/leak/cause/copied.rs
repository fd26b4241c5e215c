//! What is set in a copy: a field that a method with a value receiver sets, or a loop in what `range` hands it, is lost.

use super::Subject;
use super::awaited::{operation, receives};
use super::context::resolved;
use super::kind::{self, Kind};
use super::place::Place;
use crate::go_source::calls::qualified;
use crate::go_source::scope::local;
use crate::go_source::types::{Type, type_of, underlying};
use crate::go_source::values::ranged;
use crate::go_source::{At, GoFiles, flow};
use crate::leak::Cause;

/// A field that ends a wait and is set in a copy alone.
struct Lost<'a> {
    place: Place<'a>,
    /// `l.cancel`, where it is set.
    field: At<'a>,
    copy: Copied<'a>,
}

/// A function that has a struct by value.
pub(super) struct Copied<'a> {
    pub func: At<'a>,
    /// The parameter or receiver, or what `range` declares.
    name: At<'a>,
    /// What a `range` goes over.
    over: Option<At<'a>>,
}

/// Says that what ends the wait is set in a copy.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    let Some(lost) = Lost::of(subject) else { return };
    let (func, at) = (lost.copy.func.func_name(), lost.place.told(lost.copy.func));
    let (field, set) = (lost.field.text(), lost.place.told(lost.field));
    cause.notes.push(match lost.copy.over {
        Some(over) => format!(
            "`{}` is a copy of an element of `{}` ({}): `{field}` ({set}) is set in that copy alone",
            lost.copy.name.text(),
            over.text(),
            lost.place.told(over)
        ),
        None => format!(
            "{func} ({at}) {} by value: it sets `{field}` ({set}) in a copy, which is lost when it returns",
            lost.copy.gets()
        ),
    });
    cause.fix = lost.fix();
}

/// What to do where what ends the wait is set in a copy.
pub(super) fn fix(subject: &Subject<'_>) -> Option<String> {
    Lost::of(subject).map(|lost| lost.fix())
}

impl<'a> Lost<'a> {
    /// Each way out of the wait that does not come by itself is one.
    fn of(subject: &Subject<'a>) -> Option<Self> {
        let (place, operation) = operation(subject)?;
        let mut found = None;
        for channel in receives(&operation) {
            let set = match kind::of(&place, channel) {
                Kind::Ticker(_) | Kind::Timer(_) => continue,
                Kind::Context(context) => cancel_of(&place, context),
                Kind::Made(made) => flow::given(made.at, 0),
                Kind::Signal | Kind::Unknown => None,
            };
            found = Some(set?);
        }
        let field = found?;
        let copy = copied(place.files, field)?;
        (!is_handed_on(&copy)).then_some(Self { place, field, copy })
    }

    fn fix(&self) -> String {
        let name = self.copy.name.text();
        if let Some(over) = self.copy.over {
            return format!(
                "work on the element of `{0}` itself ({1}), as in `for i := range {0} {{ {name} := &{0}[i]`: `{name}` is a copy, and what is set in it is lost",
                over.text(),
                self.place.told(over)
            );
        }
        format!(
            "{} ({}): what it sets in `{}` is lost when it returns, `{}` too",
            self.copy.fix(),
            self.place.told(self.copy.func),
            name,
            self.field.text()
        )
    }
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
        let copy = is_struct(files, type_of(files, name)?).then_some(Copied {
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

fn is_struct<'a>(files: &'a GoFiles, kind: Type<'a>) -> bool {
    underlying(files, kind).is_some_and(|body| body.kind() == "struct_type")
}

/// Whether the copy as a whole goes on from the function: `return l`, `keep(&l)`.
fn is_handed_on(copy: &Copied<'_>) -> bool {
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

/// Where the cancel function of a context is set.
fn cancel_of<'a>(place: &Place<'a>, context: At<'a>) -> Option<At<'a>> {
    let values = resolved(place, context);
    let calls = values.iter().map(|value| value.expr);
    let mut made = calls.filter(|call| {
        let by = qualified(call);
        by.is_some_and(|(package, name)| package == "context" && name.starts_with("WithCancel"))
    });
    let (one, none) = (made.next()?, made.next());
    none.is_none().then(|| flow::given(one, 1))?
}
