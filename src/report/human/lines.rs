//! Lines that the brief and the full block share.

use super::Page;
use super::wrap::wrap;
use crate::report::safe_text::{safe_name, safe_text};
use std::io;

/// Column at which the text of a field begins.
const TEXT_COLUMN: usize = 14;
pub(super) fn stuck_text(stuck: &crate::leak::Stuck) -> String {
    let crash = safe_name(&stuck.crash, 300);
    let since = stuck
        .since
        .as_ref()
        .map(|since| format!("; the test ran for {}", safe_text(since)))
        .unwrap_or_default();
    let role = if stuck.is_test_goroutine {
        "this is where the test itself is"
    } else {
        "the test may be waiting for this one"
    };
    format!("{crash}{since}; {role}")
}

/// How a field's text is painted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Advice,
}

/// `  name        text`, wrapped with a hanging indent.
pub(super) fn field(page: &mut Page<'_>, name: &str, text: &str, tone: Tone) -> io::Result<()> {
    let width = page.options.width.saturating_sub(TEXT_COLUMN).max(30);
    let name = format!("{name:width$}", width = TEXT_COLUMN - 2);
    let name = if tone == Tone::Advice {
        page.ink.good(name)
    } else {
        page.ink.faint(name)
    };
    for (index, line) in wrap(text, width).iter().enumerate() {
        if index == 0 {
            writeln!(page.out, "  {name}{line}")?;
        } else {
            writeln!(page.out, "{:TEXT_COLUMN$}{line}", "")?;
        }
    }
    Ok(())
}
