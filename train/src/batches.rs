//! Which pairs stand against each other: batches of blocks, each block from one repository.
//!
//! Code of the same repository is the hard wrong answer, and what a search must tell apart.

use rustc_hash::FxHashMap;

use crate::corpus::Corpus;
use crate::random::Random;

/// How pairs are drawn.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    /// Pairs in a block.
    pub(crate) block: usize,
    /// Blocks in a batch.
    pub(crate) blocks: usize,
    /// How often a pair of each kind is drawn in an epoch, on average; 1 where nothing is said.
    pub(crate) kinds: FxHashMap<String, f32>,
    /// From 0, every pair is drawn once, to 1, each language is drawn equally often.
    pub(crate) balance: f32,
}

/// The batches of one epoch over `pairs`, in random order.
pub(crate) fn epoch(
    corpus: &Corpus,
    pairs: &[u32],
    draw: &Draw,
    random: &mut Random,
) -> Vec<Vec<u32>> {
    let rates = rates(corpus, pairs, draw);
    let mut by_repository: Vec<Vec<u32>> = vec![Vec::new(); corpus.purposes.len()];
    for &pair in pairs {
        let facts = &corpus.pairs[pair as usize];
        let rate = rates[&(facts.language, facts.kind)];
        let times = rate as usize + usize::from(random.chance(rate.fract()));
        let drawn = &mut by_repository[facts.repository as usize];
        drawn.extend(std::iter::repeat_n(pair, times));
    }
    let (mut blocks, mut left) = (Vec::new(), Vec::new());
    for drawn in &mut by_repository {
        random.shuffle(drawn);
        let whole = drawn.len() / draw.block * draw.block;
        blocks.extend(drawn[..whole].chunks(draw.block).map(<[u32]>::to_vec));
        left.extend_from_slice(&drawn[whole..]);
    }
    // What is left of each repository stays together, so a mixed block holds few of them.
    blocks.extend(left.chunks(draw.block).map(<[u32]>::to_vec));
    random.shuffle(&mut blocks);
    blocks.chunks(draw.blocks).map(<[_]>::concat).collect()
}

fn rates(corpus: &Corpus, pairs: &[u32], draw: &Draw) -> FxHashMap<(u16, u16), f32> {
    let mut languages: FxHashMap<u16, f32> = FxHashMap::default();
    for &pair in pairs {
        *languages.entry(corpus.pairs[pair as usize].language).or_default() += 1.0;
    }
    let mut rates: FxHashMap<(u16, u16), f32> = FxHashMap::default();
    let mean = pairs.len() as f32 / languages.len().max(1) as f32;
    for &pair in pairs {
        let facts = &corpus.pairs[pair as usize];
        rates.entry((facts.language, facts.kind)).or_insert_with(|| {
            let kind = draw.kinds.get(&corpus.kinds[usize::from(facts.kind)]);
            // No pair is seen so often that it is learnt by heart.
            let language = (mean / languages[&facts.language]).powf(draw.balance).min(3.0);
            kind.copied().unwrap_or(1.0) * language
        });
    }
    rates
}
