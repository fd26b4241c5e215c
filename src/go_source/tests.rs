//! Names, types and values of small programs.

use super::operation::Operation;
use super::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Files by path.
pub struct Texts(pub BTreeMap<String, String>);

impl Sources for Texts {
    fn read(&self, file: &str) -> Option<Arc<str>> {
        self.0.get(file).map(|text| text.as_str().into())
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let below = |path: &&String| path.rsplit_once('/').is_some_and(|(dir, _)| dir == folder);
        self.0.keys().filter(below).cloned().collect()
    }
}

fn files(texts: &[(&str, &str)]) -> GoFiles {
    let texts = texts
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    GoFiles::new(Texts(texts.collect()))
}

/// The line that holds a mark.
fn line(file: &GoFile, mark: &str) -> u32 {
    let index = file
        .text
        .lines()
        .position(|line| line.contains(mark))
        .expect(mark);
    u32::try_from(index).expect("few lines") + 1
}

/// What the channel of the operation on the line marked `// here` may be.
fn made(text: &str, blocked: Blocked) -> Vec<String> {
    let files = files(&[("/m/a.go", text)]);
    let file = files.get("/m/a.go").expect("a file");
    let at = line(file, "// here");
    let channel = match at_line(file, at, blocked).expect("an operation") {
        Operation::Range(channel) | Operation::Receive(channel) | Operation::Send(channel) => channel,
        Operation::Select(cases) => cases[0].channel,
    };
    let mut calls = vec![(file, at)];
    if text.contains("// go") {
        calls.push((file, line(file, "// go")));
    }
    let found = values::values(
        &files,
        channel,
        &Calls {
            lines: calls,
            ..Calls::default()
        },
    );
    found.iter().map(|value| value.expr.text().to_owned()).collect()
}

#[test]
fn channels_are_followed_to_their_making_through_scopes() {
    use Blocked::{Receiving, Sending};
    for (text, blocked, want) in [
        (
            "package p\nfunc f() {\n\tch := make(chan int)\n\tgo func() {\n\t\tch <- 1 // here\n\t}()\n}\n",
            Sending,
            &["make(chan int)"][..],
        ),
        (
            "package p\nfunc f() {\n\ta, ch := make(chan int), make(chan int, 3)\n\tgo func() { ch <- 1 }() // here\n\t_ = a\n}\n",
            Sending,
            &["make(chan int, 3)"],
        ),
        (
            "package p\nfunc w(id int, out chan<- int) {\n\tout <- id // here\n}\nfunc f() {\n\tres := make(chan int, 4)\n\tgo w(1, res) // go\n}\n",
            Sending,
            &["make(chan int, 4)"],
        ),
        (
            "package p\nfunc (s *S) w(out chan<- int) {\n\tout <- 1 // here\n}\nfunc f() {\n\tch := make(chan int)\n\tgo s.w(ch) // go\n}\n",
            Sending,
            &["make(chan int)"],
        ),
        (
            "package p\nfunc f() {\n\tch := make(chan int, 1)\n\tgo func(c chan<- int) {\n\t\tc <- 1 // here\n\t}(ch)\n}\n",
            Sending,
            &["make(chan int, 1)"],
        ),
        // The field is made in a constructor, and forgotten in Stop.
        (
            "package p\ntype S struct{ out chan int }\nfunc (s *S) w() {\n\ts.out <- 1 // here\n}\nfunc (s *S) Stop() { s.out = nil }\nfunc n() *S { s := &S{}\n\ts.out = make(chan int, 8)\n\treturn s }\n",
            Sending,
            &["make(chan int, 8)"],
        ),
        (
            "package p\ntype S struct{ id int; out chan int }\nfunc (s *S) w() {\n\ts.out <- 1 // here\n}\nfunc n() *S { return &S{1, make(chan int, 8)} }\n",
            Sending,
            &["make(chan int, 8)"],
        ),
        // Two types with a field of one name.
        (
            "package p\ntype A struct{ c chan int }\ntype B struct{ c chan int }\nfunc f() { _ = A{c: make(chan int, 9)}; _ = &B{c: make(chan int)} }\nfunc (b *B) w() {\n\tb.c <- 1 // here\n}\n",
            Sending,
            &["make(chan int)"],
        ),
        // `:=` in the outermost block of a function gives a parameter a new value.
        (
            "package p\nfunc f(ch chan int) {\n\tch, n := make(chan int, 5), 1\n\tgo func() { ch <- n }() // here\n}\nfunc g() { f(make(chan int)) }\n",
            Sending,
            &["make(chan int, 5)"],
        ),
        // Two variables with one name.
        (
            "package p\nfunc g() {\n\tch := make(chan int, 5)\n\t_ = ch\n}\nfunc f(ch chan int) {\n\tch <- 1 // here\n}\n",
            Sending,
            &["ch"],
        ),
        (
            "package p\nfunc f() {\n\tch := make(chan int, 5)\n\t{\n\t\tch := make(chan int)\n\t\tch <- 1 // here\n\t}\n\t_ = ch\n}\n",
            Sending,
            &["make(chan int)"],
        ),
        (
            "package p\nfunc f(x bool) {\n\tch := make(chan int)\n\tif x {\n\t\tch = make(chan int, 2)\n\t}\n\tch <- 1 // here\n}\n",
            Sending,
            &["make(chan int)", "make(chan int, 2)"],
        ),
        (
            "package p\nfunc f() {\n\tch := make(chan int)\n\tch = make(chan int, 2)\n\tch <- 1 // here\n}\n",
            Sending,
            &["make(chan int, 2)"],
        ),
        (
            "package p\nvar ch = make(chan int, 5)\nfunc f() {\n\tch <- 1 // here\n}\n",
            Sending,
            &["make(chan int, 5)"],
        ),
        // Through what another function returns.
        (
            "package p\nfunc n() (chan int, error) { c := make(chan int, 7); return c, nil }\nfunc f() {\n\tch, err := n()\n\t_ = err\n\tch <- 1 // here\n}\n",
            Sending,
            &["make(chan int, 7)"],
        ),
        (
            "package p\nimport \"time\"\nfunc f() {\n\ttick := time.Tick(d)\n\tfor range tick { // here\n\t}\n}\n",
            Receiving,
            &["time.Tick(d)"],
        ),
        // A parameter that is given a new value of itself, as contexts are.
        (
            "package p\nimport \"context\"\nfunc f(ctx context.Context) {\n\tctx, cancel := context.WithCancel(ctx)\n\tdefer cancel()\n\tdone := ctx.Done()\n\t<-done // here\n}\n",
            Receiving,
            &["ctx.Done()"],
        ),
    ] {
        assert_eq!(made(text, blocked), want, "{text}");
    }
}

#[test]
fn a_variable_of_another_file_of_the_package_is_found() {
    let files = files(&[
        (
            "/m/a.go",
            "package p\ntype S struct{ in chan int }\nfunc New() *S { return &S{in: make(chan int, 3)} }\n",
        ),
        (
            "/m/b.go",
            "package p\nfunc (s *S) loop() {\n\tfor range s.in { // here\n\t}\n}\n",
        ),
        (
            "/m/c_test.go",
            "package p_test\ntype S struct{ in chan int }\nfunc New() *S { return &S{in: make(chan int, 4)} }\n",
        ),
    ]);
    let file = files.get("/m/b.go").expect("a file");
    let Some(Operation::Range(channel)) = at_line(file, 3, Blocked::Receiving) else {
        panic!("a range");
    };
    let found = values::values(&files, channel, &Calls::default());
    let texts: Vec<&str> = found.iter().map(|value| value.expr.text()).collect();
    assert_eq!(texts, ["make(chan int, 3)"]);
}

/// The operation on line 3 of a function.
fn operation(code: &str, blocked: Blocked) -> String {
    let file = GoFile::parse("a.go", format!("package p\nfunc f() {{\n{code}\n}}\n").into()).expect("a file");
    let told = |case: &Case<'_>| match case.sends {
        true => format!("{} <-", case.channel.text()),
        false => format!("<-{}", case.channel.text()),
    };
    match at_line(&file, 3, blocked) {
        None => "-".into(),
        Some(Operation::Range(expr)) => format!("range {}", expr.text()),
        Some(Operation::Receive(expr)) => format!("<-{}", expr.text()),
        Some(Operation::Send(expr)) => format!("{} <-", expr.text()),
        Some(Operation::Select(cases)) => cases.iter().map(told).collect::<Vec<_>>().join(" | "),
    }
}

#[test]
fn receives_are_told_from_sends() {
    use Blocked::{Receiving, Sending};
    for (code, blocked, want) in [
        ("\tfor v := range jobs {}", Receiving, "range jobs"),
        ("\tfor range t.C {}", Receiving, "range t.C"),
        (
            "\tgo func() { for v := range s.in(1) { use(v) } }()",
            Receiving,
            "range s.in(1)",
        ),
        ("\tv, ok := <-s.out[i].ch // <-other", Receiving, "<-s.out[i].ch"),
        ("\tgo func() { <-ctx.Done() }()", Receiving, "<-ctx.Done()"),
        ("\treturn <-done", Receiving, "<-done"),
        ("\tif err := <-errs; err != nil {}", Receiving, "<-errs"),
        ("\tout <- <-in", Receiving, "<-in"),
        ("\tout <- <-in", Sending, "out <-"),
        (
            "\tgo func() { results[i].ch <- work(x) }()",
            Sending,
            "results[i].ch <-",
        ),
        ("\tgo func(c chan<- int) { c <- 1 }(ch)", Sending, "c <-"),
        ("\ts.get() <- struct{}{}", Sending, "s.get() <-"),
        ("\tfoo(", Receiving, "-"),
    ] {
        assert_eq!(operation(code, blocked), want, "{code}");
    }
}

#[test]
fn selects_have_their_own_cases_only() {
    let code = "\tselect {\n\tcase v, ok := <-in:\n\t\tselect {\n\t\tcase <-no:\n\t\t}\n\t\tfor { switch x { case 1: } }\n\tcase out <- v:\n\tcase <-ctx.Done():\n\tcase <-time.After(2 * time.Second):\n\tdefault:\n\t}";
    assert_eq!(
        operation(code, Blocked::Selecting),
        "<-in | out <- | <-ctx.Done() | <-time.After(2 * time.Second)"
    );
    assert_eq!(
        operation("\tselect { case <-a: ; case b <- 1: }", Blocked::Selecting),
        "<-a | b <-"
    );
}

proptest::proptest! {
    // Found by the fuzz target `evidence`: a character of several bytes that is no letter, before an arrow.
    #[test]
    fn any_line_is_read_or_not(code in "(case |select |\\{|\\}|range |<-|chan|[(\\[.]|x|é|…|\u{fffd}| |\n|\\)|:){0,16}") {
        for blocked in [Blocked::Receiving, Blocked::Sending, Blocked::Selecting] {
            let _ = operation(&code, blocked);
        }
    }
}

/// Names, sends and what is on a line are looked up; that must find what a walk through the whole file finds.
#[test]
fn what_is_looked_up_is_what_a_walk_through_the_file_finds() {
    let text = "package p\n\ntype box struct{ c chan int; cc chan int }\n\nvar c = func(c int) int { return c }(1); var d = c\n\nfunc (b *box) run(c chan<- int) {\n\tgo func() {\n\t\tfor {\n\t\t\tselect { case c <- 1: b.c <- 2; case <-b.cc: return }\n\t\t}\n\t}()\n\tc <- func() int {\n\t\treturn 3 }()\n}\n\n// c, not a name\nfunc c2() string { return `c\nc` + \"c\" }";
    let files = files(&[("/m/a.go", text)]);
    let file = files.get("/m/a.go").expect("a file");
    let kinds = [
        "func_literal",
        "call_expression",
        "send_statement",
        "function_declaration",
        "method_declaration",
    ];
    for line in 0..text.lines().count() as u32 + 3 {
        let mut all = file.root().find(&kinds);
        all.retain(|node| node.line() <= line && line <= node.last_line());
        assert_eq!(file.on_line(line, &kinds), all, "{line}");
    }
    let identifiers = [
        "identifier",
        "field_identifier",
        "type_identifier",
        "package_identifier",
    ];
    for name in ["c", "cc", "box", "b", "p", "run", "nothing", ""] {
        let mut all = file.root().find(&identifiers);
        all.retain(|node| node.text() == name);
        assert_eq!(file.named(name), all, "{name}");
        let method = file.root().find(&["method_declaration"])[0];
        all.retain(|node| method.contains(node));
        assert_eq!(file.named_within(name, &method.bytes()), all, "{name}");
    }
    let whole = 0..text.len();
    assert_eq!(file.sends_within(&whole), file.root().find(&["send_statement"]));
}

#[test]
fn a_call_with_type_arguments_is_a_call_of_its_function() {
    let files = files(&[(
        "/m/a.go",
        "package p\nimport \"example.net/box\"\nfunc f() { s := &S{m: box.New[string]()}; t := own[int](); u := box.Pair[int, string](1, \"\"); _, _, _ = s, t, u }\nfunc own[T any]() *S { return nil }\n",
    )]);
    let file = files.get("/m/a.go").expect("a file");
    let all = file.root().find(&["call_expression"]);
    let names: Vec<Option<&str>> = all.iter().map(calls::called_name).collect();
    assert_eq!(names, [Some("New"), Some("own"), Some("Pair")]);
    assert_eq!(calls::qualified(&all[0]), Some(("example.net/box", "New")));
    assert_eq!(calls::qualified(&all[2]), Some(("example.net/box", "Pair")));
    assert!(calls::callee(&files, all[1]).is_some());
}
