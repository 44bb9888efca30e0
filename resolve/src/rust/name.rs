//! Names as hashes of their text: equal on every thread and in every run, and usable as constants
//! in a `match`. Two names of one tree collide with a chance of about 1 in 10⁹ per million names.

/// A name, by a hash of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(pub(super) u64);

impl Name {
    /// The name with this text.
    pub(super) const fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            at += 1;
        }
        // FNV mixes its high bits poorly, and those pick the bucket of a map.
        hash ^= hash >> 32;
        Self(hash.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A name made of this one and another: a path of two.
    pub(super) fn join(self, other: Self) -> Self {
        Self((self.0.rotate_left(23) ^ other.0).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}

macro_rules! known {
    ($($constant:ident $text:literal)+) => {
        impl Name {
            $(pub(super) const $constant: Self = Self::of($text);)+
        }
    };
}

known! {
    CRATE "crate"
    SUPER "super"
    SELF_VALUE "self"
    SELF_TYPE "Self"
    UNDERSCORE "_"
    STD "std"
    CORE "core"
    ALLOC "alloc"
    OUTPUT "Output"
    ITEM "Item"
    TARGET "Target"
    FN "Fn"
    FN_MUT "FnMut"
    FN_ONCE "FnOnce"
}
