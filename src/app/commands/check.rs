//! `leakgate check`: saved logs of tests that ran with the shim, and those of a `bazel test`.

use crate::app::Failure;
use crate::app::output::ci::Ci;
use crate::app::output::outputs::Outputs;
use crate::app::output::screen::{self, Screen};
use crate::app::project::config::Config;
use crate::app::project::ground::Ground;
use crate::app::project::repository;
use crate::app::project::rules_file::working_folder;
use crate::app::run::bazel::BazelRun;
use crate::app::run::ending::Ending;
use crate::app::run::judge::judge;
use crate::app::run::log::{LogReader, Origin};
use crate::cli::tools::CheckArgs;
use crate::events::framed::Exited;
use crate::exit::ExitCode;
use crate::gate::Gate;
use crate::gate::stream::TestJsonStream;
use crate::gotest::CacheDir;
use crate::gotest::cache::CacheEnv;
use crate::report::Run;

/// Runs the verb.
pub fn run(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let dir = working_folder()?;
    let config = Config::load(&args.gate, &dir)?;
    let mut outputs = Outputs::open(&config.settings, &dir)?;
    let root = repository::root(&dir);
    let screen = Screen::new(&config, None, Ci::look(&config.settings, root, &dir));
    screen.begin();
    let judge = judge(&config, &Ground::above(&dir), &dir)?;
    let mut gate = Gate::new(
        &judge,
        TestJsonStream::new(screen.sinks(&mut outputs)),
        &screen.live,
        screen.detail,
    );
    let mut logs = LogReader::default();
    let origin = Origin {
        package: args.package.clone(),
        exited: Exited::Unknown,
        elapsed_ms: None,
    };
    for file in &args.files {
        logs.feed(file, &origin, &mut gate)?;
    }
    let mut bazel = args.bep.as_deref().map(BazelRun::read).transpose()?;
    if let Some(bazel) = &mut bazel {
        bazel.feed(&mut logs, &mut gate)?;
    }
    let mut gathered = gate.finish()?;
    screen.live.finish();
    let not_full = match &bazel {
        Some(bazel) if args.files.is_empty() => bazel.not_full(),
        _ => Some("a log does not tell which tests were left out".to_owned()),
    };
    let notices = bazel
        .map(|bazel| bazel.complete(&mut gathered))
        .unwrap_or_default();
    if gathered.events == 0 && gathered.packages.is_empty() {
        let names: Vec<_> = args
            .files
            .iter()
            .chain(&args.bep)
            .map(|file| file.display().to_string())
            .collect();
        return Err(Failure::Message(format!(
            "no test event in {}: `check` reads what `go test -json` prints, and what a test binary prints with \
             -test.v=test2json",
            names.join(", ")
        )));
    }
    let run = Run {
        command: std::env::args().skip(1).collect(),
        go_version: String::new(),
        started: logs.started().to_string(),
        elapsed_ms: logs.elapsed_ms(),
        not_full,
        partial: None,
        shard: None,
        module: judge.main_module(),
        repository: repository::find(root),
    };
    let cache = CacheDir::open(&CacheEnv::from_process())?;
    let ending = Ending {
        config: &config,
        judge: &judge,
        screen: &screen,
        cache: &cache,
        work: &dir,
    };
    ending.close(
        gathered,
        run,
        notices,
        &screen::policy(&config, &args.gate),
        outputs,
    )
}
