//! leakgate beside `go test -json`, goleak, leaktest and gleak, on the same suites, in one run.
//!
//! `cargo bench --bench peers` prints the table of docs/benchmarks.md. Every contender is built and run once before
//! it is measured; then they take turns, and the fastest of the rounds counts: ratios on a busy machine mean
//! something, single times do not. `-- --rounds 5` for more rounds, `-- --only cached` for one line of the table,
//! `-- --program PATH` for another leakgate than the one just built.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark copies files and runs programs"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One way to check a suite.
struct Contender {
    name: &'static str,
    /// Folder below `suites/`.
    module: &'static str,
    /// Flags of `leakgate test`; `None` runs `go test -json` instead.
    leakgate: Option<&'static [&'static str]>,
}

/// One line of the table: what is run, by whom.
struct Work {
    name: &'static str,
    title: &'static str,
    package: &'static str,
    go_args: &'static [&'static str],
    contenders: &'static [Contender],
    /// leakgate is to stay within `plain × .0 + .1 ms` (DESIGN of the project).
    target: (f64, u64),
}

const PLAIN: Contender = Contender {
    name: "go test -json",
    module: "plain",
    leakgate: None,
};
const LEAKGATE: Contender = Contender {
    name: "leakgate",
    module: "plain",
    leakgate: Some(&[]),
};
const UNPROVEN: Contender = Contender {
    name: "leakgate --prove=off",
    module: "plain",
    leakgate: Some(&["--prove=off"]),
};
const GOLEAK: Contender = Contender {
    name: "goleak",
    module: "goleak",
    leakgate: None,
};
const LEAKTEST: Contender = Contender {
    name: "leaktest",
    module: "leaktest",
    leakgate: None,
};
const GLEAK: Contender = Contender {
    name: "gleak",
    module: "gleak",
    leakgate: None,
};

const WORKS: &[Work] = &[
    Work {
        name: "clean",
        title: "a clean suite of 5 s",
        package: "./clean",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE],
        target: (1.03, 0),
    },
    Work {
        name: "cached",
        title: "the same, from go's test cache",
        package: "./clean",
        go_args: &[],
        contenders: &[PLAIN, LEAKGATE],
        target: (1.0, 30),
    },
    Work {
        name: "quick",
        title: "10,000 tests that do nothing",
        package: "./quick",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE],
        target: (1.0, 50),
    },
    Work {
        name: "crowd",
        title: "1,000 tests beside 10,000 live goroutines",
        package: "./crowd",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE],
        target: (1.1, 0),
    },
    Work {
        name: "one",
        title: "one leaking test",
        package: "./one",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE, UNPROVEN, GOLEAK, LEAKTEST, GLEAK],
        target: (1.0, 440),
    },
    Work {
        name: "many",
        title: "500 leaking tests (peers: 20)",
        package: "./many",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE, UNPROVEN, GOLEAK, GLEAK],
        target: (1.0, 700),
    },
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if !args.iter().any(|arg| arg == "--bench") {
        return; // `cargo test --all-targets` only wants to know that it builds
    }
    let value = |flag: &str| {
        args.iter()
            .position(|arg| arg == flag)
            .and_then(|at| args.get(at + 1))
    };
    let rounds: usize = value("--rounds").map_or(3, |n| n.parse().expect("a number of rounds"));
    let place = tempfile::tempdir().expect("a temporary folder");
    let suites = place.path().join("suites");
    copy_tree(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/suites"),
        &suites,
    );
    println!("{}, {} rounds, fastest of each\n", go_version(), rounds);
    println!("| work | by | time | beside `go test -json` |\n| --- | --- | ---: | ---: |");
    let program = value("--program").map_or(env!("CARGO_BIN_EXE_leakgate"), String::as_str);
    for work in WORKS {
        if value("--only").is_none_or(|only| only == work.name) {
            measure(work, program, &suites, rounds);
        }
    }
}

/// Warms up, takes turns, prints the lines.
fn measure(work: &Work, program: &str, suites: &Path, rounds: usize) {
    let mut fastest: Vec<Duration> = work
        .contenders
        .iter()
        .map(|contender| {
            run(work, contender, program, suites);
            if work.go_args.is_empty() {
                run(work, contender, program, suites); // into the cache, and out of it
            }
            Duration::MAX
        })
        .collect();
    for _ in 0..rounds {
        for (contender, best) in work.contenders.iter().zip(&mut fastest) {
            *best = run(work, contender, program, suites).min(*best);
        }
    }
    let plain = fastest[0];
    for (contender, time) in work.contenders.iter().zip(&fastest) {
        println!(
            "| {} | {} | {} | {} |",
            work.title,
            contender.name,
            millis(*time),
            beside(*time, plain, contender, work)
        );
    }
}

fn beside(time: Duration, plain: Duration, contender: &Contender, work: &Work) -> String {
    if contender.name == PLAIN.name {
        return String::new();
    }
    let ratio = time.as_secs_f64() / plain.as_secs_f64();
    let more = (time.as_secs_f64() - plain.as_secs_f64()) * 1000.0;
    let mut text = format!("× {ratio:.2} ({more:+.0} ms)");
    if contender.leakgate.is_some() {
        let limit = plain.mul_f64(work.target.0) + Duration::from_millis(work.target.1);
        text += if time <= limit { ", within" } else { ", over" };
        text += " its target";
    }
    text
}

fn millis(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}

/// Wall time of one run.
fn run(work: &Work, contender: &Contender, program: &str, suites: &Path) -> Duration {
    let mut command = match contender.leakgate {
        Some(flags) => {
            let mut leakgate = Command::new(program);
            leakgate.arg("test").args(flags);
            leakgate
        }
        None => {
            let mut go = Command::new("go");
            go.args(["test", "-json"]);
            go
        }
    };
    command
        .args(work.go_args)
        .arg(work.package)
        .current_dir(suites.join(contender.module))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("the program runs");
    let time = start.elapsed();
    let code = status.code();
    assert!(
        matches!(code, Some(0 | 1 | 3)),
        "{} in {} ended with {code:?}",
        contender.name,
        work.package
    );
    time
}

fn go_version() -> String {
    let output = Command::new("go")
        .arg("version")
        .output()
        .expect("go is installed");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn copy_tree(from: &Path, to: &PathBuf) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the suites are there") {
        let entry = entry.expect("an entry of the suites");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}
