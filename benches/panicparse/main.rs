//! leakgate beside panicparse, on the same dumps, in one run.
//!
//! `cargo bench --bench panicparse` writes dumps as a server prints them, builds a program with panicparse in a temporary folder
//! (from the Go module proxy), and lets both read the same files in turn, each in a process of its own. It prints processor time
//! and peak memory; the best of the rounds counts. `-- --rounds 5` for more rounds, `-- --large` for a million goroutines
//! and 1 GB.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark writes files and runs programs"
)]

use leakgate::dumps::read;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION: &str = "v2.5.0";

/// What one reading cost and found.
#[derive(Debug, Clone, Copy)]
struct Cost {
    millis: f64,
    peak_mb: f64,
    goroutines: u64,
    groups: u64,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        args.iter()
            .position(|arg| arg == name)
            .and_then(|at| args.get(at + 1))
    };
    if let Some(file) = value("--read") {
        return worker(Path::new(file));
    }
    let rounds = value("--rounds")
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(3);
    let large = args.iter().any(|arg| arg == "--large");
    let folder = std::env::temp_dir().join(format!("leakgate-panicparse-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    let peer = build_peer(&folder);
    println!(
        "| dump | by | processor time | beside panicparse | peak memory | of the file | goroutines | groups |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    let sizes: &[(u64, bool)] = match large {
        true => &[
            (10_000, true),
            (100_000, true),
            (1_000_000, false),
            (4_200_000, false),
        ],
        false => &[(10_000, true), (100_000, true)],
    };
    for &(goroutines, with_peer) in sizes {
        let file = folder.join(format!("{goroutines}.txt"));
        let bytes = write_dump(&file, goroutines);
        compare(
            &file,
            bytes,
            goroutines,
            peer.as_deref().filter(|_| with_peer),
            rounds,
        );
        let _ = fs::remove_file(&file);
    }
    let _ = fs::remove_dir_all(&folder);
}

fn compare(file: &Path, bytes: u64, goroutines: u64, peer: Option<&Path>, rounds: usize) {
    let own = std::env::current_exe().expect("this program");
    let (mut ours, mut theirs): (Option<Cost>, Option<Cost>) = (None, None);
    for _ in 0..rounds {
        keep_best(&mut ours, run(Command::new(&own).arg("--read").arg(file)));
        if let Some(peer) = peer {
            keep_best(&mut theirs, run(Command::new(peer).arg(file)));
        }
    }
    let mb = bytes as f64 / 1e6;
    let title = format!("{goroutines} goroutines, {mb:.0} MB");
    let line = |by: &str, cost: Cost, ratio: String| {
        println!(
            "| {title} | {by} | {:.0} ms | {ratio} | {:.0} MB | × {:.2} | {} | {} |",
            cost.millis,
            cost.peak_mb,
            cost.peak_mb / mb,
            cost.goroutines,
            cost.groups
        );
    };
    let ours = ours.expect("a round");
    assert_eq!(ours.goroutines, goroutines, "every goroutine is found");
    if let Some(theirs) = theirs {
        assert_eq!(
            theirs.goroutines, goroutines,
            "panicparse reads this dump as we do"
        );
        line("panicparse", theirs, String::new());
        line(
            "leakgate",
            ours,
            format!("× {:.0} faster", theirs.millis / ours.millis),
        );
    } else {
        line("leakgate", ours, String::new());
    }
}

fn keep_best(best: &mut Option<Cost>, cost: Cost) {
    if best.is_none_or(|best| cost.millis < best.millis) {
        *best = Some(cost);
    }
}

/// A reader prints `milliseconds peak-MB goroutines groups`.
fn run(command: &mut Command) -> Cost {
    let output = command.output().expect("a reader");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<f64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [millis, peak_mb, goroutines, groups] = numbers[..] else {
        panic!("four numbers, not {text:?}");
    };
    Cost {
        millis,
        peak_mb,
        goroutines: goroutines as u64,
        groups: groups as u64,
    }
}

/// Reads one dump and says what it cost: the time of the one thread on a processor, and the most memory.
fn worker(file: &Path) {
    let began = on_processor();
    let reading = read(File::open(file).expect("the dump")).expect("a stream");
    let millis = (on_processor() - began) as f64 / 1e6;
    let goroutines: u64 = reading.dumps.iter().map(|dump| dump.total()).sum();
    let groups: usize = reading.dumps.iter().map(|dump| dump.groups.len()).sum();
    println!("{millis} {} {goroutines} {groups}", peak_mb());
}

/// Nanoseconds of this thread on a processor.
fn on_processor() -> u64 {
    let text = fs::read_to_string("/proc/self/schedstat").expect("a Linux kernel that keeps times");
    text.split(' ')
        .next()
        .and_then(|time| time.parse().ok())
        .expect("nanoseconds")
}

fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("a Linux kernel");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("the peak");
    let kib: f64 = line
        .split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse().ok())
        .expect("KiB");
    kib / 1000.0 * 1.024
}

/// As a server's dump has them: four calls each with arguments, three states, two hundred and fifty different stacks.
fn write_dump(file: &Path, goroutines: u64) -> u64 {
    let mut out = BufWriter::new(File::create(file).expect("a file"));
    writeln!(
        out,
        "goroutine 1 [running]:\nmain.main()\n\t/src/app/main.go:13 +0x1de"
    )
    .expect("room");
    for id in 2..=goroutines {
        let state = ["select", "IO wait, 2 minutes", "chan receive"][(id % 3) as usize];
        write!(
            out,
            "\ngoroutine {id} [{state}]:\nnet/http.(*persistConn).readLoop(0xc{id:08x})\n\t/usr/local/go/src/net/http/transport.go:2205 +0xd25\nexample.com/shop/cart.(*Store[...]).watch(...)\n\t/src/shop/cart/store.go:{}\ncreated by example.com/shop/cart.Open in goroutine 1\n\t/src/shop/cart/store.go:41 +0x16\n",
            id % 50
        )
        .expect("room");
    }
    out.flush().expect("room");
    fs::metadata(file).expect("the file").len()
}

/// panicparse as its README uses it: every snapshot of the input, folded. `None`, said, where Go or the proxy is missing.
fn build_peer(folder: &Path) -> Option<PathBuf> {
    let module = folder.join("peer");
    fs::create_dir_all(&module).expect("a folder");
    fs::write(module.join("main.go"), include_str!("peer.go.txt")).expect("room");
    fs::write(
        module.join("go.mod"),
        format!("module example.com/peer\n\ngo 1.21\n\nrequire github.com/maruel/panicparse/v2 {VERSION}\n"),
    )
    .expect("room");
    for args in [&["mod", "tidy"][..], &["build", "-o", "peer", "."]] {
        let output = Command::new("go").current_dir(&module).args(args).output().ok()?;
        if !output.status.success() {
            eprintln!("no panicparse: {}", String::from_utf8_lossy(&output.stderr));
            return None;
        }
    }
    Some(module.join("peer"))
}
