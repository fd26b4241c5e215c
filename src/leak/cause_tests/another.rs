//! What is ended is another one: the variable, field or copy does not hold what the goroutine waits for.

use super::kind::{all, fact_and_fix, goroutine, line, of, words};
use crate::leak::judge_tests::{evidence, judged, judged_files, sightings};
use crate::leak::*;

const READ: &str = "internal/poll.runtime_pollWait()\n\t/go/src/runtime/netpoll.go:1 +0x1\nnet.(*conn).Read()\n\t/go/src/net/net.go:2 +0x1\n";

/// The leak that `open` starts and `Close` ends, where a test does this.
fn opened(test: &str) -> Cause {
    let source = format!(
        "package m\ntype store struct{{ quit chan struct{{}} }}\nfunc Open() *store {{\n\ts := &store{{quit: make(chan struct{{}})}}\n\tgo s.work() // go 21\n\treturn s\n}}\nfunc (s *store) work() {{\n\t<-s.quit // 21\n}}\nfunc (s *store) Close() {{ close(s.quit) }}\nfunc TestA(t *testing.T) {{\n{test}}}\n"
    );
    let dump = goroutine(21, "chan receive", "", "m.(*store).work", &source)
        .replace("created by m.TestA", "created by m.Open");
    let dump = format!(
        "{}\n[originating from goroutine 10]:\nm.Open(...)\n\t/m/x.go:5 +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
        dump.trim_end_matches('\n'),
        line(&source, "// leaks"),
    );
    of(&all(&dump, &source), "m.(*store).work").clone()
}

#[test]
fn a_variable_that_gets_another_one_before_it_is_closed_loses_the_first() {
    for (end, ends) in [
        ("\tdefer s.Close()\n", 15),
        ("\tt.Cleanup(s.Close)\n", 15),
        ("\ts.Close()\n", 15),
    ] {
        let cause = opened(&format!("\ts := Open() // leaks\n\ts = Open()\n{end}"));
        assert_eq!(
            fact_and_fix(&cause),
            format!(
                "`s` gets another one (x.go:14), and `s.Close` (x.go:{ends}) ends only that: end the first one before, or keep it under a name of its own"
            )
        );
    }
    // What a literal closes is what the variable holds in the end.
    let cause = opened("\ts := Open() // leaks\n\tdefer func() { s.Close() }()\n\ts = Open()\n");
    assert!(
        fact_and_fix(&cause).contains("`s` gets another one (x.go:15)"),
        "{cause:?}"
    );
    // The first one is closed, the second one is left.
    let cause = opened("\ts := Open()\n\tdefer s.Close()\n\ts = Open() // leaks\n");
    assert!(!words(&cause).contains("gets another one"), "{cause:?}");
    assert!(
        cause.fix.contains("`defer s.Close()` also after that assignment"),
        "{cause:?}"
    );
}

#[test]
fn a_variable_that_a_loop_fills_again_and_again_holds_the_last_one() {
    let cause =
        opened("\tvar s *store\n\tfor range 3 {\n\t\ts = Open() // leaks\n\t}\n\tt.Cleanup(s.Close)\n");
    assert_eq!(
        fact_and_fix(&cause),
        "`s.Close` (x.go:17) ends only the last one that the loop makes: `t.Cleanup(s.Close)` right after x.go:15, in place of x.go:17"
    );
    let cause = opened("\tfor range 3 {\n\t\ts := Open() // leaks\n\t\tt.Cleanup(s.Close)\n\t}\n");
    assert!(!cause.fix.contains("the last one"), "{cause:?}");
}

#[test]
fn a_function_that_drops_the_context_it_is_given_hands_on_another_one() {
    let fix = |parameters: &str, context: &str| {
        let source = format!(
            "package m\nimport \"context\"\nfunc run({parameters}) {{\n\tgo work({context}) // go 21\n}}\nfunc work(ctx context.Context) {{\n\t<-ctx.Done() // 21\n}}\nfunc TestA(t *testing.T) {{\n\trun(t.Context())\n}}\n"
        );
        let dump = goroutine(21, "chan receive (nil chan)", "", "m.work", &source)
            .replace("created by m.TestA", "created by m.run");
        of(&all(&dump, &source), "m.work").fix.clone()
    };
    assert_eq!(
        fix("ctx context.Context", "context.WithoutCancel(ctx)"),
        "`context.WithoutCancel(ctx)` (line 4) takes the end from the context that run is given: hand on that one, or make one that can be cancelled (`ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))`) and call `cancel` when the work is over"
    );
    assert_eq!(
        fix("ctx context.Context", "context.Background()"),
        "hand on `ctx`, which run is given, in place of `context.Background()` (line 4)"
    );
    let found = fix("n int", "context.TODO()");
    assert!(
        found.contains("let run take a context in place of `context.TODO()` (line 4)"),
        "{found}"
    );
}

#[test]
fn a_function_literal_is_given_what_the_call_on_the_stack_gives_it() {
    let source = "package m\nimport \"context\"\nfunc run(ctx context.Context, steps ...func(context.Context)) {\n\tctx = context.WithoutCancel(ctx)\n\tfor _, step := range steps {\n\t\tgo func() { step(ctx) }() // go 21\n\t}\n}\nfunc TestA(t *testing.T) {\n\trun(t.Context(),\n\t\tfunc(context.Context) {},\n\t\tfunc(ctx context.Context) {\n\t\t\t<-ctx.Done() // 21\n\t\t})\n}\n";
    let above = "m.TestA.func2()\n\t/m/x.go:13 +0x1\n";
    let dump = goroutine(21, "chan receive (nil chan)", above, "m.run.func1", source)
        .replace("m.run.func1()\n\t/m/x.go:13", "m.run.func1()\n\t/m/x.go:6")
        .replace("created by m.TestA", "created by m.run");
    let found = judged(&evidence(sightings(&dump)), source).remove(0).cause;
    assert!(
        found.fix.contains("`context.WithoutCancel(ctx)` (line 4)"),
        "{found:?}"
    );
}

#[test]
fn a_method_that_puts_another_one_in_place_of_what_close_ends_is_named() {
    let source = |again: &str, put: &str, close: &str| {
        format!(
            "package m\nimport \"net\"\ntype link struct {{\n\tconn net.Conn\n\tall map[string]net.Conn\n}}\nfunc (l *link) Connect() {{\n\tconn := dial()\n\t{put} // put\n\tgo l.work(conn) // go 21\n}}\nfunc (l *link) work(conn net.Conn) {{\n\tconn.Read(nil) // 21\n}}\nfunc (l *link) Close() {{\n\t{close}\n}}\nfunc TestA(t *testing.T) {{\n\tl := &link{{}}\n\tdefer l.Close()\n\tl.Connect() // leaks\n{again}}}\n"
        )
    };
    let fix = |source: &str| {
        let dump = goroutine(21, "IO wait", READ, "m.(*link).work", source)
            .replace("created by m.TestA", "created by m.(*link).Connect");
        let dump = format!(
            "{}\n[originating from goroutine 10]:\nm.(*link).Connect(...)\n\t/m/x.go:10 +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
            dump.trim_end_matches('\n'),
            line(source, "// leaks"),
        );
        fact_and_fix(of(&all(&dump, source), "m.(*link).work"))
    };
    for (put, close) in [
        ("l.conn = conn", "l.conn.Close()"),
        (
            "l.all = map[string]net.Conn{\"a\": conn}",
            "for _, c := range l.all { c.Close() }",
        ),
    ] {
        let found = fix(&source("\tl.Connect()\n", put, close));
        assert_eq!(
            found,
            format!(
                "`l.Close` is called (x.go:20), but `{put}` (x.go:9) may have put another one in its place: end what is there already, if anything, before `{put}` (x.go:9)"
            )
        );
        // Nothing was there before.
        let found = fix(&source("", put, close));
        assert!(!found.contains("in its place"), "{found}");
    }
}

#[test]
fn what_is_set_in_the_copy_of_an_element_that_range_hands_out_is_lost() {
    let source = |each: &str| {
        format!(
            "package m\ntype slot struct {{\n\tquit chan int\n}}\ntype pool struct{{ slots []slot }}\nfunc open() *pool {{\n\tp := &pool{{slots: make([]slot, 2)}}\n\t{each} {{\n\t\ts.quit = make(chan int) // set\n\t\tgo s.work() // go 21\n\t}}\n\treturn p\n}}\nfunc (s slot) work() {{\n\t<-s.quit // 21\n}}\nfunc (p *pool) Close() {{\n\tfor _, s := range p.slots {{\n\t\tclose(s.quit)\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\tp := open()\n\tdefer p.Close()\n}}\n"
        )
    };
    let cause = |source: &str| {
        let dump = goroutine(21, "chan receive", "", "m.slot.work", source)
            .replace("created by m.TestA", "created by m.open");
        of(&all(&dump, source), "m.slot.work").clone()
    };
    let found = cause(&source("for _, s := range p.slots"));
    assert!(
        words(&found).contains(
            "`s` is a copy of an element of `p.slots` (line 8): `s.quit` (line 9) is set in that copy alone"
        ),
        "{found:?}"
    );
    assert!(
        found.fix.contains("for i := range p.slots { s := &p.slots[i]"),
        "{found:?}"
    );
    let found = cause(&source(
        "for i := range p.slots { s := &p.slots[i]; _ = s }; for s := p.first(); s != nil; s = s.next",
    ));
    assert!(!words(&found).contains("copy"), "{found:?}");
}

/// The cause of a goroutine of `m.(*bucket).fill`, which `get` starts, by what a pool forgets and closes.
fn of_pool(forget: &str, close: &str, test: &str) -> Cause {
    let source = format!(
        "package m\nimport \"time\"\ntype bucket struct {{\n\tdone chan int\n}}\ntype pool struct{{ all map[string]*bucket }}\nfunc (p *pool) get(k string) {{\n\tb := &bucket{{done: make(chan int)}}\n\tp.all[k] = b\n\tgo b.fill() // go 21\n}}\nfunc (b *bucket) fill() {{\n\ttick := time.NewTicker(time.Second)\n\tfor {{\n\t\tselect {{ // 21\n\t\tcase <-b.done:\n\t\t\treturn\n\t\tcase <-tick.C:\n\t\t}}\n\t}}\n}}\nfunc (p *pool) forget(k string) {{\n\t{forget} // forgets\n}}\nfunc (p *pool) close() {{\n\t{close}\n}}\nfunc TestA(t *testing.T) {{\n\tp := &pool{{all: map[string]*bucket{{}}}}\n\tdefer p.close()\n\tp.get(\"a\")\n{test}}}\n"
    );
    let dump = goroutine(21, "select", "", "m.(*bucket).fill", &source)
        .replace("created by m.TestA", "created by m.(*pool).get");
    of(&all(&dump, &source), "m.(*bucket).fill").clone()
}

#[test]
fn what_is_taken_out_of_a_map_is_closed_where_it_is_taken_out() {
    const ALL: &str = "for _, b := range p.all { close(b.done) }";
    let cause = of_pool("delete(p.all, k)", ALL, "\tp.forget(\"a\")\n");
    assert_eq!(
        fact_and_fix(&cause),
        "`close` of the pool is called (x.go:30), but `delete(p.all, k)` (x.go:23) takes it out before `close(b.done)` (x.go:26) gets to it: `close(b.done)` too where `delete(p.all, k)` (x.go:23) takes it out"
    );
    let cause = of_pool(
        "close(p.all[k].done); delete(p.all, k)",
        ALL,
        "\tp.forget(\"a\")\n",
    );
    assert!(!words(&cause).contains("takes it out"), "{cause:?}");
    let cause = of_pool("delete(p.all, k)", ALL, "");
    assert!(!words(&cause).contains("takes it out"), "{cause:?}");
    // Nothing closes it at all.
    let cause = of_pool("delete(p.all, k)", "clear(p.all)", "\tp.forget(\"a\")\n");
    assert_eq!(
        cause.fix,
        "close the channel where it is taken out of the map (`delete(p.all, k)`, line 23)"
    );
}

/// A pool whose Reload makes another set of members, of which Close ends those that are there.
const MEMBERS: &str = r#"package m
import "testing"
type member struct{ stop chan int }
func start() *member {
	m := &member{make(chan int)}
	go m.work() // go 21
	return m
}
func (m *member) work() {
	<-m.stop // 21
}
func (m *member) halt() { close(m.stop) }
type pool struct{ all map[string]*member }
func (p *pool) Reload(names []string) {
	next := map[string]*member{}
	for _, name := range names {
		if m, ok := p.all[name]; ok {
			next[name] = m
			continue
		}
		next[name] = start()
	}
	p.all = next // drops
}
func (p *pool) Close() {
	for _, m := range p.all {
		m.halt()
	}
}
func TestA(t *testing.T) {
	p := &pool{}
	t.Cleanup(p.Close)
	p.Reload([]string{"a", "b"}) // leaks
	p.Reload([]string{"b"})
}
"#;

fn of_members(source: &str) -> String {
    let dump = goroutine(21, "chan receive", "", "m.(*member).work", source)
        .replace("created by m.TestA", "created by m.start");
    let dump = format!(
        "{}\n[originating from goroutine 10]:\nm.start(...)\n\t/m/x.go:6 +0x1\nm.(*pool).Reload(...)\n\t/m/x.go:21 +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ntesting.tRunner(...)\n\t/go/src/t.go:2 +0x1\n",
        dump.trim_end_matches('\n'),
        line(source, "// leaks"),
    );
    let dump = dump.replace("/m/x.go", "/m/x_test.go");
    let mut groups = judged_files(&evidence(sightings(&dump)), &[("/m/x_test.go", source)]);
    fact_and_fix(&groups.remove(0).cause)
}

#[test]
fn what_is_not_carried_over_to_another_collection_is_dropped() {
    let drops = line(MEMBERS, "// drops");
    let told = format!(
        ", but `p.all = next` (x_test.go:{drops}) drops what it does not carry over: end first what `p.all = next` (x_test.go:{drops}) drops"
    );
    let found = of_members(MEMBERS);
    assert!(found.ends_with(&told), "{found}");
    // All are new: those from before are lost.
    let anew = MEMBERS.replace(
        "\t\tif m, ok := p.all[name]; ok {\n\t\t\tnext[name] = m\n\t\t\tcontinue\n\t\t}\n",
        "",
    );
    let found = of_members(&anew);
    assert!(
        found.contains("may have put another one in its place: end what is there already, if anything, before `p.all = next`"),
        "{found}"
    );
}

#[test]
fn what_is_ended_before_another_one_takes_its_place_is_not_lost() {
    for ends in [
        "for name, m := range p.all {\n\t\tif next[name] == nil {\n\t\t\tm.halt()\n\t\t}\n\t}\n\tp.all = next // drops",
        "p.Close()\n\tp.all = next // drops",
        "p.all = next // drops\n\tfor _, m := range gone {\n\t\tm.halt()\n\t}",
    ] {
        let found = of_members(&MEMBERS.replace("p.all = next // drops", ends));
        assert!(
            !found.contains("drops") && !found.contains("in its place"),
            "{ends}: {found}"
        );
    }
    // Where Reload runs once, nothing was there before.
    let once = MEMBERS.replace("\tp.Reload([]string{\"b\"})\n", "");
    let found = of_members(&once);
    assert!(!found.contains("drops"), "{found}");
}

#[test]
fn an_element_that_takes_anothers_place_loses_it_where_the_loop_before_ends_others() {
    let source = |body: &str| {
        format!(
            "package m\ntype worker struct{{ quit chan int }}\ntype group struct{{ all map[string]*worker }}\nfunc (g *group) Assign(names []string) {{\n\tfor name, w := range g.all {{\n\t\tif !has(names, name) {{\n\t\t\tclose(w.quit)\n\t\t\tdelete(g.all, name)\n\t\t}}\n\t}}\n\tfor _, name := range names {{\n\t\tw := &worker{{make(chan int)}}\n\t\t{body}g.all[name] = w // puts\n\t\tgo w.work() // go 21\n\t}}\n}}\nfunc (w *worker) work() {{\n\t<-w.quit // 21\n}}\nfunc TestA(t *testing.T) {{\n\tg := &group{{map[string]*worker{{}}}}\n\tg.Assign([]string{{\"a\"}})\n\tg.Assign([]string{{\"a\", \"b\"}})\n}}\n"
        )
    };
    let fix = |body: &str| {
        let source = source(body);
        let dump = goroutine(21, "chan receive", "", "m.(*worker).work", &source)
            .replace("created by m.TestA", "created by m.(*group).Assign");
        fact_and_fix(of(&all(&dump, &source), "m.(*worker).work"))
    };
    let found = fix("");
    assert!(
        found.contains("`g.all[name] = w` (x.go:13) may have put another one in its place"),
        "{found}"
    );
    let found = fix("if old := g.all[name]; old != nil {\n\t\t\tclose(old.quit)\n\t\t}\n\t\t");
    assert!(!found.contains("in its place"), "{found}");
}
