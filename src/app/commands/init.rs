//! `leakgate init`: a commented `leakgate.toml`, and CI snippets.

use crate::app::Failure;
use crate::app::output::say::say;
use crate::app::project::here::Project;
use crate::app::project::team_file::TeamFile;
use crate::cli::project::{Ci, InitArgs};
use crate::exit::ExitCode;
use crate::settings::template::template;

/// Runs the verb.
pub fn run(args: &InitArgs) -> Result<ExitCode, Failure> {
    let dir = Project::here()?.dir;
    let file = TeamFile::at(dir.join(&args.path), &dir);
    file.change(|_| {
        if file.text()?.is_some() {
            return Err(Failure::Message(format!(
                "{} already exists; nothing was written",
                file.name
            )));
        }
        Ok(template())
    })?;
    say(&format!(
        "wrote {}: every key with its default, all commented out\n",
        file.name
    ))?;
    if let Some(ci) = args.ci {
        let (name, text) = job(ci);
        say(&format!("\nThe job, for {name}:\n\n{text}"))?;
    }
    Ok(ExitCode::Clean)
}

/// A whole job, tried by a test, with the name of the file it belongs in.
fn job(ci: Ci) -> (&'static str, &'static str) {
    match ci {
        Ci::Github => (
            ".github/workflows/goroutine-leaks.yml",
            include_str!("../../../examples/ci/github/gate.yml"),
        ),
        Ci::Gitlab => (
            ".gitlab-ci.yml",
            include_str!("../../../examples/ci/gitlab/.gitlab-ci.yml"),
        ),
        Ci::Jenkins => (
            "Jenkinsfile",
            include_str!("../../../examples/ci/jenkins/Jenkinsfile"),
        ),
        Ci::PreCommit => (
            ".pre-commit-config.yaml",
            include_str!("../../../examples/ci/pre-commit/.pre-commit-config.yaml"),
        ),
    }
}
