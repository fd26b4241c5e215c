//! leakgate beside `go test -json`, goleak, leaktest and gleak, on the same suites, in one run.
//!
//! `cargo bench --bench peers` prints the table of docs/benchmarks.md. Every contender is built and run once before
//! it is measured; then they take turns. Shown is the median of the rounds, with the least and the most, of the time and of
//! the processor time of all processes (on Linux, in hundredths of a second). On a busy machine the second says more.
//! `-- --rounds 5` for more rounds, `-- --only cached` for one line of the table, `-- --program PATH` for another leakgate
//! than the one just built.

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
    /// What leakgate is to stay within.
    target: Target,
}

/// Beside plain `go test -json`.
#[derive(Clone, Copy)]
enum Target {
    /// `plain × .0 + .1 ms` of time.
    Time(f64, u64),
    /// So many ms more of processor time.
    Processor(u64),
}

/// What one run took.
#[derive(Clone, Copy)]
struct Took {
    time: Duration,
    processor: Duration,
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
const REPORTS: Contender = Contender {
    name: "leakgate, seven reports",
    module: "plain",
    leakgate: Some(&[
        "--report=json=r.json",
        "--report=jsonl=r.jsonl",
        "--report=junit=r.xml",
        "--report=sarif=r.sarif",
        "--report=gitlab=r.gitlab.json",
        "--report=html=r.html",
        "--report=md=r.md",
    ]),
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
        target: Target::Time(1.03, 0),
    },
    Work {
        name: "cached",
        title: "the same, from go's test cache",
        package: "./clean",
        go_args: &[],
        contenders: &[PLAIN, LEAKGATE],
        target: Target::Time(1.0, 30),
    },
    Work {
        name: "quick",
        title: "10,000 tests that do nothing",
        package: "./quick",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE],
        target: Target::Processor(40),
    },
    Work {
        name: "crowd",
        title: "1,000 tests beside 10,000 live goroutines",
        package: "./crowd",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE],
        target: Target::Time(1.1, 0),
    },
    Work {
        name: "one",
        title: "one leaking test",
        package: "./one",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE, UNPROVEN, GOLEAK, LEAKTEST, GLEAK],
        target: Target::Time(1.0, 440),
    },
    Work {
        name: "many",
        title: "500 leaking tests (peers: 20)",
        package: "./many",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE, UNPROVEN, GOLEAK, GLEAK],
        target: Target::Time(1.0, 700),
    },
    Work {
        name: "parallel",
        title: "200 parallel tests, 50 parallel subtests each",
        package: "./parallel",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE],
        target: Target::Processor(100),
    },
    Work {
        name: "loud",
        title: "a test that prints 200 MB",
        package: "./loud",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE],
        target: Target::Processor(800),
    },
    Work {
        name: "flood",
        title: "100,000 goroutines left by one test",
        package: "./flood",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE],
        target: Target::Processor(500),
    },
    Work {
        name: "different",
        title: "5,000 different leaking tests",
        package: "./different",
        go_args: &["-count=1"],
        contenders: &[PLAIN, LEAKGATE, REPORTS],
        target: Target::Processor(700),
    },
];

/// Different leaking tests, in files of 500.
const DIFFERENT: usize = 5_000;

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
    write_different(&suites.join("plain/different"));
    println!("{}, {} rounds, medians (least to most)\n", go_version(), rounds);
    println!(
        "| work | by | time | processor time | beside `go test -json` |\n| --- | --- | ---: | ---: | ---: |"
    );
    let program = value("--program").map_or(env!("CARGO_BIN_EXE_leakgate"), String::as_str);
    for work in WORKS {
        if value("--only").is_none_or(|only| only == work.name) {
            measure(work, program, &suites, rounds);
        }
    }
}

/// Warms up, takes turns, prints the lines.
fn measure(work: &Work, program: &str, suites: &Path, rounds: usize) {
    let mut all: Vec<Vec<Took>> = work
        .contenders
        .iter()
        .map(|contender| {
            run(work, contender, program, suites);
            if work.go_args.is_empty() {
                run(work, contender, program, suites); // into the cache, and out of it
            }
            Vec::new()
        })
        .collect();
    for _ in 0..rounds {
        for (contender, took) in work.contenders.iter().zip(&mut all) {
            took.push(run(work, contender, program, suites));
        }
    }
    let sorted = |of: fn(&Took) -> Duration| {
        let mut all: Vec<Vec<Duration>> = all.iter().map(|took| took.iter().map(of).collect()).collect();
        all.iter_mut().for_each(|times| times.sort());
        all
    };
    let (times, processor) = (sorted(|took| took.time), sorted(|took| took.processor));
    let took = |at: usize| Took {
        time: median(&times[at]),
        processor: median(&processor[at]),
    };
    for (at, contender) in work.contenders.iter().enumerate() {
        println!(
            "| {} | {} | {} | {} | {} |",
            work.title,
            contender.name,
            spread(&times[at]),
            spread(&processor[at]),
            beside(took(at), took(0), contender, work)
        );
    }
}

/// Of sorted times.
fn median(times: &[Duration]) -> Duration {
    times[times.len() / 2]
}

/// `368 ms (360 to 402)`.
fn spread(times: &[Duration]) -> String {
    let ms = |time: &Duration| format!("{:.0}", time.as_secs_f64() * 1000.0);
    let (least, most) = (&times[0], &times[times.len() - 1]);
    format!("{} ms ({} to {})", ms(&median(times)), ms(least), ms(most))
}

fn beside(took: Took, plain: Took, contender: &Contender, work: &Work) -> String {
    if contender.name == PLAIN.name {
        return String::new();
    }
    let more = |of: Duration, plain: Duration| (of.as_secs_f64() - plain.as_secs_f64()) * 1000.0;
    let mut text = format!(
        "× {:.2} ({:+.0} ms), processor {:+.0} ms",
        took.time.as_secs_f64() / plain.time.as_secs_f64(),
        more(took.time, plain.time),
        more(took.processor, plain.processor)
    );
    if contender.leakgate.is_some() {
        let within = match work.target {
            Target::Time(ratio, ms) => took.time <= plain.time.mul_f64(ratio) + Duration::from_millis(ms),
            Target::Processor(ms) => took.processor <= plain.processor + Duration::from_millis(ms),
        };
        text += if within { ", within" } else { ", over" };
        text += " its target";
    }
    text
}

/// A package of tests that leak in a function of their own each.
fn write_different(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder can be made");
    for file in 0..DIFFERENT / 500 {
        let range = file * 500..(file + 1) * 500;
        let leaks: String = range
            .clone()
            .map(|at| {
                format!("func leak{at}() {{\n\tc := make(chan int)\n\tgo func() {{ c <- 1 }}()\n}}\n\n")
            })
            .collect();
        let tests: String = range
            .map(|at| format!("func TestLeak{at}(t *testing.T) {{ leak{at}() }}\n"))
            .collect();
        let write = |name: String, text: String| fs::write(folder.join(name), text).expect("room");
        write(format!("leak{file}.go"), format!("package different\n\n{leaks}"));
        write(
            format!("leak{file}_test.go"),
            format!("package different\n\nimport \"testing\"\n\n{tests}"),
        );
    }
}

/// One run.
fn run(work: &Work, contender: &Contender, program: &str, suites: &Path) -> Took {
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
    let (start, before) = (Instant::now(), processor_of_children());
    let status = command.status().expect("the program runs");
    let took = Took {
        time: start.elapsed(),
        processor: processor_of_children().saturating_sub(before),
    };
    let code = status.code();
    assert!(
        matches!(code, Some(0 | 1 | 3)),
        "{} in {} ended with {code:?}",
        contender.name,
        work.package
    );
    took
}

/// Processor time of all children that have ended, and theirs; none where the system does not tell.
fn processor_of_children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // `pid (name) state …`; user and system time of the children are the 14th and 15th field after the name, in hundredths.
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
    let hundredths: u64 = fields
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(hundredths * 10)
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
