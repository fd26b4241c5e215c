//! `leakgate.toml`, read: settings, lint levels, catalog choices and `[[allow]]` entries, each with its place.

use super::keys::{KEYS, Key, Partial, Scope};
use super::recovery;
use super::source::Source;
use crate::diag::{Code, Place, Problem, did_you_mean};
use crate::rules::allow::{self, AllowEntry, List};
use crate::rules::catalog::{Action, Catalog};
use crate::rules::policy::{LintCode, LintLevel};
use std::collections::BTreeMap;
use std::ops::Range;
use toml_edit::{Item, TableLike};

/// The version of the file's grammar that this program reads.
pub const VERSION: i64 = 1;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RulesFile {
    /// Settings.
    pub settings: Partial,
    /// `[lint]`.
    pub lint: BTreeMap<LintCode, LintLevel>,
    /// `[catalog.actions]`.
    pub actions: BTreeMap<String, Action>,
    /// `[[allow]]`.
    pub allow: Vec<AllowEntry>,
    /// `[[may-not-run]]`.
    pub may_not_run: Vec<AllowEntry>,
}

/// Reads the file. All problems are found, not only the first.
pub fn read(text: &str) -> Result<RulesFile, Vec<Problem>> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let readable = recovery::read(body)?;
    let mut reader = Reader {
        text: body,
        file: RulesFile::default(),
        problems: Vec::new(),
    };
    reader.root(readable.document.as_table());
    let mut problems = reader.problems;
    problems.retain(|problem| !readable.follows(problem));
    problems.extend(readable.problems);
    if problems.is_empty() {
        Ok(reader.file)
    } else {
        problems.sort_by_key(|problem| problem.place);
        Err(problems)
    }
}

struct Reader<'a> {
    text: &'a str,
    file: RulesFile,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn root(&mut self, root: &dyn TableLike) {
        for (name, item) in root.iter() {
            let span = key_span(root, name);
            match name {
                "version" => self.version(item, span),
                "allow" => self.file.allow = self.list(List::Allow, item),
                "may-not-run" => self.file.may_not_run = self.list(List::MayNotRun, item),
                "lint" => self.with_table(name, item, span, Self::lint),
                "catalog" => self.with_table(name, item, span, Self::catalog),
                _ if KEYS.iter().any(|key| key.table == name) => {
                    self.with_table(name, item, span, |reader, table| reader.settings(name, table));
                }
                _ => self.unknown_table(name, span),
            }
        }
    }

    fn list(&mut self, list: List, item: &Item) -> Vec<AllowEntry> {
        let (entries, problems) = allow::read_list(list, self.text, item);
        self.problems.extend(problems);
        entries
    }

    fn with_table(
        &mut self,
        name: &str,
        item: &Item,
        span: Range<usize>,
        then: impl FnOnce(&mut Self, &dyn TableLike),
    ) {
        match item.as_table_like() {
            Some(table) => then(self, table),
            None => self.problems.push(
                Problem::error(
                    Code::WrongType,
                    self.text,
                    span,
                    format!("`{name}` is a {}", item.type_name()),
                )
                .remedy(format!("write it as a table: `[{name}]`")),
            ),
        }
    }

    fn version(&mut self, item: &Item, span: Range<usize>) {
        if item.as_integer() == Some(VERSION) {
            return;
        }
        let span = item.span().unwrap_or(span);
        self.problems.push(match item.as_integer() {
            Some(newer) if newer > VERSION => Problem::error(
                Code::Version,
                self.text,
                span,
                format!("this file is of version {newer}"),
            )
            .remedy(format!(
                "this leakgate reads version {VERSION}; use a newer leakgate"
            )),
            _ => Problem::error(
                Code::Version,
                self.text,
                span,
                "`version` is no version of this file",
            )
            .remedy(format!("write `version = {VERSION}`")),
        });
    }

    fn unknown_table(&mut self, name: &str, span: Range<usize>) {
        let tables = [
            "version",
            "allow",
            "may-not-run",
            "lint",
            "catalog",
            "run",
            "gate",
            "output",
            "policy",
        ];
        let problem = Problem::error(
            Code::UnknownKey,
            self.text,
            span,
            format!("no table or key is called `{name}`"),
        );
        let home = KEYS
            .iter()
            .find(|key| key.name == name && key.scope != Scope::OneRun);
        self.problems.push(match (home, did_you_mean(name, tables)) {
            (Some(key), _) => problem.remedy(format!("`{name}` belongs in [{}]", key.table)),
            (None, Some(meant)) => problem.remedy(format!("did you mean `{meant}`?")),
            (None, None) => problem.remedy(format!("known are {}", tables.join(", "))),
        });
    }

    fn settings(&mut self, table_name: &str, table: &dyn TableLike) {
        for (name, item) in table.iter() {
            let span = key_span(table, name);
            match KEYS
                .iter()
                .find(|key| key.table == table_name && key.name == name)
            {
                Some(key) if key.scope == Scope::OneRun => self.problems.push(
                    Problem::error(
                        Code::UnknownKey,
                        self.text,
                        span,
                        format!("`{name}` is about one run, not about the team"),
                    )
                    .remedy(format!("give it as --{name} or {}", key.env)),
                ),
                Some(key) => self.setting(key, item, span),
                None => self.unknown_key(table_name, name, span),
            }
        }
    }

    fn setting(&mut self, key: &Key, item: &Item, key_span: Range<usize>) {
        let span = item.span().unwrap_or_else(|| key_span.clone());
        let source = Source::File {
            line: Place::of(self.text, key_span.start).line,
        };
        let set = match item.as_value() {
            Some(value) => self.file.settings.set_toml(key.name, value, source),
            None => Err((key.expected)()),
        };
        if let Err(expected) = set {
            let said = self
                .text
                .get(span.clone())
                .unwrap_or_default()
                .lines()
                .next()
                .unwrap_or_default();
            self.problems.push(
                Problem::error(
                    Code::WrongValue,
                    self.text,
                    span.clone(),
                    format!("`{}` can't be {said}", key.name),
                )
                .remedy(format!("it takes {expected}; the default is {}", (key.default)())),
            );
        }
    }

    fn unknown_key(&mut self, table_name: &str, name: &str, span: Range<usize>) {
        let problem = Problem::error(
            Code::UnknownKey,
            self.text,
            span.clone(),
            format!("the table [{table_name}] has no key `{name}`"),
        );
        let here: Vec<&str> = KEYS
            .iter()
            .filter(|key| key.table == table_name && key.scope != Scope::OneRun)
            .map(|key| key.name)
            .collect();
        let elsewhere = KEYS
            .iter()
            .find(|key| key.name == name && key.scope != Scope::OneRun);
        self.problems
            .push(match (elsewhere, did_you_mean(name, here.iter().copied())) {
                (Some(key), _) => problem.remedy(format!("`{name}` belongs in [{}]", key.table)),
                (None, Some(meant)) => problem
                    .remedy(format!("did you mean `{meant}`?"))
                    .fix(span, meant),
                (None, None) => problem.remedy(format!("its keys are {}", here.join(", "))),
            });
    }

    fn lint(&mut self, table: &dyn TableLike) {
        for (name, item) in table.iter() {
            let span = key_span(table, name);
            let level = item.as_str().and_then(LintLevel::from_word);
            match (LintCode::from_code(name), level) {
                (Some(code), Some(level)) => {
                    self.file.lint.insert(code, level);
                }
                (Some(_), None) => self.problems.push(
                    Problem::error(
                        Code::WrongValue,
                        self.text,
                        item.span().unwrap_or(span),
                        format!("no level for `{name}`"),
                    )
                    .remedy(format!("write {}", LintLevel::EXPECTED)),
                ),
                (None, _) => {
                    let problem = Problem::error(
                        Code::UnknownKey,
                        self.text,
                        span.clone(),
                        format!("no lint is called `{name}`"),
                    );
                    self.problems
                        .push(match did_you_mean(name, LintCode::CODES.iter().copied()) {
                            Some(meant) => problem
                                .remedy(format!("did you mean `{meant}`?"))
                                .fix(span, meant),
                            None => problem.remedy(format!("the lints are {}", LintCode::CODES.join(", "))),
                        });
                }
            }
        }
    }

    fn catalog(&mut self, table: &dyn TableLike) {
        for (name, item) in table.iter() {
            let span = key_span(table, name);
            if name == "actions" {
                self.with_table("catalog.actions", item, span, Self::catalog_actions);
                continue;
            }
            match KEYS.iter().find(|key| key.table == "catalog" && key.name == name) {
                Some(key) => self.setting(key, item, span),
                None => self.unknown_key("catalog", name, span),
            }
        }
        let listed = table.get("disable").and_then(Item::as_array);
        for value in listed.into_iter().flatten() {
            if let Some(name) = value.as_str() {
                self.catalog_name(name, value.span().unwrap_or_default());
            }
        }
    }

    fn catalog_actions(&mut self, table: &dyn TableLike) {
        for (name, item) in table.iter() {
            let span = key_span(table, name);
            self.catalog_name(name, span.clone());
            match item
                .as_str()
                .and_then(Action::from_word)
                .filter(|action| action.is_choice())
            {
                Some(action) => {
                    self.file.actions.insert(name.to_owned(), action);
                }
                None => self.problems.push(
                    Problem::error(
                        Code::WrongValue,
                        self.text,
                        item.span().unwrap_or(span),
                        format!("no action for `{name}`"),
                    )
                    .remedy("write `ignore` (passes), `note` (said, passes) or `hint` (fails, with the fix)"),
                ),
            }
        }
    }

    fn catalog_name(&mut self, name: &str, span: Range<usize>) {
        if Catalog::built_in().get(name).is_some() {
            return;
        }
        let problem = Problem::error(
            Code::UnknownKey,
            self.text,
            span.clone(),
            format!("the catalog has no entry called `{name}`"),
        );
        let names = Catalog::built_in()
            .entries()
            .iter()
            .map(|entry| entry.name.as_str());
        self.problems.push(match did_you_mean(name, names) {
            Some(meant) => problem.remedy(format!("did you mean `{meant}`?")),
            None => problem.remedy("`leakgate catalog` lists them"),
        });
    }
}

fn key_span(table: &dyn TableLike, name: &str) -> Range<usize> {
    table
        .get_key_value(name)
        .and_then(|(key, _)| key.span())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::policy::Late;

    fn problems(text: &str) -> Vec<(String, String)> {
        read(text)
            .unwrap_err()
            .into_iter()
            .map(|p| (format!("{} {}", p.place, p.code), p.remedy.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn a_whole_file_is_read() {
        let text = r#"version = 1
[run]
settle = "2s"
labels = false
[gate]
late = "fail"
baseline = "off"
[output]
report = ["json=out/leaks.json"]
[policy]
require = ["owner", "reason"]
max-days = 90
[lint]
stale = "deny"
[catalog]
disable = ["os-signal-loop"]
[catalog.actions]
natefinch-lumberjack-logger-mill-run = "hint"
[[allow]]
entry = "a.com/x.F"
package = ["./x/...", "./y"]
expires = 2027-01-31
max = 4
reason = "keep-alive"
"#;
        let file = read(text).unwrap();
        assert_eq!(file.settings.late.as_ref().unwrap().value, Late::Fail);
        assert_eq!(file.settings.late.unwrap().source, Source::File { line: 6 });
        assert_eq!(file.settings.baseline.unwrap().value, None);
        assert_eq!(file.lint[&LintCode::Stale], LintLevel::Deny);
        assert_eq!(file.actions["natefinch-lumberjack-logger-mill-run"], Action::Hint);
        let [entry] = file.allow.as_slice() else { panic!() };
        assert_eq!(
            (entry.place.line, entry.max, entry.package.len()),
            (19, Some(4), 2)
        );
        assert_eq!(entry.expires, Some(jiff::civil::date(2027, 1, 31)));
    }

    #[test]
    fn every_problem_has_its_place_and_a_remedy() {
        let text = "version = 1\n[run]\nsetle = \"1s\"\nlate = \"fail\"\nsettle = 5\n[[allow]]\nfunc = \"a.F\"\nexpires = \"soon\"\n";
        let all = problems(text);
        let places: Vec<&str> = all.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(
            places,
            [
                "3:1 unknown-key",
                "4:1 unknown-key",
                "5:10 wrong-value",
                "7:1 unknown-key",
                "8:11 bad-date"
            ]
        );
        assert_eq!(all[0].1, "did you mean `settle`?");
        assert_eq!(all[1].1, "`late` belongs in [gate]");
        assert_eq!(all[3].1, "did you mean `entry`?");
        assert!(all.iter().all(|(_, remedy)| !remedy.is_empty()));
    }

    #[test]
    fn a_package_that_may_not_run_is_named_with_a_reason_and_nothing_else() {
        let file = read(
            "[[may-not-run]]\npackage = \"./store\"\nreason = \"needs a database\"\nexpires = 2027-01-31\n",
        );
        let [entry] = &file.unwrap().may_not_run[..] else {
            panic!()
        };
        assert_eq!(entry.package[0].text(), "./store");
        for (text, code) in [
            ("[[may-not-run]]\nreason = \"x\"\n", "1:1 no-matcher"),
            (
                "[[may-not-run]]\npackage = \"./x\"\nentry = \"a.F\"\n",
                "3:1 unknown-key",
            ),
            ("may-not-run = 3\n", "1:15 wrong-type"),
        ] {
            assert_eq!(problems(text)[0].0, code, "{text}");
        }
    }

    #[test]
    fn what_is_no_toml_says_where() {
        assert_eq!(
            problems("version = 1\n[run\n")[0].0.split(' ').nth(1),
            Some("syntax")
        );
        assert!(problems("version = 1\n[run\n")[0].0.starts_with("2:"));
    }

    #[test]
    fn an_entry_about_nothing_and_a_newer_version_are_refused() {
        assert_eq!(problems("[[allow]]\nreason = \"x\"\n")[0].0, "1:1 no-matcher");
        assert_eq!(problems("version = 2\n")[0].0, "1:11 version");
        assert_eq!(
            problems("[[allow]]\ntop = \"docker.*\"\n")[0].0,
            "2:7 bad-pattern"
        );
        assert_eq!(problems("allow = 3\n")[0].0, "1:9 wrong-type");
        assert_eq!(problems("[run]\nshard = \"1/2\"\n")[0].0, "2:1 unknown-key");
    }

    #[test]
    fn an_empty_file_is_a_good_file() {
        assert_eq!(read("").unwrap(), RulesFile::default());
        assert_eq!(read("\u{feff}version = 1\r\n").unwrap(), RulesFile::default());
    }
}
