//! What ties both ends of a drill together.

use std::fmt;

/// Eight lower-case letters and digits, unique to one drill of one run, that everything the drill makes carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Marker(String);

/// What a text writes where the drill's own marker belongs.
pub const PLACEHOLDER: &str = "{marker}";

impl Marker {
    /// The marker of the drill `drill` in the run `run`: the same two always give the same marker.
    pub fn of(run: u64, drill: &str) -> Self {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut hash = fnv1a(&run.to_le_bytes(), FNV_OFFSET);
        hash = fnv1a(drill.as_bytes(), hash);
        let letters = (0..8).map(|place| {
            let index = usize::try_from((hash >> (place * 5 + 8)) & 31).unwrap_or_default();
            char::from(ALPHABET[index])
        });
        Self(letters.collect())
    }

    /// The marker as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `text` with every [`PLACEHOLDER`] replaced by this marker.
    pub fn fill(&self, text: &str) -> String {
        text.replace(PLACEHOLDER, &self.0)
    }

    /// `text` with this marker at its end, in a form that [`Marker::is_in`] finds again.
    pub fn sign(&self, text: &str) -> String {
        format!("{text} [drill {}]", self.0)
    }

    /// The marker that is written as `text`, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        letters.then(|| Self(text.into()))
    }

    /// The marker that `text` was signed with: the last one, for a signature stands at the end.
    pub fn signed(text: &str) -> Option<Self> {
        let signed = text.split("[drill ").skip(1).filter_map(|rest| Self::parse(rest.split_once(']')?.0));
        signed.last()
    }

    /// Whether `text` ends with this marker as a word of its own, as the names that alertdrill gives do.
    pub fn ends(&self, text: &str) -> bool {
        text.strip_suffix(self.as_str()).is_some_and(|before| before.ends_with(' '))
    }

    /// Whether `text` was signed with any marker.
    pub fn signs(text: &str) -> bool {
        Self::signed(text).is_some()
    }

    /// Whether `text` was signed with this marker.
    pub fn is_in(&self, text: &str) -> bool {
        let signed = |rest: &str| rest.strip_prefix(self.as_str()).is_some_and(|rest| rest.starts_with(']'));
        // Most texts are other drills': that the marker is nowhere in them is found out fastest.
        text.contains(self.as_str()) && text.split("[drill ").skip(1).any(signed)
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a with a final mix, so that drills whose names differ in the last letter get unlike markers.
fn fnv1a(bytes: &[u8], start: u64) -> u64 {
    let hash = bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drills_of_a_run_and_runs_of_a_drill_have_different_markers() {
        let a = Marker::of(1, "guide/5_whole.feature:3");
        assert_ne!(a, Marker::of(1, "guide/5_whole.feature:4"));
        assert_ne!(a, Marker::of(2, "guide/5_whole.feature:3"));
        assert_eq!(a, Marker::of(1, "guide/5_whole.feature:3"));
    }

    #[test]
    fn ten_thousand_drills_share_no_marker() {
        let markers: std::collections::HashSet<_> =
            (0..10_000).map(|n| Marker::of(7, &format!("many.feature:{n}"))).collect();
        assert_eq!(markers.len(), 10_000);
    }

    #[test]
    fn a_signed_text_is_told_from_one_that_merely_names_the_marker() {
        let marker = Marker::of(1, "a");
        assert!(marker.is_in(&marker.sign("A test alert.")));
        assert!(!marker.is_in(&format!("http://{marker}.example/")));
        assert!(Marker::signs(&marker.sign("A test alert.")) && !Marker::signs("[drill sergeant of mine]"));
        let quoting = Marker::of(1, "b").sign(&marker.sign("As seen before:"));
        assert_eq!(Marker::signed(&quoting), Some(Marker::of(1, "b")));
        assert!(marker.ends(&format!("Alert drill {marker}")) && !marker.ends(&format!("drill-{marker}")));
        assert_eq!(Marker::parse(marker.as_str()), Some(marker));
    }
}
