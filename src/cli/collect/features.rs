//! The features of what is armed: they say what they said when it was, and their drills are those.

use std::{collections::HashSet, path::Path};

use crate::{
    armed::{self, Armed, Feature},
    cli::{
        collect::{Refused, STAYS, otherwise, service},
        detach,
        exit::Exit,
        tell,
    },
    report::wording,
    runner::{arming, check, drive, find, problem::Problem, suite::Suite, vocabulary::Vocabulary},
};

/// The drills, in features that say what they said when they were armed.
pub(super) fn written(dir: &Path, armed: &Armed) -> Result<(Suite, Vocabulary), Refused> {
    let mut found = Vec::new();
    let mut changed = 0;
    for feature in &armed.features {
        match same(feature) {
            Ok(same) => found.push(same),
            Err(why) => {
                tell(&format!("{}: {why}", feature.file));
                changed += 1;
            }
        }
    }
    if changed > 0 {
        let features = wording::count(changed, "feature");
        let why = format!("{STAYS}: {features} changed since the drills were armed");
        return Err(Refused(Exit::Features, why));
    }
    let defect = |why: String| Refused(Exit::Defect, why);
    let vocabulary = Vocabulary::linked().map_err(|error| defect(format!("the steps' patterns: {error}")))?;
    let problems = |problems: Vec<Problem>| {
        for problem in &problems {
            tell(&problem.to_string());
        }
        Refused(Exit::Features, "this alertdrill does not read the features as the one that armed them did".into())
    };
    let mut suite = Suite::parse(&found).map_err(problems)?;
    check::check(&suite, &vocabulary).map_err(problems)?;
    let ids: HashSet<_> = armed.drills.iter().map(|drill| drill.id.as_str()).collect();
    let service = service(armed)?;
    drive::keep_only(&mut suite, service, |id| ids.contains(id));
    if suite.total() < ids.len() {
        let why = format!("{} names drills that its features do not hold", armed::NAME);
        return Err(Refused(Exit::Features, why));
    }
    arming::fit(&suite, service, &armed.drills).map_err(|why| otherwise(Exit::Features, dir, &why))?;
    Ok((suite, vocabulary))
}

fn same(feature: &Feature) -> Result<find::Found, String> {
    let found = if feature.built_in {
        find::builtin().into_iter().find(|found| found.file == feature.file)
    } else {
        let read = find::find(std::slice::from_ref(&feature.file));
        read.map_err(|problems| problems.into_iter().map(|problem| problem.what).collect::<Vec<_>>().join("; "))?.pop()
    };
    let other = if feature.built_in {
        "this alertdrill has another built in (hint: use the version that armed it)"
    } else {
        "it is not what it was when its drills were armed (hint: check out what was armed)"
    };
    let found = found.ok_or(other)?;
    if detach::feature(&found, feature.built_in) == *feature { Ok(found) } else { Err(other.into()) }
}
