//! The tests of one `bazel test`, found through its build events. Edge: reads the files that they name.

use crate::app::Failure;
use crate::app::run::log::{Held, LogReader, Origin};
use crate::app::store::reading;
use crate::diag::Code;
use crate::events::bep::{self, BuildEvents, TestRun};
use crate::events::framed::Exited;
use crate::gate::{Gate, Gathered};
use crate::package_path::PackagePath;
use crate::report::{Inconclusive, Notice, PackageReport, PackageStatus};
use std::path::{Path, PathBuf};

/// A build event file, read, and what its logs lacked.
pub struct BazelRun {
    events: BuildEvents,
    missing: Vec<(TestRun, Inconclusive)>,
    left_out: usize,
}

impl BazelRun {
    /// Reads the build events in `file`.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let name = file.display();
        let bytes = reading::whole(file, reading::BASELINE)
            .map_err(|error| Failure::Message(format!("can't read {name}: {error}")))?;
        let events = bep::read(&String::from_utf8_lossy(&bytes))
            .map_err(|error| Failure::Message(format!("{name}: {error}")))?;
        if events.runs.is_empty() {
            return Err(Failure::Message(format!(
                "{name} names no test result: it must come from `bazel test --build_event_json_file={name}`"
            )));
        }
        Ok(Self {
            events,
            missing: Vec::new(),
            left_out: 0,
        })
    }

    /// Feeds the log of every Go test to the gate.
    pub fn feed(&mut self, reader: &mut LogReader, gate: &mut Gate<'_>) -> Result<(), Failure> {
        for run in self.events.runs.clone() {
            if !run.may_be_go() {
                self.left_out += 1;
                continue;
            }
            let log = match local(run.log.as_deref()) {
                Ok(log) => log,
                Err(inconclusive) => {
                    self.missing.push((run, inconclusive));
                    continue;
                }
            };
            let origin = Origin {
                package: Some(run.label.clone()),
                exited: if run.passed() { Exited::Well } else { Exited::Badly },
                elapsed_ms: Some(run.elapsed_ms),
            };
            match reader.feed(&log, &origin, gate) {
                Ok(Held::Tests) => {}
                Ok(Held::Judged) => {
                    let inconclusive = judged(&log);
                    self.missing.push((run, inconclusive));
                }
                Ok(Held::Text) if run.kind.is_none() => self.left_out += 1,
                Ok(Held::Text) => self.missing.push((run, unframed())),
                Err(failure) => self.missing.push((run, unreadable(&failure))),
            }
        }
        Ok(())
    }

    /// Adds the targets without a log, and joins the shards and runs of a target into one package.
    pub fn complete(self, gathered: &mut Gathered) -> Vec<Notice> {
        for (run, inconclusive) in &self.missing {
            gathered.packages.push(PackageReport {
                path: PackagePath(run.label.clone()),
                status: if run.passed() {
                    PackageStatus::Passed
                } else {
                    PackageStatus::Failed
                },
                cached: run.cached,
                elapsed_ms: run.elapsed_ms,
                inconclusive: Some(inconclusive.clone()),
                tests: Vec::new(),
                samples: Vec::new(),
                settle_ms: 0,
                output: String::new(),
            });
        }
        join_parts(&mut gathered.packages);
        for package in &mut gathered.packages {
            let mut runs = self.events.runs.iter().filter(|run| run.label == package.path.0);
            package.cached |= runs.all(|run| run.cached);
        }
        let left_out = self.left_out;
        let plural = if left_out == 1 { "target is" } else { "targets are" };
        (left_out > 0)
            .then(|| {
                Notice::note(
                    Code::NotGo,
                    format!("{left_out} test {plural} not a Go test: leakgate left them out"),
                )
            })
            .into_iter()
            .collect()
    }

    /// Why this was not a run of all tests of the workspace, if it was not.
    pub fn not_full(&self) -> Option<String> {
        if !self.events.complete {
            return Some("the build events end early".to_owned());
        }
        if self.events.filtered {
            return Some("--test_filter was given".to_owned());
        }
        let all = self.events.patterns.iter().any(|pattern| pattern == "//...");
        (!all).then(|| "bazel test was not run on //...".to_owned())
    }
}

/// Shards and repetitions of one target are one package, in parts.
fn join_parts(packages: &mut Vec<PackageReport>) {
    let mut joined: Vec<PackageReport> = Vec::new();
    for part in packages.drain(..) {
        match joined.iter_mut().find(|package| package.path == part.path) {
            None => joined.push(part),
            Some(package) => {
                package.status = package.status.max(part.status);
                package.cached &= part.cached;
                package.elapsed_ms += part.elapsed_ms;
                package.settle_ms += part.settle_ms;
                package.inconclusive = package.inconclusive.take().or(part.inconclusive);
                package.tests.extend(part.tests);
                package.output.push_str(&part.output);
            }
        }
    }
    *packages = joined;
}

/// The local file of a log.
fn local(uri: Option<&str>) -> Result<PathBuf, Inconclusive> {
    let uri = uri.ok_or_else(|| Inconclusive {
        code: Code::NoLog.into(),
        reason: "the build events name no test.log for it".to_owned(),
        remedy: "run bazel test again without --build_event_json_file filters".to_owned(),
        running: Vec::new(),
        left: Vec::new(),
    })?;
    let path = uri.strip_prefix("file://").ok_or_else(|| Inconclusive {
        code: Code::NoLog.into(),
        reason: format!("its log was left on a remote server ({uri})"),
        remedy: "give bazel --remote_download_outputs=toplevel or --remote_download_regex='.*/test.log'"
            .to_owned(),
        running: Vec::new(),
        left: Vec::new(),
    })?;
    Ok(PathBuf::from(percent_decoded(path)))
}

/// `%20` → space, as in every URI.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = (*first == b'%').then(|| tail.get(..2)).flatten();
        let code = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The test ran under `leakgate run`, whose reports lie beside the log.
fn judged(log: &Path) -> Inconclusive {
    let report = log.with_file_name("test.outputs").join("leakgate.json");
    Inconclusive {
        code: Code::JudgedAlready.into(),
        reason: "`leakgate run` has judged it inside its action: its log holds that report, and no records"
            .to_owned(),
        remedy: format!(
            "for one report of all targets, `leakgate merge` the report of each ({}; bazel --nozip_undeclared_test_outputs \
             leaves it unzipped), or run bazel test without --run_under",
            report.display()
        ),
        running: Vec::new(),
        left: Vec::new(),
    }
}

fn unframed() -> Inconclusive {
    Inconclusive {
        code: Code::NoRecord.into(),
        reason: "its log holds no events: the test binary was not asked for them".to_owned(),
        remedy: "give bazel --test_arg=-test.v=test2json, and a Go SDK with the shim in it".to_owned(),
        running: Vec::new(),
        left: Vec::new(),
    }
}

fn unreadable(failure: &Failure) -> Inconclusive {
    Inconclusive {
        code: Code::NoLog.into(),
        reason: format!("its log is gone ({failure})"),
        remedy: "run leakgate check before the next bazel command replaces the logs".to_owned(),
        running: Vec::new(),
        left: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_uri_is_a_path_and_any_other_is_inconclusive() {
        assert_eq!(
            local(Some("file:///a%20b/test.log")).unwrap(),
            PathBuf::from("/a b/test.log")
        );
        assert_eq!(local(Some("file:///100%/x")).unwrap(), PathBuf::from("/100%/x"));
        let remote = local(Some("bytestream://cache/blobs/x/3")).unwrap_err();
        assert!(remote.remedy.contains("--remote_download"), "{remote}");
    }
}
