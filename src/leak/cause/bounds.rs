//! A loop that ends all elements of a list but one: it begins one too late, or stops one too early.

use super::place::short;
use crate::go_source::At;
use crate::go_source::calls::called_name;
use crate::go_source::scope::local;
use crate::go_source::values::ranged;

/// What a loop leaves out, in words, and what to write.
pub(super) struct LeftOut {
    /// `(`i > n`, x.go:3) leaves out …`.
    pub told: String,
    pub fix: String,
}

/// The element that the loop around something done to `all[i]`, or to the variable of a `range`, leaves out.
pub(super) fn of(element: At<'_>) -> Option<LeftOut> {
    match element.kind() {
        "index_expression" => of_index(element),
        _ => of_range(ranged(local(element)?)?.0),
    }
}

/// The list that an expression is put into: `all = append(all, start())`.
pub(super) fn appended_to(expr: At<'_>) -> Option<At<'_>> {
    let put = expr
        .parent()
        .filter(|list| list.kind() == "argument_list")?
        .parent()?;
    let list = put.field("arguments")?.first()?;
    (called_name(&put) == Some("append") && list != expr).then_some(list)
}

const FIRST: &str = "the first one";
const LAST: &str = "the last one";

/// `for i := 1; i < len(all); i++ { end(all[i]) }`.
fn of_index(element: At<'_>) -> Option<LeftOut> {
    let (all, index) = (element.field("operand")?, element.field("index")?);
    let is_clause = |node: &At<'_>| node.kind() == "for_clause";
    let mut around = element.ancestors().take_while(|node| !node.is_func());
    let round = around.find(|node| node.kind() == "for_statement")?;
    let clause = round.children().into_iter().find(is_clause)?;
    let (begins, goes_on) = (clause.field("initializer")?, clause.field("condition")?);
    let from = begins.field("right")?.first()?;
    let (left, to) = (goes_on.field("left")?, goes_on.field("right")?);
    let is_of_it = begins.field("left")?.text() == index.text() && left.text() == index.text();
    let length = format!("len({})", all.text());
    let is_length = |at: At<'_>| at.text() == length;
    let is_last = |at: At<'_>| written(at) == format!("{length}-1");
    let told = |part: At<'_>, what: &str, other: String| {
        let fix = format!("`{other}` in place of `{}` ({})", part.text(), short(part));
        Some(LeftOut {
            told: format!("(`{}`, {}) leaves out {what}", part.text(), short(part)),
            fix,
        })
    };
    let up = clause.field("update")?.kind() == "inc_statement";
    let strictly = |token: &str| goes_on.has_token(token);
    let cut = cut_behind(round, all);
    let at_cut = |cut: At<'_>, n: At<'_>| {
        format!(
            "that at `{}`, which `{}` ({}) drops",
            n.text(),
            cut.text(),
            short(cut)
        )
    };
    match up {
        _ if !is_of_it || is_ended_apart(element, all) => None,
        true if strictly("<") && is_length(to) => {
            let more = |n: At<'_>| written(from) == format!("{}+1", written(n));
            match cut.filter(|(_, n)| more(*n)) {
                Some((cut, n)) => told(
                    begins,
                    &at_cut(cut, n),
                    format!("{} := {}", index.text(), n.text()),
                ),
                None if from.text() == "1" && cut.is_none() => {
                    told(begins, FIRST, format!("{} := 0", index.text()))
                }
                None => None,
            }
        }
        true if strictly("<") && is_last(to) && from.text() == "0" => {
            told(goes_on, LAST, format!("{} < {length}", index.text()))
        }
        false if strictly(">") && is_last(from) => match cut.filter(|(_, n)| n.text() == to.text()) {
            Some((cut, n)) => told(
                goes_on,
                &at_cut(cut, n),
                format!("{} >= {}", index.text(), n.text()),
            ),
            None if to.text() == "0" => told(goes_on, FIRST, format!("{} >= 0", index.text())),
            None => None,
        },
        _ => None,
    }
}

/// `for _, one := range all[1:] { end(one) }`.
fn of_range(over: At<'_>) -> Option<LeftOut> {
    let all = Some(over)
        .filter(|over| over.kind() == "slice_expression")?
        .field("operand")?;
    let (from, to) = (over.field("start"), over.field("end"));
    let what = match (from, to) {
        (Some(from), None) if from.text() == "1" => FIRST,
        (None, Some(to)) if written(to) == format!("len({})-1", all.text()) => LAST,
        _ => return None,
    };
    (!is_ended_apart(over, all)).then(|| LeftOut {
        told: format!("(over `{}`, {}) leaves out {what}", over.text(), short(over)),
        fix: format!("range over `{}` ({})", all.text(), short(over)),
    })
}

/// Without blanks.
fn written(at: At<'_>) -> String {
    at.text().split_whitespace().collect()
}

/// Whether the function of a loop names an element of the list by its number: it may be ended apart from the others.
fn is_ended_apart(at: At<'_>, all: At<'_>) -> bool {
    let numbers = ["0".to_owned(), format!("len({})-1", all.text())];
    let elements = at
        .func()
        .map_or(Vec::new(), |func| func.find(&["index_expression"]));
    elements.iter().any(|element| {
        let index = element.field("index").map(written);
        element.field("operand").is_some_and(|of| of.text() == all.text())
            && index.is_some_and(|index| numbers.contains(&index))
    })
}

/// The statement behind a loop that cuts the list off, and where: `all = all[:n]`.
fn cut_behind<'a>(round: At<'a>, all: At<'a>) -> Option<(At<'a>, At<'a>)> {
    let sets = round.func()?.find(&["assignment_statement"]).into_iter();
    let behind = sets.filter(|set| set.start() > round.end());
    let cut = |set: At<'a>| {
        let (left, right) = (set.field("left")?.first()?, set.field("right")?.first()?);
        let is_it = right.kind() == "slice_expression"
            && right.field("start").is_none()
            && [left, right.field("operand")?]
                .iter()
                .all(|one| one.text() == all.text());
        is_it.then_some((set, right.field("end")?))
    };
    behind.filter_map(cut).next()
}
