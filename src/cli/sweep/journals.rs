//! Journals of runs that are over: which are there, and what the next run in the same folder does with one.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    cli::{
        compose::Manner,
        sweep::broom::{self, Broom},
        tell,
        tenancy::{self, Tenancies},
    },
    clock::Clock,
    domain::service::Service,
    journal::{Head, Journal, NAME, past::Past},
    world::lab::{Labs as _, NoLab, Wish},
};

/// The journals in `folder`: that of its last run first, then those that were put aside.
pub(super) fn within(folder: &Path) -> Vec<PathBuf> {
    let last = folder.join(NAME);
    let names = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let is_aside = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("journal-") && name.ends_with(".ndjson")
    };
    let mut aside: Vec<_> = names.filter(is_aside).collect();
    aside.sort();
    last.exists().then_some(last).into_iter().chain(aside).collect()
}

/// The lab of a tenant, to be cleaned up.
pub(super) async fn broom(
    tenancies: &Tenancies<'_>,
    tenant: &str,
    service: Option<Service>,
) -> Result<(Broom, String), String> {
    let tenant = tenancies.find(tenant, service)?;
    let (clock, client_id) = (tenancy::clock(&tenant), tenant.client_id.clone());
    let labs = tenancy::labs(tenant, &clock, Manner::default())?;
    match labs.lab(Wish { exclusive: false, controls: false }).await {
        Ok(lab) => Ok((Broom { lab }, client_id)),
        Err(NoLab::Skip { reason, remedy }) => Err(format!("{reason} (hint: {remedy})")),
        Err(NoLab::Broken(failure)) => Err(failure.to_string()),
    }
}

/// The lab of the tenant that the journal in `path` is of. Its table may lead to another by now, where nothing of the run is:
/// that would not say what is left of it.
pub(super) async fn broom_of(tenancies: &Tenancies<'_>, path: &Path, head: &Head) -> Result<Broom, String> {
    let (broom, client_id) = broom(tenancies, &head.tenant, Some(head.service)).await?;
    if client_id.eq_ignore_ascii_case(&head.client_id) {
        return Ok(broom);
    }
    let (path, was, tenant) = (path.display(), &head.client_id, &head.tenant);
    Err(format!(
        "{path}: its run was by the application `{was}`, and that of {tenant} is `{client_id}` (hint: name with --config the \
         file whose {tenant} it was; a journal of a tenant that is gone can be deleted)"
    ))
}

/// Finishes the clean-up of an earlier run whose journal lies in `out`, before `tenant` sees another. What cannot be
/// undone, was kept, or is another tenant's stays known: the journal is put aside under another name.
pub(in crate::cli) async fn earlier(out: &Path, tenant: &str, tenancies: &Tenancies<'_>) -> io::Result<()> {
    let path = out.join(NAME);
    if fs::symlink_metadata(&path).is_err() {
        return Ok(());
    }
    let (journal, past) = match Journal::reopen(&path, &Clock::system()) {
        Ok(both) => both,
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return put_aside(&path, "unread", &error.to_string());
        }
        Err(error) => return Err(error),
    };
    let journal = Arc::new(journal);
    let why = match past.left.iter().filter(|left| !left.kept).count() {
        0 if past.left.is_empty() => return Ok(()),
        0 => "what it knows of was kept".to_owned(),
        _ if past.head.tenant != tenant => format!("what it knows of is in the tenant {}", past.head.tenant),
        left => match finish(&journal, past.clone(), tenancies, left).await {
            Ok(()) if past.left.iter().all(|left| !left.kept) => return Ok(()),
            Ok(()) => "some of what it knows of was kept".to_owned(),
            Err(why) => why,
        },
    };
    let removing = "`alertdrill sweep` removes what it knows of";
    put_aside(&path, &past.head.run, &format!("{}: {why}; {removing}", path.display()))
}

/// Undoes what an earlier run left and did not mean to keep.
async fn finish(journal: &Arc<Journal>, past: Past, tenancies: &Tenancies<'_>, left: usize) -> Result<(), String> {
    let Past { head, .. } = &past;
    let (things, them) = if left == 1 { ("thing", "it") } else { ("things", "them") };
    tell(&format!("alertdrill: {} left {left} {things} in {}; removing {them} first", head.run, head.tenant));
    let unfinished = past.left.iter().filter(|left| !left.kept).cloned().collect::<Vec<_>>();
    let broom = broom_of(tenancies, journal.path(), head).await?;
    let items = broom.of(&unfinished).await.map_err(|error| format!("what is left cannot be listed: {error}"))?;
    let outcomes = broom.remove(items).await;
    broom::write_down(journal, &unfinished, &outcomes);
    journal.sync().await.map_err(|error| error.to_string())?;
    let failed: Vec<_> = outcomes
        .iter()
        .filter_map(|(item, outcome)| Some(format!("{}: {}", item.name(), outcome.as_ref().err()?)))
        .collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("not everything could be removed: {}", failed.join("; "))) }
}

/// Gives a journal another name, which says of which run it is, and tells why.
fn put_aside(path: &Path, run: &str, why: &str) -> io::Result<()> {
    // A name in a file is anybody's to write: of it only what cannot lead elsewhere is taken.
    let run: String = run.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    let name = |number: u32| match number {
        1 => format!("journal-{run}.ndjson"),
        more => format!("journal-{run}-{more}.ndjson"),
    };
    let free =
        (1..10_000).map(|number| path.with_file_name(name(number))).find(|free| fs::symlink_metadata(free).is_err());
    let Some(free) = free else { return Err(io::Error::other("no name is free")) };
    fs::rename(path, &free)?;
    tell(&format!("alertdrill: {why}; it is kept as {}", free.display()));
    Ok(())
}
