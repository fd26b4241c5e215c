//! What the CI that runs us gets beside the report: annotations of lines, a step summary, a fence around output that is
//! not ours. Edge: asks the environment, writes to the log, appends to the summary file.

use crate::app::store::environment::lookup;
use crate::gotest::trust;
use crate::report::fence::Fence;
use crate::report::{Format, GithubOptions, MarkdownOptions, RenderOptions, Report, github};
use crate::settings::choices::Annotations;
use crate::settings::{Settings, SummaryTarget};
use std::hash::{BuildHasher, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

/// GitHub refuses a step summary over 1 MiB as a whole.
const GITHUB_SUMMARY: u64 = 1 << 20;

/// What to tell which CI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ci {
    /// Whose annotations; never [`Annotations::Auto`].
    annotations: Annotations,
    summary: Option<PathBuf>,
    summary_limit: u64,
    path_prefix: String,
    /// Our fence; no test can guess its token.
    fence: Fence,
}

impl Ci {
    /// Looks at settings and environment. `root` is the folder that the report's paths are relative to, `dir` the
    /// working folder.
    pub fn look(settings: &Settings, root: &Path, dir: &Path) -> Self {
        Self::of(
            settings.annotations.value,
            &settings.summary.value,
            root,
            dir,
            &lookup,
        )
    }

    fn of(
        annotations: Annotations,
        summary: &SummaryTarget,
        root: &Path,
        dir: &Path,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let is_true = |name: &str| lookup(name).is_some_and(|value| value == "true");
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let annotations = match annotations {
            Annotations::Auto if is_true("GITHUB_ACTIONS") => Annotations::GitHub,
            Annotations::Auto if set("TEAMCITY_VERSION").is_some() => Annotations::TeamCity,
            Annotations::Auto if is_true("BUILDKITE") => Annotations::Buildkite,
            Annotations::Auto => Annotations::None,
            chosen => chosen,
        };
        let (summary, summary_limit) = match summary {
            SummaryTarget::Auto => (set("GITHUB_STEP_SUMMARY").map(PathBuf::from), GITHUB_SUMMARY),
            SummaryTarget::None => (None, 0),
            SummaryTarget::Path(path) => (Some(dir.join(path)), GITHUB_SUMMARY),
        };
        let workspace = set("GITHUB_WORKSPACE").map(PathBuf::from);
        let prefix = workspace
            .as_deref()
            .and_then(|workspace| root.strip_prefix(workspace).ok());
        let path_prefix = prefix
            .map(|prefix| prefix.to_string_lossy().replace('\\', "/"))
            .unwrap_or_default();
        Self {
            annotations,
            summary,
            summary_limit,
            path_prefix,
            fence: fence(),
        }
    }

    /// Whether the log's reader obeys `##teamcity[…]`.
    pub fn is_teamcity(&self) -> bool {
        self.annotations == Annotations::TeamCity
    }

    /// The fence around the output of tests, where the log's reader obeys commands in it.
    pub fn fence(&self) -> Option<Fence> {
        (self.annotations == Annotations::GitHub).then_some(self.fence)
    }

    /// What to print before any output of tests: from here on, no line is a workflow command.
    pub fn begin(&self) -> Option<String> {
        self.fence().map(Fence::begin)
    }

    /// What to print after the last output of tests: the end of the fence, and the annotations.
    pub fn end(&self, report: &Report) -> std::io::Result<Vec<u8>> {
        let mut text = Vec::new();
        match self.annotations {
            Annotations::GitHub => {
                text.extend_from_slice(self.fence.end().as_bytes());
                github::write(report, &mut text, &self.github())?;
            }
            Annotations::TeamCity => {
                text.push(b'\n');
                Format::TeamCity.write(report, &mut text, &RenderOptions::default())?;
            }
            Annotations::Buildkite | Annotations::Auto | Annotations::None => {}
        }
        Ok(text)
    }

    /// The options of the `github` format.
    pub fn github(&self) -> GithubOptions {
        GithubOptions {
            path_prefix: self.path_prefix.clone(),
        }
    }

    /// Writes the step summary, and the Buildkite annotation; an error is reported and does not fail the run.
    pub fn publish(&self, report: &Report) -> Vec<String> {
        let mut trouble = Vec::new();
        if let Some(path) = &self.summary
            && let Err(error) = self.append_summary(path, report)
        {
            trouble.push(format!("can't write the summary to {}: {error}", path.display()));
        }
        if self.annotations == Annotations::Buildkite
            && report.exit_code != 0
            && let Err(error) = annotate_buildkite(report)
        {
            trouble.push(format!("buildkite-agent annotate: {error}"));
        }
        trouble
    }

    fn append_summary(&self, path: &Path, report: &Report) -> std::io::Result<()> {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent)?;
        }
        let mut file = trust::open_in_place(path, std::fs::File::options().create(true).append(true))?;
        let taken = file.metadata()?.len();
        let room = self
            .summary_limit
            .saturating_sub(taken)
            .min(MarkdownOptions::default().limit as u64);
        let options = MarkdownOptions {
            limit: usize::try_from(room).unwrap_or(usize::MAX),
        };
        let mut text = Vec::new();
        crate::report::markdown::write(report, &mut text, &options)?;
        file.write_all(&text)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the agent is asked to show the annotation"
)]
fn annotate_buildkite(report: &Report) -> std::io::Result<()> {
    let style = if report.exit_code == 5 { "warning" } else { "error" };
    let mut agent = std::process::Command::new("buildkite-agent")
        .args(["annotate", "--style", style, "--context", "leakgate"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()?;
    let mut text = Vec::new();
    Format::Buildkite.write(report, &mut text, &RenderOptions::default())?;
    if let Some(mut stdin) = agent.stdin.take() {
        stdin.write_all(&text)?;
    }
    let status = agent.wait()?;
    if status.success() {
        Ok(())
    } else {
        Err(std::io::Error::other(status.to_string()))
    }
}

/// Text for people, which may hold output of tests, as GitHub's log may have it: no line of it is a workflow command.
pub fn fenced(text: Vec<u8>) -> Vec<u8> {
    if lookup("GITHUB_ACTIONS").is_none_or(|value| value != "true") {
        return text;
    }
    let fence = fence();
    [fence.begin().into_bytes(), text, fence.end().into_bytes()].concat()
}

/// 128 bits that the tests of this run can't know: the standard library seeds its hash keys from the system.
fn fence() -> Fence {
    let half = || {
        std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish()
    };
    Fence::new(u128::from(half()) << 64 | u128::from(half()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ci(annotations: Annotations, variables: &[(&str, &str)]) -> Ci {
        let lookup = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Ci::of(
            annotations,
            &SummaryTarget::Auto,
            Path::new("/w/repo/go"),
            Path::new("/w/repo/go/x"),
            &lookup,
        )
    }

    #[test]
    fn the_environment_decides() {
        let github = ci(
            Annotations::Auto,
            &[
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_WORKSPACE", "/w/repo"),
                ("GITHUB_STEP_SUMMARY", "/tmp/s"),
            ],
        );
        assert_eq!(
            (github.annotations, github.path_prefix.as_str()),
            (Annotations::GitHub, "go")
        );
        assert_eq!(github.summary.as_deref(), Some(Path::new("/tmp/s")));
        let begin = github.begin().unwrap();
        assert!(begin.starts_with("::stop-commands::leakgate-") && begin.trim_end().len() > 45);
        assert_eq!(
            ci(Annotations::Auto, &[("TEAMCITY_VERSION", "2026.1")]).annotations,
            Annotations::TeamCity
        );
        assert_eq!(
            ci(Annotations::Auto, &[("BUILDKITE", "true")]).annotations,
            Annotations::Buildkite
        );
        assert_eq!(ci(Annotations::Auto, &[]).annotations, Annotations::None);
        assert_eq!(ci(Annotations::None, &[("GITHUB_ACTIONS", "true")]).begin(), None);
    }

    #[test]
    fn tokens_differ() {
        assert_ne!(fence(), fence());
    }
}
