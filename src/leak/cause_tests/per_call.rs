//! Goroutines and places that one call leaves behind: a place held up to a call that takes the next one, a helper of one call, what a
//! function has made for itself, a stop value that is lost.

use super::kind::{all, fact_and_fix, goroutine, line, words};

/// A pool of tokens, whose `mkdir` holds one while it makes the parent.
fn tokens(first: &str, then: &str) -> String {
    format!(
        "package m\ntype tokens struct{{ all chan int }}\nfunc newTokens(n int) *tokens {{\n\tt := &tokens{{all: make(chan int, n)}}\n\tfor i := 0; i < n; i++ {{\n\t\tt.all <- 1\n\t}}\n\treturn t\n}}\nfunc (t *tokens) Get() {{ <-t.all }} // 21\nfunc (t *tokens) Put() {{ t.all <- 1 }}\ntype fs struct{{ use, other *tokens }}\nfunc (f *fs) conn() error {{\n\tf.use.Get() // gets\n\tif f.bad() {{\n\t\tf.use.Put()\n\t\treturn errBad\n\t}}\n\treturn nil\n}}\nfunc (f *fs) spare() {{ f.other.Get() }}\nfunc (f *fs) bad() bool {{ return false }}\nfunc (f *fs) put() {{ f.use.Put() }}\nfunc (f *fs) info() {{\n\tf.conn() // info\n\tf.put()\n}}\nfunc (f *fs) mkdir(n int) {{\n\tf.info() // asks\n\t{first} // takes\n\t{then}\n\tf.mkdir(n - 1) // inner\n\tf.put()\n}}\nfunc TestA() {{\n\tf := &fs{{use: newTokens(1), other: newTokens(1)}}\n\tgo f.mkdir(2) // go 21\n}}\n"
    )
}

#[test]
fn a_place_that_is_held_up_to_a_call_that_takes_the_next_one_is_named() {
    let cause = |source: &str| {
        let frame =
            |func: &str, mark: &str| format!("m.(*fs).{func}()\n\t/m/x.go:{} +0x1\n", line(source, mark));
        let outer = frame("conn", "// gets")
            + &frame("info", "// info")
            + &frame("mkdir", "// asks")
            + &frame("mkdir", "// inner");
        let dump = goroutine(21, "chan receive", "", "m.(*tokens).Get", source)
            .replace("created by m.TestA", &format!("{outer}created by m.TestA"));
        all(&dump, source)[0].cause.clone()
    };
    let source = tokens("f.conn()", "");
    let found = cause(&source);
    let (takes, inner) = (line(&source, "// takes"), line(&source, "// inner"));
    assert_eq!(
        found.waits_for,
        format!(
            "a place in `t.all`: this goroutine holds one already, which `f.conn()` (x.go:{takes}) has taken, and mkdir gives that back only after `f.mkdir(n - 1)` (x.go:{inner})"
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "give it back before `f.mkdir(n - 1)` (x.go:{inner}), or make that call before `f.conn()` (x.go:{takes})"
        )
    );
    for (first, then) in [
        // Given back before.
        ("f.conn()", "f.put()"),
        // Nothing taken.
        ("f.bad()", ""),
        // Of another pool, through the same type.
        ("f.spare()", ""),
        // Only on one way.
        ("if n > 3 { f.conn() }", ""),
    ] {
        let found = cause(&tokens(first, then));
        assert!(!words(&found).contains("holds one"), "{first}: {found:?}");
    }
}

/// A reflector whose `list` starts a helper.
fn reflector(made: &str, after: &str, run: &str) -> String {
    format!(
        "package m\nimport \"time\"\ntype refl struct{{}}\nfunc (r *refl) run(stop chan int) {{\n\t{run}\n}}\nfunc (r *refl) list(stop chan int) error {{\n\t{made}\n\tgo func() {{ // go 21\n\t\ttick := time.NewTicker(time.Hour)\n\t\tfor {{\n\t\t\tselect {{ // 21\n\t\t\tcase <-tick.C:\n\t\t\tcase <-stop:\n\t\t\t\treturn\n\t\t\t}}\n\t\t\terrs <- errBad\n\t\t}}\n\t}}()\n\t{after}\n\treturn nil\n}}\nvar never = make(chan int)\nvar errs = make(chan error)\nfunc TestA() {{\n\tnew(refl).run(never)\n}}\n"
    )
}

#[test]
fn a_helper_of_a_call_that_waits_for_the_end_of_all_calls_is_to_end_with_its_own() {
    const LOOP: &str = "for range 3 { r.list(stop) } // round";
    let cause = |source: &str| {
        let dump = goroutine(21, "select", "", "m.(*refl).list.func1", source)
            .replace("created by m.TestA", "created by m.(*refl).list");
        all(&dump, source)[0].cause.clone()
    };
    let source = reflector("errs := make(chan error, 1)", "<-errs", LOOP);
    let found = cause(&source);
    assert!(
        found.waits_for.ends_with(&format!(
            "list has returned, and is called in a loop (line {}): each call leaves one, and `stop` is the same for all",
            line(&source, "// round")
        )),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!(
            "end it when list returns: `done := make(chan struct{{}})` and `defer close(done)` before its `go` statement (line {}), and a case `<-done` that returns in this select (line {})",
            line(&source, "// go 21"),
            line(&source, "// 21")
        )
    );
    for (made, after, run) in [
        // It serves no call.
        ("", "", LOOP),
        ("errs := make(chan error, 1)", "", LOOP),
        // One call.
        ("errs := make(chan error, 1)", "<-errs", "r.list(stop)"),
        // One call, whose values the loop takes.
        (
            "errs := make(chan error, 1)",
            "<-errs",
            "for range r.list(stop) { use() }",
        ),
        // Each call has an end of its own.
        (
            "errs := make(chan error, 1)",
            "<-errs",
            "for range 3 { stop := make(chan int); r.list(stop) }",
        ),
    ] {
        let found = cause(&reflector(made, after, run));
        assert!(!words(&found).contains("each call leaves"), "{run}: {found:?}");
    }
}

/// A sender that drops its stream.
fn streams(given: &str, drops: &str, end: &str) -> String {
    format!(
        "package m\nimport \"context\"\ntype stream struct{{}}\n{end}\nfunc open(ctx context.Context) *stream {{\n\tctx, finish := context.WithCancel(ctx)\n\tgo func() {{ // go 21\n\t\tdefer finish()\n\t\tselect {{ // 21\n\t\tcase <-ctx.Done():\n\t\tcase <-over:\n\t\t}}\n\t}}()\n\treturn &stream{{}}\n}}\nvar over = make(chan int)\ntype conn struct{{ s *stream }}\nfunc (c *conn) connect(ctx context.Context) {{\n\tif c.s == nil {{\n\t\tc.s = open({given}) // opens\n\t}}\n}}\nfunc (c *conn) drop() {{\n\t{drops} // drops\n}}\nfunc TestA() {{\n\tc := &conn{{}}\n\tc.connect(context.Background())\n\tc.drop()\n}}\n"
    )
}

#[test]
fn what_is_dropped_and_ends_only_with_the_callers_context_gets_one_of_its_own() {
    let cause = |source: &str| {
        let dump = goroutine(21, "select", "", "m.open.func1", source)
            .replace("created by m.TestA", "created by m.open");
        all(&dump, source)[0].cause.clone()
    };
    let source = streams("ctx", "c.s = nil", "");
    let (drops, opens) = (line(&source, "// drops"), line(&source, "// opens"));
    assert_eq!(
        fact_and_fix(&cause(&source)),
        format!(
            "`c.s = nil` (line {drops}) drops what `open` (line {opens}) has made, and does not end it: call `open` (line {opens}) with a context of its own (`own, cancel := context.WithCancel(ctx)`), keep `cancel` beside `s` of the conn, and call it before `c.s = nil` (line {drops})"
        )
    );
    for (given, drops, end) in [
        ("ctx", "_ = c.s", ""),
        ("ctx", "c.s = nil", "func (s *stream) Close() {}"),
        ("context.Background()", "c.s = nil", ""),
    ] {
        let found = cause(&streams(given, drops, end));
        assert!(!words(&found).contains("drops what"), "{given} {end}: {found:?}");
    }
}

/// A server that starts goroutines in a pool of one of its functions.
fn pools(made: &str, ends: &str) -> String {
    format!(
        "package m\nimport \"time\"\ntype pool struct{{ stops []chan int }}\nfunc (p *pool) Go(f func(stop chan int)) {{\n\tstop := make(chan int, 1)\n\tp.stops = append(p.stops, stop)\n\tgo func() {{ // go 21\n\t\tf(stop) // runs\n\t}}()\n}}\nfunc (p *pool) Stop() {{\n\tfor _, stop := range p.stops {{\n\t\tstop <- 1\n\t}}\n}}\ntype server struct{{ in chan int; pool pool }}\nfunc (s *server) listen() {{\n\t{made} // made\n\t{ends}\n\tfor n := range s.in {{\n\t\tpool.Go(func(stop chan int) {{ s.work(n, stop) }}) // calls\n\t}}\n}}\nfunc (s *server) work(n int, stop chan int) {{\n\ttick := time.NewTicker(time.Hour)\n\tfor {{\n\t\tselect {{ // 21\n\t\tcase <-tick.C:\n\t\tcase <-stop:\n\t\t\treturn\n\t\t}}\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\ts := &server{{in: make(chan int)}}\n\tgo s.listen()\n\ts.in <- 1\n\tclose(s.in)\n\ts.pool.Stop()\n}}\n"
    )
}

#[test]
fn a_pool_that_a_function_makes_for_itself_and_leaves_is_to_be_stopped_there() {
    let cause = |source: &str| {
        let calls = format!(
            "m.(*server).listen.func1()\n\t/m/x.go:{} +0x1\nm.(*pool).Go.func1()\n\t/m/x.go:{} +0x1\n",
            line(source, "// calls"),
            line(source, "// runs")
        );
        let dump = goroutine(21, "select", "", "m.(*server).work", source)
            .replace("created by m.TestA", &format!("{calls}created by m.(*pool).Go"));
        all(&dump, source)[0].cause.clone()
    };
    let source = pools("var pool pool", "");
    let made = line(&source, "// made");
    assert_eq!(
        fact_and_fix(&cause(&source)),
        format!(
            "listen has returned, and nothing calls `Stop` (x.go:11) of its `pool` (x.go:{made}), which has started it: `defer pool.Stop()` in listen right after x.go:{made}"
        )
    );
    for (made, ends) in [("var pool pool", "defer pool.Stop()"), ("pool := &s.pool", "")] {
        let found = cause(&pools(made, ends));
        assert!(
            !words(&found).contains("nothing calls `Stop`"),
            "{made}: {found:?}"
        );
    }
}

/// A wrapper that forwards events.
fn wrapper(room: &str, stop: &str) -> String {
    format!(
        "package m\ntype wrap struct{{ in, out, stop chan int }}\nfunc open() *wrap {{\n\tw := &wrap{{in: make(chan int, 1), out: make(chan int), stop: make(chan int{room})}}\n\tgo w.run() // go 21\n\treturn w\n}}\nfunc (w *wrap) run() {{\n\tfor {{\n\t\tselect {{\n\t\tcase n := <-w.in:\n\t\t\tw.out <- n // 21\n\t\tcase <-w.stop:\n\t\t\treturn\n\t\t}}\n\t}}\n}}\nfunc (w *wrap) Stop() {{\n\t{stop} // stops\n}}\nfunc TestA() {{\n\tw := open()\n\tw.in <- 1\n\tw.Stop()\n}}\n"
    )
}

#[test]
fn a_stop_value_that_is_lost_while_a_loop_sends_is_named() {
    let cause = |source: &str| {
        let dump = goroutine(21, "chan send", "", "m.(*wrap).run", source)
            .replace("created by m.TestA", "created by m.open");
        all(&dump, source)[0].cause.clone()
    };
    let source = wrapper("", "select { case w.stop <- 1: default: }");
    let found = cause(&source);
    assert!(
        found.waits_for.ends_with(&format!(
            "; `w.stop <- 1` (line {}), with which its loop ends, has a `default` and is dropped while it waits here",
            line(&source, "// stops")
        )),
        "{found:?}"
    );
    for (room, stop) in [
        (", 1", "select { case w.stop <- 1: default: }"),
        ("", "w.stop <- 1"),
        ("", "close(w.stop)"),
    ] {
        let found = cause(&wrapper(room, stop));
        assert!(!words(&found).contains("is dropped while"), "{stop}: {found:?}");
    }
}

#[test]
fn what_a_function_has_collected_is_to_be_ended_before_it_gives_its_error_back() {
    let cause = |before: &str| {
        let source = format!(
            "package m\nimport \"testing\"\ntype iter interface{{ Close() error }}\ntype buf struct{{ stop chan int }}\nfunc (b *buf) Close() error {{ close(b.stop); return nil }}\nfunc newBuf() *buf {{\n\tb := &buf{{stop: make(chan int)}}\n\tgo b.fill() // go 21\n\treturn b\n}}\nfunc (b *buf) fill() {{\n\t<-b.stop // 21\n}}\nfunc column(name string) (iter, error) {{\n\tif name == \"\" {{\n\t\treturn nil, errBad\n\t}}\n\treturn newBuf(), nil\n}}\ntype sum struct{{ its []iter }}\nfunc (s *sum) Close() error {{ return nil }}\nfunc columns(names ...string) (iter, error) {{\n\tvar its []iter\n\tfor _, name := range names {{\n\t\tit, err := column(name)\n\t\tif err != nil {{\n{before}\n\t\t\treturn nil, err // returns\n\t\t}}\n\t\tits = append(its, it)\n\t}}\n\treturn &sum{{its: its}}, nil\n}}\nfunc TestA(t *testing.T) {{\n\tif _, err := columns(\"a\", \"\"); err == nil {{\n\t\tt.Fatal(\"want error\")\n\t}}\n}}\n"
        );
        let dump = goroutine(21, "chan receive", "", "m.(*buf).fill", &source)
            .replace("created by m.TestA", "created by m.newBuf");
        (all(&dump, &source)[0].cause.clone(), line(&source, "// returns"))
    };
    let (found, returns) = cause("");
    assert_eq!(
        found.fix,
        format!(
            "call `Close` of each in `its` before the `return` (x.go:{returns}) with which columns gives back its error: the test gets nothing that it could close"
        )
    );
    let (found, _) = cause("\t\t\tfor _, it := range its {\n\t\t\t\tit.Close()\n\t\t\t}");
    assert!(!found.fix.contains("of each"), "{found:?}");
}

const COND: &str = "sync.runtime_notifyListWait(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Cond).Wait(0x1)\n\t/go/src/sync/cond.go:1 +0x1\n";

/// Events that are sent in the order of their numbers.
fn turns(update: &str) -> String {
    format!(
        "package m\nimport (\"sync\"; \"sync/atomic\")\ntype turns struct {{\n\tlast, now uint64\n\tcond *sync.Cond\n}}\nfunc (t *turns) take() uint64 {{ return atomic.AddUint64(&t.last, 1) - 1 }}\nfunc (t *turns) wait(mine uint64, f func()) {{\n\tt.cond.L.Lock()\n\tdefer t.cond.L.Unlock()\n\tfor mine != t.now {{ // loop\n\t\tt.cond.Wait() // 21\n\t}}\n\tf()\n\tt.now++\n\tt.cond.Broadcast()\n}}\nfunc (t *turns) add(n int) {{\n\tgo t.wait(t.take(), func() {{}}) // go 21\n}}\nfunc (t *turns) update(old, n int) {{\n{update}\n}}\nfunc TestA() {{\n\tt := &turns{{cond: sync.NewCond(&sync.Mutex{{}})}}\n\tt.update(1, 1)\n\tt.add(2)\n}}\n"
    )
}

#[test]
fn a_number_that_a_way_out_drops_holds_up_all_later_turns() {
    let cause = |source: &str| {
        let dump = goroutine(21, "sync.Cond.Wait", COND, "m.(*turns).wait", source)
            .replace("created by m.TestA", "created by m.(*turns).add");
        all(&dump, source)[0].cause.clone()
    };
    let source = turns(
        "\tmine := t.take() // takes\n\tif old == n {\n\t\treturn // returns\n\t}\n\tgo t.wait(mine, func() {})",
    );
    let at = |mark| line(&source, mark);
    let found = cause(&source);
    assert_eq!(
        found.waits_for,
        format!(
            "a Signal or Broadcast on `t.cond`, in a loop that waits for its turn (`mine != t.now`, line {}): the `return` (line {}) drops the number that `t.take()` (line {}) has taken, and that turn is never passed on",
            at("// loop"),
            at("// returns"),
            at("// takes")
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "take the number only behind that `return` (line {}), in place of `t.take()` (line {}), or pass the turn on there too",
            at("// returns"),
            at("// takes")
        )
    );
    for update in [
        "\tif old == n {\n\t\treturn\n\t}\n\tmine := t.take()\n\tgo t.wait(mine, func() {})",
        "\tmine := t.take()\n\tif old == n {\n\t\tt.wait(mine, func() {})\n\t\treturn\n\t}\n\tgo t.wait(mine, func() {})",
    ] {
        let found = cause(&turns(update));
        assert!(!words(&found).contains("drops the number"), "{update}: {found:?}");
    }
}

#[test]
fn what_an_owner_may_be_given_is_ended_only_where_it_has_made_it() {
    let cause = |makes: &str| {
        let source = format!(
            "package m\nimport \"testing\"\ntype limit struct{{ stop chan int }}\nfunc newLimit() *limit {{\n\tl := &limit{{stop: make(chan int)}}\n\tgo l.run() // go 21\n\treturn l\n}}\nfunc (l *limit) run() {{\n\t<-l.stop // 21\n}}\nfunc (l *limit) Close() {{ close(l.stop) }}\ntype host struct{{ limit *limit; up bool }}\ntype config struct{{ limit *limit }}\nfunc open(cfg config) *host {{\n{makes} // makes\n\treturn &host{{limit: cfg.limit}}\n}}\nfunc (h *host) Close() {{ h.up = false }}\nfunc TestA(t *testing.T) {{\n\th := open(config{{}})\n\tdefer h.Close()\n}}\n"
        );
        let dump = goroutine(21, "chan receive", "", "m.(*limit).run", &source)
            .replace("created by m.TestA", "created by m.newLimit");
        all(&dump, &source)[0].cause.clone()
    };
    let given = cause("\tif cfg.limit == nil {\n\t\tcfg.limit = newLimit()\n\t}");
    assert!(
        given
            .fix
            .contains("has made it: one that is given belongs to its caller"),
        "{given:?}"
    );
    let own = cause("\tcfg.limit = newLimit()");
    assert!(
        own.fix.starts_with("call `Close` of the limit in Close"),
        "{own:?}"
    );
    assert!(!own.fix.contains("has made it"), "{own:?}");
}
