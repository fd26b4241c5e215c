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
                "{} is there already; it is left as it is",
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
        say(&format!("\n{}", snippet(ci)))?;
    }
    Ok(ExitCode::Clean)
}

fn snippet(ci: Ci) -> &'static str {
    match ci {
        Ci::Github => {
            "# .github/workflows/test.yml\n\
             - uses: actions/setup-go@v5\n\
             - run: leakgate test --junitfile junit.xml --report sarif=leaks.sarif -race ./...\n\
             - uses: github/codeql-action/upload-sarif@v3\n  \
               if: ${{ !cancelled() }}\n  \
               with: { sarif_file: leaks.sarif, category: goroutine-leaks }\n"
        }
        Ci::Gitlab => {
            "# .gitlab-ci.yml\n\
             leaks:\n  \
               script: [ \"leakgate test --junitfile junit.xml --report gitlab=gl-leaks.json -race ./...\" ]\n  \
               artifacts: { when: always, reports: { junit: junit.xml, codequality: gl-leaks.json } }\n"
        }
        Ci::Jenkins => {
            "// Jenkinsfile\n\
             stage('Leaks') {\n  \
               steps { sh 'leakgate test --junitfile junit.xml -race ./...' }\n  \
               post { always { junit 'junit.xml' } }\n\
             }\n"
        }
        Ci::PreCommit => {
            "# .pre-commit-config.yaml\n\
             - repo: local\n  \
               hooks:\n    \
                 - { id: leakgate-allow-lint, name: check leakgate.toml, entry: leakgate allow lint, language: system, files: '(^|/)\\.?leakgate\\.toml$', pass_filenames: false }\n"
        }
    }
}
