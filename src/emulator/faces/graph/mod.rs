//! Microsoft Graph security.

use crate::emulator::{Emulator, answer::Answer, faces::Call};

/// Answers a request to the API: this version of the emulator has a place for it, but does not serve it.
pub(super) fn answer(_emulator: &Emulator, _call: &Call<'_>) -> Answer {
    let message = "This version of the emulator does not serve Microsoft Graph security yet.";
    Answer::json(501, &serde_json::json!({"error": {"code": "NotImplemented", "message": message}}))
}
