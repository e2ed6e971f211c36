//! A hundred thousand requests that nobody should send, made from good ones by a seeded generator: never a panic, never
//! an error of the server's own, never a word of what the server is made of.

use alertdrill::{
    clock::Clock,
    emulator::{
        Emulator, Options,
        answer::{Answer, Request},
        knobs::Knobs,
    },
};

use crate::emulator::{
    definition, endpoint::indicator as custom, graph_alerts::manual, graph_rules::rule, indicator, noon,
};

/// How many requests. In a release build a million take about as long.
const REQUESTS: usize = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

/// Words that only the inside of the server knows.
const INSIDE: [&str; 6] = ["serde", ".rs:", "panicked", "src/", "Option<", "unwrap"];

fn emulator() -> Emulator {
    let knobs = serde_json::json!({"definitionQuota": 12, "indicatorQuota": 20, "patternQuota": 5, "tokenLifetimeSeconds": 300_000_000, "ruleQuota": 20, "customIndicatorQuota": 20, "endpointQuotas": false, "networkEnforcementSeconds": 0, "graphQuotas": {"ruleList": [0, 0, 0], "ruleCreate": [0, 0, 0], "ruleGet": [0, 0, 0], "alerts": [0, 0, 0], "hunting": [0, 0, 0]}});
    let knobs = Knobs::default().with(&knobs).expect("good knobs");
    Emulator::new(Options { clock: Clock::jumping(noon()), seed: 1, knobs })
}

fn request(method: &str, target: &str, token: &str, body: &str) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Request {
        method: method.into(),
        host: "127.0.0.1".into(),
        port: Some(8080),
        scheme: "http",
        proxied: false,
        path: path.into(),
        query: query.into(),
        headers: vec![
            ("content-type".into(), "application/json".into()),
            ("accept".into(), "application/json".into()),
            ("authorization".into(), format!("Bearer {token}")),
        ],
        body: body.as_bytes().to_vec(),
    }
}

fn token(emulator: &Emulator) -> (Request, String) {
    token_for(emulator, "https://graph.windows.net")
}

fn token_for(emulator: &Emulator, resource: &str) -> (Request, String) {
    let details = emulator.details("http://127.0.0.1:8080", "");
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", &details.client_id),
        ("client_secret", &details.client_secret),
        ("resource", resource),
    ];
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = request("POST", &format!("/{}/oauth2/token", details.tenant_id), "", &form);
    request.headers[0].1 = "application/x-www-form-urlencoded".into();
    let answer = emulator.answer(&request);
    let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    (request, body["access_token"].as_str().expect("a token").to_owned())
}

/// Good requests of every kind.
fn seeds(emulator: &Emulator) -> Vec<Request> {
    let (for_token, token) = token(emulator);
    let (definition, ioc) = (definition().to_string(), indicator(1).to_string());
    let mut seeds = vec![for_token];
    for (method, target, body) in [
        ("POST", "/ti/V1.0/AlertDefinitions", definition.as_str()),
        ("POST", "/ti/V1.0/IndicatorsOfCompromise", &ioc),
        ("GET", "/ti/V1.0/AlertDefinitions(1)?$select=Name&$expand=IndicatorsOfCompromise($select=Value)", ""),
        (
            "GET",
            "/V1.0/AlertDefinitions?$filter=contains(tolower(Name),'o''b') and Id ge 1&$orderby=Name desc&$top=5",
            "",
        ),
        ("GET", "/V1.0/IndicatorsOfCompromise?$filter=CreatedAt gt 2017-01-01T00:00:00Z or Type in ('Sha1','Md5')", ""),
        ("GET", "/V1.0/IndicatorsOfCompromise/$count?$filter=length(substring(Value,1,2)) add 1 eq 3", ""),
        ("PATCH", "/ti/V1.0/AlertDefinitions(1)", r#"{"Severity":"Low","RecommendedAction":null}"#),
        ("PATCH", "/ti/V1.0/IndicatorsOfCompromise(1)", r#"{"ExpiresAt":"2027-01-01T00:00:00Z","Enabled":"False"}"#),
        ("PUT", "/ti/V1.0/IndicatorsOfCompromise(1)/AlertDefinition/$ref", r#"{"@odata.id":"AlertDefinitions(2)"}"#),
        ("POST", "/ti/V1.0/AlertDefinitions(1)/Actions.DeleteIOCs", ""),
        ("POST", "/ti/V1.0/AlertDefinitions/Actions.BulkUpload", r#"{"alertDefinitions":[]}"#),
        ("POST", "/ti/V1.0/IndicatorsOfCompromise/Actions.BulkUpload", r#"{"iocs":[{"Type":"Md5"}]}"#),
        ("DELETE", "/ti/V1.0/AlertDefinitions(3)", ""),
        ("GET", "/ti/V1.0/$metadata", ""),
        ("GET", "/export/api/alerts?sinceTimeUtc=2016-09-12T00:00:00.000&ago=PT10M&limit=20", ""),
        ("GET", "/portal/alerts?severity=High", ""),
        ("GET", "/portal/devices/workstation-1.contoso.example", ""),
        ("POST", "/portal/settings/threat-intel", "action=enable"),
        ("GET", "/control/state", ""),
        ("PUT", "/control/devices/pc7", r#"{"onboarded":true}"#),
        ("POST", "/control/devices/pc7/connections", r#"{"host":"evil.example","port":443}"#),
        ("POST", "/control/devices/pc7/files", r#"{"name":"a.exe","content":"TVo="}"#),
        ("PATCH", "/control/knobs", r#"{"removalSeconds":1}"#),
        ("POST", "/control/advance", r#"{"seconds":0.5}"#),
        ("POST", "/control/faults", r#"{"kind":"drop-alert","times":1}"#),
        ("DELETE", "/control/faults/1", ""),
    ] {
        seeds.push(request(method, target, &token, body));
    }
    seeds.extend(graph_seeds(emulator));
    seeds.extend(endpoint_seeds(emulator));
    seeds
}

/// Good requests to the Defender for Endpoint API, of every kind.
fn endpoint_seeds(emulator: &Emulator) -> Vec<Request> {
    let (_, token) = token_for(emulator, "https://api.securitycenter.microsoft.com");
    let (_, xdr) = token_for(emulator, "https://security.microsoft.com/mtp");
    let device = emulator.details("", "").device_id;
    let custom = custom("DomainName", "evil.example", "Audit").to_string();
    let import = format!("{{\"Indicators\":[{custom}]}}");
    let reference = format!(
        r#"{{"machineId":"{device}","severity":"Low","title":"t","description":"d","recommendedAction":"r","eventTime":"2026-11-24T11:59:00.1Z","reportId":1,"category":"Exploit"}}"#
    );
    let run = r#"{"Commands":[{"type":"RunScript","params":[{"key":"ScriptName","value":"a.ps1"}]}],"Comment":"c"}"#;
    let of_machine = |rest: &str| format!("/endpoint/api/machines/{device}/{rest}");
    let mut seeds: Vec<_> = [
        ("POST", "/endpoint/api/indicators".to_owned(), custom.as_str()),
        ("POST", "/endpoint/api/indicators/import".to_owned(), &import),
        ("POST", "/endpoint/api/indicators/BatchDelete".to_owned(), r#"{"IndicatorIds":["1","2"]}"#),
        (
            "GET",
            "/endpoint/api/v1.0/indicators?$filter=rbacGroupNames/any(g: g eq 'a') or severity in ('Low','High')&$orderby=id desc&$top=2&$count=true".to_owned(),
            "",
        ),
        ("DELETE", "/endpoint/api/indicators/1".to_owned(), ""),
        ("GET", "/endpoint/api/alerts?$expand=evidence&$filter=lastUpdateTime ge 2026-01-01Z".to_owned(), ""),
        ("GET", "/endpoint/api/alerts('da1_1')/machine".to_owned(), ""),
        ("PATCH", "/endpoint/api/alerts/da1_1".to_owned(), r#"{"status":"Resolved","comment":"c"}"#),
        ("POST", "/endpoint/api/alerts/batchUpdate".to_owned(), r#"{"alertIds":["da1_1"],"status":"New"}"#),
        ("POST", "/endpoint/api/alerts/CreateAlertByReference".to_owned(), &reference),
        ("GET", "/endpoint/api/domains/evil.example/alerts".to_owned(), ""),
        ("GET", "/endpoint/api/machines?$filter=startswith(computerDnsName,'w')".to_owned(), ""),
        ("GET", of_machine("alerts/$count"), ""),
        ("POST", of_machine("tags"), r#"{"Value":"v","Action":"Add"}"#),
        ("POST", of_machine("isolate"), r#"{"Comment":"c","IsolationType":"Full"}"#),
        ("POST", of_machine("runliveresponse"), run),
        ("GET", "/endpoint/api/machineactions?$filter=status eq 'Pending'".to_owned(), ""),
        ("GET", "/endpoint/api/libraryfiles".to_owned(), ""),
        ("POST", "/endpoint/api/advancedqueries/run".to_owned(), r#"{"Query":"DeviceNetworkEvents | take 1"}"#),
        ("GET", "/endpoint/api/exposureScore/ByMachineGroups?$skip=1".to_owned(), ""),
        ("GET", "/endpoint/api/$metadata".to_owned(), ""),
    ]
    .into_iter()
    .map(|(method, target, body)| request(method, &target, &token, body))
    .collect();
    let form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.ps1\"\r\n\r\nx\r\n--b--\r\n";
    let mut upload = request("POST", "/endpoint/api/libraryfiles", &token, form);
    upload.headers[0].1 = "multipart/form-data; boundary=b".into();
    seeds.push(upload);
    seeds.push(request("GET", "/endpoint/api/incidents?$filter=status eq 'Active'", &xdr, ""));
    seeds.push(request("PATCH", "/endpoint/api/incidents/1", &xdr, r#"{"status":"Resolved","tags":["a"]}"#));
    seeds
}

/// Good requests to Graph, of every kind.
fn graph_seeds(emulator: &Emulator) -> Vec<Request> {
    let (_, token) = token_for(emulator, "https://graph.microsoft.com");
    let rule = rule("noise").to_string();
    let mut scheduled = self::rule("noise-2");
    scheduled["schedule"]["frequency"] = serde_json::json!("PT1H");
    let (scheduled, manual) = (scheduled.to_string(), manual().to_string());
    let mut seeds = Vec::new();
    for (method, target, body) in [
        ("POST", "/graph/beta/security/rules/detectionRules", rule.as_str()),
        ("POST", "/graph/beta/security/rules/detectionRules", &scheduled),
        (
            "PATCH",
            "/graph/beta/security/rules/detectionRules/noise",
            r#"{"status":"disabled","schedule":{"frequency":"PT3H"}}"#,
        ),
        ("GET", "/graph/beta/security/rules/detectionRules/noise?$select=id,status", ""),
        (
            "GET",
            "/graph/beta/security/rules/detectionRules?$filter=contains(displayName,'Rule') and schedule/frequency ge duration'PT1H'&$orderby=createdDateTime desc&$top=2",
            "",
        ),
        ("DELETE", "/graph/beta/security/rules/detectionRules/noise", ""),
        (
            "GET",
            "/graph/v1.0/security/alerts_v2?$filter=status eq 'new' and createdDateTime ge 2026-01-01T00:00:00Z&$top=1&$count=true",
            "",
        ),
        ("GET", "/graph/v1.0/security/alerts_v2('da1_1')/comments", ""),
        ("POST", "/graph/beta/security/alerts_v2", &manual),
        ("PATCH", "/graph/v1.0/security/incidents/1", r#"{"status":"resolved","customTags":["a"],"assignedTo":null}"#),
        ("POST", "/graph/v1.0/security/incidents/1/comments", r#"{"comment":"one"}"#),
        ("GET", "/graph/v1.0/security/incidents?$expand=alerts&$filter=severity ne 'low'", ""),
        (
            "POST",
            "/graph/v1.0/security/runHuntingQuery",
            r#"{"Query":"DeviceNetworkEvents | where RemotePort in (80, 443) | summarize count() by RemoteIP","Timespan":"P1D"}"#,
        ),
        ("GET", "/graph/beta/security/getHuntingSchema", ""),
        (
            "POST",
            "/graph/beta/$batch",
            r#"{"requests":[{"id":"1","method":"GET","url":"/security/alerts_v2?$top=1"},{"id":"2","method":"GET","url":"/security/incidents","dependsOn":["1"]}]}"#,
        ),
        (
            "POST",
            "/graph/beta/security/tiIndicators/submitTiIndicators",
            r#"{"value":[{"action":"alert","description":"d","expirationDateTime":"2027-01-01T00:00:00Z","targetProduct":"Microsoft Defender ATP","threatType":"C2","tlpLevel":"red","domainName":"evil.example"}]}"#,
        ),
        ("GET", "/graph/v1.0/$metadata", ""),
    ] {
        seeds.push(request(method, target, &token, body));
    }
    seeds
}

/// Pieces that lead somewhere more often than chance would.
const PIECES: [&str; 30] = [
    "'",
    "''",
    "(",
    ")",
    ",",
    "$",
    "/",
    "//",
    "%",
    "%00",
    "%ff",
    "..",
    "null",
    "\"",
    "{",
    "}",
    "[",
    "]",
    "-1",
    "9223372036854775808",
    "1e999",
    " eq ",
    " and ",
    "not ",
    "AlertDefinition/",
    "\u{fffd}",
    "é",
    "\u{10ffff}",
    "@",
    "&$top=",
];

fn mutated(text: &str, random: &mut fastrand::Rng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..random.usize(0..4) {
        let at = random.usize(0..=letters.len());
        match random.u8(0..6) {
            0 if at < letters.len() => drop(letters.remove(at)),
            1 => letters.splice(at..at, PIECES[random.usize(0..PIECES.len())].chars()).for_each(drop),
            2 if at < letters.len() => letters[at] = char::from(random.u8(0..128)),
            3 => letters.truncate(at),
            4 => {
                let to = random.usize(at..=letters.len());
                let copy: Vec<char> = letters[at..to].to_vec();
                letters.splice(at..at, copy).for_each(drop);
            }
            _ => letters.insert(at, random.char(..)),
        }
    }
    letters.into_iter().collect()
}

fn made_odd(mut request: Request, random: &mut fastrand::Rng) -> Request {
    if random.u8(0..8) == 0 {
        request.method = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "BREW", ""][random.usize(0..8)].into();
    }
    if random.u8(0..3) == 0 {
        request.path = mutated(&request.path, random);
    }
    if random.bool() {
        request.query = mutated(&request.query, random);
    }
    if random.bool() {
        let body = mutated(&String::from_utf8_lossy(&request.body), random);
        request.body = body.into_bytes();
        if random.u8(0..8) == 0 && !request.body.is_empty() {
            let at = random.usize(0..request.body.len());
            request.body[at] = random.u8(..);
        }
    }
    if random.u8(0..6) == 0 {
        let at = random.usize(0..request.headers.len());
        request.headers[at].1 = mutated(&request.headers[at].1, random);
    }
    if random.u8(0..20) == 0 {
        request.host = mutated("ti.securitycenter.windows.com", random);
        request.proxied = random.bool();
    }
    request
}

fn check(emulator: &Emulator, request: &Request) -> Answer {
    let answer = emulator.answer(request);
    let body = String::from_utf8_lossy(&answer.body);
    assert!(answer.status < 500 || [501, 507].contains(&answer.status), "{} for {request:?}: {body}", answer.status);
    let sent = format!("{} {} {}", request.path, request.query, String::from_utf8_lossy(&request.body));
    for word in INSIDE {
        assert!(!body.contains(word) || sent.contains(word), "`{word}` in {body} for {request:?}");
    }
    answer
}

/// So many requests go to one tenant: what they make would slow down whoever lists it.
const REQUESTS_PER_TENANT: usize = 2_000;

#[test]
fn no_request_however_odd_makes_the_emulator_panic_or_speak_of_its_insides() {
    let seeds = seeds(&emulator());
    let mut random = fastrand::Rng::with_seed(20_261_124);
    let mut served = 0_usize;
    for _ in 0..REQUESTS / REQUESTS_PER_TENANT {
        let emulator = emulator();
        for _ in 0..REQUESTS_PER_TENANT {
            let seed = seeds[random.usize(0..seeds.len())].clone();
            let answer = check(&emulator, &made_odd(seed, &mut random));
            served += usize::from(answer.status < 300);
        }
        assert_eq!(emulator.panics(), Vec::<String>::new());
    }
    assert!(served > REQUESTS / 20, "too few requests got anywhere: {served}");
}
