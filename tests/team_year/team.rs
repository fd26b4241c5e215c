//! A team's module in a folder of its own, and the program run in it.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;
use support::Said;

/// The module and leakgate's cache.
pub struct Team {
    dir: tempfile::TempDir,
    cache: PathBuf,
}

impl Team {
    /// A module `example.com/shop` with this many leaks, each in a test of its own.
    pub fn with_leaks(count: usize) -> Self {
        let dir = tempfile::Builder::new().prefix("team year ").tempdir().unwrap();
        let cache = dir.path().join(".cache");
        let team = Self { dir, cache };
        team.put("go.mod", "module example.com/shop\n\ngo 1.21\n");
        team.put_leaks("cart", 0..count / 2);
        team.put_leaks("till", count / 2..count);
        team
    }

    /// Writes a package whose functions leak one goroutine each.
    pub fn put_leaks(&self, package: &str, numbers: impl Iterator<Item = usize>) {
        let mut code = format!("package {package}\n\nvar never = make(chan int)\n");
        let mut tests = format!("package {package}\n\nimport \"testing\"\n");
        let mut numbers = numbers.peekable();
        if numbers.peek().is_none() {
            return;
        }
        for n in numbers {
            let _ = write!(code, "\nfunc Leak{n:02}() {{\n\tgo func() {{ <-never }}()\n}}\n");
            let _ = write!(tests, "\nfunc TestLeak{n:02}(t *testing.T) {{ Leak{n:02}() }}\n");
        }
        self.put(&format!("{package}/{package}.go"), &code);
        self.put(&format!("{package}/{package}_test.go"), &tests);
    }

    /// Writes a file.
    pub fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// Replaces a text in a file; it must be there.
    pub fn change(&self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "{path} has no {from:?}:\n{text}");
        self.put(path, &text.replace(from, to));
    }

    /// A path in the module.
    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Runs `leakgate` with arguments split at spaces.
    pub fn leakgate(&self, line: &str) -> Said {
        self.run(&line.split(' ').collect::<Vec<_>>(), &[])
    }

    /// Runs it with more environment.
    pub fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Said {
        Said::of(self.command(args).envs(env.iter().copied()))
    }

    /// The program with these arguments, in the module.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = support::leakgate(args.iter().copied());
        command
            .current_dir(self.dir.path())
            .env("LEAKGATE_CACHE", &self.cache)
            .env_remove("GOTOOLCHAIN");
        command
    }

    /// Runs the tests and gives the report.
    pub fn report(&self, line: &str, env: &[(&str, &str)]) -> Report {
        let mut args = vec!["test", "--format", "json"];
        args.extend(line.split(' ').filter(|word| !word.is_empty()));
        args.push("./...");
        let said = self.run(&args, env);
        let json = serde_json::from_str(&said.out)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", said.out, said.err));
        Report {
            code: said.code.unwrap_or(-1),
            json,
        }
    }
}

/// A JSON report.
pub struct Report {
    /// Exit code.
    pub code: i32,
    json: serde_json::Value,
}

impl Report {
    /// Fingerprint, owner and count of every finding of a ruling.
    pub fn ruled(&self, kind: &str) -> Vec<(String, String)> {
        let findings = self.json["leaks"].as_array().unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        findings
            .iter()
            .filter(|finding| finding["ruling"]["kind"] == kind)
            .map(|finding| {
                (
                    text(&finding["root"]["fingerprint"]),
                    text(&finding["root"]["owner"]),
                )
            })
            .collect()
    }

    /// Why the findings of a ruling were ruled so.
    pub fn because(&self, kind: &str) -> Vec<String> {
        let findings = self.json["leaks"].as_array().unwrap();
        let of = findings
            .iter()
            .filter(|finding| finding["ruling"]["kind"] == kind);
        of.map(|finding| {
            finding["ruling"]["because"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
    }

    /// Codes of the notices about rules.
    pub fn notices(&self) -> Vec<String> {
        let notices = self.json["notices"].as_array().unwrap();
        let codes = notices.iter().filter_map(|notice| notice["code"].as_str());
        let mut codes: Vec<String> = codes
            .filter(|code| *code != "vet-off")
            .map(str::to_owned)
            .collect();
        codes.sort();
        codes
    }
}
