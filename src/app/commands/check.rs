//! `leakgate check`: a saved log of `go test -json` that was made with the shim. Edge: reads it.

use crate::app::Failure;
use crate::app::output::ci::Ci;
use crate::app::output::outputs::Outputs;
use crate::app::output::screen::{self, Screen};
use crate::app::project::config::Config;
use crate::app::project::ground::Ground;
use crate::app::project::repository;
use crate::app::project::rules_file::working_folder;
use crate::app::run::ending::Ending;
use crate::app::run::judge::judge;
use crate::app::store::reading;
use crate::cli::tools::CheckArgs;
use crate::events::{Line, parse};
use crate::exit::ExitCode;
use crate::gate::Gate;
use crate::gate::stream::TestJsonStream;
use crate::gotest::CacheDir;
use crate::gotest::cache::CacheEnv;
use crate::report::Run;
use jiff::Timestamp;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

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
    let mut clock = LogClock::default();
    for file in &args.files {
        read(file, &mut gate, &mut clock)?;
    }
    let gathered = gate.finish()?;
    screen.live.finish();
    if gathered.events == 0 {
        let names: Vec<_> = args.files.iter().map(|file| file.display().to_string()).collect();
        return Err(Failure::Message(format!(
            "no test event in {}: `check` reads what `go test -json` prints",
            names.join(", ")
        )));
    }
    let run = Run {
        command: std::env::args().skip(1).collect(),
        go_version: String::new(),
        started: clock.first.unwrap_or_default().to_string(),
        elapsed_ms: clock.elapsed_ms(),
        not_full: Some("a log does not tell which tests were left out".to_owned()),
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
        Vec::new(),
        &screen::policy(&config, &args.gate),
        outputs,
    )
}

#[expect(clippy::disallowed_methods, reason = "this is the edge that reads logs")]
fn read(file: &Path, gate: &mut Gate<'_>, clock: &mut LogClock) -> Result<(), Failure> {
    let name = file.display();
    let mut reader: Box<dyn BufRead> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let log = std::fs::File::open(file)
            .map_err(|error| Failure::Message(format!("can't read {name}: {error}")))?;
        Box::new(BufReader::with_capacity(256 << 10, log))
    };
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = (&mut reader)
            .take(reading::LINE)
            .read_until(b'\n', &mut line)
            .map_err(|error| Failure::Message(format!("can't read {name}: {error}")))?;
        if count == 0 {
            return Ok(());
        }
        clock.see(&line);
        gate.line(&line)?;
    }
}

/// When the logged run began and ended, by the events of its packages.
#[derive(Debug, Default)]
struct LogClock {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl LogClock {
    fn see(&mut self, line: &[u8]) {
        // Events of tests lie between those of their package.
        if self.first.is_some() && memchr::memmem::find(line, b"\"Test\":").is_some() {
            return;
        }
        let Line::Event(event) = parse(line) else { return };
        if let Some(time) = event.time.and_then(|time| time.parse().ok()) {
            self.first.get_or_insert(time);
            self.last = Some(time);
        }
    }

    fn elapsed_ms(&self) -> u64 {
        let span = self
            .first
            .zip(self.last)
            .map(|(first, last)| last.as_millisecond() - first.as_millisecond());
        span.and_then(|span| u64::try_from(span).ok()).unwrap_or_default()
    }
}
