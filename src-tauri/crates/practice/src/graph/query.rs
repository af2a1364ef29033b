//! OData query options, as far as the directory takes them; the rest is refused, never ignored.

use url::form_urlencoded;

use super::{errors::GraphError, filter::Filter};

/// The largest page that the real service gives.
const LARGEST_PAGE: u16 = 999;

/// The query options of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Query {
    pub(super) select: Option<Vec<String>>,
    pub(super) top: Option<u16>,
    pub(super) count: bool,
    pub(super) expand: bool,
    pub(super) filter: Option<Filter>,
    /// The filter as it was sent; page tokens are bound to it.
    pub(super) filter_text: String,
    pub(super) skip_token: Option<String>,
    /// `$deltatoken`, which only delta queries take.
    pub(super) delta_token: Option<String>,
    /// Everything but the tokens, as it was sent: next-links keep it.
    pub(super) kept: String,
}

impl Query {
    /// Reads a raw query string.
    pub(super) fn read(raw: &str) -> Result<Self, GraphError> {
        let mut query = Self::default();
        let mut kept = Vec::new();
        for part in raw.split('&').filter(|part| !part.is_empty()) {
            let mut pairs = form_urlencoded::parse(part.as_bytes());
            let Some((name, value)) = pairs.next() else { continue };
            if name.eq_ignore_ascii_case("$skiptoken") {
                query.skip_token = Some(value.into_owned());
            } else if name.eq_ignore_ascii_case("$deltatoken") {
                query.delta_token = Some(value.into_owned());
            } else {
                query.option(&name.to_ascii_lowercase(), &value)?;
                kept.push(part);
            }
        }
        query.kept = kept.join("&");
        Ok(query)
    }

    fn option(&mut self, name: &str, value: &str) -> Result<(), GraphError> {
        match name {
            "$select" => {
                let names: Vec<String> = value
                    .split(',')
                    .map(str::trim)
                    .filter(|name| !name.is_empty())
                    .map(str::to_owned)
                    .collect();
                self.select = (!names.is_empty()).then_some(names);
            }
            "$top" => self.top = Some(page_size(value)?),
            "$count" => {
                self.count = match value {
                    "true" => true,
                    "false" => false,
                    _ => {
                        return Err(GraphError::bad_request(
                            "Invalid value specified for $count query option.",
                        ));
                    }
                };
            }
            "$filter" => {
                self.filter = Some(Filter::read(value)?);
                self.filter_text = value.to_owned();
            }
            "$expand" => self.expand = true,
            "$skip" => return Err(GraphError::bad_request("'$skip' is not supported by the service.")),
            option if option.starts_with('$') => {
                return Err(GraphError::unsupported(&format!(
                    "The practice tenant does not take '{option}'."
                )));
            }
            _ => {}
        }
        Ok(())
    }
}

fn page_size(value: &str) -> Result<u16, GraphError> {
    let size = value.parse::<u16>().ok().filter(|size| (1..=LARGEST_PAGE).contains(size));
    size.ok_or_else(|| {
        GraphError::unsupported(&format!(
            "Invalid page size specified: '{value}'. Must be between 1 and 999 inclusive."
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_kept_without_the_page_token() {
        let query = Query::read("%24select=id,displayName&$top=999&$skiptoken=abc&$count=true").unwrap();
        assert_eq!(query.select.as_deref().unwrap(), ["id", "displayName"]);
        assert_eq!((query.top, query.count, query.skip_token.as_deref()), (Some(999), true, Some("abc")));
        assert_eq!(query.kept, "%24select=id,displayName&$top=999&$count=true");
    }

    #[test]
    fn page_sizes_outside_are_refused() {
        for wrong in ["0", "1000", "-1", "x", ""] {
            let error = Query::read(&format!("$top={wrong}")).unwrap_err();
            assert_eq!(
                error,
                GraphError::unsupported(&format!(
                    "Invalid page size specified: '{wrong}'. Must be between 1 and 999 inclusive."
                ))
            );
        }
        assert!(Query::read("$search=x").is_err());
        assert!(Query::read("$skip=1").is_err());
        assert!(Query::read("api-version=1").is_ok());
    }
}
