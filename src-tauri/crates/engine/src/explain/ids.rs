//! The ids and the time that Microsoft's support asks for. Only GUIDs and dates are taken, never other text.

use uuid::Uuid;

/// What identifies one request at Microsoft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SupportIds {
    /// Entra ID's trace id.
    pub trace: Option<String>,
    /// Entra ID's correlation id.
    pub correlation: Option<String>,
    /// Microsoft Graph's or Entra ID's id of the request.
    pub request: Option<String>,
    /// The caller's own id of the request.
    pub client_request: Option<String>,
    /// The time, as it was written.
    pub timestamp: Option<String>,
}

impl SupportIds {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            trace: self.trace.or(other.trace),
            correlation: self.correlation.or(other.correlation),
            request: self.request.or(other.request),
            client_request: self.client_request.or(other.client_request),
            timestamp: self.timestamp.or(other.timestamp),
        }
    }
}

pub(super) fn find(text: &str) -> SupportIds {
    let folded = text.to_ascii_lowercase();
    let guid = |labels: &[&str]| labels.iter().find_map(|label| after(&folded, label).find_map(guid_at));
    SupportIds {
        trace: guid(&["trace id", "trace_id", "trace-id", "traceid"]),
        correlation: guid(&["correlation id", "correlation_id", "correlation-id", "correlationid"]),
        request: guid(&["request-id", "request id", "request_id", "requestid"]),
        client_request: guid(&["client-request-id", "client_request_id", "clientrequestid"]),
        timestamp: ["timestamp", "date"].iter().find_map(|label| after(&folded, label).find_map(time_at)),
    }
}

/// What stands behind each place where a label is a word of its own, without what parts them.
fn after<'a>(folded: &'a str, label: &'a str) -> impl Iterator<Item = &'a str> {
    folded.match_indices(label).filter_map(move |(at, _)| {
        let before = &folded[..at];
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        // `x-ms-request-id`, and a line break that JSON or a program has written as two signs.
        let is_start = ["x-ms-", "\\n", "\\r", "\\t"].iter().any(|start| before.ends_with(start));
        let alone = is_start || !before.ends_with(is_part);
        let rest = &folded[at + label.len()..];
        let parted = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        (alone && rest.len() - parted.len() <= 12).then_some(parted)
    })
}

fn guid_at(text: &str) -> Option<String> {
    let id = text.get(..36)?;
    Uuid::try_parse(id).ok().map(|id| id.to_string())
}

/// `2026-01-02 03:04:05Z` or `2026-01-02T03:04:05`, in capital letters as Microsoft writes it.
fn time_at(text: &str) -> Option<String> {
    let shape = "dddd-dd-dd dd:dd:dd";
    let time = text.get(..shape.len())?;
    let fits = time.bytes().zip(shape.bytes()).all(|(is, should)| match should {
        b'd' => is.is_ascii_digit(),
        b' ' => matches!(is, b' ' | b't' | b'+'),
        other => is == other,
    });
    let zone = if text[shape.len()..].starts_with('z') { "Z" } else { "" };
    fits.then(|| format!("{}{zone}", time.replace('t', "T").replace('+', " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0a0a0a0a-0000-4000-8000-000000000001";
    const CORRELATION: &str = "0b0b0b0b-0000-4000-8000-000000000002";

    #[test]
    fn the_ids_are_found_in_every_notation() {
        for text in [
            format!("Trace ID: {TRACE}\r\nCorrelation ID: {CORRELATION}\r\nTimestamp: 2026-01-02 03:04:05Z"),
            format!(
                "\"trace_id\":\"{TRACE}\",\"correlation_id\":\"{CORRELATION}\",\"timestamp\":\"2026-01-02 03:04:05Z\""
            ),
            format!(
                "{{'trace_id': '{TRACE}', 'correlation_id': '{CORRELATION}', 'timestamp': '2026-01-02 03:04:05Z'}}"
            ),
            format!(
                "ended.\\r\\nTrace ID: {TRACE}\\r\\nCorrelation ID: {CORRELATION}\\r\\nTimestamp: 2026-01-02 03:04:05Z"
            ),
            format!("Timestamp: 2026-01-02 03:04:05Z - Correlation ID: {CORRELATION} - Trace ID: {TRACE}"),
        ] {
            let ids = find(&text);
            assert_eq!(ids.trace.as_deref(), Some(TRACE), "{text}");
            assert_eq!(ids.correlation.as_deref(), Some(CORRELATION), "{text}");
            assert_eq!(ids.timestamp.as_deref(), Some("2026-01-02 03:04:05Z"), "{text}");
        }
    }

    #[test]
    fn graph_s_request_is_not_the_caller_s_own() {
        let ids = find(&format!(
            "\"date\":\"2026-01-02T03:04:05\",\"client-request-id\":\"{CORRELATION}\",\"request-id\":\"{TRACE}\""
        ));
        assert_eq!(ids.request.as_deref(), Some(TRACE));
        assert_eq!(ids.client_request.as_deref(), Some(CORRELATION));
        assert_eq!(ids.timestamp.as_deref(), Some("2026-01-02T03:04:05"));
        assert_eq!(find(&format!("x-ms-request-id: {TRACE}")).request.as_deref(), Some(TRACE));
    }

    #[test]
    fn other_text_is_no_id() {
        let ids = find(
            "trace id: <script>alert(1)</script> correlation id: none, timestamp: yesterday at ten o’clock",
        );
        assert!(ids.is_empty());
        assert!(find("trace_id").is_empty());
    }
}
