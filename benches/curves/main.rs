//! What the runner costs, over three decades of each thing that it is given: time by size, and the exponent of the curve.
//!
//! `cargo bench --bench curves` prints the table of docs/benchmarks.md and draws docs/curves.svg. An exponent of 1 is a
//! line; where it is much more, the cost of large runs explodes. `-- --only leaks` measures one curve, `-- --most 10000`
//! stops at smaller sizes, `-- --draw PATH` says where the picture goes.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures time and writes a picture"
)]

mod plot;
mod stream;

use leakgate::app::assemble;
use leakgate::gate::Detail;
use leakgate::gate::TestJsonStream;
use leakgate::gate::{Counts, Gate, Gathered, Viewer};
use leakgate::gate::{Judge, TestPlaces};
use leakgate::go_source::{GoFiles, NoSources};
use leakgate::goroutine::Location;
use leakgate::leak::ModuleInfo;
use leakgate::package_path::PackagePath;
use leakgate::report::{Format, RenderOptions, Report, Run};
use leakgate::report::{Part, merge};
use leakgate::rules::RuleBook;
use std::time::{Duration, Instant};
use stream::{ONE, Shape, stream};

/// One thing that there can be more or fewer of.
struct Curve {
    name: &'static str,
    /// Three decades.
    sizes: [usize; 4],
    /// The work that is timed, for a size.
    work: fn(usize) -> Box<dyn Fn()>,
}

const CURVES: &[Curve] = &[
    Curve {
        name: "lines of output",
        sizes: [1_000, 10_000, 100_000, 1_000_000],
        work: |n| gated(Shape { lines: n, ..ONE }),
    },
    Curve {
        name: "tests",
        sizes: [100, 1_000, 10_000, 100_000],
        work: |n| gated(Shape { tests: n, ..ONE }),
    },
    Curve {
        name: "packages",
        sizes: [10, 100, 1_000, 10_000],
        work: |n| gated(Shape { packages: n, ..ONE }),
    },
    Curve {
        name: "leaks",
        sizes: [50, 500, 5_000, 50_000],
        work: |n| {
            gated(Shape {
                tests: n,
                leaks: n,
                ..ONE
            })
        },
    },
    Curve {
        name: "goroutines of one leak",
        sizes: [1_000, 10_000, 100_000, 1_000_000],
        work: |n| {
            gated(Shape {
                leaks: 1,
                goroutines: n,
                ..ONE
            })
        },
    },
    Curve {
        name: "findings in every format",
        sizes: [50, 500, 5_000, 50_000],
        work: |n| {
            let report = report_of(n);
            Box::new(move || {
                for format in Format::ALL {
                    let mut out = Vec::new();
                    format
                        .write(&report, &mut out, &RenderOptions::default())
                        .expect("memory takes it");
                    std::hint::black_box(out);
                }
            })
        },
    },
    Curve {
        name: "rules over 100 leaks",
        sizes: [10, 100, 1_000, 10_000],
        work: |n| {
            let text: String = (0..n)
                .map(|at| format!("[[allow]]\nentry = \"example.com/shop/q{at}.leak\"\nreason = \"known\"\n"))
                .collect();
            let stream = stream(Shape {
                tests: 100,
                leaks: 100,
                ..ONE
            });
            Box::new(move || {
                let file = leakgate::settings::read(&text).expect("the rules are right");
                let book = RuleBook {
                    allow: file.allow,
                    ..RuleBook::default()
                };
                std::hint::black_box(gather(&stream, book));
            })
        },
    },
    Curve {
        name: "findings in a report that is read, merged and written",
        sizes: [50, 500, 5_000, 50_000],
        work: |n| {
            let mut bytes = Vec::new();
            let options = RenderOptions::default();
            Format::Json
                .write(&report_of(n), &mut bytes, &options)
                .expect("memory takes it");
            Box::new(move || {
                let part = |name: &str| Part {
                    name: name.to_owned(),
                    report: Report::read(&bytes).expect("it is a report"),
                };
                let merged = merge(vec![part("a.json"), part("b.json")]).expect("they are of one run");
                let mut out = Vec::new();
                Format::Json
                    .write(&merged, &mut out, &RenderOptions::default())
                    .expect("memory takes it");
                std::hint::black_box(out);
            })
        },
    },
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if !args.iter().any(|arg| arg == "--bench") {
        return; // `cargo test --all-targets` only wants to know that it builds
    }
    let value = |flag: &str| {
        let at = args.iter().position(|arg| arg == flag)?;
        args.get(at + 1).map(String::as_str)
    };
    let most = value("--most").map_or(usize::MAX, |n| n.parse().expect("a size"));
    let mut drawn = Vec::new();
    println!("| what | sizes | time | exponent |\n| --- | --- | --- | ---: |");
    for curve in CURVES
        .iter()
        .filter(|curve| value("--only").is_none_or(|only| curve.name.contains(only)))
    {
        let sizes = curve.sizes.iter().copied().filter(|size| *size <= most);
        let points: Vec<(f64, f64)> = sizes
            .map(|size| (size as f64, fastest(&(curve.work)(size)).as_secs_f64()))
            .collect();
        let list =
            |text: &dyn Fn(&(f64, f64)) -> String| points.iter().map(text).collect::<Vec<_>>().join(", ");
        println!(
            "| {} | {} | {} | {} |",
            curve.name,
            list(&|point| format!("{:.0}", point.0)),
            list(&|point| time(point.1)),
            exponent(&points)
        );
        drawn.push((curve.name, points));
    }
    if let Some(path) = value("--draw") {
        std::fs::write(path, plot::curves(&drawn)).expect("the picture can be written");
    }
}

/// Of the last decades, where what is fixed weighs little.
fn exponent(points: &[(f64, f64)]) -> String {
    let [.., from, to] = points else {
        return "–".to_owned();
    };
    let exponent = (to.1 / from.1).log10() / (to.0 / from.0).log10();
    format!("{exponent:.2}")
}

/// Of up to five rounds.
fn fastest(work: &dyn Fn()) -> Duration {
    let mut best = Duration::MAX;
    let begin = Instant::now();
    for _ in 0..5 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed());
        if begin.elapsed() > Duration::from_secs(4) {
            break;
        }
    }
    best
}

fn time(seconds: f64) -> String {
    if seconds < 0.01 {
        format!("{:.2} ms", seconds * 1000.0)
    } else {
        format!("{:.0} ms", seconds * 1000.0)
    }
}

struct NoViewer;

impl Viewer for NoViewer {
    fn print(&self, text: &[u8]) {
        std::hint::black_box(text);
    }
    fn remark(&self, text: &str) {
        std::hint::black_box(text);
    }
    fn flush(&self) {}
    fn tick(&self, counts: Counts, _: &str) {
        std::hint::black_box(counts);
    }
}

struct Nowhere;

impl TestPlaces for Nowhere {
    fn declared(&self, _: &PackagePath, _: &str) -> Option<Location> {
        None
    }
}

fn gated(shape: Shape) -> Box<dyn Fn()> {
    let stream = stream(shape);
    Box::new(move || {
        std::hint::black_box(gather(&stream, RuleBook::default()));
    })
}

/// The stream through the gate, as `leakgate check` does it.
fn gather(stream: &[u8], book: RuleBook) -> Gathered {
    let judge = Judge {
        book,
        module_info: ModuleInfo::default(),
        roots: Vec::new(),
        sources: GoFiles::new(NoSources),
        test_places: Box::new(Nowhere),
        unseen_modules: Vec::new(),
        joining: leakgate::gate::Joining::Leaks,
        today: jiff::civil::date(2026, 11, 28),
    };
    let sinks = TestJsonStream::new(vec![Box::new(std::io::sink())]);
    let mut gate = Gate::new(&judge, sinks, &NoViewer, Detail::Normal);
    for line in stream.split_inclusive(|byte| *byte == b'\n') {
        gate.line(line).expect("nothing fails to be written");
    }
    let gathered = gate.finish().expect("nothing fails to be written");
    assert!(
        gathered
            .packages
            .iter()
            .all(|package| package.inconclusive.is_none()),
        "the stream is whole"
    );
    gathered
}

fn report_of(leaks: usize) -> Report {
    let shape = Shape {
        tests: leaks,
        leaks,
        ..ONE
    };
    let gathered = gather(&stream(shape), RuleBook::default());
    assert_eq!(gathered.findings.len(), leaks, "each is a finding of its own");
    let run = Run {
        command: vec!["test".to_owned(), "./...".to_owned()],
        go_version: String::new(),
        started: "2026-11-28T00:00:00Z".to_owned(),
        elapsed_ms: 1000,
        not_full: None,
        left_out: Default::default(),
        partial: None,
        shard: None,
        module: Some("example.com/shop".to_owned()),
        repository: None,
    };
    assemble::report(gathered, run, Vec::new(), &leakgate::report::Gate::default())
}
