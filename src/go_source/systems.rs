//! Files for other systems: by their name, or by their `//go:build` line.

/// Systems that a name or a tag tells.
const SYSTEMS: [&str; 14] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "illumos",
    "ios",
    "js",
    "linux",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
];

/// Those of them that the tag `unix` leaves out.
const NOT_UNIX: [&str; 3] = ["js", "plan9", "windows"];

fn here() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

/// Whether a file is for this system, as far as its name says so.
pub(super) fn by_name(path: &str) -> bool {
    let stem = path.strip_suffix(".go").unwrap_or(path);
    let stem = stem.strip_suffix("_test").unwrap_or(stem);
    let name = stem.rsplit('/').next().unwrap_or(stem);
    !name
        .split('_')
        .skip(1)
        .any(|part| part != here() && SYSTEMS.contains(&part))
}

/// The same, as far as the `//go:build` line before the package clause says so. Tags that are no system may be set or not.
pub(super) fn by_text(text: &str) -> bool {
    let before = text.lines().take_while(|line| !line.starts_with("package "));
    let mut lines = before.filter_map(|line| line.strip_prefix("//go:build "));
    lines.next().is_none_or(|line| holds(line, here()) != Some(false))
}

/// What a constraint is worth on a system; `None` where that hangs on other tags.
fn holds(constraint: &str, system: &str) -> Option<bool> {
    let spaced = constraint
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('!', " ! ")
        .replace("&&", " && ")
        .replace("||", " || ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    either(&mut words, system)
}

fn either(words: &mut Vec<&str>, system: &str) -> Option<bool> {
    let mut value = both(words, system);
    while words.last() == Some(&"||") {
        words.pop();
        let other = both(words, system);
        value = match (value, other) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
    }
    value
}

fn both(words: &mut Vec<&str>, system: &str) -> Option<bool> {
    let mut value = one(words, system);
    while words.last() == Some(&"&&") {
        words.pop();
        let other = one(words, system);
        value = match (value, other) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
    }
    value
}

fn one(words: &mut Vec<&str>, system: &str) -> Option<bool> {
    match words.pop()? {
        "!" => one(words, system).map(|value| !value),
        "(" => {
            let value = either(words, system);
            words.pop();
            value
        }
        "unix" => Some(!NOT_UNIX.contains(&system)),
        // Android is a Linux, and iOS a Darwin.
        tag if tag == system => Some(true),
        "linux" if system == "android" => Some(true),
        "darwin" if system == "ios" => Some(true),
        tag if SYSTEMS.contains(&tag) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_is_worth_what_its_systems_are_and_other_tags_leave_it_open() {
        for (constraint, on_linux) in [
            ("linux", Some(true)),
            ("windows", Some(false)),
            ("unix", Some(true)),
            ("!windows", Some(true)),
            ("freebsd || openbsd || netbsd || dragonfly || darwin", Some(false)),
            ("linux && !appengine", None),
            ("darwin && !appengine", Some(false)),
            ("!(linux || darwin)", Some(false)),
            ("go1.21", None),
            ("integration || linux", Some(true)),
            ("!unix", Some(false)),
            ("(darwin||linux)&&cgo", None),
        ] {
            assert_eq!(holds(constraint, "linux"), on_linux, "{constraint}");
        }
        assert_eq!(holds("linux", "android"), Some(true));
        assert_eq!(holds("unix", "windows"), Some(false));
    }

    #[test]
    fn only_a_line_before_the_package_clause_counts() {
        assert!(by_text("package m\n\n//go:build plan9\n"));
        assert!(!by_text("// Copyright\n\n//go:build plan9\n\npackage m\n"));
        assert!(by_text("// plan9 only\npackage m\n"));
    }
}
