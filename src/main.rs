//! The `leakgate` program.

fn main() -> std::process::ExitCode {
    leakgate::exit::ExitCode::Clean.into()
}
