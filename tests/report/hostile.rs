//! Input files that mean harm: reports whose every name is an attack on some format, files that are too large, too deep,
//! or no files of ours. A format keeps its structure, a terminal sees no control, and an error is one clear sentence.

use super::{leakgate, read, sample, stderr, stdout};
use leakgate::report::{Format, Report};
use serde_json::Value;
use std::path::Path;

/// Each is an attack on one reader or more.
const HOSTILE: &[&str] = &[
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>",
    "\"'><b onmouseover=alert(3)>&amp;&lt;",
    "]]></failure><!-- <![CDATA[ --> &#0; \u{0}\u{b}\u{fffe}",
    "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[31m\u{9b}6n\u{90}q",
    "\u{202e}gnp.exe\u{2066}\u{200b}\u{2028}\u{85}",
    "one\n::error file=x,line=1::gotcha\r\n::stop-commands::x\n##vso[task.complete]##teamcity[buildStop]",
    "##teamcity[testFailed name='x'] |n |' |]",
    "` ``` ~~~ [click](javascript:alert(4)) ![i](http://127.0.0.1/x) <details> | a | b |\n\n# head\n- [ ] x",
    "{{7*7}} ${7*7} %s%n %0A::error::x",
];

/// Text that comes from outside; the rest of a report is words of leakgate's own.
const NAMES: &[&str] = &[
    "path",
    "func",
    "file",
    "relative",
    "text",
    "output",
    "message",
    "place",
    "remedy",
    "attributed_by",
    "waits_for",
    "fix",
    "name",
    "package",
    "owner",
    "module",
    "elided",
    "args",
    "note",
    "notes",
    "tests",
    "command",
    "running",
    "allow_entry",
];

/// The sample with every name replaced; the same name stays the same.
fn with_names(replace: &dyn Fn(&str) -> String) -> Report {
    let mut value = serde_json::to_value(read(&sample())).unwrap();
    fn walk(value: &mut Value, named: bool, replace: &dyn Fn(&str) -> String) {
        match value {
            Value::String(text) if named => *text = replace(text),
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, named, replace)),
            Value::Object(fields) => {
                // A closed word, which is no name, in the facts of an attribution.
                let closed = fields.contains_key("kind");
                for (key, field) in fields {
                    let named = NAMES.contains(&key.as_str()) && !(closed && key == "place");
                    walk(field, named, replace);
                }
            }
            _ => {}
        }
    }
    walk(&mut value, false, replace);
    serde_json::from_value(value).unwrap()
}

fn rendered(dir: &Path, name: &str, report: &Report, format: Format) -> Vec<u8> {
    let file = format!("{name}.json");
    std::fs::write(dir.join(&file), serde_json::to_vec(report).unwrap()).unwrap();
    let output = leakgate(dir, &["report", &file, "--verbose", "--format", format.name()]);
    assert!(output.status.success(), "{format}: {}", stderr(&output));
    output.stdout
}

/// Names of the elements of an XML text, in order; it must be well-formed.
fn elements(xml: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut names = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    attribute.unwrap().unescape_value().unwrap();
                }
                names.push(String::from_utf8_lossy(tag.name().as_ref()).into_owned());
            }
            quick_xml::events::Event::Eof => return names,
            _ => {}
        }
    }
}

/// What a Markdown text consists of, without its words: headings, links with their hosts, HTML.
fn markdown(text: &str) -> Vec<String> {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let events = Parser::new_ext(text, Options::all());
    let structure = events.filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(format!(
            "link {}",
            dest_url.split('/').take(3).collect::<Vec<_>>().join("/")
        )),
        Event::Start(Tag::CodeBlock(_)) => Some("code block".to_owned()),
        Event::Start(tag) => Some(
            format!("{tag:?}")
                .split(['(', ' ', '{'])
                .next()
                .unwrap_or_default()
                .to_owned(),
        ),
        Event::Html(html) | Event::InlineHtml(html) => Some(
            html.split(['<', '>'])
                .skip(1)
                .step_by(2)
                .collect::<Vec<_>>()
                .join(" "),
        ),
        Event::TaskListMarker(_) | Event::Rule | Event::FootnoteReference(_) => Some(format!("{event:?}")),
        _ => None,
    });
    structure.collect()
}

#[test]
fn on_github_no_line_of_the_text_for_people_is_a_command() {
    let dir = tempfile::tempdir().unwrap();
    let attack =
        with_names(&|name| format!("{name}\n::error::x\n::stop-commands::y\n::y::\n  ::add-mask::z"));
    std::fs::write(dir.path().join("x.json"), serde_json::to_vec(&attack).unwrap()).unwrap();
    let mut command = support::leakgate(["report", "x.json"]);
    command.current_dir(dir.path()).env("GITHUB_ACTIONS", "true");
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let token = lines[0].strip_prefix("::stop-commands::").unwrap();
    assert!(token.len() > 32, "no test guesses it: {token}");
    assert_eq!(lines.last(), Some(&format!("::{token}::").as_str()));
    assert!(text.contains("::error::x"), "the attack is there");
    assert_eq!(text.matches(token).count(), 2);
}

#[test]
fn no_name_gets_out_of_its_place_in_any_format() {
    let dir = tempfile::tempdir().unwrap();
    for hostile in HOSTILE {
        let attack = with_names(&|name| format!("{name}{hostile}"));
        // As long, so that what is cut is cut in both, and all letters.
        let harmless = with_names(&|name| format!("{name}{}", "x".repeat(hostile.chars().count())));
        for &format in Format::ALL {
            let bytes = rendered(dir.path(), "attack", &attack, format);
            if format.is_binary() {
                continue;
            }
            let text = String::from_utf8(bytes).unwrap();
            let peace = String::from_utf8(rendered(dir.path(), "harmless", &harmless, format)).unwrap();
            let what = format!("{format}, {hostile:?}");
            let acts = |c: char| {
                (c.is_control() && c != '\n' && c != '\t')
                    || ('\u{202a}'..='\u{202e}').contains(&c)
                    || ('\u{2066}'..='\u{2069}').contains(&c)
            };
            // JSON carries data, and escapes what JSON must.
            let data = matches!(
                format,
                Format::Json | Format::Jsonl | Format::Sarif | Format::Gitlab
            );
            assert!(
                data || !text.contains(acts),
                "{what}: {:?}",
                text.find(acts)
                    .map(|at| text[..at].chars().rev().take(80).collect::<String>())
            );
            let same = |mark: &str| {
                let (lower, calm) = (text.to_lowercase(), peace.to_lowercase());
                assert_eq!(
                    lower.matches(mark).count(),
                    calm.matches(mark).count(),
                    "{what}: {mark}"
                );
            };
            match format {
                Format::Json | Format::Sarif | Format::Gitlab => {
                    serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{what}: {error}"));
                }
                Format::Jsonl => {
                    assert_eq!(text.lines().count(), peace.lines().count(), "{what}");
                    for line in text.lines() {
                        serde_json::from_str::<Value>(line).unwrap();
                    }
                }
                Format::Junit => assert_eq!(elements(&text), elements(&peace), "{what}"),
                Format::Html => [
                    "<script", "</script", "<img", "<b ", "<details", "<!--", "<h1", "<a ",
                ]
                .into_iter()
                .for_each(same),
                Format::Github | Format::TeamCity | Format::Short => {
                    assert_eq!(text.lines().count(), peace.lines().count(), "{what}");
                    let commands = |text: &str| {
                        text.lines()
                            .filter(|line| line.starts_with("::") || line.starts_with("##"))
                            .count()
                    };
                    assert_eq!(commands(&text), commands(&peace), "{what}");
                }
                Format::Human => {}
                Format::Md | Format::Buildkite => assert_eq!(markdown(&text), markdown(&peace), "{what}"),
                _ => {}
            }
        }
    }
}

/// leakgate on `input`, within an address space of 1 GiB; it must not need more.
fn fed(dir: &Path, args: &[&str], input: &str) -> std::process::Output {
    let mut command = std::process::Command::new("bash");
    let script = format!(
        "ulimit -v 1048576; {input} | \"$0\" \"$@\" 2> >(tail -c 2000 >&2); exit ${{PIPESTATUS[-1]}}"
    );
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_leakgate")])
        .args(args)
        .current_dir(dir);
    support::alone(&mut command).output().unwrap()
}

#[test]
fn what_is_too_large_or_too_deep_is_refused_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write(
        "deep.json",
        &format!(
            "{{\"schema\":\"leakgate.report/1\",\"run\":{}",
            "[".repeat(100_000)
        ),
    );
    write("objects.json", &"{\"a\":".repeat(100_000));
    write("lists.toml", &format!("version = 1\nx = {}", "[".repeat(100_000)));
    write(
        "tables.toml",
        &format!("version = 1\nx = {}", "{a=".repeat(100_000)),
    );
    write(
        "dots.toml",
        &format!("version = 1\n{}a = 1\n", "a.".repeat(100_000)),
    );
    write(
        "many.toml",
        &"[[allow]]\nentry = \"example.com/a.f\"\nreason = \"r\"\n".repeat(1_000_000),
    );
    let baseline = |count: &str| {
        format!(
            "{{\"schema\": \"leakgate.baseline/1\", \"entries\": [\n{{\"package\": \"p\", \"fingerprint\": \
             \"00000000000000aa\", \"count\": {count}, \"owner\": \"o\", \"cause\": \"unknown\"}}\n]}}\n"
        )
    };
    write("over.json", &baseline("99999999999999999999999999"));
    write("minus.json", &baseline("-1"));
    write("most.json", &baseline("18446744073709551615"));
    let sparse = std::fs::File::create(dir.path().join("sparse.json")).unwrap();
    sparse.set_len(5 << 30).unwrap();
    write("log.json", "{\"Action\":\"start\",\"Package\":\"p\"}\n");
    for (args, words) in [
        (&["report", "deep.json"][..], "writes one): line 1, column"),
        (
            &["merge", "deep.json", "deep.json"],
            "writes one): line 1, column",
        ),
        (
            &["check", "--new-from", "deep.json", "log.json"],
            "writes one): line 1, column",
        ),
        (&["report", "objects.json"], "writes one): line 1, column"),
        (&["report", "sparse.json"], "it is larger than 1024 MiB"),
        (&["merge", "sparse.json"], "it is larger than 1024 MiB"),
        (&["allow", "lint", "--config", "lists.toml"], "lists.toml:2:"),
        (
            &["check", "--config", "tables.toml", "log.json"],
            "tables.toml:2:",
        ),
        (&["check", "--config", "dots.toml", "log.json"], "dots.toml:"),
        (
            &["check", "--config", "many.toml", "log.json"],
            "many.toml is larger than 1 MiB",
        ),
        (
            &["allow", "fmt", "--config", "many.toml"],
            "many.toml is larger than 1 MiB",
        ),
        (
            &["check", "--config", "/dev/zero", "log.json"],
            "it is larger than 64 MiB",
        ),
        (
            &["check", "--baseline", "/dev/zero", "log.json"],
            "it is larger than 64 MiB",
        ),
        (&["check", "--baseline", "over.json", "log.json"], "over.json: 2:"),
        (
            &["check", "--baseline", "minus.json", "log.json"],
            "minus.json: 2:",
        ),
    ] {
        let output = leakgate(dir.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stderr(&output));
        let text = stderr(&output);
        assert!(text.contains(words), "{args:?}: {text}");
        assert!(
            text.len() < 2_000 && !text.contains("panicked"),
            "{args:?}: {text}"
        );
    }
    let output = leakgate(dir.path(), &["check", "--baseline", "most.json", "log.json"]);
    assert_eq!(
        output.status.code(),
        Some(5),
        "the highest count is a count: {}",
        stderr(&output)
    );
}

#[test]
fn streams_without_end_or_line_ends_cost_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    // A line longer than any that is read at once, NULs, many lines.
    for input in [
        "head -c 70000000 /dev/zero | tr '\\0' x",
        "head -c 300000 /dev/zero",
        "yes '{}' | head -c 20000000",
    ] {
        let output = fed(dir.path(), &["check", "--color", "always", "-"], input);
        assert_eq!(output.status.code(), Some(2), "{input}: {}", stderr(&output));
        assert!(
            stderr(&output)
                .contains("no test event in -: `check` reads what `go test -json` prints, and what"),
            "{input}"
        );
    }
    // An event that carries 5 MB.
    let event = "printf '{\"Action\":\"output\",\"Package\":\"p\",\"Output\":\"'; head -c 5000000 /dev/zero | tr '\\0' x; \
                 printf '\"}\\n{\"Action\":\"fail\",\"Package\":\"p\"}\\n'";
    let output = fed(
        dir.path(),
        &["check", "-", "--format", "short"],
        &format!("{{ {event}; }}"),
    );
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
}

/// A stack may name any file; a log comes from anywhere.
#[test]
fn a_log_publishes_no_file_and_hangs_on_none() {
    let dir = tempfile::tempdir().unwrap();
    let module = dir.path().join("module");
    std::fs::create_dir(&module).unwrap();
    std::fs::write(module.join("go.mod"), "module example.com/p\n\ngo 1.21\n").unwrap();
    std::fs::write(
        module.join("a_test.go"),
        "package p\n\nfunc TestX() { shown() }\n",
    )
    .unwrap();
    std::fs::write(module.join(".env"), "TOKEN=s3cret-in-env\n").unwrap();
    std::fs::write(dir.path().join("other.go"), "s3cret-outside\n").unwrap();
    std::os::unix::fs::symlink(dir.path().join("other.go"), module.join("link.go")).unwrap();
    let fifo = module.join("pipe.go");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let at = |path: &str| module.join(path).display().to_string();
    let mut files = [
        "/proc/self/environ",
        "/proc/kmsg",
        "/dev/zero",
        "/etc/passwd",
        "/proc/self/fd/0",
    ]
    .map(str::to_owned)
    .to_vec();
    files.extend(
        [
            ".env",
            "../other.go",
            "link.go",
            "pipe.go",
            "../../../../etc/passwd",
        ]
        .map(&at),
    );
    let events = |file: &str, line: u32| {
        let dump = format!(
            "panic: test timed out after 2s\n\trunning tests:\n\t\tTestX (2s)\n\ngoroutine 7 [chan receive]:\n\
             example.com/p.TestX(0xc0)\n\t{file}:{line} +0x1d\ntesting.tRunner(0xc0, 0xc1)\n\
             \t/usr/local/go/src/testing/testing.go:2036 +0xea\ncreated by testing.(*T).Run in goroutine 1\n\
             \t/usr/local/go/src/testing/testing.go:2101 +0x4c5\n"
        );
        let mut log = String::new();
        for (action, output) in [("start", None), ("run", None)]
            .into_iter()
            .chain(dump.split_inclusive('\n').map(|line| ("output", Some(line))))
            .chain([("fail", None)])
        {
            let test = (action == "run").then_some("TestX");
            let event = serde_json::json!({"Action": action, "Package": "example.com/p", "Test": test, "Output": output});
            log.push_str(&format!("{event}\n"));
        }
        log
    };
    let published = |file: &str, line: u32| {
        std::fs::write(module.join("log.json"), events(file, line)).unwrap();
        let args = [
            "check",
            "--report",
            "json=r.json",
            "--report",
            "html=r.html",
            "--report",
            "md=r.md",
            "log.json",
        ];
        let output = leakgate(&module, &args);
        let mut all = stdout(&output) + &stderr(&output);
        for name in ["r.json", "r.html", "r.md"] {
            all += &std::fs::read_to_string(module.join(name)).unwrap();
        }
        all
    };
    assert!(
        published(&at("a_test.go"), 3).contains("shown()"),
        "its own source is shown"
    );
    for file in &files {
        for line in 1..=2 {
            let all = published(file, line);
            for secret in ["s3cret", "root:x:0", "PATH="] {
                assert!(!all.contains(secret), "{file}:{line} shows {secret}");
            }
        }
    }
}

#[test]
fn a_log_steers_no_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let evil = "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}6n\u{202e}\u{1b}[31mred\u{1b}[0m\\r";
    let event = |action: &str, rest: Value| {
        let mut event = serde_json::json!({"Action": action, "Package": format!("p{evil}")});
        event
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        event.to_string()
    };
    let log = [
        evil.to_owned(),
        event("start", serde_json::json!({})),
        event("run", serde_json::json!({"Test": format!("Test{evil}")})),
        event(
            "output",
            serde_json::json!({"Test": format!("Test{evil}"), "Output": format!("{evil}\n")}),
        ),
        event("fail", serde_json::json!({"Test": format!("Test{evil}")})),
        event(
            "output",
            serde_json::json!({"Output": format!("FAIL\tp{evil}\t0.1s\n")}),
        ),
        event("fail", serde_json::json!({})),
    ];
    std::fs::write(dir.path().join("log"), log.join("\n") + "\n").unwrap();
    for format in ["human", "short", "none"] {
        for color in ["always", "never"] {
            let output = leakgate(
                dir.path(),
                &["check", "--format", format, "--color", color, "log"],
            );
            assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
            let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            let mut rest = text.as_str();
            while let Some(at) =
                rest.find(|c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}')
            {
                let colour = rest[at..].strip_prefix("\u{1b}[").and_then(|rest| {
                    rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
                        .strip_prefix('m')
                });
                assert_eq!(color, "always", "{format}: {:?}", &rest[at..]);
                rest = colour.unwrap_or_else(|| panic!("{format} {color}: {:?}", &rest[at..]));
            }
            assert!(
                format == "short" || text.contains("red"),
                "{format} {color}: {text}"
            );
        }
    }
}

#[test]
fn no_verb_that_reads_files_opens_a_connection_or_runs_anything() {
    if !support::tools::has("strace", &["--version"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let attack =
        with_names(&|name| format!("{name}; touch pwned #$(touch pwned)`touch pwned`http://127.0.0.1/x"));
    std::fs::write(dir.path().join("x.json"), serde_json::to_vec(&attack).unwrap()).unwrap();
    for verb in [
        &["report", "x.json", "--report", "html=x.html"][..],
        &["merge", "x.json"],
        &["check", "x.json"],
        &["allow", "test", "any = 'a.b'", "x.json"],
    ] {
        let mut command = std::process::Command::new("strace");
        command.args([
            "-f",
            "-o",
            "trace",
            "-e",
            "trace=network,execve",
            env!("CARGO_BIN_EXE_leakgate"),
        ]);
        command.args(verb).current_dir(dir.path()).output().unwrap();
        let trace = std::fs::read_to_string(dir.path().join("trace")).unwrap();
        if !trace.contains("execve(") {
            support::tools::skipped("no process can be traced");
            return;
        }
        assert_eq!(trace.matches("execve(").count(), 1, "{verb:?}: {trace}");
        assert!(
            !trace.contains("socket(") && !trace.contains("connect("),
            "{verb:?}: {trace}"
        );
        assert!(!dir.path().join("pwned").exists());
    }
}
