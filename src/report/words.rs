//! The sentences that several formats share: places, counts, attribution, proof, growth. No layout here.

use super::safe_text::{NAME_LIMIT, safe_name};
use crate::goroutine::Frame;
pub use crate::goroutine::name::short as short_func;
use crate::leak::{
    Attribution, Cause, Evidenced, Group, Growth, JoinedBy, Leak, Lived, Spot, TestName, Verdict,
};
use crate::report::{Finding, Repository};
use crate::rules::RulingKind;

/// Where a spot is: relative to the repository when known.
pub fn place(spot: &Spot) -> String {
    place_of(spot_file(spot), spot.at.line)
}

/// The file of a spot: relative to the repository when known.
pub fn spot_file(spot: &Spot) -> &str {
    spot.relative.as_deref().unwrap_or(&spot.at.file)
}

fn place_of(file: &str, line: u32) -> String {
    let file = safe_name(file, NAME_LIMIT);
    if line == 0 { file } else { format!("{file}:{line}") }
}

/// The location of a frame, written as the leak's spots write theirs when it lies in the same tree.
pub fn frame_place(leak: &Group, frame: &Frame) -> Option<String> {
    let at = frame.at.as_ref()?;
    Some(place_of(
        relative_file(leak, &at.file).unwrap_or(&at.file),
        at.line,
    ))
}

/// A file relative to the repository, if it lies in the tree in which the leak's spots lie.
pub fn relative_file<'a>(leak: &Group, file: &'a str) -> Option<&'a str> {
    let spots = [leak.blocked_at.as_ref(), leak.started_at.as_ref()];
    spots
        .into_iter()
        .flatten()
        .find_map(|spot| match spot_root(spot) {
            Some(root) => file.strip_prefix(root),
            None => (spot.at.file == file)
                .then_some(file)
                .filter(|_| spot.relative.is_some()),
        })
}

/// A link to the line at the repository's host, if the spot lies in the repository and the address is a web address.
pub fn source_url(repository: &Repository, spot: &Spot) -> Option<String> {
    let file = spot.relative.as_deref()?;
    let base = repository.url.trim_end_matches('/').trim_end_matches(".git");
    let web = base.starts_with("https://") || base.starts_with("http://");
    let plain = |text: &str| !text.contains(|c: char| c.is_control() || " <>\"'()\\`".contains(c));
    if !web || !plain(base) || !repository.commit.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let (path, line) = (path_uri(file), spot.at.line);
    let commit = &repository.commit;
    Some(match base.split('/').nth(2).unwrap_or_default() {
        host if host.contains("gitlab") => format!("{base}/-/blob/{commit}/{path}#L{line}"),
        host if host.contains("bitbucket") => format!("{base}/src/{commit}/{path}#lines-{line}"),
        host if host.contains("gitea") || host.contains("codeberg") || host.contains("forgejo") => {
            format!("{base}/src/commit/{commit}/{path}#L{line}")
        }
        _ => format!("{base}/blob/{commit}/{path}#L{line}"),
    })
}

/// A relative path as a URI reference.
pub fn path_uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/+=@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri += &format!("%{byte:02X}");
        }
    }
    uri
}

/// What a spot's absolute path has before its relative one.
fn spot_root(spot: &Spot) -> Option<&str> {
    let root = spot.at.file.strip_suffix(spot.relative.as_deref()?)?;
    (!root.is_empty()).then_some(root)
}

/// `1 goroutine`, `2,000 goroutines`.
pub fn plural(n: u64, one: &str) -> String {
    let n_text = thousands(n);
    if n == 1 {
        format!("{n_text} {one}")
    } else {
        format!("{n_text} {one}s")
    }
}

/// Digits in groups of three.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `840 ms`, `12.3 s`, `3 m 20 s`.
pub fn duration(ms: u64) -> String {
    match ms {
        0..=999 => format!("{ms} ms"),
        1_000..=59_999 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} m {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// The tests of a leak in one line: one name, `A or B`, or `no test`.
pub fn tests(names: &[TestName]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(5)
        .map(|name| safe_name(&name.0, NAME_LIMIT))
        .collect();
    match (shown.len(), names.len()) {
        (0, _) => "outside of any test".to_owned(),
        (shown_n, all) if shown_n < all => format!("{} or {} more", shown.join(", "), all - shown_n),
        (1, _) => shown.concat(),
        (n, _) => format!("{} or {}", shown[..n - 1].join(", "), shown[n - 1]),
    }
}

/// One word for the attribution.
pub fn attribution_kind(attribution: Attribution) -> &'static str {
    match attribution {
        Attribution::Label => "label",
        Attribution::Lineage => "lineage",
        Attribution::Code => "code",
        Attribution::Window => "window",
        Attribution::Package => "package",
    }
}

/// Members named one by one.
const MEMBERS: usize = 3;

/// `3 more goroutines: http.(*conn).serve, http.(*persistConn).readLoop ×2`; `None` for a leak of one kind.
pub fn with_it(leak: &Leak) -> Option<String> {
    let name = |member: &crate::leak::Member| {
        let name = safe_name(&short_func(&member.group.owner.0), 60);
        let at = other_place(leak, member).map_or_else(String::new, |at| format!(" at {at}"));
        match member.group.count {
            0 | 1 => format!("{name}{at}"),
            count => format!("{name}{at} ×{}", thousands(count)),
        }
    };
    let mut names: Vec<String> = leak.members.iter().take(MEMBERS).map(name).collect();
    match leak.members.len().saturating_sub(MEMBERS) {
        0 => {}
        1 => names.push("one other kind".to_owned()),
        more => names.push(format!("{more} other kinds")),
    }
    let more = plural(leak.goroutines_with_it(), "more goroutine");
    (!names.is_empty()).then(|| format!("{more}: {}", names.join(", ")))
}

/// Where a member is blocked, or else started, that is the same leak as its root at another line.
fn other_place(leak: &Leak, member: &crate::leak::Member) -> Option<String> {
    if member.joined.by != JoinedBy::Same {
        return None;
    }
    let (root, own) = (&leak.root, &member.group);
    let led = |group: &Group| group.led_to_by.as_ref().map(|led| led.at.clone());
    let spots = |group: &Group| [group.blocked_at.clone(), group.started_at.clone(), led(group)];
    let both = spots(root).into_iter().zip(spots(own));
    let mut own = both.filter(|(root, own)| root != own);
    own.find_map(|(_, own)| own).as_ref().map(place)
}

/// What an allow-list entry or baseline line for a leak covers; `None` for a leak of one kind.
pub fn covers(leak: &Leak) -> Option<String> {
    let with_it = plural(leak.goroutines_with_it(), "goroutine");
    let root = safe_name(&short_func(&leak.root.owner.0), 80);
    (!leak.members.is_empty()).then(|| {
        format!("an entry that matches the root, {root}, covers the {with_it} with it too; --join=off matches each alone")
    })
}

/// How long a late goroutine lived, and what ended it.
pub fn outlived(lived: &Lived) -> String {
    let least = duration(lived.at_least_ms);
    if lived.collected {
        return format!("alive {least} after its test ended, ended by the garbage collector only");
    }
    format!(
        "alive {least} after its test ended, gone within {}",
        duration(lived.at_most_ms)
    )
}

/// What is known about its never ending, one sentence without a full stop.
pub fn proof(leak: &Group) -> String {
    if let (Verdict::Late, Some(lived)) = (leak.verdict, &leak.lived) {
        return format!("late: {}", outlived(lived));
    }
    match leak.evidenced {
        Evidenced::Proven => "proven: Go's leak GC found that nothing refers to what it waits for, so it can never end",
        Evidenced::Reachable => {
            "observed: still there after settling; something still refers to what it waits for, so Go's leak GC can't prove it"
        }
        Evidenced::Observed => "observed: still there after settling (Go's leak GC was not asked)",
    }
    .to_owned()
}

/// What is known about its never ending, in a few words.
pub fn proof_in_brief(leak: &Group) -> &'static str {
    match leak.evidenced {
        Evidenced::Proven => "proven: nothing can wake it any more",
        Evidenced::Reachable => {
            "observed: still there after settling, and something still refers to what it waits for"
        }
        Evidenced::Observed => "observed: still there after settling",
    }
}

/// The command that runs the test of a leak again, if one test is to blame. `command` is the one that found it.
pub fn run_again(leak: &Group, command: &[String]) -> Option<String> {
    let [test] = leak.tests.as_slice() else {
        return None;
    };
    let package = safe_name(&leak.package.0, NAME_LIMIT);
    let pattern = safe_name(&test.pattern(), NAME_LIMIT);
    let flag = if test.0.starts_with("Benchmark") {
        "-run '^$' -bench"
    } else {
        "-run"
    };
    if package.starts_with("//") || package.starts_with('@') {
        let bazel = format!("bazel test {package} --test_filter='{pattern}'");
        return (!pattern.contains('\'')).then_some(bazel);
    }
    let same = same_package(command);
    (!pattern.contains('\'')).then(|| format!("leakgate test {same}{flag} '{pattern}' {package}"))
}

/// The flags of a command without which go does not find the package or the test again: its folder and build tags.
fn same_package(command: &[String]) -> String {
    let mut words = command
        .iter()
        .take_while(|word| *word != "-args" && *word != "--");
    if words.next().is_none_or(|verb| verb != "test") {
        return String::new();
    }
    let mut same = String::new();
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), None),
        };
        let name = name.trim_start_matches('-');
        if !word.starts_with('-') || !matches!(name, "C" | "tags") {
            continue;
        }
        let value = value
            .or_else(|| words.next().map(String::as_str))
            .unwrap_or_default();
        let plain = |c: char| c.is_alphanumeric() || "_-./,".contains(c);
        if value.chars().all(plain) {
            same.push_str(&format!("-{name} {value} "));
        }
    }
    same
}

/// One word for the proof.
pub fn proof_kind(leak: &Group) -> &'static str {
    match (leak.verdict, leak.evidenced) {
        (Verdict::Late, _) => "late",
        (Verdict::Stuck, _) => "stuck",
        (_, Evidenced::Proven) => "proven",
        (_, Evidenced::Reachable) => "reachable",
        (_, Evidenced::Observed) => "observed",
    }
}

/// What `--confirm` saw, if it ran.
pub fn growth(growth: &Growth) -> String {
    match growth {
        Growth::Grows { found, runs } => {
            format!(
                "grows: {} in {} of the test alone",
                thousands(*found),
                plural(*runs, "run")
            )
        }
        Growth::OncePerProcess { runs } => format!(
            "once per process: still one after {} of the test; a lazily started singleton, so an allow-list entry may be right",
            plural(*runs, "run")
        ),
        Growth::NotRepeatable => {
            "whether it grows is unknown: the test can't be repeated in one process".to_owned()
        }
        Growth::NotSeenAgain { runs } => {
            format!("not seen again in {} of the test alone", plural(*runs, "run"))
        }
    }
}

/// `LEAK`, `late`, `allowed`, … : what the report calls a finding.
pub fn finding_kind(finding: &Finding) -> &'static str {
    match (finding.leak.root.verdict, finding.ruling.kind) {
        (Verdict::Stuck, _) => "stuck",
        (_, RulingKind::Background) => "background",
        (_, RulingKind::Allowed) => "allowed",
        (_, RulingKind::Baselined) => "baselined",
        (Verdict::Late, _) => "late",
        (Verdict::Leaked, RulingKind::Warns) => "warning",
        (Verdict::Leaked, RulingKind::Fails) => "leak",
    }
}

/// What a goroutine waits for, as a sentence: `It waits for a value from a channel that …`. One that runs a library's code
/// alone is named by the function that it runs.
pub fn waits(leak: &Group) -> String {
    match leak.own_frames.is_empty() {
        true => {
            let owner = safe_name(&short_func(&leak.owner.0), NAME_LIMIT);
            format!("{owner} waits for {}.", waits_for(&leak.cause))
        }
        false => it_waits(&leak.cause),
    }
}

/// The same of a goroutine that was named before.
pub fn it_waits(cause: &Cause) -> String {
    format!("It waits for {}.", waits_for(cause))
}

fn waits_for(cause: &Cause) -> String {
    safe_name(cause.waits_for.trim().trim_end_matches('.'), 1_000)
}

/// What to change, as a sentence.
pub fn fix(cause: &Cause) -> String {
    let fix = safe_name(cause.fix.trim().trim_end_matches('.'), 1_000);
    let mut chars = fix.chars();
    let first: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// One line without place and test: `receive-no-sender: waits for a value from … (×2000)`.
pub fn message(leak: &Group) -> String {
    let count = if leak.count > 1 {
        format!(" (×{})", leak.count)
    } else {
        String::new()
    };
    let waits = safe_name(leak.cause.waits_for.trim_end_matches('.'), 500);
    format!("{}: waits for {waits}{count}", leak.cause.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_function_names_keep_the_package_and_receiver() {
        assert_eq!(
            short_func("example.com/shop/store.fetchAll.func1"),
            "store.fetchAll.func1"
        );
        assert_eq!(
            short_func("net/http.(*persistConn).readLoop"),
            "http.(*persistConn).readLoop"
        );
        assert_eq!(
            short_func("a.com/b.Map[go.shape.struct { x/y.Z }]"),
            "b.Map[go.shape.struct { x/y.Z }]"
        );
        assert_eq!(short_func("main.main"), "main.main");
    }

    #[test]
    fn running_a_test_again_takes_the_folder_and_the_tags_along() {
        let same = |line: &str| same_package(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(same("test ./..."), "");
        assert_eq!(
            same("test --trace -C sub -tags=a,b -race ./..."),
            "-C sub -tags a,b "
        );
        assert_eq!(same("test ./... -args -C sub"), "", "for the test itself");
        assert_eq!(same("exec -- make -C sub test"), "", "another program's flag");
    }

    #[test]
    fn a_target_of_bazel_is_run_again_by_bazel() {
        let mut leak = crate::report::sample::report().findings[0].leak.root.clone();
        leak.package = crate::package_path::PackagePath("//store:store_test".to_owned());
        leak.tests = vec![crate::leak::TestName("TestAsk".to_owned())];
        assert_eq!(
            run_again(&leak, &[]).unwrap(),
            "bazel test //store:store_test --test_filter='^TestAsk$'"
        );
    }

    #[test]
    fn links_follow_the_host() {
        let spot = |file: &str| Spot {
            func: Default::default(),
            at: crate::goroutine::Location {
                file: format!("/r/{file}"),
                line: 7,
            },
            relative: Some(file.to_owned()),
            lines: Vec::new(),
        };
        let url = |url: &str| {
            let repository = Repository {
                url: url.to_owned(),
                commit: "abc".to_owned(),
            };
            source_url(&repository, &spot("a b.go"))
        };
        assert_eq!(
            url("https://github.com/o/n").unwrap(),
            "https://github.com/o/n/blob/abc/a%20b.go#L7"
        );
        assert_eq!(
            url("https://gitlab.com/o/n.git").unwrap(),
            "https://gitlab.com/o/n/-/blob/abc/a%20b.go#L7"
        );
        assert_eq!(
            url("https://bitbucket.org/o/n/").unwrap(),
            "https://bitbucket.org/o/n/src/abc/a%20b.go#lines-7"
        );
        assert_eq!(url("javascript:alert(1)"), None);
        assert_eq!(url("https://x/\"onclick="), None);
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(path_uri("a b/ü:%.go"), "a%20b/%C3%BC%3A%25.go");
    }

    #[test]
    fn numbers_are_grouped_and_counted() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(12_345_678), "12,345,678");
        assert_eq!(plural(1, "leak"), "1 leak");
        assert_eq!(plural(2, "leak"), "2 leaks");
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(7), "7 ms");
        assert_eq!(duration(12_345), "12.3 s");
        assert_eq!(duration(200_000), "3 m 20 s");
    }

    #[test]
    fn several_candidate_tests_are_all_named_up_to_five() {
        let names = |n: usize| -> Vec<TestName> { (0..n).map(|i| TestName(format!("T{i}"))).collect() };
        assert_eq!(tests(&names(0)), "outside of any test");
        assert_eq!(tests(&names(1)), "T0");
        assert_eq!(tests(&names(3)), "T0, T1 or T2");
        assert_eq!(tests(&names(7)), "T0, T1, T2, T3, T4 or 2 more");
    }
}
