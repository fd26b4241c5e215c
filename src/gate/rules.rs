//! What a report says of the rules themselves.

use crate::diag::Severity;
use crate::report::Notice;
use crate::rules::book::RuleBook;
use crate::rules::go_mod::GoMod;
use crate::rules::lint::{Facts, Lint};
use crate::rules::matching::ModuleRoot;
use crate::rules::notice::RuleNotice;
use crate::rules::policy::{LintCode, LintLevel};
use jiff::civil::Date;

/// What can be said of the entries without looking at code. Expired ones are reported after the run, with what they cost.
pub fn lint(book: &RuleBook, own: &[ModuleRoot], today: Date) -> Vec<RuleNotice> {
    let modules = own.iter().map(|root| (root.clone(), GoMod::default()));
    let facts = Facts {
        modules: modules.collect(),
        ..Facts::default()
    };
    let lint = Lint {
        file: &book.file,
        entries: &book.allow,
        policy: &book.policy,
        catalog: &book.catalog,
        facts: &facts,
        today,
    };
    let mut found = lint.run();
    found.retain(|notice| notice.code != LintCode::Expired);
    // Where the package did run, nothing but this says that its entry is over.
    let may_not_run = Lint {
        entries: &book.may_not_run,
        ..lint
    };
    found.extend(may_not_run.words());
    found
}

/// What a report says of the entries themselves, beside what the run showed of them.
pub fn lint_notices(book: &RuleBook, own: &[ModuleRoot], today: Date) -> Vec<Notice> {
    lint(book, own, today).iter().map(notice).collect()
}

/// A finding about the rules, as the report says it.
pub fn notice(found: &RuleNotice) -> Notice {
    Notice {
        code: found.code.as_str().to_owned(),
        severity: if found.level == LintLevel::Deny {
            Severity::Error
        } else {
            Severity::Warning
        },
        message: found.message.clone(),
        remedy: found.remedy.clone(),
        place: Some(found.at()),
        package: None,
    }
}
