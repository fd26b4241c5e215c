//! What the loop around a Wait asks for: whether the source ever makes it so.

use super::place::Place;
use crate::go_source::calls::{called_name, own_callee};
use crate::go_source::values::returns;
use crate::go_source::{At, DeclKind, TypeName, Var, flow, values};

/// The fields and variables of the package that a condition asks for, each with a place where it does; `None` where not all that
/// it hangs on is seen.
pub(super) fn of<'a>(place: &Place<'a>, conditions: &[At<'a>]) -> Option<Vec<(Var<'a>, At<'a>)>> {
    let mut found = Vec::new();
    for condition in conditions {
        collect(place, *condition, 0, &mut found)?;
    }
    Some(found)
}

/// How deep calls are followed.
const DEEPEST: usize = 2;

fn collect<'a>(
    place: &Place<'a>,
    part: At<'a>,
    depth: usize,
    found: &mut Vec<(Var<'a>, At<'a>)>,
) -> Option<()> {
    match part.kind() {
        "call_expression" => {
            let arguments = part.field("arguments")?.children();
            match (own_callee(place.files, part), called_name(&part)?) {
                (Some(func), _) if depth < DEEPEST && func.find(&["return_statement"]).len() == 1 => {
                    let [given] = returns(func, 0)[..] else {
                        return None;
                    };
                    collect(place, given.value, depth + 1, found)?;
                }
                (None, "len" | "cap") => {}
                (None, "Load") if arguments.is_empty() => {
                    return collect(place, part.field("function")?.field("operand")?, depth, found);
                }
                (None, name) if name.starts_with("Load") => {}
                _ => return None,
            }
            arguments
                .into_iter()
                .try_for_each(|argument| collect(place, argument, depth, found))
        }
        "identifier" | "selector_expression" => {
            let Some(var) = place.variable(part) else {
                return is_constant(place, part).then_some(());
            };
            // What the function keeps for itself is compared with.
            if !matches!(var, Var::Local(_)) && !found.iter().any(|(one, _)| *one == var) {
                found.push((var, part));
            }
            Some(())
        }
        "func_literal" => None,
        _ => part
            .children()
            .into_iter()
            .try_for_each(|child| collect(place, child, depth, found)),
    }
}

fn is_constant(place: &Place<'_>, name: At<'_>) -> bool {
    let is = |kind: &DeclKind| *kind == DeclKind::Const;
    name.kind() == "identifier" && place.files.declared(name.file, name.text(), is).is_some()
}

/// Whether something other than an assignment that is seen may change a variable: a method of what it holds, a pointer to it,
/// a function that is given it, a whole value in its place.
pub(super) fn may_change_unseen<'a>(place: &Place<'a>, var: &Var<'a>) -> bool {
    is_reached_alone(place, var) || is_replaced(place, var) || is_filled(place, var)
}

/// Whether a method is called on it, or something is given a pointer to it.
fn is_reached_alone<'a>(place: &Place<'a>, var: &Var<'a>) -> bool {
    let files = place.files;
    let by_method = |at: At<'a>| {
        let outer = at.parent()?;
        let whole = outer.parent()?;
        let is_method = outer.kind() == "selector_expression"
            && outer.field("operand") == Some(at)
            && whole.kind() == "call_expression"
            && whole.field("function") == Some(outer);
        let name = outer.field("field")?.text();
        (is_method && !matches!(name, "Load" | "Len" | "String" | "Error")).then_some(())
    };
    let uses = flow::uses(files, var);
    let fills = |at: &At<'a>| {
        at.parent()
            .is_some_and(|outer| outer.kind() == "unary_expression" && outer.has_token("&"))
    };
    uses.iter().any(|at| by_method(*at).is_some() || fills(at))
}

/// `*p = Plugin{…}`, in the package of its type.
fn is_replaced<'a>(place: &Place<'a>, var: &Var<'a>) -> bool {
    let Var::Field(owner, _) = var else { return false };
    values::home(place.files, owner).iter().any(|file| {
        let whole = file.root().find(&["assignment_statement"]).into_iter();
        let mut whole = whole.filter_map(|one| one.field("left")?.first());
        whole.any(|left| left.kind() == "unary_expression" && left.has_token("*"))
    })
}

/// `json.Unmarshal(data, p)`: what fills a whole value, in the package of its type.
fn is_filled<'a>(place: &Place<'a>, var: &Var<'a>) -> bool {
    let Var::Field(owner, _) = var else { return false };
    const FILLS: &[&str] = &["Unmarshal", "Decode", "Scan", "Read"];
    let home = values::home(place.files, owner);
    home.iter()
        .any(|file| FILLS.iter().any(|name| !file.named(name).is_empty()))
}

/// A field of the same struct that holds an error or a flag, is set, and is not among what a loop asks for.
pub(super) struct Other<'a> {
    pub name: &'a str,
    /// `p.activateErr = err`, `c.closed = true`.
    pub set: At<'a>,
    /// Whether it is a flag that stays once it is set.
    pub is_flag: bool,
}

/// Those of the struct of a field.
pub(super) fn others<'a>(place: &Place<'a>, owner: &TypeName, of: At<'a>) -> Vec<Other<'a>> {
    let files = place.files;
    let all = place.fields_beside(of).map_or(Vec::new(), |(_, all)| all);
    all.into_iter()
        .filter_map(|(name, kind)| {
            let var = Var::Field(owner.clone(), name);
            let is_flag = kind.text() == "bool" && is_set_for_good(place, &var);
            (is_flag || kind.text() == "error").then_some(())?;
            let mut sets = flow::changes(files, &var).into_iter().map(|(_, by)| by);
            let set = sets.find(|by| place.is_by_test(*by) && !by.text().ends_with("nil"))?;
            Some(Other { name, set, is_flag })
        })
        .collect()
}

/// Whether a variable is a flag that the source sets and never takes back.
pub(super) fn is_set_for_good<'a>(place: &Place<'a>, var: &Var<'a>) -> bool {
    let changes = flow::changes(place.files, var);
    let is_true = |by: &At<'a>| by.field("right").is_some_and(|right| right.text() == "true");
    // What fills a value from outside does not clear what is set.
    let may_be_cleared = || is_reached_alone(place, var) || is_replaced(place, var);
    !changes.is_empty() && changes.iter().all(|(_, by)| is_true(by)) && !may_be_cleared()
}
