//! The `owners` format: whose leaks they are. Owners by `CODEOWNERS`, those with the most leaks first, each leak in one line.

use super::group::{SameLeak, groups};
use super::safe_text::safe_name;
use super::words::{plural, thousands};
use super::{Report, short, summary};
use crate::rules::codeowners::Owners;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Leaks in files without an owner.
const NONE: &str = "no owner";

/// Writes the list.
pub fn write(report: &Report, out: &mut dyn Write, owners: &Owners) -> io::Result<()> {
    let failing = report
        .findings
        .iter()
        .filter(|finding| summary::fails_the_gate(finding));
    let mut of: BTreeMap<String, Vec<SameLeak<'_>>> = BTreeMap::new();
    for leak in groups(failing) {
        let owner = owners.of(&leak.first.leak).unwrap_or_else(|| NONE.to_owned());
        of.entry(owner).or_default().push(leak);
    }
    let mut of: Vec<_> = of.into_iter().collect();
    // Code without an owner comes last.
    of.sort_by_key(|(owner, leaks)| (owner == NONE, std::cmp::Reverse(leaks.len())));
    for (owner, leaks) in &of {
        let goroutines = leaks.iter().map(SameLeak::goroutines).sum();
        writeln!(
            out,
            "{}: {}, {}",
            safe_name(owner, 200),
            plural(leaks.len() as u64, "leak"),
            plural(goroutines, "goroutine")
        )?;
        for leak in leaks {
            let more = match leak.others.len() as u64 {
                0 => String::new(),
                n => format!(
                    " and {} more {}",
                    thousands(n),
                    if n == 1 { "test" } else { "tests" }
                ),
            };
            writeln!(out, "  {}{more}", short::line(&leak.first.leak))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::rules::codeowners::CodeOwners;

    fn written(list: &str) -> String {
        let owners = Owners {
            list: CodeOwners::read(list),
            below: String::new(),
        };
        let mut bytes = Vec::new();
        write(&sample::report(), &mut bytes, &owners).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn each_leak_is_listed_once_with_its_owner_and_what_has_none_comes_last() {
        let text = written("store/ @store\n");
        let heads: Vec<&str> = text.lines().filter(|line| !line.starts_with(' ')).collect();
        assert!(heads[0].starts_with("@store: "), "{text}");
        assert_eq!(heads.len(), 2, "{text}");
        assert!(heads[1].starts_with("no owner: "), "{text}");
        let all = written("");
        assert_eq!(text.lines().count(), all.lines().count() + 1, "{text}\n{all}");
    }
}
