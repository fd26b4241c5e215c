//! Facts about this machine and folder: which Go, which cache, does the shim take effect. Nothing is judged beyond that.

use super::cache::CacheEnv;
use super::go_version::{NEWEST_TRIED, OLDEST};
use super::shim::HARNESS;
use super::{
    CacheDir, ChildCommand, GoArgs, GoTestError, GoTestPlan, Overlay, PlanRequest, SignalWatch, Stream,
    Toolchain, run,
};
use crate::events::{Line, parse};
use crate::evidence::{Blindness, Evidence, Proof, decode};
use crate::leak::attribution::labels;
use crate::wire::Reassembler;
use std::ffi::{OsStr, OsString};
use std::ops::ControlFlow;
use std::path::Path;

/// How a fact looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Good,
    /// Works, with a limit.
    Limited,
    /// The gate can't work.
    Bad,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What was looked at: `go`, `version`, `module`, `goflags`, `cache`, `overlay`, `trial`, `canary`, `labels`, `proof`.
    pub subject: &'static str,
    /// How it looks.
    pub level: Level,
    /// What was found, one sentence.
    pub found: String,
    /// What to do about it, one sentence; go's own words may follow.
    pub remedy: Option<String>,
}

impl Fact {
    fn good(subject: &'static str, found: String) -> Self {
        Self {
            subject,
            level: Level::Good,
            found,
            remedy: None,
        }
    }

    fn limited(subject: &'static str, found: String, remedy: &str) -> Self {
        Self {
            subject,
            level: Level::Limited,
            found,
            remedy: Some(remedy.to_owned()),
        }
    }

    fn bad(subject: &'static str, found: String, remedy: &str) -> Self {
        Self {
            subject,
            level: Level::Bad,
            found,
            remedy: Some(remedy.to_owned()),
        }
    }
}

/// Looks at everything that `leakgate test` in `dir` needs, down to a leak in a small module of its own. The first
/// bad fact ends the examination: what follows depends on it.
pub fn examine(go: &OsStr, dir: &Path, cache: &CacheEnv, signals: &SignalWatch) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Err((subject, error)) = examine_until_bad(go, dir, cache, signals, &mut facts) {
        facts.push(Fact {
            subject,
            level: Level::Bad,
            found: error.to_string(),
            remedy: None,
        });
    }
    facts
}

type Failed = (&'static str, GoTestError);

fn examine_until_bad(
    go: &OsStr,
    dir: &Path,
    cache: &CacheEnv,
    signals: &SignalWatch,
    facts: &mut Vec<Fact>,
) -> Result<(), Failed> {
    let cache = CacheDir::open(cache).map_err(|error| ("cache", error))?;
    let toolchain = Toolchain::discover(go, dir, &cache).map_err(|error| ("go", error))?;
    facts.push(Fact::good(
        "go",
        format!("{} in {}", toolchain.version, toolchain.env.goroot.display()),
    ));
    facts.push(version(&toolchain));
    facts.push(match toolchain.env.module_root() {
        Some(root) => Fact::good("module", format!("the module in {}", root.display())),
        None => Fact::limited(
            "module",
            "no go.mod here or above".to_owned(),
            "run leakgate inside of a Go module",
        ),
    });
    if !toolchain.env.goflags.is_empty() {
        facts.push(Fact::good(
            "goflags",
            format!("GOFLAGS={}", toolchain.env.goflags),
        ));
    }
    let place = cache.root().display();
    facts.push(if let Some(why) = cache.fallback() {
        let found = format!("there is none that lasts ({why}); {place} serves for a run");
        Fact::limited(
            "cache",
            found,
            "set LEAKGATE_CACHE to a folder that can be written",
        )
    } else {
        Fact::good("cache", format!("{place} can be written"))
    });
    let overlay =
        Overlay::build(&toolchain, HARNESS, None, dir, &cache).map_err(|error| ("overlay", error))?;
    facts.push(Fact::good(
        "overlay",
        format!("every anchor was found once; {}", overlay.path.display()),
    ));
    let trial = Trial::run(&toolchain, &overlay, signals).map_err(|error| ("trial", error))?;
    trial.read(&toolchain, facts);
    Ok(())
}

fn version(toolchain: &Toolchain) -> Fact {
    let version = &toolchain.version;
    let through = if toolchain.through_link {
        ", run through a link (it is in the module cache)"
    } else {
        ""
    };
    if version.minor > NEWEST_TRIED {
        let found = format!(
            "{version} is newer than all that leakgate was tried on (1.{OLDEST} to 1.{NEWEST_TRIED})"
        );
        return Fact::limited(
            "version",
            found,
            "watch the facts below, or look for a newer leakgate",
        );
    }
    if !version.vet_sees_overlay() {
        let found = format!(
            "{version} works{through}; go vet is off during the tests, because it can't read the shim"
        );
        return Fact::limited(
            "version",
            found,
            "run `go vet ./...` as a step of its own, or use Go 1.24 or newer",
        );
    }
    Fact::good("version", format!("{version} works{through}"))
}

const TRIAL_MOD: &str = "module leakgate.example/trial\n\ngo 1.21\n";
const TRIAL_TEST: &str = r#"package trial

import "testing"

func TestLeak(t *testing.T) {
	begun := make(chan bool)
	go func() {
		begun <- true
		<-make(chan bool)
	}()
	<-begun
}
"#;

/// `go test` of one leaking test.
struct Trial {
    passed: bool,
    evidence: Option<Evidence>,
    said_hello: bool,
    output: String,
}

impl Trial {
    #[expect(
        clippy::disallowed_methods,
        reason = "edge: a module of our own in a temporary folder"
    )]
    fn run(toolchain: &Toolchain, overlay: &Overlay, signals: &SignalWatch) -> Result<Self, GoTestError> {
        let folder = tempfile::tempdir().map_err(GoTestError::Process)?;
        std::fs::write(folder.path().join("go.mod"), TRIAL_MOD).map_err(GoTestError::Process)?;
        std::fs::write(folder.path().join("trial_test.go"), TRIAL_TEST).map_err(GoTestError::Process)?;
        let args = GoArgs::parse(&[OsString::from("-count=1"), OsString::from(".")])?;
        let request = PlanRequest {
            dir: folder.path().to_owned(),
            ..PlanRequest::default()
        };
        let plan = GoTestPlan::new(&args, toolchain, overlay, &request)?;
        let mut command = ChildCommand::from(&plan);
        // The very toolchain of the user's folder, without what is set for the user's module.
        command.program = toolchain.goroot.join("bin/go");
        for (name, value) in [("GOFLAGS", ""), ("GOWORK", "off"), ("GOTOOLCHAIN", "local")] {
            command.env.push((name.to_owned(), value.into()));
        }
        command
            .env
            .push(("GOROOT".to_owned(), toolchain.goroot.clone().into()));
        let (mut records, mut output) = (Reassembler::new(), String::new());
        let end = run(&command, signals, &mut |line| {
            match parse(line.bytes) {
                Line::Event(event) if line.stream == Stream::Stdout => {
                    output.push_str(&records.push(event.output.as_deref().unwrap_or_default()));
                }
                _ => output.push_str(&String::from_utf8_lossy(line.bytes)),
            }
            ControlFlow::Continue(())
        })?;
        let said_hello = records.said_hello();
        let told = records.finish();
        let told = told
            .candidates
            .iter()
            .flat_map(|process| process.runs.iter().map(move |run| (process, run)));
        let evidence = told.filter_map(|(process, run)| decode(process, run).ok()).next();
        Ok(Self {
            passed: end.status.success(),
            evidence,
            said_hello,
            output,
        })
    }

    fn read(&self, toolchain: &Toolchain, facts: &mut Vec<Fact>) {
        if !self.passed {
            let found = format!(
                "a small module of leakgate's own can't be tested; go says:\n{}",
                self.output.trim()
            );
            facts.push(Fact::bad(
                "trial",
                found,
                "make plain `go test` work with this Go first",
            ));
            return;
        }
        let Some(evidence) = &self.evidence else {
            let hello = if self.said_hello {
                "said hello and told nothing"
            } else {
                "said nothing"
            };
            let found = format!("the test ran, and the shim in it {hello}");
            facts.push(Fact::bad(
                "trial",
                found,
                "the overlay did not take effect: report this with the version of go",
            ));
            return;
        };
        facts.push(Fact::good(
            "trial",
            "a test with a leak was built and run with the shim".to_owned(),
        ));
        facts.push(if evidence.blind.contains(&Blindness::CanaryMissing) {
            let found = "the goroutine that must be seen was not seen".to_owned();
            Fact::bad("canary", found, "report this with the version of go")
        } else {
            Fact::good("canary", "the goroutine that must be seen was seen".to_owned())
        });
        let leaked = evidence
            .sightings
            .iter()
            .find(|sighting| sighting.gone_by.is_none());
        facts.push(
            match leaked.map(|sighting| labels::resolve(evidence).get(&sighting.id).copied()) {
                Some(Some(_)) => Fact::good("labels", "the leak carries the label of its test".to_owned()),
                Some(None) => Fact::limited(
                    "labels",
                    "the leak was seen without the label of its test".to_owned(),
                    "leaks are attributed by lineage and time instead",
                ),
                None => Fact::bad(
                    "labels",
                    "the leak was not seen".to_owned(),
                    "report this with the version of go",
                ),
            },
        );
        facts.push(match leaked.map(|sighting| sighting.proof) {
            Some(Proof::Proven) => Fact::good("proof", "Go's leak GC proved the leak".to_owned()),
            _ if toolchain.version.proof_is_experiment() => Fact::limited(
                "proof",
                "this Go proves leaks only on request".to_owned(),
                "give --prove (std is compiled once again), or use Go 1.27",
            ),
            _ => Fact::limited(
                "proof",
                "this Go has no leak GC".to_owned(),
                "use Go 1.27 for proven leaks",
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_go_is_the_only_fact() {
        let keep = tempfile::tempdir().unwrap();
        let cache = CacheEnv {
            leakgate_cache: Some(keep.path().into()),
            ..CacheEnv::default()
        };
        let facts = examine(
            OsStr::new("no-such-go"),
            keep.path(),
            &cache,
            &SignalWatch::none(),
        );
        assert_eq!(facts.len(), 1);
        assert_eq!((facts[0].subject, facts[0].level), ("go", Level::Bad));
    }
}
