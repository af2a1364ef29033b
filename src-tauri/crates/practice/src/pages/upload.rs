//! The portal's **Upload certificate**: a form with one file.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Response, StatusCode, Uri, header},
};

use super::{Page, foreign_origin, same_origin};
use crate::state::Tenant;

/// The form on the portal page.
pub(super) fn form(page: &mut Page) {
    page.open("form method=\"post\" action=\"/practice/upload\" enctype=\"multipart/form-data\"")
        .open("p")
        .text("label for=\"certificate\"", "The certificate’s public part, a .cer, .pem or .crt file: ")
        .open(
            "input id=\"certificate\" name=\"certificate\" type=\"file\" accept=\".cer,.pem,.crt\" required",
        )
        .button("action", "upload", "Upload certificate")
        .close("p")
        .close("form");
}

/// `POST /practice/upload`, `multipart/form-data` with the file as its first part.
pub(super) async fn take(
    State(tenant): State<Arc<Tenant>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    if !same_origin(&headers, &uri) {
        return foreign_origin();
    }
    let Some(file) = first_part(&headers, &body) else {
        return refused("The form came without a file.");
    };
    match tenant.upload(file) {
        Ok(key) => {
            let mut page = Page::new("The certificate is on the app");
            page.open("p").raw_text("Thumbprint: ").text("code", &key.certificate.thumbprint()).close("p");
            back(&mut page);
            page.answer(StatusCode::OK, None)
        }
        Err(problem) => refused(&problem),
    }
}

fn refused(problem: &str) -> Response<Body> {
    let mut page = Page::new("This file cannot be uploaded");
    page.text("p", problem);
    back(&mut page);
    page.answer(StatusCode::BAD_REQUEST, None)
}

fn back(page: &mut Page) {
    page.open("p").open("a href=\"/practice/\"").raw_text("The practice portal").close("a").close("p");
}

/// The content of the first part (RFC 7578).
fn first_part<'a>(headers: &HeaderMap, body: &'a [u8]) -> Option<&'a [u8]> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (form, boundary) = kind.split_once(';')?;
    if !form.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = boundary.trim().strip_prefix("boundary=")?.trim_matches('"');
    let delimiter = format!("--{boundary}");
    let part = body.strip_prefix(delimiter.as_bytes())?;
    let content = &part[place(part, b"\r\n\r\n")? + 4..];
    Some(&content[..place(content, format!("\r\n{delimiter}").as_bytes())?])
}

fn place(text: &[u8], sought: &[u8]) -> Option<usize> {
    text.windows(sought.len()).position(|window| window == sought)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part<'a>(kind: &str, body: &'a [u8]) -> Option<&'a [u8]> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        first_part(&headers, body)
    }

    #[test]
    fn the_file_is_taken_out_of_the_form_byte_by_byte() {
        let head =
            b"--b0\r\nContent-Disposition: form-data; name=\"certificate\"; filename=\"a.cer\"\r\n\r\n";
        let file = b"0\x82\r\n\x00--b\r\n";
        let rest = b"\r\n--b0\r\nContent-Disposition: form-data; name=\"action\"\r\n\r\nupload\r\n--b0--\r\n";
        let body = [&head[..], file, rest].concat();
        assert_eq!(part("multipart/form-data; boundary=b0", &body), Some(&file[..]));
        assert_eq!(part("Multipart/Form-Data; boundary=\"b0\"", &body), Some(&file[..]));
        assert_eq!(part("application/x-www-form-urlencoded; boundary=b0", &body), None);
        assert_eq!(part("multipart/form-data; boundary=other", &body), None);
        assert_eq!(part("multipart/form-data; boundary=b0", &body[..40]), None);
        assert_eq!(part("multipart/form-data", b""), None);
    }
}
