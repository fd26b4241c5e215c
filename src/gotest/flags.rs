//! The arguments of `go test`, read as go reads them (Go 1.21 to 1.27: `cmd/go/internal/test/testflag.go`).
//!
//! Pure. Nothing is reordered or dropped: arguments are understood in place, so that a plan can change single ones.

use super::GoTestError;
#[cfg(test)]
use std::ffi::OsStr;
use std::ffi::OsString;

/// Flags without a value (`-race`, `-race=false`).
const SWITCHES: &[&str] = &[
    "a",
    "artifacts",
    "asan",
    "benchmem",
    "buildvcs",
    "c",
    "cover",
    "failfast",
    "fullpath",
    "i",
    "json",
    "linkshared",
    "modcacherw",
    "msan",
    "n",
    "race",
    "short",
    "trimpath",
    "v",
    "work",
    "x",
];

/// Flags that take a value, in the same argument or the next.
const VALUED: &[&str] = &[
    "C",
    "asmflags",
    "bench",
    "benchtime",
    "blockprofile",
    "blockprofilerate",
    "buildmode",
    "compiler",
    "count",
    "covermode",
    "coverpkg",
    "coverprofile",
    "cpu",
    "cpuprofile",
    "debug-actiongraph",
    "debug-runtime-trace",
    "debug-trace",
    "exec",
    "fuzz",
    "fuzzminimizetime",
    "fuzztime",
    "gccgoflags",
    "gcflags",
    "installsuffix",
    "ldflags",
    "list",
    "memprofile",
    "memprofilerate",
    "mod",
    "modfile",
    "mutexprofile",
    "mutexprofilefraction",
    "o",
    "outputdir",
    "overlay",
    "p",
    "parallel",
    "pgo",
    "pkgdir",
    "run",
    "shuffle",
    "skip",
    "tags",
    "timeout",
    "toolexec",
    "trace",
    "vet",
];

/// Flags handed to the test binary, which go also knows with the prefix `test.`.
const PASSED: &[&str] = &[
    "artifacts",
    "bench",
    "benchmem",
    "benchtime",
    "blockprofile",
    "blockprofilerate",
    "count",
    "coverprofile",
    "cpu",
    "cpuprofile",
    "failfast",
    "fullpath",
    "fuzz",
    "fuzzminimizetime",
    "fuzztime",
    "list",
    "memprofile",
    "memprofilerate",
    "mutexprofile",
    "mutexprofilefraction",
    "outputdir",
    "parallel",
    "run",
    "short",
    "shuffle",
    "skip",
    "timeout",
    "trace",
    "v",
];

/// A flag of go's, as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Without dashes and `test.`: `run`.
    pub name: &'static str,
    /// `true` for a switch without a value.
    pub value: String,
    /// As the user wrote it: `-run=X`, `-run X`.
    pub written: String,
    /// Where in the arguments, and how many of them; `None` if from GOFLAGS.
    pub at: Option<(usize, usize)>,
}

impl Flag {
    /// The value of a switch, read as Go's `strconv.ParseBool`; `-v=test2json` is on, too.
    pub fn is_on(&self) -> bool {
        !matches!(self.value.as_str(), "0" | "f" | "F" | "false" | "FALSE" | "False")
    }
}

/// The arguments after `go test`, understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoArgs {
    /// As given.
    pub all: Vec<OsString>,
    /// The folder of a leading `-C`.
    pub chdir: Option<OsString>,
    /// How many arguments that `-C` takes.
    pub leading: usize,
    /// GOFLAGS first, then the arguments: the last of a name counts.
    pub flags: Vec<Flag>,
    /// Package patterns and files.
    pub packages: Vec<String>,
    /// Where they are in the arguments.
    packages_at: Vec<usize>,
}

impl GoArgs {
    /// Reads `args` (all that follows `go test`).
    pub fn parse(args: &[OsString]) -> Result<Self, GoTestError> {
        let mut parsed = Self {
            all: args.to_vec(),
            ..Self::default()
        };
        parsed.read_chdir()?;
        let mut at = parsed.leading;
        let mut in_packages = false;
        let mut packages_done = false;
        let mut after_unknown = false;
        while let Some(arg) = args.get(at) {
            let text = arg.to_string_lossy();
            let wanted_value = std::mem::take(&mut after_unknown);
            match Shape::of(&text) {
                Shape::Terminator => break,
                Shape::Bad => return Err(GoTestError::Usage(format!("bad flag syntax: {text}"))),
                Shape::Word if packages_done && !in_packages => {
                    // After the package list a word is the value of an unknown flag, or the rest is the test's own:
                    // https://github.com/golang/go/issues/40763.
                    if !wanted_value {
                        break;
                    }
                    at += 1;
                }
                Shape::Word => {
                    in_packages = true;
                    packages_done = true;
                    parsed.packages.push(text.into_owned());
                    parsed.packages_at.push(at);
                    at += 1;
                }
                Shape::Flag {
                    name: "args",
                    value: None,
                } => break,
                Shape::Flag { name, value } => {
                    in_packages = false;
                    let used = parsed.read_flag(name, value, at)?;
                    packages_done |= used.is_none();
                    after_unknown = used.is_none() && value.is_none();
                    at += used.unwrap_or(1);
                }
            }
        }
        Ok(parsed)
    }

    /// Adds the flags of GOFLAGS, which count less than arguments. Words that `go test` does not know are left to others.
    pub fn with_goflags(mut self, goflags: &str) -> Self {
        let words = split_quoted(goflags);
        let from_env = words.iter().filter_map(|word| {
            let Shape::Flag { name, value } = Shape::of(word) else {
                return None;
            };
            let (name, switch) = known(name)?;
            let value = value.or(switch.then_some("true"))?.to_owned();
            Some(Flag {
                name,
                value,
                written: format!("GOFLAGS={word}"),
                at: None,
            })
        });
        self.flags = from_env.chain(self.flags).collect();
        self
    }

    /// What is tested: the patterns given; `./...`, when nothing is given at all; else the package of the folder.
    pub fn patterns(&self) -> Vec<String> {
        if !self.packages.is_empty() {
            return self.packages.clone();
        }
        vec![
            if self.all.len() == self.leading {
                "./..."
            } else {
                "."
            }
            .to_owned(),
        ]
    }

    /// The arguments with other packages in the place of theirs.
    pub fn with_packages(&self, packages: &[String]) -> Vec<OsString> {
        let first = self.packages_at.first().copied().unwrap_or(self.leading);
        let before = self.all[..first].iter().cloned();
        let after = self.all.iter().enumerate().skip(first);
        let after = after
            .filter(|(at, _)| !self.packages_at.contains(at))
            .map(|(_, arg)| arg.clone());
        before
            .chain(packages.iter().map(OsString::from))
            .chain(after)
            .collect()
    }

    /// The value in force of a flag.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.last(name).map(|flag| flag.value.as_str())
    }

    /// The flag in force of that name.
    pub fn last(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().rev().find(|flag| flag.name == name)
    }

    /// A switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.last(name).is_some_and(Flag::is_on)
    }

    /// go takes `-C` as the first argument only, and as `-C dir` or `-C=dir`.
    fn read_chdir(&mut self) -> Result<(), GoTestError> {
        let Some(first) = self.all.first().and_then(|arg| arg.to_str()) else {
            return Ok(());
        };
        let Shape::Flag { name: "C", value } = Shape::of(first) else {
            return Ok(());
        };
        let (dir, used) = match value {
            Some(dir) => (OsString::from(dir), 1),
            None => match self.all.get(1) {
                Some(dir) => (dir.clone(), 2),
                None => return Err(GoTestError::Usage("flag needs an argument: -C".to_owned())),
            },
        };
        self.chdir = Some(dir);
        self.leading = used;
        Ok(())
    }

    /// How many arguments the flag takes; `None` for one that go does not know.
    fn read_flag(
        &mut self,
        name: &str,
        value: Option<&str>,
        at: usize,
    ) -> Result<Option<usize>, GoTestError> {
        let Some((name, switch)) = known(name) else {
            return Ok(None);
        };
        if name == "C" {
            return Err(GoTestError::Usage(
                "-C flag must be first flag on command line".to_owned(),
            ));
        }
        let (value, used) = match value {
            Some(value) => (value.to_owned(), 1),
            None if switch => ("true".to_owned(), 1),
            None => match self.all.get(at + 1) {
                Some(next) => (next.to_string_lossy().into_owned(), 2),
                None => return Err(GoTestError::Usage(format!("flag needs an argument: -{name}"))),
            },
        };
        let words: Vec<_> = self.all[at..at + used]
            .iter()
            .map(|arg| arg.to_string_lossy())
            .collect();
        self.flags.push(Flag {
            name,
            value,
            written: words.join(" "),
            at: Some((at, used)),
        });
        Ok(Some(used))
    }
}

/// What one argument looks like.
enum Shape<'a> {
    Flag { name: &'a str, value: Option<&'a str> },
    Word,
    Terminator,
    Bad,
}

impl<'a> Shape<'a> {
    fn of(arg: &'a str) -> Self {
        if arg == "--" {
            return Self::Terminator;
        }
        let Some(name) = arg.strip_prefix('-').filter(|name| !name.is_empty()) else {
            return Self::Word;
        };
        let name = name.strip_prefix('-').unwrap_or(name);
        if name.starts_with(['-', '=']) {
            return Self::Bad;
        }
        match name.split_once('=') {
            Some((name, value)) => Self::Flag {
                name,
                value: Some(value),
            },
            None => Self::Flag { name, value: None },
        }
    }
}

/// The table's own name of a flag, and whether it is a switch.
fn known(name: &str) -> Option<(&'static str, bool)> {
    let bare = name
        .strip_prefix("test.")
        .filter(|bare| PASSED.contains(bare))
        .unwrap_or(name);
    let find = |table: &[&'static str]| table.iter().copied().find(|known| *known == bare);
    find(SWITCHES)
        .map(|name| (name, true))
        .or_else(|| find(VALUED).map(|name| (name, false)))
}

/// Whether go or its test binaries know a flag of that name (without dashes).
pub fn is_go_flag(name: &str) -> bool {
    known(name).is_some() || name.starts_with("test.")
}

/// GOFLAGS is split at blanks; a whole word may be quoted with `'` or `"` (`cmd/internal/quoted`).
pub fn split_quoted(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '\'' | '"' => rest[1..].split_once(first).unwrap_or((&rest[1..], "")),
            _ => rest
                .split_once(|c: char| c.is_ascii_whitespace())
                .unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

/// A word as GOFLAGS takes it: in quotes when it holds a blank.
pub fn goflags_word(word: &str) -> String {
    match (
        word.contains(|c: char| c.is_ascii_whitespace() || c == '\'' || c == '"'),
        word.contains('\''),
    ) {
        (false, _) => word.to_owned(),
        (true, false) => format!("'{word}'"),
        (true, true) => format!("\"{word}\""),
    }
}

/// `pattern`, with Go's `...`, matches the import path `path`.
pub fn pattern_matches(pattern: &str, path: &str) -> bool {
    let Some((head, tail)) = pattern.split_once("...") else {
        return pattern == path;
    };
    // `net/...` matches `net`, too.
    if tail.is_empty() && head.strip_suffix('/') == Some(path) {
        return true;
    }
    let Some(rest) = path.strip_prefix(head) else {
        return false;
    };
    tail.is_empty()
        || (0..=rest.len())
            .filter(|at| rest.is_char_boundary(*at))
            .any(|at| pattern_matches(tail, &rest[at..]))
}

/// `args` as OS strings.
#[cfg(test)]
pub(super) fn os_args<S: AsRef<OsStr>>(args: &[S]) -> Vec<OsString> {
    args.iter().map(|arg| arg.as_ref().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> GoArgs {
        GoArgs::parse(&os_args(args)).unwrap()
    }

    fn names(args: &GoArgs) -> Vec<(&str, &str)> {
        args.flags
            .iter()
            .map(|flag| (flag.name, flag.value.as_str()))
            .collect()
    }

    #[test]
    fn flags_and_packages_are_told_apart_in_every_spelling() {
        let args = parse(&[
            "-race", "--run", "TestX", "-count=2", "-test.v", "./a", "./b", "-tags", "x,y",
        ]);
        assert_eq!(
            names(&args),
            [
                ("race", "true"),
                ("run", "TestX"),
                ("count", "2"),
                ("v", "true"),
                ("tags", "x,y")
            ]
        );
        assert_eq!(args.packages, ["./a", "./b"]);
        assert_eq!(args.last("run").unwrap().at, Some((1, 2)));
        assert_eq!(args.last("run").unwrap().written, "--run TestX");
    }

    #[test]
    fn a_switch_takes_its_value_in_the_same_argument_only() {
        let args = parse(&["-race=false", "-short", "false"]);
        assert!(!args.is_on("race") && args.is_on("short"));
        assert_eq!(args.packages, ["false"]);
    }

    #[test]
    fn after_args_nothing_is_a_flag() {
        let args = parse(&["./a", "-args", "-run", "X"]);
        assert_eq!(args.packages, ["./a"]);
        assert!(args.flags.is_empty());
        assert!(parse(&["./a", "--", "-run=X"]).flags.is_empty());
    }

    #[test]
    fn an_unknown_flag_ends_the_package_list_before_it_began() {
        let args = parse(&["-update", "./a", "-run", "X"]);
        assert!(args.packages.is_empty(), "go tests \".\" here");
        assert_eq!(names(&args), [("run", "X")]);
        let args = parse(&["./a", "-golden", "x", "-race", "y", "-short"]);
        assert_eq!(args.packages, ["./a"]);
        assert_eq!(
            names(&args),
            [("race", "true")],
            "y is no flag's value: all after it is the test's own"
        );
        assert!(parse(&["./a", "-golden=x", "y", "-short"]).flags.is_empty());
    }

    #[test]
    fn a_leading_c_is_read_and_any_other_refused() {
        for args in [
            &["-C", "dir", "./..."][..],
            &["-C=dir", "./..."],
            &["--C=dir", "./..."],
        ] {
            let args = parse(args);
            assert_eq!(
                (args.chdir.as_deref(), args.packages.len()),
                (Some(OsStr::new("dir")), 1)
            );
        }
        assert!(GoArgs::parse(&os_args(&["-race", "-C", "dir"])).is_err());
        assert!(GoArgs::parse(&os_args(&["-C"])).is_err());
    }

    #[test]
    fn what_go_calls_a_usage_error_is_one() {
        for args in [&["-run"][..], &["---run"], &["-=x"]] {
            assert!(
                matches!(GoArgs::parse(&os_args(args)), Err(GoTestError::Usage(_))),
                "{args:?}"
            );
        }
    }

    #[test]
    fn other_packages_take_the_place_of_the_given_ones() {
        let with = |args: &[&str]| {
            let words = parse(args).with_packages(&["x".to_owned(), "y".to_owned()]);
            words
                .iter()
                .map(|word| word.to_string_lossy().into_owned())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(with(&[]), "x y");
        assert_eq!(with(&["-C", "d", "-race"]), "-C d x y -race");
        assert_eq!(
            with(&["-race", "./a", "./b", "-run", "X", "-args", "./c"]),
            "-race x y -run X -args ./c"
        );
    }

    #[test]
    fn goflags_count_less_than_arguments() {
        let args = parse(&["-count=1"]).with_goflags("-count=3 '-tags=a b' -mod=vendor -nosuch");
        assert_eq!(args.value("count"), Some("1"));
        assert_eq!(args.value("tags"), Some("a b"));
        assert_eq!(args.value("mod"), Some("vendor"));
        assert_eq!(args.flags.len(), 4);
    }

    #[test]
    fn every_flag_is_in_one_table_and_every_passed_one_is_known() {
        assert!(SWITCHES.iter().all(|name| !VALUED.contains(name)));
        assert!(
            PASSED
                .iter()
                .all(|name| SWITCHES.contains(name) || VALUED.contains(name))
        );
        assert!([SWITCHES, VALUED, PASSED].iter().all(|table| table.is_sorted()));
    }

    #[test]
    fn patterns_match_as_go_matches_them() {
        for pattern in ["...", "testing", "testing/...", "test...", "t...g", "...ing"] {
            assert!(pattern_matches(pattern, "testing"), "{pattern}");
        }
        for pattern in [
            "./...",
            "net/...",
            "testing/quick",
            "example.com/...",
            "test",
            "...x",
        ] {
            assert!(!pattern_matches(pattern, "testing"), "{pattern}");
        }
    }
}
