//! Addresses of profiles: what is accepted, how they are shown, where they may lead.

use std::fmt;
use ureq::http::Uri;

/// Query parameters of Go's pprof handlers; the values of others may be secrets, and are not shown.
const SHOWN: [&str; 4] = ["debug", "gc", "seconds", "labels"];

/// An http or https address without credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    uri: Uri,
}

/// An address that is not fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Another scheme, or none.
    #[error("`{address}` is not an http or https URL{}", without_scheme(.address))]
    Scheme {
        /// As given, without credentials.
        address: String,
    },
    /// `user:password@host`.
    #[error(
        "the URL holds credentials, which end up in histories and logs; pass them with --header or in LEAKGATE_HEADER"
    )]
    Credentials,
    /// Not a URL.
    #[error("not a URL: {0}")]
    Bad(String),
    /// A redirect to another place.
    #[error("it redirects to another host ({0}); fetch that URL if you trust it")]
    OtherHost(String),
    /// From https to http.
    #[error("it redirects from https to http; leakgate does not follow")]
    Downgrade,
}

/// What to write where only `http://` is missing.
fn without_scheme(text: &str) -> String {
    match text.contains("://") || text.is_empty() {
        true => String::new(),
        false => format!(": write http://{text}"),
    }
}

/// Whether a source is meant as an address.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once("://")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (!scheme.is_empty() && scheme.chars().all(plain)).then_some(scheme)
}

impl Address {
    /// Whether a source looks like a URL of any scheme, not like a file.
    pub fn is_meant(text: &str) -> bool {
        scheme(text).is_some()
    }

    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let scheme = scheme(text).unwrap_or_default().to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            let address = match text.contains('@') {
                true => format!("{scheme}://…"),
                false => text.to_owned(),
            };
            return Err(AddressError::Scheme { address });
        }
        let end = |text: &str| text.find(['/', '?', '#']).unwrap_or(text.len());
        let after = &text[scheme.len() + 3..];
        if after[..end(after)].contains('@') {
            return Err(AddressError::Credentials);
        }
        let text = text.split('#').next().unwrap_or(text);
        let uri: Uri = text
            .parse()
            .map_err(|error| AddressError::Bad(format!("{error}")))?;
        match uri.host() {
            Some(host) if !host.is_empty() => Ok(Self { uri }),
            _ => Err(AddressError::Bad("it names no host".to_owned())),
        }
    }

    /// The address of the goroutine profile, if this one is of the server or of its profiles.
    #[must_use]
    pub fn of_goroutines(self, debug: Option<u8>) -> Self {
        let (path, query) = (self.uri.path().to_owned(), self.uri.query().map(str::to_owned));
        let path = match path.as_str() {
            "" | "/" | "/debug/pprof" | "/debug/pprof/" => "/debug/pprof/goroutine".to_owned(),
            _ => path,
        };
        let profile = path.ends_with("/goroutine") || path.ends_with("/goroutineleak");
        let asked = query
            .as_deref()
            .is_some_and(|query| query.split('&').any(|pair| pair.starts_with("debug=")));
        let query = match (query, debug) {
            (query, Some(debug)) if profile && !asked => {
                Some(query.map_or_else(String::new, |query| query + "&") + &format!("debug={debug}"))
            }
            (query, _) => query,
        };
        let target = query.map_or(path.clone(), |query| format!("{path}?{query}"));
        self.with(&target).unwrap_or(self)
    }

    /// The same server, another path.
    fn with(&self, target: &str) -> Option<Self> {
        let mut parts = self.uri.clone().into_parts();
        parts.path_and_query = Some(target.parse().ok()?);
        Some(Self {
            uri: Uri::from_parts(parts).ok()?,
        })
    }

    /// Where a redirect leads. Only within the host, and never from https to http.
    pub fn redirected(&self, to: &str) -> Result<Self, AddressError> {
        let bad = || AddressError::Bad(format!("its redirect to `{to}`"));
        let next = if scheme(to).is_some() {
            Self::parse(to)?
        } else if let Some(rest) = to.strip_prefix("//") {
            Self::parse(&format!("{}://{rest}", self.scheme()))?
        } else if to.starts_with('/') {
            self.with(to).ok_or_else(bad)?
        } else {
            let path = self.uri.path();
            let folder = &path[..=path.rfind('/').unwrap_or(0)];
            self.with(&format!("{folder}{to}")).ok_or_else(bad)?
        };
        let host = |address: &Self| address.uri.host().unwrap_or_default().to_ascii_lowercase();
        if host(&next) != host(self) {
            return Err(AddressError::OtherHost(host(&next)));
        }
        if self.scheme() == "https" && next.scheme() != "https" {
            return Err(AddressError::Downgrade);
        }
        let same_scheme = self.scheme() == next.scheme();
        if same_scheme && self.uri.port_u16() != next.uri.port_u16() {
            return Err(AddressError::OtherHost(
                next.uri.authority().map(ToString::to_string).unwrap_or_default(),
            ));
        }
        Ok(next)
    }

    fn scheme(&self) -> &str {
        self.uri.scheme_str().unwrap_or_default()
    }

    /// As the client wants it.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }
}

/// Without what may be secret.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.uri.authority().map(ToString::to_string).unwrap_or_default();
        write!(f, "{}://{host}{}", self.scheme(), self.uri.path())?;
        let Some(query) = self.uri.query() else {
            return Ok(());
        };
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((key, _)) if SHOWN.contains(&key) => pair.to_owned(),
                Some((key, _)) => format!("{key}=…"),
                None => "…".to_owned(),
            })
            .collect();
        write!(f, "?{}", pairs.join("&"))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn only_http_and_https_without_credentials_are_accepted() {
        for (text, meant) in [
            ("http://x/a", true),
            ("HTTPS://x", true),
            ("ftp://x", true),
            ("file:///etc/passwd", true),
            ("dump.txt", false),
            ("C:/dumps/a.txt", false),
        ] {
            assert_eq!(Address::is_meant(text), meant, "{text}");
        }
        assert!(matches!(
            Address::parse("ftp://x"),
            Err(AddressError::Scheme { .. })
        ));
        let error = Address::parse("http://me:secret@x/").unwrap_err();
        assert_eq!(error, AddressError::Credentials);
        let error = Address::parse("ftp://me:secret@x/").unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
        assert!(Address::parse("http://").is_err());
        assert!(Address::parse("http://x/a@b?c=d@e").is_ok());
    }

    #[test]
    fn a_server_alone_means_its_goroutine_profile() {
        for (text, debug, want) in [
            (
                "http://x:6060",
                Some(2),
                "http://x:6060/debug/pprof/goroutine?debug=2",
            ),
            ("http://x/debug/pprof/", None, "http://x/debug/pprof/goroutine"),
            (
                "http://x/debug/pprof/goroutine?debug=1",
                Some(2),
                "http://x/debug/pprof/goroutine?debug=1",
            ),
            (
                "http://x/debug/pprof/goroutineleak?gc=1",
                Some(2),
                "http://x/debug/pprof/goroutineleak?gc=1&debug=2",
            ),
            ("http://x/dumps/a.txt", Some(2), "http://x/dumps/a.txt"),
        ] {
            assert_eq!(address(text).of_goroutines(debug).to_string(), want);
        }
    }

    #[test]
    fn what_may_be_secret_is_not_shown() {
        let shown = address("https://x/p?debug=2&token=abc&k").to_string();
        assert_eq!(shown, "https://x/p?debug=2&token=…&…");
        assert!(!format!("{:?}", address("https://x/p?token=abc")).contains("abc"));
    }

    #[test]
    fn redirects_stay_within_the_host() {
        let from = address("http://x:80/a/b");
        assert_eq!(
            from.redirected("/c?d").unwrap().uri().to_string(),
            "http://x:80/c?d"
        );
        assert_eq!(from.redirected("c").unwrap().uri().to_string(), "http://x:80/a/c");
        assert_eq!(from.redirected("https://X/c").unwrap().uri().path(), "/c");
        assert!(matches!(
            from.redirected("http://y/c"),
            Err(AddressError::OtherHost(_))
        ));
        assert!(matches!(
            from.redirected("//y/c"),
            Err(AddressError::OtherHost(_))
        ));
        assert!(matches!(
            from.redirected("http://x:81/c"),
            Err(AddressError::OtherHost(_))
        ));
        assert!(matches!(
            from.redirected("file:///etc/passwd"),
            Err(AddressError::Scheme { .. })
        ));
        assert!(matches!(
            address("https://x/").redirected("http://x/"),
            Err(AddressError::Downgrade)
        ));
    }
}
