//! The learned model: what it adds to the hand-made sum, and which feature is behind it.
//!
//! A score is `base · ln(1 + sum / SMALL)`, weights times features, and trees. The logarithm makes
//! what multiplies the sum something that adds, so that trees can weigh against it. Its file is
//! text: features by name, so that a reordering of features cannot change its meaning, and one
//! tree a line. Queries for a name have a model of their own: what helps a question in words
//! leads away from a name that is met exactly.

use std::str::SplitAsciiWhitespace;

use super::features::{Feature, Features};
use crate::kind::QueryKind;

/// A sum of this size is next to nothing.
const SMALL: f32 = 0.02;
/// The first line of a model's file.
const HEADER: &str = "flux-ranker 1";

/// What was learned, by kind of query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Models {
    /// For questions in words.
    pub words: Model,
    /// For names.
    pub names: Model,
}

/// A ranking learned from examples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// What the logarithm of the hand-made sum counts.
    pub base: f32,
    /// What each earlier hit of the same file takes away.
    pub same_file: f32,
    /// Features that count in proportion.
    pub weights: Vec<(Feature, f32)>,
    /// What is added depending on several features.
    pub trees: Vec<Tree>,
}

/// A binary tree over features: nodes in preorder, the first being the root.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// Its nodes.
    pub nodes: Vec<Node>,
}

/// A node of a tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// What is added by a leaf; of a split the mean over the examples that reached it, which
    /// serves to say which feature is behind a score.
    pub value: f32,
    /// Where to go on, unless it is a leaf.
    pub split: Option<Split>,
}

/// A choice between two subtrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// The feature that decides.
    pub feature: Feature,
    /// Values up to this one go to the node that follows, others to `above`.
    pub threshold: f32,
    /// Position of the other subtree.
    pub above: u32,
}

/// Why a model's file is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the ranking model: {reason}")]
pub struct ModelError {
    /// 1-based.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// Where a score comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    /// Sum of all parts.
    pub(crate) score: f32,
    /// What the hand-made sum counts.
    pub(crate) base: f32,
    /// What each feature adds through weights and trees; the constant of the trees lies in base.
    pub(crate) parts: Vec<(Feature, f32)>,
}

impl Model {
    /// The scale on which the hand-made sum takes part.
    pub fn logarithm(sum: f32) -> f32 {
        (1.0 + sum.max(0.0) / SMALL).ln()
    }

    /// What the hand-made sum counts.
    pub fn base_of(&self, sum: f32) -> f32 {
        self.base * Self::logarithm(sum)
    }

    /// The score of a candidate; more is better.
    pub fn score(&self, features: &Features) -> f32 {
        let weighed: f32 = self.weights.iter().map(|(f, weight)| features.get(*f) * weight).sum();
        let trees: f32 = self.trees.iter().map(|tree| tree.value(features)).sum();
        self.base_of(features.sum()) + weighed + trees
    }

    /// The score again, part by part. Following Saabas, a split's feature is credited with the
    /// change of the mean from the node to the child that was taken.
    pub(crate) fn explain(&self, features: &Features) -> Verdict {
        let mut parts = [0.0_f32; Feature::COUNT];
        for (feature, weight) in &self.weights {
            parts[*feature as usize] += features.get(*feature) * weight;
        }
        let mut base = self.base_of(features.sum());
        for tree in &self.trees {
            base += tree.explain(features, &mut parts);
        }
        let score = base + parts.iter().sum::<f32>();
        let parts = Feature::ALL.iter().copied().zip(parts).filter(|(_, part)| *part != 0.0);
        Verdict { score, base, parts: parts.collect() }
    }

    fn to_text(&self) -> String {
        let mut text = format!("base {}\nsame-file {}\n", self.base, self.same_file);
        for (number, feature) in Feature::ALL.iter().enumerate() {
            let weight = self.weights.iter().find(|(f, _)| f == feature).map_or(0.0, |w| w.1);
            if weight != 0.0 || self.trees.iter().any(|tree| tree.asks(*feature)) {
                text += &format!("feature {number} {weight} {}\n", feature.name());
            }
        }
        for tree in &self.trees {
            text += "tree";
            for node in &tree.nodes {
                text += &match node.split {
                    Some(split) => {
                        format!(" {}:{}:{}", split.feature as usize, split.threshold, node.value)
                    }
                    None => format!(" {}", node.value),
                };
            }
            text += "\n";
        }
        text
    }
}

impl Models {
    /// The model for queries of a kind.
    pub fn of(&self, kind: QueryKind) -> &Model {
        if kind == QueryKind::Symbol { &self.names } else { &self.words }
    }

    /// Writes the file that [`parse`](Self::parse) reads.
    pub fn to_text(&self) -> String {
        let (words, names) = (self.words.to_text(), self.names.to_text());
        format!("{HEADER}\nfor words\n{words}for names\n{names}")
    }

    /// Reads the file of models.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let (mut words, mut names) = (Reader::default(), Reader::default());
        let mut is_names = false;
        for (number, line) in (1..).zip(text.lines()) {
            let read = match (number, line) {
                (1, HEADER) => Ok(()),
                (1, _) => Err(format!("expected `{HEADER}`")),
                (_, "for words" | "for names") => {
                    is_names = line == "for names";
                    Ok(())
                }
                _ if is_names => names.line(line),
                _ => words.line(line),
            };
            read.map_err(|reason| ModelError { line: number, reason })?;
        }
        Ok(Self { words: words.model, names: names.model })
    }
}

impl Tree {
    /// What it adds.
    pub fn value(&self, features: &Features) -> f32 {
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            let Some(split) = node.split else { return node.value };
            at = split.next(at, features);
        }
        0.0
    }

    /// Credits features with what they change; returns the mean that they start from.
    fn explain(&self, features: &Features, parts: &mut [f32; Feature::COUNT]) -> f32 {
        let Some(root) = self.nodes.first() else { return 0.0 };
        let mut at = 0;
        while let Some(split) = self.nodes[at].split {
            let next = split.next(at, features);
            parts[split.feature as usize] += self.nodes[next].value - self.nodes[at].value;
            at = next;
        }
        root.value
    }

    fn asks(&self, feature: Feature) -> bool {
        self.nodes.iter().any(|node| node.split.is_some_and(|split| split.feature == feature))
    }
}

impl Split {
    fn next(self, at: usize, features: &Features) -> usize {
        if features.get(self.feature) <= self.threshold { at + 1 } else { self.above as usize }
    }
}

#[derive(Default)]
struct Reader {
    model: Model,
    /// Features by the numbers that the file gives them.
    features: Vec<(usize, Feature)>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("base") => self.model.base = number(words.next())?,
            Some("same-file") => self.model.same_file = number(words.next())?,
            Some("feature") => self.feature(words)?,
            Some("tree") => self.tree(words)?,
            _ => return Err(format!("`{line}` is nothing a model has")),
        }
        Ok(())
    }

    fn feature(&mut self, mut words: SplitAsciiWhitespace<'_>) -> Result<(), String> {
        let id = number(words.next())?;
        let weight = number(words.next())?;
        let name = words.collect::<Vec<_>>().join(" ");
        let feature =
            Feature::named(&name).ok_or_else(|| format!("there is no feature `{name}`"))?;
        self.features.push((id, feature));
        if weight != 0.0 {
            self.model.weights.push((feature, weight));
        }
        Ok(())
    }

    fn tree(&mut self, words: SplitAsciiWhitespace<'_>) -> Result<(), String> {
        let mut tree = Tree::default();
        // Splits whose second subtree has not begun.
        let mut open: Vec<usize> = Vec::new();
        let mut is_whole = false;
        for word in words {
            if is_whole {
                return Err("a tree goes on after its end".to_owned());
            }
            let node = self.node(word)?;
            tree.nodes.push(node);
            if node.split.is_some() {
                open.push(tree.nodes.len() - 1);
                continue;
            }
            let next = tree.nodes.len() as u32;
            match open.pop() {
                Some(at) => {
                    let split = tree.nodes[at].split.as_mut();
                    split.expect("only splits are open").above = next;
                }
                None => is_whole = true,
            }
        }
        if !is_whole {
            return Err("a tree ends early".to_owned());
        }
        self.model.trees.push(tree);
        Ok(())
    }

    fn node(&self, word: &str) -> Result<Node, String> {
        let mut numbers = word.split(':');
        let first = numbers.next();
        let Some(threshold) = numbers.next() else {
            return Ok(Node { value: number(first)?, split: None });
        };
        let id: usize = number(first)?;
        let known = self.features.iter().find(|(known, _)| *known == id);
        let (_, feature) = known.ok_or_else(|| format!("feature {id} has no name"))?;
        let split = Split { feature: *feature, threshold: number(Some(threshold))?, above: 0 };
        Ok(Node { value: number(numbers.next())?, split: Some(split) })
    }
}

fn number<T: std::str::FromStr>(word: Option<&str>) -> Result<T, String> {
    let word = word.ok_or("a number is missing")?;
    word.parse().map_err(|_| format!("`{word}` is not a number"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Model, Models, Node, Split, Tree};
    use crate::rank::features::{Feature, Features};

    fn leaf(value: f32) -> Node {
        Node { value, split: None }
    }

    fn split(feature: Feature, threshold: f32, above: u32, value: f32) -> Node {
        Node { value, split: Some(Split { feature, threshold, above }) }
    }

    fn model() -> Model {
        let nodes = vec![
            split(Feature::Name, 0.5, 4, 0.1),
            split(Feature::Lines, 3.0, 3, -0.5),
            leaf(-1.0),
            leaf(0.25),
            leaf(2.0),
        ];
        Model {
            base: 2.0,
            same_file: 0.75,
            weights: vec![(Feature::Documented, 0.5)],
            trees: vec![Tree { nodes }, Tree { nodes: vec![leaf(0.125)] }],
        }
    }

    #[test]
    fn models_are_read_back_from_their_text() {
        let models = Models { words: Model { base: 3.0, ..Model::default() }, names: model() };
        let text = models.to_text();
        assert_eq!(Models::parse(&text), Ok(models));
        assert!(text.starts_with("flux-ranker 1\nfor words\nbase 3\nsame-file 0\nfor names\n"));
        assert!(text.ends_with("tree 10:0.5:0.1 49:3:-0.5 -1 0.25 2\ntree 0.125\n"), "{text}");
    }

    #[test]
    fn values_up_to_the_threshold_go_on_and_others_jump() {
        let tree = &model().trees[0];
        let mut features = Features::default();
        assert_eq!(tree.value(&features), -1.0);
        features.set(Feature::Lines, 3.5);
        assert_eq!(tree.value(&features), 0.25);
        features.set(Feature::Name, 0.6);
        assert_eq!(tree.value(&features), 2.0);
    }

    #[track_caller]
    fn fails(text: &str, line: usize, reason: &str) {
        let error = Models::parse(text).unwrap_err();
        assert_eq!((error.line, error.reason.as_str()), (line, reason));
    }

    #[test]
    fn a_broken_file_is_told_by_line() {
        fails("ranker", 1, "expected `flux-ranker 1`");
        fails("flux-ranker 1\nbase x", 2, "`x` is not a number");
        fails("flux-ranker 1\nfeature 0 0 luck", 2, "there is no feature `luck`");
        fails("flux-ranker 1\ntree 3:1:0 1 1", 2, "feature 3 has no name");
        fails("flux-ranker 1\nfeature 0 0 words\ntree 0:1:0 1", 3, "a tree ends early");
        fails("flux-ranker 1\ntree 1 1", 2, "a tree goes on after its end");
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_score(
            name in 0.0f32..1.0, lines in 0.0f32..6.0, documented in 0.0f32..1.0, words in 0.0f32..1.0
        ) {
            let mut features = Features::default();
            features.set(Feature::Name, name);
            features.set(Feature::Lines, lines);
            features.set(Feature::Documented, documented);
            features.set(Feature::Words, words);
            features.set(Feature::Demotion, 1.0);
            let model = model();
            let verdict = model.explain(&features);
            let parts: f32 = verdict.parts.iter().map(|(_, part)| part).sum();
            prop_assert!((verdict.score - model.score(&features)).abs() < 1e-4);
            prop_assert!((verdict.base + parts - verdict.score).abs() < 1e-4);
        }
    }
}
