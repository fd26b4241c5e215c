//! Who ends a wait: the method that a test can call, what it calls already, and what is missing.

use super::kind::{all, fact_and_fix, goroutine, line, of, only, words};
use crate::leak::*;

#[test]
fn a_function_kept_in_a_field_that_a_goroutine_calls_is_no_way_to_end_it() {
    let source = r#"package m
type round struct{ release func() }
func elect() {
	next := make(chan bool)
	var one round
	one.release = func() { close(next) }
	go work(next) // go 21
	rounds(one)
}
func work(next chan bool) {
	<-next // 21
}
func rounds(one round) {
	go func() {
		one.release()
	}()
}
func TestA(t *testing.T) { elect() }
"#;
    let cause = only("chan receive", source);
    assert!(!cause.fix.contains("rounds"), "{cause:?}");
}

#[test]
fn a_field_that_nothing_closes_asks_for_a_method_that_does() {
    let source = r#"package m
type queue struct{ stop chan struct{} }
func newQueue() *queue { return &queue{stop: make(chan struct{})} }
func (q *queue) run() {
	go until(q.stop) // go 21
}
func until(end <-chan struct{}) {
	for {
		select { // 21
		case <-end:
			return
		}
	}
}
func TestA(t *testing.T) { newQueue().run() }
"#;
    let mut dump = goroutine(21, "select", "", "m.until", source);
    dump = dump.replace("created by m.TestA", "created by m.(*queue).run");
    let groups = all(&dump, source);
    let cause = of(&groups, "m.until");
    assert!(
        cause.waits_for.contains("; nothing closes `stop` of the queue"),
        "{cause:?}"
    );
    // Where a method does, that is named.
    let closed = source.replace(
        "func TestA",
        "func (q *queue) Close() { close(q.stop) }\nfunc TestA",
    );
    let groups = all(&dump, &closed);
    let cause = of(&groups, "m.until");
    assert!(cause.fix.contains("call Close of `queue`"), "{cause:?}");
}

#[test]
fn an_ending_that_is_deferred_already_is_not_asked_for() {
    let source = r#"package m
type hub struct{ stop chan struct{} }
func newHub() *hub { return &hub{stop: make(chan struct{})} }
func (h *hub) start() {
	go h.work() // go 21
}
func (h *hub) work() {
	<-h.stop // 21
}
func (h *hub) Close() {
	select {
	case h.stop <- struct{}{}:
	default:
		close(h.stop)
	}
}
func TestA(t *testing.T) {
	h := newHub()
	defer h.Close()
	h.start()
}
"#;
    let dump = goroutine(21, "chan receive", "", "m.(*hub).work", source);
    let dump = dump.replace("created by m.TestA", "created by m.(*hub).start");
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*hub).work");
    assert!(words(cause).contains("`h.Close` is called"), "{cause:?}");
}

#[test]
fn a_method_that_is_called_already_is_not_asked_for_and_says_what_may_be_lost() {
    let source = r#"package m
import "context"
type jobs struct{ cancels map[string]func() }
func newJobs() *jobs { return &jobs{cancels: map[string]func(){}} }
func (j *jobs) every(name string) {
	ctx, cancel := context.WithCancel(context.Background())
	j.cancels[name] = cancel // set
	go work(ctx) // go 21
}
func work(ctx context.Context) {
	<-ctx.Done() // 21
}
func (j *jobs) StopAll() {
	for _, cancel := range j.cancels {
		cancel()
	}
}
func TestA(t *testing.T) {
	j := newJobs()
	defer j.StopAll()
	j.every("backup")
	j.every("backup")
}
"#;
    let dump = goroutine(21, "chan receive", "", "m.work", source);
    let dump = dump.replace("created by m.TestA", "created by m.(*jobs).every");
    let groups = all(&dump, source);
    let cause = of(&groups, "m.work");
    let found = fact_and_fix(cause);
    assert!(found.contains("`StopAll` of the jobs is called"), "{cause:?}");
    assert!(found.contains("`j.cancels[name] = cancel` (x.go:7)"), "{cause:?}");
    // Not called, it is what the test lacks.
    let lacking = source.replace("\tdefer j.StopAll()\n", "");
    let groups = all(&dump, &lacking);
    let cause = of(&groups, "m.work");
    assert!(!words(cause).contains("is called"), "{cause:?}");
    assert!(cause.fix.contains("StopAll"), "{cause:?}");
}

#[test]
fn a_close_behind_a_return_is_to_be_deferred() {
    let source = r#"package m
type log struct{ done chan struct{} }
func newLog() *log { return &log{done: make(chan struct{})} }
func (l *log) Apply(entries []int) error {
	for _, entry := range entries {
		if entry < 0 {
			return errBad
		}
	}
	close(l.done)
	return nil
}
func (l *log) Done() chan struct{} { return l.done }
func TestA(t *testing.T) {
	l := newLog()
	go work(l) // go 21
	l.Apply([]int{1, -1})
}
func work(l *log) {
	<-l.Done() // 21
}
"#;
    let cause = only_work(source);
    assert!(
        fact_and_fix(&cause).contains("may return (x.go:7) before `close(l.done)` (x.go:10)"),
        "{cause:?}"
    );
}

fn only_work(source: &str) -> Cause {
    let groups = all(&goroutine(21, "chan receive", "", "m.work", source), source);
    of(&groups, "m.work").clone()
}

#[test]
fn an_owners_method_that_another_test_calls_in_the_background_is_still_its_end() {
    let source = r#"package m
type caster struct{ in chan int }
func newCaster() *caster { return &caster{in: make(chan int)} }
func (c *caster) Shutdown() { close(c.in) }
func (c *caster) work() {
	for range c.in { // 21
	}
}
func TestB(t *testing.T) {
	c := newCaster()
	go func() { c.Shutdown() }()
}
func TestA(t *testing.T) {
	c := newCaster()
	go c.work() // go 21
}
"#;
    let groups = all(
        &goroutine(21, "chan receive", "", "m.(*caster).work", source),
        source,
    );
    let cause = of(&groups, "m.(*caster).work");
    assert!(cause.fix.contains("call `Shutdown` of the caster"), "{cause:?}");
}

#[test]
fn a_guard_of_a_method_is_no_path_that_lacks_its_close() {
    let source = r#"package m
type hub struct{
	shut bool
	by   map[string]chan int
}
func newHub() *hub { return &hub{by: map[string]chan int{}} }
func (h *hub) watch(key string) chan int {
	one := make(chan int)
	h.by[key] = one // set
	return one
}
func (h *hub) Close() {
	if h.shut {
		return
	}
	h.shut = true
	for _, one := range h.by {
		close(one)
	}
}
func TestA(t *testing.T) {
	h := newHub()
	defer h.Close()
	for i := 0; i < 2; i++ {
		one := h.watch("a")
		go work(one) // go 21
	}
}
func work(one chan int) {
	<-one // 21
}
"#;
    let cause = only_work(source);
    assert!(!words(&cause).contains("may return"), "{cause:?}");
    assert!(
        fact_and_fix(&cause).contains("`h.by[key] = one` (x.go:9) may have put another one in its place"),
        "{cause:?}"
    );
}

#[test]
fn a_loop_that_sleeps_tells_all_its_ways_out_and_who_opens_one() {
    let source = r#"package m
import "time"
func work(attempts int, f func() error) {
	delay := 2 * time.Millisecond
	for i := 0; i < attempts; i++ {
		if f() == nil {
			break
		}
		time.Sleep(delay) // 21
		delay *= 60000
	}
}
func TestA(t *testing.T) {
	go work(3, nil) // go 21
}
"#;
    let sleep = "time.Sleep(0x1)\n\t/go/src/runtime/time.go:300 +0x1\n";
    let groups = all(&goroutine(21, "sleep", sleep, "m.work", source), source);
    let cause = of(&groups, "m.work");
    assert!(!cause.waits_for.contains("2ms"), "{cause:?}");
    assert!(
        cause
            .waits_for
            .contains("its condition (line 5) or the `break` of line 7"),
        "{cause:?}"
    );
    let source = r#"package m
import "time"
type spinner struct{ off atomic.Bool }
func (s *spinner) work() {
	for !s.off.Load() {
		time.Sleep(time.Millisecond) // 21
	}
}
func (s *spinner) Stop() { s.off.Store(true) }
func TestA(t *testing.T) {
	s := &spinner{}
	go s.work() // go 21
}
"#;
    let groups = all(
        &goroutine(21, "sleep", sleep, "m.(*spinner).work", source),
        source,
    );
    let cause = of(&groups, "m.(*spinner).work");
    assert!(cause.fix.contains("Stop"), "{cause:?}");
}

#[test]
fn what_failed_is_not_there_to_be_closed() {
    let source = r#"package m
import "context"
type client struct {
	ctx    context.Context
	cancel context.CancelFunc
}
func Dial(fail bool) (*client, error) {
	c := &client{}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	go c.work() // go 21
	if fail {
		return nil, errFailed
	}
	return c, nil
}
func (c *client) work() {
	<-c.ctx.Done() // 21
}
func (c *client) Close() { c.cancel() }
func TestA(t *testing.T) {
	c, err := Dial(true)
	if err == nil {
		c.Close()
		t.Fatal("connected")
	}
}
"#;
    let dump = goroutine(21, "chan receive", "", "m.(*client).work", source);
    let dump = dump.replace("created by m.TestA", "created by m.Dial");
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*client).work");
    let exit = line(source, "return nil, errFailed");
    assert!(
        cause
            .fix
            .starts_with(&format!("call `c.Close()` before the `return` (x.go:{exit})")),
        "{cause:?}"
    );
}

#[test]
fn a_method_whose_name_begins_with_stop_ends_what_it_sends_to() {
    let source = r#"package m
type monitor struct{ stop chan struct{} }
func newMonitor() *monitor { return &monitor{stop: make(chan struct{})} }
func (m *monitor) work() {
	for {
		select { // 21
		case <-m.stop:
			return
		}
	}
}
func (m *monitor) StopMonitor() { m.stop <- struct{}{} }
func TestA(t *testing.T) {
	m := newMonitor()
	go m.work() // go 21
}
"#;
    let groups = all(&goroutine(21, "select", "", "m.(*monitor).work", source), source);
    let cause = of(&groups, "m.(*monitor).work");
    assert!(cause.fix.contains("`StopMonitor`"), "{cause:?}");
}

#[test]
fn a_handler_that_waits_for_its_request_is_ended_by_the_client() {
    let source = r#"package m
import "net/http"
func work(w http.ResponseWriter, r *http.Request) {
	<-r.Context().Done() // 21
}
func TestA(t *testing.T) {
	go work(nil, nil) // go 21
}
"#;
    let groups = all(&goroutine(21, "chan receive", "", "m.work", source), source);
    let cause = of(&groups, "m.work");
    assert!(cause.fix.contains("let the client end its request"), "{cause:?}");
}

#[test]
fn what_is_called_in_a_branch_may_not_have_run() {
    let source = r#"package m
type store struct{ quit chan struct{} }
func Open() *store {
	s := &store{quit: make(chan struct{})}
	go s.work() // go 21
	return s
}
func (s *store) work() {
	<-s.quit // 21
}
func (s *store) Close() { close(s.quit) }
func TestA(t *testing.T) {
	s := Open()
	if testing.Short() {
		s.Close()
	}
}
"#;
    let dump = goroutine(21, "chan receive", "", "m.(*store).work", source);
    let dump = dump.replace("created by m.TestA", "created by m.Open");
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*store).work");
    assert!(
        fact_and_fix(cause).contains("called only under a condition (x.go:15)"),
        "{cause:?}"
    );
}

#[test]
fn a_test_that_wants_an_error_gets_nothing_to_close() {
    let source = r#"package m
type client struct{ quit chan struct{} }
func Dial() (*client, error) {
	c := &client{quit: make(chan struct{})}
	go c.work() // go 21
	return nil, errFailed
}
func (c *client) work() {
	<-c.quit // 21
}
func (c *client) Close() { close(c.quit) }
func TestA(t *testing.T) {
	_, err := Dial()
	if err == nil {
		t.Fatal("connected")
	}
}
"#;
    let dump = goroutine(21, "chan receive", "", "m.(*client).work", source);
    let dump = dump.replace("created by m.TestA", "created by m.Dial");
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*client).work");
    assert!(
        cause.fix.contains("`c.Close()` before the `return` (x.go:6)"),
        "{cause:?}"
    );
    assert!(!cause.fix.contains("Cleanup"), "{cause:?}");
}

#[test]
fn a_constructor_that_drops_the_cancel_function_does_not_defer_it() {
    let source = r#"package m
import "context"
type copier struct{}
func newCopier() *copier {
	ctx, _ := context.WithCancel(context.Background())
	c := &copier{}
	go c.work(ctx) // go 21
	return c
}
func (c *copier) work(ctx context.Context) {
	<-ctx.Done() // 21
}
func TestA(t *testing.T) { newCopier() }
"#;
    let dump = goroutine(21, "chan receive", "", "m.(*copier).work", source);
    let dump = dump.replace("created by m.TestA", "created by m.newCopier");
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*copier).work");
    assert!(cause.fix.contains("from a Close or Stop method"), "{cause:?}");
    assert!(!cause.fix.contains("defer"), "{cause:?}");
}

#[test]
fn of_several_calls_that_return_what_ends_it_the_one_that_drops_that_is_named() {
    const REGISTRY: &str = "package m\nimport \"testing\"\ntype zone struct {\n\trefs int\n\tstop chan int\n}\ntype registry struct{ zones map[string]*zone }\nfunc (r *registry) Acquire(name string) func() {\n\tz := r.zones[name]\n\tif z == nil {\n\t\tz = &zone{stop: make(chan int)}\n\t\tr.zones[name] = z\n\t\tgo z.run() // go 21\n\t}\n\tz.refs++\n\treturn func() { r.release(name) }\n}\nfunc (z *zone) run() {\n\t<-z.stop // 21\n}\nfunc (r *registry) release(name string) {\n\tz := r.zones[name]\n\tz.refs--\n\tif z.refs == 0 {\n\t\tclose(z.stop)\n\t}\n}\nfunc TestA(t *testing.T) {\n\tr := &registry{map[string]*zone{}}\n\tTEST\n}\n";
    let found = |test: &str| {
        let source = REGISTRY.replace("TEST", test);
        let dump = goroutine(21, "chan receive", "", "m.(*zone).run", &source)
            .replace("created by m.TestA", "created by m.(*registry).Acquire");
        of(&all(&dump, &source), "m.(*zone).run").clone()
    };
    let twice = found("free := r.Acquire(\"x\")\n\tr.Acquire(\"x\")\n\tdefer free()");
    let at = REGISTRY.lines().position(|line| line.contains("TEST")).unwrap() + 2;
    assert_eq!(
        fact_and_fix(&twice),
        format!(
            "`r.Acquire(\"x\")` (line {at}) drops the function that it returns: `defer r.Acquire(\"x\")()`, with one more pair of parentheses (line {at})"
        )
    );
    // Which one is missing is not known where two drop it.
    let both = found("r.Acquire(\"x\")\n\tr.Acquire(\"x\")");
    assert_eq!(
        both.fix,
        "call the function that `Acquire` returns, for example in t.Cleanup"
    );
}

#[test]
fn an_end_under_a_condition_that_is_the_wrong_way_round_is_named_and_an_old_one_that_is_ended_is_not_lost() {
    let source = "package m\nimport (\"context\"; \"testing\")\ntype runner struct{ stop context.CancelFunc }\nfunc (r *runner) Reload() {\n\tctx, cancel := context.WithCancel(context.Background())\n\told := r.stop\n\tr.stop = cancel\n\tif old != nil {\n\t\told()\n\t}\n\tgo watch(ctx) // go 21\n}\nfunc watch(ctx context.Context) {\n\t<-ctx.Done() // 21\n}\nfunc (r *runner) Stop() {\n\tif r.stop == nil {\n\t\tr.stop() // stops\n\t}\n}\nfunc TestA(t *testing.T) {\n\tr := &runner{}\n\tr.Reload()\n\tr.Reload()\n\tr.Stop() // called\n}\n";
    let dump = goroutine(21, "chan receive", "", "m.watch", source)
        .replace("created by m.TestA", "created by m.(*runner).Reload");
    let groups = all(&dump, source);
    assert_eq!(
        fact_and_fix(of(&groups, "m.watch")),
        format!(
            "`Stop` of the runner is called (x.go:{}), but `r.stop()` (x.go:{}) is done only under the condition `r.stop == nil`: `r.stop != nil` in that condition",
            line(source, "// called"),
            line(source, "// stops")
        )
    );
}
