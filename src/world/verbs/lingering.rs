//! What an earlier drill of the same address had made, and removed: devices may see it for a while still, and whose alert
//! it is that comes then cannot be told where the alert says nothing of its own.

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    record::failure::{Code, Failure},
    world::{World, alarm::Role},
};

impl World {
    /// When another drill of this lab removed what may still have been seen at `at` in place of what is published of
    /// `role`; none where nothing of the kind can have been.
    pub(super) fn lingered(&self, role: Role, at: Timestamp) -> Option<Timestamp> {
        let vacated = self.alarm(role).ok()?.vacated_at?;
        (at < later(vacated, self.lingering())).then_some(vacated)
    }

    /// More alerts came than `role` may have raised: a gap, unless what is removed may have raised them.
    pub(super) fn too_many(&self, role: Role, at: Timestamp, failure: Failure) -> Failure {
        let hint = "look in the tenant for another definition that names the same, and whether one event raises several \
                    alerts";
        self.unless_it_lingered(role, at, failure.hint(hint))
    }

    /// The same failure, unless what is removed may have made it.
    pub(super) fn unless_it_lingered(&self, role: Role, at: Timestamp, failure: Failure) -> Failure {
        let Some(vacated) = self.lingered(role, at) else { return failure };
        let lingering = self.lingering();
        let what = format!(
            "{}, and what another drill removed of the same address may have raised it: whose it is cannot be told",
            failure.what
        );
        Failure { code: Code::Inconclusive, what, ..failure }.hint(format!(
            "it was removed at {vacated}, which may take {lingering:#} to reach the device: let the drill use an address of \
             its own (a domain with its marker), or run it alone after that time"
        ))
    }

    /// So long what is removed may be seen still.
    fn lingering(&self) -> SignedDuration {
        SignedDuration::try_from(self.lab().service.lingering()).unwrap_or(SignedDuration::MAX)
    }
}
