//! A channel that is nil, because nothing gives one to the variable: a send or receive on it never ends.

use super::place::Place;
use crate::go_source::calls::{callers, callers_from, operand_of, qualified};
use crate::go_source::types::{Type, TypeName, name_of, type_of, underlying};
use crate::go_source::{At, Value, Var, flow, scope, values};

/// Why a channel is nil.
pub(super) enum Nil<'a> {
    /// A variable that nothing gives a channel.
    Variable(&'a str),
    /// What only nil is given to.
    Given(&'a str),
    /// A field that nothing gives a channel, and the literal of its type where there is one only.
    Field(TypeName, &'a str, Option<At<'a>>),
    /// A field of a value that was made without it, where others have it.
    Literal(TypeName, &'a str, At<'a>),
    /// A field that only this function makes, which the test does not call.
    Unmade(TypeName, &'a str, At<'a>),
}

impl Nil<'_> {
    /// Why, in words.
    pub(super) fn why(&self, place: &Place<'_>) -> String {
        match self {
            Self::Variable(name) => format!("nothing gives `{name}` a channel, so it is nil"),
            Self::Given(name) => format!("`{name}` is given nil"),
            Self::Field(owner, field, _) => {
                format!(
                    "nothing gives `{field}` of the {} a channel, so it is nil",
                    owner.name
                )
            }
            Self::Literal(owner, field, at) => format!(
                "the {} made at {} has no `{field}`, so it is nil",
                owner.name,
                place.told(*at)
            ),
            Self::Unmade(owner, field, maker) => format!(
                "`{field}` of the {} is made in {} ({}), which this test does not call, so it is nil",
                owner.name,
                maker.func_name(),
                place.told(*maker)
            ),
        }
    }

    /// What to do about it.
    pub(super) fn fix(&self, place: &Place<'_>) -> String {
        match self {
            Self::Variable(name) => format!("make the channel `{name}` before it is used, {CLOSE}"),
            Self::Given(name) => format!("give `{name}` a channel in place of nil, {CLOSE}"),
            Self::Field(owner, field, made) => {
                let at = made.map_or_else(String::new, |made| format!(" ({})", place.told(made)));
                format!(
                    "make the channel `{field}` of the {} where that is made{at}, {CLOSE}",
                    owner.name
                )
            }
            Self::Literal(owner, field, at) => format!(
                "set `{field}` in the {} ({}) to a channel, {CLOSE}",
                owner.name,
                place.told(*at)
            ),
            Self::Unmade(owner, field, maker) => {
                let (name, at) = (maker.func_name(), place.told(*maker));
                let makes = ["new", "open", "make", "create"];
                match makes.iter().any(|begin| name.to_lowercase().starts_with(begin)) {
                    true => format!("make the {} with `{name}` ({at})", owner.name),
                    false => format!(
                        "give the {} its `{field}` as {name} does ({at}), or leave this wait out where it is nil",
                        owner.name
                    ),
                }
            }
        }
    }
}

const CLOSE: &str = "and close it when the goroutine is to end";

/// Whether a channel is nil by what the source says.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Nil<'a>> {
    let channel = channel.bare();
    match (channel.kind(), place.variable(channel)?) {
        ("identifier", var @ Var::Local(decl)) => {
            let spec = decl.parent().filter(|spec| spec.kind() == "var_spec");
            let is_declared = spec.is_some_and(|spec| spec.field("value").is_none());
            let stays = || {
                let values = place.values(channel);
                values.iter().all(|value| value.expr == channel)
                    && !flow::is_given(place.files, &var)
                    && !flow::is_pointed_to(place.files, &var)
            };
            match is_declared && stays() {
                true => Some(Nil::Variable(decl.text())),
                false => is_only_nil(place, channel, &var).then_some(Nil::Given(channel.text())),
            }
        }
        ("identifier", var @ Var::Global(decl)) => {
            let stays = !is_public(decl.text())
                && !flow::is_given(place.files, &var)
                && !flow::is_pointed_to(place.files, &var);
            (stays && is_channel(place, channel)).then_some(Nil::Variable(decl.text()))
        }
        ("selector_expression", var @ Var::Field(..)) => {
            of_field(place, channel, &var).or_else(|| unmade(place, channel, &var))
        }
        _ => None,
    }
}

/// The assignment that gives a field its channel only after the field was handed on, and where it was.
pub(super) fn made_later<'a>(place: &Place<'a>, channel: At<'a>) -> Option<(At<'a>, At<'a>)> {
    let values = place.values(channel);
    let mut on_the_way = values.iter().flat_map(|value| &value.path).copied();
    on_the_way.find_map(|given| {
        let var = place
            .variable(given)
            .filter(|var| matches!(var, Var::Field(..)))?;
        let all = values::writes(place.files, &var).into_iter();
        let here: Vec<At<'a>> = all
            .map(|one| one.by)
            .filter(|by| by.func() == given.func())
            .collect();
        let [one] = here[..] else { return None };
        (one.start() > given.end()).then_some((one, given))
    })
}

/// The channel of a timer that runs a function, which has none: why it is nil, and what to do.
pub(super) fn of_function_timer<'a>(place: &Place<'a>, channel: At<'a>) -> Option<(String, String)> {
    let channel = channel.bare();
    let timer = channel.field("operand")?;
    let values = place.values(timer);
    let made = |value: &Value<'a>| {
        let mut steps = value.path.iter().copied().chain([value.expr]);
        steps.find(|step| qualified(step) == Some(("time", "AfterFunc")))
    };
    let made: Option<Vec<At<'a>>> = values.iter().map(made).collect();
    let made = *made?
        .first()
        .filter(|_| channel.field("field").is_some_and(|field| field.text() == "C"))?;
    let at = place.told(made);
    let (name, whole) = (timer.text(), channel.text());
    let why = format!(
        "`{name}` is made by time.AfterFunc ({at}), which runs a function and sends nothing, so `{whole}` is nil"
    );
    let stop = format!("{name}.Stop()");
    let mut around = channel.ancestors().take_while(|node| !node.is_func());
    let drains = around.any(|node| {
        let condition = node.field("condition");
        condition.is_some_and(|condition| condition.text().contains(&stop))
    });
    let fix = match drains {
        true => {
            format!("leave this receive out: `{stop}` is enough, since such a timer has no value to take")
        }
        false => format!(
            "wait for a channel that the function of time.AfterFunc ({at}) closes, or make the timer with time.NewTimer"
        ),
    };
    Some((why, fix))
}

/// The one assignment that sets a field or a global to nil: `s.done = nil`.
pub(super) fn set_to_nil<'a>(place: &Place<'a>, channel: At<'a>) -> Option<At<'a>> {
    let var = place
        .variable(channel)
        .filter(|var| !matches!(var, Var::Local(_)))?;
    let all = flow::changes(place.files, &var).into_iter();
    let to_nil = all.filter(|(_, by)| by.field("right").is_some_and(|right| right.text() == "nil"));
    match &to_nil.map(|(_, by)| by).collect::<Vec<_>>()[..] {
        [one] => Some(*one),
        _ => None,
    }
}

/// Whether all that goes to a variable is nil.
fn is_only_nil<'a>(place: &Place<'a>, channel: At<'a>, var: &Var<'a>) -> bool {
    values::is_nil(place.files, channel, &place.calls) && !flow::is_pointed_to(place.files, var)
}

fn of_field<'a>(place: &Place<'a>, channel: At<'a>, var: &Var<'a>) -> Option<Nil<'a>> {
    let Var::Field(owner, field) = var else {
        return None;
    };
    if is_only_nil(place, channel, var) && !is_written_outside(place, field) {
        return Some(Nil::Given(channel.text()));
    }
    let given = values::writes(place.files, var);
    // A type without a name is written anew wherever a value of it is made.
    let is_named = !owner.name.contains(':');
    let is_in_literal = |by: At<'_>| matches!(by.kind(), "keyed_element" | "literal_element");
    if !is_named
        || !is_channel(place, channel)
        || given.iter().any(|given| !is_in_literal(given.by))
        || flow::is_pointed_to(place.files, var)
        || is_written_outside(place, field)
    {
        return None;
    }
    let values = holders(place, channel.field("operand")?, owner);
    let mut literals: Vec<At<'a>> = values
        .iter()
        .map(|value| caller_has(place, value.expr))
        .map(|expr| declared(expr).unwrap_or(expr))
        .collect();
    // What the test does not come to has not made this one.
    if literals.iter().any(|literal| place.is_by_test(*literal)) {
        literals.retain(|literal| place.is_by_test(*literal));
    }
    let lacks = |literal: &At<'a>| is_without(place, *literal, owner, field);
    let all_lack = !literals.is_empty() && literals.iter().all(lacks);
    let one = match &literals[..] {
        [first] if all_lack => Some(*first),
        _ => None,
    };
    // Of values that are put in place as a whole, the source of each is not known.
    let is_own = || given.is_empty() || !is_replaced(place, owner);
    match one {
        Some(made) if (is_public(field) || !given.is_empty()) && is_own() => {
            Some(Nil::Literal(owner.clone(), field, made))
        }
        _ if given.is_empty() && (all_lack || !is_public(field)) => {
            Some(Nil::Field(owner.clone(), field, one))
        }
        _ => None,
    }
}

/// The literal of a type that the test makes, without this field, where it makes no other.
fn only_literal<'a>(place: &Place<'a>, owner: &TypeName, field: &str) -> Option<At<'a>> {
    let package = values::home(place.files, owner).into_iter();
    let all = package.flat_map(|file| file.root().find(&["composite_literal"]));
    let is_it = |literal: &At<'a>| {
        let kind = literal.field("type").map(Type::Written);
        let name = kind.and_then(|kind| name_of(place.files, &kind));
        name.as_ref() == Some(owner) && place.is_by_test(*literal)
    };
    let found: Vec<At<'a>> = all.filter(is_it).collect();
    match &found[..] {
        [one] => Some(*one).filter(|one| is_without(place, *one, owner, field)),
        _ => None,
    }
}

/// A field that one function alone gives its channel, which the test does not call.
fn unmade<'a>(place: &Place<'a>, channel: At<'a>, var: &Var<'a>) -> Option<Nil<'a>> {
    let Var::Field(owner, field) = var else {
        return None;
    };
    place.calls.test?;
    let given = values::writes(place.files, var);
    let maker = given.first()?.by.top_func()?;
    let is_another = |by: At<'a>| by.top_func() != Some(maker) || place.is_by_test(by);
    let stays = is_called_by_name(place, maker)
        && !given.iter().any(|given| is_another(given.by))
        && !owner.name.contains(':')
        && is_channel(place, channel)
        && !flow::is_pointed_to(place.files, var)
        && !is_written_outside(place, field)
        && !is_replaced(place, owner);
    stays.then(|| match only_literal(place, owner, field) {
        Some(literal) if literal.top_func() != place.calls.test => {
            Nil::Literal(owner.clone(), field, literal)
        }
        _ => Nil::Unmade(owner.clone(), field, maker),
    })
}

/// Most functions that are looked at on the way up from one.
const MOST_CALLERS: usize = 40;

/// Whether each way to a function is seen: its package is the test's, and no method without a call leads to it, which an interface
/// may call.
fn is_called_by_name<'a>(place: &Place<'a>, func: At<'a>) -> bool {
    let of = |at: At<'a>| at.file.package.trim_end_matches("_test");
    let Some(test) = place.calls.test.filter(|test| of(*test) == of(func)) else {
        return false;
    };
    let mut open = vec![func];
    let mut seen: Vec<At<'a>> = Vec::new();
    while let Some(func) = open.pop() {
        if seen.contains(&func) {
            continue;
        }
        if seen.len() > MOST_CALLERS {
            return false;
        }
        seen.push(func);
        let calls = callers_from(place.files, func, None);
        if calls.is_empty() && func.field("receiver").is_some() {
            return false;
        }
        open.extend(calls.iter().filter_map(At::top_func).filter(|func| *func != test));
    }
    true
}

fn is_public(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

fn is_channel<'a>(place: &Place<'a>, expr: At<'a>) -> bool {
    let kind = type_of(place.files, expr).and_then(|kind| underlying(place.files, kind));
    kind.is_some_and(|kind| kind.kind() == "channel_type")
}

/// The values whose field it is: of a type that embeds the field's, what is embedded.
fn holders<'a>(place: &Place<'a>, operand: At<'a>, owner: &TypeName) -> Vec<Value<'a>> {
    let kind = type_of(place.files, operand).and_then(|kind| name_of(place.files, &kind));
    match kind.filter(|kind| kind != owner) {
        None => place.values(operand),
        Some(outer) => embedded(place, outer, owner),
    }
}

/// What is given to the field of a type that embeds another one, which has that one's name.
fn embedded<'a>(place: &Place<'a>, outer: TypeName, owner: &TypeName) -> Vec<Value<'a>> {
    let names = values::home(place.files, owner);
    let mut names = names.iter().flat_map(|file| file.named(&owner.name));
    let given = names
        .next()
        .map(|name| values::writes(place.files, &Var::Field(outer, name.text())));
    let given = given.unwrap_or_default().into_iter();
    given.flat_map(|given| place.values(given.value)).collect()
}

/// What the receiver of a method is, in the one call of it that the call which led to the goroutine leads to.
fn caller_has<'a>(place: &Place<'a>, receiver: At<'a>) -> At<'a> {
    const FARTHEST: usize = 4;
    let mut of = receiver;
    for _ in 0..FARTHEST {
        let called = || {
            let func = of.func().filter(|func| func.field("receiver").is_some())?;
            scope::local(of).filter(|decl| func.field("receiver").is_some_and(|own| own.contains(decl)))?;
            let calls = callers(place.files, func).into_iter();
            let calls: Vec<At<'a>> = calls.filter(|call| place.is_led_to(*call)).collect();
            let [call] = calls[..] else { return None };
            match &place.values(operand_of(call)?)[..] {
                [one] => Some(one.expr),
                _ => None,
            }
        };
        match called() {
            Some(next) => of = next,
            None => return of,
        }
    }
    of
}

/// `var c Config`, from a use of `c`.
fn declared(name: At<'_>) -> Option<At<'_>> {
    let spec = scope::local(name)?.parent()?;
    (spec.kind() == "var_spec" && spec.field("value").is_none()).then_some(spec)
}

/// Whether it is a literal of the type that names its fields, and not this one.
fn is_without<'a>(place: &Place<'a>, literal: At<'a>, owner: &TypeName, field: &str) -> bool {
    let kind = match literal.kind() {
        "composite_literal" => type_of(place.files, literal),
        "var_spec" => literal.field("type").map(Type::Written),
        _ => None,
    };
    let is_it = kind
        .and_then(|kind| name_of(place.files, &kind))
        .is_some_and(|name| name == *owner);
    let elements = literal.field("body").map_or(Vec::new(), |body| body.children());
    is_it
        && elements.iter().all(|element| {
            let key = element.field("key");
            let is_nil = element
                .field("value")
                .is_some_and(|value| value.bare().kind() == "nil");
            element.kind() == "keyed_element" && key.is_some_and(|key| key.bare().text() != field || is_nil)
        })
}

/// Whether the test, if it is of another package, gives any field of this name a value.
fn is_written_outside(place: &Place<'_>, field: &str) -> bool {
    let Some(test) = place.calls.test.filter(|_| is_public(field)) else {
        return false;
    };
    let names = place
        .files
        .package(test.file)
        .into_iter()
        .flat_map(|file| file.named(field));
    names.filter_map(|name| name.parent()).any(|outer| {
        outer.kind() == "selector_expression"
            && outer
                .parent()
                .and_then(|list| list.parent())
                .is_some_and(|statement| {
                    statement.kind() == "assignment_statement"
                        && statement.field("left").is_some_and(|left| left.contains(&outer))
                })
    })
}

/// Whether a value of the type is put in the place of another one: `*c = d`.
fn is_replaced(place: &Place<'_>, owner: &TypeName) -> bool {
    let package = values::home(place.files, owner);
    let statements = package
        .into_iter()
        .flat_map(|file| file.root().find(&["assignment_statement"]));
    let targets = statements
        .filter_map(|statement| statement.field("left"))
        .flat_map(|left| left.children());
    targets
        .filter(|target| target.kind() == "unary_expression" && target.has_token("*"))
        .any(|target| {
            let kind = type_of(place.files, target.bare());
            let name = kind.and_then(|kind| name_of(place.files, &kind));
            name.is_none_or(|name| name == *owner)
        })
}
