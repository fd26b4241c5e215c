//! The built-in catalog's part in a ruling.

use super::super::catalog::{Action, Catalog, CatalogEntry, Lifetime};
use super::super::ruling::{Ruling, RulingKind};
use super::{Desk, by};
use crate::leak::{Evidenced, Verdict};
use std::collections::BTreeMap;

impl Desk<'_> {
    pub(super) fn catalog(&mut self) {
        let mut groups: BTreeMap<&str, (&CatalogEntry, Action, Vec<usize>)> = BTreeMap::new();
        for at in self.open() {
            if let Some((entry, action)) = Catalog::built_in().of(&self.names[at], &self.book.catalog) {
                groups
                    .entry(&entry.name)
                    .or_insert((entry, action, Vec::new()))
                    .2
                    .push(at);
            }
        }
        for (_, (entry, action, all)) in groups {
            for (_, (group, count)) in self.by_process(&all) {
                self.catalog_group(entry, action, &group, count);
            }
        }
    }

    fn catalog_group(&mut self, entry: &CatalogEntry, action: Action, group: &[usize], count: u64) {
        let rule = format!("catalog:{}", entry.name);
        let advice = entry.advice.as_ref().map(|advice| format!("; {advice}"));
        let advice = advice.unwrap_or_default();
        let refused = match (action, entry.cap) {
            (Action::Ignore | Action::Note, Some(cap)) if count > cap => Some(format!(
                "{rule} covers at most {cap} in a process, {count} were found{advice}"
            )),
            (Action::Hint, _) if entry.action.silences() && !entry.is_checked() => Some(format!(
                "{rule} names it, unchecked, so it does not pass: {}",
                entry.reason
            )),
            (Action::Hint, _) if entry.action.silences() => Some(format!(
                "{rule} covers the library's own, which {} starts{advice}",
                entry.started_by.join(" or ")
            )),
            _ => None,
        };
        for &at in group {
            if let Some(reason) = &refused {
                self.refused[at].get_or_insert_with(|| reason.clone());
                continue;
            }
            let leak = &self.leaks[at];
            // What hangs on it in the user's own code is the user's, whatever started it.
            if action.silences()
                && leak
                    .members
                    .iter()
                    .any(|member| !member.group.own_frames.is_empty())
            {
                self.refused[at].get_or_insert_with(|| {
                    format!("{rule} does not cover code of your own that hangs on it")
                });
                continue;
            }
            let proven = leak.root.evidenced == Evidenced::Proven;
            if let (Action::Settle, Some(ms), Verdict::Leaked) = (action, entry.awaited(), leak.root.verdict)
            {
                self.refused[at].get_or_insert_with(|| {
                    format!("{rule} had the {ms} ms that it takes to end once it is closed, and is still there{advice}")
                });
                continue;
            }
            let kind = match action {
                Action::Ignore => RulingKind::Background,
                Action::Settle if proven => continue,
                Action::Settle if entry.lifetime != Lifetime::PerClientUnclosed => RulingKind::Background,
                Action::Settle | Action::Note => RulingKind::Warns,
                Action::Hint | Action::Never | Action::Dead => continue,
            };
            let because = match (action, entry.settle_ms) {
                (Action::Settle, Some(ms)) => {
                    format!("{}; give it time with `settle = \"{ms}ms\"`", entry.reason)
                }
                _ => entry.reason.clone(),
            };
            self.rulings[at] = Some(Ruling {
                because: Some(because),
                ..by(kind, &rule)
            });
        }
    }
}
