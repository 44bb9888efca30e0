use std::time::*;
fn main(){ let mut p=tree_sitter::Parser::new(); let mut ex=flux_grammars::Extractor::new(); let (mut a,mut b,mut c,mut d,mut e,mut n)=(Duration::ZERO,Duration::ZERO,Duration::ZERO,Duration::ZERO,Duration::ZERO,0u64); let mut x=0u64;
for path in std::env::args().skip(1){ let Ok(t)=std::fs::read_to_string(&path) else{continue}; let Some(g)=flux_grammars::detect(&flux_core::RepoPath::new(path.as_str()),&t) else{continue}; let l=g.parser_language();
let s=Instant::now(); p.set_language(&l).unwrap(); let tree=p.parse(&t,None).unwrap(); a+=s.elapsed();
let s=Instant::now(); let mut k=tree.walk(); 'o: loop { n+=1; if k.goto_first_child(){continue} while !k.goto_next_sibling(){ if !k.goto_parent(){break 'o;} } } drop(k); b+=s.elapsed();
let s=Instant::now(); let mut k=tree.walk(); 'p: loop { x+=k.node().kind_id() as u64; if k.goto_first_child(){continue} while !k.goto_next_sibling(){ if !k.goto_parent(){break 'p;} } } drop(k); c+=s.elapsed();
let s=Instant::now(); drop(tree); d+=s.elapsed();
let s=Instant::now(); let _r=ex.extract(g,&t); e+=s.elapsed();
}
println!("parse {a:?} walk {b:?} walk+kind {c:?} drop {d:?} extract {e:?} nodes {n} {x}"); }
