//! `leakgate dump`: what goroutines a dump holds, why they wait, and which rules know them.

use super::input::{self, Given, agent, limits};
use super::judging::{Judging, against, filters};
use crate::app::Failure;
use crate::app::output::say::print;
use crate::cli::dumps::DumpArgs;
use crate::dumps::show::{self, Detail, DumpFormat};
use crate::dumps::view::{Look, SCHEMA, View, dump_view};
use crate::dumps::{Reading, read};
use crate::exit::ExitCode;
use crate::fetch::Limits;
use std::io::IsTerminal;

/// Runs the verb.
pub fn run(args: &DumpArgs) -> Result<ExitCode, Failure> {
    if args.format == DumpFormat::Pprof && std::io::stdout().is_terminal() {
        return Err(Failure::Message(
            "`pprof` is not for a terminal; send it to a file: leakgate dump --format pprof … > goroutines.pb.gz".to_owned(),
        ));
    }
    let mut look = Look {
        filters: filters(&args.select)?,
        top: args.top,
        ..Look::default()
    };
    if !args.group_by.is_empty() {
        look.group_by.clone_from(&args.group_by);
    }
    let known = args.against.as_deref().map(against).transpose()?;
    let judging = Judging::new(&args.rules)?;
    let mut view = View {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        dumps: Vec::new(),
        troubles: Vec::new(),
    };
    let limits = limits(&args.fetch)?;
    for given in sources(args, limits) {
        let (name, reading) = match given.and_then(whole) {
            Ok(read) => read,
            Err(failure) => {
                view.troubles.push(failure.to_string());
                continue;
            }
        };
        if reading.dumps.is_empty() {
            view.troubles.push(format!(
                "{name} holds no goroutines; leakgate reads stacks, crashes, goroutine profiles, `go test -json` and logs with these in them"
            ));
        }
        view.troubles.extend(
            reading
                .broken
                .map(|error| format!("{name} could not be read to its end: {error}")),
        );
        let several = reading.dumps.len() > 1;
        for (at, dump) in reading.dumps.iter().enumerate() {
            let judged = judging.judge(dump);
            let number = several.then_some(at + 1);
            view.dumps.push(dump_view(
                &name,
                number,
                dump,
                &judged,
                &look,
                known.as_ref(),
                judging.crash(dump),
            ));
        }
    }
    if view.dumps.is_empty() {
        return Err(Failure::Message(view.troubles.join("\nleakgate: ")));
    }
    print(&show::write(&view, args.format, Detail { stacks: args.verbose })?)?;
    if args.format == DumpFormat::Pprof {
        // That format has no room for words.
        for trouble in &view.troubles {
            let _ = Failure::Message(trouble.clone()).report();
        }
    }
    Ok(verdict(&view))
}

/// What was lost makes the answer incomplete, which no script should take for whole.
fn verdict(view: &View) -> ExitCode {
    let incomplete = view.dumps.iter().any(|dump| dump.missing > 0 || dump.cut);
    if incomplete || !view.troubles.is_empty() {
        ExitCode::Inconclusive
    } else {
        ExitCode::Clean
    }
}

/// Everything that is asked for, opened when its turn comes.
fn sources(args: &DumpArgs, limits: Limits) -> impl Iterator<Item = Result<Given, Failure>> {
    let process = args.process.pid.map(|pid| (pid, args.process.sigquit));
    let of_process = limits.clone();
    let process = process.into_iter().map(move |(pid, sigquit)| match sigquit {
        true => quit(pid, &of_process),
        false => agent(pid, &of_process),
    });
    let named = args
        .sources
        .iter()
        .map(move |source| input::open(source, &limits, Some(2)));
    named.chain(process)
}

#[cfg(unix)]
fn quit(pid: u32, limits: &crate::fetch::Limits) -> Result<Given, Failure> {
    let say = |words: &str| {
        // If standard error can't be written to, there is no other place for the message.
        let _ = std::io::Write::write_all(&mut anstream::stderr(), format!("leakgate: {words}\n").as_bytes());
    };
    Ok(Given {
        name: format!("process {pid}"),
        read: Box::new(crate::fetch::quit(pid, limits.timeout, say)?),
    })
}

#[cfg(not(unix))]
fn quit(_: u32, _: &crate::fetch::Limits) -> Result<Given, Failure> {
    Err(Failure::Message(
        "this system has no SIGQUIT; fetch the service's /debug/pprof/goroutine".to_owned(),
    ))
}

fn whole(given: Given) -> Result<(String, Reading), Failure> {
    let reading = read(given.read).map_err(|error| Failure::Message(format!("{}: {error}", given.name)))?;
    Ok((given.name, reading))
}
