//! A tenant by the name of its table: its settings, its clock, its labs.

use std::path::{Path, PathBuf};

use crate::{
    cli::compose::{Manner, OneTenant},
    clock::Clock,
    config::{
        environment::Environment,
        file::{self, File},
        tenant::Tenant,
    },
    domain::service::Service,
};

/// Where tables of tenants stand, and what they leave to the environment.
#[derive(Debug, Clone)]
pub(super) struct Tenancies<'a> {
    /// The file, where it is not the one of the usual name.
    pub(super) config: Option<PathBuf>,
    pub(super) environment: &'a Environment,
}

impl Tenancies<'_> {
    /// The tenant `name`, everything of which is published through `service`, where that is given.
    pub(super) fn find(&self, name: &str, service: Option<Service>) -> Result<Tenant, String> {
        let path = self.config.as_deref().unwrap_or_else(|| Path::new(file::NAME));
        let file = File::read(path).map_err(|error| error.to_string())?;
        let table = file.tenants.get(name).ok_or_else(|| no_table(name, path, &file))?;
        let mut table = table.clone();
        if let Some(service) = service {
            table.service = Some(service.to_string());
        }
        let tenant = Tenant::resolve(name, &path.display().to_string(), &table, self.environment);
        tenant.map_err(|error| error.to_string())
    }
}

/// The clock of drills on `tenant`.
pub(super) fn clock(tenant: &Tenant) -> Clock {
    let as_the_world = (tenant.speed - 1.0).abs() < f64::EPSILON;
    if as_the_world { Clock::system() } else { Clock::steered(Clock::system().now(), tenant.speed) }
}

/// The labs of `tenant`.
pub(super) fn labs(tenant: Tenant, clock: &Clock, manner: Manner) -> Result<OneTenant, String> {
    let name = tenant.name.clone();
    OneTenant::new(tenant, clock, manner).map_err(|error| format!("--tenant {name}: {error}"))
}

fn no_table(name: &str, path: &Path, file: &File) -> String {
    let known: Vec<_> = file.tenants.keys().map(String::as_str).collect();
    let hint = match known.as_slice() {
        [] => format!("it has none; write [tenants.{name}], as the README shows"),
        known => format!("it has {}", known.join(", ")),
    };
    format!("--tenant {name}: {} has no table of that name (hint: {hint})", path.display())
}
