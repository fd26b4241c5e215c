//! The table of `examples/zoo/expected.toml`, with its marks resolved to lines of the zoo's source.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The table as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub leak: Vec<LeakRow>,
    pub stuck: Vec<StuckRow>,
    pub background: Vec<BackgroundRow>,
}

/// A leak that three tests must report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeakRow {
    pub mark: String,
    pub package: String,
    pub test: String,
    pub cause: Option<String>,
    /// Words of its cause, its fix or its notes.
    #[serde(default)]
    pub says: Vec<String>,
    #[serde(default = "one")]
    pub count: u64,
    #[serde(default = "leaked")]
    pub verdict: String,
    pub attribution: Option<String>,
    pub owner: Option<String>,
    pub blocked_file: Option<String>,
    #[serde(default)]
    pub no_started: bool,
    /// Nothing tells the three variants apart: they are one leak that names all their tests.
    #[serde(default)]
    pub together: bool,
    pub go: Option<String>,
}

/// A test that never returns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StuckRow {
    pub mark: String,
    pub package: String,
    pub test: String,
    pub cause: String,
    pub timeout: String,
}

/// A goroutine that the catalog knows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackgroundRow {
    pub packages: Vec<String>,
    pub owner: String,
}

fn one() -> u64 {
    1
}

fn leaked() -> String {
    "leaked".to_owned()
}

impl Table {
    pub fn read(zoo: &Path) -> Self {
        let text = fs::read_to_string(zoo.join("expected.toml")).expect("the table is there");
        toml_edit::de::from_str(&text).expect("the table is well-formed")
    }
}

impl LeakRow {
    /// Whether this Go version (`1.23`) can run the case.
    pub fn runs_on(&self, minor: u32) -> bool {
        let first = self.go.as_deref().map_or(0, minor_of);
        first <= minor
    }
}

/// `1.23`, `go1.23.12` → 23.
pub fn minor_of(version: &str) -> u32 {
    version
        .trim_start_matches("go")
        .split('.')
        .nth(1)
        .and_then(|minor| {
            minor
                .chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
                .parse()
                .ok()
        })
        .expect("a Go version")
}

/// The three tests that run one case.
pub fn variants(test: &str) -> [String; 3] {
    [
        format!("TestLeak{test}"),
        format!("TestTable/leak/{test}"),
        format!("TestParallel/leak/{test}"),
    ]
}

/// A line of the zoo: file relative to the zoo with `/`, and line number.
pub type Place = (String, u32);

/// Where `// blocked: MARK` and `// started: MARK` are.
#[derive(Debug, Default)]
pub struct Marks {
    pub blocked: BTreeMap<String, Place>,
    pub started: BTreeMap<String, Place>,
}

impl Marks {
    pub fn read(zoo: &Path) -> Self {
        let mut marks = Self::default();
        for file in go_files(zoo) {
            let text = fs::read_to_string(zoo.join(&file)).expect("source is readable");
            for (line, number) in text.lines().zip(1..) {
                for (word, map) in [
                    ("// blocked: ", &mut marks.blocked),
                    ("// started: ", &mut marks.started),
                ] {
                    if let Some((_, mark)) = line.split_once(word) {
                        let earlier = map.insert(mark.trim().to_owned(), (file.clone(), number));
                        assert_eq!(earlier, None, "mark {mark} is there twice");
                    }
                }
            }
        }
        marks
    }
}

/// Every Go file below the zoo, relative to it.
pub fn go_files(zoo: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(zoo.join(&folder)).expect("a folder of the zoo") {
            let entry = entry.expect("an entry of the zoo");
            let name = entry.file_name().into_string().expect("names are ASCII");
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.ends_with(".go") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
