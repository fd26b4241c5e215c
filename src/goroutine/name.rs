//! Function names: their package, and the form in which they compare across machines and Go versions.

use std::borrow::Cow;

/// First path elements of the standard library. A user's module has a dot there, or another name.
const STD: [&str; 55] = [
    "archive",
    "bufio",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "simd",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "unsafe",
    "weak",
    "uuid",
    "type:",
    "_cgo",
    "cgo",
    "vendor",
];

/// The package path of a function name as printed: `net/http` of `net/http.(*conn).serve`.
/// `%2e` and the like stay as they are.
pub fn package(func: &str) -> &str {
    let bytes = func.as_bytes();
    let head = memchr::memchr2(b'[', b'(', bytes).unwrap_or(bytes.len());
    let element = memchr::memrchr(b'/', &bytes[..head]).map_or(0, |slash| slash + 1);
    match memchr::memchr(b'.', &bytes[element..]) {
        Some(dot) => &func[..element + dot],
        None => func,
    }
}

/// Whether a function belongs to the standard library, by its name alone.
pub fn is_std(func: &str) -> bool {
    let package = package(func);
    package != func && is_std_path(package)
}

/// Whether an import path is one of the standard library.
pub fn is_std_path(import_path: &str) -> bool {
    STD.contains(&import_path.split('/').next().unwrap_or(import_path))
}

/// Whether Go leaves goroutines that begin in a package out of every dump and count: it takes a function whose name begins
/// with `runtime.` for one of its own. A path of one element is printed as `runtime%2efoo`, and is not meant.
pub fn is_hidden_from_dumps(import_path: &str) -> bool {
    import_path.starts_with("runtime.") && import_path.contains('/')
}

/// Package path as an import statement has it: unescaped, without a `vendor/` prefix.
pub fn import_path(func: &str) -> Cow<'_, str> {
    unescaped(without_vendor(package(func)))
}

/// The form that compares: no `vendor/` prefix, no `%2e`, no `[...]`, closures named after the function
/// that encloses them. Closure suffixes differ between Go versions and with inlining:
/// `main.main.func13.1.1` (1.23, 1.27) is `main.main.func13.main.func13.1.3` (1.24 to 1.26), `m.(*T).All.func1` (1.27) is
/// `m.First.(*T).All.func1` where First was given what All returns, and closures of package variables are `glob..func1` (≤ 1.21) or `init.func1`.
pub fn normal(func: &str) -> String {
    let func = without_generics(without_vendor(func));
    let package = package(&func);
    let path = unescaped(package);
    let Some(rest) = func[package.len()..].strip_prefix('.') else {
        return path.into_owned();
    };
    if rest.starts_with("glob..") {
        return format!("{path}.init");
    }
    let mut parts: Vec<&str> = parts(rest);
    if let Some(end) = parts.iter().position(|part| is_closure(part))
        && end > 0
    {
        parts.truncate(end);
        // Of a method that was inlined into another function: some versions put that function before it. What is before it
        // in `gopkg.in/yaml.v2.(*T).M`, as people write it, is the end of the path.
        let receiver = parts.iter().rposition(|part| part.starts_with("(*"));
        if let Some(receiver) = receiver.filter(|_| !is_version(parts[0])) {
            parts.drain(..receiver);
        }
    }
    let half = parts.len() / 2;
    if half > 0 && parts.len() == 2 * half && parts[..half] == parts[half..] {
        parts.truncate(half);
    }
    let name = parts.join(".");
    format!("{path}.{}", name.strip_suffix("-fm").unwrap_or(&name))
}

/// Whether the compiler made the function for a `go` or `defer` statement: crash dumps show it, others do not.
pub fn is_wrapper(func: &str) -> bool {
    let last = func.rsplit('.').next().unwrap_or(func);
    ["gowrap", "deferwrap"].iter().any(|prefix| {
        let digits = last.strip_prefix(prefix).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn without_vendor(func: &str) -> &str {
    let mut before = func;
    while let Some(slash) = memchr::memrchr(b'/', before.as_bytes()) {
        if let Some(rest) = func[slash..].strip_prefix("/vendor/") {
            return rest;
        }
        before = &func[..slash];
    }
    func.strip_prefix("vendor/").unwrap_or(func)
}

/// `[...]` and, where a tool has filled them in, the type arguments themselves.
fn without_generics(func: &str) -> Cow<'_, str> {
    if !func.contains('[') {
        return Cow::Borrowed(func);
    }
    let mut depth = 0_usize;
    let kept = func.chars().filter(|&char| match char {
        '[' => {
            depth += 1;
            false
        }
        ']' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    });
    Cow::Owned(kept.collect())
}

/// The linker escapes dots of the last path element, and what is not printable, as `%xx`.
fn unescaped(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .filter(|_| byte == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(code) => {
                out.push(code);
                rest = &after[2..];
            }
            None => {
                out.push(byte);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

/// Split at dots outside of parentheses.
fn parts(name: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    name.split(|char| {
        match char {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        char == '.' && depth == 0
    })
    .collect()
}

/// `v2`.
fn is_version(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `func1`, `gowrap2`, `deferwrap1`, `1`, `func1-range2`; also the number of `init.0`.
fn is_closure(part: &str) -> bool {
    let part = part.split('-').next().unwrap_or(part);
    let digits = ["func", "gowrap", "deferwrap"]
        .iter()
        .find_map(|prefix| part.strip_prefix(prefix))
        .unwrap_or(part);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `store.fetchAll.func1` of `example.com/shop/store.fetchAll.func1`: the last element of the import path that is no
/// version, and the name. `gocron.NewScheduler` of `github.com/go-co-op/gocron/v2.NewScheduler`.
pub fn short(name: &str) -> String {
    let package = package(name);
    let rest = &name[package.len()..];
    let path = unescaped(package);
    format!("{}{rest}", of_package(&path))
}

/// A function's whole name with its import path as an import statement has it: `github.com/nats-io/nats.go.(*Conn).flusher`.
pub fn readable(name: &str) -> String {
    let package = package(name);
    format!("{}{}", unescaped(package), &name[package.len()..])
}

/// The name that a package most likely has: the last element of its path that is no version, without what no name can hold.
pub fn of_package(path: &str) -> &str {
    let mut elements = path.rsplit('/');
    let last = elements.next().unwrap_or(path);
    let last = match elements.next() {
        Some(before) if is_version(last) => before,
        _ => last,
    };
    let last = match last.rsplit_once('.') {
        Some((stem, end)) if is_version(end) || end == "go" => stem,
        _ => last,
    };
    let last = last.strip_prefix("go-").unwrap_or(last);
    last.strip_suffix("-go").unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_import_paths_as_they_write_them() {
        assert_eq!(
            readable("github.com/nats-io/nats%2ego.(*Conn).flusher"),
            "github.com/nats-io/nats.go.(*Conn).flusher"
        );
        assert_eq!(readable("main.main.func1"), "main.main.func1");
    }

    #[test]
    fn package_is_up_to_the_first_dot_after_the_last_slash() {
        assert_eq!(package("net/http.(*persistConn).readLoop"), "net/http");
        assert_eq!(package("main.main.func1"), "main");
        assert_eq!(package("gopkg.in/yaml%2ev3.(*T[...]).M"), "gopkg.in/yaml%2ev3");
        assert_eq!(
            package("example.com/a.F[go.shape.struct { a/b.C }]"),
            "example.com/a"
        );
        assert_eq!(
            import_path("example.com/my.mod/v2/in%2ener.Small.func1"),
            "example.com/my.mod/v2/in.ner"
        );
        assert!(is_std("net/http.(*conn).serve") && is_std("vendor/golang.org/x/net/dns.F"));
        assert!(!is_std("example.com/a.F") && !is_std("main.main") && !is_std("non-Go function"));
    }

    #[test]
    fn a_short_name_begins_with_the_name_of_the_package() {
        for (name, want) in [
            ("example.com/shop/store.fetchAll.func1", "store.fetchAll.func1"),
            (
                "github.com/go-co-op/gocron/v2.NewScheduler",
                "gocron.NewScheduler",
            ),
            (
                "gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun",
                "lumberjack.(*Logger).millRun",
            ),
            (
                "github.com/nats-io/nats%2ego.(*Conn).flusher",
                "nats.(*Conn).flusher",
            ),
            ("github.com/redis/go-redis/v9.NewClient", "redis.NewClient"),
            ("net/http.(*conn).serve", "http.(*conn).serve"),
            (
                "example.com/a.F[go.shape.struct { a/b.C }]",
                "a.F[go.shape.struct { a/b.C }]",
            ),
            ("main.main", "main.main"),
            ("v2.F", "v2.F"),
        ] {
            assert_eq!(short(name), want);
        }
    }

    /// Each line is one function under the names that different Go versions print (measured).
    #[test]
    fn one_function_has_one_normal_name_in_all_versions() {
        for (names, normal_name) in [
            (
                &["main.main.func13.1.1", "main.main.func13.main.func13.1.3"][..],
                "main.main",
            ),
            (
                &["main.main.main.func1.func4.1", "main.main.func1.func1.1"],
                "main.main",
            ),
            (
                &["os/signal.Notify.func1.1", "os/signal.Notify.func2.1"],
                "os/signal.Notify",
            ),
            (
                &[
                    "m/in%2ener.glob..func1.1",
                    "m/in%2ener.init.func1.1",
                    "m/in%2ener.init.0",
                ],
                "m/in.ner.init",
            ),
            (
                &[
                    "k.(*processorListener[...]).run",
                    "x/vendor/k.(*processorListener[...]).run.func1",
                ],
                "k.(*processorListener).run",
            ),
            (
                &["m.First.(*Tree[...]).All.func1", "m.(*Tree[...]).All.func1"],
                "m.(*Tree).All",
            ),
            (
                &["gopkg.in/lum.v2.(*T).M.func1", "gopkg.in/lum%2ev2.(*T).M.func1"],
                "gopkg.in/lum.v2.(*T).M",
            ),
            (&["runtime.gcenable.gowrap1"], "runtime.gcenable"),
            (&["a/b.T.Val.func1", "a/b.T.Val-fm"], "a/b.T.Val"),
            (
                &["iter.Pull[...].func1", "iter.Pull[go.shape.int].func1"],
                "iter.Pull",
            ),
            (&["a.F.func1-range1", "a.F-range1"], "a.F"),
        ] {
            for name in names {
                let got = normal(name);
                let got = got.split("-range").next().unwrap_or_default();
                assert_eq!(got, normal_name, "{name}");
            }
        }
    }
}
