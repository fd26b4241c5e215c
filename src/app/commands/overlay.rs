//! `leakgate overlay`: the shim for a `go test` that another program calls; its log goes to `leakgate check`.
//! Edge: prints it.

use crate::app::Failure;
use crate::app::output::output_file::{OutputError, OutputFile};
use crate::app::output::say::print;
use crate::app::output::shell::quoted;
use crate::app::project::here::Project;
use crate::app::store::environment::lookup;
use crate::cli::tools::OverlayArgs;
use crate::exit::ExitCode;
use crate::gotest::cache::CacheEnv;
use crate::gotest::{CacheDir, GoTestError, Injection, Toolchain, goroot};
use std::path::Path;

/// Runs the verb.
pub fn run(args: &OverlayArgs) -> Result<ExitCode, Failure> {
    let dir = Project::here()?.dir;
    if args.goroot.is_some() || args.patch.is_some() {
        return toolchain(args, &dir);
    }
    let injection = Injection::prepare(
        args.go.as_os_str(),
        &dir,
        args.merge.as_deref(),
        &CacheEnv::from_process(),
    )?;
    if let Some(why) = injection.cache.fallback() {
        return Err(GoTestError::CacheUnwritable {
            path: injection.cache.root().to_owned(),
            source: std::io::Error::other(format!(
                "it would go away at once, and no other folder serves ({why})"
            )),
        }
        .into());
    }
    let text = if args.flags {
        // Through the environment alone would be lost what only the environment can say.
        if !injection.env_beside_flags(lookup).is_empty() {
            let names: Vec<_> = injection
                .env_beside_flags(lookup)
                .into_iter()
                .map(|(name, _)| name)
                .collect();
            return Err(Failure::Message(format!(
                "this toolchain needs {} too: use `eval \"$(leakgate overlay)\"`",
                names.join(", ")
            )));
        }
        format!("{}\n", injection.flags().join(" "))
    } else {
        exports(&injection)
    };
    print(text.as_bytes())?;
    Ok(ExitCode::Clean)
}

/// The shim for build systems that compile the standard library themselves.
fn toolchain(args: &OverlayArgs, dir: &Path) -> Result<ExitCode, Failure> {
    let cache = CacheDir::open(&CacheEnv::from_process())?;
    let toolchain = Toolchain::discover(args.go.as_os_str(), dir, &cache)?;
    if let Some(to) = &args.goroot {
        goroot::copy(&toolchain, &dir.join(to))?;
    }
    if let Some(file) = &args.patch {
        let text = goroot::patch(&toolchain)?;
        if file.as_os_str() == "-" {
            print(text.as_bytes())?;
        } else {
            let unwritable = |error: OutputError| Failure::Message(error.to_string());
            let output = OutputFile::create(&dir.join(file)).map_err(unwritable)?;
            output.persist(text.as_bytes()).map_err(unwritable)?;
        }
    }
    Ok(ExitCode::Clean)
}

fn exports(injection: &Injection) -> String {
    let mut text = String::from(
        "# eval \"$(leakgate overlay)\"; go test -json ./... >log.json; leakgate check log.json\n",
    );
    for (name, value) in injection.env(lookup) {
        // PATH stays what the shell has, with one folder before it.
        match value.split_once(':').filter(|_| name == "PATH") {
            Some((ours, _)) => text.push_str(&format!("export PATH={}\":$PATH\"\n", quoted(ours))),
            None => text.push_str(&format!("export {name}={}\n", quoted(&value))),
        }
    }
    text
}
