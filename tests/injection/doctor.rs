//! What the doctor finds is what a run would meet.

use crate::matrix::toolchains;
use leakgate::gotest::CacheEnv;
use leakgate::gotest::SignalWatch;
use leakgate::gotest::{Level, examine};

#[test]
fn on_every_go_the_shim_takes_effect_and_sees_a_leak() {
    let here = tempfile::tempdir().unwrap();
    for go in toolchains() {
        let facts = examine(
            go.program.as_os_str(),
            here.path(),
            &CacheEnv::from_process(),
            &SignalWatch::none(),
        );
        let level = |subject: &str| {
            facts
                .iter()
                .find(|fact| fact.subject == subject)
                .map(|fact| fact.level)
        };
        for subject in ["go", "cache", "overlay", "trial", "canary", "labels"] {
            assert_eq!(level(subject), Some(Level::Good), "Go {}: {facts:#?}", go.version);
        }
        let proof = if go.minor() >= 27 {
            Level::Good
        } else {
            Level::Limited
        };
        assert_eq!(level("proof"), Some(proof), "Go {}: {facts:#?}", go.version);
        assert_eq!(level("module"), Some(Level::Limited));
    }
}
