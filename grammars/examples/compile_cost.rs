//! What making each language ready costs.
#![allow(clippy::print_stdout, missing_docs)]
fn main() {
    for grammar in flux_grammars::languages() {
        let started = std::time::Instant::now();
        let ok = grammar.check().is_ok();
        println!("{:12} {:8.2} ms {ok}", grammar.name(), started.elapsed().as_secs_f64() * 1e3);
    }
}
