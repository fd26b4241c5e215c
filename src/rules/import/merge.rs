//! Imported lists as `[[allow]]` entries: one for each function, however many places name it.

use super::{Ignored, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Above this many directories an entry is about all of them.
const DIRECTORIES: usize = 5;

/// Longest reason taken from a comment.
const REASON: usize = 200;

/// One entry to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Matcher key.
    pub key: &'static str,
    /// Pattern in our spelling.
    pub pattern: String,
    /// Wait state.
    pub state: Option<String>,
    /// `./x/y`; empty for every package.
    pub packages: Vec<String>,
    /// From comments.
    pub reason: Option<String>,
    /// What it was called there.
    pub option: String,
    /// Every place.
    pub places: Vec<Source>,
}

/// Entries in the order in which their functions were first seen.
pub fn entries(ignored: &[Ignored]) -> Vec<Entry> {
    let mut order: Vec<(&'static str, &str, &Option<String>)> = Vec::new();
    let mut groups: BTreeMap<(&'static str, &str, &Option<String>), Vec<&Ignored>> = BTreeMap::new();
    for one in ignored {
        let id = (one.key, one.pattern.as_str(), &one.state);
        if !groups.contains_key(&id) {
            order.push(id);
        }
        groups.entry(id).or_default().push(one);
    }
    order
        .iter()
        .filter_map(|id| groups.get(id))
        .filter_map(|group| merged(group))
        .collect()
}

fn merged(group: &[&Ignored]) -> Option<Entry> {
    let first = group.first()?;
    let mut places: Vec<Source> = group.iter().map(|one| one.at.clone()).collect();
    places.sort();
    places.dedup();
    let directories: Option<BTreeSet<String>> = group.iter().map(|one| directory(&one.at.file)).collect();
    let packages = directories
        .filter(|all| all.len() <= DIRECTORIES)
        .unwrap_or_default();
    let comments: BTreeSet<&str> = group.iter().filter_map(|one| one.comment.as_deref()).collect();
    let reason = comments.into_iter().collect::<Vec<_>>().join("; ");
    Some(Entry {
        key: first.key,
        pattern: first.pattern.clone(),
        state: first.state.clone(),
        packages: packages.into_iter().collect(),
        reason: (!reason.is_empty()).then(|| cut(&reason)),
        option: first.option.clone(),
        places,
    })
}

/// The package whose tests the file is part of; `None` if it is code that any test can call.
fn directory(file: &str) -> Option<String> {
    let (dir, name) = file.rsplit_once('/').unwrap_or((".", file));
    let own = name.ends_with("_test.go") || name == "metadata.yaml";
    own.then(|| {
        if dir == "." {
            ".".to_owned()
        } else {
            format!("./{}", dir.trim_start_matches("./"))
        }
    })
}

fn cut(text: &str) -> String {
    if text.chars().count() <= REASON {
        return text.to_owned();
    }
    text.chars().take(REASON - 1).collect::<String>() + "…"
}

impl Entry {
    /// The entry as text, with the place it came from in a comment.
    pub fn text(
        &self,
        owner: Option<&str>,
        issue: Option<&str>,
        expires: Option<jiff::civil::Date>,
    ) -> String {
        let quoted = |text: &str| toml_edit::Value::from(text).to_string();
        let shown: Vec<String> = self.places.iter().take(3).map(ToString::to_string).collect();
        let more = self.places.len().saturating_sub(3);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let mut text = format!("# {} at {}{more}\n[[allow]]\n", self.option, shown.join(", "));
        let mut line = |key: &str, value: String| {
            let _ = writeln!(text, "{key} = {value}");
        };
        line(self.key, quoted(&self.pattern));
        if let Some(state) = &self.state {
            line("state", quoted(state));
        }
        match self.packages.as_slice() {
            [] => {}
            [one] => line("package", quoted(one)),
            several => {
                let all: Vec<String> = several.iter().map(|one| quoted(one)).collect();
                line("package", format!("[{}]", all.join(", ")));
            }
        }
        let reason = self
            .reason
            .clone()
            .unwrap_or_else(|| format!("imported: {}", self.option));
        line("reason", quoted(&reason));
        if let Some(owner) = owner {
            line("owner", quoted(owner));
        }
        if let Some(issue) = issue {
            line("issue", quoted(issue));
        }
        if let Some(expires) = expires {
            line("expires", expires.to_string());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::allow;

    fn one(file: &str, line: u32, pattern: &str, comment: Option<&str>) -> Ignored {
        Ignored {
            key: "top",
            pattern: pattern.into(),
            state: None,
            comment: comment.map(str::to_owned),
            option: "goleak.IgnoreTopFunction".into(),
            at: Source {
                file: file.into(),
                line,
            },
        }
    }

    #[test]
    fn a_function_in_many_places_is_one_entry() {
        let list = [
            one("a/main_test.go", 3, "x.F", Some("why")),
            one("b/main_test.go", 9, "x.F", None),
            one("a/main_test.go", 4, "y.G", None),
        ];
        let merged = entries(&list);
        assert_eq!(merged.len(), 2);
        assert_eq!(
            merged[0].text(Some("@core"), Some("#1"), None),
            "# goleak.IgnoreTopFunction at a/main_test.go:3, b/main_test.go:9\n[[allow]]\ntop = \"x.F\"\npackage = [\"./a\", \"./b\"]\nreason = \"why\"\nowner = \"@core\"\nissue = \"#1\"\n"
        );
        let text = merged[1].text(None, None, None);
        let document = toml_edit::Document::parse(text.as_str()).unwrap();
        let (read, problems) = allow::read_list(allow::List::Allow, &text, &document["allow"]);
        assert_eq!((read.len(), problems.len()), (1, 0));
    }

    #[test]
    fn a_helper_that_every_test_calls_is_about_every_package() {
        assert_eq!(
            entries(&[one("testutil/leak.go", 3, "x.F", None)])[0].packages,
            [""; 0]
        );
        assert_eq!(entries(&[one("main_test.go", 3, "x.F", None)])[0].packages, ["."]);
        let many: Vec<Ignored> = (0..9)
            .map(|n| one(&format!("p{n}/main_test.go"), 1, "x.F", None))
            .collect();
        assert_eq!(entries(&many)[0].packages, [""; 0]);
    }
}
