//! Causes that hang on the other side: what has ended, has left its loop, comes only after the wait, or never was.

use super::kind::{all, goroutine, line, of, only, words};
use crate::leak::judge_tests::{evidence, judged_files, sightings};
use crate::leak::*;

const NODE: &str = r#"package m
type Node struct{ ask chan chan int; stop, done chan struct{} }
func (n *Node) run() {
	DEFER
	for {
		select {
		case c := <-n.ask: // receives
			c <- 1
		case <-n.stop: // leaves
			return
		}
	}
}
func (n *Node) Stop() { close(n.stop) }
func work(n *Node) {
	c := make(chan int)
	n.ask <- c // 21
	REPLY
}
func TestA() {
	n := &Node{make(chan chan int), make(chan struct{}), make(chan struct{})}
	go n.run() // go 22
	n.Stop()
	go work(n) // go 21
}
"#;

#[test]
fn a_send_to_a_loop_that_has_ended_is_selected_against_what_that_closes() {
    let source = NODE
        .replace("DEFER", "defer close(n.done) // closes")
        .replace("REPLY", "<-c // reply");
    let found = only("chan send", &source);
    assert_eq!(found.code, CauseCode::SendNoReceiver);
    let at = |mark: &str| format!("line {}", line(&source, mark));
    assert_eq!(
        found.waits_for,
        format!(
            "a receiver on `n.ask`: no goroutine is in `run` of the Node, which receives from it ({})",
            at("// receives")
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "select the send against `<-n.done`, which `run` of the Node closes when it returns ({}): room in the channel would only move the wait to the receive of {}",
            at("// closes"),
            at("// reply")
        )
    );
    // Without such a channel, the one on which the loop returns is closed by then.
    let source = NODE.replace("DEFER", "println()").replace("REPLY", "println()");
    let found = only("chan send", &source);
    assert_eq!(
        found.fix,
        format!(
            "select the send against `<-n.stop`, on which `run` of the Node returns (line {})",
            line(&source, "// leaves")
        )
    );
    // The sender starts the loop itself, but after the send.
    let early = source.replace("n.ask <- c // 21", "n.ask <- c // 21\n\tgo n.run() // late");
    let early = early.replace("\tgo n.run() // go 22\n", "");
    let found = only("chan send", &early);
    assert_eq!(
        found.fix,
        format!(
            "start `run` of the Node (line {}) before the send: this goroutine does only after it",
            line(&early, "// late")
        )
    );
    // The test does not start the loop at all.
    let never = source.replace("\tgo n.run() // go 22\n", "").replace(
        "func TestA",
        "func New(n *Node) { go n.run() } // starts\nfunc TestA",
    );
    let found = only("chan send", &never);
    assert!(
        found
            .waits_for
            .ends_with(", and this test starts none as far as the source shows"),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!(
            "start `run` of the Node before the send, as New does (line {})",
            line(&never, "// starts")
        )
    );
    // A value sent to the loop is for the loop: another one must not take it.
    let source = source.replace("close(n.stop)", "n.stop <- struct{}{}");
    let found = only("chan send", &source);
    assert!(!found.fix.contains("n.stop"), "{found:?}");
}

#[test]
fn the_loop_of_another_test_is_not_missed() {
    let source = r#"package m
func numbers() chan int {
	out := make(chan int)
	go work(out) // go 21
	return out
}
func work(out chan int) {
	out <- 1 // 21
}
func double(in chan int) {
	go func() {
		for range in {
		}
	}()
}
func TestB() { double(numbers()) }
func TestA() { numbers() }
"#;
    let found = only("chan send", source);
    assert!(!words(&found).contains("no goroutine"), "{found:?}");
}

#[test]
fn where_a_channel_has_room_the_answer_is_selected_too() {
    let source = NODE
        .replace("DEFER", "println()")
        .replace("REPLY", "<-c // reply")
        .replace("&Node{make(chan chan int)", "&Node{make(chan chan int, 2)");
    let found = only("chan send", &source);
    assert_eq!(found.code, CauseCode::SendBufferFull);
    assert!(
        found.fix.ends_with(&format!(
            ", and the receive of line {} too",
            line(&source, "// reply")
        )),
        "{found:?}"
    );
}

#[test]
fn a_send_to_a_loop_that_still_runs_is_no_send_to_one_that_has_ended() {
    let source = NODE.replace("DEFER", "println()").replace("REPLY", "println()");
    let runs = source.replace("c <- 1", "c <- 1 // 22");
    let dump = goroutine(21, "chan send", "", "m.work", &runs)
        + &goroutine(22, "chan send", "", "m.(*Node).run", &runs);
    let found = all(&dump, &runs);
    assert!(
        !words(of(&found, "m.work")).contains("no goroutine is in"),
        "{found:?}"
    );
}

const FRAMES: &str = r#"package m
import "sync"
type Framer struct{ mu sync.Mutex; reset chan bool; closed chan struct{} }
func (f *Framer) watch() {
	for {
		select {
		case <-f.closed: // leaves
			f.mu.Lock() // 22
			f.reset = nil
			f.mu.Unlock()
			LAST
		case <-f.reset: // receives
		}
	}
}
func (f *Framer) Write() {
	f.mu.Lock() // takes
	defer f.mu.Unlock()
	close(f.closed)
	f.reset <- true // 21
}
func TestA() {
	f := &Framer{reset: make(chan bool), closed: make(chan struct{})}
	go f.watch() // go 22
	go f.Write() // go 21
}
"#;

#[test]
fn a_loop_that_was_left_is_not_the_other_end_of_a_circle() {
    let dump = |source: &str| {
        goroutine(21, "chan send", "", "m.(*Framer).Write", source)
            + &goroutine(
                22,
                "sync.Mutex.Lock",
                "sync.(*Mutex).Lock(0x1)\n\t/go/src/sync/mutex.go:1 +0x1\n",
                "m.(*Framer).watch",
                source,
            )
    };
    let source = FRAMES.replace("LAST", "return");
    let found = all(&dump(&source), &source);
    let write = of(&found, "m.(*Framer).Write");
    assert!(!words(write).contains("cycle"), "{write:?}");
    assert_eq!(
        write.waits_for,
        format!(
            "a receiver on `f.reset`: `watch` of the Framer has left the loop that receives from it (line {0}), and is at x.go:{1}; it holds `f.mu` (x.go:{2}) meanwhile, for which m.(*Framer).watch waits (x.go:{1})",
            line(&source, "// receives"),
            line(&source, "// 22"),
            line(&source, "// takes")
        )
    );
    assert!(
        write
            .fix
            .starts_with("select the send against `<-f.closed`, on which `watch` of the Framer returns"),
        "{write:?}"
    );
    // The Unlock is deferred: another one before the send would be one too many.
    assert!(!write.fix.contains("Unlock()"), "{write:?}");
    // Where the loop goes on, it is a circle.
    let source = FRAMES.replace("LAST", "continue");
    let found = all(&dump(&source), &source);
    let write = of(&found, "m.(*Framer).Write");
    assert!(words(write).contains("cycle of waits"), "{write:?}");
}

#[test]
fn a_channel_of_a_map_or_slice_is_the_one_that_was_put_there() {
    for (kind, put) in [
        ("map[int]chan int", "h.subs[1] = c"),
        ("[]chan int", "h.subs = append(h.subs, c)"),
        ("map[chan int]bool", "h.subs[c] = true"),
        ("map[string]chan int", "h.subs[\"a\"] = c"),
    ] {
        let (each, channel) = match kind {
            "map[chan int]bool" => ("c", "c"),
            "map[string]chan int" => ("name", "h.subs[name]"),
            _ => ("_, c", "c"),
        };
        let source = format!(
            r#"package m
import "sync"
type Hub struct{{ mu sync.Mutex; subs {kind} }}
func (h *Hub) Subscribe() (int, <-chan int) {{
	h.mu.Lock()
	defer h.mu.Unlock()
	c := make(chan int)
	{put}
	return 1, c
}}
func (h *Hub) Publish() {{
	h.mu.Lock()
	defer h.mu.Unlock()
	for {each} := range h.subs {{
		{channel} <- 1 // 21
	}}
}}
func (h *Hub) Ack() {{
	h.mu.Lock()
	h.mu.Unlock()
}}
func read(h *Hub) {{
	_, c := h.Subscribe()
	for range c {{
		h.mu.Lock() // 22
		h.mu.Unlock()
	}}
}}
func TestA() {{
	h := &Hub{{}}
	go read(h) // go 22
	go h.Publish() // go 21
}}
"#
        );
        let dump = goroutine(21, "chan send", "", "m.(*Hub).Publish", &source)
            + &goroutine(
                22,
                "sync.Mutex.Lock",
                "sync.(*Mutex).Lock(0x1)\n\t/go/src/sync/mutex.go:1 +0x1\n",
                "m.read",
                &source,
            );
        let found = all(&dump, &source);
        let publish = of(&found, "m.(*Hub).Publish");
        assert!(words(publish).contains("holds `h.mu`"), "{kind}: {publish:?}");
        assert!(
            publish
                .fix
                .starts_with("unlock `h.mu` in m.(*Hub).Publish before it waits"),
            "{publish:?}"
        );
    }
}

const CREW: &str = r#"package m
import "sync"
type Crew struct{ wg sync.WaitGroup; parent *Crew }
func (c *Crew) work() {
	DONE
	c.wg.Wait() // 21
}
func TestA() {
	var c Crew
	c.wg.Add(1)
	go c.work() // go 21
}
"#;

fn waits_for_group(source: &str) -> Cause {
    let above = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";
    let dump = goroutine(21, "sync.WaitGroup.Wait", above, "m.(*Crew).work", source);
    all(&dump, source).remove(0).cause
}

#[test]
fn a_worker_that_waits_for_its_own_group_waits_for_itself() {
    for done in [
        "defer c.wg.Done() // done",
        "defer func() { c.wg.Done() }() // done",
    ] {
        let source = CREW.replace("DONE", done);
        let found = waits_for_group(&source);
        let at = line(&source, "// done");
        assert_eq!(
            found.waits_for,
            format!(
                "`c.wg`, a WaitGroup that waits for this goroutine too: it calls Done only when it returns (line {at})"
            ),
        );
        assert!(
            found
                .fix
                .starts_with("do not call Wait in a goroutine that the group counts"),
            "{found:?}"
        );
    }
    let after = waits_for_group(
        &CREW
            .replace("DONE", "println()")
            .replace("// 21", "// 21\n\tc.wg.Done() // done"),
    );
    assert!(
        after
            .waits_for
            .contains("it calls Done only after this Wait (line 7)"),
        "{after:?}"
    );
    // Has called Done already, or waits for another group of the type.
    for done in ["c.wg.Done()", "defer c.parent.wg.Done()"] {
        let found = waits_for_group(&CREW.replace("DONE", done));
        assert!(!words(&found).contains("this goroutine"), "{done}: {found:?}");
    }
}

#[test]
fn two_that_wait_for_their_own_group_are_no_circle_of_others() {
    let source = CREW
        .replace("DONE", "println()")
        .replace("// 21", "// 21\n\tc.wg.Done()")
        .replace(
            "go c.work() // go 21",
            "go c.work() // go 21\n\tgo c.work() // go 22",
        );
    let other = source.replace("c.wg.Wait() // 21", "c.wg.Wait() // 22");
    let above = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";
    let dump = goroutine(21, "sync.WaitGroup.Wait", above, "m.(*Crew).work", &source)
        + &goroutine(22, "sync.WaitGroup.Wait", above, "m.(*Crew).work", &other);
    for group in all(&dump, &source) {
        assert!(group.cause.notes.is_empty(), "{group:?}");
        assert!(group.cause.fix.starts_with("do not call Wait"), "{group:?}");
    }
}

#[test]
fn a_method_that_go_has_started_and_that_waits_for_its_group_waits_for_itself() {
    let source = "package m\nimport \"sync\"\ntype Service struct{ wg sync.WaitGroup }\nfunc (s *Service) run() {\n\ts.Stop() // calls\n}\nfunc (v *Service) Stop() { v.wg.Wait() } // 21\nfunc TestA() {\n\tvar t Service\n\tt.wg.Go(t.run) // go 21\n}\n";
    let dump = format!(
        "goroutine 21 [sync.WaitGroup.Wait]:\nsync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\nm.(*Service).Stop()\n\t/m/x.go:{} +0x1\nm.(*Service).run()\n\t/m/x.go:{} +0x1\nsync.(*WaitGroup).Go.func1()\n\t/go/src/sync/waitgroup.go:2 +0x1\ncreated by sync.(*WaitGroup).Go in goroutine 10\n\t/go/src/sync/waitgroup.go:3 +0x2\n\n",
        line(source, "// 21"),
        line(source, "// calls")
    );
    let found = all(&dump, source).remove(0).cause;
    assert!(
        found
            .waits_for
            .ends_with("waits for this goroutine too: the Go of line 10 has started it"),
        "{found:?}"
    );
}

#[test]
fn a_deferred_wait_is_followed_to_what_it_is_called_on() {
    let program = |on: &str| {
        format!(
            "package m\nimport \"sync\"\ntype Stage struct{{ wg sync.WaitGroup }}\nfunc (s *Stage) run(next *Stage) {{\n\tdefer s.wg.Done()\n\tdefer {on}.join()\n\tprintln()\n}} // end\nfunc (v *Stage) join() {{ v.wg.Wait() }} // 21\nfunc TestA() {{\n\tvar a, b Stage\n\tgo a.run(&b) // go 21\n}}\n"
        )
    };
    let judge = |source: &str| {
        let above = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";
        let dump = goroutine(21, "sync.WaitGroup.Wait", above, "m.(*Stage).join", source).replace(
            "created by",
            &format!(
                "m.(*Stage).run()\n\t/m/x.go:{} +0x1\ncreated by",
                line(source, "// end")
            ),
        );
        all(&dump, source).remove(0).cause
    };
    let own = judge(&program("s"));
    assert!(own.waits_for.contains("waits for this goroutine too"), "{own:?}");
    let next = judge(&program("next"));
    assert!(!words(&next).contains("it calls Done"), "{next:?}");
}

#[test]
fn who_has_called_done_already_is_not_waited_for() {
    let source = "package m\nimport \"sync\"\nfunc wait(wg *sync.WaitGroup) {\n\twg.Wait() // 21\n}\nfunc work(wg *sync.WaitGroup, c chan int) {\n\twg.Done()\n\t<-c // 22\n}\nfunc TestA() {\n\tvar wg sync.WaitGroup\n\twg.Add(2)\n\tgo work(&wg, nil) // go 22\n\tgo wait(&wg) // go 21\n}\n";
    let above = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";
    let dump = goroutine(21, "sync.WaitGroup.Wait", above, "m.wait", source)
        + &goroutine(22, "chan receive", "", "m.work", source);
    let found = all(&dump, source);
    assert!(!words(of(&found, "m.wait")).contains("m.work"), "{found:?}");
}

const LATCH: &str = r#"package m
import "sync"
type Latch struct{ mu sync.Mutex; cond *sync.Cond; open bool }
func (l *Latch) Open() {
	l.mu.Lock()
	OPEN
	l.mu.Unlock()
}
func work(l *Latch) {
	l.mu.Lock()
	WAIT
	l.mu.Unlock()
}
func TestA() {
	l := &Latch{}
	l.cond = sync.NewCond(&l.mu)
	l.Open()
	go work(l) // go 21
}
"#;

pub(super) fn waits_for_cond(source: &str) -> Cause {
    let above = "sync.(*Cond).Wait(0xc000010000)\n\t/go/src/sync/cond.go:71 +0x1\n";
    let dump = goroutine(21, "sync.Cond.Wait", above, "m.work", source);
    all(&dump, source).remove(0).cause
}

#[test]
fn a_wait_without_a_condition_misses_what_woke_before() {
    for wakes in ["Broadcast", "Signal"] {
        let source = LATCH
            .replace("OPEN", &format!("l.cond.{wakes}() // wakes"))
            .replace("WAIT", "l.cond.Wait() // 21");
        let found = waits_for_cond(&source);
        let at = line(&source, "// wakes");
        assert_eq!(
            found.waits_for,
            format!(
                "a Signal or Broadcast on `l.cond` that comes after Wait has begun: `l.cond.{wakes}` (line {at}) wakes only those that wait already"
            )
        );
        assert!(
            found
                .fix
                .contains("check a condition under the lock, in a loop around Wait"),
            "{found:?}"
        );
        assert!(!found.fix.contains("call Broadcast"), "{found:?}");
    }
}

#[test]
fn a_turn_that_the_waiter_itself_passes_on_wakes_too() {
    let source = LATCH
        .replace("open bool", "open bool; turn int")
        .replace("OPEN", "println()")
        .replace(
            "WAIT",
            "for l.turn != 1 {\n\t\tl.cond.Wait() // 21\n\t}\n\tl.turn++ // change",
        );
    let found = waits_for_cond(&source);
    assert_eq!(
        found.fix,
        format!(
            "call `l.cond.Broadcast()` in work after it changes `l.turn` (line {}), under the lock",
            line(&source, "// change")
        )
    );
}

#[test]
fn where_each_change_wakes_the_change_is_missing() {
    let source = LATCH
        .replace("OPEN", "l.n--; l.cond.Broadcast() // change")
        .replace("open bool", "n int")
        .replace("WAIT", "for l.n > 0 {\n\t\tl.cond.Wait() // 21\n\t}");
    let found = waits_for_cond(&source);
    assert_eq!(
        found.fix,
        format!(
            "make `l.n > 0` (line {}) false: Open changes it and wakes those that wait (line {})",
            line(&source, "for l.n > 0"),
            line(&source, "// change")
        )
    );
}

#[test]
fn an_owners_close_that_does_not_wake_is_to_be_called_and_to_wake() {
    let source = LATCH
        .replace("OPEN", "l.cond.Signal()")
        .replace("WAIT", "for !l.open {\n\t\tl.cond.Wait() // 21\n\t}")
        .replace(
            "func work(",
            "func (l *Latch) Close() { l.open = true } // closes\nfunc work(",
        )
        .replace("\tl.Open()\n", "");
    let found = waits_for_cond(&source);
    assert_eq!(
        found.fix,
        format!(
            "call `Close` of the Latch when the test is done, and let it call `l.cond.Broadcast()` after it changes `l.open` (line {})",
            line(&source, "// closes")
        )
    );
    // What the test does not call has not signalled either.
    let other = source.replace("Latch) Close", "Latch) mark");
    let found = waits_for_cond(&other);
    assert!(!found.fix.contains("wakes one"), "{found:?}");
}

#[test]
fn a_change_of_the_condition_without_a_broadcast_is_named() {
    let source = LATCH
        .replace("OPEN", "l.open = true // change")
        .replace("WAIT", "for !l.open {\n\t\tl.cond.Wait() // 21\n\t}");
    let found = waits_for_cond(&source);
    assert_eq!(
        found.fix,
        format!(
            "call `l.cond.Broadcast()` in Open after it changes `l.open` (line {}), under the lock",
            line(&source, "// change")
        )
    );
    let wakes = source.replace("// change", "; l.cond.Broadcast()");
    let found = waits_for_cond(&wakes);
    assert!(!found.fix.contains("in Open"), "{found:?}");
}

#[test]
fn a_return_between_a_change_and_its_broadcast_is_named() {
    let open = "l.n--\n\tif bad() {\n\t\treturn // early\n\t}\n\tif l.n == 0 {\n\t\tl.cond.Broadcast()\n\t}";
    let source = LATCH
        .replace("OPEN", open)
        .replace("open bool", "n int")
        .replace("WAIT", "for l.n > 0 {\n\t\tl.cond.Wait() // 21\n\t}");
    let early = line(&source, "// early");
    let found = waits_for_cond(&source);
    assert_eq!(
        found.waits_for,
        format!(
            "a Signal or Broadcast on `l.cond`: Open changes `l.n` (line {}) and may return (line {early}) without one",
            early - 2
        )
    );
    assert_eq!(
        found.fix,
        format!("call `l.cond.Broadcast()` before the `return` (line {early}) too, or with `defer`")
    );
    // Where it is not zero yet, there is nothing to wake for.
    let found = waits_for_cond(&source.replace("if bad()", "if l.n > 1"));
    assert!(!found.fix.contains("before the `return`"), "{found:?}");
    let found = waits_for_cond(&source.replace("\tl.n--", "\tdefer l.cond.Broadcast()\n\tl.n--"));
    assert!(!found.fix.contains("before the `return`"), "{found:?}");
}

#[test]
fn what_a_loop_around_wait_looks_at_to_leave_is_changed_without_a_broadcast() {
    let source = LATCH
        .replace("OPEN", "l.open = true // change")
        .replace("open bool", "open bool; n int")
        .replace(
            "WAIT",
            "for l.n == 0 {\n\t\tif l.open {\n\t\t\treturn\n\t\t}\n\t\tl.cond.Wait() // 21\n\t}",
        )
        .replace(
            "func work(",
            "func (l *Latch) put() { l.n++; l.cond.Broadcast() }\nfunc work(",
        );
    let found = waits_for_cond(&source);
    let at = line(&source, "// change");
    assert_eq!(
        found.fix,
        format!("call `l.cond.Broadcast()` in Open after it changes `l.open` (line {at}), under the lock")
    );
    assert_eq!(
        found.waits_for,
        format!("a Signal or Broadcast on `l.cond`: Open changes `l.open` (line {at}) and calls neither")
    );
    let found = waits_for_cond(&source.replace("// change", "; l.cond.Broadcast()"));
    assert!(!found.fix.contains("in Open"), "{found:?}");
}

const WATCHER: &str = r#"package m
type Config struct{ Name string; Done chan int }
type Watcher struct{ cfg Config; in, quit chan int }
func New(cfg Config) *Watcher {
	w := &Watcher{cfg: cfg, in: make(chan int)}
	go w.work() // go 21
	return w
}
func (w *Watcher) work() {
	for {
		select { // 21
		case <-CHANNEL:
			return
		case <-w.in:
		}
	}
}
func TestA() { New(Config{Name: "a"}) // test
}
OTHER
"#;

#[test]
fn a_field_that_was_never_given_a_channel_is_nil() {
    let select = |source: &str| {
        let dump = goroutine(21, "select", "", "m.(*Watcher).work", source);
        all(&dump, source).remove(0).cause
    };
    let source = WATCHER.replace("CHANNEL", "w.quit").replace("OTHER", "");
    let found = select(&source);
    assert!(
        words(&found)
            .contains("`<-w.quit` never comes: nothing gives `quit` of the Watcher a channel, so it is nil"),
        "{found:?}"
    );
    assert!(
        found.fix.starts_with("make the channel `quit` of the Watcher"),
        "{found:?}"
    );
    let source = WATCHER.replace("CHANNEL", "w.cfg.Done").replace("OTHER", "");
    let found = select(&source);
    let at = line(&source, "// test");
    assert!(
        words(&found).contains(&format!(
            "`<-w.cfg.Done` never comes: the Config made at line {at} has no `Done`, so it is nil"
        )),
        "{found:?}"
    );
    assert!(
        found
            .fix
            .contains(&format!("set `Done` in the Config (line {at})")),
        "{found:?}"
    );
    // A variable that is declared and filled in later.
    let source = WATCHER
        .replace("CHANNEL", "w.cfg.Done")
        .replace("OTHER", "")
        .replace("New(Config{Name: \"a\"})", "var c Config; c.Name = \"a\"; New(c)");
    assert!(
        words(&select(&source)).contains("has no `Done`"),
        "{:?}",
        select(&source)
    );
    // Only nil is handed on.
    for source in [
        WATCHER
            .replace("CHANNEL", "w.cfg.Done")
            .replace("Name: \"a\"", "Done: nil"),
        WATCHER
            .replace("CHANNEL", "w.quit")
            .replace("in: make(chan int)", "in: make(chan int), quit: quit")
            .replace("New(cfg Config)", "New(cfg Config, quit chan int)")
            .replace("Name: \"a\"}", "Name: \"a\"}, nil"),
    ] {
        let source = source.replace("OTHER", "");
        let found = select(&source);
        assert!(words(&found).contains("nil"), "{source}{found:?}");
        assert!(
            !found.fix.starts_with("close the channel that tells"),
            "{found:?}"
        );
    }
    // Another one sets it: not by the test's own literal, but on the value.
    for other in [
        "func (w *Watcher) Set(c chan int) { w.cfg.Done = c }",
        "func Set(c *chan int) {}\nfunc (w *Watcher) Point() { Set(&w.cfg.Done) }",
    ] {
        let source = WATCHER.replace("CHANNEL", "w.cfg.Done").replace("OTHER", other);
        assert!(!words(&select(&source)).contains("nil"), "{other}");
    }
    // Embedded.
    let source = WATCHER
        .replace("CHANNEL", "w.Done")
        .replace("cfg Config; in", "Config; in")
        .replace("cfg: cfg", "Config: cfg")
        .replace("OTHER", "");
    assert!(
        words(&select(&source)).contains("has no `Done`"),
        "{:?}",
        select(&source)
    );
    // Another test's value is another value.
    let source = WATCHER
        .replace("CHANNEL", "w.cfg.Done")
        .replace("OTHER", "func TestB() { New(Config{Done: make(chan int)}) }");
    assert!(words(&select(&source)).contains("has no `Done`"));
}

const REOPENED: &str = r#"package m
type Poll struct{ in, closed chan int }
func New() *Poll {
	p := &Poll{closed: make(chan int)}
	p.open() // in makes
	return p
}
func (p *Poll) Reopen() *Poll {
	again := &Poll{} // lacks
	again.open() // in reopens
	return again
}
func (p *Poll) open() {
	p.in = make(chan int)
	go p.work() // go 21
}
func (p *Poll) work() {
	for {
		select { // 21
		case <-p.in:
		case <-p.closed:
			return
		}
	}
}
func (p *Poll) Close() {
	if p.closed != nil {
		close(p.closed)
	}
}
func TestA() {
	p := New() // makes
	p.Close()
	again := p.Reopen() // reopens
	again.Close()
}
"#;

#[test]
fn of_two_that_are_made_the_one_that_the_tests_call_has_led_to_lacks_the_channel() {
    let led = |mark: &str, maker: &str| {
        let go = line(REOPENED, "// go 21");
        let calls = format!(
            "[originating from goroutine 10]:\nm.(*Poll).open(...)\n\t/m/x.go:{go} +0x1\n{maker}(...)\n\t/m/x.go:{} +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ntesting.tRunner(...)\n\t/go/src/testing/testing.go:1 +0x1\n\n",
            line(REOPENED, &format!("// in {mark}")),
            line(REOPENED, &format!("// {mark}"))
        );
        let dump = goroutine(21, "select", "", "m.(*Poll).work", REOPENED)
            .replace("created by m.TestA", "created by m.(*Poll).open");
        let dump = (dump.trim_end().to_owned() + "\n" + &calls).replace("/m/x.go", "/m/x_test.go");
        let mut groups = judged_files(&evidence(sightings(&dump)), &[("/m/x_test.go", REOPENED)]);
        groups.remove(0).cause
    };
    let lacks = line(REOPENED, "// lacks");
    let of_reopen = led("reopens", "m.(*Poll).Reopen");
    assert!(
        of_reopen
            .fix
            .starts_with(&format!("set `closed` in the Poll (line {lacks}) to a channel")),
        "{of_reopen:?}"
    );
    let of_new = led("makes", "m.New");
    assert!(!words(&of_new).contains("nil"), "{of_new:?}");
}

const POLLER: &str = r#"package m
import "sync/atomic"
import "context"
type Poller struct{ quit chan int; off atomic.Bool; ended int32; state atomic.Int32; n int }
func New(ctx context.Context) *Poller {
	p := &Poller{quit: make(chan int)}
	go work(p, ctx) // go 21
	return p
}
func work(p *Poller, ctx context.Context) {
	LOOP
		p.n++ // 21
	}
}
func (p *Poller) Halt() { close(p.quit) }
func (p *Poller) End() { atomic.StoreInt32(&p.ended, 1) }
func (p *Poller) Reset() { atomic.StoreInt32(&p.ended, 0) }
func (p *Poller) Begin() { p.state.Store(1) }
func (p *Poller) Pause() { p.state.Store(2) }
func (p *Poller) Off() { p.off.Store(true) }
func TestA() {
	ctx, cancel := context.WithCancel(context.Background())
	p := New(ctx)
	println(p.n, cancel)
}
"#;

#[test]
fn a_busy_loop_names_what_its_owner_has_to_end_it() {
    for (loops, fix) in [
        (
            "for {\n\t\tselect {\n\t\tcase <-p.quit:\n\t\t\treturn\n\t\tdefault:\n\t\t}",
            "call Halt of `p`",
        ),
        ("for !p.off.Load() {", "call Off of `p`"),
        (
            "for {\n\t\tif p.off.Load() {\n\t\t\treturn\n\t\t}",
            "call Off of `p`",
        ),
        ("for atomic.LoadInt32(&p.ended) == 0 {", "call End of `p`"),
        (
            "for {\n\t\tif atomic.LoadInt32(&p.ended) != 0 {\n\t\t\tbreak\n\t\t}",
            "call End of `p`",
        ),
        ("for p.state.Load() == 1 {", "call Pause of `p`"),
        ("for ctx.Err() == nil {", "call `cancel`"),
        (
            "for {\n\t\tselect {\n\t\tcase <-ctx.Done():\n\t\t\treturn\n\t\tdefault:\n\t\t}",
            "call `cancel`",
        ),
    ] {
        let source = POLLER.replace("LOOP", loops);
        let dump = goroutine(21, "runnable", "", "m.work", &source);
        let found = all(&dump, &source).remove(0).cause;
        assert_eq!(found.code, CauseCode::BusyLoop, "{found:?}");
        assert!(found.fix.contains(fix), "{loops}: {found:?}");
    }
    let source = "package m\nimport \"sync/atomic\"\nfunc TestA() {\n\tvar stop atomic.Bool\n\tgo func() { // go 21\n\t\tfor !stop.Load() { // 21\n\t\t}\n\t}()\n}\n";
    let dump = goroutine(21, "runnable", "", "m.TestA.func1", source);
    let found = all(&dump, source).remove(0).cause;
    assert!(found.waits_for.contains("nothing sets `stop`"), "{found:?}");
    assert!(found.fix.contains("`stop.Store(true)`"), "{found:?}");
}

#[test]
fn a_busy_loop_is_not_said_to_ask_for_what_it_counts_itself() {
    for loops in [
        "for i := 0; i < 10; i++ {",
        "for err := try(); err != nil; err = try() {",
        "for {\n\t\terr := try()\n\t\tif err == nil {\n\t\t\treturn\n\t\t}",
        "for p.n < 100 {",
        "for !p.off.Load() {\n\t\tfor {",
    ] {
        let ends = if loops.matches("for").count() > 1 && loops.ends_with("for {") {
            "\n\t}"
        } else {
            ""
        };
        let source = POLLER
            .replace("LOOP", loops)
            .replace("p.n++ // 21", &format!("p.n++ // 21{ends}"))
            .replace("func TestA", "func try() error { return nil }\nfunc TestA");
        let dump = goroutine(21, "runnable", "", "m.work", &source);
        let found = all(&dump, &source).remove(0).cause;
        assert!(!found.waits_for.contains("goes round"), "{loops}: {found:?}");
    }
    // Within a loop that ends by itself the one around is asked.
    let source = POLLER
        .replace("LOOP", "for !p.off.Load() {\n\t\tfor i := 0; i < 9; i++ {")
        .replace("p.n++ // 21", "p.n++ // 21\n\t}");
    let dump = goroutine(21, "runnable", "", "m.work", &source);
    let found = all(&dump, &source).remove(0).cause;
    assert!(found.fix.contains("call Off of `p`"), "{found:?}");
}

#[test]
fn a_loop_that_sleeps_or_ticks_names_what_its_owner_has_to_end_it() {
    for (state, above, loops, wait, code) in [
        (
            "sleep",
            "time.Sleep(0x1)\n\t/go/src/runtime/time.go:1 +0x1\n",
            "for !p.off.Load() {",
            "time.Sleep(time.Second)",
            CauseCode::SleepLoop,
        ),
        (
            "chan receive",
            "",
            "t := time.NewTicker(1)\n\tfor range t.C {\n\t\tif p.off.Load() {\n\t\t\treturn\n\t\t}",
            "",
            CauseCode::TickerLoop,
        ),
    ] {
        let source = POLLER
            .replace("import \"context\"", "import \"context\"\nimport \"time\"")
            .replace("LOOP", loops)
            .replace("p.n++ // 21", &format!("{wait} // 21"));
        let source = match wait {
            "" => source
                .replace(" // 21\n", "\n")
                .replace("for range t.C {", "for range t.C { // 21")
                .replace("ctx) // go 21", "ctx)")
                .replace("go work(p, ctx)", "go work(p, ctx) // go 21"),
            _ => source,
        };
        let dump = goroutine(21, state, above, "m.work", &source);
        let found = all(&dump, &source).remove(0).cause;
        assert_eq!(found.code, code, "{found:?}");
        assert!(found.fix.contains("call Off of `p`"), "{source}{found:?}");
    }
}

#[test]
fn a_field_of_a_struct_without_a_name_is_not_followed() {
    let source = "package m\nfunc work(in chan int) {\n\tcfg := struct{ done chan int }{done: make(chan int)}\n\tfor {\n\t\tselect { // 21\n\t\tcase <-cfg.done:\n\t\t\treturn\n\t\tcase <-in:\n\t\t}\n\t}\n}\nfunc TestA() {\n\tgo work(make(chan int)) // go 21\n}\n";
    let found = only("select", source);
    assert!(!words(&found).contains("nil"), "{found:?}");
}

#[test]
fn a_switch_around_a_wait_is_a_condition() {
    let source = LATCH
        .replace("OPEN", "l.open = true; l.cond.Broadcast()")
        .replace(
            "WAIT",
            "for {\n\t\tswitch {\n\t\tcase l.open:\n\t\t\treturn\n\t\t}\n\t\tl.cond.Wait() // 21\n\t}",
        );
    let found = waits_for_cond(&source);
    assert!(!words(&found).contains("wait already"), "{found:?}");
}

#[test]
fn a_loop_that_something_else_starts_was_not_left_out_by_the_test() {
    let source = NODE.replace("DEFER", "println()").replace("REPLY", "println()");
    let never = source.replace("\tgo n.run() // go 22\n", "");
    for other in [
        "var shared = New()",
        "func TestMain() { New() }",
        "func init() { New() }",
    ] {
        let source = never.replace(
            "func TestA",
            &format!("func New() *Node {{ n := &Node{{}}; go n.run(); return n }}\n{other}\nfunc TestA"),
        );
        let found = only("chan send", &source);
        assert!(!words(&found).contains("start"), "{other}: {found:?}");
    }
}

#[test]
fn what_has_left_its_loop_may_never_return() {
    // The send holds the lock that the loop wants after it: it returns only when the send does.
    let source = FRAMES
        .replace("LAST", "return")
        .replace("case <-f.closed: // leaves", "case <-time.After(1):")
        .replace(
            "func (f *Framer) watch() {",
            "func (f *Framer) watch() {\n\tdefer close(f.closed)",
        )
        .replace("\tclose(f.closed)\n\tf.reset", "\tf.reset");
    let dump = goroutine(21, "chan send", "", "m.(*Framer).Write", &source)
        + &goroutine(
            22,
            "sync.Mutex.Lock",
            "sync.(*Mutex).Lock(0x1)\n\t/go/src/sync/mutex.go:1 +0x1\n",
            "m.(*Framer).watch",
            &source,
        );
    let found = all(&dump, &source);
    let write = of(&found, "m.(*Framer).Write");
    assert!(
        write
            .fix
            .starts_with("select the send against a channel that `watch` of the Framer closes as soon as it has left its loop"),
        "{write:?}"
    );
    assert!(!write.fix.contains("when it returns"), "{write:?}");
}

#[test]
fn a_loop_that_waits_for_a_value_is_not_the_other_end_of_a_send() {
    let source = NODE
        .replace("DEFER", "println()")
        .replace("REPLY", "println()")
        .replace("\t\tselect {", "\t\tselect { // 22")
        .replace("n.Stop()\n\tgo work", "other := &Node{make(chan chan int), make(chan struct{}), nil}\n\tgo other.run()\n\tn.Stop()\n\tgo work");
    let dump = goroutine(21, "chan send", "", "m.work", &source)
        + &goroutine(22, "select", "", "m.(*Node).run", &source);
    let found = all(&dump, &source);
    let work = of(&found, "m.work");
    assert!(
        work.waits_for.contains(
            "a receiver on `n.ask`: each goroutine in `run` of the Node, which receives from it (line 7), waits for a value of another channel"
        ),
        "{work:?}"
    );
    assert!(work.waits_for_goroutines.is_empty(), "{work:?}");
}

#[test]
fn a_select_over_ticks_names_what_sets_the_flag_that_it_asks_for() {
    let source = POLLER
        .replace("import \"context\"", "import \"context\"\nimport \"time\"")
        .replace("LOOP", "t := time.NewTicker(1)\n\tfor {\n\t\tselect { // 21\n\t\tcase <-t.C:\n\t\t\tif p.off.Load() {\n\t\t\t\treturn\n\t\t\t}\n\t\t}")
        .replace("p.n++ // 21", "p.n++");
    let found = only_of("select", "m.work", &source);
    assert_eq!(found.code, CauseCode::TickerLoop, "{found:?}");
    assert!(found.fix.contains("call Off of `p`"), "{found:?}");
}

fn only_of(state: &str, func: &str, source: &str) -> Cause {
    let dump = goroutine(21, state, "", func, source);
    all(&dump, source).remove(0).cause
}
