//! Methods that are called, and that a flag, a count or another value in a field keeps from their end.

use super::kind::{all, fact_and_fix, goroutine, line, of, words};
use crate::leak::*;

/// A batcher whose `Close` looks at a flag; `ABORT` is what another method does, `TEST` what the test calls.
const BATCHER: &str = "package m\nimport (\"sync/atomic\"; \"testing\")\ntype batcher struct{\n\tquit chan int\n\tclosed bool\n\toff atomic.Bool\n}\nfunc start() *batcher {\n\tb := &batcher{quit: make(chan int)}\n\tgo b.work() // go 21\n\treturn b\n}\nfunc (b *batcher) work() {\n\t<-b.quit // 21\n}\nfunc (b *batcher) Abort() {\n\tSETS // sets\n}\nfunc (b *batcher) Close() {\n\tif ASKS {\n\t\treturn // leaves\n\t}\n\tb.closed = true\n\tclose(b.quit) // ends\n}\nfunc TestA(t *testing.T) {\n\tb := start()\n\tTEST\n\tb.Close() // called\n}\n";

fn batched(sets: &str, asks: &str, test: &str) -> (Cause, String) {
    let source = BATCHER
        .replace("SETS", sets)
        .replace("ASKS", asks)
        .replace("TEST", test);
    let dump = goroutine(21, "chan receive", "", "m.(*batcher).work", &source)
        .replace("created by m.TestA", "created by m.start");
    (of(&all(&dump, &source), "m.(*batcher).work").clone(), source)
}

#[test]
fn a_flag_that_another_method_sets_keeps_a_close_from_its_end() {
    for (sets, asks) in [
        ("b.closed = true", "b.closed"),
        ("b.off.Store(true)", "b.off.Load()"),
    ] {
        let (found, source) = batched(sets, asks, "b.Abort()");
        let at = |mark: &str| format!("x.go:{}", line(&source, mark));
        let (set, end) = (
            format!("`{sets}` ({})", at("// sets")),
            format!("`close(b.quit)` ({})", at("// ends")),
        );
        assert_eq!(
            fact_and_fix(&found),
            format!(
                "`Close` of the batcher is called ({}), but it returns ({}) before {end} where Abort has done {set}: do {end} where Abort does {set} too, or give Abort a flag of its own",
                at("// called"),
                at("// leaves")
            )
        );
    }
    // What the test does not call has set nothing, and another value keeps it from nothing.
    for (sets, test) in [
        ("b.closed = true", "println()"),
        ("b.closed = false", "b.Abort()"),
    ] {
        let (found, _) = batched(sets, "b.closed", test);
        assert!(!words(&found).contains("Abort"), "{found:?}");
    }
}

#[test]
fn a_count_that_goes_up_more_often_than_down_is_to_be_even() {
    let source = "package m\nimport \"testing\"\ntype feed struct{\n\trefs int\n\tquit chan int\n}\nfunc (f *feed) work() {\n\t<-f.quit // 21\n}\nfunc (f *feed) Join() {\n\tif f.refs == 0 {\n\t\tf.quit = make(chan int)\n\t\tgo f.work() // go 21\n\t}\n\tf.refs++ // up\n}\nfunc (f *feed) Leave() {\n\tf.refs-- // down\n\tif f.refs == 0 {\n\t\tclose(f.quit)\n\t}\n}\nfunc TestA(t *testing.T) {\n\tf := &feed{}\n\tf.Join()\n\tf.Join()\n\tf.Leave()\n}\n";
    let dump = goroutine(21, "chan receive", "", "m.(*feed).work", source)
        .replace("created by m.TestA", "created by m.(*feed).Join");
    let groups = all(&dump, source);
    let found = of(&groups, "m.(*feed).work");
    assert!(
        found
            .waits_for
            .ends_with("only under the condition `f.refs == 0`"),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!(
            "let each `f.refs++` (x.go:{}) have its `f.refs--` (x.go:{})",
            line(source, "// up"),
            line(source, "// down")
        )
    );
}

#[test]
fn a_field_that_a_method_gives_another_value_once_has_lost_that_of_the_constructor() {
    let lease = |again: &str, release: &str| {
        let source = format!(
            "package m\nimport (\"context\"; \"testing\")\ntype lease struct{{\n\tstop context.CancelFunc\n\tdone chan int\n}}\nfunc (l *lease) Acquire() {{ l.begin() }}\nfunc (l *lease) Extend() {{ l.begin() }}\nfunc (l *lease) begin() {{\n\tctx, cancel := context.WithCancel(context.Background())\n\tdone := make(chan int)\n\tl.stop, l.done = cancel, done // puts\n\tgo keep(ctx) // go 21\n}}\nfunc keep(ctx context.Context) {{\n\t<-ctx.Done() // 21\n}}\nfunc (l *lease) Release() {{\n\t{release}\n}}\nfunc TestA(t *testing.T) {{\n\tl := &lease{{}}\n\tl.Acquire()\n\t{again}\n\tl.Release() // called\n}}\n"
        );
        let dump = goroutine(21, "chan receive", "", "m.keep", &source)
            .replace("created by m.TestA", "created by m.(*lease).begin");
        (of(&all(&dump, &source), "m.keep").clone(), source)
    };
    for release in ["l.stop()", "stop := l.stop\n\tl.stop = nil\n\tstop()"] {
        let (found, source) = lease("l.Extend()", release);
        let put = format!(
            "`l.stop, l.done = cancel, done` (x.go:{})",
            line(&source, "// puts")
        );
        assert_eq!(
            fact_and_fix(&found),
            format!(
                "`Release` of the lease is called (x.go:{}), but {put} may have put another one in its place: end what is there already, if anything, before {put}",
                line(&source, "// called")
            )
        );
        let (found, _) = lease("println()", release);
        assert!(!found.waits_for.contains("in its place"), "{found:?}");
    }
    // What a constructor has given it is lost by one assignment.
    let source = "package m\nimport \"testing\"\ntype watcher struct{ done chan int }\nfunc start() *watcher {\n\tw := &watcher{done: make(chan int)}\n\tgo w.poll(w.done) // go 21\n\treturn w\n}\nfunc (w *watcher) poll(done chan int) {\n\t<-done // 21\n}\nfunc (w *watcher) Follow() {\n\tw.done = make(chan int) // puts\n\tgo w.poll(w.done)\n}\nfunc (w *watcher) Close() { close(w.done) }\nfunc TestA(t *testing.T) {\n\tw := start()\n\tdefer w.Close()\n\tw.Follow()\n}\n";
    let dump = goroutine(21, "chan receive", "", "m.(*watcher).poll", source)
        .replace("created by m.TestA", "created by m.start");
    let groups = all(&dump, source);
    assert!(
        fact_and_fix(of(&groups, "m.(*watcher).poll")).contains(&format!(
            "`w.done = make(chan int)` (x.go:{}) may have put another one in its place",
            line(source, "// puts")
        )),
        "{groups:?}"
    );
}

#[test]
fn a_return_before_the_close_of_what_a_function_hands_on_is_named() {
    let source = "package m\nimport \"testing\"\nfunc scan(stop <-chan int) <-chan int {\n\tout := make(chan int)\n\tgo func() { // go 21\n\t\tselect { // 21\n\t\tcase out <- 1:\n\t\tcase <-stop:\n\t\t}\n\t}()\n\treturn out\n}\nfunc find(wanted int) bool {\n\tstop := make(chan int)\n\tfor n := range scan(stop) {\n\t\tif n == wanted {\n\t\t\treturn true // early\n\t\t}\n\t}\n\tclose(stop) // late\n\treturn false\n}\nfunc TestA(t *testing.T) {\n\tfind(1)\n}\n";
    let dump = goroutine(21, "select", "", "m.scan.func1", source)
        .replace("created by m.TestA", "created by m.scan");
    let groups = all(&dump, source);
    let found = of(&groups, "m.scan.func1");
    assert!(
        found.waits_for.ends_with(&format!(
            "; find may return (line {}) before it gets to `close(stop)` (line {})",
            line(source, "// early"),
            line(source, "// late")
        )),
        "{found:?}"
    );
}

#[test]
fn a_cleanup_that_a_helper_registers_is_not_to_be_registered_again() {
    let source = "package m\nimport (\"net\"; \"testing\")\ntype node struct{ ln net.Listener }\nfunc listen() *node { return &node{} }\nfunc (n *node) Dial(addr string) {\n\tconn, _ := net.Dial(\"tcp\", addr)\n\tgo n.greet(conn) // go 21\n}\nfunc (n *node) greet(conn net.Conn) {\n\tconn.Read(nil) // 21\n}\nfunc (n *node) Stop() { // stops\n\tn.ln.Close()\n}\nfunc open(t *testing.T) *node {\n\tn := listen()\n\tt.Cleanup(n.Stop) // cleans\n\treturn n\n}\nfunc TestA(t *testing.T) {\n\ta := open(t)\n\ta.Dial(\":1\")\n}\n";
    const READ: &str = "internal/poll.runtime_pollWait()\n\t/go/src/runtime/netpoll.go:1 +0x1\nnet.(*conn).Read()\n\t/go/src/net/net.go:2 +0x1\n";
    let dump = goroutine(21, "IO wait", READ, "m.(*node).greet", source)
        .replace("created by m.TestA", "created by m.(*node).Dial");
    let groups = all(&dump, source);
    assert_eq!(
        fact_and_fix(of(&groups, "m.(*node).greet")),
        format!(
            "`n.Stop` is called when the test is done (x.go:{}) and does not end this goroutine: let Stop (x.go:{}) close the connection that this goroutine waits for too",
            line(source, "// cleans"),
            line(source, "// stops")
        )
    );
}

#[test]
fn a_constructor_that_fails_does_what_it_does_on_another_way_out() {
    let source = "package m\nimport (\"errors\"; \"testing\")\ntype exporter struct{ quit, done chan int }\nfunc open(a, b error) (*exporter, error) {\n\te := &exporter{make(chan int), make(chan int)}\n\tgo e.collect() // go 21\n\tif a != nil {\n\t\treturn nil, a // left\n\t}\n\tif b != nil {\n\t\tclose(e.quit)\n\t\treturn nil, b // other\n\t}\n\tgo e.write()\n\treturn e, nil\n}\nfunc (e *exporter) collect() {\n\t<-e.quit // 21\n}\nfunc (e *exporter) write() { close(e.done) }\nfunc (e *exporter) Close() {\n\tclose(e.quit)\n\t<-e.done\n}\nfunc TestA(t *testing.T) {\n\tif _, err := open(errors.New(\"x\"), nil); err == nil {\n\t\tt.Fatal()\n\t}\n}\n";
    let dump = goroutine(21, "chan receive", "", "m.(*exporter).collect", source)
        .replace("created by m.TestA", "created by m.open");
    let groups = all(&dump, source);
    assert_eq!(
        of(&groups, "m.(*exporter).collect").fix,
        format!(
            "`close(e.quit)` before the `return` (x.go:{}) with which open gives back its error too, as before the one of x.go:{}",
            line(source, "// left"),
            line(source, "// other")
        )
    );
}

#[test]
fn a_call_of_a_flight_inside_its_own_function_waits_for_itself() {
    let source = "package m\nimport \"testing\"\nfunc (s *source) Token(key string) {\n\ts.group.Do(key, func() (any, error) { // 21\n\t\ts.Token(\"parent\") // inner\n\t\treturn nil, nil\n\t})\n}\nfunc TestA(t *testing.T) {\n\tgo new(source).Token(\"parent\") // go 21\n}\n";
    let flight = |above: &str| {
        let dump = format!(
            "goroutine 21 [sync.WaitGroup.Wait]:\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\ngolang.org/x/sync/singleflight.(*Group).Do(0x1)\n\t/mod/x/sync/singleflight.go:1 +0x1\nm.(*source).Token(0x1)\n\t/m/x.go:{} +0x1\n{above}created by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
            line(source, "// 21"),
            line(source, "// go 21")
        );
        all(&dump, source).remove(0).cause
    };
    let own = format!(
        "m.(*source).Token.func1()\n\t/m/x.go:{} +0x1\ngolang.org/x/sync/singleflight.(*Group).doCall.func2()\n\t/mod/x/sync/singleflight.go:2 +0x1\ngolang.org/x/sync/singleflight.(*Group).doCall(0x1)\n\t/mod/x/sync/singleflight.go:3 +0x1\ngolang.org/x/sync/singleflight.(*Group).Do(0x1)\n\t/mod/x/sync/singleflight.go:4 +0x1\nm.(*source).Token(0x1)\n\t/m/x.go:{} +0x1\n",
        line(source, "// inner"),
        line(source, "// 21")
    );
    assert_eq!(
        flight(&own).waits_for,
        "the other call of `s.group.Do` with the same key, which is further up this stack: it waits for itself"
    );
    assert!(!flight("").waits_for.contains("itself"));
}

#[test]
fn of_two_ways_to_one_state_the_one_that_does_not_end_what_waits_for_it_is_named() {
    let leader = |resign: &str| {
        let source = format!(
            "package m\nimport \"testing\"\ntype leader struct{{\n\tlead bool\n\tlost chan int\n}}\nfunc (l *leader) Campaign() chan int {{\n\tl.lead, l.lost = true, make(chan int)\n\treturn l.lost\n}}\nfunc work(lost chan int) {{\n\t<-lost // 21\n}}\nfunc (l *leader) Resign() {{\n\t{resign} // resigns\n}}\nfunc (l *leader) Renew(ok bool) {{\n\tif !ok && l.lead {{\n\t\tl.lead = false // renews\n\t\tclose(l.lost) // closes\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\tl := &leader{{}}\n\tgo work(l.Campaign()) // go 21\n\tl.Resign()\n}}\n"
        );
        let dump = goroutine(21, "chan receive", "", "m.work", &source);
        (of(&all(&dump, &source), "m.work").clone(), source)
    };
    let (found, source) = leader("l.lead = false");
    let at = |mark: &str| format!("x.go:{}", line(&source, mark));
    assert_eq!(
        fact_and_fix(&found),
        format!(
            "Resign does `l.lead = false` ({0}) as Renew does ({1}), but without `close(l.lost)` ({2}): `close(l.lost)` in Resign ({0}) too",
            at("// resigns"),
            at("// renews"),
            at("// closes")
        )
    );
    // What ends it through the other one, or sets something else, is none.
    for other in ["l.lead = false\n\tl.Renew(false)", "l.lead = true"] {
        let (found, _) = leader(other);
        assert!(!found.waits_for.contains("Resign does"), "{found:?}");
    }
}
