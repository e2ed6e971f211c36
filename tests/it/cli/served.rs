//! An emulated tenant in a process of its own, as another program would use it.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::Value;

use crate::cli::stage::{PATIENCE, Ran, Running, Stage};

/// A served tenant; it ends with the test.
pub(crate) struct Served {
    pub(crate) details: Value,
    process: Running,
}

impl Served {
    /// Serves a tenant whose details are in `details.json` of the stage, and writes the table `lab` for it.
    pub(crate) fn on(stage: &Stage, options: &str) -> Self {
        let mut command = stage.command(&format!("emulate --details-out details.json {options}"));
        let mut process = Running::of(command.spawn().expect("the binary starts"));
        process.has_printed("\n}\n");
        stage.write("alertdrill.toml", "[tenants.lab]\ndetails = \"details.json\"\n");
        Self { details: stage.json("details.json"), process }
    }

    /// A text of the details.
    pub(crate) fn detail(&self, key: &str) -> &str {
        self.details[key].as_str().unwrap_or_else(|| panic!("{key}: {:#}", self.details))
    }

    /// Everything that the tenant holds.
    pub(crate) fn state(&self) -> Value {
        Self::ask("GET", &format!("{}/state", self.detail("control")), "", "")
    }

    /// What an address answers in JSON, over a socket of its own; null where it answers nothing.
    pub(crate) fn ask(method: &str, address: &str, headers: &str, body: &str) -> Value {
        let url = url::Url::parse(address).expect("a URL");
        let (host, port) = (url.host_str().expect("a host"), url.port().expect("a port"));
        let mut stream = TcpStream::connect((host, port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        let length = body.len();
        let head = format!(
            "{method} {} HTTP/1.0\r\nHost: {host}:{port}\r\n{headers}Content-Length: {length}\r\n\r\n{body}",
            url.path()
        );
        stream.write_all(head.as_bytes()).expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.split(' ').nth(1).is_some_and(|status| status.starts_with('2')), "{method} {address}: {answer}");
        if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}")) }
    }

    /// Asks one of the services, as the tenant's application.
    pub(crate) fn ask_service(&self, resource: &str, method: &str, address: &str, body: &Value) -> Value {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", self.detail("clientId")),
            ("client_secret", self.detail("clientSecret")),
            if resource == self.detail("resource") { ("resource", resource) } else { ("scope", resource) },
        ];
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let endpoint = if resource == self.detail("resource") { "authorizationUrl" } else { "tokenUrl" };
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        let token = Self::ask("POST", self.detail(endpoint), headers, &form);
        let token = token["access_token"].as_str().unwrap_or_else(|| panic!("{token}"));
        let headers = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
        Self::ask(method, address, &headers, &body.to_string())
    }

    /// How many alert definitions and indicators the tenant holds.
    pub(crate) fn holds(&self) -> (usize, usize) {
        let state = self.state();
        let count = |key: &str| state[key].as_array().unwrap_or_else(|| panic!("{key}: {state:#}")).len();
        (count("definitions"), count("indicators"))
    }

    /// Ends the tenant by a signal, and returns what it printed.
    #[cfg(unix)]
    pub(crate) fn ended_by(mut self, signal: &str) -> Ran {
        self.process.signal(signal);
        self.process.end()
    }

    /// Ends the tenant, so that nobody answers at its address.
    pub(crate) fn gone(self) {
        drop(self.process);
    }
}
