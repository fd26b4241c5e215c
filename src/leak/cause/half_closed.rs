//! A function that gets two connections and closes one of them.

use super::fact::therefore;
use super::far_end;
use super::place::{Place, handle};
use super::{Subject, pipe};
use crate::go_source::{At, Var, flow};
use crate::leak::{Cause, CauseCode};

/// Says which connection of a function is to be closed beside the other one.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    let fix = || {
        let index = subject.code.innermost_own(&subject.goroutine.frames)?;
        let place = Place::at(subject, index)?;
        let of = far_end::expressions(place.file, place.line, far_end::writes(subject.goroutine));
        of.into_iter().find_map(|of| left_open(&place, of))
    };
    if cause.code == CauseCode::NetworkIo
        && let Some(fix) = fix()
    {
        cause.fix = fix;
    }
}

/// The parameter that a connection came through, where its function closes another one of that type and not this one.
fn left_open<'a>(place: &Place<'a>, of: At<'a>) -> Option<String> {
    let steps = place.values(of).into_iter().flat_map(|value| value.path);
    let mut parameters = steps.filter_map(|step| match place.variable(step)? {
        Var::Local(name) => name
            .parent()
            .filter(|parent| parent.kind() == "parameter_declaration")
            .map(|parent| (name, parent)),
        _ => None,
    });
    parameters.find_map(|(name, declaration)| {
        let func = name.func().filter(|func| handle(*func).is_none())?;
        let kind = declaration.field("type")?.text();
        let closes = |name: At<'a>| {
            let uses = flow::methods(place.files, &Var::Local(name), pipe::CLOSES).into_iter();
            uses.map(|one| one.selector).next()
        };
        let all = func.field("parameters")?.children().into_iter();
        let same = all.filter(|one| one.field("type").is_some_and(|of| of.text() == kind));
        let mut others = same
            .flat_map(|one| one.fields("name"))
            .filter(|other| *other != name);
        let (other, close) = others.find_map(|other| Some((other, closes(other)?)))?;
        closes(name).is_none().then(|| {
            let fact = format!(
                "{} closes `{}` ({}) and not `{}`",
                func.func_name(),
                other.text(),
                place.told(close),
                name.text(),
            );
            let fix = format!("`defer {}.Close()` in {} too", name.text(), func.func_name());
            therefore(&fact, &fix)
        })
    })
}
