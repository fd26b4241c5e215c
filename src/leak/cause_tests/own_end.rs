//! Ends that are named already and still can't come: behind the wait of the goroutine itself, or behind one for it.

use super::gone::waits_for_cond;
use super::kind::{all, goroutine, line, of};
use super::pipe::cause as of_pipe;
use crate::leak::judge_tests::{evidence, judged, sightings};
use crate::leak::*;

#[test]
fn a_range_whose_own_goroutine_closes_the_channel_is_not_told_to_do_so_on_every_path() {
    let source = r#"package m
func serve() chan<- int {
	jobs := make(chan int)
	go func() { // go 21
		defer close(jobs) // close
		for n := range jobs { // 21
			println(n)
		}
	}()
	return jobs
}
func TestA() { serve() <- 1 }
"#;
    let dump = goroutine(21, "chan receive", "", "m.serve.func1", source)
        .replace("created by m.TestA", "created by m.serve");
    let groups = all(&dump, source);
    let cause = of(&groups, "m.serve.func1");
    let close = line(source, "// close");
    assert!(
        cause.waits_for.ends_with(&format!(
            "`close(jobs)` (line {close}) comes only after its own loop"
        )),
        "{cause:?}"
    );
    assert_eq!(
        cause.fix,
        format!(
            "close it where its last value is sent, in place of line {close}, or select between `jobs` and a done channel (or ctx.Done()) in the loop, and return on the latter"
        )
    );
}

const PIPE: &str = r#"package m
import ("io"; "testing")
func relay(from io.Reader) {
	in, out := io.Pipe()
	defer out.Close() // close
	done := make(chan int)
	go func() { // go
		defer close(done)
		io.ReadAll(in) // here
	}()
	io.Copy(out, from) // copies
	<-done // waits
}
func TestA(t *testing.T) { relay(nil) }
"#;

/// The cause of the reader, while `relay` is at the line with a mark.
fn reader(source: &str, state: &str, mark: &str) -> Cause {
    let (here, go) = (line(source, "// here"), line(source, "// go"));
    let relay = line(source, mark);
    let dump = format!(
        "goroutine 21 [select]:\nio.(*pipe).read(0x1)\n\t/go/src/io/pipe.go:1 +0x1\nio.(*PipeReader).Read(0x1)\n\t/go/src/io/pipe.go:2 +0x1\nm.relay.func1()\n\t/m/x.go:{here} +0x1\ncreated by m.relay in goroutine 22\n\t/m/x.go:{go} +0x2\n\ngoroutine 22 [{state}]:\nm.relay()\n\t/m/x.go:{relay} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
        line(source, "func TestA")
    );
    let groups = judged(&evidence(sightings(&dump)), source);
    of(&groups, "m.relay.func1").clone()
}

#[test]
fn a_close_of_a_pipe_behind_the_wait_for_its_reader_comes_before_that_wait() {
    let found = reader(PIPE, "chan receive", "// waits");
    let (close, waits) = (line(PIPE, "// close"), line(PIPE, "// waits"));
    assert!(
        found.waits_for.ends_with(&format!(
            "`out.Close` (line {close}) comes only after the wait of relay (line {waits}), which is for this goroutine"
        )),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!("call `out.Close` before that wait (line {waits})")
    );
    // One that still writes is not to close.
    let found = reader(PIPE, "IO wait", "// copies");
    assert!(!found.fix.contains("before that wait"), "{found:?}");
    assert!(!found.fix.contains("with `defer`"), "{found:?}");
}

#[test]
fn a_close_that_is_deferred_is_not_told_to_be_deferred() {
    let found = of_pipe("select", &["io.(*pipe).read", "io.(*PipeReader).Read"], PIPE);
    assert!(!found.fix.contains("with `defer`"), "{found:?}");
}

#[test]
fn what_the_sender_itself_closes_at_its_end_is_nothing_to_select_against() {
    let source = r#"package m
type client struct{ out chan int; gone chan struct{} }
type hub struct{ all []*client }
func (h *hub) run() {
	defer h.cleanAll()
	for {
		h.push()
	}
}
func (h *hub) push() {
	for _, c := range h.all {
		c.out <- 1 // 21
	}
}
func (h *hub) cleanAll() {
	for i, c := range h.all {
		delete(h.names, i)
		close(c.gone)
	}
}
func TestA() {
	h := &hub{all: []*client{{out: make(chan int, 2), gone: make(chan struct{})}}}
	go h.run() // go 21
}
"#;
    let dump = goroutine(21, "chan send", "", "m.(*hub).push", source);
    let run = format!(
        "m.(*hub).run()\n\t/m/x.go:{} +0x1\ncreated by",
        line(source, "h.push()")
    );
    let dump = dump.replace("created by", &run);
    let groups = all(&dump, source);
    let cause = &groups[0].cause;
    assert!(!cause.fix.contains("c.gone"), "{cause:?}");
    // Where another one closes it, it is.
    let other = source
        .replace("\tdefer h.cleanAll()\n", "\tprintln()\n")
        .replace("\tgo h.run()", "\tdefer h.cleanAll(); go h.run()");
    let groups = all(&dump, &other);
    assert!(groups[0].cause.fix.contains("c.gone"), "{:?}", groups[0].cause);
}

#[test]
fn a_send_in_an_endless_loop_gets_no_room_for_every_value() {
    let source = r#"package m
func read(to chan<- int) {
	for {
		to <- 1 // 21
	}
}
func TestA() {
	go read(make(chan int)) // go 21
}
"#;
    let groups = all(&goroutine(21, "chan send", "", "m.read", source), source);
    let cause = of(&groups, "m.read");
    assert!(!cause.fix.contains("room"), "{cause:?}");
    assert!(
        cause.fix.starts_with("select the send against a done channel"),
        "{cause:?}"
    );
}

#[test]
fn a_request_that_no_client_has_sent_is_not_ended_by_one() {
    let source = r#"package m
import ("net/http"; "net/http/httptest")
func work(w http.ResponseWriter, r *http.Request) {
	<-r.Context().Done() // 21
}
func TestA() {
	go work(nil, httptest.NewRequest("GET", "/", nil)) // go 21
}
"#;
    let groups = all(&goroutine(21, "chan receive", "", "m.work", source), source);
    let cause = of(&groups, "m.work");
    assert!(!cause.fix.contains("client"), "{cause:?}");
    assert!(cause.fix.contains("`r.WithContext(ctx)`"), "{cause:?}");
}

#[test]
fn a_broadcast_without_the_lock_of_the_waiter_is_named() {
    let source = r#"package m
import "sync"
type shelf struct{ mu sync.Mutex; full sync.Mutex; cond *sync.Cond; items []int; shut bool }
func (s *shelf) Put() {
	s.mu.Lock()
	s.items = append(s.items, 1)
	s.cond.Broadcast() // put
	s.mu.Unlock()
}
func (s *shelf) End() {
	s.full.Lock()
	s.shut = true
	s.full.Unlock()
	s.cond.Broadcast() // ends
}
func (s *shelf) isShut() bool { s.full.Lock(); defer s.full.Unlock(); return s.shut }
func work(s *shelf) {
	s.mu.Lock()
	for len(s.items) == 0 {
		if s.isShut() {
			return
		}
		s.cond.Wait() // 21
	}
	s.mu.Unlock()
}
func TestA() {
	s := &shelf{}
	s.cond = sync.NewCond(&s.mu)
	s.End()
	go work(s) // go 21
}
"#;
    let found = waits_for_cond(source);
    let ends = line(source, "// ends");
    assert_eq!(
        found.fix,
        format!("lock `s.mu` in End around the change and `s.cond.Broadcast` (line {ends})")
    );
    // With the lock, or under a caller's, nothing is lost. The line of the wake-up is that of the Broadcast.
    let locked = source.replace(
        "\ts.full.Lock()\n\ts.shut",
        "\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n\ts.full.Lock()\n\ts.shut",
    );
    let found = waits_for_cond(&locked);
    assert!(!found.fix.contains("in End around"), "{found:?}");
    assert!(
        found
            .fix
            .ends_with(&format!("(line {})", line(&locked, "// put"))),
        "{found:?}"
    );
}
