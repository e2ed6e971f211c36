//! What looks random in the emulated tenant: bytes that follow from the seed and a name, and from nothing else.

use sha2::{Digest, Sha256};

/// Thirty-two bytes that follow from `seed` and `parts`. Parts are told apart: `["ab", "c"]` is not `["a", "bc"]`.
pub(super) fn bytes(seed: u64, parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// A number that follows from `seed` and `parts`.
pub(super) fn number(seed: u64, parts: &[&str]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&bytes(seed, parts)[..8]);
    u64::from_le_bytes(first)
}

/// A GUID of version 4, in lower case.
pub(super) fn guid(seed: u64, parts: &[&str]) -> String {
    let mut raw = bytes(seed, parts);
    raw[6] = (raw[6] & 0x0f) | 0x40;
    raw[8] = (raw[8] & 0x3f) | 0x80;
    let hex = hex(&raw[..16]);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_name_give_the_same_guid_and_others_another() {
        let guid_of = |seed, parts: &[&str]| guid(seed, parts);
        assert_eq!(guid_of(1, &["a", "b"]), guid_of(1, &["a", "b"]));
        assert_ne!(guid_of(1, &["a", "b"]), guid_of(2, &["a", "b"]));
        assert_ne!(guid_of(1, &["ab", "c"]), guid_of(1, &["a", "bc"]));
    }

    #[test]
    fn a_guid_has_the_shape_of_version_4() {
        let guid = guid(7, &["tenant"]);
        let groups: Vec<_> = guid.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert_eq!(&guid[14..15], "4");
    }
}
