//! What the program returns. The numbers are documented, and stable.

use std::process::ExitCode;

use crate::{cli::tell, record::verdict::RunVerdict};

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Every drill that was judged passed, or the command did what it was asked to.
    Passed,
    /// A detection gap.
    Failed,
    /// Alertdrill cannot tell.
    Errored,
    /// Preflight refused.
    PreflightRefused,
    /// A service's answers have changed.
    Drift,
    /// The command line, or a setting.
    Usage,
    /// A feature does not parse, or uses unknown steps.
    Features,
    /// A defect of alertdrill.
    Defect,
    /// Interrupted, after clean-up.
    Interrupted,
}

impl Exit {
    /// Every way to end, in the order of the numbers.
    pub const ALL: [Self; 9] = [
        Self::Passed,
        Self::Failed,
        Self::Errored,
        Self::PreflightRefused,
        Self::Drift,
        Self::Usage,
        Self::Features,
        Self::Defect,
        Self::Interrupted,
    ];

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Errored => 2,
            Self::PreflightRefused => 3,
            Self::Drift => 4,
            Self::Usage => 64,
            Self::Features => 65,
            Self::Defect => 70,
            Self::Interrupted => 130,
        }
    }

    /// What it means, as in the README.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Passed => "every drill that was judged passed",
            Self::Failed => "a detection gap: at least one drill failed",
            Self::Errored => "alertdrill cannot tell: at least one drill errored, or nothing was judged",
            Self::PreflightRefused => "preflight refused",
            Self::Drift => "drift: a service's answers have changed",
            Self::Usage => "usage: the command line or a setting",
            Self::Features => "a feature does not parse or uses unknown steps",
            Self::Defect => "a defect of alertdrill",
            Self::Interrupted => "interrupted, after clean-up",
        }
    }

    /// How a run with this verdict ends.
    pub fn of(verdict: RunVerdict) -> Self {
        match verdict {
            RunVerdict::Passed | RunVerdict::Armed => Self::Passed,
            RunVerdict::Failed => Self::Failed,
            RunVerdict::Errored => Self::Errored,
            RunVerdict::Interrupted => Self::Interrupted,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Ends with `exit`, and says why on standard error.
pub(super) fn said(exit: Exit, why: &str) -> Exit {
    tell(&format!("alertdrill: {why}"));
    exit
}
