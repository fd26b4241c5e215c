//! Each kind of rot, its code and its fix.

use super::*;
use crate::rules::allow::{List, read_list};
use crate::rules::edit;
use crate::rules::go_mod::GoMod;
use crate::rules::matching::ModuleRoot;
use crate::rules::policy::Required;
use jiff::civil::date;

const GO_MOD: &str = "module example.com/shop\ngo 1.24\nrequire (\n\tgopkg.in/natefinch/lumberjack.v2 v2.2.1\n\tgithub.com/patrickmn/go-cache v2.1.0+incompatible\n\tk8s.io/klog/v2 v2.140.0\n)\n";

fn facts() -> Facts {
    let root = ModuleRoot {
        dir: String::new(),
        path: "example.com/shop".into(),
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Facts {
        modules: vec![(root, GoMod::read(GO_MOD))],
        packages: [
            ("example.com/shop/cart".to_owned(), set(&["(*Cart).watch", "New"])),
            (
                "github.com/patrickmn/go-cache".to_owned(),
                set(&["(*janitor).Run", "runJanitor"]),
            ),
            ("k8s.io/klog/v2".to_owned(), set(&["(*flushDaemon).run"])),
        ]
        .into(),
        directories: Some(["./cart".to_owned(), ".".to_owned()].into()),
    }
}

fn run(toml: &str, policy: &Policy) -> Vec<RuleNotice> {
    let document = toml_edit::Document::parse(toml.to_owned()).unwrap();
    let (entries, problems) = read_list(List::Allow, toml, document.as_table().get("allow").unwrap());
    assert_eq!(problems, [], "{toml}");
    let (facts, catalog) = (facts(), CatalogChoices::default());
    Lint {
        file: "leakgate.toml",
        entries: &entries,
        policy,
        catalog: &catalog,
        facts: &facts,
        today: date(2026, 11, 21),
    }
    .run()
}

fn codes(toml: &str) -> Vec<&'static str> {
    run(toml, &Policy::default())
        .iter()
        .map(|notice| notice.code.as_str())
        .collect()
}

#[test]
fn each_kind_of_rot_has_its_code() {
    for (entry, want) in [
        ("entry = \"example.com/shop/cart.(*Cart).watch\"", ""),
        ("top = \"internal/poll.runtime_pollWait\"", "broad"),
        ("top = \"time.Sleep\"", "broad"),
        ("created-by = \"sync.(*WaitGroup).Go\"", "broad"),
        ("any = \"re:.*\"", "broad"),
        ("package = \"./cart\"", "broad"),
        ("test = \"TestAdd\"", ""),
        ("created-by = \"example.org/...\"", "broad"),
        ("created-by = \"re:example\\\\.org/.*\"", "broad"),
        ("any = \"example.com/shop/...\"", "broad"),
        ("any = \"example.com/shop/...\"\npackage = \"./cart\"", "broad"),
        ("any = \"example.com/shop/...\"\ntest = \"TestAdd\"", ""),
        (
            "any = \"example.com/shop/...\"\nentry = \"example.com/shop/cart.New\"",
            "",
        ),
        ("any = \"example.com/shop/cart/...\"", ""),
        ("any = \"github.com/patrickmn/...\"", ""),
        ("test = \"re:.*\"", "broad"),
        (
            "top = \"time.Sleep\"\nentry = \"example.com/shop/cart.(*Cart).watch\"",
            "",
        ),
        ("entry = [\"time.Sleep\", \"example.com/shop/cart.New\"]", "broad"),
        ("top = \"runtime.gopark\"", "dead"),
        (
            "any = \"go.etcd.io/etcd/client/pkg/v3/logutil.(*MergeLogger).outputLoop\"",
            "dead",
        ),
        ("any = \"re:x\\\\.F\\\\.func[0-9]+\"", "dead"),
        ("any = \"github.com/patrickmn/go-cache\"", "dead"),
        (
            "any = \"go.opencensus.io/stats/view.(*worker).start\"",
            "dead-module in-catalog",
        ),
        (
            "any = \"k8s.io/klog/v2.(*loggingT).flushDaemon\"",
            "dead-function in-catalog",
        ),
        (
            "any = \"github.com/patrickmn/go-cache.(*janitor).run\"",
            "dead-function",
        ),
        ("any = \"example.com/shop/cart.(*Basket).watch\"", "dead-function"),
        ("any = \"example.com/shop/cart.New.watchAll\"", ""),
        (
            "any = \"gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun\"",
            "spelling",
        ),
        ("any = \"gopkg.in/natefinch/lumberjack.v2.(*Logger).millRun\"", ""),
        ("any = \"example.com/shop/cart.New.func1\"", "spelling"),
        ("any = \"example.com/shop/cart.New \"", "spelling"),
        (
            "any = \"example.com/shop/vendor/k8s.io/klog/v2.(*flushDaemon).run\"",
            "in-catalog spelling",
        ),
        ("any = \"main.serve\"", ""),
        ("any = \"os/signal.loop\"", "in-catalog"),
        (
            "any = \"example.com/shop/cart.New\"\npackage = \"./basket/...\"",
            "dead",
        ),
        (
            "any = \"example.com/shop/cart.New\"\nreason = \"TODO: why?\"",
            "placeholder",
        ),
        (
            "any = \"example.com/shop/cart.New\"\nexpires = 2026-11-20",
            "expired",
        ),
        (
            "any = \"example.com/shop/cart.New\"\nexpires = 2026-11-21",
            "expiring",
        ),
        (
            "any = \"example.com/shop/cart.New\"\nexpires = 2026-12-05",
            "expiring",
        ),
        ("any = \"example.com/shop/cart.New\"\nexpires = 2026-12-06", ""),
    ] {
        let mut found = codes(&format!("[[allow]]\n{entry}\n"));
        found.sort_unstable();
        assert_eq!(found.join(" "), want, "{entry}");
    }
}

#[test]
fn policy_demands_are_findings_of_their_own() {
    let policy = Policy {
        require: Required::ALL.to_vec(),
        max_days: Some(30),
        ..Policy::default()
    };
    let found: Vec<&str> = run("[[allow]]\nentry = \"example.com/shop/cart.New\"\n", &policy)
        .iter()
        .map(|n| n.code.as_str())
        .collect();
    assert_eq!(
        found,
        [
            "missing-reason",
            "missing-owner",
            "missing-issue",
            "missing-expires"
        ]
    );
    let long = "[[allow]]\nentry = \"example.com/shop/cart.New\"\nexpires = 2026-12-22\nreason = \"r\"\nowner = \"o\"\nissue = \"i\"\n";
    assert_eq!(
        run(long, &policy)[0].message,
        "the entry lasts 31 days more; policy allows 30"
    );
}

#[test]
fn a_level_can_be_changed_and_switched_off() {
    let mut policy = Policy::default();
    policy.levels.insert(LintCode::Broad, LintLevel::Warn);
    let toml = "[[allow]]\ntop = \"time.Sleep\"\n";
    assert_eq!(run(toml, &policy)[0].level, LintLevel::Warn);
    policy.levels.insert(LintCode::Broad, LintLevel::Allow);
    assert_eq!(run(toml, &policy), []);
}

#[test]
fn duplicates_and_shadowed_entries_name_the_earlier_line() {
    let toml = "[[allow]]\nany = \"example.com/shop/cart/...\"\n\n[[allow]]\nentry = \"example.com/shop/cart.New\"\n\n[[allow]]\nany = \"example.com/shop/cart/...\"\n";
    let found = run(toml, &Policy::default());
    let said: Vec<(&str, u32)> = found
        .iter()
        .map(|n| (n.code.as_str(), n.place.unwrap().line))
        .collect();
    assert_eq!(said, [("shadowed", 4), ("duplicate", 7)]);
    assert!(found[1].message.ends_with("on line 1"));
    let capped = "[[allow]]\nany = \"example.com/shop/cart/...\"\nmax = 1\n[[allow]]\nany = \"example.com/shop/cart/...\"\nmax = 2\n";
    assert_eq!(codes(capped), [""; 0], "the second has more room");
}

#[test]
fn a_guess_at_the_right_name_is_never_a_fix() {
    let toml = "[[allow]]\nentry = \"github.com/patrickmn/go-cache.(*janitor).run\"\n\n[[allow]]\nany = \"github.com/patrickmn/go-cache\"\n\n[[allow]]\nany = [\"os/signal.loop\", \"example.com/shop/cart.New\"]\n";
    let found = run(toml, &Policy::default());
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(edit::fix(toml, &found).unwrap(), toml);
}

#[test]
fn fixes_spell_right_and_remove_only_what_changes_nothing() {
    let toml = "[[allow]]\nentry = \"github.com/patrickmn/go-cache.(*janitor[...]).Run\" # ttl\n\n[[allow]]\nentry = \"example.com/shop/cart.New \"\n\n# twice\n[[allow]]\nentry = \"example.com/shop/cart.New\"\n";
    let fixed = edit::fix(toml, &run(toml, &Policy::default())).unwrap();
    assert_eq!(
        fixed,
        "[[allow]]\nentry = \"github.com/patrickmn/go-cache.(*janitor).Run\" # ttl\n\n[[allow]]\nentry = \"example.com/shop/cart.New\"\n\n"
    );
    assert_eq!(codes(&fixed), [""; 0]);
}

#[test]
fn a_pattern_that_matches_everything_is_called_so() {
    for key in ["entry", "created-by", "top", "any"] {
        for pattern in ["re:.*", "re:.+", "re:[^~]*"] {
            let found = run(&format!("[[allow]]\n{key} = \"{pattern}\"\n"), &Policy::default());
            assert_eq!(
                found[0].message,
                format!("`{key}` would hide every leak: the pattern matches everything")
            );
            assert_eq!(found[0].remedy.as_deref(), Some("name what the entry is about"));
        }
    }
    let poll = run("[[allow]]\ntop = \"re:internal/poll.*\"\n", &Policy::default());
    assert!(!poll[0].message.contains("everything"), "{}", poll[0].message);
}
