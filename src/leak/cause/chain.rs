//! A circle of waits in the words of a cause: who holds what, and what that one waits for.

use crate::leak::WaitsBecause;

/// One goroutine of a circle, which waits for the next.
pub(super) struct Link {
    /// `m.(*L).buy`.
    pub who: String,
    /// Why it waits for the next one.
    pub reason: WaitsBecause,
    /// What it waits for: `` `l.a` ``.
    pub wants: String,
    /// Where: `x.go:8`.
    pub at: String,
    /// The lock that the one before it wants, as this one has named it, and where it took that.
    pub holds: Option<(String, String)>,
}

/// What follows on the words for what the second one waits for, up to the goroutine whose cause it is:
/// `, which m.(*L).sell holds (x.go:3) while it waits for …, which this one holds (x.go:7)`.
pub(super) fn rest(circle: &[Link]) -> String {
    let mut words = String::new();
    for (index, link) in circle.iter().enumerate().skip(1) {
        match circle.get(index + 1) {
            Some(next) => {
                words += &held(link, next, &next.who);
                words += &format!(" while it waits for {}{}", next.wants, at(next));
            }
            None => {
                words += &circle
                    .first()
                    .map_or_else(String::new, |first| closed(link, first))
            }
        }
    }
    words
}

/// ` (x.go:8)`.
fn at(link: &Link) -> String {
    match link.at.is_empty() {
        true => String::new(),
        false => format!(" ({})", link.at),
    }
}

/// How the next one keeps a goroutine waiting.
fn held(link: &Link, next: &Link, who: &str) -> String {
    match (link.reason, &next.holds) {
        (WaitsBecause::HoldsLock, Some((expr, place))) if link.wants == format!("`{expr}`") => {
            format!(", which {who} holds ({place})")
        }
        (WaitsBecause::HoldsLock, Some((expr, place))) => {
            format!(", which {who} holds as `{expr}` ({place})")
        }
        (WaitsBecause::HoldsLock, None) => format!(", behind {who}, which wants to write,"),
        (WaitsBecause::RunsOnce, _) => format!(", whose function {who} runs"),
        (WaitsBecause::WaitGroup, _) => format!(", for which {who} has not called Done"),
        (WaitsBecause::OtherEnd | WaitsBecause::Wakes, _) => format!(", to which {who} does not come"),
        _ => format!(", for which {who} has to go on"),
    }
}

/// How the goroutine whose cause it is keeps the last one waiting.
fn closed(link: &Link, first: &Link) -> String {
    match link.reason {
        WaitsBecause::HoldsLock if first.holds.is_none() => {
            ", behind this one, which wants to write".to_owned()
        }
        WaitsBecause::OtherEnd | WaitsBecause::Wakes => {
            ", to which this one comes only after its own wait".to_owned()
        }
        _ => held(link, first, "this one"),
    }
}
