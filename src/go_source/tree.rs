//! The syntax of a file: its nodes in source order, in one table, so that each step from a node to another is one look.
//! The parser's own nodes do not know their parents, and find a child by going through those before it.

use rustc_hash::FxHashMap;
use std::ops::Range;
use std::sync::OnceLock;
use tree_sitter::{Language, Node, Parser};

/// Place of a node in the table. What is in a node follows it; the root is 0.
pub(super) type Place = u32;

/// Number of a kind of syntax in the grammar. Several may have the same name.
pub(super) type KindId = u16;

/// The root has no parent.
const NONE: Place = Place::MAX;

/// The syntax of a file.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Syntax>,
}

/// A node.
#[derive(Debug, Clone, Copy)]
struct Syntax {
    kind: KindId,
    /// The field of its parent that it is in; 0 for none.
    field: u16,
    is_named: bool,
    start: u32,
    end: u32,
    /// Lines, from 0.
    first_row: u32,
    last_row: u32,
    parent: Place,
    /// The first node that does not lie in it.
    after: Place,
}

impl Tree {
    /// Parses Go. The text is shorter than 4 GB.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser::new();
        parser.set_language(&language()).ok()?;
        let parsed = parser.parse(text.as_bytes(), None)?;
        let mut nodes: Vec<Syntax> = Vec::with_capacity(parsed.root_node().descendant_count());
        let mut around: Vec<Place> = Vec::new();
        let mut lists: Vec<Place> = Vec::new();
        let calls = Calls::new();
        let mut cursor = parsed.walk();
        loop {
            let field = cursor.field_id().map_or(0, u16::from);
            if let Some(list) = calls.argument_list(&mut nodes, &around, cursor.node()) {
                lists.push(list);
                around.push(list);
            }
            let parent = around.last().copied().unwrap_or(NONE);
            let place = nodes.len() as Place;
            nodes.push(Syntax::of(cursor.node(), field, parent, place + 1));
            if cursor.goto_first_child() {
                around.push(place);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return Some(Self { nodes });
                }
                if around.last() == lists.last()
                    && let (Some(list), Some(_)) = (around.pop(), lists.pop())
                {
                    nodes[list as usize].after = nodes.len() as Place;
                }
                if let Some(whole) = around.pop() {
                    nodes[whole as usize].after = nodes.len() as Place;
                }
            }
        }
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, place: Place) -> &Syntax {
        &self.nodes[place as usize]
    }

    /// The kind of syntax, as the grammar names it.
    pub(super) fn kind(&self, place: Place) -> &'static str {
        let kind = usize::from(self.node(place).kind);
        names().kinds.get(kind).copied().unwrap_or("ERROR")
    }

    /// Whether it has a name in the grammar: it is more than a token.
    pub(super) fn is_named(&self, place: Place) -> bool {
        self.node(place).is_named
    }

    /// Its bytes.
    pub(super) fn bytes(&self, place: Place) -> Range<usize> {
        let node = self.node(place);
        node.start as usize..node.end as usize
    }

    /// Its first and last line, from 0.
    pub(super) fn rows(&self, place: Place) -> (u32, u32) {
        let node = self.node(place);
        (node.first_row, node.last_row)
    }

    /// What it is part of.
    pub(super) fn parent(&self, place: Place) -> Option<Place> {
        Some(self.node(place).parent).filter(|parent| *parent != NONE)
    }

    /// It and what it is part of, from the inside.
    fn and_around(&self, place: Place) -> impl Iterator<Item = Place> {
        std::iter::successors(Some(place), |place| self.parent(*place))
    }

    /// It and all that lies in it, in source order.
    pub(super) fn within(&self, place: Place) -> Range<Place> {
        place..self.node(place).after
    }

    /// Its parts, tokens too.
    pub(super) fn children(&self, place: Place) -> impl Iterator<Item = Place> + use<'_> {
        let Range { start, end } = self.within(place);
        let first = Some(start + 1).filter(|first| *first < end);
        std::iter::successors(first, move |child| {
            Some(self.node(*child).after).filter(|next| *next < end)
        })
    }

    /// Those of its parts that are in a field of the grammar.
    pub(super) fn field(&self, place: Place, name: &str) -> impl Iterator<Item = Place> + use<'_> {
        let wanted = names().fields.get(name).copied();
        let all = self.children(place);
        all.filter(move |child| wanted.is_some_and(|wanted| self.node(*child).field == wanted))
    }

    /// Whether its kind is one of these.
    pub(super) fn is_one_of(&self, place: Place, kinds: &[KindId]) -> bool {
        kinds.contains(&self.node(place).kind)
    }

    /// The smallest node with a name that holds these bytes.
    pub(super) fn at(&self, bytes: &Range<usize>) -> Option<Place> {
        let begun = self
            .nodes
            .partition_point(|node| node.start as usize <= bytes.start);
        let last = begun.checked_sub(1)? as Place;
        self.and_around(last)
            .find(|place| self.is_named(*place) && self.node(*place).end as usize >= bytes.end)
    }

    /// All whose lines hold this one (from 0), in source order.
    pub(super) fn on_row(&self, row: u32) -> impl Iterator<Item = Place> + use<'_> {
        let from = self.nodes.partition_point(|node| node.first_row < row);
        let to = self.nodes.partition_point(|node| node.first_row <= row);
        // What began before and still lasts is around the last one that began before.
        let mut lasting: Vec<Place> = match from.checked_sub(1) {
            Some(before) => self.and_around(before as Place).collect(),
            None => Vec::new(),
        };
        lasting.retain(|place| self.node(*place).last_row >= row);
        lasting.into_iter().rev().chain(from as Place..to as Place)
    }
}

/// The grammar reads `New[int](x)` as the conversion of `x` to a type `New[int]`. Nearly always it is a call of a function, and so
/// the table has it as one, with a list of arguments.
struct Calls {
    conversion: Option<KindId>,
    generic: Option<KindId>,
    call: Option<KindId>,
    list: Option<KindId>,
    function: u16,
    arguments: u16,
}

impl Calls {
    fn new() -> Self {
        let kind = |name: &str| names().kind_ids.get(name).and_then(|ids| ids.first()).copied();
        let field = |name: &str| names().fields.get(name).copied().unwrap_or(0);
        Self {
            conversion: kind("type_conversion_expression"),
            generic: kind("generic_type"),
            call: kind("call_expression"),
            list: kind("argument_list"),
            function: field("function"),
            arguments: field("arguments"),
        }
    }

    /// Makes a call of the node around a `(`, if it is such a conversion, and begins its list.
    fn argument_list(&self, nodes: &mut Vec<Syntax>, around: &[Place], node: Node<'_>) -> Option<Place> {
        let whole = *around.last()?;
        let first = whole as usize + 1;
        let is_one = Some(nodes[whole as usize].kind) == self.conversion
            && node.kind() == "("
            && nodes.get(first).map(|node| node.kind) == self.generic;
        let (call, list) = (self.call?, self.list.filter(|_| is_one)?);
        nodes[whole as usize].kind = call;
        nodes[first].field = self.function;
        let place = nodes.len() as Place;
        let begin = Syntax::of(node, self.arguments, whole, place + 1);
        let Syntax { end, last_row, .. } = nodes[whole as usize];
        nodes.push(Syntax {
            kind: list,
            is_named: true,
            end,
            last_row,
            ..begin
        });
        Some(place)
    }
}

impl Syntax {
    fn of(node: Node<'_>, field: u16, parent: Place, after: Place) -> Self {
        Self {
            kind: node.kind_id(),
            field,
            is_named: node.is_named(),
            start: node.start_byte() as u32,
            end: node.end_byte() as u32,
            first_row: node.start_position().row as u32,
            last_row: node.end_position().row as u32,
            parent,
            after,
        }
    }
}

/// The numbers of kinds, so that many nodes are compared with numbers rather than with names.
pub(super) fn kind_ids(wanted: &[&str]) -> Vec<KindId> {
    let numbers = |name: &&str| names().kind_ids.get(*name).into_iter().flatten();
    wanted.iter().flat_map(numbers).copied().collect()
}

/// What the grammar calls kinds and fields, and their numbers.
struct Names {
    kinds: Vec<&'static str>,
    kind_ids: FxHashMap<&'static str, Vec<KindId>>,
    fields: FxHashMap<&'static str, u16>,
}

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| {
        let language = language();
        let ids = 0..language.node_kind_count() as KindId;
        let kinds: Vec<&'static str> = ids
            .clone()
            .map(|id| language.node_kind_for_id(id).unwrap_or(""))
            .collect();
        let mut kind_ids: FxHashMap<&'static str, Vec<KindId>> = FxHashMap::default();
        for id in ids {
            kind_ids.entry(kinds[usize::from(id)]).or_default().push(id);
        }
        // Fields are numbered from 1.
        let fields = 1..=language.field_count() as u16;
        let fields = fields.filter_map(|id| Some((language.field_name_for_id(id)?, id)));
        Names {
            kinds,
            kind_ids,
            fields: fields.collect(),
        }
    })
}

fn language() -> Language {
    tree_sitter_go::LANGUAGE.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "package p\n\nimport (\n\tq \"a.org/q\"\n\t\"fmt\"\n)\n\n// F waits.\nfunc (t *T[K]) F(a, b int, c ...chan<- int) (x int, err error) {\n\tvar d, e = 1, `\n`\n\tfor i, v := range c {\n\t\tselect {\n\t\tcase v <- i: // sent\n\t\tcase w, ok := <-q.C(a /* b */, b):\n\t\t\tgo func() { _ = T{f: w, g: ok} }()\n\t\tdefault:\n\t\t}\n\t}\n\tswitch y := t.v.(type) {\n\tcase nil:\n\t\tfmt.Println(y, d, e)\n\t}\n\treturn -1, &E[int]{}\n}\n\nfunc broken( {\n";

    /// Every node of the parser, in source order, with its place in the table.
    fn both(source: &str, check: impl Fn(&Tree, Place, Node<'_>)) {
        let tree = Tree::parse(source).expect("it is parsed");
        let mut parser = Parser::new();
        parser.set_language(&language()).expect("the grammar");
        let parsed = parser.parse(source, None).expect("it is parsed");
        let mut open = vec![parsed.root_node()];
        let mut place = 0;
        while let Some(node) = open.pop() {
            check(&tree, place, node);
            place += 1;
            let mut cursor = node.walk();
            let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
            open.extend(children.into_iter().rev());
        }
        assert_eq!(place as usize, tree.nodes.len());
    }

    fn same(tree: &Tree, place: Option<Place>, node: Option<Node<'_>>) {
        let of_table = place.map(|place| (tree.kind(place), tree.bytes(place), tree.is_named(place)));
        let of_parser = node.map(|node| (node.kind(), node.byte_range(), node.is_named()));
        assert_eq!(of_table, of_parser);
    }

    #[test]
    fn the_table_holds_what_the_parser_says() {
        both(SOURCE, |tree, place, node| {
            same(tree, Some(place), Some(node));
            same(tree, tree.parent(place), node.parent());
            let rows = (node.start_position().row as u32, node.end_position().row as u32);
            assert_eq!(tree.rows(place), rows);
            let mut cursor = node.walk();
            let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
            assert_eq!(tree.children(place).count(), children.len());
            for (child, of_parser) in tree.children(place).zip(children) {
                same(tree, Some(child), Some(of_parser));
            }
            for field in names().fields.keys() {
                same(
                    tree,
                    tree.field(place, field).next(),
                    node.child_by_field_name(field),
                );
                let nodes: Vec<Node<'_>> = node.children_by_field_name(field, &mut cursor).collect();
                assert_eq!(tree.field(place, field).count(), nodes.len(), "{field}");
                for (child, of_parser) in tree.field(place, field).zip(nodes) {
                    same(tree, Some(child), Some(of_parser));
                }
            }
        });
    }

    #[test]
    fn a_generic_function_with_one_argument_is_called() {
        let source = "package p\nfunc f() {\n\tc, err := New[V](g[K](o), )\n\td := q.New[V](T{a: 1})\n\te := []int(x)\n\tuse(c)\n}\n";
        let tree = Tree::parse(source).expect("it is parsed");
        let text = |place: Place| &source[tree.bytes(place)];
        let one = |place: Place, field: &str| tree.field(place, field).next();
        let calls = tree
            .within(0)
            .filter(|place| tree.kind(*place) == "call_expression");
        let found: Vec<(&str, &str, Vec<&str>)> = calls
            .map(|call| {
                let list = one(call, "arguments").expect("arguments");
                assert_eq!(tree.kind(list), "argument_list");
                assert_eq!(tree.parent(list), Some(call));
                let named = tree.children(list).filter(|place| tree.is_named(*place));
                (
                    text(call),
                    text(one(call, "function").expect("a function")),
                    named.map(text).collect(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("New[V](g[K](o), )", "New[V]", vec!["g[K](o)"]),
                ("g[K](o)", "g[K]", vec!["o"]),
                ("q.New[V](T{a: 1})", "q.New[V]", vec!["T{a: 1}"]),
                ("use(c)", "use", vec!["c"]),
            ]
        );
        // Each node ends where its parent says.
        for place in tree.within(0) {
            for child in tree.children(place) {
                assert_eq!(tree.parent(child), Some(place), "{}", text(child));
            }
        }
    }

    #[test]
    fn the_smallest_node_around_some_bytes_is_the_one_that_the_parser_finds() {
        both(SOURCE, |tree, place, root| {
            for start in (0..SOURCE.len()).filter(|_| place == 0) {
                for end in start + 1..SOURCE.len().min(start + 40) {
                    let found = root.named_descendant_for_byte_range(start, end);
                    same(tree, tree.at(&(start..end)), found);
                }
            }
        });
    }
}
