//! Ends that run, or that are there, and do not reach the goroutine: set in a copy, done by itself, missed by a count.

use super::cause_kind_tests::{all, fact_and_fix, goroutine, line, of, words};
use super::cause_late_tests::leak;
use super::*;

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
