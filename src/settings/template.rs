//! The commented `leakgate.toml` that `leakgate init` writes: every key with its default.

use super::file::VERSION;
use super::keys::{KEYS, Scope};
use crate::rules::policy::LintCode;
use std::fmt::Write;

/// Tables in the order of the template, with what they are about.
const TABLES: &[(&str, &str)] = &[
    ("run", "How to run tests."),
    ("gate", "What fails."),
    ("output", "What to print, and where."),
    ("policy", "What every [[allow]] entry must have."),
    (
        "catalog",
        "Built-in entries for goroutines of known libraries (`leakgate catalog` lists them).",
    ),
];

/// Columns of a comment.
const WIDTH: usize = 100;

/// The template. Every setting is commented out: what is not set follows the defaults of the program.
pub fn template() -> String {
    let mut text = format!(
        "# leakgate: the goroutine-leak gate. Every key is shown with its default; uncomment what you change.\n\
         # Flags and LEAKGATE_* variables win over this file. `leakgate config` shows every value and its source.\n\
         version = {VERSION}\n"
    );
    for (table, about) in TABLES {
        let _ = write!(text, "\n# {about}\n[{table}]\n");
        for key in KEYS
            .iter()
            .filter(|key| key.table == *table && key.scope != Scope::OneRun)
        {
            text.push_str(&wrapped(key.about));
            let _ = writeln!(text, "# {} = {}", key.name, (key.default)());
        }
        if *table == "catalog" {
            text.push_str(&wrapped(
                "Another action for an entry, by name: `ignore`, `note` or `hint`.",
            ));
            text.push_str("# actions = { natefinch-lumberjack-logger-mill-run = \"hint\" }\n");
        }
    }
    text.push_str(
        "\n# The level of each finding about the rules: \"deny\", \"warn\" or \"allow\".\n[lint]\n",
    );
    for code in LintCode::ALL {
        let _ = writeln!(
            text,
            "# {} = \"{}\" # {}",
            code,
            code.default_level(),
            code.about()
        );
    }
    text.push_str(ALLOW);
    text
}

const ALLOW: &str = r#"
# Goroutines that may stay. `leakgate allow add` writes entries, `leakgate allow lint` and `allow prune` keep them
# honest. An entry is about a goroutine if all of its keys match; of a list, one.
# [[allow]]
# entry = "example.com/shop/cart.(*Cart).watch"   # the function that was started; exact, `x/...`, or `re:…`
# created-by = "example.com/shop/cart.New"        # the function with the `go` statement
# top = "net.(*netFD).accept"                     # the innermost frame
# any = "example.com/shop/..."                    # any frame
# state = "IO wait"                               # what it waits in
# package = "./cart/..."                          # the package whose tests ran: a directory or an import path
# test = "TestCart/..."                           # the test that started it
# max = 4                                         # how many in one test process
# reason = "keep-alive pool, closed at exit"
# owner = "@team-cart"
# issue = "https://example.com/issues/123"
# expires = 2027-01-31

# Packages whose TestMain may end without m.Run, because a service is missing. Otherwise that is inconclusive.
# [[may-not-run]]
# package = "./store"
# reason = "needs PostgreSQL; TestMain leaves where there is none"
# owner = "@team-store"
# expires = 2027-01-31
"#;

fn wrapped(text: &str) -> String {
    let comment = textwrap::Options::new(WIDTH)
        .initial_indent("# ")
        .subsequent_indent("# ")
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::fill(text, comment) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::edit;
    use crate::settings::file::{self, RulesFile};

    #[test]
    fn the_template_changes_nothing() {
        assert_eq!(file::read(&template()).unwrap(), RulesFile::default());
    }

    #[test]
    fn formatting_is_happy_with_what_init_and_add_write() {
        let template = template();
        let mut text = template.clone();
        for name in ["m.F", "a.F", "z.F"] {
            text = edit::add(&text, &format!("[[allow]]\nentry = \"{name}\"\n")).unwrap();
            assert_eq!(edit::format(&text).unwrap(), text);
        }
        assert_eq!(edit::format(&template).unwrap(), template);
    }

    #[test]
    fn every_key_of_the_template_is_a_good_line_once_uncommented() {
        let settings = template()
            .split("\n# Goroutines that may stay")
            .next()
            .unwrap()
            .to_owned();
        let is_key = |line: &str| {
            line.strip_prefix("# ").is_some_and(|rest| {
                rest.split(" = ")
                    .next()
                    .is_some_and(|k| k.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
                    && rest.contains(" = ")
            })
        };
        let live: String = settings
            .lines()
            .map(|line| format!("{}\n", if is_key(line) { &line[2..] } else { line }))
            .collect();
        let read = file::read(&live).unwrap_or_else(|problems| panic!("{problems:?}\n{live}"));
        assert_eq!(read.lint.len(), LintCode::ALL.len());
        let merged = crate::settings::Settings::merge(Default::default(), Default::default(), read.settings);
        let unset: Vec<&str> = merged
            .list()
            .into_iter()
            .filter(|(key, _, source)| {
                **source == crate::settings::Source::Default && key.scope != Scope::OneRun
            })
            .map(|(key, ..)| key.name)
            .collect();
        assert_eq!(unset, [""; 0]);
    }

    #[test]
    fn the_example_entry_is_a_good_entry() {
        let entry: String = ALLOW
            .lines()
            .skip_while(|line| *line != "# [[allow]]")
            .filter(|line| !line.starts_with("# Packages"))
            .map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or(line)))
            .collect();
        let read = file::read(&entry).unwrap();
        assert_eq!((read.allow.len(), read.may_not_run.len()), (1, 1));
    }

    #[test]
    fn the_documentation_names_every_key_and_lint_with_its_default() {
        let page = include_str!("../../docs/configuration.md");
        for key in KEYS.iter().filter(|key| key.scope != Scope::OneRun) {
            let row = format!("| `{}` | `{}` | {} |", key.name, (key.default)(), key.about);
            assert!(page.contains(&row), "{row}");
        }
        for code in LintCode::ALL {
            let row = format!("| `{code}` | {} | {} |", code.default_level(), code.about());
            assert!(page.contains(&row), "{row}");
        }
    }
}
