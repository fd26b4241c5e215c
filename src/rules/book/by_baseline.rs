//! The baseline's part in a ruling: known debt within its count.

use super::super::baseline::Baseline;
use super::super::notice::RuleNotice;
use super::super::policy::{LintCode, LintLevel};
use super::super::ruling::{Ruling, RulingKind};
use super::{Desk, by, goroutines};
use crate::goroutine::Fingerprint;
use crate::package_path::PackagePath;
use std::collections::BTreeMap;

impl Desk<'_> {
    pub(super) fn baseline(&mut self) {
        let Some((file, baseline)) = &self.book.baseline else {
            return;
        };
        let mut groups: BTreeMap<(&PackagePath, &Fingerprint), Vec<usize>> = BTreeMap::new();
        for at in self.open() {
            let leak = &self.leaks[at];
            groups
                .entry((&leak.root.package, &leak.root.fingerprint))
                .or_default()
                .push(at);
        }
        for ((package, fingerprint), group) in &groups {
            let Some(known) = baseline.known(package, fingerprint) else {
                continue;
            };
            let count = self.count(group);
            for &at in group {
                if count > known {
                    self.refused[at] = Some(format!(
                        "{file} knows {known} of it in this package, {count} were found"
                    ));
                } else {
                    let because = Some(format!("{file} knows {known} of it in this package"));
                    self.rulings[at] = Some(Ruling {
                        because,
                        ..by(RulingKind::Baselined, file)
                    });
                }
            }
        }
        self.fixed_debt(file, baseline, &groups);
    }

    fn fixed_debt(
        &mut self,
        file: &str,
        baseline: &Baseline,
        found: &BTreeMap<(&PackagePath, &Fingerprint), Vec<usize>>,
    ) {
        let level = self.book.policy.level(LintCode::FixedDebt);
        if self.context.not_full.is_some() || level == LintLevel::Allow {
            return;
        }
        let now = |package, fingerprint| {
            found
                .get(&(package, fingerprint))
                .map_or(0, |group| self.count(group))
        };
        let fixed: Vec<u64> = baseline
            .entries()
            .map(|entry| {
                entry
                    .count
                    .saturating_sub(now(&entry.package, &entry.fingerprint))
            })
            .filter(|fewer| *fewer > 0)
            .collect();
        if !fixed.is_empty() {
            let total = fixed.iter().copied().fold(0, u64::saturating_add);
            self.notices.push(RuleNotice {
                code: LintCode::FixedDebt,
                level,
                message: format!(
                    "{} of the recorded debt {} gone, in {} of {} entries",
                    goroutines(total),
                    if total == 1 { "is" } else { "are" },
                    fixed.len(),
                    baseline.len()
                ),
                remedy: Some(
                    "`leakgate baseline tighten` lowers the counts, so that they can't come back".to_owned(),
                ),
                file: file.to_owned(),
                place: None,
                span: 0..0,
                fix: Vec::new(),
                remove: false,
                entry: None,
            });
        }
    }
}
