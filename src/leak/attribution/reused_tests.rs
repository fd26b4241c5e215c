//! Tests follow each other without a look in between: the source says who left a connection or a worker in use.

use super::By;
use crate::evidence::{Evidence, Move, Sighting, TestSeq, TestSpan};
use crate::goroutine::GoroutineId;
use crate::leak::Group;
use crate::leak::judge_tests::{evidence, judged_files, sightings};

const MS: u64 = 1_000_000;

const HEAD: &str = "package m\n\nimport (\n\t\"io\"\n\t\"net/http\"\n\t\"testing\"\n)\n\n";
const CLOSES: &str =
    "\tres, err := http.Get(url)\n\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n\tdefer res.Body.Close()\n";
const FORGETS: &str =
    "\tres, err := http.Get(url)\n\tif err != nil || res.StatusCode != 200 {\n\t\tt.Fatal(err)\n\t}\n";

/// The read loop of a connection that is in use when tests end; first seen then.
fn connection(id: u64, seq: u32) -> Sighting {
    let dump = format!(
        "goroutine {id} [select]:\nnet/http.(*persistConn).readLoop(0xc00001{id}30)\n\t/go/src/net/http/transport.go:1 +0x1\ncreated by net/http.(*Transport).dialConn in goroutine 99\n\t/go/src/net/http/transport.go:2 +0x2\n"
    );
    let mut all = sightings(&dump);
    let mut one = all.remove(0);
    one.label = Some(TestSeq(seq));
    (one.absent_until, one.first_seen) = (0, 90 * MS);
    one
}

/// TestA, TestB and TestC, 20 ms each.
fn three(all: Vec<Sighting>) -> Evidence {
    let mut evidence = evidence(all);
    evidence.tests.push(TestSpan {
        seq: TestSeq(3),
        name: "TestC".into(),
        goroutine: GoroutineId(12),
        start: 40 * MS,
        end: Some(60 * MS),
        ..evidence.tests[0].clone()
    });
    evidence
}

fn source(a: &str, b: &str, c: &str) -> String {
    let test = |name: &str, body: &str| format!("func {name}(t *testing.T) {{\n{body}}}\n\n");
    format!(
        "{HEAD}{}{}{}",
        test("TestA", a),
        test("TestB", b),
        test("TestC", c)
    )
}

#[test]
fn of_the_tests_that_ran_when_it_was_put_to_use_the_source_says_which() {
    let mut evidence = three(vec![connection(21, 1)]);
    let idle = "goroutine 21 [IO wait]:\nnet/http.(*persistConn).readLoop(0xc000012130)\n\t/go/src/net/http/transport.go:1 +0x1\ncreated by net/http.(*Transport).dialConn in goroutine 99\n\t/go/src/net/http/transport.go:2 +0x2\n";
    evidence.sightings[0].moved = Some(Move {
        from: sightings(idle).remove(0).goroutine,
        last_seen: 20 * MS,
        first_seen: 90 * MS,
    });
    let text = source(CLOSES, FORGETS, "\thttp.DefaultClient.CloseIdleConnections()\n");
    assert_eq!(named(&evidence, &text), ["TestB"]);
    assert_eq!(
        named(&evidence, &source(CLOSES, CLOSES, CLOSES)),
        ["TestB", "TestC"]
    );
}

/// As much of the standard library as it takes.
const HTTP: &str = "package http\n\nimport \"io\"\n\ntype Response struct {\n\tStatus string\n\tStatusCode int\n\tHeader map[string][]string\n\tBody io.ReadCloser\n}\n\ntype Transport struct{}\n\ntype Client struct{ Transport any }\n\nfunc (c *Client) Do(r *Request) (*Response, error) { return nil, nil }\n\nfunc (c *Client) Get(url string) (*Response, error) { return nil, nil }\n\nfunc (c *Client) CloseIdleConnections() {}\n\nvar DefaultClient = &Client{}\n\nfunc Get(url string) (*Response, error) { return nil, nil }\n\nfunc Head(url string) (*Response, error) { return nil, nil }\n";
const HTTPTEST: &str = "package httptest\n\nimport \"net/http\"\n\ntype Server struct{}\n\nfunc (s *Server) Client() *http.Client { return nil }\n\nfunc NewServer(h http.Handler) *Server { return nil }\n";
const SUITE: &str = "package suite\n\nimport \"testing\"\n\ntype Suite struct{}\n\nfunc (s *Suite) T() *testing.T { return nil }\n";
const IO: &str =
    "package io\n\ntype Closer interface {\n\tClose() error\n}\n\ntype ReadCloser interface {\n\tCloser\n}\n";

fn judged(evidence: &Evidence, source: &str) -> Vec<Group> {
    let std = [("/go/src/net/http/x.go", HTTP), ("/go/src/io/x.go", IO)];
    let suite = ("/go/src/github.com/stretchr/testify/suite/x.go", SUITE);
    let httptest = ("/go/src/net/http/httptest/x.go", HTTPTEST);
    judged_files(
        evidence,
        &[("/m/x_test.go", source), std[0], std[1], suite, httptest],
    )
}

fn named(evidence: &Evidence, source: &str) -> Vec<String> {
    let leaks = judged(evidence, source);
    assert_eq!(leaks.len(), 1, "{leaks:?}");
    leaks[0].tests.iter().map(|test| test.0.clone()).collect()
}

#[test]
fn a_connection_is_of_the_only_later_test_that_leaves_a_response_open() {
    let evidence = three(vec![connection(21, 1)]);
    let text = source(CLOSES, FORGETS, "\thttp.DefaultClient.CloseIdleConnections()\n");
    assert_eq!(named(&evidence, &text), ["TestB"]);
    let by = &judged(&evidence, &text)[0].attributed_by;
    assert!(matches!(by, By::Reused { later: 2, .. }), "{by:?}");
    let text = source(CLOSES, "\tx()\n", FORGETS);
    assert_eq!(named(&evidence, &text), ["TestC"]);
}

#[test]
fn of_several_that_may_have_left_it_open_none_is_certain() {
    let evidence = three(vec![connection(21, 1)]);
    assert_eq!(
        named(&evidence, &source(CLOSES, FORGETS, FORGETS)),
        ["TestB", "TestC"]
    );
    let unclear = "\tres, _ := http.Get(url)\n\tcheck(t, res)\n";
    assert_eq!(named(&evidence, &source(CLOSES, unclear, CLOSES)), ["TestB"]);
    assert_eq!(
        named(&evidence, &source(unclear, unclear, CLOSES)),
        ["TestA", "TestB"]
    );
}

#[test]
fn a_test_that_ran_often_is_one_candidate() {
    let mut evidence = three(vec![connection(21, 1)]);
    let once = evidence.tests.clone();
    for round in 1..6 {
        evidence.tests.extend(once.iter().map(|span| TestSpan {
            seq: TestSeq(span.seq.0 + 3 * round),
            start: span.start + MS * u64::from(round),
            ..span.clone()
        }));
    }
    assert_eq!(
        named(&evidence, &source(CLOSES, FORGETS, FORGETS)),
        ["TestB", "TestC"]
    );
}

#[test]
fn a_test_that_forgets_the_body_keeps_its_own_connection() {
    let evidence = three(vec![connection(21, 1)]);
    assert_eq!(named(&evidence, &source(FORGETS, FORGETS, CLOSES)), ["TestA"]);
    assert_eq!(
        named(&evidence, &source(CLOSES, CLOSES, CLOSES)),
        ["TestA"],
        "nothing says otherwise"
    );
}

#[test]
fn who_opened_a_connection_of_its_own_found_this_one_in_use() {
    let mut all = three(vec![connection(21, 1), connection(22, 2)]);
    all.sightings[1].gone_by = Some(95 * MS);
    let leaks = judged(&all, &source(CLOSES, CLOSES, FORGETS));
    assert_eq!(
        leaks[0].tests[0].0, "TestA",
        "TestB opened another, so that it was not idle any more"
    );
}

#[test]
fn a_connection_that_was_in_use_before_others_ran_is_its_openers() {
    let mut evidence = three(vec![connection(21, 1)]);
    evidence.sightings[0].first_seen = 15 * MS;
    assert_eq!(named(&evidence, &source(CLOSES, FORGETS, CLOSES)), ["TestA"]);
}

#[test]
fn bodies_are_closed_in_many_ways() {
    let evidence = three(vec![connection(21, 1)]);
    for closes in [
        "\tres, _ := http.Get(url)\n\tt.Cleanup(func() { res.Body.Close() })\n",
        "\tres, _ := http.Get(url)\n\tio.Copy(io.Discard, res.Body)\n",
        "\tres, _ := http.Get(url)\n\tb, _ := io.ReadAll(res.Body)\n\tuse(b)\n",
        "\tres := get(t)\n\tres.Body.Close()\n",
        "\tres, _ := http.Get(url)\n\tdrop(res)\n",
        "\tres, _ := http.Get(url)\n\tdropBody(res.Body)\n",
        "\tvar res, err = http.DefaultClient.Do(nil)\n\tdefer res.Body.Close()\n\tuse(err)\n",
    ] {
        let helpers = "func get(t *testing.T) *http.Response {\n\tres, _ := http.Get(url)\n\treturn res\n}\n\nfunc drop(res *http.Response) { res.Body.Close() }\n\nfunc dropBody(body io.ReadCloser) { body.Close() }\n\nfunc use(any) {}\n";
        let text = source(closes, closes, FORGETS) + helpers;
        assert_eq!(named(&evidence, &text), ["TestC"], "{closes}");
    }
    for forgets in [
        "\thttp.Get(url)\n",
        "\t_, err := http.Get(url)\n\tuse(err)\n",
        "\tres := get(t)\n\tuse(res.Status)\n",
        "\tcheck(t)\n",
        "\tc := http.Client{}\n\tres, _ := c.Do(nil)\n\tuse(res.Status)\n",
        "\tres, _ := http.Get(url)\n\tshow(res)\n",
    ] {
        let helpers = "func get(t *testing.T) *http.Response {\n\tres, _ := http.Get(url)\n\treturn res\n}\n\nfunc check(t *testing.T) {\n\tif _, err := http.Head(url); err != nil {\n\t\tt.Fatal(err)\n\t}\n}\n\nfunc show(res *http.Response) { use(res.Status) }\n\nfunc use(any) {}\n";
        let text = source(CLOSES, forgets, CLOSES) + helpers;
        assert_eq!(named(&evidence, &text), ["TestB"], "{forgets}");
    }
}

/// What TestA does, beside a TestB that forgets a body.
fn beside_one_that_forgets(does: &str) -> Vec<String> {
    let helpers = "func fetch(c *http.Client) error {\n\tres, err := c.Get(url)\n\tif err != nil {\n\t\treturn err\n\t}\n\tif res.StatusCode != 200 {\n\t\treturn errors.New(res.Status)\n\t}\n\tdefer res.Body.Close()\n\treturn nil\n}\n\nfunc own() *http.Client {\n\ttr := &http.Transport{}\n\treturn &http.Client{Transport: tr}\n}\n\nvar shared = own()\n\nfunc kept() *http.Client {\n\tshared = own()\n\treturn shared\n}\n\nfunc drop(res *http.Response) {\n\tif res.StatusCode != 200 {\n\t\treturn\n\t}\n\tres.Body.Close()\n}\n\ntype Closers struct{ all []io.Closer }\n\nfunc (c *Closers) Add(x io.Closer) { c.all = append(c.all, x) }\n\nfunc (c *Closers) Close() {\n\tfor _, x := range c.all {\n\t\tx.Close()\n\t}\n}\n\nfunc cleaned(t *testing.T) *http.Response {\n\tres, err := http.Get(url)\n\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n\tt.Cleanup(func() {\n\t\tres.Body.Close()\n\t})\n\treturn res\n}\n\ntype gate struct{}\n\nfunc (gate) Fatal() {}\n\nvar door gate\n\nfunc use(any) {}\n";
    let evidence = three(vec![connection(21, 1)]);
    let imports = "import (\n\t\"errors\"\n\t\"net/http/httptest\"\n\t\"strconv\"\n\t\"github.com/stretchr/testify/assert\"\n\t\"github.com/stretchr/testify/require\"\n\t\"log\"\n\t\"os\"\n";
    let text = source(does, FORGETS, "\tuse(1)\n").replacen("import (\n", imports, 1);
    named(&evidence, &(text + helpers))
}

#[test]
fn a_body_is_closed_for_certain_only_on_every_way() {
    let get = "\tres, err := http.Get(url)\n";
    let check = "\tif err != nil {\n\t\tt.Log(err)\n\t\treturn\n\t}\n";
    let close = "\tdefer res.Body.Close()\n";
    for rest in [
        format!("{check}{close}\tif res.StatusCode != 200 {{\n\t\treturn\n\t}}\n"),
        format!("{check}\tif res.StatusCode != 200 {{\n\t\tres.Body.Close()\n\t\treturn\n\t}}\n{close}"),
        format!(
            "{check}\tfor _, h := range res.Header {{\n\t\tif h == nil {{\n\t\t\tcontinue\n\t\t}}\n\t\tuse(h)\n\t}}\n{close}"
        ),
        format!("{check}\tt.Cleanup(func() {{\n\t\tres.Body.Close()\n\t}})\n"),
        format!("\tif !assert.NoError(t, err) {{\n\t\treturn\n\t}}\n{close}"),
        format!("\tif err != nil || res == nil {{\n\t\treturn\n\t}}\n{close}"),
        "\tif err == nil {\n\t\tres.Body.Close()\n\t}\n".to_owned(),
        "\tif err != nil {\n\t\tt.Fatal(err)\n\t} else {\n\t\tdefer res.Body.Close()\n\t}\n".to_owned(),
        format!("{check}\tif res != nil && res.Body != nil {{\n\t\tres.Body.Close()\n\t}}\n"),
        format!("{check}\tif _, err := io.ReadAll(res.Body); err != nil {{\n\t\tt.Fatal(err)\n\t}}\n"),
        format!("{check}{close}\tif res.StatusCode != 200 {{\n\t\tt.Fatal(res.Status)\n\t}}\n"),
        format!(
            "{check}\tif res.StatusCode != 200 {{\n\t\tres.Body.Close()\n\t\tpanic(res.Status)\n\t}}\n\tres.Body.Close()\n"
        ),
        format!("\trequire.NoError(t, err)\n{close}"),
        format!("\tif err != nil {{\n\t\tt.Fatal(err)\n\t}}\n{close}"),
        format!(
            "{check}\tif res.StatusCode != 200 {{\n\t\tt.Error(res.Status)\n\t\tdoor.Fatal()\n\t}}\n{close}"
        ),
    ] {
        assert_eq!(
            beside_one_that_forgets(&format!("{get}{rest}")),
            ["TestB"],
            "{rest}"
        );
    }
    for rest in [
        format!("{check}\tif res.StatusCode != 200 {{\n\t\treturn\n\t}}\n{close}"),
        format!("\tif err != nil || res.StatusCode != 200 {{\n\t\treturn\n\t}}\n{close}"),
        format!(
            "{check}\tn, err := strconv.Atoi(res.Status)\n\tif err != nil {{\n\t\treturn\n\t}}\n{close}\tuse(n)\n"
        ),
        format!("{check}\tif _, err := strconv.Atoi(res.Status); err != nil {{\n\t\treturn\n\t}}\n{close}"),
        format!("{check}\tif res.StatusCode == 200 {{\n\t\tdefer res.Body.Close()\n\t}}\n"),
        format!("{check}\tres, err = http.Get(url)\n\tif err != nil {{\n\t\treturn\n\t}}\n{close}"),
        format!("{check}\tif res.StatusCode == 500 {{\n\t\tgoto end\n\t}}\n\tres.Body.Close()\nend:\n"),
        "\tif err != nil {\n\t\tres.Body.Close()\n\t}\n".to_owned(),
        format!("{check}\tdrop(res)\n"),
        format!(
            "{check}\tif res.StatusCode != 200 {{\n\t\tif quick {{\n\t\t\tres.Body.Close()\n\t\t}}\n\t\treturn\n\t}}\n{close}"
        ),
        format!("{check}\tfor res.StatusCode == 200 {{\n\t\tres.Body.Close()\n\t}}\n"),
        format!("{check}\tlate = append(late, func() {{ res.Body.Close() }})\n"),
        format!("{check}\tres.Write(out)\n"),
        format!("{check}\tres.Body.Read(buffer)\n"),
        format!("{check}\tvar all Closers\n\tall.Add(res.Body)\n\tdefer all.Close()\n"),
        format!("{check}\tif res.StatusCode != 200 {{\n\t\tt.Fatal(res.Status)\n\t}}\n{close}"),
        format!(
            "{check}\tif res.StatusCode != 200 {{\n\t\tt.Skipf(\"%s\", res.Status)\n\t}}\n\tres.Body.Close()\n"
        ),
        format!("{check}\tif res.StatusCode != 200 {{\n\t\tpanic(res.Status)\n\t}}\n\tres.Body.Close()\n"),
        format!(
            "{check}\tswitch res.StatusCode {{\n\tcase 500:\n\t\tlog.Fatalln(res.Status)\n\t}}\n\tres.Body.Close()\n"
        ),
        format!("{check}\tif res.StatusCode != 200 {{\n\t\tos.Exit(1)\n\t}}\n\tres.Body.Close()\n"),
        format!("{check}\trequire.Equal(t, 200, res.StatusCode)\n\tres.Body.Close()\n"),
    ] {
        let named = beside_one_that_forgets(&format!("{get}{rest}"));
        assert_eq!(named, ["TestA", "TestB"], "{rest}");
    }
    let retries = "\tfor i := range 3 {\n\t\tres, err := http.Get(url)\n\t\tif err != nil {\n\t\t\treturn\n\t\t}\n\t\tif res.StatusCode >= 500 {\n\t\t\tcontinue\n\t\t}\n\t\tdefer res.Body.Close()\n\t\tuse(i)\n\t}\n";
    assert_eq!(beside_one_that_forgets(retries), ["TestA", "TestB"]);
    let once = retries.replace("continue", "res.Body.Close()\n\t\t\tcontinue");
    assert_eq!(beside_one_that_forgets(&once), ["TestB"]);
    let later = "\tres := cleaned(t)\n\tuse(res.Status)\n";
    assert_eq!(beside_one_that_forgets(later), ["TestB"]);
    let fetches = "\tif err := fetch(http.DefaultClient); err != nil {\n\t\tt.Log(err)\n\t}\n";
    assert_eq!(beside_one_that_forgets(fetches), ["TestA", "TestB"]);
}

#[test]
fn a_request_that_must_fail_leaves_nothing_open_for_certain() {
    let get = "\t_, err := http.Get(url)\n";
    for check in [
        "\tif err == nil {\n\t\tt.Fatal()\n\t}\n",
        "\tassert.Error(t, err)\n",
        "\tif !errors.Is(err, io.EOF) {\n\t\tt.Fatal()\n\t}\n",
    ] {
        let named = beside_one_that_forgets(&format!("{get}{check}"));
        assert_eq!(named, ["TestA", "TestB"], "{check}");
    }
    let succeeds = "\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n";
    assert_eq!(beside_one_that_forgets(&format!("{get}{succeeds}")), ["TestA"]);
}

#[test]
fn the_connections_of_a_transport_of_its_own_are_of_no_other_test() {
    for client in [
        "own()",
        "&http.Client{Transport: &http.Transport{}}",
        "&http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}",
        "httptest.NewServer(nil).Client()",
    ] {
        assert_eq!(
            beside_one_that_forgets(&format!("\tfetch({client})\n")),
            ["TestA"],
            "{client}"
        );
        let closes = CLOSES.replace("http.Get", "c.Get");
        let does = format!("\tc := {client}\n{closes}");
        assert_eq!(beside_one_that_forgets(&does), ["TestA"], "{client}");
    }
    for client in [
        "shared",
        "kept()",
        "http.DefaultClient",
        "&http.Client{}",
        "&http.Client{Transport: http.DefaultTransport}",
        "unknown()",
    ] {
        let does = format!("\tfetch({client})\n");
        assert_eq!(beside_one_that_forgets(&does), ["TestA", "TestB"], "{client}");
    }
    // Nor can a test that has its own use another one's.
    let evidence = three(vec![connection(21, 1)]);
    let own =
        "\tc := &http.Client{Transport: &http.Transport{}}\n\tres, _ := c.Get(url)\n\tprint(res.Status)\n";
    assert_eq!(named(&evidence, &source(CLOSES, own, "\tprint()\n")), ["TestA"]);
    assert_eq!(named(&evidence, &source(CLOSES, own, FORGETS)), ["TestC"]);
}

#[test]
fn a_client_in_a_struct_that_the_test_makes_is_its_own() {
    let api = "type api struct{ hc *http.Client }\n\nfunc newAPI() *api {\n\treturn &api{hc: &http.Client{Transport: &http.Transport{}}}\n}\n\nvar known *api\n\nfunc theAPI() *api {\n\tif known == nil {\n\t\tknown = newAPI()\n\t}\n\treturn known\n}\n\nfunc (a *api) get() error {\n\treturn fetch(a.hc)\n}\n";
    let tests = |does: &str| {
        let helpers = "func fetch(c *http.Client) error {\n\tres, err := c.Get(url)\n\tif err != nil {\n\t\treturn err\n\t}\n\tif res.StatusCode != 200 {\n\t\treturn nil\n\t}\n\tdefer res.Body.Close()\n\treturn nil\n}\n\nfunc own() *http.Client { return &http.Client{Transport: &http.Transport{}} }\n\nfunc use(any) {}\n\n";
        let kept = "func listed() *api {\n\ta := &api{hc: own()}\n\tknown = a\n\treturn a\n}\n";
        let kept = if does.contains("listed") { kept } else { "" };
        let text = source(does, FORGETS, "\tuse(1)\n") + helpers + api + kept;
        named(&three(vec![connection(21, 1)]), &text)
    };
    for own in [
        "\ta := newAPI()\n\ta.get()\n",
        "\tnewAPI().get()\n",
        // What an error says of itself sends no request.
        "\tif err := newAPI().get(); err != nil {\n\t\tt.Log(err.Error())\n\t}\n",
    ] {
        assert_eq!(tests(own), ["TestA"], "{own}");
    }
    for shared in [
        "\ttheAPI().get()\n",
        "\ta := listed()\n\ta.get()\n",
        "\ta := &api{hc: http.DefaultClient}\n\ta.get()\n",
    ] {
        assert_eq!(tests(shared), ["TestA", "TestB"], "{shared}");
    }
}

#[test]
fn a_client_that_an_option_gives_to_a_constructor_is_the_tests_own() {
    let api = "type api struct {\n\thc *http.Client\n\tname string\n}\n\ntype option func(*api)\n\nfunc withClient(c *http.Client) option { return func(a *api) { a.hc = c } }\n\nfunc maybe(c *http.Client) option {\n\treturn func(a *api) {\n\t\tif c != nil {\n\t\t\ta.hc = c\n\t\t}\n\t}\n}\n\nfunc withName(name string) option { return func(a *api) { a.name = name } }\n\nfunc newAPI(all ...option) *api {\n\ta := &api{hc: http.DefaultClient}\n\tfor _, one := range all {\n\t\tone(a)\n\t}\n\treturn a\n}\n\nfunc (a *api) get() error {\n\tres, err := a.hc.Get(url)\n\tif err != nil {\n\t\treturn err\n\t}\n\tif res.StatusCode != 200 {\n\t\treturn nil\n\t}\n\tdefer res.Body.Close()\n\treturn nil\n}\n\n";
    let tests = |does: &str| {
        let text = source(does, FORGETS, "\tnewAPI(withName(\"c\")).get()\n") + api;
        named(&three(vec![connection(21, 1)]), &text)
    };
    let client = "&http.Client{Transport: &http.Transport{}}";
    let own = format!("\ta := newAPI(withName(\"a\"), withClient({client}))\n\ta.get()\n");
    assert_eq!(tests(&own), ["TestA"]);
    for shared in [
        "\ta := newAPI(withName(\"a\"))\n\ta.get()\n".to_owned(),
        format!("\ta := newAPI(maybe({client}))\n\ta.get()\n"),
        format!("\tnewAPI(withClient({client})).get()\n\tnewAPI().get()\n"),
    ] {
        assert_ne!(tests(&shared), ["TestA"], "{shared}");
    }
}

#[test]
fn what_context_gives_a_function_sends_no_request() {
    let evidence = three(vec![connection(21, 1)]);
    let more = "type session struct {\n\tctx context.Context\n\tstop context.CancelFunc\n\tthen func()\n}\n\nfunc open() *session {\n\ts := &session{}\n\ts.ctx, s.stop = context.WithCancel(context.Background())\n\treturn s\n}\n\nfunc (s *session) Close() { s.stop() }\n\nfunc (s *session) Then() { s.then() }\n";
    let of = |does: &str| {
        let text = source("\tres, _ := http.Get(url)\n\tdrop(res)\n", "\tprint()\n", does)
            + "func drop(res *http.Response) {\n\tif res.StatusCode == 200 {\n\t\tres.Body.Close()\n\t}\n}\n\n"
            + more;
        named(
            &evidence,
            &text.replacen("import (\n", "import (\n\t\"context\"\n", 1),
        )
    };
    assert_eq!(of("\topen().Close()\n"), ["TestA"]);
    assert_eq!(of("\topen().Then()\n"), ["TestA", "TestC"]);
}

#[test]
fn a_transport_that_is_given_to_a_client_later_is_its_own_too() {
    let uses = "\tfetch(c)\n";
    for own in [
        "\tc := &http.Client{}\n\tc.Transport = &http.Transport{}\n",
        "\ttr := &http.Transport{}\n\tvar c http.Client\n\tc.Transport = tr\n",
        "\tc := new(http.Client)\n\tc.Transport = &http.Transport{}\n",
        "\tc := &http.Client{Transport: &http.Transport{}}\n\tc.Transport = &http.Transport{}\n",
    ] {
        assert_eq!(
            beside_one_that_forgets(&format!("{own}{uses}")),
            ["TestA"],
            "{own}"
        );
    }
    for shared in [
        "\tc := &http.Client{}\n\tif quick {\n\t\tc.Transport = &http.Transport{}\n\t}\n",
        "\tc := &http.Client{Transport: &http.Transport{}}\n\tc.Transport = http.DefaultTransport\n",
        "\tvar c http.Client\n",
        "\tc := new(http.Client)\n",
        "\tc := &http.Client{}\n\tfetch(c)\n\tc.Transport = &http.Transport{}\n",
    ] {
        assert_eq!(
            beside_one_that_forgets(&format!("{shared}{uses}")),
            ["TestA", "TestB"],
            "{shared}"
        );
    }
}

#[test]
fn subtests_share_the_code_of_their_parent() {
    let mut evidence = three(vec![connection(21, 1)]);
    let parent = TestSpan {
        seq: TestSeq(4),
        name: "TestA".into(),
        end: Some(60 * MS),
        ..evidence.tests[0].clone()
    };
    for (span, name) in evidence.tests.iter_mut().zip(["TestA/a", "TestA/b", "TestA/c"]) {
        span.name = name.into();
    }
    evidence.tests.push(parent);
    let text = source(FORGETS, "", "");
    assert_eq!(
        named(&evidence, &text),
        ["TestA/a"],
        "nothing says that it was another"
    );
}

/// `suite.Run(t, new(S))` calls methods that the source does not name.
#[test]
fn the_methods_of_a_suite_are_tests_of_their_own() {
    let mut evidence = three(vec![connection(21, 1)]);
    for (span, name) in
        evidence
            .tests
            .iter_mut()
            .zip(["TestS/TestTidy", "TestS/TestForgetful", "TestS/TestLast"])
    {
        span.name = name.into();
    }
    let parent = TestSpan {
        seq: TestSeq(4),
        name: "TestS".into(),
        end: Some(60 * MS),
        ..evidence.tests[0].clone()
    };
    evidence.tests.push(parent);
    let method = |name: &str, body: &str| format!("func (s *S) {name}() {{\n\tt := s.T()\n{body}}}\n\n");
    let text = format!(
        "{HEAD}type S struct{{ suite.Suite }}\n\nfunc TestS(t *testing.T) {{\n\tsuite.Run(t, new(S))\n}}\n\n{}{}{}",
        method("TestTidy", CLOSES),
        method("TestForgetful", FORGETS),
        method("TestLast", "")
    );
    let text = text.replace(
        "\t\"io\"\n",
        "\t\"io\"\n\t\"github.com/stretchr/testify/suite\"\n",
    );
    assert_eq!(named(&evidence, &text), ["TestS/TestForgetful"]);
}

const POOL: &str = "package m\n\nvar jobs = make(chan func())\n\nvar start sync.Once\n\nfunc Submit(job func()) {\n\tstart.Do(func() { go work() })\n\tjobs <- job\n}\n\nfunc work() {\n\tfor job := range jobs {\n\t\tjob()\n\t}\n}\n";

fn worker(source: &str, job: u32) -> Evidence {
    let dump = format!(
        "goroutine 21 [chan send]:\nm.upload(...)\n\t/m/x_test.go:{job} +0x1\nm.work()\n\t/m/x.go:14 +0x1\ncreated by m.Submit.func1 in goroutine 10\n\t/m/x.go:8 +0x2\n"
    );
    assert!(
        source
            .lines()
            .nth(job as usize - 1)
            .is_some_and(|line| line.contains("<-")),
        "{source}"
    );
    let mut all = sightings(&dump);
    all[0].first_seen = 90 * MS;
    three(all)
}

#[test]
fn a_job_in_a_worker_of_the_package_is_of_the_test_that_leads_to_it() {
    let tests = "package m\n\nfunc upload() {\n\tnever <- 1\n}\n\nfunc quick() {}\n\nfunc TestA(t *testing.T) { Submit(quick) }\n\nfunc TestB(t *testing.T) { Submit(upload) }\n\nfunc TestC(t *testing.T) { x() }\n";
    let evidence = worker(tests, 4);
    let told = |tests: &str| -> Vec<String> {
        let leaks = judged_files(&evidence, &[("/m/x.go", POOL), ("/m/x_test.go", tests)]);
        leaks[0].tests.iter().map(|test| test.0.clone()).collect()
    };
    assert_eq!(told(tests), ["TestB"]);
    assert_eq!(
        told(&tests.replace("Submit(quick)", "Submit(upload)")),
        ["TestA", "TestB"]
    );
    assert_eq!(
        told(&tests.replace("{ x() }", "{ Submit(upload) }")),
        ["TestB", "TestC"]
    );
    assert_eq!(told(&tests.replace("Submit(upload)", "Submit(quick)")), ["TestA"]);
}

/// A pool that each test makes for itself is not shared.
#[test]
fn a_worker_of_the_tests_own_stays_its_own() {
    let own = POOL.replace("var jobs", "type P struct{ jobs chan func() }\n\nvar unused");
    let own = own.replace("func Submit(job func())", "func (p *P) Submit(job func())");
    let own = own
        .replace("go work()", "go p.work()")
        .replace("func work()", "func (p *P) work()");
    let own = own
        .replace("jobs <- job", "p.jobs <- job")
        .replace("range jobs", "range p.jobs");
    let tests = "package m\n\nfunc upload() {\n\tnever <- 1\n}\n\nfunc TestA(t *testing.T) { var p P; p.Submit(upload) }\n\nfunc TestB(t *testing.T) { var p P; p.Submit(upload) }\n";
    let mut evidence = worker(tests, 4);
    let mut goroutine = (*evidence.sightings[0].goroutine).clone();
    if let Some(at) = &mut goroutine.frames[1].at {
        at.line += 2;
    }
    evidence.sightings[0].goroutine = std::sync::Arc::new(goroutine);
    let leaks = judged_files(&evidence, &[("/m/x.go", &own), ("/m/x_test.go", tests)]);
    assert_eq!(leaks[0].tests[0].0, "TestA");
    let shared = tests.replace("var p P; ", "") + "\nvar p P\n";
    let leaks = judged_files(&evidence, &[("/m/x.go", &own), ("/m/x_test.go", &shared)]);
    assert_eq!(leaks[0].tests.len(), 2, "{:?}", leaks[0].tests);
}

/// The finalizer of a cache sends to its janitor, which is stuck in a callback of TestA.
#[test]
fn what_waits_for_a_goroutine_of_a_test_is_of_that_test() {
    let dump = "goroutine 17 [chan send]:\nm.stop(...)\n\t/m/x.go:14 +0x1\n\ngoroutine 19 [chan send]:\nm.TestA.func1(...)\n\t/m/x_test.go:4 +0x1\nm.(*J).Run()\n\t/m/x.go:8 +0x1\ncreated by m.New in goroutine 10\n\t/m/x.go:3 +0x2\n";
    let mut all = sightings(dump);
    all[0].label = None;
    (all[0].absent_until, all[0].first_seen) = (70 * MS, 80 * MS);
    let library = "package m\n\ntype J struct{ quit chan bool }\n\nfunc (j *J) Run() {\n\tfor {\n\t\tif evict != nil {\n\t\t\tevict()\n\t\t}\n\t\t<-j.quit\n\t}\n}\n\nfunc stop(j *J) { j.quit <- true }\n";
    let test = "package m\n\nfunc TestA(t *testing.T) {\n\tevict = func() { gone <- 1 }\n}\n";
    let told = |library: &str| -> Vec<Vec<String>> {
        let groups = judged_files(
            &three(all.clone()),
            &[("/m/x.go", library), ("/m/x_test.go", test)],
        );
        let names = |group: &Group| group.tests.iter().map(|test| test.0.clone()).collect();
        groups.iter().map(names).collect()
    };
    assert_eq!(told(library), [["TestA"], ["TestA"]]);
    let other = library.replace("<-j.quit", "<-other");
    assert_eq!(
        told(&other),
        [vec![], vec!["TestA".to_owned()]],
        "nothing ties them"
    );
}
