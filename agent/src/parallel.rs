//! Work on many files at once.

use std::num::NonZeroUsize;
use std::thread;

/// What `make` makes of each item, in their order. Few items are not worth a thread.
pub(crate) fn on_all_cores<'a, T: Sync, R: Send>(
    items: &'a [T],
    make: impl Fn(&'a T) -> R + Sync,
) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    if cores == 1 || items.len() < 4 {
        return items.iter().map(make).collect();
    }
    // Pieces much smaller than a core's share, because files differ in size.
    let size = items.len().div_ceil(cores * 8).max(1);
    let pieces: Vec<&'a [T]> = items.chunks(size).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(piece) = pieces.get(number) else { return done };
            done.push((number, piece.iter().map(&make).collect::<Vec<R>>()));
        }
    };
    let mut done: Vec<(usize, Vec<R>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let joined = workers.into_iter().map(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.flatten().collect()
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::on_all_cores;

    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        let doubled = on_all_cores(&items, |item| item * 2);
        assert!(doubled.iter().enumerate().all(|(at, two)| *two == at * 2));
        assert_eq!(doubled.len(), items.len());
    }
}
