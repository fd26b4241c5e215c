//! Who has to end what was made: the function that makes it, what keeps it, or the test.

use super::kind::{fact_and_fix, goroutine, line, only, words};
use crate::leak::judge_tests::{evidence, judged_files, judged_leaks, sightings};
use crate::leak::*;

const SQL: &str = "package sql\ntype DB struct{}\nfunc Open(driver, source string) (*DB, error) {\n\tdb := &DB{}\n\tgo db.connectionOpener() // opens\n\treturn db, nil\n}\nfunc (db *DB) connectionOpener() {}\nfunc (db *DB) Ping() error { return nil }\nfunc (db *DB) Close() error { return nil }\n";

/// The handle that `open` makes at the line marked `// made`, called at the test's line marked `// test`.
fn handle_of(source: &str, test: &str) -> Cause {
    let dump = format!(
        "goroutine 21 [select]:\ndatabase/sql.(*DB).connectionOpener()\n\t/go/src/database/sql/sql.go:8 +0x1\n\
         created by database/sql.Open in goroutine 10\n\t/go/src/database/sql/sql.go:5 +0x2\n\
         [originating from goroutine 10]:\ndatabase/sql.Open(...)\n\t/go/src/database/sql/sql.go:5 +0x1\n\
         m.open(...)\n\t/m/x.go:{} +0x1\nm.TestA(...)\n\t/m/x_test.go:{} +0x1\n\
         created by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
        line(source, "// made"),
        line(test, "// test"),
    );
    let files = [
        ("/m/x.go", source),
        ("/m/x_test.go", test),
        ("/go/src/database/sql/sql.go", SQL),
    ];
    judged_files(&evidence(sightings(&dump)), &files).remove(0).cause
}

#[test]
fn what_a_constructor_hands_on_is_ended_by_what_it_returns_and_not_in_the_constructor() {
    let source = |last: &str, more: &str| {
        format!(
            "package m\nimport \"database/sql\"\ntype Repo struct{{ db *sql.DB }}\n{more}\nfunc open() (*Repo, error) {{\n\tdb, err := sql.Open(\"a\", \"\") // made\n\tif err != nil {{\n\t\treturn nil, err\n\t}}\n\tif err := db.Ping(); err != nil {{\n\t\tdb.Close()\n\t\treturn nil, err\n\t}}\n\t{last}\n}}\n"
        )
    };
    let test = "package m\nfunc TestA(t *testing.T) {\n\tr, err := open() // test\n\tuse(r, err)\n}\n";
    let close = "func (r *Repo) Close() error { return r.db.Close() }";
    for last in [
        "return &Repo{db}, nil",
        "return &Repo{db: db}, nil",
        "r := &Repo{}\n\tr.db = db\n\treturn r, nil",
    ] {
        let cause = handle_of(&source(last, close), test);
        assert!(
            cause.fix.contains("Close of `r`") && cause.fix.contains("t.Cleanup(func() { r.Close() })"),
            "{last}: {cause:?}"
        );
        // No method of the Repo closes it: its own Close in the constructor would end it at once.
        let cause = handle_of(&source(last, ""), test);
        assert!(!cause.fix.contains("defer"), "{last}: {cause:?}");
        assert!(!cause.fix.contains("every path"), "{last}: {cause:?}");
        assert!(cause.fix.contains("`db`"), "{last}: {cause:?}");
    }
    // The test calls it already: what is wrong is in it.
    let called = test.replace(
        "\tuse(r, err)\n",
        "\tt.Cleanup(func() { r.Close() })\n\tuse(r, err)\n",
    );
    let cause = handle_of(
        &source(
            "return &Repo{db}, nil",
            "func (r *Repo) Close() error { return nil }",
        ),
        &called,
    );
    assert!(
        fact_and_fix(&cause)
            == "`r.Close` is called (x_test.go:4) and does not end this goroutine: let Close (x.go:4) close `db` (x.go:6) too",
        "{cause:?}"
    );
    let returned = source("return db, nil", "").replace("(*Repo, error)", "(*sql.DB, error)");
    let cause = handle_of(&returned, test);
    assert!(cause.fix.contains("r.Close()"), "{cause:?}");
    // What stays in the function ends with it.
    let own = source("return nil, nil", "");
    let cause = handle_of(&own, test);
    assert!(cause.fix.contains("every path"), "{cause:?}");
}

/// A transaction that `insert` makes.
fn tx(body: &str, more: &str) -> Cause {
    let source = format!(
        "package m\nimport \"context\"\ntype Tx struct {{\n\tctx context.Context\n\tcancel context.CancelFunc\n}}\nfunc begin() (*Tx, error) {{\n\tctx, cancel := context.WithCancel(context.Background())\n\ttx := &Tx{{ctx: ctx, cancel: cancel}}\n\tgo work(tx) // go 21\n\treturn tx, nil\n}}\nfunc work(tx *Tx) {{\n\t<-tx.ctx.Done() // 21\n}}\nfunc (tx *Tx) Exec(q string) error {{ return nil }}\nfunc (tx *Tx) Commit() error {{ tx.cancel(); return nil }}\n{more}\nfunc insert(all []string) error {{\n\ttx, err := begin()\n\tif err != nil {{\n\t\treturn err\n\t}}\n{body}\n}}\nfunc TestA(t *testing.T) {{\n\tinsert(nil)\n}}\n"
    );
    only("chan receive", &source)
}

#[test]
fn a_way_out_that_does_not_end_what_its_function_made_is_named() {
    let body = "\tfor _, q := range all {\n\t\tif err := tx.Exec(q); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn tx.Commit()";
    let rollback = "func (tx *Tx) Rollback() error { tx.cancel(); return nil }";
    let cause = tx(body, rollback);
    assert!(
        cause
            .fix
            .contains("`tx.Rollback()` before the `return` (x.go:26)"),
        "{cause:?}"
    );
    let cause = tx(body, "");
    assert!(
        cause.fix.contains("`tx.Commit()` before the `return` (x.go:26)"),
        "{cause:?}"
    );
    // All ways out end it: there is no such place.
    for body in [
        "\tdefer tx.Rollback()\n\tif err := tx.Exec(\"\"); err != nil {\n\t\treturn err\n\t}\n\treturn tx.Commit()",
        "\tif err := tx.Exec(\"\"); err != nil {\n\t\ttx.Rollback()\n\t\treturn err\n\t}\n\treturn tx.Commit()",
        "\tkept = tx\n\tif all == nil {\n\t\treturn nil\n\t}\n\treturn tx.Commit()",
    ] {
        let more = format!("var kept *Tx\n{rollback}");
        let cause = tx(body, &more);
        assert!(!cause.fix.contains("before the `return`"), "{body}: {cause:?}");
    }
}

#[test]
fn a_constructor_whose_error_the_test_wants_ends_what_it_made() {
    let source = |works: &str| {
        format!(
            "package m\ntype pool struct{{ stop chan int }}\nfunc newPool() (*pool, error) {{\n\tp := &pool{{stop: make(chan int)}}\n\tgo work(p) // go 21\n\treturn p, bad()\n}}\nfunc work(p *pool) {{\n\t<-p.stop // 21\n}}\nfunc (p *pool) Close() {{ close(p.stop) }}\nfunc TestA(t *testing.T) {{\n\tp, err := newPool() // made\n\tif err == nil {{\n\t\t{works}\n\t}}\n}}\n"
        )
    };
    let told = |source: String| {
        let mut dump = goroutine(21, "chan receive", "", "m.work", &source);
        dump = dump.replace("created by m.TestA", "created by m.newPool");
        dump += &format!(
            "[originating from goroutine 10]:\nm.newPool(...)\n\t/m/x.go:5 +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
            line(&source, "// made")
        );
        judged_files(
            &evidence(sightings(&dump.replace("\n\n[", "\n["))),
            &[("/m/x.go", source.as_str())],
        )
        .remove(0)
        .cause
    };
    let ended = |works: &str| told(source(works));
    let other = source("t.Fatal(1)");
    for condition in [
        "!errors.Is(err, errBad)",
        "!errors.As(err, &bad) || bad.code != 3",
    ] {
        let cause = told(
            other
                .replace("err == nil", condition)
                .replace("p, err :=", "_, err :="),
        );
        assert!(
            cause.fix.contains("end it in `newPool`"),
            "{condition}: {cause:?}"
        );
    }
    let cause = told(other.replace("err == nil", "err != nil && !errors.Is(err, errBad)"));
    assert!(cause.fix.contains("p.Close"), "{cause:?}");
    for works in ["p.Close()\n\t\tt.Fatal(1)", "t.Fatal(1)"] {
        let cause = ended(works);
        assert!(
            cause.fix.contains("end it in `newPool`") || cause.fix.contains("what fails has to end"),
            "{works}: {cause:?}"
        );
    }
    let cause = ended("use(p)");
    assert!(cause.fix.contains("p.Close"), "{cause:?}");
}

#[test]
fn signal_stop_is_not_asked_for_where_it_is_called() {
    let source = |wait: &str| {
        format!(
            "package m\nimport (\n\t\"os\"\n\t\"os/signal\"\n)\nfunc reload() func() {{\n\tc := make(chan os.Signal, 1)\n\tsignal.Notify(c)\n\tgo work(c) // go 21\n\treturn func() {{ signal.Stop(c) }}\n}}\nfunc work(in chan os.Signal) {{\n\t{wait} // 21\n}}\nfunc TestA(t *testing.T) {{ defer reload()() }}\n"
        )
    };
    let ranges = only("chan receive", &source("for range in {}"));
    assert!(
        ranges.fix.contains("`close(c)` after `signal.Stop(c)`"),
        "{}",
        words(&ranges)
    );
    assert!(!ranges.fix.contains("call signal.Stop"), "{}", words(&ranges));
    let one = only("chan receive", &source("<-in"));
    // A closed channel would look like a signal.
    assert!(!one.fix.contains("`close(c)`"), "{}", words(&one));
    assert!(
        one.fix.contains("closed after `signal.Stop(c)`"),
        "{}",
        words(&one)
    );
    let none = source("<-in").replace("signal.Stop(c)", "use(c)");
    let none = only("chan receive", &none);
    assert!(none.fix.contains("call signal.Stop"), "{}", words(&none));
}

/// A goroutine of `work` at line 21, started by what two lines of the test call.
fn twice(source: &str) -> Vec<Leak> {
    let block = |id: u32, mark: &str| {
        let mut dump = goroutine(21, "chan receive", "", "m.(*relay).work", source);
        dump = dump
            .replace("created by m.TestA", "created by m.open")
            .replace("goroutine 21 [", &format!("goroutine {id} ["));
        format!(
            "{}[originating from goroutine 10]:\nm.open(...)\n\t/m/x.go:{} +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n\n",
            dump.trim_end_matches('\n').to_owned() + "\n",
            line(source, "// go 21"),
            line(source, mark),
        )
    };
    judged_leaks(
        &evidence(sightings(&(block(21, "// one") + &block(22, "// two")))),
        source,
    )
}

#[test]
fn a_channel_that_no_code_closes_is_one_mistake_wherever_it_is_made() {
    let source = "package m\ntype relay struct {\n\tadd  chan int\n\tnext chan int\n}\nfunc open() *relay {\n\tr := &relay{add: make(chan int), next: make(chan int)}\n\tgo r.work() // go 21\n\treturn r\n}\nfunc (r *relay) work() {\n\tfor range r.next { // 21\n\t}\n}\nfunc (r *relay) pop() {\n\tfor v := range r.add {\n\t\tr.next <- v\n\t}\n}\nfunc (r *relay) stop() { close(r.add) }\nfunc TestA(t *testing.T) {\n\ta := open() // one\n\tb := open() // two\n\tdefer a.stop()\n\tdefer b.stop()\n}\n";
    assert_eq!(twice(source).len(), 1);
    // Closed by a method, each that does not call it is a mistake of its own.
    let closed = source
        .replace("close(r.add)", "close(r.next)")
        .replace("defer ", "// ");
    assert_eq!(twice(&closed).len(), 2);
    // Who is given it may close it.
    let given = source.replace(
        "func (r *relay) stop()",
        "func (r *relay) lend() { lib.Use(r.next) }\nfunc (r *relay) stop()",
    );
    assert_eq!(twice(&given).len(), 2);
}

#[test]
fn a_loop_without_a_case_that_ends_it_asks_for_one() {
    let source = "package m\ntype hub struct {\n\tin  chan int\n\tout chan int\n}\nfunc open() *hub {\n\th := &hub{in: make(chan int), out: make(chan int)}\n\tgo work(h) // go 21\n\treturn h\n}\nfunc work(h *hub) {\n\tfor {\n\t\tselect { // 21\n\t\tcase v := <-h.in:\n\t\t\tuse(v)\n\t\tcase v := <-h.out:\n\t\t\tuse(v)\n\t\t}\n\t}\n}\nfunc (h *hub) Add() { h.in <- 1 }\nfunc (h *hub) Close() { close(h.in) }\nfunc TestA(t *testing.T) { open().Add() }\n";
    let cause = only("select", source);
    assert!(
        cause.waits_for.contains("none of them ends its loop"),
        "{cause:?}"
    );
    // A closed channel would keep it busy.
    assert!(cause.fix.starts_with("add a case"), "{cause:?}");
    let ends = source.replace(
        "case v := <-h.in:\n\t\t\tuse(v)",
        "case v, ok := <-h.in:\n\t\t\tif !ok {\n\t\t\t\treturn\n\t\t\t}\n\t\t\tuse(v)",
    );
    let cause = only("select", &ends);
    assert!(cause.fix.contains("Close"), "{cause:?}");
}

#[test]
fn a_local_channel_that_nothing_closes_is_closed_where_it_is_made() {
    let source = "package m\nimport \"time\"\nfunc poll() error {\n\tdone := make(chan struct{})\n\tstart(done)\n\treturn nil\n}\nfunc start(done chan struct{}) {\n\tgo work(done) // go 21\n}\nfunc work(done <-chan struct{}) {\n\ttick := time.NewTicker(1)\n\tfor {\n\t\tselect { // 21\n\t\tcase <-tick.C:\n\t\tcase <-done:\n\t\t\treturn\n\t\t}\n\t}\n}\nfunc TestA(t *testing.T) { poll() }\n";
    let cause = only("select", source);
    assert!(
        cause
            .waits_for
            .contains("; nothing closes `done`, which poll makes (line 4)"),
        "{cause:?}"
    );
    let closed = source.replace("\tstart(done)", "\tdefer close(done)\n\tstart(done)");
    assert!(!words(&only("select", &closed)).contains("nothing closes"));
    let of_test = source
        .replace("func poll() error {", "func poll(t *testing.T) error {")
        .replace("poll() }", "poll(t) }");
    assert!(!only("select", &of_test).fix.contains("poll makes"));
}

#[test]
fn what_is_shared_by_all_tests_is_not_closed_by_one() {
    let test = "package m\nfunc TestA(t *testing.T) {\n\tDefault() // one\n}\n";
    let of = |last: &str| {
        let source = format!(
            "package m\nimport \"sync\"\ntype cache struct{{ stop chan int }}\nvar (\n\tonce sync.Once\n\tdef  *cache\n)\nfunc Default() *cache {{\n\tonce.Do(func() {{ def = open() }})\n\treturn {last}\n}}\nfunc open() *cache {{\n\tc := &cache{{stop: make(chan int)}}\n\tgo work(c) // go 21\n\treturn c\n}}\nfunc work(c *cache) {{\n\t<-c.stop // 21\n}}\nfunc (c *cache) Close() {{ close(c.stop) }}\n"
        );
        let dump = goroutine(21, "chan receive", "", "m.work", &source)
            .replace("created by m.TestA", "created by m.open");
        let dump = format!(
            "{}\n[originating from goroutine 10]:\nm.open(...)\n\t/m/x.go:{} +0x1\nm.Default(...)\n\t/m/x.go:9 +0x1\nm.TestA(...)\n\t/m/x_test.go:3 +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
            dump.trim_end_matches('\n'),
            line(&source, "// go 21"),
        );
        let files = [("/m/x.go", source.as_str()), ("/m/x_test.go", test)];
        judged_files(&evidence(sightings(&dump)), &files).remove(0).cause
    };
    let cause = of("def");
    assert!(
        cause.fix.contains("`def` keeps what it makes for all tests"),
        "{cause:?}"
    );
    let cause = of("open()");
    assert!(cause.fix.contains("t.Cleanup(cache.Close)"), "{cause:?}");
}

#[test]
fn a_stop_that_is_handed_on_and_ends_only_the_last_one_is_not_asked_for_again() {
    let source = |starts: &str| {
        format!(
            "package m\nimport \"sync\"\ntype janitor struct {{\n\tmu   sync.Mutex\n\tstop chan int\n}}\nfunc (j *janitor) Start() {{\n{starts}\tgo work(j.stop) // go 21\n}}\nfunc (j *janitor) Stop() {{ close(j.stop) }}\nfunc work(stop chan int) {{\n\t<-stop // 21\n}}\ntype service struct{{ closers []func() }}\nfunc (s *service) Close() {{\n\tfor _, c := range s.closers {{\n\t\tc()\n\t}}\n}}\nfunc open(j *janitor) *service {{\n\ts := &service{{}}\n\ts.closers = append(s.closers, j.Stop)\n\tj.Start()\n\tj.Start()\n\treturn s\n}}\nfunc TestA(t *testing.T) {{\n\tdefer open(&janitor{{stop: make(chan int)}}).Close()\n}}\n"
        )
    };
    let cause = only("chan receive", &source("\tj.stop = make(chan int)\n"));
    assert!(
        fact_and_fix(&cause).contains("`Stop` of the janitor is handed on (x.go:"),
        "{cause:?}"
    );
    assert!(
        words(&cause).contains("may have put another one in its place"),
        "{cause:?}"
    );
}

#[test]
fn what_a_server_has_accepted_is_not_ended_by_closing_its_listener_and_is_one_leak_with_its_client() {
    let source = |close: &str| {
        format!(
            "package m\nimport \"net\"\ntype server struct {{\n\tln    net.Listener\n\tdo    func(net.Conn)\n\tconns []net.Conn\n}}\nfunc serve(do func(net.Conn)) *server {{\n\ts := &server{{do: do}}\n\tgo s.accept()\n\treturn s\n}}\nfunc (s *server) accept() {{\n\tfor {{\n\t\tc, err := s.ln.Accept()\n\t\tgo func() {{ // go 21\n\t\t\ts.do(c)\n\t\t}}()\n\t}}\n}}\nfunc (s *server) Close() error {{\n{close}\treturn s.ln.Close()\n}}\ntype pool struct{{ dial func() net.Conn }}\nfunc (p *pool) get() {{\n\tc := p.dial()\n\tgo read(c) // go 22\n}}\nfunc read(c net.Conn) {{\n\tc.Read(nil) // 22\n}}\nfunc work(c net.Conn) {{\n\tc.Read(nil) // 21\n}}\nfunc TestA(t *testing.T) {{\n\tserve(work) // test\n\t(&pool{{dial: mine}}).get()\n}}\n"
        )
    };
    const READ: &str = "internal/poll.runtime_pollWait()\n\t/go/src/runtime/netpoll.go:1 +0x1\nnet.(*conn).Read()\n\t/go/src/net/net.go:2 +0x1\n";
    let served = |source: &str| {
        let dump = goroutine(21, "IO wait", READ, "m.work", source)
            .replace("created by m.TestA", "created by m.(*server).accept");
        format!(
            "{}\n[originating from goroutine 10]:\nm.(*server).accept(...)\n\t/m/x.go:16 +0x1\nm.serve(...)\n\t/m/x.go:10 +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n\n",
            dump.trim_end_matches('\n'),
            line(source, "// test")
        )
    };
    let fix = |close: &str| {
        let source = source(close);
        judged_files(
            &evidence(sightings(&served(&source))),
            &[("/m/x.go", source.as_str())],
        )
        .remove(0)
        .cause
        .fix
    };
    let listener = fix("");
    assert!(listener.contains("the client's end"), "{listener}");
    assert!(!listener.contains("t.Cleanup"), "{listener}");
    let all = fix("\tfor _, c := range s.conns {\n\t\tc.Close()\n\t}\n");
    assert!(all.contains("Close of "), "{all}");

    let source = source("");
    let client = goroutine(22, "IO wait", READ, "m.read", &source)
        .replace("created by m.TestA", "created by m.(*pool).get");
    let labelled = |dump: &str| {
        let mut all = sightings(dump);
        for one in &mut all {
            one.label = Some(crate::evidence::TestSeq(1));
        }
        judged_leaks(&evidence(all), &source)
    };
    let leaks = labelled(&(served(&source) + &client));
    assert_eq!(leaks.len(), 1, "{leaks:?}");
    assert_eq!(leaks[0].root.owner.as_str(), "m.read");
    // Of two clients, none is known to be the one.
    let other = client.replace("goroutine 22", "goroutine 23");
    assert!(labelled(&(served(&source) + &client + &other)).len() > 1);
}

#[test]
fn the_two_halves_of_a_pipe_that_the_source_does_not_show_are_one_leak() {
    let source = "package m\nimport \"net\"\ntype client struct{ conn net.Conn }\nfunc open(dial func() net.Conn) {\n\tc := &client{dial()}\n\tgo c.work() // go 21\n}\nfunc (c *client) work() {\n\tc.conn.Read(nil) // 21\n}\ntype broker struct{ serve func(net.Conn) }\nfunc (b *broker) dial() net.Conn {\n\tnear, far := net.Pipe()\n\tgo b.serve(far) // go 22\n\treturn near\n}\nfunc serve(c net.Conn) {\n\tc.Read(nil) // 22\n}\nfunc TestA(t *testing.T) { open((&broker{serve}).dial) }\n";
    const PIPE: &str = "net.(*pipe).read(0x1)\n\t/go/src/net/pipe.go:1 +0x1\nnet.(*pipe).Read(0x1)\n\t/go/src/net/pipe.go:2 +0x1\n";
    let leaks = |dump: &str| {
        let mut all = sightings(dump);
        for one in &mut all {
            one.label = Some(crate::evidence::TestSeq(1));
        }
        judged_leaks(&evidence(all), source)
    };
    let client = goroutine(21, "select", PIPE, "m.(*client).work", source)
        .replace("created by m.TestA", "created by m.open");
    let server = goroutine(22, "select", PIPE, "m.serve", source)
        .replace("created by m.TestA", "created by m.(*broker).dial");
    let found = leaks(&(client.clone() + &server));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].root.owner.as_str(), "m.(*client).work");
    // Of three, nothing says which is whose.
    let third = server.replace("goroutine 22", "goroutine 23");
    assert!(leaks(&(client + &server + &third)).len() > 1);
}

#[test]
fn a_case_that_takes_values_returns_only_where_its_channel_is_closed() {
    let source = |case: &str| {
        format!(
            "package m\ntype watcher struct{{ events chan int }}\nfunc (w *watcher) Close() {{ close(w.events) }}\nfunc work(w *watcher) {{\n\tfor {{ // 21\n\t\tselect {{\n\t\t{case}\n\t\t}}\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\tw := &watcher{{events: make(chan int)}}\n\tgo work(w) // go 21\n\tw.Close()\n}}\n"
        )
    };
    let takes = only(
        "running",
        &source("case e := <-w.events:\n\t\t\tif e != 0 {\n\t\t\t\tuse(e)\n\t\t\t}"),
    );
    assert!(takes.fix.contains("`v, ok := <-w.events`"), "{takes:?}");
    let ends = only("running", &source("case <-w.events:\n\t\t\tbreak"));
    assert!(ends.fix.contains("leaves only the select"), "{ends:?}");
}

#[test]
fn a_transaction_is_not_ended_by_closing_its_database() {
    let source = "package m\nfunc (a *archive) book() error {\n\ttx, err := a.db.Begin() // made\n\tif err != nil {\n\t\treturn err\n\t}\n\tif bad {\n\t\treturn errBad\n\t}\n\treturn tx.Commit()\n}\ntype archive struct{ db *sql.DB }\n";
    let source = source.replace("package m\n", "package m\nimport \"database/sql\"\n");
    let dump = format!(
        "goroutine 21 [select]:\ndatabase/sql.(*Tx).awaitDone()\n\t/go/src/database/sql/tx.go:9 +0x1\n\
         created by database/sql.(*DB).beginDC in goroutine 10\n\t/go/src/database/sql/tx.go:5 +0x2\n\
         [originating from goroutine 10]:\ndatabase/sql.(*DB).Begin(...)\n\t/go/src/database/sql/tx.go:5 +0x1\n\
         m.(*archive).book(...)\n\t/m/x.go:{} +0x1\nm.TestA(...)\n\t/m/x_test.go:3 +0x1\n\
         created by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
        line(&source, "// made"),
    );
    let test = "package m\nfunc TestA(t *testing.T) {\n\tnew(archive).book()\n}\n";
    let files = [
        ("/m/x.go", source.as_str()),
        ("/m/x_test.go", test),
        ("/go/src/database/sql/sql.go", SQL),
    ];
    let cause = judged_files(&evidence(sightings(&dump)), &files).remove(0).cause;
    assert!(cause.fix.contains("Rollback"), "{cause:?}");
    assert!(!cause.fix.contains("db.Close"), "{cause:?}");
}

#[test]
fn a_test_server_lives_as_long_as_its_url_is_used() {
    let source = |last: &str| {
        format!(
            "package m\nimport \"net/http/httptest\"\nfunc mirror() string {{\n\tsrv := httptest.NewServer(nil) // made\n\t{last}\n}}\nfunc TestA(t *testing.T) {{\n\tuse(mirror()) // test\n}}\n"
        )
    };
    let fix = |last: &str| {
        let source = source(last);
        let dump = format!(
            "goroutine 21 [IO wait]:\ninternal/poll.runtime_pollWait()\n\t/go/src/runtime/netpoll.go:9 +0x1\n\
             net/http.(*Server).Serve()\n\t/go/src/net/http/server.go:9 +0x1\n\
             net/http/httptest.(*Server).goServe.func1()\n\t/go/src/net/http/httptest/server.go:6 +0x1\n\
             created by net/http/httptest.(*Server).goServe in goroutine 10\n\t/go/src/net/http/httptest/server.go:6 +0x2\n\
             [originating from goroutine 10]:\nnet/http/httptest.NewServer(...)\n\t/go/src/net/http/httptest/server.go:6 +0x1\n\
             m.mirror(...)\n\t/m/x_test.go:{} +0x1\nm.TestA(...)\n\t/m/x_test.go:{} +0x1\n\
             created by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
            line(&source, "// made"),
            line(&source, "// test"),
        );
        let httptest = "package httptest\ntype Server struct{ URL string }\nfunc NewServer(h any) *Server {\n\ts := &Server{}\n\treturn s\n} // go\nfunc (s *Server) Close() {}\n";
        let files = [
            ("/m/x_test.go", source.as_str()),
            ("/go/src/net/http/httptest/server.go", httptest),
        ];
        judged_files(&evidence(sightings(&dump)), &files)
            .remove(0)
            .cause
            .fix
    };
    for last in ["return srv.URL", "return New(srv.Client(), srv.URL)"] {
        let fix = fix(last);
        assert!(fix.contains("let mirror return `srv`, too"), "{last}: {fix}");
        assert!(!fix.contains("defer"), "{last}: {fix}");
    }
    let fix = fix("use(srv.URL)\n\treturn \"\"");
    assert!(fix.contains("defer srv.Close()"), "{fix}");
}

#[test]
fn a_loop_that_sends_to_itself_gets_no_room() {
    let source = "package m\ntype fsm struct{ cmds chan func() }\nfunc newFSM() *fsm {\n\tf := &fsm{cmds: make(chan func())}\n\tgo f.serve() // go\n\treturn f\n}\nfunc (f *fsm) serve() {\n\tfor c := range f.cmds {\n\t\tc() // run\n\t}\n}\nfunc (f *fsm) do(c func()) {\n\tf.cmds <- c // send\n}\nfunc TestA(t *testing.T) {\n\tf := newFSM()\n\tf.do(func() {\n\t\tf.do(nil) // again\n\t})\n}\n";
    let block = |id: u32| {
        format!(
            "goroutine {id} [chan send]:\nm.(*fsm).do()\n\t/m/x.go:{} +0x1\nm.TestA.func1()\n\t/m/x.go:{} +0x1\nm.(*fsm).serve()\n\t/m/x.go:{} +0x1\ncreated by m.newFSM in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
            line(source, "// send"),
            line(source, "// again"),
            line(source, "// run"),
            line(source, "// go"),
        )
    };
    let cause = |dump: &str| {
        let files = [("/m/x.go", source)];
        judged_files(&evidence(sightings(dump)), &files).remove(0).cause
    };
    let alone = cause(&block(21));
    assert!(alone.waits_for.contains("this goroutine itself"), "{alone:?}");
    assert!(
        alone.fix.contains("let `serve` of the fsm do the work itself"),
        "{alone:?}"
    );
    assert!(!alone.fix.contains("room"), "{alone:?}");
    // Another one in the same loop may be that of this channel.
    let other = block(22).replace("chan send", "chan receive");
    let with_another = cause(&(block(21) + &other));
    assert!(
        !with_another.waits_for.contains("this goroutine itself"),
        "{with_another:?}"
    );
}
