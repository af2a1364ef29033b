//! Times in HTTP headers.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// The server's clock, from its `Date` header (RFC 9110, section 6.6.1).
pub(crate) fn server_time(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(DATE)?.to_str().ok()?)
}

/// How long the server asks to wait (RFC 9110, section 10.2.3): whole seconds, fractions of them, or a date, which
/// is compared with the same answer's own `Date` so that this machine's clock does not matter.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let wait = http_date(text)?.duration_since(server_time(headers)?);
    Some(Duration::try_from(wait).unwrap_or_default())
}

/// The wait before attempt `attempt` + 1 when the server names none: 1, 2, 4, 8 … seconds, at most 30.
pub(crate) fn backoff(attempt: u32) -> Duration {
    Duration::from_secs(1).saturating_mul(2_u32.saturating_pow(attempt)).min(LONGEST_BACKOFF)
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(retry_after_text: &'static str, date: Option<&'static str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after_text.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        retry_after(&headers)
    }

    #[test]
    fn seconds_fractions_and_dates() {
        assert_eq!(wait("10", None), Some(Duration::from_secs(10)));
        assert_eq!(wait(" 0.25 ", None), Some(Duration::from_millis(250)));
        let now = Some("Fri, 02 Jan 2026 03:04:05 GMT");
        assert_eq!(wait("Fri, 02 Jan 2026 03:05:05 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(wait("Fri, 02 Jan 2026 03:00:00 GMT", now), Some(Duration::ZERO));
    }

    #[test]
    fn nonsense_is_no_wait() {
        for text in ["", "soon", "-5", "inf", "NaN", "1e40"] {
            assert_eq!(wait(text, Some("Fri, 02 Jan 2026 03:04:05 GMT")), None, "{text}");
        }
        assert_eq!(wait("Fri, 02 Jan 2026 03:05:05 GMT", None), None);
    }

    #[test]
    fn backoff_doubles_up_to_its_cap() {
        let seconds: Vec<u64> = (0..7).map(|attempt| backoff(attempt).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(backoff(u32::MAX), LONGEST_BACKOFF);
    }
}
