//! The `human` format: what a person reads in a terminal. One leak tells what to change; the rest is folded.

mod block;
mod brief;
mod folded;
mod ink;
mod lines;
mod slowest;
mod totals;
mod wrap;

use super::fence::Fence;
use super::group::{SameLeak, groups};
use super::words::{plural, thousands};
use super::{Finding, Report, summary};
use crate::leak::Verdict;
use block::Block;
use ink::Ink;
use std::io::{self, Write};
pub use totals::{LEAKS, TESTS};

/// So many leaks are listed in one table after their blocks.
const TABLE: usize = 40;

/// How to write for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HumanOptions {
    /// Whole stacks, every folded line.
    pub verbose: bool,
    /// Only what fails the run, and the result.
    pub quiet: bool,
    /// How many of the slowest tests are listed.
    pub slowest: usize,
    /// ANSI colours.
    pub colour: bool,
    /// Columns to wrap prose at.
    pub width: usize,
    /// Around this text, where the log can fold the block of each leak.
    pub fence: Option<Fence>,
    /// Different leaks with a block; further ones have their line in the table only (all have one when verbose).
    pub full_leaks: usize,
}

impl Default for HumanOptions {
    fn default() -> Self {
        Self {
            verbose: false,
            quiet: false,
            slowest: 0,
            colour: false,
            width: 100,
            fence: None,
            full_leaks: 100,
        }
    }
}

/// Where a format writes to, with how.
struct Page<'a> {
    out: &'a mut dyn Write,
    /// What the user ran.
    command: &'a [String],
    ink: Ink,
    options: HumanOptions,
}

/// Writes the whole report.
pub fn write(report: &Report, out: &mut dyn Write, options: &HumanOptions) -> io::Result<()> {
    let mut page = Page {
        out,
        command: &report.run.command,
        ink: Ink::new(options.colour),
        options: *options,
    };
    let leaks = groups(
        report
            .findings
            .iter()
            .filter(|finding| summary::fails_the_gate(finding)),
    );
    let stuck = groups(
        report
            .findings
            .iter()
            .filter(|finding| finding.leak.root.verdict == Verdict::Stuck),
    );
    write_groups(&mut page, &leaks)?;
    write_groups(&mut page, &stuck)?;
    folded::write(&mut page, report)?;
    slowest::write(&mut page, report)?;
    totals::write(&mut page, report, leaks.len())
}

/// Writes the verdict alone, for a standard error beside a stream that has the leaks: missing evidence, denied rules, and
/// one line with counts and result.
pub fn write_verdict(report: &Report, out: &mut dyn Write, options: &HumanOptions) -> io::Result<()> {
    let mut page = Page {
        out,
        command: &report.run.command,
        ink: Ink::new(options.colour),
        options: HumanOptions {
            quiet: true,
            ..*options
        },
    };
    folded::write(&mut page, report)?;
    let leaks = groups(
        report
            .findings
            .iter()
            .filter(|finding| summary::fails_the_gate(finding)),
    );
    totals::write_line(&mut page, report, leaks.len())
}

/// What to change about one leak, as plain text without colour: what the `gojson` stream shows of it.
pub fn finding_in_brief(finding: &Finding) -> String {
    plain(finding, |block, page| block.write_in_brief(page))
}

/// One leak whole, as plain text without colour: what JUnit and `explain` show of it.
pub fn finding_text(finding: &Finding) -> String {
    plain(finding, |block, page| block.write(page))
}

fn plain(finding: &Finding, write: impl Fn(&Block<'_>, &mut Page<'_>) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    let options = HumanOptions::default();
    let mut page = Page {
        out: &mut bytes,
        command: &[],
        ink: Ink::new(false),
        options,
    };
    let block = Block {
        group: &SameLeak {
            first: finding,
            others: Vec::new(),
            ordinal: 1,
        },
    };
    write(&block, &mut page).expect("a Vec takes every write");
    String::from_utf8(bytes).expect("only text was written")
}

fn write_groups(page: &mut Page<'_>, groups: &[SameLeak<'_>]) -> io::Result<()> {
    let full = if page.options.verbose {
        groups.len()
    } else {
        page.options.full_leaks.min(groups.len())
    };
    for group in &groups[..full] {
        let block = Block { group };
        if let Some(fence) = page.options.fence {
            write!(page.out, "{}", fence.fold(&block.title()))?;
        }
        if page.options.verbose {
            block.write(page)?;
        } else {
            block.write_in_brief(page)?;
        }
        writeln!(page.out)?;
        if let Some(fence) = page.options.fence {
            write!(page.out, "{}", fence.unfold())?;
        }
    }
    if full == groups.len() && groups.len() < TABLE {
        return Ok(());
    }
    let head = format!("all {}, one line each:", plural(groups.len() as u64, "leak"));
    writeln!(page.out, "{}", page.ink.bold(&head))?;
    for group in groups {
        let line = super::short::line(&group.first.leak);
        let also = group.others.len() as u64;
        let also = if also == 0 {
            String::new()
        } else {
            format!(" and {} more tests", thousands(also))
        };
        writeln!(page.out, "  {line}{also}")?;
    }
    writeln!(page.out)
}
