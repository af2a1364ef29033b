//! Small parts that the authority, Graph and the pages share: answers, dates, request ids, escaping.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use jiff::Timestamp;
use uuid::Uuid;

/// On every answer, so that nobody takes practice for the real thing.
pub(crate) const PRACTICE_HEADER: HeaderName = HeaderName::from_static("x-gatehouse-practice");

/// An answer that is built header by header.
pub(crate) struct Answer {
    response: Response<Body>,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Self {
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        Self { response }.header(header::CONTENT_TYPE, content_type)
    }

    pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string())
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        Self { response }
    }

    /// Sets a header; a value that HTTP does not allow is left out.
    pub(crate) fn header(mut self, name: impl Into<HeaderName>, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.response.headers_mut().insert(name.into(), value);
        }
        self
    }

    /// Adds a header next to others of the same name.
    pub(crate) fn also(mut self, name: impl Into<HeaderName>, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.response.headers_mut().append(name.into(), value);
        }
        self
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        self.response
    }
}

/// `Date` and friends, RFC 9110 section 5.6.7.
pub(crate) fn http_date(now: Timestamp) -> String {
    now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A header that should hold a uuid.
pub(crate) fn uuid_header(headers: &HeaderMap, name: &str) -> Option<Uuid> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The port and loopback name that the client asked for; `None` for every name that is not this computer's.
pub(crate) fn loopback_host(headers: &HeaderMap, uri: &axum::http::Uri) -> Option<String> {
    let host = match uri.authority() {
        Some(authority) => authority.as_str(),
        None => headers.get(header::HOST)?.to_str().ok()?,
    };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let known = ["localhost", "127.0.0.1", "[::1]"].iter().any(|known| name.eq_ignore_ascii_case(known));
    known.then(|| host.to_ascii_lowercase())
}

/// Text for an HTML element or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_as_http_wants_them() {
        let moment: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        assert_eq!(http_date(moment), "Fri, 02 Jan 2026 03:04:05 GMT");
    }

    #[test]
    fn html_cannot_be_left() {
        assert_eq!(escape("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
    }

    #[test]
    fn foreign_host_names_are_not_believed() {
        let uri = axum::http::Uri::from_static("/v1.0/users");
        let with = |host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            loopback_host(&headers, &uri)
        };
        assert_eq!(with("127.0.0.1:8443").as_deref(), Some("127.0.0.1:8443"));
        assert_eq!(with("LOCALHOST:1").as_deref(), Some("localhost:1"));
        assert_eq!(with("localhost.evil.example:1"), None);
        assert_eq!(with("evil.example"), None);
    }
}
