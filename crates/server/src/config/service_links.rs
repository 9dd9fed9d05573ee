//! Variables that Kubernetes and Docker set in every container for each service of the namespace.
//!
//! A service called `scoreline` or `scoreline-redis` makes variables that begin like our settings.
//! They are told from misspelt settings by their form: the name and the value together.

use std::net::IpAddr;

/// Protocols of a service's ports.
const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

/// Whether a variable describes where a service is found, and is no setting.
pub(super) fn is_service_link(name: &str, value: &str) -> bool {
    let is_address = || value.parse::<IpAddr>().is_ok();
    let is_port = || value.parse::<u16>().is_ok();
    if name.ends_with("_SERVICE_HOST") {
        return is_address();
    }
    if name.ends_with("_SERVICE_PORT") || name.contains("_SERVICE_PORT_") {
        return is_port();
    }
    if name.ends_with("_PORT") && is_place(value) {
        return true;
    }
    // What is left describes one port: _PORT_8080_TCP and more after it.
    let Some((_, port)) = name.rsplit_once("_PORT_") else { return false };
    let mut words = port.splitn(3, '_');
    let (number, protocol, what) = (words.next(), words.next(), words.next());
    let of_port = number.is_some_and(|number| number.parse::<u16>().is_ok())
        && protocol.is_some_and(|one| PROTOCOLS.contains(&one.to_ascii_lowercase().as_str()));
    of_port
        && match what {
            None => is_place(value),
            Some("PROTO") => PROTOCOLS.contains(&value),
            Some("PORT") => is_port(),
            Some("ADDR") => is_address(),
            Some(_) => false,
        }
}

/// Whether a value is written like `tcp://10.0.0.11:8080`.
fn is_place(value: &str) -> bool {
    value.split_once("://").is_some_and(|(protocol, place)| {
        let port = place.rsplit_once(':').map(|(_, port)| port);
        PROTOCOLS.contains(&protocol) && port.is_some_and(|port| port.parse::<u16>().is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_makes_is_known_by_name_and_value() {
        for (name, value) in [
            ("SCORELINE_SERVICE_HOST", "10.0.0.11"),
            ("SCORELINE_SERVICE_HOST", "fd00::11"),
            ("SCORELINE_SERVICE_PORT", "8080"),
            ("SCORELINE_SERVICE_PORT_HTTP", "8080"),
            ("SCORELINE_PORT", "tcp://10.0.0.11:8080"),
            ("SCORELINE_PORT", "tcp://[fd00::11]:8080"),
            ("SCORELINE_PORT_8080_TCP", "tcp://10.0.0.11:8080"),
            ("SCORELINE_PORT_53_UDP", "udp://10.0.0.11:53"),
            ("SCORELINE_PORT_8080_TCP_PROTO", "tcp"),
            ("SCORELINE_PORT_8080_TCP_PORT", "8080"),
            ("SCORELINE_PORT_8080_TCP_ADDR", "10.0.0.11"),
            ("SCORELINE_REDIS_SERVICE_PORT_METRICS", "9121"),
            ("SCORELINE_REDIS_PORT", "tcp://10.0.0.12:6379"),
        ] {
            assert!(is_service_link(name, value), "{name}={value}");
        }
    }

    #[test]
    fn what_is_written_by_hand_is_none() {
        for (name, value) in [
            ("SCORELINE_PORT", "8080"),
            ("SCORELINE_SERVICE_HOST", "game.example"),
            ("SCORELINE_SERVICE_PORT", "tcp"),
            ("SCORELINE_PORT_8080_TCP", "yes"),
            ("SCORELINE_PORT_8080_TCP_SIZE", "8080"),
            ("SCORELINE_TRUSTED_PROXY", "10.0.0.11"),
            ("SCORELINE_DATABASE", "postgres://10.0.0.11:5432"),
        ] {
            assert!(!is_service_link(name, value), "{name}={value}");
        }
    }
}
