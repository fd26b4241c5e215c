//! Function literals that a function keeps for later: `e.OnStop(func() { pool.Stop() })` calls nothing by itself.

use crate::go_source::calls::{callee, handed_to};
use crate::go_source::{At, GoFiles, Var, flow};

/// Whether a call is in a literal that a function of the source only keeps.
pub(super) fn is_in_kept<'a>(files: &'a GoFiles, call: At<'a>) -> bool {
    let literals = call.ancestors().filter(|node| node.kind() == "func_literal");
    let mut handed = literals.filter_map(|literal| Some((literal, handed_to(literal)?)));
    handed.any(|(literal, to)| is_kept(files, literal, to).unwrap_or_default())
}

/// Whether what a function does with this argument is to put it somewhere: it neither calls nor hands it to a call.
fn is_kept<'a>(files: &'a GoFiles, literal: At<'a>, to: At<'a>) -> Option<bool> {
    let arguments = to.field("arguments")?.children();
    let at = arguments.iter().position(|one| *one == literal)?;
    let func = callee(files, to)?;
    let parameters = func.field("parameters")?.children().into_iter();
    let names = parameters.flat_map(|one| {
        one.children()
            .into_iter()
            .filter(|name| name.kind() == "identifier")
    });
    let param = Var::Local(names.collect::<Vec<_>>().get(at).copied()?);
    let uses = flow::uses(files, &param);
    let is_argument = |used: &At<'a>| used.parent().is_some_and(|outer| outer.kind() == "argument_list");
    let is_used = !flow::calls_of(files, &param).is_empty() || uses.iter().any(is_argument);
    Some(!is_used && flow::is_handed_on(files, &param))
}
