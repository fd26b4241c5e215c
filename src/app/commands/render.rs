//! `leakgate report` and `leakgate schema`: a written report in another form. Edge: reads and writes files.

use crate::app::Failure;
use crate::app::output::ci;
use crate::app::output::output_file::OutputFile;
use crate::app::output::outputs;
use crate::app::output::patient::{Losses, conclude};
use crate::app::output::say::print;
use crate::app::output::terminal::Terminal;
use crate::app::project::here::Project;
use crate::app::project::owners;
use crate::app::store::history;
use crate::cli::render::{ReportArgs, SchemaArgs, SchemaOf};
use crate::exit::ExitCode;
use crate::report::sarif::{SarifOptions, Suppressed};
use crate::report::{Format, GithubOptions, HumanOptions, RenderOptions, schema};
use crate::settings::choices::Color;
use crate::settings::value::SettingValue;
use std::io::IsTerminal;

/// Runs `leakgate report`.
pub fn report(args: &ReportArgs) -> Result<ExitCode, Failure> {
    let mut files: Vec<(Format, OutputFile)> = Vec::new();
    for (format, path) in &args.reports {
        let file = outputs::open(&files, path)?;
        files.push((*format, file));
    }
    let report = history::read(&args.file)?;
    let options = options(args)?;
    if args.format.is_binary() && std::io::stdout().is_terminal() {
        let advice = format!("write it to a file: --report {}=PATH", args.format);
        return Err(Failure::Message(format!(
            "`{}` is not for a terminal; {advice}",
            args.format
        )));
    }
    let losses = Losses::default();
    for (format, file) in files {
        let mut bytes = Vec::new();
        format.write(&report, &mut bytes, &options)?;
        if let Err(error) = file.persist(&bytes) {
            losses.note(error.to_string());
        }
    }
    let mut bytes = Vec::new();
    args.format.write(&report, &mut bytes, &options)?;
    if args.format == Format::Human {
        bytes = ci::fenced(bytes);
    }
    let verdict = if args.exit_code {
        ExitCode::from_code(report.exit_code)
    } else {
        ExitCode::Clean
    };
    Ok(conclude(std::io::stdout(), &bytes, verdict, &losses))
}

/// Runs `leakgate schema`.
pub fn schema(args: &SchemaArgs) -> Result<ExitCode, Failure> {
    match args.of {
        SchemaOf::Report => print(schema::REPORT_SCHEMA.as_bytes())?,
        SchemaOf::Config => print(crate::settings::schema::CONFIG_SCHEMA.as_bytes())?,
    }
    Ok(ExitCode::Clean)
}

fn options(args: &ReportArgs) -> Result<RenderOptions, Failure> {
    let terminal = Terminal::look();
    let colour = Color::from_text(&args.color).ok_or_else(|| {
        Failure::Message(format!(
            "--color takes {}, not `{}`",
            Color::expected(),
            args.color
        ))
    })?;
    Ok(RenderOptions {
        human: HumanOptions {
            verbose: args.verbose,
            quiet: args.quiet,
            slowest: args.slowest,
            colour: !args.no_color && terminal.colours(colour),
            width: terminal.width,
            ..HumanOptions::default()
        },
        sarif: SarifOptions {
            suppressed: if args.sarif_suppressed {
                Suppressed::Include
            } else {
                Suppressed::Omit
            },
            category: args.sarif_category.clone(),
        },
        github: GithubOptions {
            path_prefix: args.path_prefix.clone(),
        },
        owners: Project::here()
            .map(|project| owners::of_project(&project))
            .unwrap_or_default(),
        ..RenderOptions::default()
    })
}
