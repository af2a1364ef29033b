//! One spelling per value, so that two readers cannot understand the same file differently.
//!
//! The messages are fixed texts: they never repeat what stands in the file.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// A GUID in its 36-character form, written in lower case.
pub(crate) mod guid {
    use uuid::Uuid;

    use super::{Deserialize as _, Deserializer, Error, Serializer};

    pub(crate) const NOT_A_GUID: &str = "is not a GUID of 36 characters, such as \
         5e0b6f3a-0000-4000-8000-000000008a62";

    pub(crate) fn serialize<S: Serializer>(guid: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&guid.as_hyphenated())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Uuid, D::Error> {
        let text = String::deserialize(deserializer)?;
        let guid = (text.len() == 36).then(|| Uuid::try_parse(&text).ok()).flatten();
        guid.ok_or_else(|| D::Error::custom(NOT_A_GUID))
    }
}

/// An instant in UTC, such as `2026-11-20T14:34:00Z`.
pub(crate) mod time {
    use jiff::Timestamp;

    use super::{Deserialize as _, Deserializer, Error, Serializer};

    pub(crate) const NOT_A_TIME: &str = "is not a time in UTC, such as 2026-11-20T14:34:00Z";

    pub(crate) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = text.parse::<Timestamp>().ok().filter(|time| time.to_string() == text);
        time.ok_or_else(|| D::Error::custom(NOT_A_TIME))
    }
}

/// An instant in UTC as [`time`] spells it, where there is one.
pub(crate) mod optional_time {
    use jiff::Timestamp;

    use super::{Deserializer, Serializer, time};

    pub(crate) fn serialize<S: Serializer>(
        instant: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match instant {
            Some(instant) => time::serialize(instant, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        time::deserialize(deserializer).map(Some)
    }
}

/// A day such as `2027-05-19`, or null.
pub(crate) mod optional_date {
    use jiff::civil::Date;

    use super::{Deserialize as _, Deserializer, Error, Serializer};

    pub(crate) const NOT_A_DATE: &str = "is not a day, such as 2027-05-19, and not null";

    pub(crate) fn serialize<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        match date {
            Some(date) => serializer.collect_str(date),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        date.map(Some).ok_or_else(|| D::Error::custom(NOT_A_DATE))
    }
}

/// An origin such as `https://graph.microsoft.com`, written without the slash at its end.
pub(crate) mod origin {
    use url::Url;

    use super::{Deserialize as _, Deserializer, Error, Serializer};

    pub(crate) const NOT_AN_ADDRESS: &str = "is not an address in its normal spelling, such as \
         https://login.microsoftonline.com";

    pub(crate) fn serialize<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text(url))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
        let spelled = String::deserialize(deserializer)?;
        let url = Url::parse(&spelled).ok().filter(|url| url.as_str() == spelled || text(url) == spelled);
        url.ok_or_else(|| D::Error::custom(NOT_AN_ADDRESS))
    }

    /// The address without the slash that stands for an empty path.
    pub(crate) fn text(url: &Url) -> &str {
        let whole = url.as_str();
        if url.path() == "/" { whole.strip_suffix('/').unwrap_or(whole) } else { whole }
    }
}
