//! Traffic: what the device does that an indicator should or should not see.

use sha1::Digest as _;

use crate::{
    domain::indicator::{Action, Kind},
    record::{
        chain::Link,
        drill::Stimulus,
        failure::{Code, Failure},
    },
    services::controls::FileRun,
    traffic::http::{self, TrafficError},
    world::{
        World,
        alarm::{Role, Touch},
        trouble,
    },
};

impl World {
    /// The device requests `target`: a host, an IP address or an http address. Whatever comes of it is held against
    /// the drill's own indicator.
    pub async fn contact(&mut self, target: &str) -> Result<(), Failure> {
        let target = self.marker().fill(target);
        self.request(Role::Subject, &target).await
    }

    pub(super) async fn request(&mut self, role: Role, target: &str) -> Result<(), Failure> {
        let from = self.clock().now();
        let by = self.ask(role, target).await;
        self.attest(Link::Stimulus, from, by)?;
        self.touched(role, http::host(target).unwrap_or_else(|| target.to_owned()), from);
        Ok(())
    }

    /// Requests `target` on the device, and returns the evidence in words.
    pub(super) async fn ask(&mut self, role: Role, target: &str) -> Result<String, Failure> {
        let (device, from) = (self.device(), self.clock().now());
        let lab = std::sync::Arc::clone(self.lab());
        let outcome = match lab.browser.contact(&device, target, &lab.clock).await {
            Err(TrafficError::CutOff { url, cause }) if self.blocks(role) => {
                let excerpt = format!("cut off, as the action demands: {cause}");
                let (what, device, until) = (format!("GET {url}"), device.name.clone(), lab.clock.now());
                Ok(Stimulus { what, device, via: None, from, until, status: None, bytes: 0, excerpt })
            }
            answered => answered.map_err(|error| not_sent(&error)),
        };
        outcome.map(|stimulus| {
            let (what, device, bytes) = (&stimulus.what, &stimulus.device, stimulus.bytes);
            let by = match stimulus.status {
                Some(status) => format!("{what} on {device}: HTTP {status}, {bytes} bytes"),
                None => format!("{what} on {device}: {}", stimulus.excerpt),
            };
            self.recorder.note(|notes| notes.stimuli.push(stimulus));
            by
        })
    }

    /// Whether the indicator of `role` is to keep the device from what it names.
    pub(super) fn blocks(&self, role: Role) -> bool {
        let action = self.alarms.get(&role).map(|alarm| alarm.indicator.action);
        action.is_some_and(Action::keeps_from_it)
    }

    /// The device requests the address that the indicator of `role` names.
    pub async fn contact_indicator(&mut self, role: Role) -> Result<(), Failure> {
        let target = self.address(role)?;
        self.request(role, &target).await
    }

    /// The address that the indicator of `role` names.
    pub(super) fn address(&self, role: Role) -> Result<String, Failure> {
        let indicator = &self.alarm(role)?.indicator;
        match indicator.kind {
            Kind::IpAddress | Kind::DomainName | Kind::Url => Ok(indicator.value.clone()),
            Kind::Sha1 | Kind::Sha256 | Kind::Md5 => {
                Err(Failure::new(Code::Inconclusive, "the indicator names a file, which cannot be contacted")
                    .hint("let the device run the drill's file instead"))
            }
        }
    }

    /// The last request was answered with `text`.
    pub fn answered_with(&self, text: String) -> Result<(), Failure> {
        let last = self.recorder.note(|notes| notes.stimuli.last().cloned());
        let (saw, bytes) = last.map(|stimulus| (stimulus.excerpt, stimulus.bytes)).unwrap_or_default();
        // Of a longer answer only the beginning is kept, which is not the text that was expected.
        if saw == text && u64::try_from(text.len()).is_ok_and(|length| length == bytes) {
            return Ok(());
        }
        Err(Failure::new(Code::NoStimulus, "the address did not answer as expected")
            .expected(text)
            .saw(format!("{saw} ({bytes} bytes in all)")))
    }

    /// The device writes the drill's file and runs it.
    pub async fn run_file(&mut self) -> Result<(), Failure> {
        let (file, device, from) = (self.file(), self.device(), self.clock().now());
        let run = FileRun { name: file.name.clone(), content: file.content.clone() };
        let outcome = self.controls()?.run_file(&device, &run).await;
        let what = format!("ran {} on {}", file.name, device.name);
        let outcome = outcome.map_err(|error| trouble::of(&error, Code::NoStimulus));
        self.attest(Link::Stimulus, from, outcome.map(|()| what.clone()))?;
        self.recorder.note(|notes| {
            notes.stimuli.push(Stimulus {
                what,
                device: device.name.clone(),
                via: None,
                from,
                until: from,
                status: None,
                bytes: u64::try_from(file.content.len()).unwrap_or(u64::MAX),
                excerpt: format!("SHA-256 {}", file.sha256),
            });
        });
        self.touched(Role::Subject, file.sha256, from);
        Ok(())
    }

    /// The file of this drill, which no other drill has.
    pub fn file(&self) -> DrillFile {
        DrillFile::of(self.marker().as_str())
    }

    /// What the device did is a stimulus of the alarm of `role`, where there is one.
    pub(super) fn touched(&mut self, role: Role, observable: String, at: jiff::Timestamp) {
        let device = self.device();
        if let Some(alarm) = self.alarms.get_mut(&role) {
            alarm.touched(Touch { observable, device, at, before: Vec::new(), next: None });
        }
    }
}

fn not_sent(error: &TrafficError) -> Failure {
    Failure::new(Code::NoStimulus, error.to_string()).hint(error.hint())
}

/// A file that a drill lets a device run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrillFile {
    /// Its name.
    pub name: String,
    /// Its whole content.
    pub content: Vec<u8>,
    sha1: String,
    sha256: String,
    md5: String,
}

impl DrillFile {
    /// The file of the drill with this marker.
    pub fn of(marker: &str) -> Self {
        let content = format!("alertdrill test file {marker}: harmless, and safe to delete\n").into_bytes();
        Self {
            name: format!("alertdrill-{marker}.exe"),
            sha1: hex(&sha1::Sha1::digest(&content)),
            sha256: hex(&sha2::Sha256::digest(&content)),
            md5: hex(&md5::Md5::digest(&content)),
            content,
        }
    }

    /// `text` with its placeholders for hashes filled: `{sha1}`, `{sha256}`, `{md5}`, and parts of them as in
    /// `{sha1 first 12}`, `{md5 last 8}` or `{sha256 middle 10}`.
    pub fn fill(&self, text: &str) -> Result<String, Failure> {
        let mut filled = text.to_owned();
        while let Some((before, rest)) = filled.split_once('{') {
            let Some((inside, after)) = rest.split_once('}') else { break };
            filled = format!("{before}{}{after}", self.hash_part(inside)?);
        }
        Ok(filled)
    }

    fn hash_part(&self, inside: &str) -> Result<&str, Failure> {
        let unknown = || {
            Failure::new(Code::Inconclusive, format!("`{{{inside}}}` is no placeholder"))
                .expected(
                    "{marker}, {sha1}, {sha256}, {md5}, or a part: {sha1 first 12}, {md5 last 8}, {sha1 middle 10}",
                )
                .hint("correct the feature")
        };
        let mut words = inside.split_whitespace();
        let hash = match words.next() {
            Some("sha1") => &self.sha1,
            Some("sha256") => &self.sha256,
            Some("md5") => &self.md5,
            _ => return Err(unknown()),
        };
        let Some(part) = words.next() else { return Ok(hash) };
        let count: usize = words.next().and_then(|word| word.parse().ok()).ok_or_else(unknown)?;
        let spare = hash.len().checked_sub(count).ok_or_else(unknown)?;
        match part {
            "first" => Ok(&hash[..count]),
            "last" => Ok(&hash[spare..]),
            "middle" => Ok(&hash[spare / 2..spare / 2 + count]),
            _ => Err(unknown()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_with_hashes_of_the_drill_s_own_file_and_parts_of_them() {
        let file = DrillFile::of("abc");
        assert_eq!(file.fill("{sha1}"), Ok(file.sha1.clone()));
        assert_eq!(file.fill("{md5 first 4}-{md5 last 4}"), Ok(format!("{}-{}", &file.md5[..4], &file.md5[28..])));
        assert_eq!(file.fill("{sha256 middle 10}"), Ok(file.sha256[27..37].into()));
        assert_eq!(file.fill("no placeholder"), Ok("no placeholder".into()));
    }

    #[test]
    fn a_placeholder_that_is_none_is_named() {
        let file = DrillFile::of("abc");
        for text in ["{sha3}", "{sha1 first 99}", "{sha1 first}", "{}"] {
            let failure = file.fill(text).expect_err(text);
            assert!(failure.what.contains(text), "{failure}");
        }
    }
}
