//! probe
#![allow(clippy::print_stdout, missing_docs)]
use std::ops::ControlFlow;
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let size: usize = args[3].parse().unwrap();
    let text = args[2].replace("\\n", "\n").repeat(size / args[2].len());
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&flux_grammars::named(&args[1]).unwrap().parser_language()).unwrap();
    let mut calls = 0u64;
    let mut last = Instant::now();
    let start = Instant::now();
    let mut reads = 0u64;
    let mut worst = 0.0f64;
    let mut errors = 0;
    let tree = parser.parse_with_options(
        &mut |o, _| {
            reads += 1;
            text.as_bytes().get(o..(o + 16384).min(text.len())).unwrap_or_default()
        },
        None,
        Some(tree_sitter::ParseOptions::new().progress_callback(&mut |s| {
            calls += 1;
            errors += u64::from(s.has_error());
            let d = last.elapsed().as_secs_f64() * 1e3;
            worst = worst.max(d);
            if calls.is_power_of_two() || d > 100.0 {
                println!(
                    "call {calls} offset {} error {} since last {d:.2} ms total {:.2}",
                    s.current_byte_offset(),
                    s.has_error(),
                    start.elapsed().as_secs_f64()
                );
            }
            last = Instant::now();
            ControlFlow::Continue(())
        })),
    );
    println!(
        "calls {calls} errors {errors} reads {reads} worst {worst:.1} ms after last {:?} total {:?} tree {}",
        last.elapsed(),
        start.elapsed(),
        tree.is_some()
    );
    let tree = tree.unwrap();
    let t = Instant::now();
    let mut c = tree.walk();
    let mut n = 0u64;
    'o: loop {
        n += 1;
        if c.goto_first_child() {
            continue;
        }
        loop {
            if c.goto_next_sibling() {
                break;
            }
            if !c.goto_parent() {
                break 'o;
            }
        }
    }
    println!("walk {:?} nodes {n}", t.elapsed());
    let t = Instant::now();
    drop(c);
    drop(tree);
    println!("drop {:?}", t.elapsed());
}
