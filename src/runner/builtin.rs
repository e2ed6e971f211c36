//! The features that are built into the binary, so that an installed alertdrill needs no checkout.

/// Every built-in feature: its name, and its text.
pub const FEATURES: [(&str, &str); 11] = [
    ("features/guide/1_enable.feature", include_str!("../../features/guide/1_enable.feature")),
    ("features/guide/2_create.feature", include_str!("../../features/guide/2_create.feature")),
    ("features/guide/3_simulate.feature", include_str!("../../features/guide/3_simulate.feature")),
    ("features/guide/4_explore.feature", include_str!("../../features/guide/4_explore.feature")),
    ("features/guide/5_whole_guide.feature", include_str!("../../features/guide/5_whole_guide.feature")),
    ("features/life_cycle.feature", include_str!("../../features/life_cycle.feature")),
    ("features/matching.feature", include_str!("../../features/matching.feature")),
    ("features/past_alerts.feature", include_str!("../../features/past_alerts.feature")),
    ("features/propagation.feature", include_str!("../../features/propagation.feature")),
    ("features/quotas.feature", include_str!("../../features/quotas.feature")),
    ("features/silence.feature", include_str!("../../features/silence.feature")),
];
