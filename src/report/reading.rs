//! What a drill's record means: how each link of its chain went, and which one broke.

use crate::record::{
    chain::{Link, Standing, Witness},
    drill::Drill,
    failure::{Code, Failure},
    sighting::Latencies,
};

/// How a link of a chain went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It held.
    Held,
    /// It did not.
    Broke,
    /// Nothing broke it, and the service has nothing that could bear witness that it held.
    Unwitnessable,
    /// The drill ended before it.
    NotReached,
    /// The drill had no such part.
    NotPart,
}

impl State {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Broke => "broke",
            Self::Unwitnessable => "cannot be witnessed",
            Self::NotReached => "not reached",
            Self::NotPart => "not part of it",
        }
    }
}

impl From<Standing> for State {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Held => Self::Held,
            Standing::Broke => Self::Broke,
            Standing::Unwitnessable => Self::Unwitnessable,
        }
    }
}

/// Every link of the drill's chain in order, how it went, and its last witness.
pub fn chain(drill: &Drill) -> [(Link, State, Option<&Witness>); Link::ALL.len()] {
    let broken = broken_link(drill);
    Link::ALL.map(|link| {
        let witness = drill.chain.iter().rev().find(|witness| witness.link == link);
        let state = match witness {
            _ if broken == Some(link) => State::Broke,
            Some(witness) => witness.standing.into(),
            // What was made is always removed.
            None if link == Link::CleanUp => State::NotPart,
            None if broken.is_some_and(|broken| broken < link) => State::NotReached,
            None => State::NotPart,
        };
        (link, state, witness)
    })
}

/// The same of the links that the drill has.
pub fn links(drill: &Drill) -> impl Iterator<Item = (Link, State, Option<&Witness>)> {
    chain(drill).into_iter().filter(|(_, state, _)| *state != State::NotPart)
}

/// The link that decided the verdict on a drill that failed or errored. Where no witness says which one it was, the name
/// of what is wrong does.
pub fn broken_link(drill: &Drill) -> Option<Link> {
    let code = drill.verdict.code()?;
    let decided = drill.chain.iter().find(|witness| witness.broke() && witness.link != Link::CleanUp);
    Some(decided.map_or_else(|| usual_link(code, drill), |witness| witness.link))
}

fn usual_link(code: Code, drill: &Drill) -> Link {
    match code {
        Code::AccessDenied => Link::Access,
        Code::NotPublished => Link::Published,
        Code::NotYetEffective => Link::Propagation,
        Code::NoStimulus => Link::Stimulus,
        Code::NoTelemetry => Link::Telemetry,
        Code::NoAlert | Code::ExtraAlert | Code::LateAlert => Link::Detection,
        Code::WrongAlert => Link::Check,
        Code::Throttled | Code::ServiceError | Code::Inconclusive | Code::Unsupported => after_what_held(drill),
    }
}

/// The link after the last that held: a drill need not begin with access, and publishing proves it.
fn after_what_held(drill: &Drill) -> Link {
    let held = drill.chain.iter().filter(|witness| witness.held() && witness.link != Link::CleanUp);
    let last = held.map(|witness| witness.link).max();
    let usual = |link: &Link| ![Link::Telemetry, Link::CleanUp].contains(link);
    let next = Link::ALL.into_iter().filter(usual).find(|link| Some(*link) > last);
    next.unwrap_or(Link::Check)
}

/// The links that the service of the drill has no witness of, each with the reason.
pub fn unwitnessable(drill: &Drill) -> impl Iterator<Item = (Link, &str)> {
    let links = chain(drill).into_iter().filter(|(_, state, _)| *state == State::Unwitnessable);
    links.filter_map(|(link, _, witness)| Some((link, witness?.by.as_str())))
}

/// The failure that decided, where a step tells it.
pub fn failure(drill: &Drill) -> Option<&Failure> {
    drill.failed_step().and_then(|step| step.failure.as_ref())
}

/// The latencies of the first alert that was seen.
pub fn latencies(drill: &Drill) -> Option<&Latencies> {
    drill.sightings.iter().find_map(|sighting| sighting.latencies.as_ref())
}

/// What clean-up could not undo: what it was, and why it is still there.
pub fn left_behind(drill: &Drill) -> impl Iterator<Item = (&str, &str)> {
    drill.clean_up.iter().filter_map(|undone| Some((undone.what.as_str(), undone.left.as_deref()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::verdict::Verdict;

    fn drill(verdict: Verdict, chain: &[(Link, bool)]) -> Drill {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let witness = |&(link, held)| {
            let standing = if held { Standing::Held } else { Standing::Broke };
            Witness { link, standing, from: at, until: at, by: "x".into() }
        };
        Drill {
            id: String::new(),
            feature: String::new(),
            file: String::new(),
            name: String::new(),
            line: 1,
            example: Vec::new(),
            tags: Vec::new(),
            marker: String::new(),
            service: String::new(),
            started: at,
            finished: at,
            took_ms: 0.0,
            verdict,
            steps: Vec::new(),
            chain: chain.iter().map(witness).collect(),
            stimuli: Vec::new(),
            waits: Vec::new(),
            sightings: Vec::new(),
            findings: Vec::new(),
            held: Vec::new(),
            exchanges: Vec::new(),
            logs: Vec::new(),
            clean_up: Vec::new(),
        }
    }

    fn broke(code: Code) -> Verdict {
        Verdict::of(&Failure::new(code, "x"))
    }

    fn states(drill: &Drill) -> [State; Link::ALL.len()] {
        chain(drill).map(|(_, state, _)| state)
    }

    #[test]
    fn a_link_without_a_witness_was_not_reached_only_if_an_earlier_one_broke() {
        use State::{Broke, Held, NotPart, NotReached};
        let failed =
            drill(broke(Code::NoAlert), &[(Link::Access, true), (Link::Detection, false), (Link::CleanUp, true)]);
        assert_eq!(states(&failed), [Held, NotPart, NotPart, NotPart, NotPart, Broke, NotReached, Held]);
        let passed = drill(Verdict::Passed, &[(Link::Access, true)]);
        assert_eq!(states(&passed), [Held, NotPart, NotPart, NotPart, NotPart, NotPart, NotPart, NotPart]);
    }

    #[test]
    fn what_cannot_be_witnessed_neither_held_nor_broke() {
        let links = [(Link::Stimulus, true), (Link::Telemetry, true), (Link::Detection, false)];
        let mut failed = drill(broke(Code::NoAlert), &links);
        failed.chain[1].standing = Standing::Unwitnessable;
        assert_eq!(states(&failed)[3..6], [State::Held, State::Unwitnessable, State::Broke]);
        assert_eq!(broken_link(&failed), Some(Link::Detection));
        assert_eq!(unwitnessable(&failed).collect::<Vec<_>>(), [(Link::Telemetry, "x")]);
    }

    #[test]
    fn telemetry_was_not_reached_where_the_stimulus_did_not_happen() {
        let failed = drill(broke(Code::NoStimulus), &[(Link::Stimulus, false)]);
        assert_eq!(states(&failed)[3..6], [State::Broke, State::NotReached, State::NotReached]);
    }

    #[test]
    fn where_no_witness_says_which_link_broke_the_name_of_what_is_wrong_does() {
        assert_eq!(broken_link(&drill(broke(Code::WrongAlert), &[])), Some(Link::Check));
        let stopped = drill(broke(Code::ServiceError), &[(Link::Access, true), (Link::Published, true)]);
        assert_eq!(broken_link(&stopped), Some(Link::Propagation));
        let without_access = drill(broke(Code::Inconclusive), &[(Link::Published, true), (Link::CleanUp, true)]);
        assert_eq!(broken_link(&without_access), Some(Link::Propagation));
        assert_eq!(broken_link(&drill(broke(Code::Inconclusive), &[])), Some(Link::Access));
        let checked = drill(broke(Code::ServiceError), &[(Link::Check, true), (Link::CleanUp, true)]);
        assert_eq!(broken_link(&checked), Some(Link::Check), "clean-up is no part of the judgement");
        assert_eq!(broken_link(&drill(Verdict::Passed, &[])), None);
    }

    #[test]
    fn a_clean_up_that_failed_is_not_what_decided() {
        let failed = drill(broke(Code::NoAlert), &[(Link::CleanUp, false)]);
        assert_eq!(broken_link(&failed), Some(Link::Detection));
        assert_eq!(states(&failed)[7], State::Broke);
    }
}
