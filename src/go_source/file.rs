//! One Go file: its tree, its imports, and what it declares.

use super::lines::line_starts;
use super::tree::{Place, Tree, kind_ids};
use crate::goroutine::name;
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// A file larger than this is not parsed: no hand-written Go file is.
const LARGEST: usize = 4 << 20;

/// A parsed file.
#[derive(Debug)]
pub struct GoFile {
    /// Its path, as it was asked for.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
    /// The name in its package clause.
    pub package: String,
    /// Its imports.
    pub imports: Vec<Import>,
    /// What it declares outside of functions.
    pub decls: Vec<Decl>,
    /// Places in `decls` by name.
    by_name: FxHashMap<String, Vec<usize>>,
    index: OnceLock<Index>,
    /// What declares each name, by the place of the name, as far as that was asked for.
    declaring: OnceLock<Box<[AtomicU32]>>,
    tree: Tree,
}

/// Of a name that was not asked for yet: the root declares none.
const NOT_ASKED: Place = 0;
/// Of a name that nothing in its file declares.
const UNDECLARED: Place = Place::MAX;

/// One import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The name it has in this file, if one is given.
    pub name: Option<String>,
    /// Its path.
    pub path: String,
}

/// A declaration outside of functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decl {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: DeclKind,
    /// The bytes of its node: of a variable, of its name.
    pub range: Range<usize>,
}

/// What is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeclKind {
    /// A function.
    Func,
    /// A method of a type, with a pointer receiver or not.
    Method {
        /// The type's name.
        receiver: String,
        /// `*T`.
        pointer: bool,
    },
    /// A type.
    Type,
    /// A variable.
    Var,
    /// A constant.
    Const,
}

impl GoFile {
    /// Parses a file; `None` if it is too large.
    pub fn parse(path: &str, text: Arc<str>) -> Option<Self> {
        if text.len() > LARGEST {
            return None;
        }
        let tree = Tree::parse(&text)?;
        let mut file = Self {
            path: path.to_owned(),
            text,
            package: String::new(),
            imports: Vec::new(),
            decls: Vec::new(),
            by_name: FxHashMap::default(),
            index: OnceLock::new(),
            declaring: OnceLock::new(),
            tree,
        };
        let (package, imports, decls) = file.read();
        (file.package, file.imports, file.decls) = (package, imports, decls);
        for (at, decl) in file.decls.iter().enumerate() {
            file.by_name.entry(decl.name.clone()).or_default().push(at);
        }
        Some(file)
    }

    /// The whole file.
    pub fn root(&self) -> At<'_> {
        At { file: self, place: 0 }
    }

    /// What it declares under a name.
    pub fn declared(&self, name: &str) -> impl Iterator<Item = &Decl> {
        let places = self.by_name.get(name).into_iter().flatten();
        places.map(|&at| &self.decls[at])
    }

    /// The node of a declaration.
    pub fn node(&self, decl: &Decl) -> Option<At<'_>> {
        self.at(&decl.range)
    }

    /// The smallest node that holds these bytes.
    pub fn at(&self, range: &Range<usize>) -> Option<At<'_>> {
        Some(self.root().with(self.tree.at(range)?))
    }

    /// Every place where a name is written as a name, in source order.
    pub fn named(&self, name: &str) -> Vec<At<'_>> {
        self.named_within(name, &(0..self.text.len()))
    }

    /// Those of them that begin within these bytes.
    pub fn named_within(&self, name: &str, bytes: &Range<usize>) -> Vec<At<'_>> {
        let places = self.index().names.get(name);
        self.beginning_within(places.map_or(&[][..], Vec::as_slice), bytes)
    }

    /// Every send on a channel that begins within these bytes, in source order.
    pub fn sends_within(&self, bytes: &Range<usize>) -> Vec<At<'_>> {
        self.beginning_within(&self.index().sends, bytes)
    }

    /// Those of some places in source order that begin within these bytes.
    fn beginning_within(&self, places: &[Place], bytes: &Range<usize>) -> Vec<At<'_>> {
        let root = self.root();
        let before = |end: usize| places.partition_point(|&place| root.with(place).start() < end);
        let (from, to) = (before(bytes.start), before(bytes.end));
        places[from..to.max(from)]
            .iter()
            .map(|&place| root.with(place))
            .collect()
    }

    /// Made when it is first asked for: most parsed files are asked for no name.
    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(self))
    }

    /// The bytes of a line (from 1), without what is around its code.
    pub fn line(&self, number: u32) -> Option<Range<usize>> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let start = *self.index().lines.get(index)?;
        let end = self.text[start..]
            .find('\n')
            .map_or(self.text.len(), |end| start + end);
        let code = &self.text[start..end];
        let indent = code.len() - code.trim_start().len();
        Some(start + indent..end)
    }

    /// The innermost function or function literal whose lines hold this one, the one that begins there first.
    pub fn func_at(&self, line: u32) -> Option<At<'_>> {
        let kinds = ["function_declaration", "method_declaration", "func_literal"];
        let funcs = self.on_line(line, &kinds).into_iter();
        funcs.max_by_key(|func| func.start())
    }

    /// Everything of these kinds whose lines hold this one, in source order.
    pub fn on_line(&self, line: u32, wanted: &[&str]) -> Vec<At<'_>> {
        let Some(row) = line.checked_sub(1) else {
            return Vec::new();
        };
        let (root, kinds) = (self.root(), kind_ids(wanted));
        let all = self.tree.on_row(row);
        all.filter(|place| self.tree.is_one_of(*place, &kinds))
            .map(|place| root.with(place))
            .collect()
    }

    /// The import path that a name means in this file, if it is one of an import.
    pub fn import(&self, name: &str) -> Option<&str> {
        let named = |import: &&Import| match &import.name {
            Some(own) => own == name,
            None => name::of_package(&import.path) == name,
        };
        // A package may have another name than its path: the only path that holds the name is taken for it.
        let holds = |import: &&Import| import.name.is_none() && import.path.contains(name);
        let mut holding = self.imports.iter().filter(holds);
        let found = self.imports.iter().find(named).or_else(|| {
            let only = holding.next()?;
            (name.len() > 2 && holding.next().is_none()).then_some(only)
        });
        found.map(|import| import.path.as_str())
    }

    fn read(&self) -> (String, Vec<Import>, Vec<Decl>) {
        let (mut package, mut imports, mut decls) = (String::new(), Vec::new(), Vec::new());
        for child in self.root().children() {
            match child.kind() {
                "package_clause" => package = child.first().map_or("", |name| name.text()).to_owned(),
                "import_declaration" => {
                    imports.extend(child.find(&["import_spec"]).iter().filter_map(import));
                }
                "function_declaration" => decls.extend(decl(&child, DeclKind::Func)),
                "method_declaration" => {
                    let receiver = child.field("receiver").and_then(|list| receiver(&list));
                    if let Some((receiver, pointer)) = receiver {
                        decls.extend(decl(&child, DeclKind::Method { receiver, pointer }));
                    }
                }
                "type_declaration" => {
                    for spec in child.children() {
                        decls.extend(decl(&spec, DeclKind::Type));
                    }
                }
                "var_declaration" | "const_declaration" => {
                    for spec in child.find(&["var_spec", "const_spec"]) {
                        if spec.func().is_some() {
                            continue;
                        }
                        let kind = if spec.kind() == "var_spec" {
                            DeclKind::Var
                        } else {
                            DeclKind::Const
                        };
                        decls.extend(spec.fields("name").iter().map(|name| Decl {
                            name: name.text().to_owned(),
                            kind: kind.clone(),
                            range: name.bytes(),
                        }));
                    }
                }
                _ => {}
            }
        }
        (package, imports, decls)
    }
}

/// Where things are in a file, so that not all of it is looked at for each question.
#[derive(Debug)]
struct Index {
    /// Where each name is written, in source order.
    names: FxHashMap<Box<str>, Vec<Place>>,
    /// The send statements.
    sends: Vec<Place>,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Index {
    fn of(file: &GoFile) -> Self {
        let mut index = Self {
            names: FxHashMap::default(),
            sends: Vec::new(),
            lines: line_starts(&file.text),
        };
        for node in file.root().within() {
            if node.kind() == "send_statement" {
                index.sends.push(node.place);
            } else if node.is_named() && node.kind().ends_with("identifier") {
                match index.names.get_mut(node.text()) {
                    Some(places) => places.push(node.place),
                    None => drop(index.names.insert(node.text().into(), vec![node.place])),
                }
            }
        }
        index
    }
}

fn decl(node: &At<'_>, kind: DeclKind) -> Option<Decl> {
    Some(Decl {
        name: node.field("name")?.text().to_owned(),
        kind,
        range: node.bytes(),
    })
}

/// `T` of `(t *T[K])`.
fn receiver(list: &At<'_>) -> Option<(String, bool)> {
    let kind = list.first()?.field("type")?;
    let pointer = kind.kind() == "pointer_type" || kind.text().starts_with('*');
    let mut kind = kind.bare();
    if kind.kind() == "generic_type" {
        kind = kind.field("type")?;
    }
    Some((kind.text().to_owned(), pointer))
}

fn import(spec: &At<'_>) -> Option<Import> {
    let path = spec.field("path")?.text().trim_matches(['"', '`']).to_owned();
    let name = spec.field("name").map(|name| name.text().to_owned());
    Some(Import { name, path })
}

/// A piece of syntax. Small and free to copy.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The file.
    pub file: &'a GoFile,
    place: Place,
}

impl std::fmt::Debug for At<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} {}", self.file.path, self.line(), self.text())
    }
}

impl PartialEq for At<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.file, other.file) && self.place == other.place
    }
}

impl<'a> At<'a> {
    /// `F` of `F[int]`, which the grammar reads as an index or as a type.
    pub(super) fn instantiated(&self) -> Option<Self> {
        match self.kind() {
            "index_expression" => self.field("operand"),
            "type_instantiation_expression" => self.field("type").or_else(|| self.first()),
            "generic_type" => self.field("type"),
            _ => None,
        }
    }

    /// The text of the node.
    pub fn text(&self) -> &'a str {
        self.file.text.get(self.bytes()).unwrap_or("")
    }

    /// The kind of syntax, as the grammar names it.
    pub fn kind(&self) -> &'static str {
        self.file.tree.kind(self.place)
    }

    fn is_named(&self) -> bool {
        self.file.tree.is_named(self.place)
    }

    /// 1-based line of its start.
    pub fn line(&self) -> u32 {
        self.file.tree.rows(self.place).0 + 1
    }

    /// 1-based line of its end.
    pub fn last_line(&self) -> u32 {
        self.file.tree.rows(self.place).1 + 1
    }

    /// Its bytes.
    pub fn bytes(&self) -> Range<usize> {
        self.file.tree.bytes(self.place)
    }

    /// Byte of its start.
    pub fn start(&self) -> usize {
        self.bytes().start
    }

    /// Byte after its end.
    pub fn end(&self) -> usize {
        self.bytes().end
    }

    /// What declares it, looked for once: names are asked for again and again.
    pub(super) fn declared_once(&self, look: impl FnOnce() -> Option<Self>) -> Option<Self> {
        let places = self.file.tree.len();
        let known = self.file.declaring.get_or_init(|| {
            let all = std::iter::repeat_with(|| AtomicU32::new(NOT_ASKED));
            all.take(places).collect()
        });
        let known = &known[self.place as usize];
        if known.load(Ordering::Relaxed) == NOT_ASKED {
            let found = look().map_or(UNDECLARED, |found| found.place);
            known.store(found, Ordering::Relaxed);
        }
        let found = known.load(Ordering::Relaxed);
        (found != UNDECLARED).then(|| self.with(found))
    }

    fn with(&self, place: Place) -> Self {
        Self { place, ..*self }
    }

    /// The child in a field of the grammar.
    pub fn field(&self, name: &str) -> Option<Self> {
        let found = self.file.tree.field(self.place, name).next();
        found.map(|place| self.with(place))
    }

    /// All children in a field.
    pub fn fields(&self, name: &str) -> Vec<Self> {
        let all = self.file.tree.field(self.place, name);
        all.map(|place| self.with(place)).filter(At::is_named).collect()
    }

    /// The named children, without comments.
    pub fn children(&self) -> Vec<Self> {
        self.named_children().collect()
    }

    fn named_children(&self) -> impl Iterator<Item = Self> + use<'a> {
        let whole = *self;
        let all = self.file.tree.children(self.place);
        all.map(move |place| whole.with(place))
            .filter(|child| child.is_named() && child.kind() != "comment")
    }

    /// The first named child.
    pub fn first(&self) -> Option<Self> {
        self.named_children().next()
    }

    /// Whether one of the tokens of the node itself is this one.
    pub fn has_token(&self, token: &str) -> bool {
        let mut all = self.file.tree.children(self.place);
        all.any(|place| self.file.tree.kind(place) == token)
    }

    /// What it is part of.
    pub fn parent(&self) -> Option<Self> {
        self.file.tree.parent(self.place).map(|place| self.with(place))
    }

    /// What it is part of, from the inside.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> + use<'a> {
        std::iter::successors(self.parent(), At::parent)
    }

    /// It and everything in it, in source order.
    fn within(&self) -> impl Iterator<Item = Self> + use<'a> {
        let whole = *self;
        let all = self.file.tree.within(self.place);
        all.map(move |place| whole.with(place))
    }

    /// It and everything in it whose kind is wanted, in source order.
    pub fn find(&self, wanted: &[&str]) -> Vec<Self> {
        let (tree, kinds) = (&self.file.tree, kind_ids(wanted));
        self.within()
            .filter(|node| tree.is_one_of(node.place, &kinds))
            .collect()
    }

    /// The bytes in which a name that is declared here can be meant: those of the function around it, or of the file.
    pub fn reach(&self) -> Range<usize> {
        self.top_func().unwrap_or_else(|| self.file.root()).bytes()
    }

    /// Whether the other lies in it.
    pub fn contains(&self, other: &Self) -> bool {
        std::ptr::eq(self.file, other.file) && self.start() <= other.start() && other.end() <= self.end()
    }

    /// What a selector begins with: `s` of `s.conn.done`.
    pub fn root_of_selector(&self) -> Option<Self> {
        let mut root = self.bare();
        while root.kind() == "selector_expression" {
            root = root.field("operand")?.bare();
        }
        Some(root)
    }

    /// Whether a `defer` is around it.
    pub fn is_deferred(&self) -> bool {
        self.ancestors().any(|node| node.kind() == "defer_statement")
    }

    /// The innermost function or function literal around it.
    pub fn func(&self) -> Option<Self> {
        self.ancestors().find(At::is_func)
    }

    /// The declared function or method around it.
    pub fn top_func(&self) -> Option<Self> {
        self.ancestors()
            .find(|node| matches!(node.kind(), "function_declaration" | "method_declaration"))
    }

    /// Whether it is a function, method or function literal.
    pub fn is_func(&self) -> bool {
        matches!(
            self.kind(),
            "function_declaration" | "method_declaration" | "func_literal"
        )
    }

    /// The name of a declared function; `func literal` otherwise.
    pub fn func_name(&self) -> &'a str {
        self.field("name").map_or("func literal", |name| name.text())
    }

    /// Without parentheses, `&` and `*` around it.
    pub fn bare(self) -> Self {
        let inner = match self.kind() {
            "parenthesized_expression" | "parenthesized_type" | "pointer_type" => self.first(),
            "literal_element" | "type_elem" => self.first(),
            "unary_expression" if !self.has_token("<-") => self.field("operand"),
            _ => None,
        };
        inner.map_or(self, At::bare)
    }
}
