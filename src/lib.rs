//! leakgate: the goroutine-leak gate for Go test suites.
//!
//! One line to hold in mind:
//! `Args → Settings → GoTestPlan → Line → Event | Record → Evidence → Attributed → Verdict → Ruling → Report → bytes + exit code`
//!
//! # Map
//!
//! A room imports only from rooms above it in this table; `app` sees all of them
//! and passes values across. `tests/architecture` checks the table against the code.
//!
//! | room | holds | may touch |
//! | --- | --- | --- |
//! | `exit` | the exit-code contract | nothing |
//! | `package_path` | import-path newtype | nothing |
//! | `diag` | codes of notices and of inconclusive packages, their pages; did you mean | pure |
//! | `goroutine` | dump text → goroutines: header, state, frame, signature, owner, fingerprint | pure |
//! | `events` | test2json lines → events | pure |
//! | `wire` | shim records: find, reassemble, verify, decode | pure |
//! | `evidence` | decoded records → evidence about one test process | pure |
//! | `parallel` | the same work on many things, on all processors at once | pure, but for its threads |
//! | `go_source` | Go source: scopes, declarations, values, what a name means | pure |
//! | `leak` | attribution, verdict, cause | pure |
//! | `rules` | allow-list, catalog, baseline: parse, match, lint, edit text | pure, today is an argument |
//! | `settings` | flags > env > file > defaults, merged once | pure |
//! | `report` | the complete sorted model; one file per format, to any writer | pure |
//! | `dumps` | dumps from any stream: decode, fold, judge, compare, growth | pure |
//! | `gotest` | toolchain, overlay, plan, child process, stream | edge: files, processes |
//! | `fetch` | a dump asked of a running process: http(s), gops agent, SIGQUIT | edge: network, signals |
//! | `cli` | clap types, one file per subcommand | nothing |
//! | `gate` | the engine of a gated run: stream → packages → judged → report; what is inconclusive, and why | pure, but for a temporary file that holds output |
//! | `app` | `commands/`, `run/`, `output/`, `project/`, `store/`, `failure.rs` | edge: everything |
//!
//! Public is what `main.rs`, the end-to-end tests, the benches and the fuzz targets use, each named in its room's `mod.rs`. The
//! rest is `pub(crate)`, so that the compiler finds what nothing uses any more.
//!
//! # Edges
//!
//! Nothing else touches the world outside; the same test checks it.
//!
//! | edge | touches |
//! | --- | --- |
//! | `gotest` | files, processes, environment, clock |
//! | `fetch` | files, network |
//! | `gate/spool.rs` | files, environment |
//! | `app/store` | files, streams, environment |
//! | `app/project` | files, environment, clock |
//! | `app/output` | files, streams, processes |
//! | `app/run` | environment, clock |
//! | `app/commands` | streams |
//! | `app/commands/dumps` | files, clock |
//! | `app/commands/ide.rs` | files |
//! | `app/failure.rs` | streams |

pub mod app;
pub mod cli;
pub mod diag;
pub mod dumps;
pub mod events;
pub mod evidence;
pub mod exit;
pub mod fetch;
pub mod gate;
pub mod go_source;
pub mod goroutine;
pub mod gotest;
pub mod leak;
pub mod package_path;
pub mod parallel;
pub mod report;
pub mod rules;
pub mod settings;
pub mod wire;
