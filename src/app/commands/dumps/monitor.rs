//! `leakgate monitor`: a running service's goroutines, sampled: which of them grow.

use super::diff::verdict;
use super::input::{self, Given, agent, limits};
use super::judging::{Judging, against, filters, selected};
use crate::app::Failure;
use crate::app::output::say::print;
use crate::cli::dumps::MonitorArgs;
use crate::dumps::compare::{Comparison, Snapshot, compare, sparkline, write};
use crate::dumps::judge::Judged;
use crate::dumps::{Kind, read};
use crate::exit::ExitCode;
use crate::fetch::{Address, FetchError, Limits};
use crate::gotest::group::{self, Outside, number};
use crate::report::safe_text::safe_text;
use crate::report::words::plural;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Samples that may fail one after the other: then the service is gone.
const MAX_FAILURES: usize = 3;
/// How often to check for an interrupt.
const LOOK: Duration = Duration::from_millis(50);

/// Runs the verb.
pub fn run(args: &MonitorArgs) -> Result<ExitCode, Failure> {
    if args.every.is_zero() {
        return Err(Failure::Message("--every must be longer than 0".to_owned()));
    }
    if let Some(url) = &args.url {
        // What is no address now is none at the next look.
        Address::parse(url).map_err(FetchError::from)?;
    }
    let known = args.against.as_deref().map(against).transpose()?;
    let mut watch = Watch::new(args)?;
    watch.all();
    let Watch {
        snapshots,
        failures,
        last,
        profiled,
        interrupted,
        ..
    } = watch;
    if snapshots.len() < 2 {
        let why = failures
            .first()
            .cloned()
            .unwrap_or_else(|| "it was interrupted".to_owned());
        return Err(Failure::Message(format!(
            "{} taken, and growth needs two: {why}",
            plural(snapshots.len() as u64, "sample")
        )));
    }
    let mut comparison = compare(&snapshots, args.by);
    if let Some(first) = failures.first() {
        let missing = format!("{} failed: {first}", plural(failures.len() as u64, "sample"));
        comparison.incomplete.push(missing);
    }
    comparison.against = known
        .map(|known| known.alive(&last, profiled))
        .unwrap_or_default();
    print(&write(&comparison, args.format, args.top)?)?;
    Ok(ending(args, &comparison, interrupted.load(Ordering::Relaxed)))
}

fn ending(args: &MonitorArgs, comparison: &Comparison, signal: usize) -> ExitCode {
    let verdict = verdict(&args.fail_on, comparison);
    match u8::try_from(signal) {
        Ok(signal) if signal > 0 && verdict == ExitCode::Clean => ExitCode::Interrupted(signal),
        _ => verdict,
    }
}

/// The samples so far.
struct Watch<'a> {
    args: &'a MonitorArgs,
    judging: Judging,
    limits: Limits,
    filters: Vec<crate::dumps::select::Filter>,
    snapshots: Vec<Snapshot>,
    failures: Vec<String>,
    last: Vec<Judged>,
    profiled: bool,
    interrupted: Arc<AtomicUsize>,
    begin: Instant,
}

impl<'a> Watch<'a> {
    #[expect(clippy::disallowed_methods, reason = "this is the edge that tells the time")]
    fn new(args: &'a MonitorArgs) -> Result<Self, Failure> {
        let interrupted = Arc::new(AtomicUsize::new(0));
        let interrupt = Arc::clone(&interrupted);
        group::watch(move |outside| match outside {
            Outside::End(signal @ (number::INT | number::TERM)) => {
                interrupt.store(usize::try_from(signal).unwrap_or(1), Ordering::Relaxed);
                true
            }
            _ => false,
        })?;
        Ok(Self {
            args,
            judging: Judging::new(&args.rules)?,
            limits: limits(&args.fetch)?,
            filters: filters(&args.select)?,
            snapshots: Vec::new(),
            failures: Vec::new(),
            last: Vec::new(),
            profiled: false,
            interrupted,
            begin: Instant::now(),
        })
    }

    /// Samples until the time is over, the service is gone, or the user interrupts.
    fn all(&mut self) {
        let mut in_a_row = 0;
        let mut next = Duration::ZERO;
        loop {
            match self.sample() {
                Ok(()) => in_a_row = 0,
                Err(failure) => {
                    self.say(&format!("failed: {failure}"));
                    self.failures.push(failure.to_string());
                    in_a_row += 1;
                }
            }
            next += self.args.every;
            if in_a_row >= MAX_FAILURES || next > self.args.watch_for || !self.wait(next) {
                return;
            }
        }
    }

    /// Waits until `next`; false if it was interrupted.
    fn wait(&self, next: Duration) -> bool {
        loop {
            if self.interrupted.load(Ordering::Relaxed) != 0 {
                return false;
            }
            let left = next.saturating_sub(self.begin.elapsed());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(LOOK));
        }
    }

    fn ask(&self) -> Result<Given, Failure> {
        match (&self.args.url, self.args.pid) {
            (Some(url), _) => input::url(url, &self.limits, None),
            (None, Some(pid)) => agent(pid, &self.limits),
            (None, None) => Err(Failure::Message("name a URL, or a process with --pid".to_owned())),
        }
    }

    fn sample(&mut self) -> Result<(), Failure> {
        let at = self.begin.elapsed().as_secs_f64();
        let given = self.ask()?;
        let reading =
            read(given.read).map_err(|error| Failure::Message(format!("{}: {error}", given.name)))?;
        if let Some(error) = reading.broken {
            return Err(Failure::Message(format!("{}: {error}", given.name)));
        }
        let Some(dump) = reading.dumps.into_iter().next_back() else {
            return Err(Failure::Message(format!("{} gave no goroutines", given.name)));
        };
        self.last = selected(self.judging.judge(&dump), &self.filters);
        self.profiled = dump.kind != Kind::Stacks;
        let snapshot = Snapshot::of_dump(&format!("{at:.0} s"), Some(at), &dump, &self.last);
        self.snapshots.push(snapshot);
        let totals: Vec<u64> = self.snapshots.iter().map(Snapshot::total).collect();
        let total = totals.last().copied().unwrap_or(0);
        self.say(&format!(
            "{:<18} {}",
            plural(total, "goroutine"),
            sparkline(&totals)
        ));
        Ok(())
    }

    /// One line on standard error, which a closed one does not stop.
    fn say(&self, words: &str) {
        let seconds = self.begin.elapsed().as_secs();
        let line = format!("{:02}:{:02}  {}\n", seconds / 60, seconds % 60, safe_text(words));
        let _ = anstream::stderr().write_all(line.as_bytes());
    }
}
