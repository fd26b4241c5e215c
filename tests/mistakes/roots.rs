//! What one entry of the allow-list or baseline covers: the root that it matches, and all that hangs on it.

use support::{Copied, Said};

struct Module(Copied);

impl Module {
    fn new() -> Self {
        Self(Copied::of(&support::module("roots")))
    }

    fn run(&self, args: &[&str]) -> Said {
        Said::of(support::leakgate(args.iter().copied()).current_dir(self.0.dir()))
    }

    /// All tests, with more flags.
    fn test(&self, flags: &[&str]) -> Said {
        let mut args = vec!["test", "--trace=off"];
        args.extend(flags);
        args.push("./...");
        self.run(&args)
    }

    fn allow(&self, names: &[&str]) {
        let mut text = String::from("version = 1\n");
        for name in names {
            text += &format!("\n[[allow]]\nentry = \"{name}\"\nreason = \"known\"\n");
        }
        std::fs::write(self.0.dir().join("leakgate.toml"), text).unwrap();
    }

    /// Lines of the baseline that name a leak.
    fn debt(&self) -> usize {
        let text = std::fs::read_to_string(self.0.dir().join("leakgate.baseline.json")).unwrap();
        text.matches("\"fingerprint\":").count()
    }
}

const SERVER: &str = "net/http/httptest.(*Server).goServe";
const AGENT: &str = "example.com/roots.(*Agent).gossip";

#[test]
fn an_entry_on_the_root_covers_what_hangs_on_it_unless_each_is_matched_alone() {
    let module = Module::new();
    module.allow(&[SERVER, AGENT]);
    module.test(&[]).code(0).says("(8 goroutines)");
    module.test(&["--join=off"]).code(3).says("6 leaks: 6 goroutines");
}

#[test]
fn an_entry_never_covers_a_leak_whose_root_it_does_not_match() {
    let module = Module::new();
    module.allow(&[
        "net/http.(*persistConn).readLoop",
        "example.com/roots.(*Agent).serve",
    ]);
    module.test(&[]).code(3).says("2 leaks: 8 goroutines");
}

#[test]
fn a_baseline_that_names_each_goroutine_is_carried_over_to_roots() {
    let module = Module::new();
    module.test(&["--join=off"]).code(3).says("8 leaks: 8 goroutines");
    module.run(&["baseline", "write"]).code(0);
    assert_eq!(module.debt(), 8);
    // The roots are among its lines; the other lines have no leak of their own any more.
    module.test(&[]).code(0);
    module.run(&["baseline", "tighten"]).code(0);
    assert_eq!(module.debt(), 2);
    module.test(&[]).code(0).says("(8 goroutines)");
}

#[test]
fn with_v_a_test_that_leaks_is_no_pass() {
    let said = Module::new().test(&["-v"]).code(3);
    for line in [
        "--- LEAK: TestServer",
        "--- LEAK: TestAgent",
        "--- PASS: TestTidy",
    ] {
        assert!(said.out.contains(line), "no {line} in {}", said.out);
    }
    assert_eq!(said.out.matches("PASS").count(), 1, "{}", said.out);
}
