//! Loops that nothing ends, or that a goroutine comes back to; what a helper of tests hands on.

use super::kind::{all, goroutine, line, only, words};
use crate::leak::judge_tests::{evidence, judged_files, sightings};
use crate::leak::*;

const METER: &str = r#"package meter
import "time"
type Meter struct{ off bool }
func New() *Meter {
	m := &Meter{}
	go m.collect() // go
	return m
}
func (m *Meter) Stop() { m.off = true }
func (m *Meter) emit() {}
func (m *Meter) collect() {
	for {
		time.Sleep(time.Second) // here
		m.emit()
	}
}
"#;

/// The cause of what `meter.New` has started.
fn metered(library: &str) -> Cause {
    let own = "package m\nimport \"example.net/meter\"\nfunc TestA(t *testing.T) {\n\tm := meter.New()\n\tuse(m)\n}\n";
    let dump = format!(
        "goroutine 21 [sleep]:\ntime.Sleep(0x1)\n\t/go/src/runtime/time.go:1 +0x1\nexample.net/meter.(*Meter).collect(0x1)\n\t/mod/example.net/meter@v1.0.0/meter.go:{} +0x1\ncreated by example.net/meter.New in goroutine 10\n\t/mod/example.net/meter@v1.0.0/meter.go:{} +0x2\n",
        line(library, "// here"),
        line(library, "// go")
    );
    let files = [
        ("/m/x_test.go", own),
        ("/mod/example.net/meter@v1.0.0/meter.go", library),
    ];
    judged_files(&evidence(sightings(&dump)), &files).remove(0).cause
}

#[test]
fn a_loop_of_a_library_without_a_way_out_is_not_ended_by_a_stop_of_its_owner() {
    let cause = metered(METER);
    assert_eq!(cause.code, CauseCode::SleepLoop, "{cause:?}");
    assert!(!words(&cause).contains("is not called"), "{cause:?}");
    assert!(cause.fix.contains("can't be stopped"), "{cause:?}");
    assert!(words(&cause).contains("its loop has no way out"), "{cause:?}");
    let made = cause.made.as_ref().expect("a call");
    assert_eq!(made.ended_by, None, "a Stop that does not end it");
    for way_out in [
        "if m.off {\n\t\t\treturn\n\t\t}",
        "if m.off {\n\t\t\tbreak\n\t\t}",
        "switch {\n\t\tcase m.off:\n\t\t\tgoto over\n\t\t}",
        "if m.off {\n\t\t\truntime.Goexit()\n\t\t}",
    ] {
        let cause =
            metered(&METER.replace("m.emit()\n\t}", &format!("m.emit()\n\t\t{way_out}\n\t}}\nover:")));
        assert_eq!(cause.code, CauseCode::ClientNotClosed, "{way_out} {cause:?}");
        assert!(cause.fix.contains("Stop"), "{way_out} {cause:?}");
    }
    let while_on = metered(&METER.replace("for {", "for !m.off {"));
    assert!(while_on.fix.contains("Stop"), "{while_on:?}");
}

#[test]
fn a_sleep_in_a_loop_without_a_way_out_says_so_and_what_would_end_it() {
    let source = |around: &str, way_out: &str| {
        format!(
            "package m\nimport \"time\"\nfunc TestA(t *testing.T) {{\n\tgo func() {{ // go 21\n\t\t{around} {{\n\t\t\ttime.Sleep(20 * time.Millisecond) // 21\n\t\t\t{way_out}\n\t\t}}\n\t}}()\n}}\n"
        )
    };
    let above = "time.Sleep(0x1)\n\t/go/src/runtime/time.go:1 +0x1\n";
    let cause = |around: &str, way_out: &str| {
        let source = source(around, way_out);
        let dump = goroutine(21, "sleep", above, "m.TestA.func1", &source);
        all(&dump, &source).remove(0).cause
    };
    let endless = cause("for", "tick()");
    assert!(
        endless.waits_for.contains("its loop has no way out"),
        "{endless:?}"
    );
    assert!(
        endless.fix.contains("`time.After(20 * time.Millisecond)`")
            && endless.fix.contains("t.Cleanup(func() { close(done) })"),
        "{endless:?}"
    );
    for (around, way_out) in [
        ("for i := 0; i < 9; i++", "tick()"),
        ("for ok()", "tick()"),
        ("for range list", "tick()"),
        ("for", "if over() { return }"),
        ("for", "if over() { break }"),
        ("for", "if over() { t.FailNow() }"),
    ] {
        let ends = cause(around, way_out);
        assert!(
            !ends.waits_for.contains("no way out"),
            "{around} {way_out} {ends:?}"
        );
    }
    let inner = cause("for", "for { break }");
    assert!(inner.waits_for.contains("no way out"), "{inner:?}");
}

#[test]
fn a_timer_after_which_its_loop_comes_once_more_does_not_end_the_goroutine() {
    let source = |after: &str| {
        format!(
            "package m\nimport \"time\"\nfunc work(in chan int) {{\nagain:\n\tuse()\n\twait := time.After(time.Hour)\nouter:\n\tfor {{\n\tloop:\n\t\tfor {{\n\t\t\tselect {{ // 21\n\t\t\tcase _, ok := <-in:\n\t\t\t\tif !ok {{\n\t\t\t\t\tgoto over\n\t\t\t\t}}\n\t\t\tcase <-wait:\n\t\t\t\t{after}\n\t\t\t}}\n\t\t}}\n\t}}\nover:\n\tuse()\n}}\nfunc TestA() {{\n\tgo work(make(chan int)) // go 21\n}}\n"
        )
    };
    for after in ["goto again", "break loop"] {
        let cause = only("select", &source(after));
        assert!(!words(&cause).contains("ends by itself"), "{after} {cause:?}");
    }
    for after in ["goto over", "return", "break outer"] {
        let cause = only("select", &source(after));
        assert!(words(&cause).contains("ends by itself"), "{after} {cause:?}");
    }
}

#[test]
fn what_a_helper_of_tests_returns_is_not_ended_in_the_helper() {
    let library = "package m\nimport \"example.net/meter\"\ntype Sink struct{ m *meter.Meter }\nfunc NewSink() *Sink {\n\tm := meter.New() // made\n\treturn &Sink{m: m}\n}\nfunc (s *Sink) Shutdown() { s.m.Stop() }\n";
    let meter = METER.replace("for {", "for !m.off {");
    let fix = |helper: &str, test: &str| {
        let test = format!(
            "package m\nfunc TestA(t *testing.T) {{\n\t{test}\n}}\nfunc TestB(t *testing.T) {{\n\tuse(helper())\n}}\n{helper}\n"
        );
        let dump = format!(
            "goroutine 21 [sleep]:\ntime.Sleep(0x1)\n\t/go/src/runtime/time.go:1 +0x1\nexample.net/meter.(*Meter).collect(0x1)\n\t/mod/example.net/meter@v1.0.0/meter.go:{} +0x1\ncreated by example.net/meter.New in goroutine 10\n\t/mod/example.net/meter@v1.0.0/meter.go:{} +0x2\n\
             [originating from goroutine 10]:\nexample.net/meter.New(...)\n\t/mod/example.net/meter@v1.0.0/meter.go:6 +0x1\nm.NewSink(...)\n\t/m/x.go:{} +0x1\nm.helper(...)\n\t/m/x_test.go:{} +0x1\nm.TestA(...)\n\t/m/x_test.go:3 +0x1\n\
             created by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
            line(&meter, "// here"),
            line(&meter, "// go"),
            line(library, "// made"),
            line(&test, "// new"),
        );
        let files = [
            ("/m/x.go", library),
            ("/m/x_test.go", test.as_str()),
            ("/mod/example.net/meter@v1.0.0/meter.go", meter.as_str()),
        ];
        judged_files(&evidence(sightings(&dump)), &files)
            .remove(0)
            .cause
            .fix
    };
    for helper in [
        "func helper() *Sink {\n\ts := NewSink() // new\n\ts.tag()\n\treturn s\n}",
        "func helper() *Sink {\n\treturn NewSink() // new\n}",
        "func helper() *kit {\n\ts := NewSink() // new\n\treturn &kit{s}\n}",
    ] {
        let fix = fix(helper, "use(helper())");
        assert!(
            fix.contains("in each test that gets it from `helper`")
                && fix.contains("`, made at x_test.go:")
                && !fix.contains("defer"),
            "{helper} {fix}"
        );
    }
    // What stays in it ends with it; a helper with a `t` registers the end.
    let own = fix(
        "func helper() {\n\ts := NewSink() // new\n\tuse(s)\n}",
        "helper()",
    );
    assert!(own.contains("`defer s.Shutdown()`"), "{own}");
    let with_t = fix(
        "func helper(t *testing.T) *Sink {\n\ts := NewSink() // new\n\treturn s\n}",
        "use(helper(t))",
    );
    assert!(with_t.contains("`t.Cleanup(s.Shutdown)`"), "{with_t}");
}

/// What the test of a server that it makes twice gets as its cause.
fn made_twice(test: &str) -> Cause {
    let source = format!(
        "package m\ntype Server struct{{ quit chan struct{{}} }}\nfunc New() (*Server, error) {{\n\ts := &Server{{quit: make(chan struct{{}})}}\n\tgo s.loop() // go 21\n\treturn s, nil\n}}\nfunc (s *Server) loop() {{\n\t<-s.quit // 21\n}}\nfunc (s *Server) Stop() {{\n\tclose(s.quit)\n}}\nfunc helper(s *Server) {{ s.Stop() }}\nfunc TestA(t *testing.T) {{\n{test}\n}}\n"
    );
    let dump = goroutine(21, "chan receive", "", "m.(*Server).loop", &source)
        .replace("created by m.TestA", "created by m.New");
    all(&dump, &source).remove(0).cause
}

#[test]
fn a_deferred_end_is_for_the_value_that_the_variable_has_then() {
    for (test, text) in [
        (
            "\ts, err := New()\n\tdefer s.Stop()\n\tuse(s)\n\ts, err = New()\n\tuse(s, err)",
            "`defer s.Stop()` (x.go:17)",
        ),
        (
            "\ts, err := New()\n\tt.Cleanup(s.Stop)\n\tuse(s)\n\ts, err = New()\n\tuse(s, err)",
            "`t.Cleanup(s.Stop)` (x.go:17)",
        ),
        (
            "\ts, err := New()\n\ts.Stop()\n\tuse(s)\n\ts, err = New()\n\tuse(s, err)",
            "`s.Stop()` (x.go:17)",
        ),
        (
            "\ts, err := New()\n\tdefer s.Stop()\n\tif more {\n\t\ts2, _ := New()\n\t\ts = s2\n\t}\n\tuse(s, err)",
            "`defer s.Stop()` (x.go:17)",
        ),
    ] {
        let cause = made_twice(test);
        assert!(cause.waits_for.contains(text), "{test} {cause:?}");
        assert!(
            cause.waits_for.contains("not for what it is given later"),
            "{cause:?}"
        );
        assert!(cause.fix.contains("also after that assignment"), "{cause:?}");
    }
    for test in [
        // A literal runs with what the variable has in the end.
        "\ts, err := New()\n\tdefer func() { s.Stop() }()\n\tuse(s)\n\ts, err = New()\n\tuse(s, err)",
        "\ts, err := New()\n\tdefer s.Stop()\n\ts, err = New()\n\tdefer s.Stop()\n\tuse(s, err)",
        "\ts, err := New()\n\tdefer s.Stop()\n\ts, err = New()\n\thelper(s)\n\tuse(err)",
        "\ts, err := New()\n\tuse(s)\n\ts, err = New()\n\tdefer s.Stop()\n\tuse(err)",
        "\ts, err := New()\n\tdefer s.Stop()\n\ts = with(s)\n\tuse(err)",
        "\ts, err := New()\n\tdefer s.Stop()\n\ts = nil\n\tuse(err)",
    ] {
        let cause = made_twice(test);
        assert!(!words(&cause).contains("given later"), "{test} {cause:?}");
    }
}

#[test]
fn a_channel_that_its_variable_gets_after_the_close_is_closed_by_none() {
    let source = |test: &str| {
        format!(
            "package m\ntype Snap struct{{ stop <-chan struct{{}} }}\nfunc New(stop <-chan struct{{}}) *Snap {{\n\ts := &Snap{{stop: stop}}\n\tgo s.loop() // go 21\n\treturn s\n}}\nfunc (s *Snap) loop() {{\n\tfor {{\n\t\tselect {{ // 21\n\t\tcase <-s.stop:\n\t\t\treturn\n\t\t}}\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n{test}\n}}\n"
        )
    };
    let cause = |test: &str| {
        let source = source(test);
        let dump = goroutine(21, "select", "", "m.(*Snap).loop", &source)
            .replace("created by m.TestA", "created by m.New");
        all(&dump, &source).remove(0).cause
    };
    let remade = "\tstop := make(chan struct{})\n\tuse(New(stop))\n\tclose(stop)\n\tstop = make(chan struct{})\n\tuse(New(stop))";
    let found = cause(remade);
    assert!(
        found
            .waits_for
            .contains("`close(stop)` (x.go:19) is for what `stop` was"),
        "{found:?}"
    );
    assert!(
        found
            .fix
            .contains("`defer close(stop)` after that assignment (x.go:20)"),
        "{found:?}"
    );
    for test in [
        format!("{remade}\n\tclose(stop)"),
        format!("{remade}\n\tend(stop)\n}}\nfunc end(c chan struct{{}}) {{\n\tclose(c)"),
        "\tstop := make(chan struct{})\n\tuse(New(stop))\n\tdefer func() { close(stop) }()\n\tstop = make(chan struct{})\n\tuse(New(stop))".to_owned(),
    ] {
        let found = cause(&test);
        assert!(!words(&found).contains("given later"), "{test} {found:?}");
    }
}

#[test]
fn a_stop_in_a_literal_that_is_only_kept_is_not_called() {
    let source = |keeps: &str| {
        format!(
            "package m\ntype Pool struct{{ quit chan struct{{}} }}\nfunc NewPool() *Pool {{\n\tp := &Pool{{make(chan struct{{}})}}\n\tgo p.loop() // go 21\n\treturn p\n}}\nfunc (p *Pool) loop() {{\n\t<-p.quit // 21\n}}\nfunc (p *Pool) Stop() {{\n\tclose(p.quit)\n}}\ntype Engine struct{{ stop func() }}\nfunc (e *Engine) OnStop(h func()) {{\n\t{keeps}\n}}\nfunc NewEngine() *Engine {{\n\te := &Engine{{}}\n\tp := NewPool()\n\te.OnStop(func() {{\n\t\tif p != nil {{\n\t\t\tp.Stop()\n\t\t}}\n\t}})\n\treturn e\n}}\nfunc TestA(t *testing.T) {{\n\tuse(NewEngine())\n}}\n"
        )
    };
    let cause = |keeps: &str| {
        let source = source(keeps);
        let dump = goroutine(21, "chan receive", "", "m.(*Pool).loop", &source)
            .replace("created by m.TestA", "created by m.NewPool");
        all(&dump, &source).remove(0).cause
    };
    let kept = cause("e.stop = h");
    assert!(!words(&kept).contains("is called"), "{kept:?}");
    for runs in ["h()", "run(h)", "e.stop = h\n\th()"] {
        let found = cause(runs);
        assert!(words(&found).contains("is called"), "{runs} {found:?}");
    }
}

const WATCH: &str = "package watch\ntype Changes struct{ Modified chan bool }\nfunc NewChanges() *Changes {\n\treturn &Changes{make(chan bool)}\n}\ntype Watcher interface{ Watch() *Changes }\ntype Poller struct{}\nfunc (p *Poller) Watch() *Changes {\n\tc := NewChanges()\n\treturn c\n}\nfunc NewPoller() *Poller { return &Poller{} }\nfunc (p *Poller) readAll(c *Changes) {\n\tc.Modified <- true\n}\n";

#[test]
fn a_field_that_a_method_of_an_interface_fills_is_not_said_to_be_nil_and_no_private_method_of_another_package_is_asked_for()
 {
    let source = "package m\nimport \"m/watch\"\ntype Tail struct{ w watch.Watcher; changes *watch.Changes }\nfunc New(w watch.Watcher) *Tail {\n\tt := &Tail{w: w}\n\tgo t.loop() // go 21\n\treturn t\n}\nfunc (t *Tail) loop() {\n\tt.changes = t.w.Watch()\n\tselect { // 21\n\tcase <-t.changes.Modified:\n\tcase <-t.other():\n\t}\n}\nfunc TestA(t *testing.T) {\n\tuse(New(watch.NewPoller()))\n}\n";
    let dump = goroutine(21, "select", "", "m.(*Tail).loop", source)
        .replace("created by m.TestA", "created by m.New");
    // Its stack shows where the other package lies.
    let other = "\ngoroutine 22 [chan receive]:\nm/watch.NewPoller()\n\t/m/watch/watch.go:4 +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:17 +0x2\n";
    let files = [("/m/x.go", source), ("/m/watch/watch.go", WATCH)];
    let groups = judged_files(
        &evidence(sightings(&format!("{}{other}", dump.trim_end()))),
        &files,
    );
    let cause = super::kind::of(&groups, "m.(*Tail).loop");
    assert!(!words(cause).contains("nil"), "{cause:?}");
    assert!(!words(cause).contains("readAll"), "{cause:?}");
}

#[test]
fn a_return_of_a_second_call_is_no_way_that_leaves_the_close_out() {
    let source = |guard: &str| {
        format!(
            "package m\nimport \"errors\"\ntype Message struct{{ sent int; sealed bool; ack chan struct{{}} }}\nfunc New() *Message {{\n\tm := &Message{{ack: make(chan struct{{}})}}\n\tgo m.wait() // go 21\n\treturn m\n}}\nfunc (m *Message) wait() {{\n\t<-m.ack // 21\n}}\nfunc (m *Message) Close() error {{\n\tif {guard} {{\n\t\treturn errors.New(\"no\")\n\t}}\n\tm.sent = 1\n\tclose(m.ack)\n\treturn nil\n}}\nfunc TestA(t *testing.T) {{\n\tm := New()\n\tm.Close()\n}}\n"
        )
    };
    let cause = |guard: &str| {
        let source = source(guard);
        let dump = goroutine(21, "chan receive", "", "m.(*Message).wait", &source)
            .replace("created by m.TestA", "created by m.New");
        all(&dump, &source).remove(0).cause
    };
    for guard in [
        "m.sent != 0",
        "m.sent == 2 || m.sealed",
        "!once.CompareAndSwap(false, true)",
    ] {
        let found = cause(guard);
        assert!(!words(&found).contains("may return"), "{guard} {found:?}");
    }
    let found = cause("m.sealed");
    assert!(words(&found).contains("may return"), "{found:?}");
}

#[test]
fn only_a_variable_that_the_goroutine_may_be_of_is_said_to_be_left() {
    let source = |test: &str| {
        format!(
            "package m\ntype Router struct{{ quit chan struct{{}} }}\nfunc New() *Router {{ return &Router{{make(chan struct{{}})}} }}\nfunc (r *Router) Run() {{\n\t<-r.quit // 21\n}}\nfunc (r *Router) Close() {{\n\tclose(r.quit)\n}}\ntype Queue struct{{ r *Router }}\nfunc NewQueue() *Queue {{ return &Queue{{New()}} }}\nfunc (q *Queue) Run() {{\n\tq.r.Run()\n}}\nfunc other(t *testing.T) {{\n\tr := New()\n\tt.Cleanup(r.Close)\n\tr.Close()\n}}\nfunc TestA(t *testing.T) {{\n\tother(t)\n{test}\n}}\n"
        )
    };
    let cause = |test: &str| {
        let source = source(test);
        let above = "m.(*Router).Run()\n\t/m/x.go:5 +0x1\n";
        let at = line(&source, "// go 21") + 1;
        let dump = format!(
            "goroutine 21 [chan receive]:\n{above}m.TestA.func1()\n\t/m/x.go:{at} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n",
            at - 1
        );
        all(&dump, &source).remove(0).cause
    };
    let of_queue = cause(
        "\tq := NewQueue()\n\tgo func() { // go 21\n\t\tq.Run()\n\t}()\n\trouter := New()\n\tuse(router.quit)",
    );
    assert!(!words(&of_queue).contains("`router`"), "{of_queue:?}");
    let of_router = cause("\trouter := New()\n\tgo func() { // go 21\n\t\trouter.Run()\n\t}()");
    assert!(words(&of_router).contains("`router`"), "{of_router:?}");
}

#[test]
fn a_goroutine_that_sends_one_value_and_returns_gets_room_for_that_one() {
    let source = |body: &str, start: &str| {
        format!(
            "package m\ntype reader struct{{}}\nfunc (r *reader) loop(errs chan error) {{\n\t{body}\n}}\nfunc start(r *reader) chan error {{\n\terrs := make(chan error)\n\t{start}\n\treturn errs\n}}\nfunc TestA(t *testing.T) {{\n\tstart(&reader{{}})\n}}\n"
        )
    };
    let cause = |body: &str, start: &str| {
        let source = source(body, start);
        let dump = goroutine(21, "chan send", "", "m.(*reader).loop", &source)
            .replace("created by m.TestA", "created by m.start");
        all(&dump, &source).remove(0).cause
    };
    let go = "go r.loop(errs) // go 21";
    let twice = "for {\n\t\tif eof() {\n\t\t\terrs <- nil\n\t\t\treturn\n\t\t}\n\t\tif err := read(); err != nil {\n\t\t\terrs <- err // 21\n\t\t\treturn\n\t\t}\n\t}";
    let found = cause(twice, go);
    assert!(
        found.fix.contains("room for one value (`make(chan error, 1)`"),
        "{found:?}"
    );
    for (body, start) in [
        // A value each round.
        ("for {\n\t\terrs <- read() // 21\n\t}", go),
        // One more after it.
        ("errs <- read() // 21\n\terrs <- nil", go),
        // Several goroutines send to one channel.
        (twice, "for range 3 {\n\t\tgo r.loop(errs) // go 21\n\t}"),
        // A select may take another case.
        ("select {\n\tcase errs <- read(): // 21\n\t\treturn\n\t}", go),
    ] {
        let body = body.replace("case errs <- read(): // 21", "case errs <- read():");
        let body = body.replace("select {", "select { // 21");
        let body = if body.matches("// 21").count() > 1 {
            body.replacen("// 21", "", 1)
        } else {
            body
        };
        let found = cause(&body, start);
        assert!(
            !found.fix.contains("room for one value"),
            "{body} {start} {found:?}"
        );
    }
}

#[test]
fn what_code_that_is_no_test_ends_from_a_watcher_of_its_own_is_not_called_by_the_test() {
    let source = "package m\ntype Router struct{ quit, over chan struct{} }\nfunc New() *Router { return &Router{make(chan struct{}), make(chan struct{})} }\nfunc (r *Router) Start() {\n\tgo func() {\n\t\t<-r.over\n\t\tr.Close()\n\t}()\n\tgo r.run() // go 21\n}\nfunc (r *Router) run() {\n\t<-r.quit // 21\n}\nfunc (r *Router) Close() {\n\tclose(r.quit)\n}\n";
    let test = "package m\nfunc TestA(t *testing.T) {\n\tr := New()\n\tr.Start()\n}\n";
    let dump = goroutine(21, "chan receive", "", "m.(*Router).run", source)
        .replace("created by m.TestA", "created by m.(*Router).Start");
    let files = [("/m/x.go", source), ("/m/x_test.go", test)];
    let cause = judged_files(&evidence(sightings(&dump)), &files).remove(0).cause;
    assert!(!words(&cause).contains("is called"), "{cause:?}");
    assert!(cause.fix.contains("Close"), "{cause:?}");
}
