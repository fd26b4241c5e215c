//! The test's line that called the helper which has started a goroutine, as far as the source names one.

use super::kind::line;
use crate::leak::judge_tests::{evidence, judged_files, sightings};

const HELPER: &str = r#"package m
import ("sync"; "testing")
type suite struct{ *testing.T }
func (s suite) eventually(f func()) {
	done := make(chan int, 1)
	go func() { // go
		f() // runs
		done <- 1
	}()
}
func TestA(t *testing.T) {
	var mu sync.Mutex
	s := suite{t}
	s.eventually(func() { // called
		mu.Lock() // wants
	})
}
"#;

/// The line that led to a goroutine which `eventually` has started.
fn led(source: &str) -> Option<usize> {
    let dump = format!(
        "goroutine 21 [sync.Mutex.Lock]:\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46\nm.TestA.func1()\n\t/m/x_test.go:{} +0x1\nm.suite.eventually.func1()\n\t/m/x_test.go:{} +0x1\ncreated by m.suite.eventually in goroutine 10\n\t/m/x_test.go:{} +0x2\n\n",
        line(source, "// wants"),
        line(source, "// runs"),
        line(source, "// go")
    );
    let groups = judged_files(&evidence(sightings(&dump)), &[("/m/x_test.go", source)]);
    let led = groups[0].led_to_by.as_ref()?;
    assert_eq!(led.at.func.0, "m.TestA");
    Some(led.at.at.line as usize)
}

#[test]
fn the_tests_call_of_a_helper_has_led_to_what_that_starts() {
    assert_eq!(led(HELPER), Some(line(HELPER, "// called")));
}

#[test]
fn of_two_calls_the_one_whose_function_runs_has_led_to_it() {
    let twice = HELPER.replace(
        "\ts.eventually(",
        "\ts.eventually(func() { mu.Unlock() })\n\ts.eventually(",
    );
    assert_eq!(led(&twice), Some(line(&twice, "// called")));
    let equal = HELPER
        .replace("\ts.eventually(func() { // called", "\tf := func() {")
        .replace("\t})\n", "\t}\n\ts.eventually(f)\n\ts.eventually(f)\n");
    assert_eq!(led(&equal), None);
}

#[test]
fn what_a_go_statement_calls_returns_nothing_that_could_be_kept() {
    let source = "package m\nimport \"testing\"\ntype conn struct{ stop chan int }\nfunc dial() *conn {\n\tc := &conn{stop: make(chan int)}\n\tgo c.work() // go\n\treturn c\n}\nfunc (c *conn) work() {\n\t<-c.stop // waits\n}\nfunc (c *conn) Close() { close(c.stop) }\nfunc TestA(t *testing.T) {\n\tdial()\n}\n";
    let fix = |source: &str| {
        let dump = format!(
            "goroutine 21 [chan receive]:\nm.(*conn).work(0xc000102030)\n\t/m/x_test.go:{} +0x1\ncreated by m.dial in goroutine 10\n\t/m/x_test.go:{} +0x2\n\n",
            line(source, "// waits"),
            line(source, "// go")
        );
        let mut groups = judged_files(&evidence(sightings(&dump)), &[("/m/x_test.go", source)]);
        groups.remove(0).cause.fix
    };
    assert!(fix(source).starts_with("keep what `dial`"), "{}", fix(source));
    let started = source.replace("\tdial()\n", "\tgo dial()\n");
    assert!(!fix(&started).contains("keep what"), "{}", fix(&started));
}

#[test]
fn what_a_wait_group_has_started_for_a_helper_is_led_to_by_the_test() {
    let source = HELPER
        .replace(
            "\tgo func() { // go\n",
            "\tvar wg sync.WaitGroup\n\twg.Go(func() { // go\n",
        )
        .replace("\t\tdone <- 1\n\t}()\n", "\t\tdone <- 1\n\t})\n");
    let dump = format!(
        "goroutine 21 [sync.Mutex.Lock]:\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46\nm.TestA.func1()\n\t/m/x_test.go:{} +0x1\nm.suite.eventually.func1()\n\t/m/x_test.go:{} +0x1\nsync.(*WaitGroup).Go.func1()\n\t/go/src/sync/waitgroup.go:2 +0x1\ncreated by sync.(*WaitGroup).Go in goroutine 10\n\t/go/src/sync/waitgroup.go:3 +0x2\n\n",
        line(&source, "// wants"),
        line(&source, "// runs")
    );
    let groups = judged_files(&evidence(sightings(&dump)), &[("/m/x_test.go", &source)]);
    let led = groups[0].led_to_by.as_ref().map(|led| led.at.at.line as usize);
    assert_eq!(led, Some(line(&source, "// called")));
}

#[test]
fn a_client_that_a_helper_dials_is_led_to_by_the_call_that_the_test_does_not_end_and_has_the_far_end() {
    let server = "package m\nimport (\"bufio\"; \"net\")\ntype gateway struct{ ln net.Listener }\nfunc listen() (*gateway, error) {\n\tln, err := net.Listen(\"tcp\", \":0\")\n\tg := &gateway{ln: ln}\n\tgo g.accept()\n\treturn g, err\n}\nfunc (g *gateway) accept() {\n\tfor {\n\t\tconn, err := g.ln.Accept()\n\t\tif err != nil {\n\t\t\treturn\n\t\t}\n\t\tgo g.serve(conn) // go\n\t}\n}\nfunc (g *gateway) serve(conn net.Conn) {\n\tsc := bufio.NewScanner(conn)\n\tfor sc.Scan() {} // serves\n}\nfunc (g *gateway) Addr() string { return g.ln.Addr().String() }\nfunc (g *gateway) Close() { g.ln.Close() }\n";
    let test = |last: &str| {
        format!(
            "package m\nimport (\"bufio\"; \"net\"; \"testing\")\ntype player struct{{ conn net.Conn }}\nfunc dial(t *testing.T, addr string) *player {{\n\tconn, err := net.Dial(\"tcp\", addr)\n\tif err != nil {{\n\t\tt.Fatal(err)\n\t}}\n\tp := &player{{conn: conn}}\n\tgo p.read() // go\n\treturn p\n}}\nfunc (p *player) read() {{\n\tsc := bufio.NewScanner(p.conn)\n\tfor sc.Scan() {{}} // reads\n}}\nfunc (p *player) Close() {{ p.conn.Close() }}\nfunc TestA(t *testing.T) {{\n\tg, _ := listen()\n\tdefer g.Close()\n\tkit := dial(t, g.Addr())\n\tdefer kit.Close()\n\tada := dial(t, g.Addr()) // left\n\t{last}\n}}\n"
        )
    };
    let text = test("println(ada)");
    const READ: &str = "internal/poll.runtime_pollWait()\n\t/go/src/runtime/netpoll.go:1 +0x1\nnet.(*conn).Read()\n\t/go/src/net/net.go:2 +0x1\nbufio.(*Scanner).Scan()\n\t/go/src/bufio/scan.go:2 +0x1\n";
    let client = format!(
        "goroutine 22 [IO wait]:\n{READ}m.(*player).read(0x1)\n\t/m/x_test.go:{} +0x1\ncreated by m.dial in goroutine 10\n\t/m/x_test.go:{} +0x2\n\n",
        line(&text, "// reads"),
        line(&text, "// go")
    );
    let served = format!(
        "goroutine 21 [IO wait]:\n{READ}m.(*gateway).serve(0x1)\n\t/m/x.go:{} +0x1\ncreated by m.(*gateway).accept in goroutine 11\n\t/m/x.go:{} +0x2\n\n",
        line(server, "// serves"),
        line(server, "// go")
    );
    let files = [("/m/x.go", server), ("/m/x_test.go", text.as_str())];
    let groups = judged_files(&evidence(sightings(&client)), &files);
    let led = groups[0].led_to_by.as_ref().map(|led| led.at.at.line as usize);
    assert_eq!(led, Some(line(&text, "// left")));
    assert_eq!(
        groups[0].cause.fix,
        format!(
            "call Close of `ada`, made at x_test.go:{}: `t.Cleanup(ada.Close)`",
            line(&text, "// left")
        )
    );
    let groups = judged_files(&evidence(sightings(&(served + &client))), &files);
    let of_server = groups
        .iter()
        .find(|group| group.owner.as_str() == "m.(*gateway).serve");
    let waits = &of_server.expect("it is there").cause.waits_for_goroutines;
    assert!(
        waits
            .iter()
            .any(|wait| wait.goroutines == [crate::goroutine::GoroutineId(22)]),
        "{waits:?}"
    );
}

#[test]
fn of_calls_of_two_functions_on_one_value_none_is_known_to_have_led_to_it() {
    let source = "package m\ntype node struct{ quit chan int; all []*node }\nfunc plant() *node {\n\tn := &node{quit: make(chan int)}\n\tgo n.work() // go\n\treturn n\n}\nfunc (n *node) work() {\n\t<-n.quit // waits\n}\nfunc (n *node) Spawn() *node {\n\tc := plant()\n\tn.all = append(n.all, c)\n\treturn c\n}\nfunc (n *node) Close() { close(n.quit) }\n";
    let led = |test: &str| {
        let test = format!("package m\nimport \"testing\"\nfunc TestA(t *testing.T) {{\n{test}}}\n");
        let dump = format!(
            "goroutine 21 [chan receive]:\nm.(*node).work(0xc000102030)\n\t/m/x.go:{} +0x1\ncreated by m.plant in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
            line(source, "// waits"),
            line(source, "// go")
        );
        let files = [("/m/x.go", source), ("/m/x_test.go", test.as_str())];
        let groups = judged_files(&evidence(sightings(&dump)), &files);
        groups[0].led_to_by.as_ref().map(|led| led.at.at.line)
    };
    assert_eq!(
        led("\tn := plant()\n\tn.Spawn()\n\tn.Close()\n\tn.Spawn()\n"),
        None
    );
    assert_eq!(led("\tn := plant()\n\tn = plant()\n\tn.Close()\n"), Some(4));
}
