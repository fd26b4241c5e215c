//! Environment variables that leakgate does not read, although they are meant for it. Pure.

use crate::app::output::post_run::FACTS;
use crate::cli::Cli;
use crate::settings::keys::{KEYS, Key, Scope};
use clap::CommandFactory;
use std::collections::BTreeSet;

/// Begins the name of each variable of leakgate.
const PREFIX: &str = "LEAKGATE_";

/// Read by no flag and no setting: the folder of the cache, and what leakgate hands to the test binary.
const OTHERS: [&str; 2] = ["LEAKGATE_CACHE", "LEAKGATE_SHIM"];

/// Names that fit flags which have no variable, and what does the same.
const IN_PLACE: [(&str, &str); 5] = [
    ("LEAKGATE_QUIET", "LEAKGATE_VERBOSITY=quiet"),
    ("LEAKGATE_VERBOSE", "LEAKGATE_VERBOSITY=verbose"),
    ("LEAKGATE_NO_COLOR", "LEAKGATE_COLOR=never"),
    ("LEAKGATE_NO_CONFIG", "the flag --no-config"),
    ("LEAKGATE_EXIT_ZERO", "LEAKGATE_LEAK_EXIT_CODE=0"),
];

/// Every variable that some verb reads.
fn known() -> BTreeSet<String> {
    let root = Cli::command();
    let mut left = vec![&root];
    let mut known: BTreeSet<String> = OTHERS.map(str::to_owned).into();
    while let Some(command) = left.pop() {
        left.extend(command.get_subcommands());
        let of_flags = command.get_arguments().filter_map(clap::Arg::get_env);
        known.extend(of_flags.map(|name| name.to_string_lossy().into_owned()));
    }
    let keys = KEYS.iter().filter(|key| key.scope != Scope::FileOnly);
    known.extend(keys.map(|key| key.env.to_owned()));
    known
}

/// Those of `names` that begin with `LEAKGATE_` and that leakgate neither reads nor sets.
pub fn unread(names: &[String]) -> Vec<&str> {
    let known = known();
    let ours = names.iter().filter(|name| name.starts_with(PREFIX));
    ours.map(String::as_str)
        .filter(|name| !known.contains(*name) && !FACTS.iter().any(|(fact, _)| fact == name))
        .collect()
}

/// What is wrong with the first of `unread` that leakgate can tell was meant for it. Of other names (a script's
/// `LEAKGATE_VERSION`) nothing is known.
pub fn refused(unread: &[&str]) -> Result<(), String> {
    let known = known();
    match unread.iter().find_map(|name| complaint(name, &known)) {
        Some(complaint) => Err(complaint),
        None => Ok(()),
    }
}

/// What is wrong with a part of the tests that a verb can't take: each machine of a matrix would run all of them.
pub fn idle_shard(verb: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    match lookup("LEAKGATE_SHARD").filter(|part| !part.is_empty() && part != "off") {
        Some(_) => Err(format!(
            "LEAKGATE_SHARD has no effect on `leakgate {verb}`, which does not choose the tests: unset it there, or use `leakgate test`"
        )),
        None => Ok(()),
    }
}

fn complaint(name: &str, known: &BTreeSet<String>) -> Option<String> {
    if let Some((_, meant)) = IN_PLACE.iter().find(|(wrong, _)| *wrong == name) {
        return Some(format!("there is no variable {name}: use {meant}"));
    }
    let of_the_team = |key: &&Key| key.scope == Scope::FileOnly && key.env == name;
    if let Some(key) = KEYS.iter().find(of_the_team) {
        return Some(format!(
            "there is no variable {name}: only leakgate.toml sets `{}`, in its table [{}]",
            key.name, key.table
        ));
    }
    let meant = nearest(name, known)?;
    Some(format!("unknown variable {name}: did you mean {meant}?"))
}

/// Closer than for a flag: any program may have variables of its own with this prefix.
fn nearest<'a>(name: &str, known: &'a BTreeSet<String>) -> Option<&'a str> {
    let most = if name.len() < PREFIX.len() + 8 { 1 } else { 2 };
    let far = known
        .iter()
        .map(|known| (strsim::osa_distance(name, known), known.as_str()));
    far.filter(|(far, _)| *far <= most).min().map(|(_, meant)| meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> String {
        refused(&unread(&[name.to_owned()])).err().unwrap_or_default()
    }

    #[test]
    fn a_variable_that_was_meant_for_leakgate_is_refused() {
        for (name, meant) in [
            ("LEAKGATE_SETTEL", "did you mean LEAKGATE_SETTLE?"),
            ("LEAKGATE_COLOUR", "did you mean LEAKGATE_COLOR?"),
            ("LEAKGATE_JUNIT_FILE", "did you mean LEAKGATE_JUNITFILE?"),
            ("LEAKGATE_REPORTS", "did you mean LEAKGATE_REPORT?"),
            ("LEAKGATE_CONFG", "did you mean LEAKGATE_CONFIG?"),
            (
                "LEAKGATE_ONCE_PERPROCES",
                "did you mean LEAKGATE_ONCE_PER_PROCESS?",
            ),
            ("LEAKGATE_HEADERS", "did you mean LEAKGATE_HEADER?"),
            ("LEAKGATE_CACH", "did you mean LEAKGATE_CACHE?"),
            ("LEAKGATE_QUIET", "use LEAKGATE_VERBOSITY=quiet"),
            (
                "LEAKGATE_REQUIRE",
                "only leakgate.toml sets `require`, in its table [policy]",
            ),
        ] {
            assert!(said(name).contains(meant), "{name}: {}", said(name));
        }
    }

    #[test]
    fn variables_that_are_read_or_belong_to_others_pass() {
        for name in [
            "LEAKGATE_SETTLE",
            "LEAKGATE_SHARD_BY",
            "LEAKGATE_NEW_FROM",
            "LEAKGATE_LEAKED",
            "LEAKGATE_SHIM",
            "LEAKGATE_VERSION",
            "LEAKGATE_BIN",
            "LEAKGATE_PATH",
            "LEAKGATE_TESTS_NEED_ALL",
            "SETTEL",
        ] {
            assert_eq!(said(name), "", "{name}");
        }
    }

    #[test]
    fn a_part_that_can_not_be_taken_is_refused() {
        let set = |value: &'static str| move |_: &str| Some(value.to_owned());
        assert!(
            idle_shard("exec", set("1/3"))
                .unwrap_err()
                .contains("`leakgate exec`")
        );
        assert_eq!(idle_shard("exec", set("off")), Ok(()));
        assert_eq!(idle_shard("run", |_| None), Ok(()));
    }

    #[test]
    fn what_a_post_run_command_gets_is_no_setting() {
        for (name, _) in FACTS {
            assert!(!known().contains(name), "{name}");
        }
    }

    #[test]
    fn each_variable_in_place_of_another_exists() {
        for (wrong, meant) in IN_PLACE {
            assert!(!known().contains(wrong), "{wrong} is read");
            let name = meant.split('=').next().unwrap();
            assert!(
                known().contains(name) || meant.starts_with("the flag "),
                "{meant}"
            );
        }
    }
}
