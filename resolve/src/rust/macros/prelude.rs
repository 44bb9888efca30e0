//! Macros of the standard library and of widespread packages, by example: not how they are
//! defined, but what their calls mean to a reader who wants to know which names they mention and
//! which types they have. Read as text, never compiled. Each definition starts a line.

macro_rules! print { ($($t:tt)*) => {{ format_args!($($t)*); }} }
macro_rules! println { ($($t:tt)*) => {{ format_args!($($t)*); }} }
macro_rules! eprint { ($($t:tt)*) => {{ format_args!($($t)*); }} }
macro_rules! eprintln { ($($t:tt)*) => {{ format_args!($($t)*); }} }
macro_rules! format { ($($t:tt)*) => {{ format_args!($($t)*); ::std::string::String::new() }} }
macro_rules! panic { ($($t:tt)*) => {{ format_args!($($t)*); loop {} }} }
macro_rules! todo { ($($t:tt)*) => {{ format_args!($($t)*); loop {} }} }
macro_rules! unimplemented { ($($t:tt)*) => {{ format_args!($($t)*); loop {} }} }
macro_rules! unreachable { ($($t:tt)*) => {{ format_args!($($t)*); loop {} }} }

macro_rules! write {
    ($f:expr, $($t:tt)*) => { $f.write_fmt(format_args!($($t)*)) };
}
macro_rules! writeln {
    ($f:expr $(,)?) => { $f.write_fmt(format_args!()) };
    ($f:expr, $($t:tt)*) => { $f.write_fmt(format_args!($($t)*)) };
}

macro_rules! assert {
    ($e:expr $(,)?) => {{ if !$e {} }};
    ($e:expr, $($t:tt)*) => {{ if !$e { format_args!($($t)*); } }};
}
macro_rules! debug_assert {
    ($e:expr $(,)?) => {{ if !$e {} }};
    ($e:expr, $($t:tt)*) => {{ if !$e { format_args!($($t)*); } }};
}
macro_rules! assert_eq {
    ($a:expr, $b:expr $(,)?) => {{ $a == $b; }};
    ($a:expr, $b:expr, $($t:tt)*) => {{ $a == $b; format_args!($($t)*); }};
}
macro_rules! assert_ne {
    ($a:expr, $b:expr $(,)?) => {{ $a != $b; }};
    ($a:expr, $b:expr, $($t:tt)*) => {{ $a != $b; format_args!($($t)*); }};
}
macro_rules! debug_assert_eq {
    ($a:expr, $b:expr $(,)?) => {{ $a == $b; }};
    ($a:expr, $b:expr, $($t:tt)*) => {{ $a == $b; format_args!($($t)*); }};
}
macro_rules! debug_assert_ne {
    ($a:expr, $b:expr $(,)?) => {{ $a != $b; }};
    ($a:expr, $b:expr, $($t:tt)*) => {{ $a != $b; format_args!($($t)*); }};
}

macro_rules! matches {
    ($e:expr, $p:pat if $g:expr $(,)?) => { match $e { $p if $g => true, _ => false } };
    ($e:expr, $p:pat $(,)?) => { match $e { $p => true, _ => false } };
}
macro_rules! assert_matches {
    ($e:expr, $p:pat => $b:expr $(,)?) => { match $e { $p => $b, _ => loop {} } };
    ($e:expr, $p:pat if $g:expr => $b:expr $(,)?) => { match $e { $p if $g => $b, _ => loop {} } };
    ($e:expr, $p:pat if $g:expr $(,)?) => { match $e { $p if $g => {} _ => {} } };
    ($e:expr, $p:pat $(, $($t:tt)*)?) => {{ match $e { $p => {} _ => {} } $(format_args!($($t)*);)? }};
}
macro_rules! debug_assert_matches { ($($t:tt)*) => { assert_matches!($($t)*) } }

macro_rules! vec {
    ($e:expr; $n:expr) => { ::std::vec::from_elem($e, $n) };
    ($($e:expr),* $(,)?) => { <[_]>::into_vec(::std::boxed::Box::new([$($e),*])) };
}
macro_rules! dbg {
    () => {{}};
    ($e:expr $(,)?) => { $e };
    ($($e:expr),+ $(,)?) => { ($($e,)+) };
}
macro_rules! r#try { ($e:expr $(,)?) => { $e? } }
macro_rules! addr_of { ($e:expr) => { &raw const $e } }
macro_rules! addr_of_mut { ($e:expr) => { &raw mut $e } }
macro_rules! ready {
    ($e:expr $(,)?) => {
        match $e {
            ::std::task::Poll::Ready(t) => t,
            ::std::task::Poll::Pending => return ::std::task::Poll::Pending,
        }
    };
}
macro_rules! pin { ($e:expr $(,)?) => { unsafe { ::std::pin::Pin::new_unchecked(&mut $e) } } }
macro_rules! offset_of { ($t:ty, $($f:tt)*) => {{ let x: $t; &x.$($f)*; 0_usize }} }
macro_rules! stringify { ($($t:tt)*) => { "" } }
macro_rules! concat { ($($t:tt)*) => { "" } }
macro_rules! env { ($($t:tt)*) => { "" } }
macro_rules! option_env { ($($t:tt)*) => { ::std::option::Option::Some("") } }
macro_rules! include_str { ($($t:tt)*) => { "" } }
macro_rules! include_bytes { ($($t:tt)*) => { b"" } }
macro_rules! module_path { () => { "" } }
macro_rules! file { () => { "" } }
macro_rules! line { () => { 0_u32 } }
macro_rules! column { () => { 0_u32 } }
macro_rules! cfg { ($($t:tt)*) => { true } }
macro_rules! compile_error { ($($t:tt)*) => {} }
macro_rules! is_x86_feature_detected { ($($t:tt)*) => { true } }
macro_rules! thread_local {
    ($($(#[$m:meta])* $v:vis static $n:ident : $t:ty = $e:expr);* $(;)?) => {
        $($(#[$m])* $v static $n: ::std::thread::LocalKey<$t> = ::std::thread::LocalKey::new($e);)*
    };
}

macro_rules! lazy_static {
    ($($(#[$m:meta])* $v:vis static ref $n:ident : $t:ty = $e:expr;)*) => {
        $($(#[$m])* $v static $n: $t = $e;)*
    };
}
macro_rules! bitflags {
    ($(
        $(#[$m:meta])* $v:vis struct $n:ident : $t:ty {
            $($(#[$fm:meta])* const $f:tt = $e:expr;)*
        }
    )*) => {
        $(
            $(#[$m])* $v struct $n($t);
            impl $n { $($(#[$fm])* pub const $f: Self = Self($e);)* }
        )*
    };
    ($(
        $(#[$m:meta])* impl $n:ty : $t:ty { $($(#[$fm:meta])* const $f:tt = $e:expr;)* }
    )*) => {
        $(impl $n { $($(#[$fm])* pub const $f: Self = Self($e);)* })*
    };
}
macro_rules! hashmap {
    ($($k:expr => $v:expr),* $(,)?) => {
        ::std::collections::HashMap::from([$(($k, $v)),*])
    };
}
macro_rules! btreemap {
    ($($k:expr => $v:expr),* $(,)?) => {
        ::std::collections::BTreeMap::from([$(($k, $v)),*])
    };
}
macro_rules! hashset {
    ($($k:expr),* $(,)?) => { ::std::collections::HashSet::from([$($k),*]) };
}
macro_rules! btreeset {
    ($($k:expr),* $(,)?) => { ::std::collections::BTreeSet::from([$($k),*]) };
}
macro_rules! smallvec {
    ($e:expr; $n:expr) => { ::smallvec::SmallVec::from_elem($e, $n) };
    ($($e:expr),* $(,)?) => { ::smallvec::SmallVec::from_iter([$($e),*]) };
}

macro_rules! anyhow {
    ($l:literal $($t:tt)*) => {{ format_args!($l $($t)*); ::anyhow::Error::msg("") }};
    ($e:expr $(,)?) => { ::anyhow::Error::from($e) };
    ($($t:tt)*) => {{ format_args!($($t)*); ::anyhow::Error::msg("") }};
}
macro_rules! format_err { ($($t:tt)*) => { anyhow!($($t)*) } }
macro_rules! eyre { ($($t:tt)*) => { anyhow!($($t)*) } }
macro_rules! miette { ($($t:tt)*) => { anyhow!($($t)*) } }
macro_rules! bail { ($($t:tt)*) => { return ::std::result::Result::Err(anyhow!($($t)*)) } }
macro_rules! ensure {
    ($e:expr $(,)?) => {{ if !$e {} }};
    ($e:expr, $($t:tt)*) => {{ if !$e { return ::std::result::Result::Err(anyhow!($($t)*)); } }};
}

macro_rules! log {
    (target: $e:expr, $($t:tt)*) => {{ $e; log!($($t)*); }};
    (logger: $e:expr, $($t:tt)*) => {{ $e; log!($($t)*); }};
    ($level:expr, $($t:tt)*) => {{ $level; event!(@fields $($t)*); }};
}
macro_rules! trace { ($($t:tt)*) => { event!(@fields $($t)*) } }
macro_rules! debug { ($($t:tt)*) => { event!(@fields $($t)*) } }
macro_rules! info { ($($t:tt)*) => { event!(@fields $($t)*) } }
macro_rules! warn { ($($t:tt)*) => { event!(@fields $($t)*) } }
macro_rules! error { ($($t:tt)*) => { event!(@fields $($t)*) } }
macro_rules! event {
    (@fields) => {{}};
    (@fields { $($f:tt)* } $(, $($t:tt)*)?) => {{ event!(@fields $($f)*); $(event!(@fields $($t)*);)? }};
    (@fields target: $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields parent: $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields name: $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields logger: $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields ; $($t:tt)*) => { event!(@fields $($t)*) };
    (@fields $l:literal = % $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields $l:literal = ? $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields $l:literal = $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields $l:literal $($t:tt)*) => {{ format_args!($l $($t)*); }};
    (@fields % $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields ? $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields $($n:ident).+ = % $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields $($n:ident).+ = ? $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields $($n:ident).+ = $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields $n:ident $(: $how:tt)? = $e:expr ; $($t:tt)*) => {{ $e; event!(@fields $($t)*); }};
    (@fields $n:ident : $how:tt = $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (@fields $n:ident $(: $how:tt)? ; $($t:tt)*) => {{ $n; event!(@fields $($t)*); }};
    (@fields $e:expr $(, $($t:tt)*)?) => {{ $e; $(event!(@fields $($t)*);)? }};
    (target: $e:expr, $($t:tt)*) => {{ $e; event!($($t)*); }};
    (parent: $e:expr, $($t:tt)*) => {{ $e; event!($($t)*); }};
    (name: $e:expr, $($t:tt)*) => {{ $e; event!($($t)*); }};
    ($level:expr $(, $($t:tt)*)?) => {{ $level; $(event!(@fields $($t)*);)? }};
}
macro_rules! span {
    ($($t:tt)*) => {{ event!($($t)*); ::tracing::Span::none() }};
}
macro_rules! trace_span { ($($t:tt)*) => {{ event!(@fields $($t)*); ::tracing::Span::none() }} }
macro_rules! debug_span { ($($t:tt)*) => {{ event!(@fields $($t)*); ::tracing::Span::none() }} }
macro_rules! info_span { ($($t:tt)*) => {{ event!(@fields $($t)*); ::tracing::Span::none() }} }
macro_rules! warn_span { ($($t:tt)*) => {{ event!(@fields $($t)*); ::tracing::Span::none() }} }
macro_rules! error_span { ($($t:tt)*) => {{ event!(@fields $($t)*); ::tracing::Span::none() }} }
macro_rules! log_enabled {
    (target: $e:expr, $l:expr) => {{ $e; $l; true }};
    ($l:expr) => {{ $l; true }};
}

macro_rules! join { ($(biased;)? $($e:expr),* $(,)?) => { ($($e.await,)*) } }
macro_rules! try_join { ($(biased;)? $($e:expr),* $(,)?) => { ::std::result::Result::Ok(($($e.await?,)*)) } }
macro_rules! select {
    (biased; $($t:tt)*) => { select!($($t)*) };
    ($(else => $e:expr)? $(,)?) => {{ $($e)? }};
    ($p:pat = $f:expr $(, if $g:expr)? => $b:block $(, $($t:tt)*)?) => {
        match $f.await { $p $(if $g)? => $b _ => { $(select!($($t)*))? } }
    };
    ($p:pat = $f:expr $(, if $g:expr)? => $b:expr $(, $($t:tt)*)?) => {
        match $f.await { $p $(if $g)? => $b, _ => { $(select!($($t)*))? } }
    };
    ($p:pat = $f:expr $(, if $g:expr)? => $b:block $($t:tt)+) => {
        match $f.await { $p $(if $g)? => $b _ => select!($($t)+) }
    };
    ($p:pat => $b:expr $(, $($t:tt)*)?) => {{ let $p; $b; $(select!($($t)*))? }};
}
macro_rules! pin_mut { ($($n:ident),* $(,)?) => { $(let mut $n = unsafe { ::std::pin::Pin::new_unchecked(&mut $n) };)* } }
macro_rules! json {
    (@map) => { () };
    (@map $k:tt : null $(, $($t:tt)*)?) => {{ $k; $(json!(@map $($t)*);)? }};
    (@map $k:tt : [$($v:tt)*] $(, $($t:tt)*)?) => {{ $k; json!(@list $($v)*); $(json!(@map $($t)*);)? }};
    (@map $k:tt : {$($v:tt)*} $(, $($t:tt)*)?) => {{ $k; json!(@map $($v)*); $(json!(@map $($t)*);)? }};
    (@map $k:tt : $v:expr $(, $($t:tt)*)?) => {{ $k; &$v; $(json!(@map $($t)*);)? }};
    (@list) => { () };
    (@list null $(, $($t:tt)*)?) => {{ $(json!(@list $($t)*);)? }};
    (@list [$($v:tt)*] $(, $($t:tt)*)?) => {{ json!(@list $($v)*); $(json!(@list $($t)*);)? }};
    (@list {$($v:tt)*} $(, $($t:tt)*)?) => {{ json!(@map $($v)*); $(json!(@list $($t)*);)? }};
    (@list $e:expr $(, $($t:tt)*)?) => {{ &$e; $(json!(@list $($t)*);)? }};
    ($($t:tt)*) => {{ json!(@list $($t)*); ::serde_json::Value::Null }};
}
macro_rules! prop_assert { ($($t:tt)*) => { assert!($($t)*) } }
macro_rules! prop_assert_eq { ($($t:tt)*) => { assert_eq!($($t)*) } }
macro_rules! prop_assert_ne { ($($t:tt)*) => { assert_ne!($($t)*) } }
macro_rules! prop_assume { ($($t:tt)*) => { assert!($($t)*) } }
macro_rules! prop_oneof {
    ($($w:expr => $e:expr),* $(,)?) => {{ $($w; $e);* }};
    ($($e:expr),* $(,)?) => {{ $($e);* }};
}
macro_rules! proptest {
    ($(#![$c:meta])? $($(#[$m:meta])* fn $n:ident($($a:tt)*) $b:block)*) => {
        $($(#[$m])* fn $n() { proptest!(@arguments ($($a)*) $b); })*
    };
    (@arguments () $b:block) => { $b };
    (@arguments ($p:pat in $e:expr $(, $($t:tt)*)?) $b:block) => {
        for $p in [$e] { proptest!(@arguments ($($($t)*)?) $b); }
    };
    (@arguments ($p:ident : $a:ty $(, $($t:tt)*)?) $b:block) => {
        for $p in ::std::iter::empty::<$a>() { proptest!(@arguments ($($($t)*)?) $b); }
    };
}

macro_rules! quickcheck {
    (@as_items $($i:item)*) => { $($i)* };
    ($($i:item)*) => { $($i)* };
}
macro_rules! criterion_group {
    (name = $n:ident; config = $c:expr; targets = $($t:path),+ $(,)?) => {
        pub fn $n() { $c; $(let _ = $t;)+ }
    };
    ($n:ident, $($t:path),+ $(,)?) => { pub fn $n() { $(let _ = $t;)+ } };
}
macro_rules! criterion_main {
    ($($t:path),+ $(,)?) => { fn main() { $(let _ = $t;)+ } };
}
