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
        let url = url::Url::parse(self.detail("control")).expect("a URL");
        let (host, port) = (url.host_str().expect("a host"), url.port().expect("a port"));
        let mut stream = TcpStream::connect((host, port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        write!(stream, "GET {}/state HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n", url.path()).expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let (_, body) = answer.split_once("\r\n\r\n").expect("an answer");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
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
