//! The texts that a Go expression stands for, as far as one file tells: literals, sums of them, constants,
//! variables of a `range` over literals.

use crate::rules::go_source::{Token, TokenKind};
use std::collections::BTreeMap;

/// Names of one file with the texts they stand for.
#[derive(Debug, Default)]
pub struct Names<'a> {
    texts: BTreeMap<&'a str, Vec<String>>,
}

impl<'a> Names<'a> {
    /// Reads constants, variables and `range` clauses of a file. `tokens` holds no comments.
    pub fn of(tokens: &[Token<'a>]) -> Self {
        let mut names = Self::default();
        for at in 0..tokens.len() {
            names.definition(&tokens[at..]);
        }
        for at in 0..tokens.len() {
            names.range(&tokens[at..]);
        }
        names
    }

    /// The texts of the expression that ends before the token `,` or `)` on its own level; `None` if they are not told.
    pub fn value(&self, expression: &[Token<'a>]) -> Option<Vec<String>> {
        let mut sums = vec![String::new()];
        let mut expects_term = true;
        for token in expression {
            if token.is("+") && !expects_term {
                expects_term = true;
                continue;
            }
            let terms = match token.kind {
                TokenKind::Text => vec![token.value()?.into_owned()],
                TokenKind::Word => self.texts.get(token.text)?.clone(),
                _ => return None,
            };
            if !expects_term {
                return None;
            }
            expects_term = false;
            sums = sums
                .iter()
                .flat_map(|sum| terms.iter().map(move |term| format!("{sum}{term}")))
                .take(1000)
                .collect();
        }
        (!expects_term).then_some(sums)
    }

    /// `name = "…"`, `name := "…"`, `name = []string{…}`, `name string = "…"`.
    fn definition(&mut self, rest: &[Token<'a>]) {
        let Some(name) = rest.first().filter(|token| token.kind == TokenKind::Word) else {
            return;
        };
        let mut after = &rest[1..];
        if after.first().is_some_and(|token| token.is("string")) {
            after = &after[1..];
        }
        if after.first().is_some_and(|token| token.is(":")) {
            after = &after[1..];
        }
        if !after.first().is_some_and(|token| token.is("=")) {
            return;
        }
        let after = &after[1..];
        if let Some(list) = list(after) {
            self.texts.entry(name.text).or_insert(list);
            return;
        }
        let end = after
            .iter()
            .position(|token| token.kind != TokenKind::Text && !token.is("+"))
            .unwrap_or(after.len());
        if let Some(value) = self.value(&after[..end]) {
            self.texts.entry(name.text).or_insert(value);
        }
    }

    /// `for _, name := range []string{…}` or `range names`.
    fn range(&mut self, rest: &[Token<'a>]) {
        let [_, comma, name, colon, equals, range, after @ ..] = rest else {
            return;
        };
        let shape = comma.is(",") && colon.is(":") && equals.is("=") && range.is("range");
        if !shape || name.kind != TokenKind::Word {
            return;
        }
        let known = after
            .first()
            .and_then(|token| self.texts.get(token.text))
            .cloned();
        if let Some(texts) = list(after).or(known) {
            self.texts.insert(name.text, texts);
        }
    }
}

/// `[]string{"a", "b"}`, `[...]string{…}`.
fn list(rest: &[Token<'_>]) -> Option<Vec<String>> {
    let close = rest
        .first()
        .filter(|token| token.is("["))
        .and_then(|_| rest.iter().position(|token| token.is("]")))?;
    let [kind, open, items @ ..] = &rest[close + 1..] else {
        return None;
    };
    if !kind.is("string") || !open.is("{") {
        return None;
    }
    let end = items.iter().position(|token| token.is("}"))?;
    items[..end]
        .split(|token| token.is(","))
        .filter(|item| !item.is_empty())
        .map(|item| match item {
            [one] => one.value().map(std::borrow::Cow::into_owned),
            _ => None,
        })
        .collect()
}
