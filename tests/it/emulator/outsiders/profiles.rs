//! What Cortex XSOAR's and Swimlane's integrations ask about addresses, domains, files and users, and of packages.

use alertdrill::emulator::{
    detection::{Activity, Event},
    tenant::FIRST_DEVICE,
};
use serde_json::{Value, json};

use crate::emulator::{
    Seen,
    endpoint::{Api, ids, refusal},
    names,
    outsiders::sent,
};

const SHA1: &str = "0123456789abcdef0123456789abcdef01234567";

/// Two devices that met the same server, one of them an hour later and a file besides.
async fn met() -> Api {
    let api = Api::new().await;
    api.lab.mocks.emulator().with(|tenant, _| tenant.put_device("pc7", true));
    contact(&api, FIRST_DEVICE);
    api.lab.advance(3600);
    contact(&api, "pc7");
    let file =
        Activity::File { name: "tool.exe".into(), sha1: SHA1.into(), sha256: "ab".repeat(32), md5: "c".repeat(32) };
    happens(&api, "pc7", file);
    api
}

fn contact(api: &Api, device: &str) {
    let activity = Activity::Connection {
        host: Some("evil.example".to_owned()),
        address: "198.51.100.7".parse().ok(),
        port: 80,
        url: None,
        process: "curl.exe".to_owned(),
    };
    happens(api, device, activity);
}

fn happens(api: &Api, device: &str, activity: Activity) {
    let event = Event { device: device.to_owned(), activity };
    api.lab.mocks.emulator().with(|tenant, now| tenant.observe(event, now));
}

async fn get(api: &Api, path: &str) -> Value {
    let seen = sent(api, "GET", path, "").await;
    assert_eq!(seen.status, 200, "{path}: {}", seen.text);
    seen.json()
}

#[tokio::test]
async fn statistics_count_the_devices_that_met_it() {
    let api = met().await;
    let both = ["orgPrevalence", "organizationPrevalence", "orgFirstSeen", "orgLastSeen"];
    for (path, name, count, first) in [
        ("/ips/198.51.100.7/stats", "ipAddress", 2, Some("2026-11-24T12:00:00Z")),
        ("/domains/EVIL.example/stats", "host", 2, Some("2026-11-24T12:00:00Z")),
        ("/domains/evil.example/stats?lookBackHours=1", "host", 2, Some("2026-11-24T12:00:00Z")),
        ("/ips/192.0.2.1/stats", "ipAddress", 0, None),
        ("/domains/good.example/stats", "host", 0, None),
    ] {
        let found = get(&api, path).await;
        assert_eq!(names(&found)[1], name, "{path}");
        assert_eq!(names(&found)[2..], both, "{path}");
        assert_eq!(
            (&found["organizationPrevalence"], &found["orgFirstSeen"]),
            (&json!(count), &json!(first)),
            "{path}"
        );
        assert_eq!(found["orgPrevalence"], json!(count.to_string()), "{path}");
    }
    api.lab.advance(2);
    let recent = get(&api, "/ips/198.51.100.7/stats?lookBackHours=1").await;
    assert_eq!(
        (&recent["organizationPrevalence"], &recent["orgFirstSeen"]),
        (&json!(1), &json!("2026-11-24T13:00:00Z"))
    );
    let file = get(&api, &format!("/files/{}/stats?lookBackHours=48", "ab".repeat(32))).await;
    assert_eq!((&file["sha1"], &file["topFileNames"]), (&json!(SHA1), &json!(["tool.exe"])));
    assert_eq!((&file["organizationPrevalence"], &file["globallyPrevalence"]), (&json!(1), &json!(0)));
    for (path, status, code) in [
        ("/ips/x/stats", 400, "InvalidIpAddress"),
        ("/files/xyz/stats", 400, "InvalidHashValue"),
        ("/ips/192.0.2.1/stats?lookBackHours=721", 400, "InvalidInput"),
        ("/files/ffffffffffffffffffffffffffffffffffffffff/stats", 404, "ResourceNotFound"),
        ("/files/ffffffffffffffffffffffffffffffffffffffff", 404, "ResourceNotFound"),
    ] {
        let refused = refusal(&sent(&api, "GET", path, "").await);
        assert_eq!((refused.0, refused.1.as_str()), (status, code), "{path}");
    }
}

#[tokio::test]
async fn machines_and_files_are_found_by_what_was_met() {
    let api = met().await;
    let other = api.lab.mocks.emulator().with(|tenant, _| tenant.device("pc7").expect("a device").id.clone());
    for (path, count) in
        [("/domains/evil.example/machines", 2), ("/users/user1/machines", 2), ("/users/nobody/machines", 0)]
    {
        assert_eq!(ids(&get(&api, path).await).len(), count, "{path}");
    }
    assert_eq!(ids(&get(&api, &format!("/files/{SHA1}/machines")).await), [other.as_str()]);
    for hash in [SHA1.to_uppercase(), "ab".repeat(32)] {
        let file = get(&api, &format!("/files/{hash}")).await;
        assert_eq!((&file["sha1"], &file["determinationType"]), (&json!(SHA1), &json!("Unknown")));
        assert!(file["@odata.context"].as_str().is_some_and(|text| text.ends_with("$metadata#Files/$entity")));
    }
}

#[tokio::test]
async fn a_collected_package_can_be_fetched_by_its_link() {
    let api = Api::new().await;
    api.lab.set(&json!({"liveResponseSeconds": 30}));
    let path = format!("/machines/{}/collectInvestigationPackage", api.lab.details.device_id);
    let action = sent(&api, "POST", &path, r#"{"Comment":"c"}"#).await.json();
    let path = format!("/machineactions/{}/getPackageUri", action["id"].as_str().expect("an id"));
    assert_eq!(refusal(&sent(&api, "GET", &path, "").await).0, 404, "it is not there yet");
    api.lab.advance(35);
    let link = get(&api, &path).await["value"].as_str().expect("an address").to_owned();
    let fetch = async |link: &str| Seen::of(api.lab.client.get(link).send().await.expect("an answer")).await;
    let package = fetch(&link).await;
    assert_eq!((package.status, package.header("content-type")), (200, "application/zip"));
    assert!(package.text.starts_with("PK\u{5}\u{6}") && package.text.len() == 22, "{:?}", package.text);
    assert_eq!(fetch(link.trim_end_matches(char::is_alphanumeric)).await.status, 403);
    api.lab.advance(1800);
    assert_eq!(fetch(&link).await.status, 403, "its time is over");
    let scan = format!("/machines/{}/runAntiVirusScan", api.lab.details.device_id);
    let scan = sent(&api, "POST", &scan, r#"{"Comment":"c","ScanType":"Quick"}"#).await.json();
    let path = format!("/machineactions/{}/GetPackageUri", scan["id"].as_str().expect("an id"));
    let refused = refusal(&sent(&api, "GET", &path, "").await);
    let message = "Provided Guid is not a valid id for a CollectInvestigationPackage action";
    assert_eq!((refused.0, refused.2.as_str()), (400, message));
}
