//! Closed choices that a setting can have.

use crate::rules::policy::words;

words! {
    /// Whether Go's leak GC is asked.
    Prove, "`auto`, `on` or `off`" {
        /// Where it costs nothing extra (Go 1.27).
        Auto = "auto",
        /// Also where std must be compiled once again (Go 1.26).
        On = "on",
        /// Never.
        Off = "off",
    }
}

words! {
    /// Whether leaking tests run again to find the line that led to their leaks.
    Trace, "`auto`, `on` or `off`" {
        /// Tests with a leak of which no line of the user's own is known, within a time budget.
        Auto = "auto",
        /// Every leaking test.
        On = "on",
        /// None.
        Off = "off",
    }
}

words! {
    /// A switch.
    Switch, "`on` or `off`" {
        /// On.
        On = "on",
        /// Off.
        Off = "off",
    }
}

words! {
    /// What to do when no tests run.
    NoTests, "`fail`, `warn` or `pass`" {
        /// Exit code 4.
        Fail = "fail",
        /// Said, exit code 0.
        Warn = "warn",
        /// Exit code 0.
        Pass = "pass",
    }
}

words! {
    /// What stdout carries.
    Format, "`human`, `pkgname`, `testname`, `dots`, `short`, `json`, `jsonl`, `gojson` or `none`" {
        /// For people, with source.
        Human = "human",
        /// As human, with a sign and a line for each package while tests run.
        PkgName = "pkgname",
        /// As human, with a line for each test while tests run.
        TestName = "testname",
        /// As human, with a sign for each test while tests run.
        Dots = "dots",
        /// For people, one line a leak.
        Short = "short",
        /// The report as one JSON document.
        Json = "json",
        /// One finding a line.
        Jsonl = "jsonl",
        /// go's own test2json stream, in which leaking tests fail.
        GoJson = "gojson",
        /// Nothing.
        None = "none",
    }
}

words! {
    /// When to write colours.
    Color, "`auto`, `always` or `never`" {
        /// By NO_COLOR, CLICOLOR_FORCE, CI and terminal.
        Auto = "auto",
        /// Always.
        Always = "always",
        /// Never.
        Never = "never",
    }
}

words! {
    /// When to show progress.
    Progress, "`auto`, `bar`, `plain` or `never`" {
        /// A bar on a terminal, lines in CI, else nothing.
        Auto = "auto",
        /// A bar.
        Bar = "bar",
        /// One line per package.
        Plain = "plain",
        /// Nothing.
        Never = "never",
    }
}

words! {
    /// How much to print.
    Verbosity, "`quiet`, `normal` or `verbose`" {
        /// Failures only.
        Quiet = "quiet",
        /// Leaks with the user's own frames.
        Normal = "normal",
        /// Whole stacks.
        Verbose = "verbose",
    }
}

words! {
    /// Whose annotations are printed.
    Annotations, "`auto`, `github`, `teamcity`, `buildkite` or `none`" {
        /// By environment.
        Auto = "auto",
        /// `::error file=…::`.
        GitHub = "github",
        /// `##teamcity[…]`.
        TeamCity = "teamcity",
        /// `buildkite-agent annotate` text.
        Buildkite = "buildkite",
        /// None.
        None = "none",
    }
}

words! {
    /// The format of a report file.
    ReportFormat, "`json`, `jsonl`, `junit`, `sarif`, `gitlab`, `html`, `md` or `pprof`" {
        /// The whole model.
        Json = "json",
        /// One finding a line.
        Jsonl = "jsonl",
        /// JUnit XML.
        Junit = "junit",
        /// SARIF 2.1.0.
        Sarif = "sarif",
        /// GitLab Code Quality.
        Gitlab = "gitlab",
        /// One self-contained page.
        Html = "html",
        /// Markdown.
        Md = "md",
        /// Gzipped pprof profile.
        Pprof = "pprof",
    }
}

words! {
    /// What to do with catalog entries that were not checked against the real library.
    Unchecked, "`hint` or `act`" {
        /// They only explain; they silence nothing.
        Hint = "hint",
        /// They act as the checked ones do.
        Act = "act",
    }
}
