//! One GET with limits. Redirects are followed here, so that each is looked at first.

use super::{Address, FetchError};
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 5;

/// What a fetch may cost, and what goes with it.
#[derive(Clone)]
pub struct Limits {
    /// For all of it.
    pub timeout: Duration,
    /// Bytes of the answer.
    pub max_bytes: u64,
    /// `Name: value`, sent to the host only. Never shown.
    pub headers: Vec<String>,
    /// Trusted instead of the system's certificates.
    pub ca: Option<Authorities>,
}

/// Certificates that sign those of servers.
#[derive(Clone)]
pub struct Authorities(Arc<Vec<Certificate<'static>>>);

impl Authorities {
    /// Reads all certificates of a PEM file; `None` if it holds none, or one that is damaged.
    pub fn of_pem(text: &[u8]) -> Option<Self> {
        let mut all = Vec::new();
        for item in parse_pem(text) {
            if let PemItem::Certificate(certificate) = item.ok()? {
                all.push(certificate);
            }
        }
        (!all.is_empty()).then(|| Self(Arc::new(all)))
    }
}

/// The body of the address, as it comes.
pub fn get(address: &Address, limits: &Limits) -> Result<impl Read + 'static, FetchError> {
    let headers: Vec<(&str, &str)> = limits
        .headers
        .iter()
        .flat_map(|headers| headers.lines())
        .filter(|line| !line.trim().is_empty())
        .enumerate()
        // The number alone: the text may be a secret.
        .map(|(at, line)| header(line).ok_or(FetchError::Header(at + 1)))
        .collect::<Result<_, _>>()?;
    let agent = agent(limits);
    let mut address = address.clone();
    for _ in 0..=MAX_REDIRECTS {
        let failed = |reason: String| FetchError::Http {
            url: address.to_string(),
            reason,
        };
        let mut request = agent.get(address.uri());
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let answer = request.call().map_err(|error| failed(reason(&error)))?;
        let status = answer.status().as_u16();
        match status {
            200 => {
                let body = answer.into_body().into_with_config().limit(limits.max_bytes);
                return Ok(body.reader());
            }
            301 | 302 | 303 | 307 | 308 => {
                let to = answer.headers().get("location").and_then(|to| to.to_str().ok());
                let to = to.ok_or_else(|| failed("it redirects without saying where to".to_owned()))?;
                address = address
                    .redirected(to)
                    .map_err(|error| failed(error.to_string()))?;
            }
            _ => {
                return Err(FetchError::Status {
                    url: address.to_string(),
                    status,
                    advice: advice(status),
                });
            }
        }
    }
    Err(FetchError::Http {
        url: address.to_string(),
        reason: format!("it redirects more than {MAX_REDIRECTS} times"),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge that opens connections"
)]
fn agent(limits: &Limits) -> Agent {
    // A second call finds the first one's provider, which is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // The platform's certificates: services inside a company have certificates of that company.
    let trusted = match &limits.ca {
        Some(authorities) => RootCerts::Specific(Arc::clone(&authorities.0)),
        None => RootCerts::PlatformVerifier,
    };
    let tls = TlsConfig::builder().root_certs(trusted).build();
    Agent::new_with_config(
        Agent::config_builder()
            .timeout_global(Some(limits.timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent(concat!("leakgate/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build(),
    )
}

fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let whole = !name.is_empty() && name.chars().all(token) && !value.chars().any(char::is_control);
    whole.then(|| (name, value.trim()))
}

fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => "the host is not known".to_owned(),
        ureq::Error::Timeout(_) => "no answer in time; allow more with --timeout".to_owned(),
        ureq::Error::Rustls(error) => untrusted(error),
        ureq::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(error) => untrusted(error),
            None => error.to_string(),
        },
        other => other.to_string(),
    }
}

/// Why there is no secure connection, and what to do.
fn untrusted(error: &rustls::Error) -> String {
    use rustls::{CertificateError, Error, InvalidMessage};
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "an authority that this system does not trust signed its certificate; pass the authority's with --ca FILE".to_owned()
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for another host name".to_owned(),
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "its certificate has expired".to_owned()
        }
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "it does not speak https; is its URL http://…?".to_owned()
        }
        other => format!("no secure connection: {other}"),
    }
}

fn advice(status: u16) -> &'static str {
    match status {
        401 | 403 => "; pass credentials with --header or in LEAKGATE_HEADER",
        404 => "; does the service import net/http/pprof, and serve it at this path?",
        _ => "",
    }
}
