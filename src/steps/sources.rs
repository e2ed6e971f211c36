//! The descriptions of the vocabulary: the doc comments above the steps themselves, read from their sources.

/// The sources of the steps, each under the path by which the compiler names it.
pub const SOURCES: [(&str, &str); 8] = [
    ("src/steps/access.rs", include_str!("access.rs")),
    ("src/steps/budget.rs", include_str!("budget.rs")),
    ("src/steps/change.rs", include_str!("change.rs")),
    ("src/steps/expect.rs", include_str!("expect.rs")),
    ("src/steps/hold.rs", include_str!("hold.rs")),
    ("src/steps/laboratory.rs", include_str!("laboratory.rs")),
    ("src/steps/publish.rs", include_str!("publish.rs")),
    ("src/steps/touch.rs", include_str!("touch.rs")),
];

/// The doc comment above the attribute at `line` of `path`, as one paragraph; a user's own steps have none.
pub fn description(path: &str, line: u32) -> Option<String> {
    let path = path.replace('\\', "/");
    let (_, source) = SOURCES.iter().find(|(known, _)| path.ends_with(known))?;
    let above = source.lines().take(usize::try_from(line).ok()?.saturating_sub(1)).collect::<Vec<_>>();
    let mut text: Vec<&str> = above
        .iter()
        .rev()
        .skip_while(|line| line.starts_with("#["))
        .map_while(|line| line.strip_prefix("///"))
        .map(str::trim)
        .collect();
    text.reverse();
    (!text.is_empty()).then(|| text.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_described_by_the_comment_above_its_first_attribute() {
        let source = SOURCES[0].1;
        let line = |needle: &str| {
            let at = source.lines().position(|line| line.contains(needle)).expect("the step is there");
            u32::try_from(at + 1).expect("a short file")
        };
        let expected = Some("Obtains a token, and proves that the tenant takes it.".to_owned());
        assert_eq!(description("src/steps/access.rs", line("#[given(\"access")), expected);
        assert_eq!(
            description("/somewhere/src/steps/access.rs", line("#[when(\"access to the tenant is obtained")),
            expected
        );
        assert_eq!(description("other/steps.rs", 3), None);
    }
}
