//! What a fix follows from: where the source shows the mistake itself, the cause says that, and the fix what to do.

use crate::leak::Cause;

/// Between the two. No Go source has it.
const THEREFORE: char = '\0';

/// The words for a receive where no more is known.
pub(super) const NOTHING_ENDS: &str = ", but nothing sends to it or closes it";

/// A fix that follows from a fact.
pub(super) fn therefore(fact: &str, fix: &str) -> String {
    format!("{fact}{THEREFORE}{fix}")
}

/// The fact and what to do.
pub(super) fn parts(fix: &str) -> Option<(&str, &str)> {
    fix.split_once(THEREFORE)
}

/// Whether a fix follows from a fact.
pub(super) fn follows(fix: &str) -> bool {
    fix.contains(THEREFORE)
}

/// Both in one sentence, where another cause takes the fix over.
pub(super) fn joined(fix: &str) -> String {
    fix.replace(THEREFORE, ": ")
}

/// Puts the fact into the cause, or one that is known otherwise.
pub(super) fn tell(cause: &mut Cause, other: Option<&str>) {
    let split = cause.fix.split_once(THEREFORE);
    if let Some(fact) = split.map(|(fact, _)| fact).or(other) {
        let told = cause.waits_for.trim_end_matches(" any more");
        // The fact says what that is.
        let wanted = told
            .split_once(NOTHING_ENDS)
            .filter(|_| fact.starts_with("nothing closes "));
        cause.waits_for = match wanted {
            Some((wanted, "")) => format!("{wanted}: {fact}"),
            Some((wanted, rest)) if rest.starts_with("; ") => format!("{wanted}{rest}; {fact}"),
            _ => format!("{}; {fact}", cause.waits_for),
        };
    }
    if let Some((_, fix)) = split {
        cause.fix = fix.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leak::CauseCode;

    #[test]
    fn a_fact_is_told_by_the_cause_and_not_by_the_fix() {
        let told = |fix: &str, other| {
            let mut cause = super::super::plain(CauseCode::HttpBodyNotClosed);
            (cause.waits_for, cause.fix) = ("the body".into(), fix.to_owned());
            tell(&mut cause, other);
            (cause.waits_for, cause.fix)
        };
        let fix = therefore("the `return` comes first", "close it before");
        let both = |waits: &str, fix: &str| (waits.to_owned(), fix.to_owned());
        let shown = both("the body; the `return` comes first", "close it before");
        assert_eq!(told(&fix, None), shown);
        assert_eq!(told(&fix, Some("Close is not called")), shown);
        let other = both("the body; Close is not called", "close it");
        assert_eq!(told("close it", Some("Close is not called")), other);
        assert_eq!(told("close it", None), both("the body", "close it"));
        // The fact is more exact than the general words: these are left out.
        let mut held = super::super::plain(CauseCode::HttpBodyNotClosed);
        held.waits_for = format!("a value{NOTHING_ENDS}; it holds `mu`");
        held.fix = therefore("nothing closes `c`", "close it");
        tell(&mut held, None);
        assert_eq!(held.waits_for, "a value; it holds `mu`; nothing closes `c`");
        assert_eq!(joined(&fix), "the `return` comes first: close it before");
    }
}
