//! A wait for what a map has lost: another one with the same key took its place.

use super::loops::in_loop;
use super::lost::keeps_what_was_there;
use super::place::Place;
use crate::go_source::calls::{callers_from, is_go, position, runs_apart};
use crate::go_source::scope::local;
use crate::go_source::types::{type_of, underlying};
use crate::go_source::values::writes;
use crate::go_source::{At, DeclKind, Var, flow};

/// The assignment that puts a channel, or what holds it, into a map, and the calls that do so for one key.
pub(super) struct Overwritten<'a> {
    put: At<'a>,
    /// `r.pending[key]`.
    element: At<'a>,
    key: At<'a>,
    /// What ends the wait of the one that the map has.
    end: At<'a>,
    first: At<'a>,
    /// `None` where the first one is in a loop.
    second: Option<At<'a>>,
}

/// The overwritten channel, if the test's calls give the same key more than once.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Overwritten<'a>> {
    let files = place.files;
    let decl = local(channel.root_of_selector()?)?;
    let func = decl.func().filter(|func| channel.func() == Some(*func))?;
    let test = place.calls.test?;
    let var = Var::Local(decl);
    let [made] = &writes(files, &var)[..] else {
        return None;
    };
    let is_new = made.value.kind() != "identifier" && made.by.func() == Some(func);
    let sets = func.find(&["assignment_statement"]).into_iter();
    let (put, element) = sets.filter(|_| is_new).find_map(|set| {
        let (left, right) = (set.field("left")?.children(), set.field("right")?);
        let [element] = left[..] else { return None };
        let map = Some(element).filter(|element| element.kind() == "index_expression")?;
        let kind = underlying(files, type_of(files, map.field("operand")?)?)?;
        let mut names = right.find(&["identifier"]).into_iter();
        let is_it = names.any(|name| local(name) == Some(decl));
        let is_before = set.end() <= channel.start() && set.func() == Some(func);
        (kind.kind() == "map_type" && is_it && is_before && !keeps_what_was_there(set))
            .then_some((set, element))
    })?;
    let key = element.field("index")?;
    let parameter = position(func, local(key)?)?;
    let is_set = writes(files, &Var::Local(local(key)?)).is_empty();
    // What is done to a channel of the map is done to the last one.
    let source = super::ending::source_variable(place, channel)?;
    let ends = flow::ends(files, &flow::seen_names(files, source)?, false);
    let end = *ends
        .first()
        .filter(|_| ends.iter().all(|end| end.top_func() != Some(func)))?;
    let calls = callers_from(files, func, Some(test)).into_iter();
    let given = calls.filter(|call| place.is_by_test(*call) && (runs_apart(call) || is_go(*call)));
    let given: Vec<(At<'a>, At<'a>)> = given
        .filter_map(|call| Some((call, *call.field("arguments")?.children().get(parameter)?)))
        .filter(|(_, key)| is_constant(place, *key))
        .collect();
    let same = |(first, key): &(At<'a>, At<'a>)| {
        let others = given.iter().filter(|(other, _)| other != first);
        let mut others = others.filter(|(_, other)| other.text() == key.text());
        others.next().map(|(other, _)| (*first, Some(*other)))
    };
    let around = |call: At<'a>| call.func().filter(|literal| literal.kind() == "func_literal");
    let again = |call: &At<'a>| in_loop(call) || around(*call).is_some_and(|literal| in_loop(&literal));
    let looped = || {
        given
            .iter()
            .find(|(call, _)| again(call))
            .map(|(call, _)| (*call, None))
    };
    let (first, second) = given.iter().find_map(same).or_else(looped).filter(|_| is_set)?;
    Some(Overwritten {
        put,
        element,
        key,
        end,
        first,
        second,
    })
}

/// `"order-7"`, `3`, or a constant.
fn is_constant(place: &Place<'_>, key: At<'_>) -> bool {
    let is = |kind: &DeclKind| *kind == DeclKind::Const;
    let is_name = || key.kind() == "identifier" && local(key).is_none();
    key.kind().ends_with("_literal") && key.kind() != "composite_literal" && key.kind() != "func_literal"
        || is_name() && place.files.declared(key.file, key.text(), is).is_some()
}

impl Overwritten<'_> {
    /// Why the wait does not end, in words.
    pub(super) fn told(&self, place: &Place<'_>) -> String {
        let (put, at) = (self.put.text(), place.told(self.put));
        let function = self
            .first
            .field("function")
            .map_or("it", |function| function.text());
        let first = place.told(self.first);
        let calls = match self.second {
            Some(second) => format!(
                "`{function}` gets the same key at {first} and at {}",
                place.told(second)
            ),
            None => format!("`{function}` ({first}) gets the same key in each round of a loop"),
        };
        format!("`{put}` ({at}) may have put another one in its place: {calls}")
    }

    /// What to do about it.
    pub(super) fn fix(&self, place: &Place<'_>) -> String {
        let (put, at) = (self.put.text(), place.told(self.put));
        let who = self
            .put
            .top_func()
            .map_or("the function", |func| func.func_name());
        format!(
            "keep all that wait for one `{}`, as a list, and let `{}` ({}) run for each of them; or let {who} return an error before `{put}` ({at}) where the map has that already (`if _, ok := {}; ok`)",
            self.key.text(),
            self.end.text(),
            place.told(self.end),
            self.element.text()
        )
    }
}
