//! Judging where names lead.
//!
//! Positions fall into groups by what the truth is: `core`, a symbol of the project; `mod`, a
//! module; `loc`, a local or parameter; `ext`, something outside the project. One right answer
//! counts at a position, every wrong one does.

use super::answers::{Answer, Answers};
use super::figures::{ByTier, CoreFigures, Counts, Figures, Quality, count, share, tally};
use super::kinds::Kind;
use super::lines::Scope;
use super::mistakes::Mistakes;
use super::names::{Names, Place, Position};
use super::truth::{Reference, Target, Truth};

/// Places shown of one mistake.
const SHOWN_PLACES: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Core,
    Modules,
    Locals,
    External,
}

/// Judged positions, those answered right, and wrong answers.
#[derive(Clone, Copy, Default)]
struct Score {
    total: usize,
    right: usize,
    wrong: usize,
}

#[derive(Default)]
struct Scores {
    core: Score,
    modules: Score,
    locals: Score,
    external: Score,
    first: Score,
    call_sites: Score,
    unjudged: usize,
}

/// Judges every reference and fills in the figures about them.
pub(super) fn judge(
    truth: &Truth,
    answers: &Answers,
    names: &Names,
    mistakes: &mut Mistakes,
    figures: &mut Figures,
) {
    let mut scores = Scores::default();
    for reference in &truth.references {
        let given = answers.references.get(&reference.position).map_or(&[][..], Vec::as_slice);
        let group = group(reference);
        if group == Group::Locals && reference.targets.is_empty() {
            scores.unjudged += usize::from(!given.is_empty());
            continue;
        }
        let judged = Judged::new(truth, reference, given);
        scores.add(reference, group, &judged);
        if group == Group::Core {
            count(&mut figures.by_kind, &kind_key(reference), judged.is_right());
        }
        judged.count_tiers(&mut figures.references_by_tier);
        judged.note(reference, group, names, mistakes);
    }
    scores.unjudged += elsewhere(truth, answers);
    scores.fill(figures);
}

fn group(reference: &Reference) -> Group {
    match reference.scope {
        Scope::Ext => Group::External,
        Scope::Local => Group::Locals,
        Scope::Repo if reference.targets.iter().all(|(_, kind)| *kind == Kind::Module) => {
            Group::Modules
        }
        Scope::Repo => Group::Core,
    }
}

fn kind_key(reference: &Reference) -> String {
    let kind = reference.targets.iter().map(|(_, kind)| *kind).min();
    format!("core/{}", kind.map_or("-".to_owned(), |kind| kind.to_string()))
}

/// Answered positions that are neither judged nor declarations.
fn elsewhere(truth: &Truth, answers: &Answers) -> usize {
    let declared = truth.definitions.iter().map(|definition| definition.position);
    let declared: std::collections::BTreeSet<Position> = declared.collect();
    let is_elsewhere = |at: &&Position| !truth.judges(**at) && !declared.contains(*at);
    answers.references.keys().filter(is_elsewhere).count()
}

/// The answers at one position, sorted into right and wrong.
struct Judged<'a> {
    given: &'a [Answer],
    is_good: Vec<bool>,
}

impl<'a> Judged<'a> {
    fn new(truth: &Truth, reference: &Reference, given: &'a [Answer]) -> Self {
        let mut accepted: Vec<Target> = reference.targets.clone();
        if truth.rules.is_lenient {
            accepted.extend(&reference.alternatives);
        }
        let is_good = |answer: &Answer| truth.accepts(reference.name, answer.place, &accepted);
        Self { given, is_good: given.iter().map(is_good).collect() }
    }

    fn is_right(&self) -> bool {
        self.is_good.contains(&true)
    }

    fn wrong(&self) -> impl Iterator<Item = Answer> {
        self.given.iter().zip(&self.is_good).filter(|(_, is_good)| !**is_good).map(|(one, _)| *one)
    }

    /// A right position counts once, for the tier of its first right answer.
    fn count_tiers(&self, tiers: &mut ByTier) {
        if let Some(first) = self.is_good.iter().position(|is_good| *is_good) {
            tally(tiers, self.given[first].tier, true);
        }
        self.wrong().for_each(|answer| tally(tiers, answer.tier, false));
    }

    fn note(&self, reference: &Reference, group: Group, names: &Names, mistakes: &mut Mistakes) {
        let describe = |places: Vec<Place>| {
            let Position { place, column } = reference.position;
            let column = column.unwrap_or_default();
            let position = format!("{}:{column}", names.show_place(place));
            let is = show(names, reference.targets.iter().map(|(place, _)| *place));
            let said = show(names, places.into_iter());
            format!("{position} `{}`: is {is}, said {said}", names.show(reference.name))
        };
        let wrong: Vec<Place> = self.wrong().map(|answer| answer.place).collect();
        if !wrong.is_empty() {
            mistakes.add("ref-fp", || describe(wrong));
        }
        let all = || self.given.iter().map(|answer| answer.place).collect();
        match group {
            Group::Core if !self.is_right() => mistakes.add("ref-miss", || describe(all())),
            Group::Locals if !self.is_right() => mistakes.add("loc-miss", || describe(all())),
            Group::Core | Group::Modules | Group::Locals | Group::External => {}
        }
    }
}

fn show(names: &Names, places: impl Iterator<Item = Place>) -> String {
    let shown: Vec<String> =
        places.take(SHOWN_PLACES).map(|place| names.show_place(place)).collect();
    if shown.is_empty() { "nothing".to_owned() } else { shown.join(" or ") }
}

impl Scores {
    fn add(&mut self, reference: &Reference, group: Group, judged: &Judged<'_>) {
        let is_right = judged.is_right();
        let score = match group {
            Group::Core => &mut self.core,
            Group::Modules => &mut self.modules,
            Group::Locals => &mut self.locals,
            Group::External => &mut self.external,
        };
        score.total += 1;
        score.right += usize::from(is_right);
        score.wrong += judged.wrong().count();
        if group == Group::Core && reference.is_called {
            self.call_sites.total += 1;
            self.call_sites.right += usize::from(is_right);
        }
        // A local that was found is no claim about the project.
        let is_claim = group != Group::Modules && !(group == Group::Locals && is_right);
        if let Some(first) = judged.is_good.first().filter(|_| is_claim) {
            self.first.total += 1;
            self.first.right += usize::from(*first);
        }
    }

    fn fill(&self, figures: &mut Figures) {
        let Self { core, modules, locals, external, .. } = *self;
        let wrong = core.wrong + external.wrong + locals.wrong;
        figures.core = CoreFigures {
            quality: Quality::of(core.right, wrong, core.total),
            top1: share(self.first.right, self.first.total),
            call_sites: share(self.call_sites.right, self.call_sites.total),
        };
        figures.modules = Quality::of(modules.right, modules.wrong, modules.total);
        figures.locals = Quality::of(locals.right, locals.wrong, locals.total);
        figures.all = Quality::of(
            core.right + modules.right + locals.right,
            wrong + modules.wrong,
            core.total + modules.total + locals.total,
        );
        figures.counts = Counts {
            core: core.total,
            modules: modules.total,
            locals: locals.total,
            external: external.total,
            fp_on_ext: external.wrong,
            fp_on_core: core.wrong,
            fp_on_loc: locals.wrong,
            unjudged: self.unjudged,
        };
    }
}
