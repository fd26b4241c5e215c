//! Rulings, entry by entry.

use super::*;
use crate::leak::{Group, TestName};
use crate::rules::allow::{List, read_list};
use crate::rules::baseline::BaselineEntry;
use crate::rules::catalog::Catalog;
use crate::rules::some_leak::leak;
use jiff::civil::date;

const TODAY: Date = date(2026, 11, 21);
const FULL: Context<'static> = Context {
    today: TODAY,
    modules: &[],
    not_full: None,
};

fn book(toml: &str) -> RuleBook {
    let document = toml_edit::Document::parse(toml.to_owned()).unwrap();
    let (allow, problems) = read_list(List::Allow, toml, document.as_table().get("allow").unwrap());
    assert_eq!(problems, []);
    RuleBook {
        allow,
        ..RuleBook::default()
    }
}

fn worker(count: u64) -> Group {
    Group {
        count,
        ..leak(
            &["runtime.gopark", "example.com/shop/cart.(*Cart).watch.func1"],
            "example.com/shop/cart.New",
        )
    }
}

/// Rules goroutines that nothing hangs on.
trait Alone {
    fn rule_alone(&self, groups: &[Group], context: &Context<'_>) -> Rulings;
}

impl Alone for RuleBook {
    fn rule_alone(&self, groups: &[Group], context: &Context<'_>) -> Rulings {
        let leaks: Vec<Leak> = groups.iter().cloned().map(Leak::alone).collect();
        self.rule(&leaks, context)
    }
}

fn kinds(rulings: &Rulings) -> Vec<RulingKind> {
    rulings.rulings.iter().map(|ruling| ruling.kind).collect()
}

fn codes(rulings: &Rulings) -> Vec<LintCode> {
    rulings.notices.iter().map(|notice| notice.code).collect()
}

#[test]
fn an_entry_lets_pass_what_it_names_and_says_so() {
    let rules = book(
        "\n[[allow]]\nentry = \"example.com/shop/cart.(*Cart).watch\"\nowner = \"@cart\"\nreason = \"keep-alive\"\nexpires = 2027-01-31\n",
    );
    let ruled = rules.rule_alone(&[worker(2), leak(&["other.F"], "other.G")], &FULL);
    assert_eq!(kinds(&ruled), [RulingKind::Allowed, RulingKind::Fails]);
    let ruling = &ruled.rulings[0];
    assert_eq!(
        ruling.because.as_deref(),
        Some("allowed by leakgate.toml:2 until 2027-01-31: keep-alive")
    );
    assert_eq!(
        (ruling.owner.as_deref(), ruling.expires.as_deref()),
        (Some("@cart"), Some("2027-01-31"))
    );
    assert_eq!(
        ruled.usage,
        [Usage {
            matched: 2,
            covered: 2
        }]
    );
    assert_eq!(ruled.notices, []);
}

#[test]
fn all_keys_of_an_entry_must_match() {
    for (toml, passes) in [
        (
            "entry = \"example.com/shop/cart.(*Cart).watch\"\nstate = \"chan receive\"",
            true,
        ),
        (
            "entry = \"example.com/shop/cart.(*Cart).watch\"\nstate = \"select\"",
            false,
        ),
        ("any = \"example.com/shop/...\"\ntest = \"TestAdd/...\"", true),
        (
            "any = \"example.com/shop/...\"\ntest = [\"TestB\", \"TestC\"]",
            false,
        ),
        (
            "created-by = \"example.com/shop/cart.New\"\npackage = \"example.com/shop/...\"",
            true,
        ),
        (
            "created-by = \"example.com/shop/cart.New\"\npackage = \"example.com/other/...\"",
            false,
        ),
        ("top = \"example.com/shop/cart.(*Cart).watch\"", false),
    ] {
        let ruled = book(&format!("[[allow]]\n{toml}\n")).rule_alone(&[worker(1)], &FULL);
        assert_eq!(ruled.rulings[0].kind == RulingKind::Allowed, passes, "{toml}");
    }
}

#[test]
fn above_max_the_whole_finding_fails_with_the_reason() {
    let rules = book("[[allow]]\nentry = \"example.com/shop/cart.(*Cart).watch\"\nmax = 4\n");
    assert_eq!(
        kinds(&rules.rule_alone(&[worker(2), worker(2)], &FULL)),
        [RulingKind::Allowed; 2]
    );
    let ruled = rules.rule_alone(&[worker(2), worker(3)], &FULL);
    assert_eq!(kinds(&ruled), [RulingKind::Fails; 2]);
    assert_eq!(
        ruled.rulings[0].because.as_deref(),
        Some("leakgate.toml:1 covers at most 4 in a package, 5 were found")
    );
    assert_eq!(codes(&ruled), [LintCode::OverMax]);
}

#[test]
fn the_cap_counts_each_test_process_by_itself_and_not_the_late() {
    let rules = book("[[allow]]\nentry = \"example.com/shop/cart.(*Cart).watch\"\nmax = 2\n");
    let elsewhere = Group {
        package: PackagePath("example.com/shop/till".into()),
        ..worker(2)
    };
    let late = Group {
        verdict: Verdict::Late,
        ..worker(9)
    };
    assert_eq!(
        kinds(&rules.rule_alone(&[worker(2), elsewhere, late], &FULL)),
        [RulingKind::Allowed; 3]
    );
}

#[test]
fn an_expired_entry_covers_nothing_and_says_since_when() {
    let toml = |day| format!("[[allow]]\nentry = \"example.com/shop/cart.(*Cart).watch\"\nexpires = {day}\n");
    assert_eq!(
        kinds(&book(&toml("2026-11-21")).rule_alone(&[worker(1)], &FULL)),
        [RulingKind::Allowed],
        "the last day counts"
    );
    let ruled = book(&toml("2026-11-20")).rule_alone(&[worker(1)], &FULL);
    assert_eq!(kinds(&ruled), [RulingKind::Fails]);
    assert_eq!(
        ruled.rulings[0].because.as_deref(),
        Some("leakgate.toml:1 allowed it until 2026-11-20, which has passed")
    );
    assert_eq!(codes(&ruled), [LintCode::Expired]);
    assert_eq!(
        ruled.notices[0].place.map(|place| (place.line, place.column)),
        Some((3, 11))
    );
}

#[test]
fn unused_entries_are_stale_only_after_a_full_run() {
    let rules = book("[[allow]]\nentry = \"gone.F\"\n");
    assert_eq!(codes(&rules.rule_alone(&[worker(1)], &FULL)), [LintCode::Stale]);
    let partial = Context {
        not_full: Some("-run was given"),
        ..FULL
    };
    assert_eq!(codes(&rules.rule_alone(&[worker(1)], &partial)), []);
}

#[test]
fn a_stale_entry_says_in_which_key_alone_a_leak_differs() {
    let of_test = |name: &str| Group {
        tests: vec![TestName(name.to_owned())],
        ..worker(1)
    };
    let said = |toml: &str, leak: Group| {
        let ruled = book(toml).rule_alone(&[leak], &FULL);
        assert_eq!(codes(&ruled), [LintCode::Stale], "{toml}");
        let notice = &ruled.notices[0];
        (notice.message.clone(), notice.remedy.clone().unwrap())
    };
    for entry in [
        "[[allow]]\nentry = \"example.com/shop/cart.(*Cart).watch\"\ntest = \"TestX\"\n",
        "[[allow]]\ntest = \"TestX\"\n",
    ] {
        let (message, remedy) = said(entry, of_test("TestX/a"));
        assert!(
            message.ends_with("would match, but `test` is TestX/a"),
            "{message}"
        );
        assert_eq!(
            remedy,
            "a test does not include its subtests: write `test = \"TestX/...\"`"
        );
    }
    let state = "[[allow]]\nentry = \"example.com/shop/cart.(*Cart).watch\"\nstate = \"sleep\"\n";
    let (message, _) = said(state, of_test("TestX"));
    assert!(message.contains("`state` is chan receive"), "{message}");
    let other = "[[allow]]\nentry = \"example.com/shop/cart.New\"\n";
    let (_, remedy) = said(other, of_test("TestX"));
    assert_eq!(remedy, "remove it: `leakgate allow prune --write`");
}

#[test]
fn an_entry_shadowed_by_an_earlier_one_is_not_stale() {
    let rules = book(
        "[[allow]]\nany = \"example.com/shop/...\"\n[[allow]]\nentry = \"example.com/shop/cart.(*Cart).watch\"\n",
    );
    let ruled = rules.rule_alone(&[worker(1)], &FULL);
    assert_eq!(
        ruled.usage,
        [
            Usage {
                matched: 1,
                covered: 1
            },
            Usage {
                matched: 1,
                covered: 0
            }
        ]
    );
    assert_eq!(codes(&ruled), []);
}

#[test]
fn a_guess_between_two_tests_is_not_covered_by_an_entry_about_one() {
    let rules = book("[[allow]]\nentry = \"example.com/shop/cart.(*Cart).watch\"\ntest = \"TestAdd\"\n");
    let mut window = worker(1);
    window.tests.push(crate::leak::TestName("TestRemove".into()));
    assert_eq!(kinds(&rules.rule_alone(&[window], &FULL)), [RulingKind::Fails]);
}

#[test]
fn the_catalog_knows_the_signal_loop_once_per_process() {
    let signal = |count| Group {
        count,
        ..leak(
            &["os/signal.signal_recv", "os/signal.loop"],
            "os/signal.Notify.func1.1",
        )
    };
    let ruled = RuleBook::default().rule_alone(&[signal(1)], &FULL);
    assert_eq!(kinds(&ruled), [RulingKind::Background]);
    assert_eq!(ruled.rulings[0].rule.as_deref(), Some("catalog:os-signal-loop"));
    let ruled = RuleBook::default().rule_alone(&[signal(2)], &FULL);
    assert_eq!(kinds(&ruled), [RulingKind::Fails]);
    let mut off = RuleBook::default();
    off.catalog.disabled.push("os-signal-loop".to_owned());
    assert_eq!(kinds(&off.rule_alone(&[signal(1)], &FULL)), [RulingKind::Fails]);
}

/// A pool, meter or client that the test made and did not close looks like the library's own but for who started it.
#[test]
fn what_a_test_starts_of_a_library_is_not_the_librarys_own() {
    let fails = [
        (
            "github.com/panjf2000/ants/v2.(*poolCommon).ticktock",
            "github.com/panjf2000/ants/v2.(*poolCommon).goTicktock",
        ),
        (
            "go.opencensus.io/stats/view.(*worker).start",
            "go.opencensus.io/stats/view.(*worker).Start",
        ),
        (
            "github.com/rollbar/rollbar-go.NewAsyncTransport.func1",
            "github.com/rollbar/rollbar-go.NewAsyncTransport",
        ),
        (
            "github.com/lestrrat-go/httprc.runFetchWorker",
            "github.com/lestrrat-go/httprc.NewFetcher",
        ),
        (
            "github.com/cihub/seelog.(*asyncLoopLogger).processQueue",
            "github.com/cihub/seelog.NewAsyncLoopLogger",
        ),
        (
            "github.com/blevesearch/bleve_index_api.AnalysisWorker",
            "github.com/blevesearch/bleve_index_api.NewAnalysisQueue",
        ),
        (
            "github.com/ipfs/go-log/writer.(*MirrorWriter).logRoutine",
            "github.com/ipfs/go-log/writer.NewMirrorWriter",
        ),
        ("runtime/trace.Start.func1", "runtime/trace.Start"),
    ];
    for (entry, creator) in fails {
        let mut one = [leak(&[entry], creator)];
        let ruled = RuleBook::default().rule_alone(&one, &FULL);
        assert_eq!(kinds(&ruled), [RulingKind::Fails], "{entry}");
        Catalog::built_in().enrich(&mut one[0]);
        assert_ne!(one[0].cause.fix, "", "{entry}");
    }
    let own = leak(
        &["go.opencensus.io/stats/view.(*worker).start"],
        "go.opencensus.io/stats/view.init.0",
    );
    let ruled = RuleBook::default().rule_alone(&[own], &FULL);
    assert_eq!(kinds(&ruled), [RulingKind::Background]);
}

/// <https://github.com/hashicorp/golang-lru/issues/159>: a callback of the user's blocks a goroutine of the library's.
#[test]
fn the_catalog_excuses_no_code_of_the_users_own() {
    let stuck = |above: &str, own_frames: Vec<usize>| Group {
        own_frames,
        ..leak(
            &[
                above,
                "github.com/patrickmn/go-cache.(*cache).DeleteExpired",
                "github.com/patrickmn/go-cache.(*janitor).Run",
            ],
            "github.com/patrickmn/go-cache.runJanitor",
        )
    };
    let own = stuck("example.com/shop/cart.TestAdd.func1", vec![0]);
    let library = stuck("github.com/patrickmn/go-cache.(*cache).delete", vec![]);
    // The library's own tests: every frame is own, and the janitor is still the library's.
    let tested = stuck("github.com/patrickmn/go-cache.(*cache).delete", vec![0, 1, 2]);
    let kind = |leak: &Group| kinds(&RuleBook::default().rule_alone(std::slice::from_ref(leak), &FULL))[0];
    assert_eq!(kind(&own), RulingKind::Fails);
    assert_eq!([kind(&library), kind(&tested)], [RulingKind::Warns; 2]);
    let created = Group {
        own_frames: vec![0],
        ..leak(
            &["example.com/shop/cart.TestAdd.func1", "main.call"],
            "github.com/onsi/ginkgo/v2/internal/interrupt_handler.(*InterruptHandler).registerForInterrupts",
        )
    };
    assert_eq!(kind(&created), RulingKind::Fails);
}

#[test]
fn over_its_cap_a_catalog_entry_gives_its_advice() {
    let many = Group {
        count: 11,
        ..leak(
            &["github.com/hashicorp/golang-lru/v2/expirable.NewLRU[...].func1"],
            "github.com/hashicorp/golang-lru/v2/expirable.NewLRU[...]",
        )
    };
    let ruled = RuleBook::default().rule_alone(&[many], &FULL);
    assert_eq!(kinds(&ruled), [RulingKind::Fails]);
    let because = ruled.rulings[0].because.as_deref().unwrap();
    assert!(
        because.contains("at most 10") && because.contains("keep the cache for the life of the process"),
        "{because}"
    );
}

/// A database that is closed ends within a second, which the shim gave it.
#[test]
fn what_had_the_time_to_end_after_its_close_does_not_pass() {
    let drain = leak(
        &["github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"],
        "github.com/syndtr/goleveldb/leveldb.openDB",
    );
    let ruled = RuleBook::default().rule_alone(std::slice::from_ref(&drain), &FULL);
    assert_eq!(kinds(&ruled), [RulingKind::Fails]);
    let because = ruled.rulings[0].because.as_deref().unwrap();
    assert!(
        because.contains("1200 ms") && because.contains("db.Close()"),
        "{because}"
    );
    let late = Group {
        verdict: Verdict::Late,
        ..drain
    };
    let ruled = RuleBook::default().rule_alone(&[late], &FULL);
    assert_ne!(kinds(&ruled), [RulingKind::Fails], "it ended");
}

#[test]
fn late_goroutines_follow_the_setting() {
    let late = [Group {
        verdict: Verdict::Late,
        ..worker(1)
    }];
    let kind = |setting| {
        kinds(
            &RuleBook {
                late: setting,
                ..RuleBook::default()
            }
            .rule_alone(&late, &FULL),
        )
    };
    assert_eq!(kind(Late::Warn), [RulingKind::Warns]);
    assert_eq!(kind(Late::Fail), [RulingKind::Fails]);
    assert_eq!(kind(Late::Ignore), [RulingKind::Allowed]);
}

#[test]
fn once_per_process_warns_if_so_set() {
    let once = [Leak {
        growth: Some(Growth::OncePerProcess { runs: 3 }),
        ..Leak::alone(worker(1))
    }];
    assert_eq!(
        kinds(&RuleBook::default().rule(&once, &FULL)),
        [RulingKind::Fails]
    );
    let lenient = RuleBook {
        once_per_process: OncePerProcess::Warn,
        ..RuleBook::default()
    };
    assert_eq!(kinds(&lenient.rule(&once, &FULL)), [RulingKind::Warns]);
}

fn with_debt(count: u64) -> RuleBook {
    let known = worker(1);
    let entry = BaselineEntry {
        package: known.package,
        fingerprint: known.fingerprint,
        count,
        owner: String::new(),
        cause: String::new(),
    };
    RuleBook {
        baseline: Some(("leakgate.baseline.json".into(), Baseline::of([entry]))),
        ..RuleBook::default()
    }
}

#[test]
fn known_debt_passes_within_its_count_and_growth_never() {
    assert_eq!(
        kinds(&with_debt(3).rule_alone(&[worker(1), worker(2)], &FULL)),
        [RulingKind::Baselined; 2]
    );
    let ruled = with_debt(3).rule_alone(&[worker(2), worker(2)], &FULL);
    assert_eq!(kinds(&ruled), [RulingKind::Fails; 2]);
    assert_eq!(
        ruled.rulings[0].because.as_deref(),
        Some("leakgate.baseline.json knows 3 of it in this package, 4 were found")
    );
}

#[test]
fn fixed_debt_is_said_after_a_full_run() {
    let ruled = with_debt(3).rule_alone(&[worker(1)], &FULL);
    assert_eq!(codes(&ruled), [LintCode::FixedDebt]);
    assert!(
        ruled.notices[0]
            .message
            .starts_with("2 goroutines of the recorded debt are gone")
    );
    let partial = Context {
        not_full: Some("-short was given"),
        ..FULL
    };
    assert_eq!(codes(&with_debt(3).rule_alone(&[], &partial)), []);
}

#[test]
fn a_stuck_test_is_never_let_pass() {
    let rules = book("[[allow]]\nany = \"example.com/shop/...\"\n");
    let stuck = Group {
        verdict: Verdict::Stuck,
        ..worker(1)
    };
    let ruled = rules.rule_alone(&[stuck], &FULL);
    assert_eq!(kinds(&ruled), [RulingKind::Fails]);
    assert_eq!(codes(&ruled), [LintCode::Stale]);
}
