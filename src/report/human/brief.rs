//! One leak in about ten lines: what to change, and how sure that is. The rest is in the full block.

use super::Page;
use super::lines::{Tone, field, stuck_text};
use crate::leak::{Growth, Leak, Spot, Verdict};
use crate::report::excerpt::{ExcerptLine, excerpt};
use crate::report::group::SameLeak;
use crate::report::safe_text::{NAME_LIMIT, safe_name};
use crate::report::words;
use std::io;

/// Longest note: a circle of six.
const NOTE: usize = 1_000;

/// Writes the block, without a blank line after it.
pub(super) fn write(page: &mut Page<'_>, group: &SameLeak<'_>) -> io::Result<()> {
    let leak = &group.first.leak;
    let root = &leak.root;
    let shown = main_spot(leak);
    if let Some((name, spot)) = shown {
        write_line(page, name, spot)?;
    }
    for (name, spot) in other_spots(leak, shown.map(|(_, spot)| spot)) {
        let func = safe_name(&words::short_func(&spot.func.0), NAME_LIMIT);
        field(
            page,
            name,
            &format!("{} in {func}", words::place(spot)),
            Tone::Plain,
        )?;
    }
    if let Some(with_it) = words::with_it(leak) {
        field(page, "with it", &with_it, Tone::Plain)?;
    }
    field(page, "fix", &words::fix(&root.cause), Tone::Advice)?;
    if let Some(note) = root.cause.notes.first().filter(|_| leak.members.is_empty()) {
        field(page, "note", &safe_name(note, NOTE), Tone::Plain)?;
    }
    let id = safe_name(&root.fingerprint.0, 64);
    field(page, "sure", &format!("{} [{id}]", sure(leak)), Tone::Plain)?;
    if let Some(because) = &group.first.ruling.because {
        field(page, "ruling", &safe_name(because, 200), Tone::Plain)?;
    }
    match words::run_again(root, page.command) {
        Some(command) => field(page, "again", &command, Tone::Plain),
        None => Ok(()),
    }
}

/// The line shown with source: where the user's own code blocks, else the line that led to it, else what is known.
fn main_spot(leak: &Leak) -> Option<(&'static str, &Spot)> {
    let root = &leak.root;
    let led = root.led_to_by.as_ref().map(|led| ("made at", &led.at));
    let blocked = root.blocked_at.as_ref().map(|spot| ("blocked at", spot));
    let started = root.started_at.as_ref().map(|spot| ("started at", spot));
    let test = root.test_at.as_ref().map(|spot| ("the test at", spot));
    if root.own_frames.is_empty() {
        let own = started.filter(|_| root.has_own_line());
        return own.or(led).or(test).or(started).or(blocked);
    }
    blocked.or(started).or(led)
}

/// A place, its line of source and the one before.
fn write_line(page: &mut Page<'_>, name: &str, spot: &Spot) -> io::Result<()> {
    let func = safe_name(&words::short_func(&spot.func.0), NAME_LIMIT);
    let place = page.ink.place(words::place(spot));
    writeln!(page.out, "  {} {place} in {func}", page.ink.bold(name))?;
    let lines = excerpt(spot);
    let here = lines.iter().position(|line| line.here);
    for line in lines
        .iter()
        .take(here.map_or(0, |here| here + 1))
        .skip(here.unwrap_or(0).saturating_sub(1))
    {
        let ExcerptLine { number, text, here } = line;
        if *here {
            let mark = page.ink.bad(">");
            writeln!(page.out, "    {mark} {number} | {}", page.ink.bold(text))?;
        } else {
            writeln!(page.out, "{}", format!("      {number} | {text}").trim_end())?;
        }
    }
    Ok(())
}

/// The other lines of the user's own.
fn other_spots<'a>(leak: &'a Leak, shown: Option<&Spot>) -> Vec<(&'static str, &'a Spot)> {
    let root = &leak.root;
    let own = root.has_own_line();
    let led = root.led_to_by.as_ref();
    let spots = [
        (
            "blocked at",
            root.blocked_at.as_ref().filter(|_| !root.own_frames.is_empty()),
        ),
        // Where a library starts it says nothing beside a line of the user's own.
        (
            "started at",
            root.started_at
                .as_ref()
                .filter(|spot| own && (spot.relative.is_some() || shown.is_none())),
        ),
        ("led to by", led.map(|led| &led.at)),
        ("called at", led.and_then(|led| led.from.as_ref())),
    ];
    let mut told: Vec<&crate::goroutine::Location> = shown.iter().map(|spot| &spot.at).collect();
    let mut others = Vec::new();
    for (name, spot) in spots {
        if let Some(spot) = spot.filter(|spot| !told.contains(&&spot.at)) {
            told.push(&spot.at);
            others.push((name, spot));
        }
    }
    others
}

/// How sure it is, in a few words.
fn sure(leak: &Leak) -> String {
    let root = &leak.root;
    let proof = match (root.verdict, &root.stuck) {
        (Verdict::Stuck, Some(stuck)) => stuck_text(stuck),
        _ => words::proof_in_brief(root).to_owned(),
    };
    match &leak.growth {
        Some(Growth::Grows { found, runs }) => format!(
            "{proof}; grows: {} in {}",
            words::thousands(*found),
            words::plural(*runs, "run")
        ),
        Some(growth @ Growth::OncePerProcess { .. }) => format!("{proof}; {}", words::growth(growth)),
        Some(growth) => format!("{proof}; {}", words::growth(growth)),
        None => proof,
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding_in_brief;
    use crate::report::sample;

    #[test]
    fn a_note_of_a_circle_is_shown_whole() {
        let mut finding = sample::send_no_receiver();
        let step = |number: usize| {
            format!(
                "m.(*Account).transfer{number} holds `from.mu` (account.go:12) and waits for `to.mu` (account.go:14)"
            )
        };
        let note = format!("lock cycle: {}", [1, 2, 3].map(step).join("; "));
        finding.leak.members.clear();
        finding.leak.root.cause.notes = vec![note.clone()];
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = words(&finding_in_brief(&finding));
        assert!(text.contains(&words(&note)), "{text}");
    }
}
