//! What it costs to make each language ready, once in a process.

#![expect(clippy::print_stdout, reason = "an example answers on the terminal")]

use std::time::Instant;

fn main() {
    for grammar in flux_grammars::languages() {
        let started = Instant::now();
        let problem = grammar.check().err().map_or_else(String::new, |error| error.to_string());
        let cost = started.elapsed().as_secs_f64() * 1e3;
        println!("{:12} {cost:8.2} ms {problem}", grammar.name());
    }
}
