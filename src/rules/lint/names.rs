//! Checks of the names in an entry: too wide, impossible, misspelt, gone.

use super::super::catalog::{Action, Catalog, CatalogEntry, Where};
use super::super::matching::is_directory;
use super::super::pattern::{Pattern, PatternError};
use super::super::policy::LintCode;
use super::facts::{Home, is_judged};
use super::{Findings, Said};
use crate::diag::did_you_mean;
use crate::goroutine::name;
use crate::rules::AllowEntry;

/// Functions of owners that have nothing in common; what matches two of them matches anything.
const STRANGERS: &[&str] = &[
    "example.com/one.F",
    "github.com/two/b.(*T).run",
    "net/http.(*conn).serve",
    "main.main",
    "golang.org/x/three.G",
];

pub(super) fn check(findings: &mut Findings<'_>, index: usize, entry: &AllowEntry) {
    broad(findings, index, entry);
    for (key, pattern) in entry.functions() {
        if dead(findings, index, key, pattern) {
            continue;
        }
        spelling(findings, index, key, pattern);
        in_code(findings, index, key, pattern);
        in_catalog(findings, index, key, pattern);
    }
    directories(findings, index, entry);
}

/// The catalog's refusals for a pattern under this key.
fn refused<'a>(key: &str, pattern: &Pattern, action: Action) -> Option<&'a CatalogEntry> {
    let creator = key == "created-by";
    Catalog::built_in()
        .entries()
        .iter()
        .filter(|entry| entry.action == action && (entry.place == Where::CreatedBy) == creator)
        .find(|entry| {
            entry
                .functions
                .iter()
                .any(|function| pattern.matches(&name::normal(function)))
        })
}

/// Whether it matches the strangers and all that the catalog refuses: nothing is left that it may be about.
fn matches_everything(pattern: &Pattern) -> bool {
    let refused = Catalog::built_in()
        .entries()
        .iter()
        .filter(|entry| entry.action == Action::Never)
        .flat_map(|entry| &entry.functions);
    STRANGERS.iter().all(|stranger| pattern.matches(stranger))
        && refused
            .map(|function| name::normal(function))
            .all(|function| pattern.matches(&function))
}

/// Whether it matches functions of any package of a module.
fn whole_module(pattern: &Pattern, module: &str) -> bool {
    pattern.exact().is_none()
        && [".F", "/a.F", "/b/c.(*T).run"]
            .iter()
            .all(|function| pattern.matches(&format!("{module}{function}")))
}

/// The domain of which it matches any module: `example.org/...`, `re:example\.org/.*`.
fn whole_domain(pattern: &Pattern) -> Option<String> {
    let text = pattern.compared();
    let text = text.strip_prefix("re:").unwrap_or(text);
    let domain = text.split('/').next()?.replace('\\', "");
    let strangers = ["/one.F", "/two/b.(*T).run"];
    (domain.contains('.')
        && !domain.starts_with("...")
        && strangers
            .iter()
            .all(|function| pattern.matches(&format!("{domain}{function}"))))
    .then_some(domain)
}

fn broad(findings: &mut Findings<'_>, index: usize, entry: &AllowEntry) {
    let functions: Vec<(&str, &Pattern)> = entry.functions().collect();
    if functions.is_empty() {
        if entry.test.is_empty() || entry.test.iter().any(|pattern| pattern.matches("TestStranger")) {
            let said = Said::new(
                LintCode::Broad,
                "the entry names no function: it covers the goroutines of every owner",
                "add `entry`: the report of each leak names it",
            );
            findings.say(index, "", said);
        }
        return;
    }
    let one_test =
        !entry.test.is_empty() && !entry.test.iter().any(|pattern| pattern.matches("TestStranger"));
    let own: Vec<&str> = findings
        .lint
        .facts
        .modules
        .iter()
        .map(|(root, _)| root.path.as_str())
        .collect();
    let wide = |(key, pattern): &(&'static str, &Pattern)| {
        if matches_everything(pattern) {
            let why = PatternError::Everything;
            return Some((*key, why.to_string(), Some(why.remedy().to_owned())));
        }
        let known = refused(key, pattern, Action::Never);
        let strangers = STRANGERS
            .iter()
            .filter(|stranger| pattern.matches(stranger))
            .count();
        if let Some(known) = known {
            return Some((*key, known.reason.clone(), known.advice.clone()));
        }
        if strangers > 1 {
            return Some((*key, "it matches functions of unrelated owners".to_owned(), None));
        }
        if one_test {
            return None;
        }
        let why = match own.iter().find(|module| whole_module(pattern, module)) {
            Some(module) => format!("it matches all code of your module {module}"),
            None => format!("it matches every module of {}", whole_domain(pattern)?),
        };
        Some((*key, why, None))
    };
    let by_key = |key: &str| {
        functions
            .iter()
            .filter(|(k, _)| *k == key)
            .map(wide)
            .collect::<Vec<_>>()
    };
    let narrowed = ["entry", "created-by", "top", "any"].iter().any(|key| {
        let patterns = by_key(key);
        !patterns.is_empty() && patterns.iter().all(Option::is_none)
    });
    if narrowed {
        return;
    }
    let Some((key, why, remedy)) = functions.iter().find_map(wide) else {
        return;
    };
    let remedy = remedy.unwrap_or_else(|| "match the entry frame, which names the owner".to_owned());
    findings.say(
        index,
        key,
        Said::new(
            LintCode::Broad,
            format!("`{key}` would hide every leak: {why}"),
            remedy,
        ),
    );
}

/// Patterns that no goroutine can match. True if it is one.
fn dead(findings: &mut Findings<'_>, index: usize, key: &str, pattern: &Pattern) -> bool {
    if let Some(known) = refused(key, pattern, Action::Dead).filter(|_| pattern.exact().is_some()) {
        let remedy = known
            .advice
            .clone()
            .unwrap_or_else(|| "remove the entry".to_owned());
        findings.say(
            index,
            key,
            Said::new(
                LintCode::Dead,
                format!("`{}` can't match: {}", pattern.text(), known.reason),
                remedy,
            ),
        );
        return true;
    }
    if pattern.is_regex() {
        let wants = ["%2e", "%2E", "\\[\\.\\.\\.\\]", "func\\d", "func[0-9]", "func1"]
            .into_iter()
            .find(|part| pattern.text().contains(part));
        if let Some(part) = wants {
            let message = format!("names are compared without `{part}`, so the expression can't match");
            findings.say(
                index,
                key,
                Said::new(
                    LintCode::Dead,
                    message,
                    "drop that part; closures go by the function that holds them",
                ),
            );
        }
        return wants.is_some();
    }
    let Some(function) = pattern.exact() else {
        return false;
    };
    let last = function.rsplit('/').next().unwrap_or(function);
    if !last.contains('.') {
        let said = Said::new(
            LintCode::Dead,
            format!("`{}` names a package, not a function", pattern.text()),
            format!("write `{function}/...` for all of its functions and packages"),
        );
        findings.say(index, key, said);
        return true;
    }
    false
}

fn spelling(findings: &mut Findings<'_>, index: usize, key: &str, pattern: &Pattern) {
    let (text, compared) = (pattern.text(), pattern.compared());
    if text == compared || pattern.is_regex() {
        return;
    }
    let what = if text.trim() == compared {
        "has white space around it"
    } else if text.contains("%2e") || text.contains("%2E") {
        "has an escaped dot"
    } else if text.contains('[') {
        "has type arguments"
    } else if text.contains("vendor/") {
        "has a vendor prefix"
    } else {
        "names a closure, whose number changes with the compiler"
    };
    let said = Said::new(
        LintCode::Spelling,
        format!("`{text}` {what}"),
        format!("write `{compared}`, which is what is compared"),
    );
    findings.say(index, key, said.instead(compared));
}

/// Whether the function still exists.
fn in_code(findings: &mut Findings<'_>, index: usize, key: &str, pattern: &Pattern) {
    let Some(function) = pattern.exact() else { return };
    let facts = findings.lint.facts;
    let (package, local) = facts.split(function);
    if !is_judged(package) {
        return;
    }
    let Some(home) = facts.home(package) else {
        if facts.lists_everything() {
            let said = Said::new(
                LintCode::DeadModule,
                format!("no go.mod requires the module of `{package}`"),
                "remove the entry: nothing can start this goroutine any more",
            );
            findings.say(index, key, said);
        }
        return;
    };
    let Some(functions) = facts.packages.get(package) else {
        return;
    };
    if exists(local, functions) {
        return;
    }
    let whose = match home {
        Home::Std => "this Go".to_owned(),
        Home::Own(..) | Home::Replaced(..) => "your code".to_owned(),
        Home::Required(module, version, _) => format!("{module} {version}"),
    };
    let message = format!("{whose} has no `{local}` in {package}");
    let twin = near(local, functions);
    findings.say(
        index,
        key,
        match twin {
            Some(meant) => {
                let right = format!("{package}.{meant}");
                Said::new(
                    LintCode::DeadFunction,
                    message,
                    format!("did you mean `{right}`?"),
                )
            }
            None => Said::new(
                LintCode::DeadFunction,
                message,
                "remove the entry, or name the function as it is called now",
            ),
        },
    );
}

/// `F`, or a closure of it that the compiler moved: `F.G`.
fn exists(local: &str, functions: &super::facts::Functions) -> bool {
    local == "init"
        || functions.contains(local)
        || local
            .match_indices('.')
            .any(|(dot, _)| functions.contains(&local[..dot]) || &local[..dot] == "init")
}

/// The same name in other letters, or on the other kind of receiver; else the nearest one.
fn near<'a>(local: &str, functions: &'a super::facts::Functions) -> Option<&'a str> {
    let plain = |name: &str| name.replace(['(', ')', '*'], "").to_lowercase();
    let wanted = plain(local);
    let same = functions
        .iter()
        .find(|name| plain(name) == wanted)
        .map(String::as_str);
    same.or_else(|| did_you_mean(local, functions.iter().map(String::as_str)))
}

fn in_catalog(findings: &mut Findings<'_>, index: usize, key: &str, pattern: &Pattern) {
    let Some(function) = pattern.exact() else { return };
    let choices = findings.lint.catalog;
    let known = Catalog::built_in()
        .naming(function, Action::Ignore)
        .find(|entry| choices.action(entry) == Some(Action::Ignore) && entry.place != Where::CreatedBy);
    if let Some(known) = known.filter(|_| key != "created-by") {
        let said = Said::new(
            LintCode::InCatalog,
            format!("the built-in catalog covers it as `{}`", known.name),
            "remove the entry",
        );
        // The catalog lets it pass without the entry; what other patterns of the entry cover would fail.
        let alone = findings.lint.entries[index].functions().count() == 1;
        findings.say(index, key, if alone { said.removable() } else { said });
    }
}

fn directories(findings: &mut Findings<'_>, index: usize, entry: &AllowEntry) {
    let Some(known) = &findings.lint.facts.directories else {
        return;
    };
    let gone = entry
        .package
        .iter()
        .find(|pattern| is_directory(pattern.text()) && !known.iter().any(|dir| pattern.matches(dir)));
    if let Some(pattern) = gone {
        let message = format!("`{}` matches no directory with Go files", pattern.text());
        findings.say(
            index,
            "package",
            Said::new(LintCode::Dead, message, "name the package as it is called now"),
        );
    }
}
