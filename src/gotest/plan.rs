//! From the user's arguments to the command that is run. Pure, apart from what [`Toolchain`] and [`Overlay`] have found.

use super::flags::{Flag, GoArgs, pattern_matches};
use super::{GoTestError, Overlay, Toolchain};
use crate::diag::Code;
use crate::report::{LeftOut, Notice};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a plan is made from, besides arguments and toolchain.
#[derive(Debug, Clone, Default)]
pub struct PlanRequest {
    /// The user's own folder, where `go` is started.
    pub dir: PathBuf,
    /// The value of LEAKGATE_SHIM; `None` when all of it is default.
    pub shim: Option<String>,
    /// Ask Go 1.26 for its leak profile (`--prove`).
    pub prove: bool,
}

/// The command that runs the tests.
#[derive(Debug, Clone)]
pub struct GoTestPlan {
    /// `go`, or the one behind a link.
    pub program: PathBuf,
    /// Begins with `test`.
    pub args: Vec<OsString>,
    /// Added to the environment.
    pub env: Vec<(&'static str, OsString)>,
    /// Where it runs.
    pub dir: PathBuf,
    /// What the user should know, each said once.
    pub notices: Vec<Notice>,
    /// The user asked for go's own `-json`.
    pub gojson: bool,
    /// The user asked for `-v`.
    pub verbose: bool,
    /// Why stale rules can't be judged by this run; `None` for a full one.
    pub not_full: Option<String>,
    /// What a run that is not full leaves out.
    pub left_out: LeftOut,
    /// Package patterns, as run.
    pub packages: Vec<String>,
}

impl GoArgs {
    /// The folder that go works in: `dir`, then `-C`.
    pub fn working_dir(&self, dir: &Path) -> PathBuf {
        self.chdir
            .as_ref()
            .map_or_else(|| dir.to_owned(), |chdir| dir.join(chdir))
    }

    /// The user's own overlay, given as a flag or in GOFLAGS.
    pub fn user_overlay(&self) -> Option<&Path> {
        self.value("overlay")
            .filter(|path| !path.is_empty())
            .map(Path::new)
    }
}

impl GoTestPlan {
    /// Plans the run of `args` (with GOFLAGS read into them).
    pub fn new(
        args: &GoArgs,
        toolchain: &Toolchain,
        overlay: &Overlay,
        request: &PlanRequest,
    ) -> Result<Self, GoTestError> {
        refuse(args)?;
        let vet_off = !toolchain.version.vet_sees_overlay();
        let packages = default_packages(args);
        let mut plan = Self {
            program: toolchain.program.clone(),
            args: rewrite(args, overlay, vet_off, packages.is_some()),
            env: environment(toolchain, request),
            dir: request.dir.clone(),
            notices: Vec::new(),
            gojson: args.is_on("json"),
            verbose: args.is_on("v"),
            not_full: None,
            left_out: LeftOut::Nothing,
            packages: packages.unwrap_or_else(|| args.packages.clone()),
        };
        let work = args.working_dir(&request.dir);
        if let Some((left_out, why)) = not_full(args, &plan.packages, toolchain, &work) {
            plan.left_out = left_out;
            plan.not_full = Some(why);
        }
        if vet_off {
            plan.notices.push(vet_notice(args, toolchain));
        }
        if request.prove && toolchain.version.proof_is_experiment() {
            plan.notices.push(Notice::note(
                Code::StdCompiledAgain,
                format!(
                    "{} can prove leaks only with GOEXPERIMENT=goroutineleakprofile, so the standard library is \
                     compiled once more (once, then it is in go's build cache)",
                    toolchain.version
                )).remedy("Go 1.27 needs no experiment"));
        }
        Ok(plan)
    }
}

/// Whole package set of the folder, when the user names no flag and no package (a leading `-C` is neither).
fn default_packages(args: &GoArgs) -> Option<Vec<String>> {
    (args.all.len() == args.leading).then(|| vec!["./...".to_owned()])
}

/// The user's arguments with ours in place. Nothing moves: how go reads a word depends on the words before it.
fn rewrite(args: &GoArgs, overlay: &Overlay, vet_off: bool, add_all: bool) -> Vec<OsString> {
    let mut out = vec![OsString::from("test")];
    out.extend_from_slice(&args.all[..args.leading]);
    out.push("-json".into());
    let mut overlay_flag = OsString::from("-overlay=");
    overlay_flag.push(&overlay.path);
    out.push(overlay_flag.clone());
    if vet_off {
        out.push("-vet=off".into());
    }
    let mut at = args.leading;
    while at < args.all.len() {
        let flag = args
            .flags
            .iter()
            .find(|flag| flag.at.is_some_and(|(start, _)| start == at));
        let used = flag.and_then(|flag| flag.at).map_or(1, |(_, used)| used);
        match flag.map(|flag| flag.name) {
            // `-v` after `-json` takes the marks out of the stream that test2json (and the shim) live on.
            Some("json" | "v") => out.push("-json".into()),
            Some("overlay") => out.push(overlay_flag.clone()),
            Some("vet") if vet_off => out.push("-vet=off".into()),
            _ => out.extend_from_slice(&args.all[at..at + used]),
        }
        at += used;
    }
    if add_all {
        out.push("./...".into());
    }
    out
}

fn environment(toolchain: &Toolchain, request: &PlanRequest) -> Vec<(&'static str, OsString)> {
    let mut env = toolchain.env();
    if let Some(shim) = &request.shim {
        env.push(("LEAKGATE_SHIM", shim.into()));
    }
    if request.prove && toolchain.version.proof_is_experiment() {
        let theirs = &toolchain.env.goexperiment;
        let comma = if theirs.is_empty() { "" } else { "," };
        env.push((
            "GOEXPERIMENT",
            format!("{theirs}{comma}goroutineleakprofile").into(),
        ));
    }
    env
}

/// Flags under which nothing would be seen, or nothing would run.
fn refuse(args: &GoArgs) -> Result<(), GoTestError> {
    let refused = |flag: &Flag, reason, instead| {
        Err(GoTestError::Refused {
            flag: flag.written.clone(),
            reason,
            instead,
        })
    };
    for (name, reason, instead) in [
        (
            "c",
            "the test binary is only built, so there is nothing to judge",
            "use plain `go test -c`",
        ),
        (
            "n",
            "the commands are only printed, so there is nothing to judge",
            "use plain `go test -n`",
        ),
    ] {
        if let Some(flag) = args.last(name).filter(|flag| flag.is_on()) {
            return refused(flag, reason, instead);
        }
    }
    if let Some(flag) = args.last("list").filter(|flag| !flag.value.is_empty()) {
        return refused(
            flag,
            "tests are only listed, so there is nothing to judge",
            "use plain `go test -list`",
        );
    }
    if let Some(flag) = args.last("compiler").filter(|flag| flag.value == "gccgo") {
        return refused(
            flag,
            "the shim fits the standard library of the gc compiler",
            "leave it out",
        );
    }
    if let Some(flag) = args
        .last("coverpkg")
        .filter(|flag| flag.value.split(',').any(holds_shim))
    {
        return refused(
            flag,
            "the pattern covers package testing or runtime/pprof, which hold the shim, and go's cover tool can't read it there",
            "name your own packages: `-coverpkg=./...`",
        );
    }
    let covered = ["cover", "coverprofile", "covermode"]
        .iter()
        .find_map(|name| args.last(name).filter(|f| f.is_on()));
    let in_packages = args.value("coverpkg").is_none() && args.packages.iter().any(|p| holds_shim(p));
    if let Some(flag) = covered.filter(|_| in_packages) {
        return refused(
            flag,
            "the packages include package testing or runtime/pprof, which hold the shim, and go's cover tool can't read it there",
            "leave out these packages, or the coverage",
        );
    }
    Ok(())
}

/// Where the shim is hosted.
const SHIMMED: [&str; 2] = ["testing", "runtime/pprof"];

fn holds_shim(pattern: &str) -> bool {
    matches!(pattern, "all" | "std") || SHIMMED.iter().any(|package| pattern_matches(pattern, package))
}

/// Why a rule that matched nothing may still be needed.
fn not_full(
    args: &GoArgs,
    packages: &[String],
    toolchain: &Toolchain,
    dir: &Path,
) -> Option<(LeftOut, String)> {
    let given = |written: &str| Some((LeftOut::Tests, format!("{written} was given")));
    for name in ["run", "skip"] {
        if let Some(flag) = args.last(name).filter(|flag| !flag.value.is_empty()) {
            return given(&flag.written);
        }
    }
    for name in ["short", "failfast"] {
        if let Some(flag) = args.last(name).filter(|flag| flag.is_on()) {
            return given(&flag.written);
        }
    }
    if let Some(flag) = args.last("count").filter(|flag| flag.value == "0") {
        return given(&flag.written);
    }
    if packages != ["./..."] {
        let named = if packages.is_empty() {
            "the package of this folder".to_owned()
        } else {
            packages.join(" ")
        };
        return Some((LeftOut::Packages, format!("only {named} was tested, not ./...")));
    }
    let at_root = toolchain.env.module_root().is_none_or(|root| same_dir(root, dir));
    (!at_root).then(|| {
        let why = "only a part of the module was tested: this folder is below its root";
        (LeftOut::Packages, why.to_owned())
    })
}

fn same_dir(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    a == b || real(a) == real(b)
}

fn vet_notice(args: &GoArgs, toolchain: &Toolchain) -> Notice {
    let version = toolchain
        .version
        .text
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    let stripped = args.last("vet").filter(|flag| flag.value != "off");
    let also = stripped
        .map(|flag| format!("; {} was left out", flag.written))
        .unwrap_or_default();
    Notice::note(
        Code::VetOff,
        format!("go vet is off during the tests, because in {version} it can't read the shim{also}"),
    )
    .remedy("run `go vet ./...` as a step of its own, or use Go 1.24 or newer")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gotest::flags::os_args;
    use crate::gotest::go_version::GoVersion;
    use crate::gotest::toolchain::GoEnv;

    fn toolchain(version: &str) -> Toolchain {
        let env = GoEnv {
            goversion: version.to_owned(),
            ..GoEnv::default()
        };
        let version = GoVersion::parse(version).unwrap();
        Toolchain {
            program: "go".into(),
            goroot: "/go".into(),
            version,
            env,
            through_link: false,
            stand_in_modcache: None,
        }
    }

    fn plan_on(version: &str, args: &[&str], request: PlanRequest) -> Result<GoTestPlan, GoTestError> {
        let args = GoArgs::parse(&os_args(args))?;
        GoTestPlan::new(
            &args,
            &toolchain(version),
            &Overlay {
                path: "/o.json".into(),
            },
            &request,
        )
    }

    fn plan(args: &[&str]) -> GoTestPlan {
        plan_on("go1.26.8", args, PlanRequest::default()).unwrap()
    }

    fn words(plan: &GoTestPlan) -> String {
        plan.args
            .iter()
            .map(|arg| arg.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn no_arguments_mean_every_package() {
        assert_eq!(words(&plan(&[])), "test -json -overlay=/o.json ./...");
        assert_eq!(
            words(&plan(&["-C", "d"])),
            "test -C d -json -overlay=/o.json ./..."
        );
        assert_eq!(words(&plan(&["-race"])), "test -json -overlay=/o.json -race");
    }

    #[test]
    fn the_users_arguments_keep_their_order() {
        let plan = plan(&["-race", "./a", "-run", "A|B", "-args", "-v", "-overlay=x"]);
        assert_eq!(
            words(&plan),
            "test -json -overlay=/o.json -race ./a -run A|B -args -v -overlay=x"
        );
    }

    #[test]
    fn verbose_json_and_overlay_are_replaced_in_place() {
        let plan = plan(&["-v", "./a", "-overlay", "mine.json", "--json", "-test.v=true"]);
        assert_eq!(
            words(&plan),
            "test -json -overlay=/o.json -json ./a -overlay=/o.json -json -json"
        );
        assert!(plan.gojson && plan.verbose);
    }

    #[test]
    fn json_false_is_no_wish_for_json() {
        let plan = plan(&["-json=false", "./..."]);
        assert!(!plan.gojson);
        assert_eq!(words(&plan), "test -json -overlay=/o.json -json ./...");
    }

    #[test]
    fn vet_is_off_before_go_1_24_and_said() {
        let plan = plan_on("go1.23.12", &["-vet=printf", "./..."], PlanRequest::default()).unwrap();
        assert_eq!(
            words(&plan),
            "test -json -overlay=/o.json -vet=off -vet=off ./..."
        );
        assert!(
            plan.notices[0].message.contains("-vet=printf was left out"),
            "{:?}",
            plan.notices
        );
        let plan = plan_on("go1.24.11", &["-vet=printf", "./..."], PlanRequest::default()).unwrap();
        assert_eq!(words(&plan), "test -json -overlay=/o.json -vet=printf ./...");
        assert!(plan.notices.is_empty());
    }

    #[test]
    fn the_environment_stays_the_users() {
        for version in ["go1.25.0", "go1.26.8"] {
            assert!(
                plan_on(version, &[], PlanRequest::default())
                    .unwrap()
                    .env
                    .is_empty()
            );
        }
    }

    #[test]
    fn proof_is_an_experiment_on_go_1_26_only() {
        let request = PlanRequest {
            prove: true,
            ..PlanRequest::default()
        };
        let experiment = |version| {
            let plan = plan_on(version, &[], request.clone()).unwrap();
            (
                plan.env.iter().any(|(name, _)| *name == "GOEXPERIMENT"),
                plan.notices.len(),
            )
        };
        assert_eq!(experiment("go1.26.8"), (true, 1));
        assert_eq!(experiment("go1.27.3"), (false, 0));
    }

    #[test]
    fn a_linked_toolchain_is_told_where_it_is() {
        let mut linked = toolchain("go1.25.0");
        linked.through_link = true;
        let args = GoArgs::parse(&[]).unwrap();
        let overlay = Overlay {
            path: "/o.json".into(),
        };
        let plan = GoTestPlan::new(&args, &linked, &overlay, &PlanRequest::default()).unwrap();
        assert_eq!(plan.env, [("GOROOT", OsString::from("/go"))]);
    }

    #[test]
    fn what_would_blind_the_gate_is_refused() {
        let refused = |args: &[&str]| {
            matches!(
                plan_on("go1.26.8", args, PlanRequest::default()),
                Err(GoTestError::Refused { .. })
            )
        };
        for args in [
            &["-c"][..],
            &["-c", "-o", "x"],
            &["-list", "."],
            &["-test.list=."],
            &["-n"],
            &["-coverpkg=all"],
            &["-coverpkg", "./...,std"],
            &["-coverpkg=..."],
            &["-coverpkg=testing/..."],
            &["-coverpkg=runtime/pprof"],
            &["-compiler=gccgo"],
            &["-cover", "std"],
            &["-coverprofile=c.out", "testing"],
        ] {
            assert!(refused(args), "{args:?}");
        }
        for args in [
            &["-c=false"][..],
            &["-o", "x"],
            &["-list="],
            &["-x"],
            &["-coverpkg=./..."],
            &["-coverpkg=net/..."],
            &["-cover", "./..."],
            &["-cover=false", "std"],
            &["std"],
            &["./a", "-args", "-c", "-list=."],
        ] {
            assert!(!refused(args), "{args:?}");
        }
    }

    #[test]
    fn a_run_is_full_only_when_all_tests_of_all_packages_run() {
        for args in [
            &[][..],
            &["./..."],
            &["-race", "-count=3", "-v", "./..."],
            &["-run=", "./..."],
            &["-short=false", "./..."],
        ] {
            assert_eq!(plan(args).not_full, None, "{args:?}");
        }
        assert_eq!(
            plan(&["-run", "X", "./..."]).not_full.as_deref(),
            Some("-run X was given")
        );
        for args in [
            &["-short", "./..."][..],
            &["-skip=X", "./..."],
            &["-failfast", "./..."],
            &["-count=0", "./..."],
            &["./a"],
            &["-race"],
        ] {
            assert!(plan(args).not_full.is_some(), "{args:?}");
        }
    }
}
