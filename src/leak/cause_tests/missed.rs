//! Ends that run, or that are there, and do not reach the goroutine: set in a copy, done by itself, missed by a count.

use super::kind::{all, fact_and_fix, goroutine, line, of, words};
use super::late::leak;
use crate::leak::*;

const WAIT: &str = "sync.(*Cond).Wait(0xc000010000)\n\t/go/src/sync/cond.go:71 +0x1\n";

/// A gate that a goroutine waits at until it is open.
fn gate(wait: &str, open: &str, test: &str) -> String {
    format!(
        r#"package m
import "sync"
type Gate struct {{
	cond *sync.Cond
	left int
	over bool
}}
func newGate() *Gate {{ return &Gate{{cond: sync.NewCond(new(sync.Mutex)), left: 1}} }}
func (g {wait}) pass() {{
	g.cond.L.Lock()
	defer g.cond.L.Unlock()
	for g.left > 0 && !g.over {{
		g.cond.Wait() // 21
	}}
}}
func (g {open}) open() {{
	g.cond.L.Lock()
	g.over = true // set
	g.cond.L.Unlock()
	g.cond.Broadcast()
}}
func (g *Gate) leave() {{
	g.cond.L.Lock()
	g.left--
	g.cond.L.Unlock()
	g.cond.Broadcast()
}}
func TestA() {{
	g := newGate()
	go g.pass() // go 21
{test}}}
"#
    )
}

fn at_gate(source: &str) -> Cause {
    let dump = goroutine(21, "sync.Cond.Wait", WAIT, "m.(*Gate).pass", source);
    all(&dump, source).remove(0).cause
}

#[test]
fn a_flag_that_a_method_sets_in_its_copy_of_the_receiver_is_named() {
    let source = gate("*Gate", "Gate", "\tg.open()\n");
    let cause = at_gate(&source);
    let (open, set) = (line(&source, ") open()"), line(&source, "// set"));
    assert_eq!(
        cause.waits_for,
        format!(
            "a Signal or Broadcast on `g.cond` after `g.over` has changed: open (line {open}) gets its receiver `g` by value and sets `g.over` (line {set}) in a copy, which is lost when it returns"
        )
    );
    assert_eq!(
        cause.fix,
        format!("make the receiver of open a pointer: `g *Gate` (line {open})")
    );
    // Where the test does not call it, it has not been lost.
    for other in [gate("*Gate", "*Gate", "\tg.open()\n"), gate("*Gate", "Gate", "")] {
        let cause = at_gate(&other);
        assert!(!cause.waits_for.contains("by value"), "{cause:?}");
    }
}

#[test]
fn a_loop_that_looks_at_its_copy_of_the_receiver_is_named() {
    let source = gate("Gate", "*Gate", "\tg.open()\n");
    let cause = at_gate(&source);
    let pass = line(&source, ") pass()");
    assert_eq!(
        cause.waits_for,
        format!(
            "a Signal or Broadcast on `g.cond`, in a loop that looks at a copy: pass (line {pass}) gets its receiver `g` by value, and what others change later is not in that"
        )
    );
    assert_eq!(
        cause.fix,
        format!("make the receiver of pass a pointer: `g *Gate` (line {pass})")
    );
}

#[test]
fn an_element_that_is_a_pointer_is_no_copy() {
    let source = |element: &str| {
        gate("*Gate", "*Gate", "\tcloseAll()\n")
            + &format!(
                "var gates []{element}\nfunc closeAll() {{\n\tfor _, g := range gates {{\n\t\tg.over = true\n\t\tg.cond.Broadcast()\n\t}}\n}}\n"
            )
    };
    let of_pointers = at_gate(&source("*Gate"));
    assert!(!of_pointers.waits_for.contains("a copy"), "{of_pointers:?}");
    let of_values = at_gate(&source("Gate"));
    assert!(
        of_values
            .waits_for
            .contains("`g` is a copy of an element of `gates`"),
        "{of_values:?}"
    );
}

#[test]
fn a_poll_that_a_stop_with_a_value_receiver_does_not_end_is_named() {
    let source = |run: &str, stop: &str, test: &str| {
        format!(
            "package m\nimport \"time\"\ntype probe struct{{ over bool }}\nfunc (p {run}) work() {{\n\tfor !p.over {{\n\t\ttime.Sleep(time.Second) // 21\n\t}}\n}}\nfunc (p {stop}) Stop() {{ p.over = true }}\nfunc TestA() {{\n\tp := &probe{{}}\n\tgo p.work() // go 21\n{test}}}\n"
        )
    };
    let sleep = "time.Sleep(0x1)\n\t/go/src/runtime/time.go:1 +0x1\n";
    let fix = |source: &str| {
        let dump = goroutine(21, "sleep", sleep, "m.(*probe).work", source);
        words(&all(&dump, source).remove(0).cause)
    };
    let lost = fix(&source("*probe", "probe", "\tp.Stop()\n"));
    assert!(
        lost.contains("Stop (line 9) gets its receiver `p` by value and sets `p.over` (line 9) in a copy"),
        "{lost}"
    );
    assert!(
        lost.ends_with("make the receiver of Stop a pointer: `p *probe` (line 9)"),
        "{lost}"
    );
    let uncalled = fix(&source("*probe", "probe", ""));
    assert!(
        uncalled.ends_with("in t.Cleanup; and make the receiver of Stop a pointer: `p *probe` (line 9)"),
        "{uncalled}"
    );
    let kept = fix(&source("probe", "*probe", "\tp.Stop()\n"));
    assert!(
        kept.contains("make the receiver of work a pointer: `p *probe` (line 4)"),
        "{kept}"
    );
    assert!(!kept.contains("Stop"), "{kept}");
}

/// Workers on a queue that each of them leaves where its context ends.
fn workers(test: &str) -> String {
    format!(
        r#"package m
import "context"
type feed struct{{ in, over chan int }}
func join() *feed {{ return &feed{{make(chan int), make(chan int)}} }}
func (f *feed) Leave() {{ close(f.over) }}
type pool struct{{ n int }}
func (p *pool) Run(ctx context.Context) error {{
	f := join()
	go work(ctx, f) // go 21
	return nil
}}
func work(ctx context.Context, f *feed) {{
	for {{
		select {{ // 21
		case <-ctx.Done():
			f.Leave()
			return
		case <-f.over:
			return
		case v := <-f.in:
			println(v)
		}}
	}}
}}
func TestA() {{
	p := new(pool)
	ctx, cancel := context.WithCancel(context.Background()) // made
{test}}}
"#
    )
}

#[test]
fn what_a_goroutine_does_in_its_own_case_is_not_the_end_that_it_lacks() {
    let test = "\tif err := p.Run(ctx); err != nil {\n\t\tcancel() // once\n\t\treturn\n\t}\n";
    let source = workers(test);
    let cause = leak(&source, "select", "m.work", "m.(*pool).Run");
    assert_eq!(
        fact_and_fix(&cause),
        format!(
            "`cancel()` (line {}) is called only where `err != nil`: `defer cancel()` right after line {}",
            line(&source, "// once"),
            line(&source, "// made")
        )
    );
    let source = workers("\tp.Run(ctx)\n\tprintln(cancel)\n");
    let cause = leak(&source, "select", "m.work", "m.(*pool).Run");
    assert!(!words(&cause).contains("Leave"), "{cause:?}");
}

#[test]
fn a_send_in_reach_of_a_channel_that_a_method_hands_out_is_selected_against_its_end() {
    let source = r#"package m
import "sync"
type room struct {
	mu   sync.Mutex
	seats map[int]*seat
}
type seat struct {
	of   *room
	mail chan int
	gone chan struct{}
}
func (r *room) sit() *seat {
	s := &seat{of: r, mail: make(chan int, 1), gone: make(chan struct{})}
	r.seats[1] = s
	return s
}
func (r *room) tell(v int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.seats {
		s.mail <- v // 21
	}
}
func (r *room) empty(s *seat) {
	r.mu.Lock() // 22
	defer r.mu.Unlock()
	delete(r.seats, 1)
}
func (s *seat) Mail() <-chan int { return s.mail }
func (s *seat) Close() {
	close(s.gone) // closes
	s.of.empty(s) // in Close
}
func (s *seat) read() {
	for {
		select {
		case <-s.mail:
		case <-s.gone:
			return
		}
	}
}
func (r *room) use() *seat {
	s := r.sit()
	go s.read()
	return s
}
func TestB() { new(room).use() }
func TestA() {
	r := new(room)
	s := r.sit()
	go r.tell(1) // go 21
	go func() { // go 22
		defer s.Close()
		<-s.Mail()
	}()
}
"#;
    let lock = "sync.runtime_SemacquireMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Mutex).Lock(0x1)\n\t/go/src/sync/mutex.go:1 +0x1\n";
    let close = format!(
        "m.(*seat).Close()\n\t/m/x.go:{} +0x1\n",
        line(source, "// in Close")
    );
    let waiter = goroutine(22, "sync.Mutex.Lock", lock, "m.(*room).empty", source)
        .replace("created by", &(close + "created by"));
    let dump = goroutine(21, "chan send", "", "m.(*room).tell", source) + &waiter;
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*room).tell");
    assert!(!words(cause).contains("`read`"), "{cause:?}");
    assert_eq!(
        cause.fix,
        format!(
            "select the send against `<-s.gone`, which Close closes (line {}), and on that go on with the next one",
            line(source, "// closes")
        )
    );
    // Under the lock, what is closed comes too late.
    let late = source.replace("\tclose(s.gone) // closes\n", "").replace(
        "\tdelete(r.seats, 1)\n",
        "\tdelete(r.seats, 1)\n\tclose(s.gone) // closes\n",
    );
    let groups = all(&dump, &late);
    let cause = of(&groups, "m.(*room).tell");
    assert!(words(cause).contains("unlock `r.mu`"), "{cause:?}");
}

/// A test that waits for what its loop starts.
fn counted(round: &str) -> String {
    format!(
        r#"package m
import "sync"
func TestA() {{
	var group sync.WaitGroup
	for _, path := range paths {{
{round}	}}
	go func() {{ // go 21
		group.Wait() // 21
	}}()
}}
"#
    )
}

#[test]
fn a_round_that_is_counted_and_starts_nothing_is_named() {
    let starts = "\t\tgo func() { // starts\n\t\t\tdefer group.Done()\n\t\t\tprintln(path)\n\t\t}()\n";
    let skips = "\t\tif path == \"\" {\n\t\t\tcontinue // skips\n\t\t}\n";
    let above = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";
    let cause = |source: &str| {
        let dump = goroutine(21, "sync.WaitGroup.Wait", above, "m.TestA.func2", source);
        all(&dump, source).remove(0).cause
    };
    let source = counted(&format!("\t\tgroup.Add(1) // adds\n{skips}{starts}"));
    let at = |mark: &str| line(&source, mark);
    let found = cause(&source);
    let (adds, skip, start) = (at("// adds"), at("// skips"), at("// starts"));
    assert_eq!(
        found.waits_for,
        format!(
            "`group`, a WaitGroup whose count never reaches zero: `group.Add(1)` (line {adds}) counts each round, and the `continue` (line {skip}) comes before what calls Done is started"
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "call `group.Add(1)` right before that goroutine (line {start}) in place of `group.Add(1)` (line {adds}), or `group.Done()` before the `continue` (line {skip})"
        )
    );
    for right in [
        format!("{skips}\t\tgroup.Add(1)\n{starts}"),
        format!(
            "\t\tgroup.Add(1)\n{}{starts}",
            skips.replace("\t\t\tcontinue", "\t\t\tgroup.Done()\n\t\t\tcontinue")
        ),
    ] {
        let found = cause(&counted(&right));
        assert!(!found.waits_for.contains("counts each round"), "{found:?}");
    }
}

/// A desk that keeps who waits for an answer under a name.
fn desk(put: &str, test: &str) -> String {
    format!(
        r#"package m
type desk struct{{ open map[string]chan int }}
func (d *desk) Ask(name string) (int, error) {{
	answer := make(chan int, 1)
{put}	return <-answer, nil // 21
}}
func (d *desk) Answer(name string, v int) {{
	c := d.open[name]
	delete(d.open, name)
	c <- v // sends
}}
func TestA() {{
	d := &desk{{open: map[string]chan int{{}}}}
{test}	d.Answer("a", 1)
}}
"#
    )
}

#[test]
fn a_waiter_that_another_one_with_the_same_key_has_replaced_is_named() {
    const PUT: &str = "\td.open[name] = answer // puts\n";
    let found = |source: &str| {
        let cause = leak(source, "chan receive", "m.(*desk).Ask", "m.TestA");
        (cause.waits_for, cause.fix)
    };
    let rounds = "\tfor i := 0; i < 2; i++ {\n\t\tgo d.Ask(\"a\") // go 21\n\t}\n";
    let source = desk(PUT, rounds);
    let (puts, sends) = (line(&source, "// puts"), line(&source, "// sends"));
    assert_eq!(
        found(&source),
        (
            format!(
                "a value from `answer`: `d.open[name] = answer` (line {puts}) may have put another one in its place: `d.Ask` (line {}) gets the same key in each round of a loop",
                line(&source, "// go 21")
            ),
            format!(
                "keep all that wait for one `name`, as a list, and let `c <- v` (line {sends}) run for each of them; or let Ask return an error before `d.open[name] = answer` (line {puts}) where the map has that already (`if _, ok := d.open[name]; ok`)"
            )
        )
    );
    let twice = "\tgo d.Ask(\"a\") // go 21\n\tgo func() {\n\t\td.Ask(\"a\")\n\t}()\n";
    let (waits_for, _) = found(&desk(PUT, twice));
    assert!(
        waits_for.ends_with("`d.Ask` gets the same key at line 15 and at line 17"),
        "{waits_for}"
    );
    let looks = "\tif _, ok := d.open[name]; ok {\n\t\treturn 0, errAsked\n\t}\n";
    for other in [
        desk(PUT, "\tgo d.Ask(\"a\") // go 21\n\tgo d.Ask(\"b\")\n"),
        desk(
            PUT,
            "\tfor _, n := range names {\n\t\tgo d.Ask(n) // go 21\n\t}\n",
        ),
        desk(PUT, "\tgo d.Ask(\"a\") // go 21\n"),
        desk(&format!("{looks}{PUT}"), rounds),
    ] {
        let (waits_for, _) = found(&other);
        assert!(!waits_for.contains("in its place"), "{other}\n{waits_for}");
    }
}

#[test]
fn a_recover_that_skips_the_send_is_named() {
    let source = |leaves: &str| {
        format!(
            r#"package m
func all(parts []part) int {{
	out := make(chan int, len(parts))
	for _, p := range parts {{
		go sum(p, out)
	}}
	go add(out) // go 21
	return 1
}}
func sum(p part, out chan<- int) {{
{leaves}	out <- p.sum() // sends
}}
func add(out <-chan int) {{
	n := <-out // 21
	println(n)
}}
func TestA() {{ all(parts) }}
"#
        )
    };
    let found = |source: &str| {
        let cause = leak(source, "chan receive", "m.add", "m.all");
        (cause.waits_for, cause.fix)
    };
    let recovers = source(
        "\tdefer func() {\n\t\tif r := recover(); r != nil { // recovers\n\t\t\tprintln(r)\n\t\t}\n\t}()\n",
    );
    let (from, sends) = (line(&recovers, "// recovers"), line(&recovers, "// sends"));
    assert_eq!(
        found(&recovers),
        (
            format!(
                "a value from `out`: no goroutine is in sum any more, which sends to it (line {sends}) unless it recovers from a panic before that (line {from})"
            ),
            format!(
                "send in sum where it recovers too (line {from}), as it does without a panic (line {sends})"
            )
        )
    );
    let early = source("\tdefer func() { recover() }()\n\tif p.empty {\n\t\treturn\n\t}\n");
    assert!(found(&early).1.ends_with("on every path"), "{early}");
}

#[test]
fn what_a_loop_makes_in_one_variable_is_ended_where_it_is_made() {
    let source = |made: &str, end: &str| {
        format!(
            "package m\nimport \"testing\"\ntype peer struct{{ quit chan int }}\nfunc join() (*peer, error) {{\n\tp := &peer{{make(chan int)}}\n\tgo p.work() // go 21\n\treturn p, nil\n}}\nfunc (p *peer) work() {{\n\t<-p.quit // 21\n}}\nfunc (p *peer) Close() {{ close(p.quit) }}\nfunc TestA(t *testing.T) {{\n\tvar p *peer\n\tfor i := 0; i < 3; i++ {{\n{made}\t}}\n\t{end} // ends\n}}\n"
        )
    };
    let fix = |source: &str| {
        let dump = goroutine(21, "chan receive", "", "m.(*peer).work", source)
            .replace("created by m.TestA", "created by m.join");
        let dump = format!(
            "{}\n[originating from goroutine 10]:\nm.join(...)\n\t/m/x.go:6 +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
            dump.trim_end_matches('\n'),
            line(source, "// made"),
        );
        let cause = of(&all(&dump, source), "m.(*peer).work").clone();
        (
            fact_and_fix(&cause),
            line(source, "// made"),
            line(source, "// ends"),
        )
    };
    const PLAIN: &str = "\t\tp, _ = join() // made\n";
    const CHECKED: &str =
        "\t\tvar err error\n\t\tp, err = join() // made\n\t\tif err != nil {\n\t\t\treturn\n\t\t}\n";
    for (made, end, after, wanted) in [
        (PLAIN, "defer p.Close()", "", "defer p.Close()"),
        (PLAIN, "p.Close()", "", "defer p.Close()"),
        (
            CHECKED,
            "defer p.Close()",
            "the error check of ",
            "defer p.Close()",
        ),
        (PLAIN, "t.Cleanup(p.Close)", "", "t.Cleanup(p.Close)"),
    ] {
        let (found, at, ends) = fix(&source(made, end));
        assert_eq!(
            found,
            format!(
                "`p.Close` (x.go:{ends}) ends only the last one that the loop makes: `{wanted}` right after {after}x.go:{at}, in place of x.go:{ends}"
            )
        );
    }
    let (found, at, ends) = fix(&source(PLAIN, "t.Cleanup(func() { p.Close() })"));
    assert!(
        found.ends_with(&format!(
            "declare `p` in the loop (`:=`, x.go:{at}), and do there what x.go:{ends} does, right after x.go:{at}"
        )),
        "{found}"
    );
}

#[test]
fn what_another_one_takes_the_place_of_is_ended_as_its_owner_ends_it() {
    let source = |end: &str| {
        format!(
            r#"package m
type tail struct {{
	quit chan int
	open bool
}}
func (l *tail) Open() {{
	l.begin()
}}
func (l *tail) Again() {{
	l.begin()
}}
func (l *tail) begin() {{
	quit := make(chan int)
	l.quit = quit // puts
	l.open = true
	go work(quit) // go 21
}}
func (l *tail) Close() {{
{end}}}
func work(quit chan int) {{
	<-quit // 21
}}
func TestA() {{
	l := &tail{{}}
	l.Open()
	l.Again()
	l.Close()
}}
"#
        )
    };
    let fix = |source: &str| {
        let cause = leak(source, "chan receive", "m.work", "m.(*tail).begin");
        (cause.waits_for, cause.fix, line(source, "// puts"))
    };
    for end in [
        "\tif !l.open {\n\t\treturn\n\t}\n\tl.open = false\n\tclose(l.quit)\n",
        "\tif l.open {\n\t\tl.open = false\n\t\tclose(l.quit)\n\t}\n",
    ] {
        let (waits_for, fix, puts) = fix(&source(end));
        assert!(
            waits_for.ends_with(&format!(
                "but `l.quit = quit` (x.go:{puts}) may have put another one in its place"
            )),
            "{waits_for}"
        );
        assert_eq!(
            fix,
            format!("`if l.open {{ close(l.quit) }}` before `l.quit = quit` (x.go:{puts})")
        );
    }
    // Closed is not nil.
    let (_, fix, puts) = fix(&source("\tif l.quit != nil {\n\t\tclose(l.quit)\n\t}\n"));
    assert_eq!(
        fix,
        format!("end what is there already, if anything, before `l.quit = quit` (x.go:{puts})")
    );
}

#[test]
fn a_call_that_drops_the_function_which_it_returns_is_named() {
    let source = |call: &str| {
        format!(
            "package m\nfunc drain(c chan int) func() {{\n\tstop := make(chan int)\n\tgo func() {{ // go 21\n\t\tselect {{ // 21\n\t\tcase <-stop:\n\t\tcase <-c:\n\t\t}}\n\t}}()\n\treturn func() {{ close(stop) }}\n}}\nfunc TestA() {{\n\tc := make(chan int)\n\t{call} // calls\n}}\n"
        )
    };
    let fix = |call: &str| {
        let source = source(call);
        let cause = leak(&source, "select", "m.drain.func1", "m.drain");
        (fact_and_fix(&cause), line(&source, "// calls"))
    };
    let (found, at) = fix("defer drain(c)");
    assert_eq!(
        found,
        format!(
            "`defer drain(c)` (line {at}) runs drain only in the end, and drops the function that it returns: `defer drain(c)()`, with one more pair of parentheses (line {at})"
        )
    );
    let (found, at) = fix("drain(c)");
    assert_eq!(
        found,
        format!(
            "`drain(c)` (line {at}) drops the function that it returns: `defer drain(c)()`, with one more pair of parentheses (line {at})"
        )
    );
    let (found, _) = fix("defer drain(c)()");
    assert!(!found.contains("drops"), "{found}");
}

#[test]
fn a_watcher_of_a_command_whose_context_has_ended_waits_for_wait() {
    let source = "package m\nimport (\"context\"; \"os/exec\")\nfunc TestA() {\n\tctx, cancel := context.WithCancel(context.Background())\n\tcmd := exec.CommandContext(ctx, \"true\")\n\tcmd.Start() // start\n\tcancel()\n}\n";
    let watcher = |state: &str| {
        let dump = format!(
            "goroutine 21 [{state}]:\nos/exec.(*Cmd).watchCtx(0xc000010000)\n\t/go/src/os/exec/exec.go:1 +0x1\ncreated by os/exec.(*Cmd).Start in goroutine 10\n\t/go/src/os/exec/exec.go:2 +0x2\n[originating from goroutine 10]:\nos/exec.(*Cmd).Start(...)\n\t/go/src/os/exec/exec.go:2 +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\n",
            line(source, "// start")
        );
        all(&dump, source).remove(0).cause.waits_for
    };
    assert_eq!(
        watcher("chan send"),
        "a call of Wait, which takes its result: the context of the command has ended, and nothing waits for the child process"
    );
    assert_eq!(
        watcher("select"),
        "the end of a child process on which Wait is not called"
    );
}

const UDP: &str = "internal/poll.runtime_pollWait(0x1)\n\t/go/src/runtime/netpoll.go:1 +0x1\nnet.(*UDPConn).ReadFrom(0x1)\n\t/go/src/net/udpsock.go:1 +0x1\n";

#[test]
fn a_connection_that_nothing_closes_is_named_and_one_with_a_deadline_has_one() {
    let source = |more: &str, work: &str| {
        format!(
            "package m\nimport (\"net\"; \"testing\"; \"time\")\nfunc work(c net.PacketConn) {{\n{work}\tc.ReadFrom(nil) // 21\n}}\nfunc TestA(t *testing.T) {{\n\tpc, err := net.ListenPacket(\"udp\", \":0\") // made\n\tif err != nil {{\n\t\tt.Fatal(err)\n\t}}\n\tgo work(pc) // go 21\n{more}}}\n"
        )
    };
    let cause = |source: &str| {
        let dump = goroutine(21, "IO wait", UDP, "m.work", source);
        all(&dump, source).remove(0).cause
    };
    let open = source("", "");
    let (found, at) = (cause(&open), line(&open, "// made"));
    assert_eq!(
        found.waits_for,
        format!(
            "data from the network, and nothing closes `pc`, which `net.ListenPacket` has made (line {at})"
        )
    );
    assert_eq!(
        found.fix,
        format!("`t.Cleanup(func() {{ pc.Close() }})` right after the error check of line {at}")
    );
    let closed = cause(&source("\tif bad {\n\t\tpc.Close()\n\t}\n", ""));
    assert!(!closed.waits_for.contains("nothing closes"), "{closed:?}");
    let late = source("", "\tc.SetReadDeadline(time.Now().Add(time.Hour))\n");
    let found = cause(&late);
    assert_eq!(
        found.waits_for,
        "data from the network, up to a deadline (`c.SetReadDeadline`, line 4)"
    );
    assert!(found.fix.ends_with("or set an earlier deadline"), "{found:?}");
}
