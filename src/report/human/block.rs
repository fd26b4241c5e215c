//! One leak in full.

use super::Page;
use super::ink::Ink;
use super::lines::{Tone, field, stuck_text};
use super::wrap::wrap;
use crate::leak::{Group, Leak, Spot, Verdict};
use crate::report::attributed::attribution;
use crate::report::excerpt::{ExcerptLine, excerpt};
use crate::report::group::SameLeak;
use crate::report::safe_text::{NAME_LIMIT, safe_name, safe_text};
use crate::report::words;
use std::io;

/// Frames shown of the user's own stack.
const OWN_FRAMES: usize = 8;
/// Tests named in `also in`.
const OTHER_TESTS: usize = 4;

/// A leak with the other tests that have it too.
pub(super) struct Block<'a> {
    pub(super) group: &'a SameLeak<'a>,
}

impl Block<'_> {
    fn root(&self) -> &Group {
        &self.group.first.leak.root
    }

    /// Writes what to change, in about ten lines, without a blank line after it.
    pub(super) fn write_in_brief(&self, page: &mut Page<'_>) -> io::Result<()> {
        self.write_head(page)?;
        super::brief::write(page, self.group)?;
        self.write_other_tests(page)
    }

    /// Writes all there is, without a blank line after it.
    pub(super) fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let leak = self.root();
        self.write_head(page)?;
        let led = leak.led_to_by.as_ref();
        write_spot(page, "led to by", led.map(|led| &led.at), "")?;
        write_spot(page, "called at", led.and_then(|led| led.from.as_ref()), "")?;
        write_spot(page, "blocked at", leak.blocked_at.as_ref(), "")?;
        write_spot(page, "started at", leak.started_at.as_ref(), started_how(leak))?;
        write_spot(page, "the test at", leak.test_at.as_ref(), "")?;
        write_stack(page, leak)?;
        self.write_members(page)?;
        writeln!(page.out)?;
        self.write_facts(page)?;
        self.write_allow_entry(page)
    }

    /// The head without colours.
    pub(super) fn title(&self) -> String {
        self.head(Ink::new(false))
    }

    fn head(&self, ink: Ink) -> String {
        let leak = self.root();
        let word = match leak.verdict {
            Verdict::Leaked => ink.bad("LEAK"),
            Verdict::Late => ink.warn("LATE"),
            Verdict::Stuck => ink.bad("STUCK"),
        };
        let count = if leak.count > 1 {
            format!(" ×{}", leak.count)
        } else {
            String::new()
        };
        let tests = ink.bold(words::tests(&leak.tests));
        let package = safe_name(&leak.package.0, NAME_LIMIT);
        format!("{word}{count} {tests} in {package}")
    }

    fn write_head(&self, page: &mut Page<'_>) -> io::Result<()> {
        let leak = self.root();
        let head = self.head(page.ink);
        writeln!(page.out, "{head}")?;
        let code = format!("[{}]", leak.cause.code);
        let waits = words::waits(leak);
        let lines = wrap(&format!("{waits} {code}"), page.options.width.saturating_sub(2));
        for line in lines {
            match line.strip_suffix(code.as_str()) {
                Some(line) => writeln!(page.out, "  {line}{}", page.ink.faint(&code))?,
                None => writeln!(page.out, "  {line}")?,
            }
        }
        Ok(())
    }

    /// What hangs on the root, each with its evidence.
    fn write_members(&self, page: &mut Page<'_>) -> io::Result<()> {
        let leak = &self.group.first.leak;
        let Some(with_it) = words::with_it(leak) else {
            return Ok(());
        };
        writeln!(page.out)?;
        writeln!(page.out, "  {} {with_it}", page.ink.bold("with it"))?;
        for member in &leak.members {
            let name = safe_name(&words::short_func(&member.group.owner.0), NAME_LIMIT);
            let joined = safe_name(&member.joined.words, 300);
            let waits = words::it_waits(&member.group.cause);
            writeln!(page.out, "    {name}, {joined}. {waits}")?;
            if page.options.verbose {
                write_stack(page, &member.group)?;
            }
        }
        Ok(())
    }

    fn write_facts(&self, page: &mut Page<'_>) -> io::Result<()> {
        let leak = self.root();
        field(page, "fix", &words::fix(&leak.cause), Tone::Advice)?;
        for note in &leak.cause.notes {
            field(page, "note", &safe_name(note, 1_000), Tone::Plain)?;
        }
        if let Some(stuck) = &leak.stuck {
            field(page, "crash", &stuck_text(stuck), Tone::Plain)?;
        }
        field(page, "how many", &how_many(&self.group.first.leak), Tone::Plain)?;
        if let Some(because) = &self.group.first.ruling.because {
            field(page, "ruling", &safe_name(because, 500), Tone::Plain)?;
        }
        if leak.verdict != Verdict::Stuck {
            field(page, "attributed", &attribution(leak), Tone::Plain)?;
            field(page, "evidence", &words::proof(leak), Tone::Plain)?;
        }
        for label in &leak.labels {
            let label = format!(
                "{} = {}",
                safe_name(&label.key, 100),
                safe_name(&label.value, 100)
            );
            field(page, "label", &label, Tone::Plain)?;
        }
        self.write_other_tests(page)?;
        let id = safe_name(&leak.fingerprint.0, 64);
        field(page, "fingerprint", &id, Tone::Plain)?;
        let explain = format!("leakgate explain {}", leak.cause.code);
        field(page, "more", &explain, Tone::Plain)
    }

    fn write_other_tests(&self, page: &mut Page<'_>) -> io::Result<()> {
        let others = &self.group.others;
        if others.is_empty() {
            return Ok(());
        }
        let shown = if page.options.verbose {
            others.len()
        } else {
            OTHER_TESTS
        };
        let mut names = Vec::new();
        for finding in others.iter().take(shown) {
            let leak = &finding.leak.root;
            let count = if leak.count > 1 {
                format!(" ×{}", leak.count)
            } else {
                String::new()
            };
            let elsewhere = leak.package != self.root().package;
            let package = if elsewhere {
                format!(" in {}", safe_text(&leak.package.0))
            } else {
                String::new()
            };
            names.push(format!("{}{count}{package}", words::tests(&leak.tests)));
        }
        let mut text = names.join(", ");
        if others.len() > shown {
            text += &format!(" and {} more", words::thousands((others.len() - shown) as u64));
        }
        text += &format!(
            " ({} in all)",
            words::plural(self.group.goroutines(), "goroutine")
        );
        field(page, "also in", &text, Tone::Plain)
    }

    fn write_allow_entry(&self, page: &mut Page<'_>) -> io::Result<()> {
        let Some(entry) = &self.group.first.allow_entry else {
            return Ok(());
        };
        writeln!(page.out)?;
        writeln!(
            page.out,
            "{}",
            page.ink
                .faint("  to accept it for now, paste into leakgate.toml:")
        )?;
        for line in entry.lines() {
            writeln!(page.out, "    {}", safe_name(line, 4_000))?;
        }
        if let Some(covers) = words::covers(&self.group.first.leak) {
            writeln!(page.out, "{}", page.ink.faint(format!("  ({covers})")))?;
        }
        Ok(())
    }
}

fn how_many(leak: &Leak) -> String {
    let count = words::plural(leak.root.count, "goroutine");
    match &leak.growth {
        Some(growth) => format!("{count}; {}", words::growth(growth)),
        None if leak.root.verdict == Verdict::Leaked => format!("{count}; --confirm tells whether it grows"),
        None => count,
    }
}

/// Whether the second spot is the `go` statement itself.
fn started_how(leak: &Group) -> &'static str {
    let creator = leak.created.as_ref().and_then(|created| created.at.as_ref());
    match (&leak.started_at, creator) {
        (Some(spot), Some(creator)) if spot.at != *creator => " (led to the go statement)",
        (_, Some(_)) => " (the go statement)",
        (_, None) => "",
    }
}

fn write_spot(page: &mut Page<'_>, name: &str, spot: Option<&Spot>, how: &str) -> io::Result<()> {
    let Some(spot) = spot else { return Ok(()) };
    let place = page.ink.place(words::place(spot));
    let func = safe_name(&words::short_func(&spot.func.0), NAME_LIMIT);
    writeln!(page.out)?;
    writeln!(
        page.out,
        "  {} {place} in {func}{}",
        page.ink.bold(name),
        page.ink.faint(how)
    )?;
    for line in excerpt(spot) {
        let ExcerptLine { number, text, here } = line;
        if here {
            writeln!(
                page.out,
                "    {} {number} | {}",
                page.ink.bad(">"),
                page.ink.bold(text)
            )?;
        } else {
            writeln!(page.out, "{}", format!("      {number} | {text}").trim_end())?;
        }
    }
    Ok(())
}

fn write_stack(page: &mut Page<'_>, leak: &Group) -> io::Result<()> {
    let all = page.options.verbose || leak.own_frames.is_empty();
    let shown: Vec<usize> = if all {
        (0..leak.stack.len()).collect()
    } else {
        leak.own_frames
            .iter()
            .copied()
            .filter(|index| *index < leak.stack.len())
            .collect()
    };
    let limit = if page.options.verbose {
        usize::MAX
    } else {
        OWN_FRAMES
    };
    let mut rows: Vec<(String, String)> = Vec::new();
    for index in shown.iter().take(limit) {
        let frame = &leak.stack[*index];
        let name = safe_name(&words::short_func(&frame.func.0), NAME_LIMIT);
        rows.push((name, words::frame_place(leak, frame).unwrap_or_default()));
    }
    let hidden = leak.stack.len() - rows.len();
    if let Some(created) = &leak.created {
        let name = safe_name(&words::short_func(&created.func.0), NAME_LIMIT);
        let frame = crate::goroutine::Frame {
            func: created.func.clone(),
            args: None,
            at: created.at.clone(),
        };
        rows.push((
            format!("go in {name}"),
            words::frame_place(leak, &frame).unwrap_or_default(),
        ));
    }
    let column = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0)
        .min(60);
    writeln!(page.out)?;
    let state = safe_name(&leak.state.reason, 80);
    writeln!(
        page.out,
        "  {} {}",
        page.ink.bold("stack"),
        page.ink.faint(format!("[{state}]"))
    )?;
    for (name, place) in &rows {
        let pad = column.saturating_sub(name.chars().count());
        writeln!(
            page.out,
            "{}",
            format!("    {name}{:pad$}  {place}", "").trim_end()
        )?;
    }
    if hidden > 0 {
        let more = words::plural(hidden as u64, "more frame");
        let text = format!("    ({more} of the standard library and dependencies: --verbose)");
        writeln!(page.out, "{}", page.ink.faint(text))?;
    }
    Ok(())
}
