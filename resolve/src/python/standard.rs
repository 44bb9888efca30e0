//! What is known of the standard library: a table of containers and functions, as data.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::modules::hash;
use super::types::Container;

/// The result of an operation, in terms of type arguments or of a call's arguments.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Nothing is known of it.
    Nothing,
    /// An argument, by position.
    Argument(u8),
    /// What the container holds, by all arguments.
    All,
    /// What iterating over an argument gives.
    Element(u8),
    /// A tuple of the elements of every argument.
    Elements,
    /// What calling an argument gives.
    Called(u8),
    /// What awaiting an argument gives.
    Awaited(u8),
    /// What entering an argument with `with` gives.
    Entered(u8),
    /// The container itself.
    Receiver,
    /// A container of others.
    Of(Container, Vec<Shape>),
}

#[derive(Deserialize)]
struct File {
    packages: Vec<String>,
    modules: String,
    builtins: String,
    class: Vec<ClassEntry>,
    functions: FxHashMap<String, String>,
    methods: FxHashMap<String, String>,
    declared: Vec<DeclaredEntry>,
}

/// Attributes that classes outside the tree say the type of.
#[derive(Deserialize)]
struct DeclaredEntry {
    classes: String,
    attributes: String,
}

#[derive(Deserialize)]
struct ClassEntry {
    names: Vec<String>,
    #[serde(default)]
    element: String,
    #[serde(default)]
    item: String,
    #[serde(default)]
    call: String,
    #[serde(default)]
    awaited: String,
    #[serde(default)]
    entered: String,
    #[serde(default)]
    methods: FxHashMap<String, String>,
    #[serde(default)]
    attributes: FxHashMap<String, String>,
}

/// One container.
pub(super) struct Class {
    pub(super) element: Shape,
    pub(super) item: Shape,
    pub(super) call: Shape,
    pub(super) awaited: Shape,
    pub(super) entered: Shape,
    pub(super) methods: FxHashMap<u64, Shape>,
    pub(super) attributes: FxHashMap<u64, Shape>,
}

/// The table.
pub(super) struct Standard {
    classes: Vec<Class>,
    names: FxHashMap<u64, Container>,
    /// Functions by the hash of their last name.
    pub(super) functions: FxHashMap<u64, Shape>,
    /// Methods of other classes, by name, in terms of the call's arguments.
    pub(super) methods: FxHashMap<u64, Shape>,
    /// The attributes that classes say the type of, all by hashes of their names.
    pub(super) declared: FxHashMap<u64, FxHashSet<u64>>,
    packages: FxHashSet<Box<str>>,
    modules: FxHashSet<u64>,
    builtins: FxHashSet<u64>,
    pub(super) list: Container,
    pub(super) set: Container,
    pub(super) tuple: Container,
    pub(super) dictionary: Container,
    pub(super) iterator: Container,
    pub(super) class: Container,
}

impl Standard {
    /// The table, read on first use.
    pub(super) fn get() -> &'static Self {
        static TABLE: OnceLock<Standard> = OnceLock::new();
        TABLE.get_or_init(|| {
            let text = include_str!("tables/standard.toml");
            Self::read(toml::from_str(text).expect("a test reads the built-in table"))
        })
    }

    fn read(file: File) -> Self {
        let mut names = FxHashMap::default();
        for (position, class) in file.class.iter().enumerate() {
            for name in &class.names {
                names.insert(hash(&[name]), Container(position as u16));
            }
        }
        let shapes = |table: &FxHashMap<String, String>| {
            let shape = |(name, text): (&String, &String)| (hash(&[name]), parse(text, &names));
            table.iter().map(shape).collect::<FxHashMap<u64, Shape>>()
        };
        let class = |entry: &ClassEntry| Class {
            element: parse(&entry.element, &names),
            item: parse(&entry.item, &names),
            call: parse(&entry.call, &names),
            awaited: parse(&entry.awaited, &names),
            entered: parse(&entry.entered, &names),
            methods: shapes(&entry.methods),
            attributes: shapes(&entry.attributes),
        };
        let mut declared: FxHashMap<u64, FxHashSet<u64>> = FxHashMap::default();
        for entry in &file.declared {
            let names = entry.attributes.split_whitespace().map(|name| hash(&[name]));
            let names: Vec<u64> = names.collect();
            for class in entry.classes.split_whitespace() {
                declared.entry(hash(&[class])).or_default().extend(&names);
            }
        }
        let named = |name: &str| names.get(&hash(&[name])).copied().unwrap_or(Container(0));
        Self {
            classes: file.class.iter().map(class).collect(),
            functions: shapes(&file.functions),
            methods: shapes(&file.methods),
            declared,
            packages: file.packages.iter().map(|name| name.as_str().into()).collect(),
            modules: file.modules.split_whitespace().map(|name| hash(&[name])).collect(),
            builtins: file.builtins.split_whitespace().map(|name| hash(&[name])).collect(),
            list: named("list"),
            set: named("set"),
            tuple: named("tuple"),
            dictionary: named("dict"),
            iterator: named("Iterator"),
            class: named("type"),
            names,
        }
    }

    pub(super) fn of(&self, container: Container) -> &Class {
        &self.classes[usize::from(container.0)]
    }

    /// The container with a name, given by its hash, of one of the packages that define them.
    pub(super) fn container(&self, package: &str, name: u64) -> Option<Container> {
        if self.packages.contains(package) { self.names.get(&name).copied() } else { None }
    }

    /// Whether functions of the table are those of `package`.
    pub(super) fn knows(&self, package: &str) -> bool {
        self.packages.contains(package)
    }

    /// Whether every module knows the name, given by its hash.
    pub(super) fn is_builtin(&self, name: u64) -> bool {
        self.builtins.contains(&name)
    }

    /// Whether the standard library has a module with this name, given by its hash.
    pub(super) fn is_module(&self, name: u64) -> bool {
        self.modules.contains(&name)
    }
}

/// Makes a shape of the number of an argument.
type Form = fn(u8) -> Shape;

/// Reads `0`, `*0`, `()0`, `await 0`, `with 0`, `self`, `any`, `**`, `list[0, tuple[0, *1]]`.
fn parse(text: &str, names: &FxHashMap<u64, Container>) -> Shape {
    let text = text.trim();
    let number = |text: &str| text.trim().parse::<u8>().ok();
    if let Some((name, inside)) = text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        let Some(container) = names.get(&hash(&[name])) else { return Shape::Nothing };
        let parts = split(inside).into_iter().map(|part| parse(part, names)).collect();
        return Shape::Of(*container, parts);
    }
    match text {
        "self" => return Shape::Receiver,
        "any" => return Shape::All,
        "**" => return Shape::Elements,
        _ => {}
    }
    let forms: [(&str, Form); 5] = [
        ("", Shape::Argument),
        ("*", Shape::Element),
        ("()", Shape::Called),
        ("await ", Shape::Awaited),
        ("with ", Shape::Entered),
    ];
    forms
        .iter()
        .find_map(|(prefix, form)| Some(form(number(text.strip_prefix(prefix)?)?)))
        .unwrap_or(Shape::Nothing)
}

/// Splits at commas outside of brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
