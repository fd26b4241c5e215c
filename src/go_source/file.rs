//! One Go file: its tree, its imports, and what it declares.

use crate::goroutine::name;
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use tree_sitter::{Node, Parser, Point, Tree};

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
    tree: Tree,
}

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
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_go::LANGUAGE.into()).ok()?;
        let tree = parser.parse(text.as_bytes(), None)?;
        let mut file = Self {
            path: path.to_owned(),
            text,
            package: String::new(),
            imports: Vec::new(),
            decls: Vec::new(),
            by_name: FxHashMap::default(),
            index: OnceLock::new(),
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
        At {
            file: self,
            node: self.tree.root_node(),
        }
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
        let root = self.root();
        let node = root
            .node
            .named_descendant_for_byte_range(range.start, range.end)?;
        Some(root.with(node))
    }

    /// Every place where a name is written as a name, in source order.
    pub fn named(&self, name: &str) -> Vec<At<'_>> {
        self.named_within(name, &(0..self.text.len()))
    }

    /// Those of them that begin within these bytes.
    pub fn named_within(&self, name: &str, bytes: &Range<usize>) -> Vec<At<'_>> {
        let starts = self.index().names.get(name).map_or(&[][..], Vec::as_slice);
        within(starts, bytes)
            .filter_map(|start| self.at(&(start..start + name.len())))
            .collect()
    }

    /// Every send on a channel that begins within these bytes, in source order.
    pub fn sends_within(&self, bytes: &Range<usize>) -> Vec<At<'_>> {
        let found = within(&self.index().sends, bytes).filter_map(|start| {
            let at = self.at(&(start..start + 1))?;
            let mut around = std::iter::once(at).chain(at.ancestors());
            around.find(|node| node.kind() == "send_statement" && node.start() == start)
        });
        found.collect()
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

    /// Everything of these kinds whose lines hold this one, in source order. Looks at nothing that is on other lines.
    pub fn on_line(&self, line: u32, wanted: &[&str]) -> Vec<At<'_>> {
        let mut found = Vec::new();
        let Some(row) = usize::try_from(line).ok().and_then(|line| line.checked_sub(1)) else {
            return found;
        };
        let root = self.root();
        let mut cursor = root.node.walk();
        loop {
            let node = cursor.node();
            let holds = node.start_position().row <= row && row <= node.end_position().row;
            if holds && wanted.contains(&node.kind()) {
                found.push(root.with(node));
            }
            if holds && cursor.goto_first_child_for_point(Point::new(row, 0)).is_some() {
                continue;
            }
            // What comes after this line is not looked at.
            while cursor.node().start_position().row > row || !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return found;
                }
            }
        }
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
                            range: name.node.byte_range(),
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
    /// Where each name begins, in source order.
    names: FxHashMap<Box<str>, Vec<usize>>,
    /// Where each send statement begins.
    sends: Vec<usize>,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Index {
    fn of(file: &GoFile) -> Self {
        let mut index = Self {
            names: FxHashMap::default(),
            sends: Vec::new(),
            lines: std::iter::once(0)
                .chain(memchr::memchr_iter(b'\n', file.text.as_bytes()).map(|end| end + 1))
                .collect(),
        };
        let root = file.root();
        let mut cursor = root.node.walk();
        loop {
            let node = cursor.node();
            if node.kind() == "send_statement" {
                index.sends.push(node.start_byte());
            } else if node.is_named() && node.kind().ends_with("identifier") {
                let name = root.with(node).text();
                match index.names.get_mut(name) {
                    Some(starts) => starts.push(node.start_byte()),
                    None => drop(index.names.insert(name.into(), vec![node.start_byte()])),
                }
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return index;
                }
            }
        }
    }
}

/// Those of sorted offsets that lie in a range.
fn within(starts: &[usize], bytes: &Range<usize>) -> impl Iterator<Item = usize> {
    let from = starts.partition_point(|&start| start < bytes.start);
    let to = starts.partition_point(|&start| start < bytes.end);
    starts[from..to.max(from)].iter().copied()
}

fn decl(node: &At<'_>, kind: DeclKind) -> Option<Decl> {
    Some(Decl {
        name: node.field("name")?.text().to_owned(),
        kind,
        range: node.node.byte_range(),
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
    /// The node.
    pub node: Node<'a>,
}

impl std::fmt::Debug for At<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} {}", self.file.path, self.line(), self.text())
    }
}

impl PartialEq for At<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.file, other.file) && self.node == other.node
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
        self.file.text.get(self.node.byte_range()).unwrap_or("")
    }

    /// The kind of syntax, as the grammar names it.
    pub fn kind(&self) -> &'static str {
        self.node.kind()
    }

    /// 1-based line of its start.
    pub fn line(&self) -> u32 {
        u32::try_from(self.node.start_position().row + 1).unwrap_or(u32::MAX)
    }

    /// 1-based line of its end.
    pub fn last_line(&self) -> u32 {
        u32::try_from(self.node.end_position().row + 1).unwrap_or(u32::MAX)
    }

    /// Byte of its start.
    pub fn start(&self) -> usize {
        self.node.start_byte()
    }

    /// Byte after its end.
    pub fn end(&self) -> usize {
        self.node.end_byte()
    }

    /// The same file at another node.
    pub fn with(&self, node: Node<'a>) -> Self {
        Self { node, ..*self }
    }

    /// The child in a field of the grammar.
    pub fn field(&self, name: &str) -> Option<Self> {
        self.node.child_by_field_name(name).map(|node| self.with(node))
    }

    /// All children in a field.
    pub fn fields(&self, name: &str) -> Vec<Self> {
        let mut cursor = self.node.walk();
        let nodes = self.node.children_by_field_name(name, &mut cursor);
        nodes
            .filter(|node| node.is_named())
            .map(|node| self.with(node))
            .collect()
    }

    /// The named children, without comments.
    pub fn children(&self) -> Vec<Self> {
        let mut cursor = self.node.walk();
        let nodes = self.node.named_children(&mut cursor);
        nodes
            .filter(|node| node.kind() != "comment")
            .map(|node| self.with(node))
            .collect()
    }

    /// The first named child.
    pub fn first(&self) -> Option<Self> {
        self.children().into_iter().next()
    }

    /// Whether one of the tokens of the node itself is this one.
    pub fn has_token(&self, token: &str) -> bool {
        let mut cursor = self.node.walk();
        self.node.children(&mut cursor).any(|node| node.kind() == token)
    }

    /// What it is part of.
    pub fn parent(&self) -> Option<Self> {
        self.node.parent().map(|node| self.with(node))
    }

    /// What it is part of, from the inside. Found in one way down from the file: a node does not know its parent.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> + use<'a> {
        let mut way = Vec::new();
        let mut outer = self.file.root().node;
        while outer != self.node {
            way.push(self.with(outer));
            let Some(inner) = outer.child_with_descendant(self.node) else {
                break;
            };
            outer = inner;
        }
        way.into_iter().rev()
    }

    /// It and everything in it whose kind is wanted, in source order.
    pub fn find(&self, wanted: &[&str]) -> Vec<Self> {
        let mut found = Vec::new();
        let mut cursor = self.node.walk();
        loop {
            if wanted.contains(&cursor.node().kind()) {
                found.push(self.with(cursor.node()));
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return found;
                }
            }
        }
    }

    /// The bytes in which a name that is declared here can be meant: those of the function around it, or of the file.
    pub fn reach(&self) -> Range<usize> {
        self.top_func()
            .unwrap_or_else(|| self.file.root())
            .node
            .byte_range()
    }

    /// Whether the other lies in it.
    pub fn contains(&self, other: &Self) -> bool {
        std::ptr::eq(self.file, other.file) && self.start() <= other.start() && other.end() <= self.end()
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
