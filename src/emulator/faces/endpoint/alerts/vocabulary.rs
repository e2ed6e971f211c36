//! How this API spells what became of an alert, and what it reads. Two pages of the documentation differ: the resource's
//! words are written, and those of the page on updates are read as well.

use crate::emulator::tenant::handling::{Classification, Determination, Investigation, Status};

pub(super) const STATUSES: [(&str, Status); 3] =
    [("New", Status::New), ("InProgress", Status::InProgress), ("Resolved", Status::Resolved)];

/// The first of each is written.
pub(super) const CLASSIFICATIONS: [(&str, Classification); 4] = [
    ("TruePositive", Classification::TruePositive),
    ("FalsePositive", Classification::FalsePositive),
    ("InformationalExpectedActivity", Classification::ExpectedActivity),
    ("Informational, expected activity", Classification::ExpectedActivity),
];

/// The first of each is written. `Apt` and `SecurityPersonnel` were dropped in August 2022: alerts of before have them,
/// and nobody can set them any more.
pub(super) const DETERMINATIONS: [(&str, Determination); 20] = [
    ("MultiStagedAttack", Determination::MultiStagedAttack),
    ("MaliciousUserActivity", Determination::MaliciousUserActivity),
    ("CompromisedUser", Determination::CompromisedAccount),
    ("CompromisedAccount", Determination::CompromisedAccount),
    ("Malware", Determination::Malware),
    ("Phishing", Determination::Phishing),
    ("UnwantedSoftware", Determination::UnwantedSoftware),
    ("SecurityTesting", Determination::SecurityTesting),
    ("LineOfBusinessApplication", Determination::LineOfBusinessApplication),
    ("LineOfBusinessApp", Determination::LineOfBusinessApplication),
    ("ConfirmedUserActivity", Determination::ConfirmedActivity),
    ("ConfirmedActivity", Determination::ConfirmedActivity),
    ("Clean", Determination::NotMalicious),
    ("NotMalicious", Determination::NotMalicious),
    ("InsufficientData", Determination::NotEnoughData),
    ("NotEnoughData", Determination::NotEnoughData),
    ("NotEnoughDataToValidate", Determination::NotEnoughData),
    ("Other", Determination::Other),
    ("Apt", Determination::Apt),
    ("SecurityPersonnel", Determination::SecurityPersonnel),
];

/// What alerts of before 2022 have, and nobody can set.
pub(super) const DROPPED: [Determination; 2] = [Determination::Apt, Determination::SecurityPersonnel];

pub(super) const INVESTIGATIONS: [(&str, Investigation); 5] = [
    ("UnsupportedAlertType", Investigation::UnsupportedAlertType),
    ("Queued", Investigation::Queued),
    ("Running", Investigation::Running),
    ("SuccessfullyRemediated", Investigation::SuccessfullyRemediated),
    ("Benign", Investigation::Benign),
];

/// What is written for `member`.
pub(super) fn word<T: PartialEq>(words: &[(&'static str, T)], member: &T) -> Option<&'static str> {
    words.iter().find(|(_, known)| known == member).map(|(word, _)| *word)
}

/// What `text` stands for, in any letter case.
pub(super) fn read<T: Copy>(words: &[(&str, T)], text: &str) -> Option<T> {
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, member)| *member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_written_as_the_first_of_its_words_and_read_from_each() {
        assert_eq!(word(&CLASSIFICATIONS, &Classification::ExpectedActivity), Some("InformationalExpectedActivity"));
        assert_eq!(word(&DETERMINATIONS, &Determination::NotMalicious), Some("Clean"));
        for (text, member) in DETERMINATIONS {
            assert_eq!(read(&DETERMINATIONS, &text.to_uppercase()), Some(member), "{text}");
            assert!(word(&DETERMINATIONS, &member).is_some(), "{text}");
        }
        assert_eq!(read(&DETERMINATIONS, "Nonsense"), None);
    }
}
