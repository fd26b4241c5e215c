//! Does leakgate change what tests do? Programs whose bug depends on which goroutine runs first at a test's end, plain and
//! with the shim, in random turn.
//!
//! `cargo bench --bench neutral` prints how often each bug showed in two plain series and in one with the shim, and the
//! chance (Fisher's exact test) that series of one kind differ that much. `-- --runs 200` for longer series, `-- --only till`
//! for one program, `-- --program PATH` for another leakgate, `-- --go go1.24.11` for another Go.
//!
//! Both kinds are test binaries that are run alone, so that only what the shim does in the process can tell them apart.

#![expect(clippy::disallowed_methods, reason = "a benchmark builds and runs programs")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Below this chance two series are held to differ. There are some thirty comparisons.
const SURE: f64 = 0.001;

struct Options {
    runs: u32,
    only: Option<String>,
    program: PathBuf,
    toolchain: Option<String>,
}

impl Options {
    fn from_args() -> Self {
        let mut options = Self {
            runs: 60,
            only: None,
            program: env!("CARGO_BIN_EXE_leakgate").into(),
            toolchain: None,
        };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let mut value = || args.next().expect("a value");
            match arg.as_str() {
                "--runs" => options.runs = value().parse().expect("a number of runs"),
                "--only" => options.only = Some(value()),
                "--program" => options.program = value().into(),
                "--go" => options.toolchain = Some(value()),
                _ => {} // `--bench`, from cargo
            }
        }
        options
    }
}

fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/neutral/programs")
}

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(programs()).expect("the programs");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir() && entry.file_name() != "outcome")
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Builds the test binary of a program, with the shim or without.
fn build(name: &str, gated: bool, options: &Options, into: &Path) -> PathBuf {
    let binary = into.join(format!("{name}-{gated}.test"));
    let mut command = if gated {
        let mut command = Command::new(&options.program);
        command.args(["exec", "--", "go"]);
        command
    } else {
        Command::new("go")
    };
    command
        .args(["test", "-c", "-o"])
        .arg(&binary)
        .arg(format!("./{name}"));
    command.current_dir(programs());
    if let Some(toolchain) = &options.toolchain {
        command.env("GOTOOLCHAIN", toolchain);
    }
    // leakgate misses test events in a build, and says so with its exit code.
    let output = command.output().expect("go builds");
    assert!(
        binary.exists(),
        "{name} does not build: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    binary
}

/// Whether the bug showed in one run.
fn shows(binary: &Path) -> bool {
    let output = Command::new(binary)
        .args(["-test.v=test2json", "-test.count=1"])
        .output()
        .expect("the test binary runs");
    // Package testing has standard error go where standard output goes.
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let said = text.contains("OUTCOME shown");
    let late = text.contains("panic: Log in goroutine");
    assert!(
        said || late || text.contains("OUTCOME hidden"),
        "no outcome of {} ({}): {text}",
        binary.display(),
        output.status
    );
    said || late
}

/// Times that the bug showed.
#[derive(Default, Clone, Copy)]
struct Shown {
    plain: u32,
    again: u32,
    gated: u32,
}

/// The chance that two series of one kind differ at least as much: each is times shown, of runs.
fn chance(a: (u32, u32), b: (u32, u32)) -> f64 {
    let table = [a.0, b.0, a.1 - a.0, b.1 - b.0];
    let p = fishers_exact::fishers_exact(&table).expect("a table");
    p.two_tail_pvalue
}

fn main() {
    let options = Options::from_args();
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = fastrand::Rng::new();
    let mut sure = 0;
    println!(
        "{} runs of each kind, {} processors; seed {}",
        options.runs,
        std::thread::available_parallelism().map_or(0, usize::from),
        random.get_seed()
    );
    println!(
        "{:<12} {:>6} {:>6} {:>6}   {:>14} {:>14}",
        "program", "plain", "plain", "gated", "p plain/plain", "p plain/gated"
    );
    let chosen = |name: &String| options.only.as_ref().is_none_or(|only| only == name);
    for name in names().into_iter().filter(chosen) {
        let plain = build(&name, false, &options, folder.path());
        let gated = build(&name, true, &options, folder.path());
        let mut turns: Vec<u32> = (0..3 * options.runs).map(|turn| turn % 3).collect();
        random.shuffle(&mut turns);
        let mut shown = Shown::default();
        for turn in turns {
            let (binary, count) = match turn {
                0 => (&plain, &mut shown.plain),
                1 => (&plain, &mut shown.again),
                _ => (&gated, &mut shown.gated),
            };
            *count += u32::from(shows(binary));
        }
        let runs = options.runs;
        let same = chance((shown.plain, runs), (shown.again, runs));
        let differs = chance((shown.plain + shown.again, 2 * runs), (shown.gated, runs));
        let mark = if differs < SURE { "  differs" } else { "" };
        sure += u32::from(differs < SURE);
        println!(
            "{name:<12} {:>6} {:>6} {:>6}   {same:>14.4} {differs:>14.4}{mark}",
            shown.plain, shown.again, shown.gated
        );
    }
    if sure > 0 {
        println!("{sure} programs behave otherwise with the shim (p < {SURE})");
        std::process::exit(1);
    }
}
