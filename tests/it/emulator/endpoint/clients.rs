//! What collectors, responders and integrations of others are known to send, told in our own words.

use serde_json::json;

use crate::emulator::endpoint::{Api, ids, indicator, refusal, token_for};

/// The name that both services of this API have tokens made for.
const SHARED: &str = "https://api.security.microsoft.com";

#[tokio::test]
async fn a_token_for_the_host_of_today_opens_both_services_behind_it() {
    let api = Api::new().await;
    let token = token_for(&api.lab, SHARED).await;
    for path in ["/incidents?$top=50", "/alerts?$top=1", "/indicators?$top=1"] {
        let seen = api.ask_with(&token, "GET", path, None).await;
        assert_eq!(seen.status, 200, "{path}: {}", seen.text);
    }
    let query = json!({"Query": "DeviceInfo | take 1"}).to_string();
    let seen = api.ask_with(&token, "POST", "/advancedhunting/run", Some(&query)).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    let elsewhere = token_for(&api.lab, "https://security.microsoft.com/mtp").await;
    assert_eq!(api.ask_with(&elsewhere, "GET", "/alerts", None).await.status, 403, "a name of one service alone");
}

#[tokio::test]
async fn a_token_is_had_for_the_regional_hosts_of_earlier_years() {
    let api = Api::new().await;
    for region in ["us", "eu", "uk", "au"] {
        let token = token_for(&api.lab, &format!("https://api-{region}.securitycenter.microsoft.com")).await;
        assert_eq!(api.ask_with(&token, "GET", "/machines", None).await.status, 200, "{region}");
    }
}

#[tokio::test]
async fn a_collector_reads_machine_actions_by_their_last_change() {
    let api = Api::new().await;
    let machine = api.lab.details.device_id.clone();
    let scan = json!({"Comment": "a case", "ScanType": "Full"});
    let made = api.post(&format!("/machines/{machine}/runAntiVirusScan"), &scan).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let since = |moment: &str| {
        format!(
            "/machineactions?%24filter=lastUpdateDateTimeUtc+gt+{moment}&%24orderby=lastUpdateDateTimeUtc+asc\
             &%24skip=0&%24top=1000"
        )
    };
    let list = api.get(&since("2026-11-01T00%3A00%3A00.123456789Z")).await;
    assert_eq!(ids(&list.json()), [made.json()["id"].as_str().expect("an id")]);
    let later = api.get(&since("2027-11-01T00%3A00%3A00Z")).await;
    assert_eq!(later.json()["value"], json!([]));
}

#[tokio::test]
async fn an_enrichment_looks_machines_up_by_a_list_in_double_quotes() {
    let api = Api::new().await;
    let machine = api.lab.details.device_id.clone();
    let path = |list: &str| format!("/machines?$filter=id+in+({list})&$select=id,computerDnsName,riskScore");
    let seen = api.get(&path(&format!("%22{}%22,%22{machine}%22", "0".repeat(40)))).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert_eq!(ids(&seen.json()), [machine.as_str()]);
    let (status, code, _) = refusal(&api.get(&path("%22open")).await);
    assert_eq!((status, code.as_str()), (400, "BadRequest"));
    let elsewhere = api.get("/machines?$filter=id+eq+%22x%22").await;
    assert_eq!(elsewhere.status, 400, "only a list is read so");
}

#[tokio::test]
async fn an_inventory_leaves_out_what_is_excluded() {
    let api = Api::new().await;
    let filter = "(computerDnsName ne null) and (isExcluded eq false)";
    assert_eq!(ids(&api.get(&format!("/machines?$filter={filter}")).await.json()).len(), 1);
    let none = api.get("/machines?$filter=isExcluded eq true").await;
    assert_eq!(none.json()["value"], json!([]));
}

#[tokio::test]
async fn a_platform_updates_what_it_made_with_the_id_and_writes_back_what_it_read() {
    let api = Api::new().await;
    let mut body = indicator("DomainName", "evil.example", "Audit");
    for (name, value) in [
        ("application", "a platform"),
        ("externalId", "3f0c"),
        ("lastUpdateTime", "2026-08-21T10:00:00.000Z"),
        ("expirationTime", "2026-12-24T10:00:00.123456+00:00"),
    ] {
        body[name] = json!(value);
    }
    let made = api.publish(&body).await;
    body["id"] = made["id"].clone();
    body["title"] = json!("another");
    let changed = api.publish(&body).await;
    assert_eq!((&changed["id"], &changed["title"]), (&made["id"], &json!("another")));
    let restored = api.publish(&made).await;
    assert_eq!((&restored["id"], &restored["title"]), (&made["id"], &made["title"]));
    let list = "/indicators?$filter=application%20eq%20%27a%20platform%27&$top=10000&$skip=0";
    assert_eq!(ids(&api.get(list).await.json()).len(), 1);
}
