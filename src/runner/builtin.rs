//! The features that are built into the binary, so that an installed alertdrill needs no checkout.

/// Every built-in feature: its name, and its text.
pub const FEATURES: [(&str, &str); 22] = [
    ("features/access.feature", include_str!("../../features/access.feature")),
    ("features/actions.feature", include_str!("../../features/actions.feature")),
    ("features/budgets.feature", include_str!("../../features/budgets.feature")),
    ("features/conflicts.feature", include_str!("../../features/conflicts.feature")),
    ("features/expectations.feature", include_str!("../../features/expectations.feature")),
    ("features/expiry.feature", include_str!("../../features/expiry.feature")),
    ("features/guide/1_enable.feature", include_str!("../../features/guide/1_enable.feature")),
    ("features/guide/2_create.feature", include_str!("../../features/guide/2_create.feature")),
    ("features/guide/3_simulate.feature", include_str!("../../features/guide/3_simulate.feature")),
    ("features/guide/4_explore.feature", include_str!("../../features/guide/4_explore.feature")),
    ("features/guide/5_whole_guide.feature", include_str!("../../features/guide/5_whole_guide.feature")),
    ("features/life_cycle.feature", include_str!("../../features/life_cycle.feature")),
    ("features/matching.feature", include_str!("../../features/matching.feature")),
    ("features/paging.feature", include_str!("../../features/paging.feature")),
    ("features/past_alerts.feature", include_str!("../../features/past_alerts.feature")),
    ("features/probing.feature", include_str!("../../features/probing.feature")),
    ("features/propagation.feature", include_str!("../../features/propagation.feature")),
    ("features/quotas.feature", include_str!("../../features/quotas.feature")),
    ("features/rules.feature", include_str!("../../features/rules.feature")),
    ("features/silence.feature", include_str!("../../features/silence.feature")),
    ("features/telemetry.feature", include_str!("../../features/telemetry.feature")),
    ("features/two_days.feature", include_str!("../../features/two_days.feature")),
];
