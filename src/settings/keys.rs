//! The registry of settings: one line each. The struct, the merge, the file keys, the flags, the
//! environment names, the template and the schema all come from it.

use super::choices::{
    Annotations, Color, Format, NoTests, Progress, Prove, Switch, Trace, Unchecked, Verbosity,
};
use super::source::{Source, Sourced, ValueError};
use super::value::{ReportFile, SettingValue, ShardPart, SummaryTarget};
use crate::exit::LeakCode;
use crate::rules::policy::{Late, OncePerProcess, Required};
use serde_json::Value as Json;
use std::time::Duration;

/// Where a setting may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Flag, environment and file.
    Everywhere,
    /// Flag and environment: it is about one run.
    OneRun,
    /// File only: it is the team's decision.
    FileOnly,
}

/// One setting, as documentation sees it.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Name, also of the flag (`--NAME`).
    pub name: &'static str,
    /// Table of the file.
    pub table: &'static str,
    /// Environment variable.
    pub env: &'static str,
    /// Where it may be given.
    pub scope: Scope,
    /// What it does.
    pub about: &'static str,
    /// What a good value looks like.
    pub expected: fn() -> String,
    /// Its default, as the file would say it.
    pub default: fn() -> String,
    /// What the file accepts, as JSON Schema.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test generates the checked-in schema from it")
    )]
    pub schema: fn() -> Json,
}

macro_rules! settings {
    ($( $field:ident : $type:ty = $default:expr, $table:literal, $name:literal, $env:literal, $scope:ident, $about:literal; )*) => {
        /// Every setting with its value and where that came from. Made once, by [`Settings::merge`].
        #[derive(Debug, Clone, PartialEq)]
        pub struct Settings { $( #[doc = $about] pub $field: Sourced<$type>, )* }

        /// What one source says.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct Partial { $( #[doc = $about] pub $field: Option<Sourced<$type>>, )* }

        /// Every setting, in the order of the documentation.
        pub const KEYS: &[Key] = &[ $( Key {
            name: $name,
            table: $table,
            env: $env,
            scope: Scope::$scope,
            about: $about,
            expected: <$type as SettingValue>::expected,
            default: || SettingValue::to_toml(&{ let value: $type = $default; value }),
            schema: <$type as SettingValue>::schema,
        }, )* ];

        impl Settings {
            /// Flags win over the environment, that over the file, that over the defaults.
            pub fn merge(flags: Partial, env: Partial, file: Partial) -> Self {
                Self { $( $field: flags.$field.or(env.$field).or(file.$field)
                    .unwrap_or_else(|| Sourced { value: $default, source: Source::Default }), )* }
            }

            /// Every setting as (key, value as text, source), in registry order.
            pub fn list(&self) -> Vec<(&'static Key, String, &Source)> {
                let mut keys = KEYS.iter();
                vec![ $( (
                    keys.next().expect("one key per field"),
                    SettingValue::to_text(&self.$field.value),
                    &self.$field.source,
                ), )* ]
            }
        }

        impl Partial {
            /// Sets the setting called `name` from text.
            pub fn set_text(&mut self, name: &str, text: &str, source: Source) -> Result<(), ValueError> {
                match name {
                    $( $name => match <$type as SettingValue>::from_text(text) {
                        Some(value) => { self.$field = Some(Sourced { value, source }); Ok(()) }
                        None => Err(ValueError { source_of: source, text: text.to_owned(), expected: <$type as SettingValue>::expected() }),
                    }, )*
                    _ => Err(ValueError { source_of: source, text: text.to_owned(), expected: "a setting that exists".to_owned() }),
                }
            }

            /// Sets the setting called `name` from a TOML value; the error is what was expected.
            pub(super) fn set_toml(&mut self, name: &str, value: &toml_edit::Value, source: Source) -> Result<(), String> {
                match name {
                    $( $name => match <$type as SettingValue>::from_toml(value) {
                        Some(value) => { self.$field = Some(Sourced { value, source }); Ok(()) }
                        None => Err(<$type as SettingValue>::expected()),
                    }, )*
                    _ => Err("a setting that exists".to_owned()),
                }
            }
        }
    };
}

settings! {
    settle: Duration = Duration::from_millis(400), "run", "settle", "LEAKGATE_SETTLE", Everywhere,
        "How long leakgate waits, once per package, for goroutines to exit after the last test. It waits up to 5 s while their number shrinks or one of them runs.";
    prove: Prove = Prove::Auto, "run", "prove", "LEAKGATE_PROVE", Everywhere,
        "When to ask Go's leak detector for proof: `auto` where it needs no extra build (Go 1.27), `on` also where it compiles the standard library again (Go 1.26), `off` never.";
    labels: Switch = Switch::On, "run", "labels", "LEAKGATE_LABELS", Everywhere,
        "Whether each test's goroutines carry a pprof label that names the test. The profiles and dumps of your tests do not show it.";
    confirm: Option<u32> = None, "run", "confirm", "LEAKGATE_CONFIRM", Everywhere,
        "Run each leaking test again alone, this many times, and report whether the leak grows.";
    trace: Trace = Trace::Auto, "run", "trace", "LEAKGATE_TRACE", Everywhere,
        "Which leaking tests to run again to find your line of code that led to the leak: `auto` for fast tests whose leak shows no line of yours, `on` for all, `off` for none.";
    hang_dump: Option<Duration> = None, "run", "hang-dump", "LEAKGATE_HANG_DUMP", Everywhere,
        "Ask a package that prints nothing for this long for its goroutine dump.";
    kill_grace: Duration = Duration::from_secs(10), "run", "kill-grace", "LEAKGATE_KILL_GRACE", Everywhere,
        "How long interrupted tests may take to exit before leakgate kills them.";
    no_tests: NoTests = NoTests::Fail, "run", "no-tests", "LEAKGATE_NO_TESTS", Everywhere,
        "What to do when no tests run.";
    max_fails: Option<u32> = None, "run", "max-fails", "LEAKGATE_MAX_FAILS", Everywhere,
        "End the run once this many tests have failed or leaked.";
    post_run_command: Option<String> = None, "run", "post-run-command", "LEAKGATE_POST_RUN_COMMAND", Everywhere,
        "Command to run at the end. It gets the counts in LEAKGATE_* variables.";
    shard: Option<ShardPart> = None, "run", "shard", "LEAKGATE_SHARD", OneRun,
        "Test part I of N of the packages.";
    join: Switch = Switch::On, "gate", "join", "LEAKGATE_JOIN", Everywhere,
        "Whether goroutines that hang on one mistake are one leak, which one entry of the allow-list or baseline covers. `off` matches each goroutine alone.";
    late: Late = Late::Warn, "gate", "late", "LEAKGATE_LATE", Everywhere,
        "How to treat goroutines that outlive their test but exit while settling.";
    once_per_process: OncePerProcess = OncePerProcess::Fail, "gate", "once-per-process", "LEAKGATE_ONCE_PER_PROCESS", Everywhere,
        "How to treat a leak that `confirm` saw once per process, however often its test ran.";
    leak_exit_code: LeakCode = LeakCode::default(), "gate", "leak-exit-code", "LEAKGATE_LEAK_EXIT_CODE", Everywhere,
        "Exit code when go passed and the leak gate failed: 3, or 6 to 125, or 1 for tools that know no other (gotestsum --rerun-fails). With 0, leaks are reported but do not fail the run.";
    baseline: Option<String> = Some("leakgate.baseline.json".to_owned()), "gate", "baseline", "LEAKGATE_BASELINE", Everywhere,
        "Baseline file, relative to the rules file. Used if it exists.";
    format: Format = Format::Human, "output", "format", "LEAKGATE_FORMAT", Everywhere,
        "Format of standard output.";
    verbosity: Verbosity = Verbosity::Normal, "output", "verbosity", "LEAKGATE_VERBOSITY", Everywhere,
        "How much to print.";
    source_lines: u32 = 3, "output", "source", "LEAKGATE_SOURCE", Everywhere,
        "Source lines to show for each place. 0 shows none.";
    slowest: u32 = 0, "output", "slowest", "LEAKGATE_SLOWEST", Everywhere,
        "How many of the slowest tests to list in the closing report.";
    color: Color = Color::Auto, "output", "color", "LEAKGATE_COLOR", Everywhere,
        "When to write colours.";
    progress: Progress = Progress::Auto, "output", "progress", "LEAKGATE_PROGRESS", Everywhere,
        "How to show progress on standard error.";
    reports: Vec<ReportFile> = Vec::new(), "output", "report", "LEAKGATE_REPORT", Everywhere,
        "Report files to write, each `FORMAT=PATH`.";
    junitfile: Option<String> = None, "output", "junitfile", "LEAKGATE_JUNITFILE", Everywhere,
        "JUnit XML file to write.";
    jsonfile: Option<String> = None, "output", "jsonfile", "LEAKGATE_JSONFILE", Everywhere,
        "File for the test2json stream, written live.";
    annotations: Annotations = Annotations::Auto, "output", "annotations", "LEAKGATE_ANNOTATIONS", Everywhere,
        "Which CI's annotations to print.";
    summary: SummaryTarget = SummaryTarget::Auto, "output", "summary", "LEAKGATE_SUMMARY", Everywhere,
        "Where to write the Markdown summary: `auto` ($GITHUB_STEP_SUMMARY), `none`, or a path.";
    sarif_suppressed: Switch = Switch::Off, "output", "sarif-suppressed", "LEAKGATE_SARIF_SUPPRESSED", Everywhere,
        "Whether SARIF includes allowed leaks as suppressed results.";
    require: Vec<Required> = vec![Required::Reason], "policy", "require", "LEAKGATE_REQUIRE", FileOnly,
        "Keys that every [[allow]] entry must have.";
    max_days: Option<u32> = None, "policy", "max-days", "LEAKGATE_MAX_DAYS", FileOnly,
        "How many days ahead `expires` may be.";
    default_days: u32 = 90, "policy", "default-days", "LEAKGATE_DEFAULT_DAYS", FileOnly,
        "How many days ahead `allow add` sets `expires` without --expires, at most `max-days`.";
    catalog_disable: Vec<String> = Vec::new(), "catalog", "disable", "LEAKGATE_CATALOG_DISABLE", FileOnly,
        "Built-in catalog entries to disable, by name.";
    catalog_unchecked: Unchecked = Unchecked::Hint, "catalog", "unchecked", "LEAKGATE_CATALOG_UNCHECKED", FileOnly,
        "What to do with catalog entries that were not checked against the real library.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_environment_names_follow_from_them() {
        let mut names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KEYS.len());
        for key in KEYS.iter().filter(|key| key.table != "catalog") {
            let want = format!("LEAKGATE_{}", key.name.replace('-', "_").to_uppercase());
            assert_eq!(key.env, want);
        }
    }

    #[test]
    fn every_default_is_a_value_that_the_file_accepts() {
        for key in KEYS {
            let line = format!("x = {}", (key.default)());
            let document = toml_edit::Document::parse(line.as_str()).unwrap();
            let value = document
                .as_table()
                .get("x")
                .and_then(|item| item.as_value())
                .unwrap();
            Partial::default()
                .set_toml(key.name, value, Source::Default)
                .unwrap();
        }
    }

    #[test]
    fn flags_win_over_environment_over_file_over_default() {
        let partial = |text: &str, source| {
            let mut partial = Partial::default();
            partial.set_text("settle", text, source).unwrap();
            partial
        };
        let file = || partial("3s", Source::File { line: 4 });
        let env = || partial("2s", Source::Env("LEAKGATE_SETTLE"));
        let flag = partial("1s", Source::Flag("settle"));
        let settle = |merged: Settings| (merged.settle.value.as_secs(), merged.settle.source);
        assert_eq!(
            settle(Settings::merge(flag, env(), file())),
            (1, Source::Flag("settle"))
        );
        assert_eq!(
            settle(Settings::merge(Partial::default(), env(), file())),
            (2, Source::Env("LEAKGATE_SETTLE"))
        );
        assert_eq!(
            settle(Settings::merge(Partial::default(), Partial::default(), file())),
            (3, Source::File { line: 4 })
        );
        let none = Settings::merge(Partial::default(), Partial::default(), Partial::default());
        assert_eq!(none.settle.source, Source::Default);
        assert_eq!(none.list().len(), KEYS.len());
    }
}
