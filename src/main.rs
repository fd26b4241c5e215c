//! The `leakgate` program.

fn main() -> std::process::ExitCode {
    leakgate::app::run(std::env::args_os()).into()
}
