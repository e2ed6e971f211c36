//! A device: what the API calls a machine.

/// A device as the tenant names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The service's own key of the device: 40 hexadecimal digits. Empty where the service does not tell it.
    pub id: String,
    /// The DNS name, as shown on the device's page.
    pub name: String,
}

impl Device {
    /// Whether `other` is this device: by key where both have one, else by name, in which case and a trailing
    /// domain do not count (one feed says `pc7`, the other `PC7.contoso.com`).
    pub fn is(&self, other: &Self) -> bool {
        if !self.id.is_empty() && !other.id.is_empty() {
            return self.id.eq_ignore_ascii_case(&other.id);
        }
        let host = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
        !self.name.is_empty() && host(&self.name) == host(&other.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str, name: &str) -> Device {
        Device { id: id.into(), name: name.into() }
    }

    #[test]
    fn the_key_decides_where_both_have_one_and_the_host_name_otherwise() {
        assert!(device("AB", "pc1").is(&device("ab", "renamed")));
        assert!(!device("ab", "pc1").is(&device("cd", "pc1")));
        assert!(device("", "PC1").is(&device("ab", "pc1.contoso.com")));
        assert!(!device("", "").is(&device("", "")));
    }
}
