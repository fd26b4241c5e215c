//! A rich report for the tests of every format: each verdict, ruling, attribution and package status, and hostile names.

use crate::diag::Severity;
use crate::goroutine::{Created, Fingerprint, Frame, FuncName, GoroutineId, Label, Location, State};
use crate::leak::attribution::{By, CodePlace, LabelRead};
use crate::leak::{
    Attribution, Cause, CauseCode, Evidenced, Group, Growth, Leak, Lived, SourceLine, Spot, Stuck, TestName,
    Verdict,
};
use crate::package_path::PackagePath;
use crate::report::{
    Finding, Inconclusive, LeftBy, Notice, Outcome, PackageReport, PackageStatus, Report, Repository, Run,
    Sample, Summary, TestReport, Tool,
};
use crate::rules::{Ruling, RulingKind};

/// Where the sample's module lies.
const ROOT: &str = "/home/ann/shop/";
/// A test name that tries everything: terminal, HTML, XML, Markdown, workflow commands, bidi.
pub(crate) const HOSTILE: &str = "Test<img src=x onerror=alert(1)>/\x1b[31m\u{9b}2J]]>\u{202e}|`*_##teamcity[x]'\n::error file=a::b\u{0}\"&amp;</script>";

/// The whole report.
pub(crate) fn report() -> Report {
    let mut report = Report {
        schema: super::model::SCHEMA.to_owned(),
        tool: Tool {
            name: "leakgate".to_owned(),
            version: "0.1.0".to_owned(),
        },
        run: run(),
        packages: packages(),
        findings: findings(),
        notices: notices(),
        summary: Summary::default(),
        exit_code: 0,
    };
    super::summary::finish(&mut report, &super::summary::Gate::default());
    report
}

/// A report of a run without a single finding.
pub(crate) fn clean() -> Report {
    let mut report = report();
    report.findings.clear();
    report.notices.clear();
    report
        .packages
        .retain(|package| package.path.0.ends_with("/clean"));
    super::summary::finish(&mut report, &super::summary::Gate::default());
    report
}

/// A report with `n` failing leaks of many tests, owners and causes.
pub(crate) fn large(n: usize) -> Report {
    let mut report = report();
    let causes = [
        CauseCode::SendNoReceiver,
        CauseCode::ReceiveNoSender,
        CauseCode::WaitGroup,
        CauseCode::NetworkIo,
    ];
    let mut tests = Vec::new();
    for index in 0..n {
        let mut finding = send_no_receiver();
        let leak = &mut finding.leak.root;
        leak.fingerprint = Fingerprint(format!("{:016x}", 0x1000_0000_u64 + index as u64));
        leak.package = path("big");
        leak.tests = vec![TestName(format!("TestBig{:05}", index / 2))];
        leak.cause.code = causes[index % causes.len()];
        leak.cause.title = leak.cause.code.as_str().replace('-', " ");
        leak.owner = FuncName(format!("example.com/shop/big.owner{}", index % 97));
        leak.count = 1 + (index as u64 % 7) * 3;
        leak.first_seen_ms = index as u64;
        if index % 2 == 0 {
            let mut test = test(
                &leak.tests[0].0,
                Outcome::Passed,
                index as f64,
                index as f64 + 3.0,
            );
            test.findings = vec![report.findings.len(), report.findings.len() + 1];
            tests.push(test);
        }
        report.findings.push(finding);
    }
    let samples = (0..n)
        .map(|i| Sample {
            at_ms: i as f64,
            goroutines: 3 + 10 * i as u64,
        })
        .collect();
    let big = PackageReport {
        tests,
        samples,
        ..package("big", PackageStatus::Passed)
    };
    report.packages.push(big);
    super::summary::finish(&mut report, &super::summary::Gate::default());
    report
}

fn run() -> Run {
    Run {
        command: ["test", "-race", "./..."].map(str::to_owned).to_vec(),
        go_version: "go1.26.8".to_owned(),
        started: "2026-11-21T05:00:00Z".to_owned(),
        elapsed_ms: 12_345,
        partial: None,
        not_full: None,
        left_out: crate::report::LeftOut::Nothing,
        shard: None,
        module: Some("example.com/shop".to_owned()),
        repository: Some(Repository {
            url: "https://github.com/example/shop".to_owned(),
            commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        }),
    }
}

fn path(name: &str) -> PackagePath {
    PackagePath(format!("example.com/shop/{name}"))
}

fn package(name: &str, status: PackageStatus) -> PackageReport {
    PackageReport {
        path: path(name),
        status,
        cached: false,
        elapsed_ms: 740,
        inconclusive: None,
        tests: Vec::new(),
        samples: Vec::new(),
        settle_ms: 0,
        output: String::new(),
    }
}

fn test(name: &str, outcome: Outcome, start: f64, end: f64) -> TestReport {
    TestReport {
        name: TestName(name.to_owned()),
        outcome,
        elapsed_ms: end - start,
        start_ms: Some(start),
        end_ms: Some(end),
        findings: Vec::new(),
        output: String::new(),
        attrs: Vec::new(),
    }
}

fn packages() -> Vec<PackageReport> {
    let broken = PackageReport {
        output: "# example.com/shop/broken\nbroken/broken.go:3:7: undefined: x\n".to_owned(),
        ..package("broken", PackageStatus::BuildFailed)
    };
    let clean = PackageReport {
        cached: true,
        tests: vec![
            test("TestSum", Outcome::Passed, 0.0, 1.5),
            test("TestLater", Outcome::Skipped, 1.5, 1.5),
        ],
        samples: vec![
            Sample {
                at_ms: 0.0,
                goroutines: 3,
            },
            Sample {
                at_ms: 1.5,
                goroutines: 3,
            },
        ],
        ..package("clean", PackageStatus::Passed)
    };
    let crash = PackageReport {
        inconclusive: Some(Inconclusive {
            code: "process-died".to_owned(),
            reason: "the test process ended without its last record: os.Exit was called in TestExit"
                .to_owned(),
            remedy: "let the test return instead of calling os.Exit, or run it in a process of its own"
                .to_owned(),
            running: vec![TestName("TestExit".to_owned())],
            left: Vec::new(),
        }),
        output: "exit status 7\n".to_owned(),
        tests: vec![TestReport {
            end_ms: None,
            ..test("TestExit", Outcome::Unfinished, 0.0, 2.0)
        }],
        ..package("crash", PackageStatus::Failed)
    };
    vec![
        broken,
        clean,
        crash,
        package("empty", PackageStatus::Skipped),
        store_package(),
        web_package(),
    ]
}

fn store_package() -> PackageReport {
    let mut tests = vec![
        test("TestFetchFirst", Outcome::Passed, 0.0, 20.0),
        test("TestFetchAll", Outcome::Passed, 20.0, 35.0),
        test("TestWatch", Outcome::Passed, 35.0, 60.0),
        test("TestWatch/slow_reader", Outcome::Passed, 36.0, 59.0),
        test("TestClose", Outcome::Passed, 60.0, 75.0),
        test("TestPool", Outcome::Passed, 75.0, 90.0),
        test("TestPrice", Outcome::Failed, 90.0, 92.0),
    ];
    for (index, findings) in [
        (0, vec![0]),
        (1, vec![1]),
        (3, vec![2]),
        (4, vec![7]),
        (5, vec![5, 8, 9]),
    ] {
        tests[index].findings = findings;
    }
    tests[6].output = "    price_test.go:9: got 3, want 4\n".to_owned();
    tests[6].attrs = vec![("owner".to_owned(), "@team-price".to_owned())];
    PackageReport {
        tests,
        samples: [
            (0.0, 3),
            (18.0, 2003),
            (35.0, 2006),
            (60.0, 2007),
            (72.0, 2010),
            (75.0, 2008),
            (92.0, 2014),
            (110.0, 2012),
        ]
        .map(|(at_ms, goroutines)| Sample { at_ms, goroutines })
        .to_vec(),
        settle_ms: 18,
        ..package("store", PackageStatus::Failed)
    }
}

fn web_package() -> PackageReport {
    let mut tests = vec![
        test("TestLogin", Outcome::Passed, 0.0, 40.0),
        test("TestLogout", Outcome::Passed, 5.0, 41.0),
        test(HOSTILE, Outcome::Passed, 41.0, 44.0),
        TestReport {
            end_ms: None,
            ..test("TestHangs", Outcome::Failed, 44.0, 1_044.0)
        },
    ];
    for (index, findings) in [(0, vec![3]), (1, vec![3]), (2, vec![4]), (3, vec![6])] {
        tests[index].findings = findings;
    }
    tests[3].output = "panic: test timed out after 1s\n".to_owned();
    PackageReport {
        tests,
        samples: [(0.0, 3), (40.0, 9), (44.0, 10), (1_044.0, 11)]
            .map(|(at_ms, goroutines)| Sample { at_ms, goroutines })
            .to_vec(),
        inconclusive: Some(Inconclusive {
            code: "process-died".to_owned(),
            reason: "test timed out after 1s; the goroutines of TestHangs are judged from the crash dump"
                .to_owned(),
            remedy: "fix the stuck test first".to_owned(),
            running: vec![TestName("TestHangs".to_owned())],
            left: vec![LeftBy {
                test: TestName("TestPages".to_owned()),
                goroutines: 2,
            }],
        }),
        ..package("web", PackageStatus::Failed)
    }
}

fn notices() -> Vec<Notice> {
    vec![
        Notice {
            code: "expired".to_owned(),
            severity: Severity::Error,
            message: "the entry for store.(*Pool).refill expired on 2026-10-31".to_owned(),
            remedy: Some("fix the leak, or renew the entry with a new date and reason".to_owned()),
            place: Some("leakgate.toml:31:1".to_owned()),
            package: None,
        },
        Notice {
            code: "stale".to_owned(),
            severity: Severity::Warning,
            message: "the entry for store.oldPoller matched no goroutine in this run".to_owned(),
            remedy: Some("remove it: leakgate allow prune".to_owned()),
            place: Some("leakgate.toml:44:1".to_owned()),
            package: None,
        },
        Notice {
            code: "mid-run-dumps-skipped".to_owned(),
            severity: Severity::Note,
            message: "12 dumps between tests were skipped to stay within the time budget".to_owned(),
            remedy: None,
            place: None,
            package: Some(path("store")),
        },
    ]
}

fn spot(func: &str, file: &str, line: u32, lines: [&str; 3]) -> Spot {
    Spot {
        func: FuncName(func.to_owned()),
        at: Location {
            file: format!("{ROOT}{file}"),
            line,
        },
        relative: Some(file.to_owned()),
        lines: lines
            .iter()
            .zip(line - 1..)
            .map(|(text, number)| SourceLine {
                number,
                text: (*text).to_owned(),
            })
            .collect(),
    }
}

fn frame(func: &str, file: &str, line: u32) -> Frame {
    let file = if file.starts_with('/') {
        file.to_owned()
    } else {
        format!("{ROOT}{file}")
    };
    Frame {
        func: FuncName(func.to_owned()),
        args: None,
        at: Some(Location { file, line }),
    }
}

fn created(func: &str, by: u64, file: &str, line: u32) -> Option<Created> {
    let at = Location {
        file: format!("{ROOT}{file}"),
        line,
    };
    Some(Created {
        func: FuncName(func.to_owned()),
        by: Some(GoroutineId(by)),
        at: Some(at),
    })
}

fn fails() -> Ruling {
    Ruling {
        kind: RulingKind::Fails,
        because: None,
        rule: None,
        owner: None,
        expires: None,
        issue: None,
    }
}

fn label(seq: u32, test: &str) -> By {
    By::Label {
        seq: Some(seq),
        test: TestName(test.to_owned()),
        read: LabelRead::Header,
    }
}

/// The plain case: everything is known.
pub(crate) fn send_no_receiver() -> Finding {
    let root = Group {
        fingerprint: Fingerprint("3f2a9c01d4e5b677".to_owned()),
        package: path("store"),
        tests: vec![TestName("TestFetchFirst".to_owned())],
        attribution: Attribution::Label,
        attributed_by: label(1, "TestFetchFirst"),
        verdict: Verdict::Leaked,
        evidenced: Evidenced::Proven,
        cause: Cause {
            code: CauseCode::SendNoReceiver,
            title: "send, no receiver".to_owned(),
            waits_for: "a receiver on the unbuffered channel `results`, but its reader has returned".to_owned(),
            fix: "give the channel room for every send (`make(chan Result, len(urls))`), or select the send against ctx.Done()".to_owned(),
            notes: vec!["the reader, store.First, returned after its first value".to_owned()],
            waits_for_goroutines: Vec::new(),
            awaits: Vec::new(),
            made: None,
        },
        state: State { reason: "chan send".to_owned(), leaked: true, ..State::default() },
        count: 2_000,
        ids: (20..40).map(GoroutineId).collect(),
        instances: Vec::new(),
        owner: FuncName("example.com/shop/store.fetchAll.func1".to_owned()),
        blocked_at: Some(spot(
            "example.com/shop/store.fetchAll.func1",
            "store/fetch.go",
            42,
            ["\t\tgo func(u string) {", "\t\t\tresults <- get(u)", "\t\t}(u)"],
        )),
        started_at: Some(spot(
            "example.com/shop/store.fetchAll",
            "store/fetch.go",
            41,
            ["\tfor _, u := range urls {", "\t\tgo func(u string) {", "\t\t\tresults <- get(u)"],
        )),
        stack: vec![
            frame("runtime.gopark", "/usr/local/go/src/runtime/proc.go", 460),
            frame("runtime.chansend1", "/usr/local/go/src/runtime/chan.go", 161),
            frame("example.com/shop/store.fetchAll.func1", "store/fetch.go", 42),
        ],
        led_to_by: None,
        test_at: None,
        own_frames: vec![2],
        created: created("example.com/shop/store.fetchAll", 19, "store/fetch.go", 41),
        labels: Vec::new(),
        first_seen_ms: 18,
        lived: None,
        stuck: None,
    };
    let leak = Leak {
        growth: Some(Growth::Grows {
            found: 6_000,
            runs: 3,
        }),
        ..Leak::alone(root)
    };
    let allow_entry = allow_entry(&leak.root);
    Finding {
        leak,
        ruling: fails(),
        allow_entry: Some(allow_entry),
    }
}

fn with(mut finding: Finding, fingerprint: &str, test: &str, change: impl FnOnce(&mut Finding)) -> Finding {
    finding.leak.root.fingerprint = Fingerprint(fingerprint.to_owned());
    finding.leak.root.tests = vec![TestName(test.to_owned())];
    finding.leak.root.attributed_by = label(3, &test.chars().take(40).collect::<String>());
    finding.leak.root.count = 1;
    finding.leak.growth = None;
    change(&mut finding);
    finding.allow_entry = finding.allow_entry.map(|_| allow_entry(&finding.leak.root));
    finding
}

fn allow_entry(leak: &Group) -> String {
    format!(
        "[[allow]]\nentry = {:?}\nstate = {:?}\nreason = \"\" # why it is acceptable\nowner = \"\"  # who cares for it\nmax = {}\n",
        leak.owner.0, leak.state.reason, leak.count
    )
}

fn cause(code: CauseCode, title: &str, waits_for: &str, fix: &str) -> Cause {
    let [title, waits_for, fix] = [title, waits_for, fix].map(str::to_owned);
    Cause {
        code,
        title,
        waits_for,
        fix,
        notes: Vec::new(),
        waits_for_goroutines: Vec::new(),
        awaits: Vec::new(),
        made: None,
    }
}

/// By ruling, package, test: five failing leaks, one stuck, late, background, allowed, baselined.
fn findings() -> Vec<Finding> {
    vec![
        send_no_receiver(),
        with(
            send_no_receiver(),
            "3f2a9c01d4e5b677",
            "TestFetchAll",
            |finding| {
                finding.leak.root.count = 3;
                finding.leak.growth = send_no_receiver().leak.growth;
            },
        ),
        watcher(),
        window(),
        hostile(),
        once_per_process(),
        stuck(),
        late(),
        ruled(
            "aa01aa01aa01aa01",
            RulingKind::Background,
            2,
            "catalog:os-signal-loop",
            "os/signal.loop",
        ),
        ruled(
            "bb02bb02bb02bb02",
            RulingKind::Allowed,
            4,
            "leakgate.toml:12",
            "net/http.(*persistConn).readLoop",
        ),
        ruled(
            "cc03cc03cc03cc03",
            RulingKind::Baselined,
            10,
            "leakgate.baseline.json",
            "example.com/shop/store.oldPoller",
        ),
    ]
}

fn watcher() -> Finding {
    with(
        send_no_receiver(),
        "77d0c5b1a2938475",
        "TestWatch/slow_reader",
        |finding| {
            let leak = &mut finding.leak.root;
            leak.attribution = Attribution::Lineage;
            leak.attributed_by = By::Lineage {
                creator: Some(FuncName("store.(*Watcher).Start".to_owned())),
                parent: GoroutineId(88),
                test_goroutine: GoroutineId(88),
                test: TestName("TestWatch/slow_reader".to_owned()),
            };
            leak.evidenced = Evidenced::Reachable;
            leak.cause = cause(
                CauseCode::SelectNoCase,
                "select, no case ever ready",
                "any of 2 cases of a select, none of which becomes ready any more",
                "close the channel that tells the goroutine to stop: `t.Cleanup(w.Stop)`",
            );
            leak.state = State {
                reason: "select".to_owned(),
                ..State::default()
            };
            leak.owner = FuncName("example.com/shop/store.(*Watcher).run".to_owned());
            leak.blocked_at = Some(spot(
                "example.com/shop/store.(*Watcher).run",
                "store/watch.go",
                57,
                ["\tfor {", "\t\tselect {", "\t\tcase <-w.ctx.Done():"],
            ));
            leak.started_at = Some(spot(
                "example.com/shop/store.(*Watcher).Start",
                "store/watch.go",
                31,
                ["\tw.ctx = ctx", "\tgo w.run()", "\treturn w"],
            ));
            leak.stack = vec![
                frame("example.com/shop/store.(*Watcher).run", "store/watch.go", 57),
                frame(
                    "golang.org/x/sync/errgroup.(*Group).Go.func1",
                    "/home/ann/go/pkg/mod/golang.org/x/sync@v0.9.0/errgroup/errgroup.go",
                    78,
                ),
            ];
            leak.own_frames = vec![0];
            leak.created = created(
                "example.com/shop/store.(*Watcher).Start",
                88,
                "store/watch.go",
                31,
            );
            leak.labels = vec![Label {
                key: "watch".to_owned(),
                value: "prices".to_owned(),
            }];
        },
    )
}

fn window() -> Finding {
    with(watcher(), "5e11d00d5e11d00d", "TestLogin", |finding| {
        let leak = &mut finding.leak.root;
        leak.package = path("web");
        leak.tests.push(TestName("TestLogout".to_owned()));
        leak.attribution = Attribution::Window;
        leak.attributed_by = By::Window {
            from_ms: 5,
            to_ms: 40,
        };
        leak.evidenced = Evidenced::Observed;
        leak.cause = cause(
            CauseCode::HttpBodyNotClosed,
            "response body not closed",
            "the body of an HTTP response to be read to its end or closed",
            "`defer resp.Body.Close()` right after the error check",
        );
        leak.state = State {
            reason: "IO wait".to_owned(),
            ..State::default()
        };
        leak.owner = FuncName("net/http.(*persistConn).readLoop".to_owned());
        leak.blocked_at = None;
        leak.started_at = Some(Spot {
            func: FuncName("net/http.(*Transport).dialConn".to_owned()),
            at: Location {
                file: "/usr/local/go/src/net/http/transport.go".to_owned(),
                line: 1874,
            },
            relative: None,
            lines: Vec::new(),
        });
        leak.stack = vec![
            frame(
                "internal/poll.runtime_pollWait",
                "/usr/local/go/src/runtime/netpoll.go",
                351,
            ),
            frame(
                "net/http.(*persistConn).readLoop",
                "/usr/local/go/src/net/http/transport.go",
                2205,
            ),
        ];
        leak.own_frames = Vec::new();
        leak.created = None;
    })
}

fn hostile() -> Finding {
    with(watcher(), "0bad0bad0bad0bad", HOSTILE, |finding| {
        let leak = &mut finding.leak.root;
        leak.package = path("web");
        leak.owner =
            FuncName("example.com/shop/web.\u{202e}evil\x1b[2J</script><script>alert(2)</script>".to_owned());
        leak.cause.notes = vec!["peer: <b>\x1b]0;title\x07</b> ::add-mask::x".to_owned()];
        leak.blocked_at = Some(spot(
            "example.com/shop/web.evil",
            "web/a b,c:d%<x>&\"'.go",
            2,
            [
                "// \x1b[31mred ``` </pre>",
                "\t<-ch // ]]> | ##[x]",
                "\u{202e}// reversed",
            ],
        ));
        leak.started_at.clone_from(&leak.blocked_at);
    })
}

fn once_per_process() -> Finding {
    with(watcher(), "0ce0ce0ce0ce0ce0", "TestPool", |finding| {
        let leak = &mut finding.leak.root;
        leak.attribution = Attribution::Package;
        leak.tests = Vec::new();
        leak.attributed_by = By::NoTest {
            from_ms: 700,
            to_ms: 720,
        };
        finding.leak.growth = Some(Growth::OncePerProcess { runs: 3 });
        finding.ruling.because = Some("over max = 4: 7 found (leakgate.toml:20)".to_owned());
    })
}

fn stuck() -> Finding {
    with(watcher(), "57c0ffee57c0ffee", "TestHangs", |finding| {
        let leak = &mut finding.leak.root;
        leak.package = path("web");
        leak.verdict = Verdict::Stuck;
        leak.evidenced = Evidenced::Observed;
        leak.cause = cause(
            CauseCode::NilChannel,
            "nil channel",
            "a channel that is nil: no send or receive on it ever goes on",
            "make the channel before the goroutine uses it",
        );
        leak.state = State {
            reason: "chan receive (nil chan)".to_owned(),
            ..State::default()
        };
        leak.stuck = Some(Stuck {
            crash: "test timed out after 1s".to_owned(),
            since: Some("1s".to_owned()),
            is_test_goroutine: true,
        });
        finding.allow_entry = None;
    })
}

fn late() -> Finding {
    with(watcher(), "1a7e1a7e1a7e1a7e", "TestClose", |finding| {
        finding.leak.root.attribution = Attribution::Code;
        finding.leak.root.attributed_by = By::Code {
            func: FuncName("example.com/shop/store.TestClose.func1".to_owned()),
            place: CodePlace::Entry,
            beside: Some(Box::new(label(3, "TestPool"))),
        };
        finding.leak.root.verdict = Verdict::Late;
        finding.leak.root.evidenced = Evidenced::Observed;
        finding.leak.root.count = 2;
        finding.leak.root.lived = Some(Lived {
            at_least_ms: 3,
            at_most_ms: 12,
            collected: false,
        });
        finding.ruling.kind = RulingKind::Warns;
        finding.allow_entry = None;
    })
}

fn ruled(fingerprint: &str, kind: RulingKind, count: u64, rule: &str, owner: &str) -> Finding {
    with(watcher(), fingerprint, "TestPool", |finding| {
        finding.leak.root.count = count;
        finding.leak.root.owner = FuncName(owner.to_owned());
        finding.ruling = Ruling {
            kind,
            because: Some("keep-alive pool, closed by the process".to_owned()),
            rule: Some(rule.to_owned()),
            owner: Some("@team-net".to_owned()),
            expires: Some("2027-01-31".to_owned()),
            issue: None,
        };
        finding.allow_entry = None;
    })
}
