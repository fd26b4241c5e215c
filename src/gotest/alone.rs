//! The arguments that run one test of one package alone, or some of them. Pure.

use super::GoArgs;
use crate::leak::TestName;
use std::collections::{BTreeSet, HashSet};
use std::ffi::OsString;

/// Flags that choose tests, or write files that the whole run has written already.
const DROPPED: [&str; 22] = [
    "json",
    "v",
    "run",
    "skip",
    "count",
    "cpu",
    "parallel",
    "bench",
    "benchtime",
    "benchmem",
    "fuzz",
    "fuzztime",
    "shuffle",
    "failfast",
    "coverprofile",
    "cpuprofile",
    "memprofile",
    "blockprofile",
    "mutexprofile",
    "trace",
    "outputdir",
    "o",
];

/// In which order tests run that are parallel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// One after the other. A suite of ginkgo refuses the flag that says so.
    OneByOne,
    /// As go chooses.
    Any,
}

impl GoArgs {
    /// The user's arguments, but for `test` of `package` alone, `count` times in one process.
    pub fn alone(&self, package: &str, test: &str, count: u32) -> Vec<OsString> {
        let choice = if test.starts_with("Benchmark") {
            vec![
                "-run=^$".into(),
                format!("-bench={}", exactly(test)).into(),
                "-benchtime=1x".into(),
            ]
        } else {
            vec![format!("-run={}", exactly(test)).into()]
        };
        self.only([package], choice, count)
    }

    /// The same for several tests of the top level, with their subtests, in one process.
    pub fn together(&self, package: &str, tests: &[&str], order: Order) -> Vec<OsString> {
        let names: Vec<String> = tests.iter().map(|test| regex::escape(test)).collect();
        let mut choice: Vec<OsString> = vec![format!("-run=^({})$", names.join("|")).into()];
        if order == Order::OneByOne {
            choice.push("-parallel=1".into());
        }
        self.only([package], choice, 1)
    }

    /// The same for tests of several packages, each test wherever it is.
    pub fn just(&self, packages: &BTreeSet<String>, tests: &BTreeSet<String>) -> Vec<OsString> {
        let names: Vec<String> = tests.iter().map(|test| regex::escape(test)).collect();
        let choice = format!("-run=^({})$", names.join("|"));
        self.only(packages, vec![choice.into()], 1)
    }

    /// The user's arguments, with every test run though go has its result in its cache.
    pub fn uncached(&self) -> Vec<OsString> {
        let mut words = self.with_packages(&self.patterns());
        words.insert(self.leading, "-count=1".into());
        words
    }

    fn only<S: AsRef<str>>(
        &self,
        chosen: impl IntoIterator<Item = S>,
        choice: Vec<OsString>,
        count: u32,
    ) -> Vec<OsString> {
        let mut out = self.all[..self.leading].to_vec();
        let mut rest = Vec::new();
        let mut packages: HashSet<&str> = self.packages.iter().map(String::as_str).collect();
        let mut at = self.leading;
        while let Some(arg) = self.all.get(at) {
            let flag = self
                .flags
                .iter()
                .find(|flag| flag.at.is_some_and(|(start, _)| start == at));
            let used = flag.and_then(|flag| flag.at).map_or(1, |(_, used)| used);
            match flag {
                Some(flag) if DROPPED.contains(&flag.name) => {}
                Some(_) => out.extend_from_slice(&self.all[at..at + used]),
                None if rest.is_empty() && arg.to_str().is_some_and(|word| packages.remove(word)) => {}
                // The test's own flags, and all after -args.
                None => rest.push(arg.clone()),
            }
            at += used;
        }
        out.extend(choice);
        out.push(format!("-count={count}").into());
        out.extend(chosen.into_iter().map(|package| package.as_ref().into()));
        out.extend(rest);
        out
    }
}

fn exactly(test: &str) -> String {
    TestName(test.to_owned()).pattern()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gotest::flags::os_args;

    fn alone(args: &[&str], test: &str) -> Vec<String> {
        let parsed = GoArgs::parse(&os_args(args)).unwrap();
        let out = parsed.alone("example.com/p", test, 3);
        out.into_iter().map(|arg| arg.into_string().unwrap()).collect()
    }

    #[test]
    fn build_flags_stay_and_the_choice_of_tests_goes() {
        let args = [
            "-C",
            "dir",
            "-race",
            "-run",
            "Test",
            "-tags=x",
            "-count=1",
            "-shuffle=on",
            "./...",
            "./b",
        ];
        assert_eq!(
            alone(&args, "TestA/case (1)"),
            [
                "-C",
                "dir",
                "-race",
                "-tags=x",
                r"-run=^TestA$/^case \(1\)$",
                "-count=3",
                "example.com/p"
            ]
        );
    }

    #[test]
    fn the_tests_own_flags_stay_behind_the_package() {
        let args = ["-v", "./...", "-integration", "-args", "./...", "-x"];
        assert_eq!(
            alone(&args, "TestA"),
            [
                "-run=^TestA$",
                "-count=3",
                "example.com/p",
                "-integration",
                "-args",
                "./...",
                "-x"
            ]
        );
    }

    #[test]
    fn several_tests_run_together_with_their_subtests() {
        let parsed = GoArgs::parse(&os_args(&["-race", "-parallel=8", "./..."])).unwrap();
        let out = parsed.together("example.com/p", &["TestA", "TestB"], Order::OneByOne);
        let out: Vec<&str> = out.iter().map(|arg| arg.to_str().unwrap()).collect();
        assert_eq!(
            out,
            [
                "-race",
                "-run=^(TestA|TestB)$",
                "-parallel=1",
                "-count=1",
                "example.com/p"
            ]
        );
    }

    #[test]
    fn tests_of_several_packages_are_chosen_by_name() {
        let parsed = GoArgs::parse(&os_args(&["-race", "./..."])).unwrap();
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let out = parsed.just(&set(&["e.x/a", "e.x/b"]), &set(&["TestA", "TestB"]));
        assert_eq!(
            out,
            ["-race", "-run=^(TestA|TestB)$", "-count=1", "e.x/a", "e.x/b"]
        );
    }

    #[test]
    fn the_cache_is_left_out_of_account_unless_the_user_counts() {
        for (given, wanted) in [
            (&[][..], "-count=1 ./..."),
            (&["-race"], "-count=1 . -race"),
            (&["-C", "dir", "./a"], "-C dir -count=1 ./a"),
            (&["-count=3", "./a"], "-count=1 -count=3 ./a"),
        ] {
            let out = GoArgs::parse(&os_args(given)).unwrap().uncached();
            let out: Vec<&str> = out.iter().map(|arg| arg.to_str().unwrap()).collect();
            assert_eq!(out.join(" "), wanted, "the last of a name counts");
        }
    }

    #[test]
    fn a_benchmark_runs_once_per_count() {
        assert_eq!(
            alone(&["-bench=."], "BenchmarkX/n=10"),
            [
                "-run=^$",
                "-bench=^BenchmarkX$/^n=10$",
                "-benchtime=1x",
                "-count=3",
                "example.com/p"
            ]
        );
    }
}
