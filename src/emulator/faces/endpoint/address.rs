//! What the path of a request names.
//!
//! `/api/…` and `/api/v1.0/…` are the same. Letter case does not count but in ids: the documentation itself writes
//! `/API/`, `BatchDelete` and `batchUpdate`. Ids may stand in parentheses, as the framework has them: `alerts('da1_1')`.

/// A collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Set {
    Indicators,
    Alerts,
    Machines,
    MachineActions,
    Library,
    Incidents,
    Investigations,
    /// The alerts of the machine of this id or name.
    AlertsOfMachine(String),
    /// The alerts that name this thing.
    AlertsOf(Thing, String),
}

/// What an alert can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    Ip,
    Domain,
    File,
    User,
}

/// What is asked for with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Ips,
    Domains,
    Files,
    Machine,
    User,
}

/// A place of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Metadata,
    Set(Set),
    Count(Set),
    Indicator(String),
    Import,
    BatchDelete,
    Alert(String),
    AlertBatchUpdate,
    AlertByReference,
    Related(String, Relation),
    Machine(String),
    /// The machines that had an address at a time, each as it is written.
    MachinesByIp(String, String),
    Tags(String),
    LogonUsers(String),
    LiveResponse(String),
    /// An action of the kind of this word, in lower case, on the machine of this id.
    Act(String, String),
    MachineAction(String),
    Cancel(String),
    /// Where the result of the command of this number can be fetched.
    ResultLink(String, String),
    /// The result itself, behind such a link.
    Result(String, String),
    /// Where the package of this action can be fetched.
    PackageLink(String),
    /// The package itself, behind such a link.
    Package(String),
    /// The file of this hash.
    File(String),
    /// What the tenant's devices had to do with this thing, in numbers.
    Statistics(Thing, String),
    /// The machines that had to do with this thing.
    MachinesOf(Thing, String),
    LibraryFile(String),
    /// A query; in XDR's form or the older one.
    Hunting {
        xdr: bool,
    },
    DeviceGroups,
    Incident(String),
    /// By its number, or by the id of the alert that began it.
    Investigation(String),
    StartInvestigation(String),
}

/// Reads the segments of a path; none where the API has nothing.
pub(super) fn read(segments: &[String]) -> Option<Place> {
    let (first, rest) = segments.split_first()?;
    let rest = match rest.split_first() {
        Some((version, rest)) if version.eq_ignore_ascii_case("v1.0") => rest,
        _ => rest,
    };
    if !first.eq_ignore_ascii_case("api") {
        return None;
    }
    let given: Vec<&str> = rest.iter().flat_map(|segment| apart(segment)).collect();
    let lower: Vec<String> = given.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let words: Vec<&str> = lower.iter().map(String::as_str).collect();
    let (last, before) = words.split_last()?;
    if *last == "$count" {
        return set(before, &given).map(Place::Count);
    }
    set(&words, &given).map(Place::Set).or_else(|| single(&words, &given))
}

/// `alerts('1')` is `alerts` and `1`; the arguments of a function stay with it.
fn apart(segment: &str) -> Vec<&str> {
    let inner = segment.split_once('(').and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?)));
    match inner {
        Some((name, key)) if !name.is_empty() && !key.is_empty() && !key.contains('=') => {
            vec![name, key.trim_matches('\'')]
        }
        _ => vec![segment],
    }
}

fn set(words: &[&str], given: &[&str]) -> Option<Set> {
    let of = |thing| given.get(1).map(|name| Set::AlertsOf(thing, (*name).to_owned()));
    match words {
        ["indicators"] => Some(Set::Indicators),
        ["alerts"] => Some(Set::Alerts),
        ["machines"] => Some(Set::Machines),
        ["machineactions"] => Some(Set::MachineActions),
        ["libraryfiles"] => Some(Set::Library),
        ["incidents"] => Some(Set::Incidents),
        ["investigations"] => Some(Set::Investigations),
        ["machines", _, "alerts"] => given.get(1).map(|id| Set::AlertsOfMachine((*id).to_owned())),
        ["ips", _, "alerts"] => of(Thing::Ip),
        ["domains", _, "alerts"] => of(Thing::Domain),
        ["files", _, "alerts"] => of(Thing::File),
        ["users", _, "alerts"] => of(Thing::User),
        _ => None,
    }
}

fn single(words: &[&str], given: &[&str]) -> Option<Place> {
    let id = || given.get(1).copied().unwrap_or_default().to_owned();
    Some(match words {
        ["$metadata"] => Place::Metadata,
        ["indicators", "import"] => Place::Import,
        ["indicators", "batchdelete"] => Place::BatchDelete,
        ["indicators", _] => Place::Indicator(id()),
        ["alerts", "batchupdate"] => Place::AlertBatchUpdate,
        ["alerts", "createalertbyreference"] => Place::AlertByReference,
        ["alerts", _] => Place::Alert(id()),
        ["alerts", _, relation] => Place::Related(id(), related(relation)?),
        ["machines", function] if function.starts_with(FIND_BY_IP) => find_by_ip(function)?,
        ["machines", _] => Place::Machine(id()),
        ["machines", _, "logonusers"] => Place::LogonUsers(id()),
        ["machines", _, "tags"] => Place::Tags(id()),
        ["machines", _, "runliveresponse"] => Place::LiveResponse(id()),
        ["machines", _, "startinvestigation"] => Place::StartInvestigation(id()),
        ["machines", _, act] => Place::Act(id(), (*act).to_owned()),
        ["machineactions", _] => Place::MachineAction(id()),
        ["machineactions", _, "cancel"] => Place::Cancel(id()),
        ["machineactions", _, "getpackageuri"] => Place::PackageLink(id()),
        ["machineactions", _, function] => Place::ResultLink(id(), index(function)?),
        ["liveresponseresults", _, index] => Place::Result(id(), (*index).to_owned()),
        ["investigationpackages", _] => Place::Package(id()),
        ["files", _] => Place::File(id()),
        ["ips", _, "stats"] => Place::Statistics(Thing::Ip, id()),
        ["domains", _, "stats"] => Place::Statistics(Thing::Domain, id()),
        ["files", _, "stats"] => Place::Statistics(Thing::File, id()),
        ["domains", _, "machines"] => Place::MachinesOf(Thing::Domain, id()),
        ["files", _, "machines"] => Place::MachinesOf(Thing::File, id()),
        ["users", _, "machines"] => Place::MachinesOf(Thing::User, id()),
        ["libraryfiles", _] => Place::LibraryFile(id()),
        ["advancedqueries", "run"] => Place::Hunting { xdr: false },
        ["advancedhunting", "run"] => Place::Hunting { xdr: true },
        ["exposurescore", "bymachinegroups"] => Place::DeviceGroups,
        ["incidents", _] => Place::Incident(id()),
        ["investigations", _] => Place::Investigation(id()),
        _ => return None,
    })
}

fn related(word: &str) -> Option<Relation> {
    Some(match word {
        "ips" => Relation::Ips,
        "domains" => Relation::Domains,
        "files" => Relation::Files,
        "machine" => Relation::Machine,
        "user" => Relation::User,
        _ => return None,
    })
}

/// How the function begins, in lower case.
const FIND_BY_IP: &str = "findbyip(";

/// The arguments of `findbyip(ip='10.0.0.1',timestamp=2019-09-22t08:44:05z)`.
fn find_by_ip(function: &str) -> Option<Place> {
    let arguments = function.strip_prefix(FIND_BY_IP)?.strip_suffix(')')?;
    let value = |wanted: &str| {
        let mut pairs = arguments.split(',').filter_map(|argument| argument.split_once('='));
        pairs.find(|(name, _)| name.trim() == wanted).map(|(_, value)| value.trim().to_owned())
    };
    Some(Place::MachinesByIp(value("ip")?.trim_matches('\'').to_owned(), value("timestamp")?))
}

/// The argument of `getliveresponseresultdownloadlink(index=0)`.
fn index(function: &str) -> Option<String> {
    let arguments = function.strip_prefix("getliveresponseresultdownloadlink(")?.strip_suffix(')')?;
    let (name, value) = arguments.split_once('=')?;
    (name.trim() == "index").then(|| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Option<Place> {
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        read(&segments)
    }

    #[test]
    fn letter_case_version_and_parentheses_do_not_matter() {
        for path in ["/api/alerts/daX_1", "/API/v1.0/Alerts/daX_1", "/api/alerts('daX_1')", "/api/V1.0/alerts(daX_1)"] {
            assert_eq!(place(path), Some(Place::Alert("daX_1".into())), "{path}");
        }
        assert_eq!(place("/api/Indicators/BATCHDELETE"), Some(Place::BatchDelete));
        assert_eq!(place("/api/machines/A/alerts/$count"), Some(Place::Count(Set::AlertsOfMachine("A".into()))));
        assert_eq!(
            place("/api/machineactions/1/GetLiveResponseResultDownloadLink(index=0)"),
            Some(Place::ResultLink("1".into(), "0".into()))
        );
    }

    #[test]
    fn what_the_api_does_not_have_is_no_place() {
        for path in
            ["/", "/api", "/api/v1.0", "/alerts", "/api/machine/1", "/api/alerts/1/2/3", "/api/$count", "/api/alerts()"]
        {
            assert_eq!(place(path), None, "{path}");
        }
    }
}
