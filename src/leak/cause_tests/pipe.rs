//! Fixes of waits on pipes: which end has to be closed, or which process ended, and by whom.

use super::kind::{all, goroutine, line, of};
use crate::leak::judge_tests::{evidence, judged, judged_files, judged_leaks, sightings};
use crate::leak::*;

/// A goroutine whose line marked `// here` has called into the standard library; without such a mark it is the library's
/// own, started at `// go`.
pub(super) fn cause(state: &str, library: &[&str], source: &str) -> Cause {
    let frames: Vec<String> = library
        .iter()
        .map(|func| format!("{func}(0x1)\n\t/go/src/x/x.go:1 +0x1\n"))
        .collect();
    let own = match source.contains("// here") {
        true => format!("m.work()\n\t/m/x.go:{} +0x1\n", line(source, "// here")),
        false => String::new(),
    };
    let dump = format!(
        "goroutine 21 [{state}]:\n{}{own}created by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
        frames.concat(),
        line(source, "// go")
    );
    judged(&evidence(sightings(&dump)), source).remove(0).cause
}

fn no_http(cause: &Cause) {
    let words = format!("{} {} {:?}", cause.waits_for, cause.fix, cause.notes);
    assert!(!words.contains("http"), "{cause:?}");
}

const NET_READ: &[&str] = &["net.(*pipe).read", "net.(*pipe).Read"];
const NET_COPY: &[&str] = &["net.(*pipe).read", "net.(*pipe).Read", "io.copyBuffer", "io.Copy"];

#[test]
fn a_net_pipe_is_ended_by_closing_the_end_that_the_test_has() {
    let source = "package m\nimport (\"io\"; \"net\"; \"testing\")\nfunc TestA(t *testing.T) {\n\tnear, far := net.Pipe() // made\n\tgo io.Copy(far, far) // go\n\tnear.Write(nil)\n}\n";
    let found = cause("select", NET_COPY, source);
    no_http(&found);
    assert_eq!(found.code, CauseCode::NetworkIo);
    assert!(
        found.fix.contains("`t.Cleanup(func() { near.Close() })`"),
        "{found:?}"
    );
    // The other end is not kept: its own ends it as well.
    let alone = source
        .replace("near, far", "_, far")
        .replace("\tnear.Write(nil)\n", "");
    let found = cause("select", NET_COPY, &alone);
    assert!(
        found.fix.contains("`t.Cleanup(func() { far.Close() })`"),
        "{found:?}"
    );
}

#[test]
fn a_net_pipe_whose_owner_closes_it_is_ended_by_the_owner() {
    let source = r#"package m
import ("io"; "net")
type Link struct{ wire net.Conn }
func Join(wire net.Conn) *Link {
	l := &Link{wire: wire}
	go l.work() // go
	return l
}
func (l *Link) work() {
	io.Copy(io.Discard, l.wire) // here
}
func (l *Link) Hangup() { l.wire.Close() }
func TestA() {
	a, _ := net.Pipe()
	Join(a)
}
"#;
    let found = cause("select", NET_COPY, source);
    no_http(&found);
    assert!(found.fix.contains("call Hangup of `link`"), "{found:?}");
    let without = source.replace("func (l *Link) Hangup() { l.wire.Close() }\n", "");
    let found = cause("select", NET_COPY, &without);
    no_http(&found);
    assert!(found.fix.contains("close `a`"), "{found:?}");
}

#[test]
fn a_net_pipe_of_unknown_source_gets_no_name_and_no_http() {
    let source = "package m\nimport \"net\"\nfunc work(c net.Conn) {\n\tc.Read(nil) // here\n}\nfunc TestA() {\n\tgo work(elsewhere()) // go\n}\n";
    let found = cause("select", NET_READ, source);
    no_http(&found);
    assert!(found.fix.starts_with("close one of its two ends"), "{found:?}");
}

#[test]
fn network_io_without_http_gets_no_advice_for_http() {
    let source = "package m\nimport \"net\"\nfunc work(c net.Conn) {\n\tc.Read(nil) // here\n}\nfunc TestA() {\n\tgo work(elsewhere()) // go\n}\n";
    let read = &[
        "internal/poll.(*FD).Read",
        "net.(*netFD).Read",
        "net.(*conn).Read",
    ];
    no_http(&cause("IO wait", read, source));
}

const AUDIT: &str = r#"package m
import ("errors"; "io")
func Audit(fail bool) error {
	from, to := io.Pipe() // made
	go func() { // go
		io.ReadAll(from) // here
	}()
	if fail {
		return errors.New("no")
	}
	return to.Close() // closed
}
func TestA() { Audit(true) }
"#;
const IO_READ: &[&str] = &["io.(*pipe).read", "io.(*PipeReader).Read", "io.ReadAll"];
const IO_WRITE: &[&str] = &[
    "io.(*pipe).write",
    "io.(*PipeWriter).Write",
    "encoding/json.(*Encoder).Encode",
];

#[test]
fn an_io_pipe_that_is_closed_on_one_path_names_that_line() {
    let found = cause("select", IO_READ, AUDIT);
    assert_eq!(found.code, CauseCode::PipeIo);
    let place = format!("line {}", line(AUDIT, "// closed"));
    assert!(
        found.waits_for.ends_with(&format!(
            "the `return` (line 9) comes before `to.Close()` ({place})"
        )),
        "{found:?}"
    );
    assert!(
        found.fix.starts_with("`defer to.Close()` right after line 4"),
        "{found:?}"
    );
    assert!(!found.fix.contains("pw"), "{found:?}");
}

#[test]
fn a_pipe_that_one_goroutine_writes_to_and_would_read_only_then_needs_another_one() {
    let source = |go: &str| {
        format!(
            r#"package m
import ("encoding/json"; "io"; "testing")
func ship(all []int, peer func(io.Reader) error) error {{
	pr, pw := io.Pipe()
	defer pr.Close()
	{go}
	if err := json.NewEncoder(pw).Encode(all); err != nil {{ // here
		return err
	}}
	pw.Close()
	return peer(pr) // later
}}
func TestA(t *testing.T) {{
	go ship(nil, nil) // go
}}
"#
        )
    };
    let found = cause("select", IO_WRITE, &source(""));
    assert!(
        found
            .waits_for
            .contains("this goroutine itself would be only later (line 11)"),
        "{found:?}"
    );
    assert!(found.fix.contains("start a goroutine that writes"), "{found:?}");
    let found = cause("select", IO_WRITE, &source("go peer(pr)"));
    assert!(!found.waits_for.contains("itself"), "{found:?}");
}

#[test]
fn a_reader_that_is_returned_is_closed_by_who_has_it() {
    let source = r#"package m
import ("encoding/json"; "io"; "testing")
func Rows(all []int) io.ReadCloser {
	from, to := io.Pipe()
	go func() { // go
		enc := json.NewEncoder(to)
		for _, one := range all {
			enc.Encode(one) // here
		}
		to.Close()
	}()
	return from
}
func TestA(t *testing.T) {
	body := Rows(nil) // got
	body.Read(nil)
}
"#;
    let found = cause("select", IO_WRITE, source);
    assert!(
        found.fix.contains("`t.Cleanup(func() { body.Close() })`"),
        "{found:?}"
    );
    assert!(
        found.fix.contains(&format!("x.go:{}", line(source, "// got"))),
        "{found:?}"
    );
}

#[test]
fn a_copy_from_one_pipe_to_another_waits_on_the_one_it_reads() {
    let source = "package m\nimport (\"io\"; \"net\"; \"testing\")\nfunc TestA(t *testing.T) {\n\ta, b := net.Pipe()\n\tc, d := net.Pipe()\n\tgo io.Copy(b, c) // go\n\tuse(a, d)\n}\n";
    let found = cause("select", NET_COPY, source);
    assert!(found.fix.contains("d.Close()"), "{found:?}");
    let writes = &[
        "net.(*pipe).write",
        "net.(*pipe).Write",
        "io.copyBuffer",
        "io.Copy",
    ];
    let found = cause("select", writes, source);
    assert!(found.fix.contains("a.Close()"), "{found:?}");
}

const FILE_READ: &[&str] = &[
    "internal/poll.(*FD).Read",
    "os.(*File).Read",
    "bufio.(*Scanner).Scan",
];
const TOOL: &str = r#"package m
import ("bufio"; "os/exec"; "testing")
type Tool struct{ proc *exec.Cmd; out chan string }
func Run() (*Tool, error) {
	p := &Tool{proc: exec.Command("sleep", "9")}
	lines, err := p.proc.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.proc.Start(); err != nil {
		return nil, err
	}
	go func() { // go
		sc := bufio.NewScanner(lines)
		for sc.Scan() { // here
			p.out <- sc.Text()
		}
	}()
	return p, nil
}
END
func TestA(t *testing.T) { tool, _ := Run(); use(tool) }
"#;

#[test]
fn what_reads_the_output_of_a_process_names_who_ends_the_process() {
    for (end, method) in [
        (
            "func (p *Tool) Halt() { p.proc.Process.Kill(); p.proc.Wait() }",
            "call Halt of `tool`",
        ),
        (
            "func (p *Tool) Close() error { return p.proc.Process.Signal(nil) }",
            "call Close of `tool`",
        ),
        (
            "func (p *Tool) Stop() error { return p.proc.Wait() }",
            "call Stop of `tool`",
        ),
    ] {
        let found = cause("IO wait", FILE_READ, &TOOL.replace("END", end));
        assert_eq!(found.code, CauseCode::FileIo);
        assert!(found.fix.contains(method), "{found:?}");
        assert!(found.waits_for.contains("`p.proc`"), "{found:?}");
    }
    let found = cause("IO wait", FILE_READ, &TOOL.replace("END", ""));
    assert!(
        found.fix.contains("`p.proc.Process.Kill()`") && found.fix.contains("`p.proc.Wait()`"),
        "{found:?}"
    );
}

#[test]
fn a_command_with_a_context_is_ended_by_who_cancels_that() {
    let source = TOOL
        .replace("\"bufio\";", "\"bufio\"; \"context\";")
        .replace("out chan string", "out chan string; stop context.CancelFunc")
        .replace(
            "p := &Tool{proc: exec.Command(\"sleep\", \"9\")}",
            "ctx, stop := context.WithCancel(context.Background())\n\tp := &Tool{proc: exec.CommandContext(ctx, \"sleep\", \"9\"), stop: stop}",
        )
        .replace("END", "func (p *Tool) Shutdown() { p.stop() }");
    let found = cause("IO wait", FILE_READ, &source);
    assert!(found.fix.contains("call Shutdown of `tool`"), "{found:?}");
}

#[test]
fn a_write_to_a_process_that_does_not_read_is_ended_by_its_end_or_that_of_the_pipe() {
    let source = r#"package m
import ("os/exec"; "testing")
func TestA(t *testing.T) {
	cmd := exec.Command("sleep", "9")
	in, _ := cmd.StdinPipe()
	cmd.Start()
	go func() { // go
		in.Write(big) // here
	}()
}
"#;
    let write = &["internal/poll.(*FD).Write", "os.(*File).Write"];
    let found = cause("IO wait", write, source);
    assert!(
        found
            .fix
            .contains("`t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })`"),
        "{found:?}"
    );
    assert!(found.waits_for.contains("read"), "{found:?}");
}

const COPIER: &str = r#"package m
import ("bytes"; "os/exec"; "testing")
type Job struct{ cmd *exec.Cmd; out bytes.Buffer }
func Begin() *Job {
	j := &Job{cmd: exec.Command("sleep", "9")}
	j.cmd.Stdout = &j.out
	j.cmd.Start() // start
	return j
}
END
func TestA(t *testing.T) { job := Begin(); job.out.Len() }
"#;

#[test]
fn the_copier_of_a_command_names_who_ends_the_process() {
    let cause = |end: &str| {
        let source = COPIER.replace("END", end);
        let frames = [
            "internal/poll.(*FD).Read",
            "os.(*File).Read",
            "io.copyBuffer",
            "io.Copy",
            "os/exec.(*Cmd).writerDescriptor.func1",
            "os/exec.(*Cmd).Start.func2",
        ];
        let frames: Vec<String> = frames
            .iter()
            .map(|func| format!("{func}(0x1)\n\t/go/src/x/x.go:1 +0x1\n"))
            .collect();
        let dump = format!(
            "goroutine 21 [IO wait]:\n{}created by os/exec.(*Cmd).Start in goroutine 10\n\t/go/src/os/exec/exec.go:1 +0x2\n\n",
            frames.concat()
        );
        judged(&evidence(sightings(&dump)), &source).remove(0).cause
    };
    let found = cause("func (j *Job) Abort() { j.cmd.Process.Kill(); j.cmd.Wait() }");
    assert_eq!(found.code, CauseCode::ProcessNotWaited);
    assert!(found.fix.contains("`Abort` of the Job"), "{found:?}");
    let found = cause("");
    assert!(found.fix.contains("`j.cmd.Process.Kill()`"), "{found:?}");
}

#[test]
fn all_that_waits_for_one_process_is_one_leak() {
    let source = r#"package m
import ("context"; "io"; "os/exec"; "testing")
type Tail struct{ child *exec.Cmd }
func Follow(ctx context.Context) *Tail {
	t := &Tail{child: exec.CommandContext(ctx, "tail", "-f", "x")}
	out, _ := t.child.StdoutPipe()
	t.child.Start()
	go func() { // go
		io.ReadAll(out) // here
	}()
	return t
}
func TestA(t *testing.T) { Follow(context.Background()) }
"#;
    let reader = format!(
        "goroutine 21 [IO wait]:\nos.(*File).Read(0x1)\n\t/go/src/os/file.go:1 +0x1\nm.Follow.func1()\n\t/m/x.go:{} +0x1\ncreated by m.Follow in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
        line(source, "// here"),
        line(source, "// go")
    );
    let watcher = "goroutine 22 [select]:\nos/exec.(*Cmd).watchCtx(0xc000010000)\n\t/go/src/os/exec/exec.go:1 +0x1\ncreated by os/exec.(*Cmd).Start in goroutine 10\n\t/go/src/os/exec/exec.go:2 +0x2\n\n";
    let leaks = judged_leaks(&evidence(sightings(&(reader + watcher))), source);
    assert_eq!(leaks.len(), 1, "{leaks:?}");
}

#[test]
fn what_has_no_close_is_not_closed_and_no_blank_is_named() {
    let source = r#"package m
import ("io"; "testing")
func tar(names []string) io.Reader {
	r, w := io.Pipe()
	go func() { // go
		io.WriteString(w, names[0]) // here
	}()
	return r
}
func TestA(t *testing.T) {
	r := tar(nil)
	r.Read(nil)
}
"#;
    let found = cause("select", IO_WRITE, source);
    assert!(!found.fix.contains("Close()"), "{found:?}");
    assert!(found.fix.contains("has no Close"), "{found:?}");
    let blank = "package m\nimport (\"io\"; \"net\"; \"testing\")\nfunc TestA(t *testing.T) {\n\tnear, far := net.Pipe()\n\tgo io.Copy(far, far) // go\n\t_ = near\n}\n";
    let found = cause("select", NET_COPY, blank);
    assert!(found.fix.contains("near.Close()"), "{found:?}");
}

#[test]
fn what_a_command_writes_to_is_closed_by_who_has_made_it() {
    let source = r#"package m
import ("bufio"; "os"; "os/exec")
type Console struct{ master, slave *os.File }
func Open() *Console {
	r, w, _ := os.Pipe()
	c := &Console{master: r, slave: w}
	go work(c) // go
	return c
}
func work(c *Console) {
	in := bufio.NewScanner(c.master)
	for in.Scan() {} // here
}
func (c *Console) Slave() *os.File { return c.slave }
func TestA() {
	con := Open()
	cmd := exec.Command("sh")
	cmd.Stdout = con.Slave()
	cmd.Run()
}
"#;
    let found = cause("IO wait", &["os.(*File).Read", "bufio.(*Scanner).Scan"], source);
    assert!(found.fix.starts_with("close `slave` of the Console"), "{found:?}");
}

/// A function that makes a pipe, and the goroutine that it starts, which writes to that.
fn maker(result: &str, body: &str) -> Cause {
    let source = format!(
        "package m\nimport (\"bufio\"; \"io\"; \"testing\")\nfunc send(put func(io.Reader) error) {result} {{\n\tin, out := io.Pipe() // made\n\tgo func() {{ // go\n\t\tio.WriteString(out, \"all\") // here\n\t}}()\n\t{body}\n}}\nfunc TestA(t *testing.T) {{ send(nil) }}\n"
    );
    let above = ["io.(*pipe).write", "io.(*PipeWriter).Write", "io.WriteString"];
    cause("select", &above, &source)
}

#[test]
fn the_end_of_a_pipe_that_its_maker_alone_has_used_is_left_open_by_that() {
    for (result, body) in [
        ("error", "return put(in)"),
        (
            "error",
            "if err := put(in); err != nil {\n\t\treturn err\n\t}\n\treturn nil",
        ),
        (
            "string",
            "lines := bufio.NewScanner(in)\n\tlines.Scan()\n\treturn lines.Text()",
        ),
    ] {
        let found = maker(result, body);
        assert!(
            found
                .waits_for
                .ends_with("; send has returned and left `in` (line 4) open"),
            "{body}: {found:?}"
        );
        assert_eq!(found.fix, "`defer in.Close()` right after line 4", "{body}");
    }
}

#[test]
fn the_end_of_a_pipe_that_others_may_still_use_is_not_closed_by_its_maker() {
    for (result, body) in [
        ("*bufio.Scanner", "return bufio.NewScanner(in)"),
        ("*bufio.Scanner", "lines := bufio.NewScanner(in)\n\treturn lines"),
        ("io.Reader", "return in"),
        ("error", "go put(in)\n\treturn nil"),
        ("error", "go func() { put(in) }()\n\treturn nil"),
        ("error", "all.from = in\n\treturn nil"),
        ("error", "all.lines = bufio.NewScanner(in)\n\treturn nil"),
    ] {
        let found = maker(result, body);
        assert!(!found.fix.contains("defer in.Close()"), "{body}: {found:?}");
    }
}

#[test]
fn a_process_that_gets_a_signal_alone_may_outlive_that() {
    let source = |gives_up: &str| {
        format!(
            "package m\nimport (\"bufio\"; \"io\"; \"os\"; \"os/exec\"; \"testing\"; \"time\")\ntype tool struct {{\n\tcmd *exec.Cmd\n\tover chan int\n}}\nfunc run() *tool {{\n\tt := &tool{{cmd: exec.Command(\"cat\"), over: make(chan int)}}\n\tout, _ := t.cmd.StdoutPipe()\n\tgo t.read(out) // go\n\treturn t\n}}\nfunc (t *tool) read(out io.Reader) {{\n\tsc := bufio.NewScanner(out)\n\tfor sc.Scan() {{ // here\n\t}}\n}}\nfunc (t *tool) Stop() {{\n\tt.cmd.Process.Signal(os.Interrupt) // signals\n\tselect {{\n\tcase <-t.over:\n\tcase <-time.After(time.Second):\n\t\t{gives_up}\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\ttl := run()\n\ttl.Stop() // stops\n}}\n"
        )
    };
    let read = [
        "internal/poll.(*FD).Read",
        "os.(*File).Read",
        "bufio.(*Scanner).Scan",
    ];
    let text = source("return // gives up");
    let found = cause("IO wait", &read, &text);
    assert!(
        found.waits_for.ends_with(&format!(
            "`Stop` of the tool is called (x.go:{}), but `t.cmd.Process.Signal` (x.go:{}) sends `os.Interrupt` alone, which a process may outlive",
            line(&text, "// stops"),
            line(&text, "// signals")
        )),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!(
            "`t.cmd.Process.Kill()` before the `return` (x.go:{}), where it gives up waiting",
            line(&text, "// gives up")
        )
    );
    let killed = cause("IO wait", &read, &source("t.cmd.Process.Kill()"));
    assert!(!killed.waits_for.contains("alone"), "{killed:?}");
}

#[test]
fn the_reader_of_a_commands_output_is_left_open_by_what_has_started_that() {
    let source = "package m\nimport (\"bufio\"; \"io\"; \"os/exec\"; \"testing\")\nfunc first(name string) string {\n\tin, out := io.Pipe() // made\n\tcmd := exec.Command(name)\n\tcmd.Stdout = out\n\tcmd.Start() // starts\n\tlines := bufio.NewScanner(in)\n\tlines.Scan()\n\treturn lines.Text()\n}\nfunc TestA(t *testing.T) {\n\tfirst(\"yes\")\n}\n";
    let dump = "goroutine 21 [select]:\nio.(*pipe).write(0x1)\n\t/go/src/io/pipe.go:1 +0x1\nio.(*PipeWriter).Write(0x1)\n\t/go/src/io/pipe.go:2 +0x1\nio.Copy(0x1)\n\t/go/src/io/io.go:3 +0x1\nos/exec.(*Cmd).writerDescriptor.func1()\n\t/go/src/os/exec/exec.go:4 +0x1\nos/exec.(*Cmd).Start.func2(0x1)\n\t/go/src/os/exec/exec.go:5 +0x1\ncreated by os/exec.(*Cmd).Start in goroutine 10\n\t/go/src/os/exec/exec.go:6 +0x2\n\n";
    let exec = "package exec\ntype Cmd struct{ Stdout any }\nfunc Command(name string) *Cmd { return &Cmd{} }\nfunc (c *Cmd) Start() error { return nil }\n";
    let files = [("/m/x.go", source), ("/go/src/os/exec/exec.go", exec)];
    let found = judged_files(&evidence(sightings(dump)), &files).remove(0).cause;
    let made = line(source, "// made");
    assert!(
        found
            .waits_for
            .ends_with(&format!("; first has returned and left `in` (line {made}) open")),
        "{found:?}"
    );
    assert_eq!(found.fix, format!("`defer in.Close()` right after line {made}"));
}

#[test]
fn a_pipe_that_a_function_value_is_given_is_known_by_the_call_on_the_line_above() {
    let source = "package m\nimport (\"io\"; \"testing\")\nfunc save(most int64, fill func(w io.Writer) error) error {\n\tpr, pw := io.Pipe() // made\n\tgo func() { // go\n\t\tpw.CloseWithError(fill(pw)) // fills\n\t}()\n\tn, err := io.Copy(io.Discard, io.LimitReader(pr, most))\n\tif n == most {\n\t\treturn io.ErrShortWrite // early\n\t}\n\tpr.Close() // late\n\treturn err\n}\nfunc TestA(t *testing.T) {\n\tsave(4, func(w io.Writer) error {\n\t\t_, err := w.Write(nil) // here\n\t\treturn err\n\t})\n}\n";
    let at = |mark: &str| line(source, mark);
    let dump = format!(
        "goroutine 21 [select]:\nio.(*pipe).write(0x1)\n\t/go/src/io/pipe.go:1 +0x1\nio.(*PipeWriter).Write(...)\n\t/go/src/io/pipe.go:2\nm.TestA.func1()\n\t/m/x.go:{} +0x1\nm.save.func1()\n\t/m/x.go:{} +0x1\ncreated by m.save in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
        at("// here"),
        at("// fills"),
        at("// go")
    );
    let found = judged(&evidence(sightings(&dump)), source).remove(0).cause;
    assert_eq!(
        format!("{}: {}", found.waits_for.rsplit("; ").next().unwrap(), found.fix),
        format!(
            "the `return` (line {}) comes before `pr.Close()` (line {}): `defer pr.Close()` right after line {}, in place of line {}",
            at("// early"),
            at("// late"),
            at("// made"),
            at("// late")
        )
    );
}

#[test]
fn a_method_that_only_waits_for_the_end_is_no_end() {
    let tool = |stop: &str| {
        format!(
            "package m\nimport (\"os/exec\"; \"testing\")\ntype tool struct{{\n\tcmd *exec.Cmd\n\tdone chan int\n}}\nfunc start() *tool {{\n\tcmd := exec.Command(\"sleep\", \"9\")\n\tpipe, _ := cmd.StdoutPipe()\n\tcmd.Start()\n\tt := &tool{{cmd, make(chan int)}}\n\tgo func() {{ // go 21\n\t\tdefer close(t.done)\n\t\tpipe.Read(nil) // 21\n\t}}()\n\treturn t\n}}\nfunc (t *tool) Stop() {{ {stop} }}\nfunc TestA(t *testing.T) {{\n\tone := start()\n\tprintln(one)\n}}\n"
        )
    };
    const READ: &str = "internal/poll.runtime_pollWait()\n\t/go/src/runtime/netpoll.go:1 +0x1\nos.(*File).Read()\n\t/go/src/os/file.go:2 +0x1\n";
    let fix = |stop: &str| {
        let source = tool(stop);
        let dump = goroutine(21, "IO wait", READ, "m.start.func1", &source)
            .replace("created by m.TestA", "created by m.start");
        of(&all(&dump, &source), "m.start.func1").fix.clone()
    };
    let (kills, waits) = (fix("t.cmd.Process.Kill(); <-t.done"), fix("<-t.done"));
    assert!(kills.contains("Stop"), "{kills}");
    assert!(!waits.contains("Stop") && waits.contains("Kill"), "{waits}");
}
