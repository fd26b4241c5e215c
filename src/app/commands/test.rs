//! `leakgate test`: runs the tests once, or again at each change.

use crate::app::Failure;
use crate::app::run::once::once;
use crate::cli::gate::TestArgs;
use crate::exit::ExitCode;

/// Runs the verb.
pub fn run(args: &TestArgs) -> Result<ExitCode, Failure> {
    misplaced(args)?;
    #[cfg(feature = "watch")]
    if args.run.watch {
        return crate::app::run::watch::run(args);
    }
    once(args, &mut None)
}

/// Our own flags among go's arguments would be swallowed: a `--junitfile` that writes no file is a hole in a CI.
fn misplaced(args: &TestArgs) -> Result<(), Failure> {
    use clap::CommandFactory;
    let command = crate::cli::Cli::command();
    let test = command
        .find_subcommand("test")
        .expect("the subcommand is declared");
    let ours: Vec<&str> = test.get_arguments().filter_map(clap::Arg::get_long).collect();
    let words = args.go_args.iter().map(|word| word.to_string_lossy());
    for word in words.take_while(|word| word != "-args" && word != "--args") {
        let Some(name) = word
            .strip_prefix("--")
            .map(|word| word.split('=').next().unwrap_or(word))
        else {
            continue;
        };
        if ours.contains(&name) {
            return Err(Failure::Message(format!(
                "--{name} is a flag of leakgate but stands among the arguments of go test; put it before them \
                 (leakgate test --{name} … ./...), or after -args if your tests mean it"
            )));
        }
    }
    Ok(())
}
