//! Each client against `fixtures/exchanges`: the request as it must leave, and the answer as it is documented.

use std::time::Duration;

use alertdrill::{
    auth::client_secret::{Application, ClientSecret, Style},
    clock::Clock,
    domain::{
        alert_definition::{AlertDefinition, Severity},
        device::Device,
        indicator::{Action, Function, Indicator, Kind},
        service::Service,
    },
    services::{
        alerts::Alerts,
        controls::{Controls, Fault, FileRun, Knobs},
        definitions::{DefinitionChange, DefinitionId, Definitions, Query},
        indicators::{IndicatorChange, IndicatorId, Indicators},
        laboratory::Laboratory,
        legacy::Legacy,
    },
    transport::{credential::Credential, secret::Secret},
};
use serde_json::Value;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::services::stage::{self, Wanted, url};

/// A recording, and a server that answers as it says.
struct Playback {
    exchange: Value,
    server: MockServer,
    clock: Clock,
}

impl Playback {
    async fn of(name: &str) -> Self {
        let path = format!("{}/fixtures/exchanges/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).expect("the recording is there");
        let exchange: Value = serde_json::from_str(&text).expect("the recording is JSON");
        let response = &exchange["response"];
        let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
        // A service whose clock is ours; otherwise the server would tell the machine's.
        let mut template = ResponseTemplate::new(status).insert_header("date", stage::DATE);
        if let Some(body) = response.get("body") {
            let kind = response["headers"]["content-type"].as_str().expect("a body has a type");
            template = template.set_body_raw(body.to_string(), kind);
        }
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(template).mount(&server).await;
        Self { exchange, server, clock: stage::clock().0 }
    }

    fn legacy(&self) -> Legacy {
        stage::legacy(&self.server.uri(), &self.clock)
    }

    fn laboratory(&self) -> Laboratory {
        Laboratory::new(stage::transport(&self.clock), url(&self.server.uri(), "/control"), Service::Legacy)
    }

    /// That one request was sent, and that it was the recorded one: method, path, query, headers, body, byte by byte.
    async fn was_asked_for(&self) {
        let sent = self.server.received_requests().await.expect("requests are kept");
        assert_eq!(sent.len(), 1, "{sent:?}");
        let (sent, recorded) = (&sent[0], &self.exchange["request"]);
        assert_eq!(sent.method.as_str(), recorded["method"]);
        assert_eq!(sent.url.path(), recorded["path"]);
        assert_eq!(sent.url.query(), recorded.get("query").and_then(Value::as_str));
        for (name, value) in recorded["headers"].as_object().expect("headers") {
            let all: Vec<_> = sent.headers.get_all(name.as_str()).iter().collect();
            assert_eq!(all, [value.as_str().expect("a header is a text")], "{name}");
        }
        assert_eq!(sent.headers.contains_key("authorization"), recorded["headers"].get("authorization").is_some());
        let body = match (recorded.get("body"), recorded.get("form")) {
            (Some(body), _) => body.to_string().replace("{origin}", &self.server.uri()),
            (None, Some(form)) => form.as_str().expect("a form is a text").to_owned(),
            (None, None) => String::new(),
        };
        assert_eq!(String::from_utf8_lossy(&sent.body), body);
    }
}

fn definition() -> AlertDefinition {
    AlertDefinition {
        name: "Connection to a sinkhole".into(),
        severity: Severity::Low,
        internal_description: "Kept by the blue team.".into(),
        title: "A device spoke to a sinkhole".into(),
        ux_description: "Somebody's machine reached an address that nobody should.".into(),
        recommended_action: Some("Look at the process tree.".into()),
        category: "Trojan".into(),
        enabled: true,
    }
}

fn indicator() -> Indicator {
    Indicator {
        kind: Kind::IpAddress,
        value: "203.0.113.9".into(),
        function: Function::Equals,
        action: Action::Audit,
        expires_at: None,
        enabled: true,
    }
}

#[tokio::test]
async fn a_definition_is_created_and_read_back_as_the_service_holds_it() {
    let playback = Playback::of("legacy/definition_create").await;
    let stored = Definitions::publish(&playback.legacy(), &definition()).await.expect("it is created");
    playback.was_asked_for().await;
    assert_eq!(stored.id, DefinitionId::from(2));
    assert_eq!(stored.definition, definition());
    assert_eq!(stored.created_at.to_string(), "2017-02-01T10:46:22.08Z");
    assert_eq!(stored.created_by, "analyst@contoso.example");
    assert_eq!((stored.last_modified_at, stored.last_modified_by), (None, None));
}

#[tokio::test]
async fn definitions_are_created_in_bulk_and_what_is_not_given_is_not_sent() {
    let playback = Playback::of("legacy/definition_bulk").await;
    let second = AlertDefinition { recommended_action: None, enabled: false, ..definition() };
    Definitions::publish_all(&playback.legacy(), &[definition(), second]).await.expect("they are created");
    playback.was_asked_for().await;
}

#[tokio::test]
async fn one_definition_is_read_from_an_array_and_none_is_none() {
    let playback = Playback::of("legacy/definition_read").await;
    let read = Definitions::read(&playback.legacy(), &DefinitionId::from(2)).await.expect("it is read");
    playback.was_asked_for().await;
    assert_eq!(read.map(|stored| stored.definition), Some(definition()));
    let playback = Playback::of("legacy/definition_read_none").await;
    let read = Definitions::read(&playback.legacy(), &DefinitionId::from(99)).await;
    playback.was_asked_for().await;
    assert_eq!(read, Ok(None));
}

#[tokio::test]
async fn definitions_are_listed_by_query_and_one_of_an_unknown_severity_is_left_out() {
    let playback = Playback::of("legacy/definition_list").await;
    let query = Query {
        order_by: Some("Id desc".into()),
        top: Some(3),
        skip: Some(1),
        ..Query::where_equals("Category", "Trojan")
    };
    let listed = Definitions::list(&playback.legacy(), &query).await.expect("they are listed");
    playback.was_asked_for().await;
    assert_eq!(listed.iter().map(|stored| stored.id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert!(listed[0].definition.enabled && listed[0].definition.recommended_action.is_none());
    assert_eq!(listed[1].last_modified_by.as_deref(), Some("lead@contoso.example"));
}

#[tokio::test]
async fn of_a_definition_only_what_changes_is_sent_and_the_changed_one_comes_back() {
    let playback = Playback::of("legacy/definition_change").await;
    let change = DefinitionChange {
        severity: Some(Severity::High),
        recommended_action: Some(None),
        enabled: Some(false),
        ..DefinitionChange::default()
    };
    let stored = Definitions::change(&playback.legacy(), &DefinitionId::from(2), &change).await.expect("it is changed");
    playback.was_asked_for().await;
    assert_eq!(stored.definition.severity, Severity::High);
    assert_eq!(stored.last_modified_at.map(|at| at.to_string()).as_deref(), Some("2017-02-03T08:00:00.5Z"));
}

#[tokio::test]
async fn definitions_are_removed_one_by_one_all_at_once_and_without_their_indicators() {
    let playback = Playback::of("legacy/definition_remove").await;
    Definitions::remove(&playback.legacy(), &DefinitionId::from(2)).await.expect("it is removed");
    playback.was_asked_for().await;
    let playback = Playback::of("legacy/definition_remove_all").await;
    Definitions::remove_all(&playback.legacy()).await.expect("they are removed");
    playback.was_asked_for().await;
    let playback = Playback::of("legacy/definition_remove_indicators").await;
    playback.legacy().remove_indicators_of(&DefinitionId::from(2)).await.expect("they are removed");
    playback.was_asked_for().await;
}

#[tokio::test]
async fn an_indicator_is_created_under_its_definition() {
    let playback = Playback::of("legacy/indicator_create").await;
    let wanted = Wanted::new(indicator(), 2);
    let stored = Indicators::publish(&playback.legacy(), wanted.publication()).await.expect("it is created").indicator;
    playback.was_asked_for().await;
    assert_eq!((stored.id, stored.indicator), (IndicatorId::from(1), indicator()));
}

#[tokio::test]
async fn indicators_are_created_in_bulk_each_under_its_definition() {
    let playback = Playback::of("legacy/indicator_bulk").await;
    let file = Indicator {
        kind: Kind::Sha1,
        value: "a".repeat(40),
        expires_at: Some("2017-03-01T00:00:00Z".parse().expect("a timestamp")),
        ..indicator()
    };
    let both = [Wanted::new(indicator(), 2), Wanted::new(file, 3)];
    let both = both.each_ref().map(Wanted::publication);
    Indicators::publish_all(&playback.legacy(), &both).await.expect("they are created");
    playback.was_asked_for().await;
}

#[tokio::test]
async fn an_indicator_is_read_whatever_the_letter_case_of_its_type() {
    let playback = Playback::of("legacy/indicator_read").await;
    let read =
        Indicators::read(&playback.legacy(), &IndicatorId::from(4)).await.expect("it is read").expect("it is there");
    playback.was_asked_for().await;
    assert_eq!(read.indicator.kind, Kind::Sha1);
    assert_eq!(read.indicator.expires_at.map(|at| at.to_string()).as_deref(), Some("2017-03-01T00:00:00Z"));
}

#[tokio::test]
async fn indicators_are_listed_and_one_of_a_type_of_old_is_left_out() {
    let playback = Playback::of("legacy/indicator_list").await;
    let listed = Indicators::list(&playback.legacy(), &Query::default()).await.expect("they are listed");
    playback.was_asked_for().await;
    assert_eq!(listed.iter().map(|stored| stored.id.as_str()).collect::<Vec<_>>(), ["1", "6"]);
    assert_eq!((listed[1].indicator.function, listed[1].indicator.enabled), (Function::EndWith, false));
}

#[tokio::test]
async fn an_indicator_is_changed_moved_and_removed() {
    let playback = Playback::of("legacy/indicator_change").await;
    let change = IndicatorChange {
        kind: Some(Kind::DomainName),
        value: Some("evil.example".into()),
        function: Some(Function::Contains),
        expires_at: Some(None),
        enabled: None,
        action: None,
    };
    let stored = Indicators::change(&playback.legacy(), &IndicatorId::from(1), &change).await.expect("it is changed");
    playback.was_asked_for().await;
    assert_eq!(stored.indicator.value, "evil.example");
    let playback = Playback::of("legacy/indicator_move").await;
    playback.legacy().move_under(&IndicatorId::from(3), &DefinitionId::from(6)).await.expect("it is moved");
    playback.was_asked_for().await;
    let playback = Playback::of("legacy/indicator_remove").await;
    Indicators::remove(&playback.legacy(), &IndicatorId::from(1)).await.expect("it is removed");
    playback.was_asked_for().await;
    let playback = Playback::of("legacy/indicator_remove_all").await;
    Indicators::remove_all(&playback.legacy()).await.expect("they are removed");
    playback.was_asked_for().await;
}

#[tokio::test]
async fn the_feed_is_read_in_each_of_its_eras() {
    let since = "2016-09-12T00:00:00Z".parse().expect("a timestamp");
    for (era, name, id, observable, source) in [
        ("2017", "pc7.contoso.example", "", "203.0.113.9", "Windows Defender ATP"),
        ("2018", "pc7", "0123456789abcdef0123456789abcdef01234567", "evil.example", "EDR"),
    ] {
        let playback = Playback::of(&format!("legacy/alerts_{era}")).await;
        let alerts = playback.legacy().since(since).await.expect("the feed is read");
        playback.was_asked_for().await;
        assert_eq!(alerts.len(), 1);
        assert_eq!(alerts[0].device, Device { id: id.into(), name: name.into() });
        assert_eq!(alerts[0].observables, [observable]);
        assert_eq!((alerts[0].title.as_str(), alerts[0].source.as_str()), ("Test alert.", source));
    }
}

#[tokio::test]
async fn alerts_come_oldest_first_whatever_the_order_of_the_feed() {
    let since = "2016-09-12T00:00:00Z".parse().expect("a timestamp");
    let playback = Playback::of("legacy/alerts_2020").await;
    let alerts = playback.legacy().since(since).await.expect("the feed is read");
    playback.was_asked_for().await;
    let moments: Vec<_> = alerts.iter().map(|alert| alert.processed_at.to_string()).collect();
    assert_eq!(moments, ["2020-03-02T10:01:00Z", "2020-03-02T10:09:30.25Z"]);
    assert_eq!((alerts[0].severity.as_str(), alerts[0].link.as_deref()), ("UnSpecified", None));
    assert_eq!(alerts[1].observables, ["b".repeat(40)]);
    assert_eq!(alerts[1].happened_at.to_string(), "2020-03-02T10:00:00Z");
}

#[tokio::test]
async fn each_refusal_says_what_was_asked_and_gives_the_service_s_own_words() {
    let playback = Playback::of("legacy/refused_unauthorised").await;
    let error = Definitions::list(&playback.legacy(), &Query::default()).await.expect_err("it is refused");
    let host = playback.server.address();
    assert_eq!(
        error.to_string(),
        format!("list alert definitions: {host} answered HTTP 401: Authorization has been denied for this request.")
    );
    assert!(error.denied() && error.hint().is_some_and(|hint| hint.contains("client id, secret and resource")));

    let playback = Playback::of("legacy/refused_invalid").await;
    let odd = AlertDefinition { category: "Sunburn".into(), ..definition() };
    let error = Definitions::publish(&playback.legacy(), &odd).await.expect_err("it is refused");
    playback.was_asked_for().await;
    assert_eq!(
        error.to_string(),
        "the service refused to create an alert definition: HTTP 400: The request is invalid: alertDefinition : \
         Requested value 'Sunburn' was not found."
    );

    let playback = Playback::of("legacy/refused_quota").await;
    let error =
        Indicators::publish(&playback.legacy(), Wanted::new(indicator(), 2).publication()).await.expect_err("full");
    playback.was_asked_for().await;
    assert_eq!(
        error.to_string(),
        "the service refused to create an indicator: HTTP 507: a quota of the tenant is used up (Insufficient \
         storage.)"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("remove definitions or indicators")));
}

async fn token(playback: &Playback, path: &str, style: Style) -> Result<Secret, String> {
    let resource = match style {
        Style::V1 => "https://graph.windows.net",
        Style::V2 => "https://api.securitycenter.microsoft.com",
    };
    let application = Application {
        authorization_url: url(&playback.server.uri(), path),
        client_id: "11112222-3333-4444-5555-666677778888".into(),
        secret: Secret::new("not a real/secret+"),
        resource: resource.into(),
        style,
    };
    let credential = ClientSecret::new(application, stage::transport(&playback.clock), &playback.clock);
    let token = credential.bearer().await;
    playback.was_asked_for().await;
    token.map_err(|error| format!("{error}; {}", error.hint().unwrap_or("no hint")))
}

#[tokio::test]
async fn a_token_is_fetched_from_either_endpoint() {
    let playback = Playback::of("token/v1").await;
    assert_eq!(token(&playback, "/tenant/oauth2/token", Style::V1).await, Ok(Secret::new("the.v1.token")));
    let playback = Playback::of("token/v2").await;
    assert_eq!(token(&playback, "/tenant/oauth2/v2.0/token", Style::V2).await, Ok(Secret::new("the.v2.token")));
}

#[tokio::test]
async fn a_token_that_is_not_given_is_told_with_its_code_and_what_to_do() {
    for (name, status, said, remedy) in [
        (
            "wrong_secret",
            401,
            "invalid_client: AADSTS7000215: Invalid client secret is provided",
            "the client secret is wrong",
        ),
        (
            "unknown_application",
            400,
            "unauthorized_client: AADSTS700016: Application with identifier '11112222-3333-4444-5555-666677778888' was \
             not found in the directory 'contoso.example'",
            "check `client_id` in the tenant's table",
        ),
        (
            "unknown_resource",
            400,
            "invalid_resource: AADSTS500011: The resource principal named https://graph.windows.net was not found in \
             the tenant named contoso.example",
            "does not know the resource",
        ),
    ] {
        let playback = Playback::of(&format!("token/{name}")).await;
        let error = token(&playback, "/tenant/oauth2/token", Style::V1).await.expect_err("it is not given");
        let host = playback.server.address();
        let expected = format!("get an access token: {host} answered HTTP {status}: {said}; ");
        assert!(error.starts_with(&expected) && error.contains(remedy), "{error}\n{expected}{remedy}");
    }
}

#[tokio::test]
async fn a_laboratory_is_asked_over_its_control_face() {
    let playback = Playback::of("laboratory/onboard").await;
    let device = playback.laboratory().onboard("pc 7").await.expect("it is onboarded");
    playback.was_asked_for().await;
    assert_eq!(device, Device { id: "0123456789abcdef0123456789abcdef01234567".into(), name: "pc 7".into() });

    let playback = Playback::of("laboratory/offboard").await;
    let device = playback.laboratory().offboard("pc7").await.expect("it is offboarded");
    playback.was_asked_for().await;

    let playback = Playback::of("laboratory/run_file").await;
    let file = FileRun { name: "tool.exe".into(), content: vec![0x4d, 0x5a, 0x90, 0x00] };
    playback.laboratory().run_file(&device, &file).await.expect("it is run");
    playback.was_asked_for().await;

    let playback = Playback::of("laboratory/switch_api").await;
    playback.laboratory().switch_api(false).await.expect("it is switched");
    playback.was_asked_for().await;

    let playback = Playback::of("laboratory/set").await;
    let knobs = Knobs { propagation: Some(Duration::from_mins(20)), indicator_quota: Some(3), ..Knobs::default() };
    playback.laboratory().set(&knobs).await.expect("it is set");
    playback.was_asked_for().await;

    let playback = Playback::of("laboratory/inject").await;
    let settings = vec![("status".to_owned(), "503".to_owned()), ("path".to_owned(), "/export".to_owned())];
    let fault = Fault { kind: "status".into(), settings };
    playback.laboratory().inject(&fault).await.expect("it misbehaves");
    playback.was_asked_for().await;
}
