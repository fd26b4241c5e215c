//! The shim: the harness hosted in package testing (and what it needs of runtime/pprof), and the calls that lead into it.
//!
//! Pure: text in, text out. Each anchor is replaced on its own line, so that line numbers of package testing stay what
//! they are; each must be there exactly once, else nothing is run.

/// A file that is added to the standard library.
#[derive(Debug, Clone, Copy)]
pub struct HarnessFile {
    /// Below GOROOT's `src`: `testing/leakgate_wire.go`.
    pub hosted: &'static str,
    /// Its text in `go-harness/`.
    pub text: &'static str,
}

macro_rules! harness {
    ($($hosted:literal <- $source:literal),* $(,)?) => {
        &[$(HarnessFile { hosted: $hosted, text: include_str!(concat!("../../go-harness/", $source)) }),*]
    };
}

/// The whole harness (`go-harness/WIRE.md`); a test checks that no file is left out.
pub const HARNESS: &[HarnessFile] = harness![
    "testing/leakgate_baseline.go" <- "baseline.go",
    "testing/leakgate_census.go" <- "census.go",
    "testing/leakgate_collect.go" <- "collect.go",
    "testing/leakgate_dump.go" <- "dump.go",
    "testing/leakgate_ending.go" <- "ending.go",
    "testing/leakgate_gate.go" <- "gate.go",
    "testing/leakgate_harness.go" <- "harness.go",
    "testing/leakgate_labels.go" <- "labels.go",
    "testing/leakgate_life.go" <- "life.go",
    "testing/leakgate_moves.go" <- "moves.go",
    "testing/leakgate_objects.go" <- "objects.go",
    "testing/leakgate_origin.go" <- "origin.go",
    "testing/leakgate_payload.go" <- "payload.go",
    "testing/leakgate_readings.go" <- "readings.go",
    "testing/leakgate_settings.go" <- "settings.go",
    "testing/leakgate_settle.go" <- "settle.go",
    "testing/leakgate_span.go" <- "span.go",
    "testing/leakgate_wire.go" <- "wire.go",
    "testing/internal/testdeps/leakgate.go" <- "_hosted/testdeps/leakgate.go",
    "runtime/pprof/leakgate.go" <- "_hosted/pprof/leakgate.go",
    "runtime/pprof/leakgate_fetch.go" <- "_hosted/pprof/leakgate_fetch.go",
    "runtime/pprof/leakgate_fetch_go121.go" <- "_hosted/pprof/leakgate_fetch_go121.go",
];

/// A place in the standard library where the shim is called.
#[derive(Debug, Clone, Copy)]
pub struct Anchor {
    /// File below GOROOT's `src`.
    pub file: &'static str,
    /// Text that is there exactly once.
    pub text: &'static str,
    /// What replaces it: the same number of lines.
    pub patched: &'static str,
}

/// Every anchor; the same text from Go 1.21 to 1.27.
pub const ANCHORS: &[Anchor] = &[
    Anchor {
        file: "testing/testing.go",
        text: "\nfunc tRunner(t *T, fn func(t *T)) {\n",
        patched: "\nfunc tRunner(t *T, fn func(t *T)) { leakgateTest(\"test\", t.name, t.level, t.parent != nil && t.parent.name == t.name, &t.cleanups)\n",
    },
    Anchor {
        file: "testing/testing.go",
        text: "\n\tm.before()\n\tdefer m.after()\n",
        patched: "\n\tdefer leakgateRun(chatty.json && !*isFuzzWorker, m.deps)(); m.before(); leakgateReady()\n\tdefer m.after()\n",
    },
    Anchor {
        file: "testing/testing.go",
        text: "\nfunc (t *T) Parallel() {\n",
        patched: "\nfunc (t *T) Parallel() { defer leakgateParallel(t.name)()\n",
    },
    Anchor {
        file: "testing/testing.go",
        text: "\n\t\tdebug.SetTraceback(\"all\")\n",
        patched: "\n\t\tleakgateAlarm(); debug.SetTraceback(\"all\")\n",
    },
    Anchor {
        file: "testing/fuzz.go",
        text: "\nfunc fRunner(f *F, fn func(*F)) {\n",
        patched: "\nfunc fRunner(f *F, fn func(*F)) { leakgateTest(\"fuzz\", f.name, f.level, false, &f.cleanups)\n",
    },
    Anchor {
        file: "testing/benchmark.go",
        text: "\nfunc (b *B) runN(n int) {\n",
        patched: "\nfunc (b *B) runN(n int) { leakgateTest(\"benchmark\", b.name, b.level, false, &b.cleanups)\n",
    },
    Anchor {
        file: "testing/run_example.go",
        text: "\nfunc runExample(eg InternalExample) (ok bool) {\n",
        patched: "\nfunc runExample(eg InternalExample) (ok bool) { defer leakgateExample(eg.Name)()\n",
    },
    Anchor {
        file: "runtime/pprof/pprof.go",
        text: "\nfunc (p *runtimeProfile) Label(i int) *labelMap { return (*labelMap)(p.labels[i]) }\n",
        patched: "\nfunc (p *runtimeProfile) Label(i int) *labelMap { return leakgateVisible((*labelMap)(p.labels[i])) }\n",
    },
];

/// An anchor that is not there exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorError {
    /// File below GOROOT's `src`.
    pub file: String,
    /// The text looked for, in one line.
    pub anchor: String,
    /// How often it is there.
    pub found: usize,
}

/// The files that are patched.
pub fn patched_files() -> Vec<&'static str> {
    let mut files: Vec<&str> = ANCHORS.iter().map(|anchor| anchor.file).collect();
    files.dedup();
    files
}

/// `text` of `file` with every anchor of that file replaced.
pub fn patch(file: &str, text: &str) -> Result<String, AnchorError> {
    let mut patched = text.to_owned();
    for anchor in ANCHORS.iter().filter(|anchor| anchor.file == file) {
        let found = text.matches(anchor.text).count();
        if found != 1 {
            let shown = anchor.text.split_whitespace().collect::<Vec<_>>().join(" ");
            return Err(AnchorError {
                file: file.to_owned(),
                anchor: shown,
                found,
            });
        }
        patched = patched.replacen(anchor.text, anchor.patched, 1);
    }
    Ok(patched)
}

/// Text of a harness file as it is hosted: in `package testing`, unless it is at home elsewhere.
pub fn host(file: &HarnessFile) -> String {
    match file.text.strip_prefix("package harness\n") {
        Some(rest) => format!("package testing\n{rest}"),
        None => file
            .text
            .replacen("\npackage harness\n", "\npackage testing\n", 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go_like(file: &str) -> String {
        let body: String = ANCHORS
            .iter()
            .filter(|a| a.file == file)
            .map(|a| format!("{}\t_ = 0\n}}\n", a.text))
            .collect();
        format!("package testing\n{body}")
    }

    #[test]
    fn an_anchor_is_replaced_on_its_own_line() {
        for file in patched_files() {
            let text = go_like(file);
            let patched = patch(file, &text).unwrap();
            assert_eq!(text.lines().count(), patched.lines().count());
            assert_ne!(text, patched);
        }
    }

    #[test]
    fn an_anchor_that_is_missing_or_doubled_is_an_error() {
        let missing = patch("testing/fuzz.go", "package testing\n").unwrap_err();
        assert_eq!(
            (missing.found, missing.anchor.as_str()),
            (0, "func fRunner(f *F, fn func(*F)) {")
        );
        let doubled = patch("testing/fuzz.go", &go_like("testing/fuzz.go").repeat(2)).unwrap_err();
        assert_eq!(doubled.found, 2);
    }

    #[test]
    fn each_file_is_patched_once() {
        assert_eq!(
            patched_files(),
            [
                "testing/testing.go",
                "testing/fuzz.go",
                "testing/benchmark.go",
                "testing/run_example.go",
                "runtime/pprof/pprof.go"
            ]
        );
    }

    #[test]
    fn hosting_changes_the_package_clause_and_nothing_else() {
        let text = "// About package harness\n\npackage harness\n\nvar x = 1\n";
        let hosted = host(&HarnessFile {
            hosted: "testing/leakgate_wire.go",
            text,
        });
        assert_eq!(
            hosted,
            "// About package harness\n\npackage testing\n\nvar x = 1\n"
        );
        let elsewhere = "package testdeps\n";
        assert_eq!(
            host(&HarnessFile {
                hosted: "testing/internal/testdeps/x.go",
                text: elsewhere
            }),
            elsewhere
        );
    }

    #[test]
    fn the_whole_harness_is_embedded() {
        let go_files = |folder: &str, prefix: &str| -> Vec<String> {
            std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| name.ends_with(".go") && !name.ends_with("_test.go"))
                .map(|name| format!("{prefix}{name}"))
                .collect()
        };
        let mut there = go_files("go-harness", "testing/leakgate_");
        there.extend(go_files(
            "go-harness/_hosted/testdeps",
            "testing/internal/testdeps/",
        ));
        there.extend(go_files("go-harness/_hosted/pprof", "runtime/pprof/"));
        there.sort();
        let mut embedded: Vec<&str> = HARNESS.iter().map(|file| file.hosted).collect();
        embedded.sort_unstable();
        assert_eq!(embedded, there);
    }

    #[test]
    fn the_harness_names_nothing_that_could_collide() {
        for file in HARNESS {
            for line in file.text.lines() {
                let name = ["func ", "type ", "var ", "const "]
                    .iter()
                    .find_map(|word| line.strip_prefix(word));
                let Some(name) = name.filter(|name| !name.starts_with('(')) else {
                    continue;
                };
                assert!(
                    name.to_lowercase().starts_with("leakgate"),
                    "{}: {line}",
                    file.hosted
                );
            }
        }
    }
}
