//! The sensor: a device's traffic, as seen by the proxy that it goes through.
//!
//! Which device it is, its `Proxy-Authorization` says, where the proxy demands no login: `http://pc7@127.0.0.1:8080` as
//! a client's proxy makes it the device `pc7`. Who gives no name is the tenant's first device. A connection is seen
//! once: that of a plain request when it is made, that of a tunnel when it is opened, and not again with each request
//! that runs through it. What a name resolves to is not looked up, so a connection has a host or an address.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::emulator::{
    Emulator,
    answer::{Answer, Delivery, Request},
    detection::{Activity, Event},
    faces::{Call, internet, known_host, origin},
    faults::exchange,
    tenant::{FIRST_DEVICE, Tenant},
};

/// The program that the guide has its reader use.
pub(super) const PROGRAM: &str = "powershell_ise.exe";

/// Longer URLs are cut: the tenant remembers many.
const URL_AT_MOST: usize = 2_048;

/// Padding or none: clients differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Answers a request to somewhere else than Microsoft's hosts, which its device's sensor sees.
pub(super) fn answer(emulator: &Emulator, call: &Call<'_>) -> Answer {
    let request = call.request;
    let refused = emulator.with(|tenant, now| {
        let device = admit(tenant, request)?;
        let event = Event { device, activity: connection(request, Some(url(request))) };
        let blocked = tenant.blocks(&event.device, &event.activity, now);
        tenant.observe(event, now);
        Ok(blocked)
    });
    match refused {
        Ok(true) => cut_off(),
        Ok(false) => internet::answer(&request.host),
        Err(refusal) => refusal,
    }
}

/// Answers `CONNECT`: 200 opens the tunnel. One to Microsoft's hosts, or to the emulator itself, is no event.
pub(in crate::emulator) fn connect(emulator: &Emulator, request: &Request) -> Answer {
    let faults = emulator.exchange_faults("sensor", request);
    if let Some(answer) = exchange::instead(&faults) {
        return answer;
    }
    let admitted = emulator.with(|tenant, now| {
        let device = admit(tenant, request)?;
        if request.proxied && known_host(&request.host).is_none() {
            let event = Event { device, activity: connection(request, None) };
            let blocked = tenant.blocks(&event.device, &event.activity, now);
            tenant.observe(event, now);
            if blocked {
                return Ok(cut_off());
            }
        }
        Ok(Answer::empty(200))
    });
    admitted.unwrap_or_else(|refusal| refusal)
}

/// What a connection that network protection blocks comes to: it is closed, and nothing was said.
fn cut_off() -> Answer {
    Answer { delivery: Delivery::Closed, ..Answer::empty(502) }
}

/// Answers a request within a tunnel: Microsoft's hosts are the tenant's faces, any other is the emulated internet.
pub(in crate::emulator) fn answer_inside(emulator: &Emulator, request: &Request) -> Answer {
    if known_host(&request.host).is_some() { emulator.answer(request) } else { internet::answer(&request.host) }
}

/// The name of the device whose traffic `request` is, or the 407 that it is answered with.
pub(super) fn admit(tenant: &Tenant, request: &Request) -> Result<String, Answer> {
    let given = request.header("proxy-authorization").map(credentials);
    if let Some(login) = &tenant.knobs.proxy_login {
        let right = given == Some(Some((login.user.clone(), login.password.clone())));
        return if right { Ok(FIRST_DEVICE.to_owned()) } else { Err(demand("The proxy demands a login.")) };
    }
    match given {
        None => Ok(FIRST_DEVICE.to_owned()),
        Some(Some((user, _))) if user.is_empty() => Ok(FIRST_DEVICE.to_owned()),
        Some(Some((user, _))) => match tenant.device(&user) {
            Some(device) => Ok(device.name.clone()),
            None => Err(demand(
                "The tenant has no device of this name. The user name that a client gives the proxy is the name of the \
                 device whose traffic it is; leave it out for the first device.",
            )),
        },
        Some(None) => Err(demand("The proxy understands Basic only: the user name is the name of the device.")),
    }
}

fn demand(message: &str) -> Answer {
    Answer::message(407, message).with("proxy-authenticate", "Basic realm=\"alertdrill emulated proxy\"")
}

/// User and password of a Basic login (RFC 7617).
fn credentials(header: &str) -> Option<(String, String)> {
    let (scheme, token) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(token.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':').unwrap_or((&text, ""));
    Some((user.to_owned(), password.to_owned()))
}

fn connection(request: &Request, url: Option<String>) -> Activity {
    let address = request.host.parse().ok();
    Activity::Connection {
        host: address.is_none().then(|| request.host.clone()),
        address,
        port: request.port.unwrap_or(if request.scheme == "https" { 443 } else { 80 }),
        url,
        process: PROGRAM.to_owned(),
    }
}

fn url(request: &Request) -> String {
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    format!("{}{}{query}", origin(request), request.path).chars().take(URL_AT_MOST).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::{
        clock::Clock,
        emulator::{
            Options,
            knobs::{Knobs, Login},
            tenant::{
                custom::{Action, Kind, custom},
                shelf::Asked,
            },
        },
    };

    fn request(host: &str, login: Option<&str>) -> Request {
        let encoded = login.map(|login| format!("basic {}", BASE64.encode(login)));
        Request {
            method: "GET".into(),
            host: host.into(),
            port: None,
            scheme: "http",
            proxied: true,
            path: "/a".into(),
            query: "b=c".into(),
            headers: encoded.into_iter().map(|value| ("proxy-authorization".to_owned(), value)).collect(),
            body: Vec::new(),
        }
    }

    fn admitted(tenant: &Tenant, login: Option<&str>) -> Result<String, u16> {
        admit(tenant, &request("evil.example", login)).map_err(|answer| answer.status)
    }

    #[test]
    fn the_user_name_is_the_device_where_no_login_is_demanded() {
        let mut tenant = Tenant::new(7, Knobs::default());
        tenant.put_device("pc7", true);
        assert_eq!(admitted(&tenant, None), Ok(FIRST_DEVICE.to_owned()));
        assert_eq!(admitted(&tenant, Some("PC7:")), Ok("pc7".to_owned()));
        assert_eq!(admitted(&tenant, Some("pc7")), Ok("pc7".to_owned()));
        assert_eq!(admitted(&tenant, Some(":x")), Ok(FIRST_DEVICE.to_owned()));
        assert_eq!(admitted(&tenant, Some("stranger:")), Err(407));
    }

    #[test]
    fn a_login_that_is_demanded_must_be_right_and_names_no_device() {
        let mut tenant = Tenant::new(7, Knobs::default());
        tenant.put_device("pc7", true);
        tenant.knobs.proxy_login = Some(Login { user: "u".into(), password: "p:q".into() });
        assert_eq!(admitted(&tenant, Some("u:p:q")), Ok(FIRST_DEVICE.to_owned()));
        for wrong in [None, Some("u:p"), Some("pc7:"), Some("")] {
            assert_eq!(admitted(&tenant, wrong), Err(407), "{wrong:?}");
        }
    }

    #[test]
    fn other_logins_than_basic_are_told_what_is_understood() {
        let tenant = Tenant::new(7, Knobs::default());
        for header in ["Negotiate abc", "Basic", "Basic %%%", ""] {
            let mut request = request("evil.example", None);
            request.headers.push(("proxy-authorization".into(), header.into()));
            let refusal = admit(&tenant, &request).expect_err(header);
            assert!(refusal.headers.iter().any(|(name, _)| name == "proxy-authenticate"));
        }
    }

    #[test]
    fn a_tunnel_that_network_protection_blocks_is_closed_and_an_audited_one_is_opened() {
        let knobs = json!({"networkEnforcementSeconds": 0});
        let knobs = Knobs::default().with(&knobs).expect("good knobs");
        let clock = Clock::jumping(Timestamp::UNIX_EPOCH);
        let emulator = Emulator::new(Options { clock, seed: 7, knobs });
        for (value, action) in [("block.example", Action::Block), ("audit.example", Action::Audit)] {
            let custom = custom(Kind::DomainName, value, action);
            emulator.with(|tenant, at| tenant.publish_custom(custom, Asked { by: "x", at })).expect("room");
        }
        for (host, delivery) in [
            ("www.block.example", Delivery::Closed),
            ("audit.example", Delivery::Whole),
            ("a.example", Delivery::Whole),
        ] {
            let mut request = request(host, None);
            request.method = "CONNECT".into();
            let answer = connect(&emulator, &request);
            assert_eq!((answer.status == 200, answer.delivery), (delivery == Delivery::Whole, delivery), "{host}");
        }
    }

    #[test]
    fn a_connection_has_a_host_or_an_address_and_the_scheme_s_port() {
        let seen = connection(&request("52.184.197.12", None), None);
        let address = "52.184.197.12".parse().ok();
        let process = PROGRAM.to_owned();
        assert_eq!(seen, Activity::Connection { host: None, address, port: 80, url: None, process });
        let Activity::Connection { host, address, .. } = connection(&request("evil.example", None), None) else {
            panic!("a connection is a connection")
        };
        assert_eq!((host.as_deref(), address), (Some("evil.example"), None));
        assert_eq!(url(&request("evil.example", None)), "http://evil.example/a?b=c");
    }
}
