//! Joining, on evidence made from dump text.

use crate::evidence::TestSeq;
use crate::leak::Leak;
use crate::leak::judge_tests::{evidence, judged_leaks, sightings};
use crate::leak::{Attribution, JoinedBy};

/// One goroutine in `func`, started by `creator` in goroutine `by`.
fn goroutine(id: u64, state: &str, func: &str, (creator, by): (&str, u64)) -> String {
    let file = if func.starts_with("m.") {
        "/m/x.go"
    } else {
        "/go/src/x.go"
    };
    let from = if creator.starts_with("m.") {
        "/m/x.go"
    } else {
        "/go/src/x.go"
    };
    let call = if func.ends_with(')') && func.contains("(0x") {
        func.to_owned()
    } else {
        format!("{func}(...)")
    };
    format!(
        "goroutine {id} [{state}]:\n{call}\n\t{file}:{id} +0x1\ncreated by {creator} in goroutine {by}\n\t{from}:{} +0x2\n\n",
        id + 500
    )
}

fn joined(dump: &[String]) -> Vec<Leak> {
    judged_leaks(&evidence(sightings(&dump.concat())), "")
}

/// Roots by name, each with its members and how they were joined.
fn told(dump: &[String]) -> Vec<(String, Vec<(String, JoinedBy)>)> {
    let members = |leak: &Leak| {
        let name = |member: &crate::leak::Member| (member.group.owner.0.clone(), member.joined.by);
        leak.members.iter().map(name).collect()
    };
    joined(dump)
        .iter()
        .map(|leak| (leak.root.owner.0.clone(), members(leak)))
        .collect()
}

fn alone(name: &str) -> (String, Vec<(String, JoinedBy)>) {
    (name.to_owned(), Vec::new())
}

fn with(name: &str, members: &[(&str, JoinedBy)]) -> (String, Vec<(String, JoinedBy)>) {
    let members = members.iter().map(|&(name, by)| (name.to_owned(), by));
    (name.to_owned(), members.collect())
}

const TEST: (&str, u64) = ("m.TestA", 10);

/// Where a mark is.
fn at(source: &str, mark: &str) -> usize {
    source.lines().position(|line| line.contains(mark)).expect(mark) + 1
}

/// One goroutine that waits for a channel, with the call in the test that led to it.
fn led(id: u64, source: &str, func: &str, (creator, go): (&str, &str), call: &str) -> String {
    format!(
        "goroutine {id} [chan receive]:\n{func}()\n\t/m/x.go:{} +0x1\ncreated by {creator} in goroutine 10\n\t/m/x.go:{} +0x2\n[originating from goroutine 10]:\n{creator}(...)\n\t/m/x.go:{} +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n\n",
        at(source, &format!("// in {func}")),
        at(source, go),
        at(source, go),
        at(source, call),
    )
}

const GET: &str = "m.(*loader).get";
const FETCH: (&str, &str) = ("m.(*loader).fetch", "// go");

#[test]
fn one_mistake_that_several_calls_have_led_to_is_one_leak() {
    let source = "package m\ntype call struct{ done chan int }\ntype loader struct{ calls map[string]*call }\nfunc (l *loader) get(key string) {\n\tif c := l.calls[key]; c != nil {\n\t\t<-c.done // in m.(*loader).get\n\t\treturn\n\t}\n\tc := &call{done: make(chan int)}\n\tl.calls[key] = c\n\tif key == \"bad\" {\n\t\treturn\n\t}\n\tclose(c.done)\n}\nfunc (l *loader) fetch(key string) {\n\tgo l.get(key) // go\n}\nfunc TestA(t *testing.T) {\n\tl := &loader{}\n\tl.get(\"bad\")\n\tl.fetch(\"bad\") // first\n\tl.fetch(\"bad\") // second\n}\n";
    let dump = led(21, source, GET, FETCH, "// first") + &led(22, source, GET, FETCH, "// second");
    let leaks = judged_leaks(&evidence(sightings(&dump)), source);
    assert_eq!(leaks.len(), 1, "{leaks:?}");
    assert!(
        leaks[0]
            .root
            .cause
            .fix
            .contains("`close(c.done)` before the `return`"),
        "{leaks:?}"
    );
}

#[test]
fn what_one_call_has_made_and_one_end_ends_is_one_leak() {
    let source = "package m\ntype log struct{ in chan int }\nfunc openLog() *log {\n\tl := &log{make(chan int)}\n\tgo l.write() // go log\n\treturn l\n}\nfunc (l *log) write() {\n\t<-l.in // in m.(*log).write\n}\ntype db struct {\n\tlog *log\n\tstop chan int\n}\nfunc open() *db {\n\td := &db{openLog(), make(chan int)}\n\tgo d.sweep() // go db\n\treturn d\n}\nfunc (d *db) sweep() {\n\t<-d.stop // in m.(*db).sweep\n}\nfunc (d *db) Close() {\n\tclose(d.stop)\n\tclose(d.log.in)\n}\nfunc TestA(t *testing.T) {\n\td := open() // made\n\td.log.in <- 1\n}\n";
    let dump = led(21, source, "m.(*db).sweep", ("m.open", "// go db"), "// made")
        + &led(
            22,
            source,
            "m.(*log).write",
            ("m.openLog", "// go log"),
            "// made",
        );
    let leaks = judged_leaks(&evidence(sightings(&dump)), source);
    let fixes: Vec<&str> = leaks.iter().map(|leak| leak.root.cause.fix.as_str()).collect();
    assert_eq!(fixes.len(), 1, "{fixes:?}");
    assert!(fixes[0].starts_with("call Close of `d`, made at"), "{fixes:?}");
}

#[test]
fn what_a_living_goroutine_started_hangs_on_it() {
    let parent = goroutine(21, "chan receive", "m.run", TEST);
    let child = goroutine(22, "select", "m.loop", ("m.run", 21));
    let grandchild = goroutine(23, "sleep", "m.tick", ("m.loop", 22));
    assert_eq!(
        told(&[parent, child, grandchild]),
        [with(
            "m.run",
            &[("m.loop", JoinedBy::Starter), ("m.tick", JoinedBy::Starter)]
        )]
    );
}

#[test]
fn what_the_users_code_started_in_a_librarys_goroutine_is_apart() {
    let serve = goroutine(
        21,
        "IO wait",
        "net/http.(*conn).serve",
        ("net/http.(*Server).Serve", 20),
    );
    let own = goroutine(22, "chan receive", "m.job", ("m.handle", 21));
    assert_eq!(
        told(&[serve, own]),
        [alone("m.job"), alone("net/http.(*conn).serve")]
    );
}

#[test]
fn loops_of_one_object_are_one_leak_and_of_two_objects_two() {
    let loops = |read: &str, write: &str| {
        [
            goroutine(21, "select", &format!("m.(*Conn).read({read})"), TEST),
            goroutine(22, "chan receive", &format!("m.(*Conn).write({write})"), TEST),
        ]
    };
    assert_eq!(
        told(&loops("0xc000102030", "0xc000102030")),
        [with("m.(*Conn).read", &[("m.(*Conn).write", JoinedBy::Object)])]
    );
    assert_eq!(
        told(&loops("0xc000102030", "0xc000109990")),
        [alone("m.(*Conn).read"), alone("m.(*Conn).write")]
    );
    assert_eq!(
        told(&loops("0xc000102030?", "0xc000102030?")),
        [alone("m.(*Conn).read"), alone("m.(*Conn).write")],
        "what may be stale says nothing"
    );
}

#[test]
fn the_argument_of_a_closure_and_of_another_type_is_no_object() {
    let dump = [
        goroutine(21, "select", "m.(*Conn).Start.func1(0xc000102030)", TEST),
        goroutine(22, "chan receive", "m.(*Conn).write(0xc000102030)", TEST),
        goroutine(23, "sleep", "m.(*Pool).write(0xc000102030)", TEST),
    ];
    assert_eq!(told(&dump).len(), 3);
}

#[test]
fn one_call_joins_what_waits_to_be_told_and_a_test_is_no_call() {
    let started = |by: (&'static str, u64)| {
        [
            goroutine(21, "select", "m.watch", by),
            goroutine(22, "chan receive", "m.sweep", by),
        ]
    };
    assert_eq!(
        told(&started(("m.New", 10))),
        [with("m.sweep", &[("m.watch", JoinedBy::Call)])]
    );
    assert_eq!(told(&started(TEST)).len(), 2);
    assert_eq!(told(&started(("m.TestA.func1", 10))).len(), 2);
}

#[test]
fn a_send_that_is_stuck_is_a_mistake_of_its_own() {
    let dump = [
        goroutine(21, "select", "m.(*Conn).read(0xc000102030)", ("m.New", 10)),
        goroutine(22, "chan send", "m.(*Conn).report(0xc000102030)", ("m.New", 10)),
    ];
    assert_eq!(told(&dump), [alone("m.(*Conn).read"), alone("m.(*Conn).report")]);
}

/// Two goroutines of equal functions, the second of which is at other lines.
fn twice(dump: &str, lines: [(&str, &str); 2]) -> [String; 2] {
    let mut other = dump.replace("goroutine 21", "goroutine 31");
    for (line, another) in lines {
        other = other.replace(line, another);
    }
    [dump.to_owned(), other]
}

#[test]
fn one_leak_at_two_lines_is_one() {
    let send = goroutine(21, "chan send", "m.request.func1", ("m.request", 10));
    let blocked = [("x.go:21 ", "x.go:22 "), ("", "")];
    let leaks = joined(&twice(&send, blocked));
    assert_eq!(
        told(&twice(&send, blocked)),
        [with("m.request.func1", &[("m.request.func1", JoinedBy::Same)])]
    );
    assert_eq!(
        crate::report::words::with_it(&leaks[0]).unwrap(),
        "1 more goroutine: m.request.func1 at x.go:22"
    );
    // Two `go` statements of a test are two, as each of the two goroutines may lack an end of its own.
    let started = [("x.go:521 ", "x.go:522 "), ("", "")];
    assert_eq!(told(&twice(&send, started)).len(), 2);
}

#[test]
fn two_calls_of_one_function_are_not_mixed() {
    let dump = [
        goroutine(21, "select", "m.watch", ("m.New", 10)),
        goroutine(22, "chan receive", "m.sweep", ("m.New", 10)),
    ]
    .concat();
    let second = dump
        .replace("goroutine 21", "goroutine 31")
        .replace("goroutine 22", "goroutine 32");
    assert_eq!(told(&[dump, second]), [alone("m.sweep"), alone("m.watch")]);
}

#[test]
fn who_waits_for_its_workers_is_not_to_blame() {
    let run = goroutine(21, "sync.WaitGroup.Wait", "m.run", TEST);
    let worker = goroutine(22, "chan receive", "m.work", ("m.run", 21));
    let sweeper = goroutine(23, "select", "m.sweep", ("m.run", 21));
    let leaks = told(&[run, worker, sweeper]);
    assert_eq!(
        leaks,
        [with(
            "m.sweep",
            &[("m.run", JoinedBy::Call), ("m.work", JoinedBy::Call)]
        )]
        .map(|(root, _)| (root, leaks[0].1.clone()))
    );
    let mut members: Vec<&str> = leaks[0].1.iter().map(|(name, _)| name.as_str()).collect();
    members.sort_unstable();
    assert_eq!(members, ["m.run", "m.work"]);
}

#[test]
fn an_idle_connection_hangs_on_its_server_and_an_open_body_does_not() {
    let server = goroutine(
        21,
        "IO wait",
        "net/http/httptest.(*Server).goServe.func1",
        ("net/http/httptest.(*Server).goServe", 10),
    );
    let end = goroutine(
        22,
        "IO wait",
        "net/http.(*conn).serve",
        ("net/http.(*Server).Serve", 21),
    );
    let read = "net/http.(*persistConn).readLoop";
    let idle = goroutine(23, "IO wait", read, ("net/http.(*Transport).dialConn", 19));
    let open = goroutine(23, "select", read, ("net/http.(*Transport).dialConn", 19));
    let leaks = told(&[server.clone(), end.clone(), idle]);
    assert_eq!(leaks.len(), 1, "{leaks:?}");
    assert!(
        leaks[0].1.contains(&(read.to_owned(), JoinedBy::Connection)),
        "{leaks:?}"
    );
    assert_eq!(told(&[server, end.clone(), open.clone()]).len(), 2);
    // The server itself is not among what leaks: another test has it.
    let orphan = told(&[end, open]);
    assert_eq!(
        orphan,
        [with(read, &[("net/http.(*conn).serve", JoinedBy::Connection)])]
    );
}

#[test]
fn goroutines_of_different_tests_are_never_one_leak() {
    let dump = [
        goroutine(21, "select", "m.(*Conn).read(0xc000102030)", TEST),
        goroutine(
            22,
            "chan receive",
            "m.(*Conn).write(0xc000102030)",
            ("m.(*Conn).read", 21),
        ),
    ]
    .concat();
    let mut seen = sightings(&dump);
    seen[1].label = Some(TestSeq(2));
    let leaks = judged_leaks(&evidence(seen), "");
    assert_eq!(leaks.len(), 2);
    assert!(
        leaks
            .iter()
            .all(|leak| leak.root.attribution == Attribution::Label)
    );
}

#[test]
fn of_equal_goroutines_each_goes_with_its_own_root() {
    let mut dump = vec![
        goroutine(21, "select", "m.(*Conn).read(0xc000102030)", TEST),
        goroutine(21, "select", "m.(*Conn).read(0xc000104040)", TEST).replace("goroutine 21", "goroutine 31"),
    ];
    for (id, object) in [(22, "0xc000102030"), (32, "0xc000104040"), (42, "0xc000106060")] {
        let one = goroutine(22, "chan receive", &format!("m.(*Conn).write({object})"), TEST);
        dump.push(one.replace("goroutine 22", &format!("goroutine {id}")));
    }
    let leaks = joined(&dump);
    let counts: Vec<(u64, Vec<u64>)> = leaks
        .iter()
        .map(|leak| {
            (
                leak.root.count,
                leak.members.iter().map(|member| member.group.count).collect(),
            )
        })
        .collect();
    assert_eq!(counts, [(2, vec![2]), (1, vec![])]);
    assert_eq!(leaks[1].root.ids[0].0, 42);
    assert_eq!(leaks.iter().map(Leak::goroutines).sum::<u64>(), 5);
}
