//! Durations that the source tells: `30*time.Minute`.

use super::place::Place;
use crate::go_source::calls::qualified;
use crate::go_source::{At, flow};
use std::fmt::Write as _;

const UNITS: &[(&str, i128)] = &[
    ("Nanosecond", 1),
    ("Microsecond", 1_000),
    ("Millisecond", 1_000_000),
    ("Second", 1_000_000_000),
    ("Minute", 60_000_000_000),
    ("Hour", 3_600_000_000_000),
];

/// A duration in words: `1h`, `500ms`; the expression itself when it can't be computed.
pub(super) fn told<'a>(place: &Place<'a>, expr: At<'a>) -> String {
    match nanos(place, expr) {
        Some(nanos) => words(nanos),
        None => format!("`{}`", expr.text()),
    }
}

/// Nanoseconds, if all of it is known.
pub(super) fn nanos<'a>(place: &Place<'a>, expr: At<'a>) -> Option<i128> {
    computed(place, expr, 0)
}

fn computed<'a>(place: &Place<'a>, expr: At<'a>, depth: usize) -> Option<i128> {
    if depth > 8 {
        return None;
    }
    let expr = expr.bare();
    match expr.kind() {
        "int_literal" => expr.text().replace('_', "").parse().ok(),
        "float_literal" => expr
            .text()
            .parse::<f64>()
            .ok()
            .filter(|v| v.fract() == 0.0)
            .map(|v| v as i128),
        "binary_expression" => {
            let left = computed(place, expr.field("left")?, depth + 1)?;
            let right = computed(place, expr.field("right")?, depth + 1)?;
            match expr.field("operator").map(|operator| operator.text()) {
                Some("*") => left.checked_mul(right),
                Some("/") => left.checked_div(right),
                Some("+") => left.checked_add(right),
                Some("-") => left.checked_sub(right),
                _ => None,
            }
        }
        "call_expression" if qualified(&expr) == Some(("time", "Duration")) => {
            computed(place, expr.field("arguments")?.first()?, depth + 1)
        }
        "selector_expression" if expr.field("operand")?.text() == "time" => {
            let unit = expr.field("field")?.text();
            UNITS
                .iter()
                .find(|(name, _)| *name == unit)
                .map(|(_, nanos)| *nanos)
        }
        "identifier" | "selector_expression" | "call_expression" => {
            if let Some(constant) = constant(place, expr) {
                return computed(place, constant, depth + 1);
            }
            if is_stepped(place, expr) {
                return None;
            }
            let values = place.values(expr);
            let mut all = values.iter().map(|value| match value.expr == expr {
                true => None,
                false => computed(place, value.expr, depth + 1),
            });
            let first = all.next()??;
            all.all(|other| other == Some(first)).then_some(first)
        }
        _ => None,
    }
}

/// Whether a variable is counted on from what it was given: `delay *= 2`.
fn is_stepped<'a>(place: &Place<'a>, expr: At<'a>) -> bool {
    let Some(var) = place.variable(expr) else {
        return false;
    };
    let steps = |by: At<'a>| match by.kind() {
        "inc_statement" | "dec_statement" => true,
        _ => by
            .field("operator")
            .is_some_and(|operator| operator.text() != "="),
    };
    flow::changes(place.files, &var)
        .into_iter()
        .any(|(_, by)| steps(by))
}

/// The value of a constant of the package or of a function.
fn constant<'a>(place: &Place<'a>, name: At<'a>) -> Option<At<'a>> {
    use crate::go_source::{DeclKind, scope};
    (name.kind() == "identifier").then_some(())?;
    let declared = scope::local(name).or_else(|| {
        place
            .files
            .declared(name.file, name.text(), |kind| *kind == DeclKind::Const)
    })?;
    let spec = declared.parent().filter(|spec| spec.kind() == "const_spec")?;
    let position = spec.fields("name").iter().position(|one| *one == declared)?;
    spec.field("value")?.children().get(position).copied()
}

fn words(nanos: i128) -> String {
    let mut out = String::new();
    let mut rest = nanos;
    for (unit, size) in [
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
    ] {
        if rest >= size {
            let _ = write!(out, "{}{unit}", rest / size);
            rest %= size;
        }
    }
    match rest {
        0 if out.is_empty() => "0s".into(),
        0 => out,
        _ if rest % 1_000_000 == 0 => format!("{out}{}ms", rest / 1_000_000),
        _ if rest % 1_000 == 0 => format!("{out}{}µs", rest / 1_000),
        _ => format!("{out}{rest}ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_go_writes_them() {
        for (nanos, want) in [
            (3_600_000_000_000, "1h"),
            (5_400_000_000_000, "1h30m"),
            (500_000_000, "500ms"),
            (1_500_000_000, "1s500ms"),
            (10_000, "10µs"),
        ] {
            assert_eq!(words(nanos), want);
        }
    }
}
