//! `leakgate ide`: how an editor's test view runs tests under the gate. Edge: writes the wrapper, when asked to.

use crate::app::Failure;
use crate::app::output::output_file::{OutputError, OutputFile};
use crate::app::output::say::say;
use crate::app::project::here::Project;
use crate::app::store::environment::lookup;
use crate::cli::project::{Editor, IdeArgs};
use crate::exit::ExitCode;
use crate::gotest::trust;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Runs the verb.
pub fn run(args: &IdeArgs) -> Result<ExitCode, Failure> {
    let dir = Project::here()?.dir;
    let program = std::env::current_exe()
        .map_err(|error| Failure::Message(format!("can't find this program: {error}")))?;
    let script = wrapper(&program, &absolute(&args.go)?);
    let mut text = String::new();
    let wrapper = match &args.write {
        Some(folder) => {
            let path = dir.join(folder).join(if cfg!(windows) { "go.cmd" } else { "go" });
            write(&path, &script)?;
            text.push_str(&format!("wrote {}\n\n", path.display()));
            path.display().to_string()
        }
        None => {
            text.push_str(&format!(
                "A go command that runs tests under leakgate (written by `leakgate ide {} --write FOLDER`):\n\n{}\n",
                args.editor.name(),
                indented(&script)
            ));
            "FOLDER/go".to_owned()
        }
    };
    text.push_str(&settings(args.editor, &wrapper));
    say(&text)?;
    Ok(ExitCode::Clean)
}

/// The second line of a wrapper.
const MARK: &str = "# The go command of an editor: tests run under leakgate, everything else as it is.";

/// Whether this is a wrapper, which must not call itself.
#[expect(
    clippy::disallowed_methods,
    reason = "edge: the beginning of a program is read"
)]
fn is_wrapper(path: &Path) -> bool {
    let mut head = Vec::new();
    let file = std::fs::File::open(path);
    let read = file.and_then(|file| file.take(256).read_to_end(&mut head));
    read.is_ok() && memchr::memmem::find(&head, MARK.as_bytes()).is_some()
}

/// The full path of `go`: the wrapper may itself be first in PATH under that name.
fn absolute(go: &Path) -> Result<PathBuf, Failure> {
    let folders = lookup("PATH").unwrap_or_default();
    let candidates = match go.components().count() {
        1 => std::env::split_paths(&folders)
            .map(|folder| folder.join(go))
            .collect(),
        _ => vec![go.to_path_buf()],
    };
    let found = candidates
        .into_iter()
        .map(|path| path.with_extension(std::env::consts::EXE_EXTENSION));
    let found = found
        .filter(|path| path.is_file() && !is_wrapper(path))
        .find_map(|path| std::path::absolute(path).ok());
    found.ok_or_else(|| {
        Failure::Message(format!(
            "there is no `{}`; name the go command with --go",
            go.display()
        ))
    })
}

/// The go command of the editor: tests go through leakgate, all else to go itself. What builds or lists tests and runs none
/// is go's, too, and so is what a leakgate has put its overlay into already. An editor shows packages without tests as go
/// does, so that they pass.
fn wrapper(leakgate: &Path, go: &Path) -> String {
    if cfg!(windows) {
        return batch(leakgate, go);
    }
    let quoted = |path: &Path| {
        let text = path.display().to_string();
        format!("'{}'", text.replace('\'', r"'\''"))
    };
    let (leakgate, go) = (quoted(leakgate), quoted(go));
    format!(
        r#"#!/bin/sh
{MARK}
if [ "$1" = test ]; then
  under=leakgate
  case ${{GOFLAGS-}} in *-overlay*) under=go ;; esac
  for word in "$@"; do
    case $word in
      -args | --args) break ;;
      -c | --c | -list | --list | -list=* | --list=* | -exec | --exec | -exec=* | --exec=* | -overlay | -overlay=*) under=go ;;
    esac
  done
  if [ "$under" = leakgate ]; then
    shift
    exec {leakgate} test --no-tests pass --go {go} "$@"
  fi
fi
exec {go} "$@"
"#
    )
}

/// The same for cmd.exe, whose `%*` holds the word `test` too.
fn batch(leakgate: &Path, go: &Path) -> String {
    let (leakgate, go) = (leakgate.display(), go.display());
    let lines = [
        "@echo off".to_owned(),
        format!("rem {MARK}"),
        "if not \"%1\"==\"test\" goto go".to_owned(),
        "for %%w in (%*) do (".to_owned(),
        "  if \"%%w\"==\"-c\" goto go".to_owned(),
        "  if \"%%w\"==\"-list\" goto go".to_owned(),
        "  if \"%%w\"==\"-exec\" goto go".to_owned(),
        "  if \"%%w\"==\"-overlay\" goto go".to_owned(),
        ")".to_owned(),
        "set \"rest=%*\"".to_owned(),
        "set \"rest=%rest:* =%\"".to_owned(),
        "if \"%2\"==\"\" set \"rest=\"".to_owned(),
        format!("\"{leakgate}\" test --no-tests pass --go \"{go}\" %rest%"),
        "exit /b %errorlevel%".to_owned(),
        ":go".to_owned(),
        format!("\"{go}\" %*"),
    ];
    lines.map(|line| line + "\r\n").concat()
}

/// Writes the wrapper, also over an earlier one; a file that holds something else stays.
#[expect(clippy::disallowed_methods, reason = "edge: the wrapper is written")]
fn write(path: &Path, script: &str) -> Result<(), Failure> {
    match std::fs::read(path) {
        Ok(there) if there == script.as_bytes() => return Ok(()),
        Ok(_) if !is_wrapper(path) => {
            return Err(Failure::Message(format!(
                "{} holds something else; name another folder, or remove that file first",
                path.display()
            )));
        }
        _ => {}
    }
    let unwritable = |error: OutputError| Failure::Message(error.to_string());
    let file = OutputFile::create(path).map_err(unwritable)?;
    file.persist(script.as_bytes()).map_err(unwritable)?;
    trust::make_executable(path)
        .map_err(|error| Failure::Message(format!("can't make {} executable: {error}", path.display())))?;
    Ok(())
}

fn settings(editor: Editor, wrapper: &str) -> String {
    let folder = Path::new(wrapper).parent().unwrap_or(Path::new(".")).display();
    match editor {
        Editor::Vscode => format!(
            "settings.json of VS Code:\n\n  \"go.alternateTools\": {{ \"go\": {wrapper:?} }},\n  \"go.testFlags\": [\"-v\"]\n\n\
             A leaking test is red in the test view, with the line in its message.\n"
        ),
        Editor::Neovim => format!(
            "init.lua of Neovim, for neotest and every plugin that runs `go test -json`:\n\n  \
             vim.env.PATH = {:?} .. vim.env.PATH\n\nA leaking test fails, with the line in its output.\n",
            format!("{folder}:")
        ),
        Editor::Goland => "GoLand builds test binaries with `go test -c` and runs them itself, so its test view can't be gated. \
             Add a run configuration of the kind Shell Script, with this as its script text:\n\n  \
             leakgate test ./...\n\nIts console links each file:line of the report to the source.\n"
            .to_owned(),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

#[cfg(test)]
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "the test runs the wrapper")]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn the_wrapper_sends_tests_to_leakgate_and_all_else_to_go() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("it's a folder");
        let echo = |name: &str| {
            let path = folder.join(name);
            write(&path, &format!("#!/bin/sh\necho {name} \"$@\"\n")).unwrap();
            path
        };
        let (leakgate, go) = (echo("leakgate"), echo("real-go"));
        let path = folder.join("go");
        write(&path, &wrapper(&leakgate, &go)).unwrap();
        let says_under = |goflags: &str, args: &[&str]| {
            let mut command = Command::new(&path);
            let output = command.env("GOFLAGS", goflags).args(args).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let says = |args: &[&str]| says_under("-count=1", args);
        let gated = format!("leakgate test --no-tests pass --go {}", go.display());
        assert_eq!(
            says(&["test", "-json", "-run", "^TestA$", "./x"]),
            format!("{gated} -json -run ^TestA$ ./x")
        );
        assert_eq!(says(&["test", "-run", "a b"]), format!("{gated} -run a b"));
        assert_eq!(says(&["test", "-c", "-o", "x.test"]), "real-go test -c -o x.test");
        assert_eq!(
            says(&["test", ".", "-args", "-c", "-list"]),
            format!("{gated} . -args -c -list")
        );
        for own in [
            "test -list=.* ./x",
            "test --list . ./x",
            "test -c -o __debug_bin -gcflags=all=-N ./x",
            "test -json -overlay=/o.json ./x",
            "env GOROOT",
            "list -json ./...",
            "version",
            "build -o x",
        ] {
            let words: Vec<&str> = own.split(' ').collect();
            assert_eq!(says(&words), format!("real-go {own}"));
        }
        assert_eq!(says(&[]), "real-go");
        // A `leakgate exec` around it has put the shim there already.
        assert_eq!(
            says_under("-overlay=/o.json", &["test", "./x"]),
            "real-go test ./x"
        );
    }

    #[test]
    fn a_wrapper_is_not_taken_for_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("go");
        write(&path, &wrapper(Path::new("/l"), Path::new("/g"))).unwrap();
        assert!(is_wrapper(&path));
        assert!(absolute(&path).is_err());
        assert!(batch(Path::new("l"), Path::new("g")).contains(MARK));
    }

    #[test]
    fn a_file_that_holds_something_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("go");
        std::fs::write(&path, "mine").unwrap();
        assert!(
            write(&path, "#!/bin/sh\n")
                .unwrap_err()
                .to_string()
                .contains("holds something else")
        );
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    }
}
