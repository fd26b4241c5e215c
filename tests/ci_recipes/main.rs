//! The recipes of `examples/ci`: each YAML file is parsed, and each command in it is run with real Go, on a module that leaks
//! and on the same module without the leaking test.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "end-to-end tests run programs and write files, and may panic"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use yaml_rust2::{Yaml, YamlLoader};

/// Where the recipes clone leakgate from.
const SOURCE: &str = "https://git.example.com/tools/leakgate.git";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn recipe(name: &str) -> String {
    std::fs::read_to_string(repository().join("examples/ci").join(name)).unwrap()
}

fn yaml(name: &str) -> Yaml {
    let mut documents =
        YamlLoader::load_from_str(&recipe(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(documents.len(), 1, "{name}");
    documents.remove(0)
}

/// A CI's machine: a checkout of the module, and what else its commands call.
struct Machine {
    dir: tempfile::TempDir,
    variables: BTreeMap<&'static str, String>,
}

/// Which module is checked out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Module {
    Leaky,
    Clean,
}

impl Module {
    /// What the gate ends with.
    fn verdict(self) -> i32 {
        if self == Self::Leaky { 3 } else { 0 }
    }
}

impl Machine {
    fn new(module: Module) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let source = repository().join("examples/first-leak");
        for name in ["go.mod", "mirrors.go", "mirrors_test.go"] {
            std::fs::copy(source.join(name), dir.path().join(name)).unwrap();
        }
        if module == Module::Clean {
            let tests = dir.path().join("mirrors_test.go");
            let text = std::fs::read_to_string(&tests).unwrap();
            std::fs::write(
                tests,
                text.replace(
                    "func TestFastest(t *testing.T) {",
                    "func TestFastest(t *testing.T) {\n\tt.Skip()",
                ),
            )
            .unwrap();
        }
        std::fs::write(dir.path().join("leakgate.toml"), "version = 1\n").unwrap();
        let machine = Self {
            dir,
            variables: BTreeMap::new(),
        };
        machine.program(
            "leakgate",
            &format!("exec {} \"$@\"", env!("CARGO_BIN_EXE_leakgate")),
        );
        // No registry has leakgate: it is built from a clone.
        machine.program(
            "cargo",
            &format!("case \"$*\" in \"install --locked --git {SOURCE}\"*) ;; *) exit 9 ;; esac"),
        );
        machine.program("curl", "exit 9");
        machine.program(
            "buildkite-agent",
            "if [ \"$1\" = annotate ]; then cat > annotation.md; fi",
        );
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A program that the commands find first.
    fn program(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path(".bin").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn run(&self, command: &str) -> Output {
        let search = format!(
            "{}:{}",
            self.path(".bin").display(),
            std::env::var("PATH").unwrap()
        );
        let mut shell = Command::new("bash");
        for name in [
            "CI",
            "GITHUB_ACTIONS",
            "GITLAB_CI",
            "BUILDKITE",
            "TEAMCITY_VERSION",
        ] {
            shell.env_remove(name);
        }
        shell
            .args(["-e", "-o", "pipefail", "-c", command])
            .env("PATH", search)
            .current_dir(self.dir.path());
        shell.env("GIT_OF_LEAKGATE", SOURCE);
        shell.envs(&self.variables).output().unwrap()
    }

    /// Runs a command that must end with this code.
    fn expect(&self, command: &str, code: i32) -> String {
        let output = self.run(command);
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.status.code(), Some(code), "{command}\n{text}");
        text
    }

    fn has(&self, files: &[&str]) {
        for file in files {
            let size = std::fs::metadata(self.path(file)).map(|meta| meta.len());
            assert!(size.is_ok_and(|size| size > 0), "{file} was not written");
        }
    }
}

/// Every `run` of the steps of a GitHub job.
fn github_runs(job: &Yaml) -> Vec<String> {
    let steps = job["steps"].as_vec().expect("a job has steps");
    for step in steps {
        assert_eq!(
            step["run"].is_badvalue(),
            !step["uses"].is_badvalue(),
            "a step either runs or uses"
        );
    }
    steps
        .iter()
        .filter_map(|step| Some(step["run"].as_str()?.to_owned()))
        .collect()
}

fn texts(list: &Yaml) -> Vec<String> {
    list.as_vec()
        .expect("a list")
        .iter()
        .map(|text| text.as_str().expect("a command").to_owned())
        .collect()
}

fn code_of(command: &str, module: Module) -> i32 {
    if command.contains("leakgate test") || command.contains("leakgate merge") {
        module.verdict()
    } else {
        0
    }
}

#[test]
fn github_gate() {
    for module in [Module::Leaky, Module::Clean] {
        let mut machine = Machine::new(module);
        let workspace = machine.dir.path().display().to_string();
        let summary = machine.path("summary.md").display().to_string();
        machine.variables = BTreeMap::from([
            ("CI", "true".to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_WORKSPACE", workspace),
            ("GITHUB_STEP_SUMMARY", summary),
        ]);
        let mut log = String::new();
        for run in github_runs(&yaml("github/gate.yml")["jobs"]["leaks"]) {
            log += &machine.expect(&run, code_of(&run, module));
        }
        machine.has(&[
            "out/junit.xml",
            "out/leaks.json",
            "out/leaks.sarif",
            "out/leaks.html",
            "summary.md",
        ]);
        let annotated = log.contains("\n::error file=mirrors_test.go,line=33,");
        assert_eq!(annotated, module == Module::Leaky, "{log}");
    }
}

#[test]
fn output_of_tests_steers_no_runner() {
    let mut machine = Machine::new(Module::Leaky);
    machine.variables = BTreeMap::from([("GITHUB_ACTIONS", "true".to_owned())]);
    let test = "package firstleak\n\nimport (\n\t\"fmt\"\n\t\"testing\"\n)\n\nfunc TestHostile(t *testing.T) {\n\tfmt.Print(\"::error::pwned\\n::add-mask::a\")\n}\n";
    let text = std::fs::read_to_string(machine.path("mirrors.go")).unwrap();
    let package = text
        .lines()
        .find_map(|line| line.strip_prefix("package "))
        .unwrap();
    std::fs::write(
        machine.path("hostile_test.go"),
        test.replace("firstleak", package),
    )
    .unwrap();
    let output = machine.run("leakgate test -v ./...");
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(log.contains("::error::pwned"), "the test's output is shown");
    let heard = support::heard_by_github(&log);
    let of_ours = |line: &&str| line.starts_with("::error file=");
    assert!(
        heard.iter().any(of_ours),
        "our own annotations are commands: {log}"
    );
    assert!(!heard.iter().any(|line| line.contains("pwned")), "{log}");
    // A verb that prints no output of tests closes no fence that it did not open.
    machine.expect("leakgate test --report json=a.json ./... > /dev/null", 3);
    let log = machine.expect("leakgate merge a.json", 3);
    let heard = support::heard_by_github(&log);
    assert!(!heard.iter().any(|line| line.starts_with("::leakgate-")), "{log}");
}

#[test]
fn github_sharded() {
    let recipe = yaml("github/sharded.yml");
    let shards = recipe["jobs"]["shard"]["strategy"]["matrix"]["shard"]
        .as_vec()
        .unwrap()
        .len();
    assert_eq!(shards, 4);
    for module in [Module::Leaky, Module::Clean] {
        let machine = Machine::new(module);
        for shard in 1..=shards {
            for run in github_runs(&recipe["jobs"]["shard"]) {
                let run = run.replace("${{ matrix.shard }}", &shard.to_string());
                assert!(!run.contains("${{"), "{run}");
                // A shard has the one package of this module, or none.
                let output = machine.run(&run);
                assert!(
                    [Some(0), Some(code_of(&run, module))].contains(&output.status.code()),
                    "{run}: {output:?}"
                );
            }
            machine.has(&[&format!("out/shard-{shard}.json")]);
        }
        for run in github_runs(&recipe["jobs"]["verdict"]) {
            let log = machine.expect(&run, code_of(&run, module));
            assert!(!log.contains("missing"), "{log}");
        }
        machine.has(&["out/leaks.html", "out/leaks.json", "out/junit.xml"]);
    }
}

#[test]
fn gitlab_gate() {
    let job = &yaml("gitlab/.gitlab-ci.yml")["leaks"];
    for module in [Module::Leaky, Module::Clean] {
        let machine = Machine::new(module);
        for command in texts(&job["before_script"]).iter().chain(&texts(&job["script"])) {
            machine.expect(command, code_of(command, module));
        }
        for kind in ["junit", "codequality"] {
            machine.has(&[job["artifacts"]["reports"][kind].as_str().unwrap()]);
        }
    }
}

#[test]
fn gitlab_sharded() {
    let recipe = yaml("gitlab/sharded.gitlab-ci.yml");
    let total = recipe["shard"]["parallel"].as_i64().unwrap();
    let mut machine = Machine::new(Module::Leaky);
    for index in 1..=total {
        machine.variables = BTreeMap::from([
            ("CI_NODE_INDEX", index.to_string()),
            ("CI_NODE_TOTAL", total.to_string()),
        ]);
        for command in texts(&recipe["shard"]["script"]) {
            let output = machine.run(&command);
            assert!(
                [Some(0), Some(3)].contains(&output.status.code()),
                "{command}: {output:?}"
            );
        }
    }
    for command in texts(&recipe["verdict"]["script"]) {
        machine.expect(&command, 3);
    }
    machine.has(&["out/junit.xml", "out/gl-code-quality.json", "out/leaks.html"]);
}

#[test]
fn buildkite() {
    let recipe = yaml("buildkite/pipeline.yml");
    let steps = recipe["steps"].as_vec().unwrap();
    let mut machine = Machine::new(Module::Leaky);
    let total = steps[0]["parallelism"].as_i64().unwrap();
    for job in 0..total {
        machine.variables = BTreeMap::from([
            ("BUILDKITE", "true".to_owned()),
            ("BUILDKITE_PARALLEL_JOB", job.to_string()),
            ("BUILDKITE_PARALLEL_JOB_COUNT", total.to_string()),
        ]);
        for command in texts(&steps[0]["commands"]) {
            // Buildkite itself reads `$$` as `$`.
            let output = machine.run(&command.replace("$$", "$"));
            assert!(
                [Some(0), Some(3)].contains(&output.status.code()),
                "{command}: {output:?}"
            );
        }
    }
    for command in texts(&steps[1]["commands"]) {
        let command = command.replace("$$", "$");
        machine.expect(&command, code_of(&command, Module::Leaky));
    }
    machine.has(&["out/leaks.html", "annotation.md"]);
}

#[test]
fn pre_commit() {
    let recipe = yaml("pre-commit/.pre-commit-config.yaml");
    let hooks = recipe["repos"][0]["hooks"].as_vec().unwrap();
    assert_eq!(hooks.len(), 2);
    for module in [Module::Leaky, Module::Clean] {
        let machine = Machine::new(module);
        for hook in hooks {
            let entry = hook["entry"].as_str().unwrap();
            machine.expect(entry, code_of(entry, module));
        }
    }
}

#[test]
fn jenkins() {
    let text = recipe("jenkins/Jenkinsfile");
    let commands: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("sh '")?.strip_suffix('\''))
        .collect();
    assert_eq!(commands.len(), text.matches("sh '").count());
    let machine = Machine::new(Module::Leaky);
    for command in commands {
        machine.expect(command, code_of(command, Module::Leaky));
    }
    machine.has(&["out/junit.xml", "out/leaks.html"]);
}

#[test]
fn every_recipe_is_listed_and_tested() {
    let folder = repository().join("examples/ci");
    let readme = recipe("README.md");
    let tests = include_str!("main.rs");
    let mut count = 0;
    for kind in std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
    {
        for file in std::fs::read_dir(&kind)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            let name = file.strip_prefix(&folder).unwrap().display().to_string();
            assert!(
                readme.contains(&format!("`{name}`")),
                "{name} is not in the README"
            );
            assert!(tests.contains(&format!("\"{name}\"")), "{name} has no test");
            count += 1;
        }
    }
    assert_eq!(count, 7);
}
