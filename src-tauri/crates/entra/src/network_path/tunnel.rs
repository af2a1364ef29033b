//! Asking a proxy to open a tunnel: `CONNECT`, RFC 9110, section 9.3.6.

use std::io;

use http::HeaderValue;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::redaction::plain;

/// The longest answer to `CONNECT`, in bytes, and the most header lines in it; the client has the same limits.
const ANSWER_CAP: usize = 8_192;
const LINES_CAP: usize = 64;

/// What is asked of the proxy.
pub(super) struct Ask<'a> {
    /// The host behind the proxy, and its port.
    pub(super) to: &'a str,
    /// The sign-in that the proxy's address holds.
    pub(super) authorization: Option<&'a HeaderValue>,
    pub(super) user_agent: &'a str,
}

/// How the proxy answered.
pub(super) struct Told {
    pub(super) status: u16,
    /// The schemes of `Proxy-Authenticate`, such as `Negotiate`.
    pub(super) asks_for: Vec<String>,
}

/// Sends `CONNECT` and reads the head of the answer. An answer that is not HTTP is [`io::ErrorKind::InvalidData`].
pub(super) async fn open(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ask: &Ask<'_>,
) -> io::Result<Told> {
    let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n", to = ask.to).into_bytes();
    if let Some(authorization) = ask.authorization {
        add_line(&mut request, "Proxy-Authorization", authorization.as_bytes());
    }
    add_line(&mut request, "User-Agent", ask.user_agent.as_bytes());
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).await?;
    stream.flush().await?;
    let mut answer = Vec::with_capacity(512);
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(told) = read(&answer)? {
            return Ok(told);
        }
        if answer.len() > ANSWER_CAP {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

fn add_line(request: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        request.extend_from_slice(part);
    }
}

fn read(answer: &[u8]) -> io::Result<Option<Told>> {
    let mut lines = [httparse::EMPTY_HEADER; LINES_CAP];
    let mut head = httparse::Response::new(&mut lines);
    match head.parse(answer) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(io::ErrorKind::InvalidData.into()),
    }
    let mut asks_for: Vec<String> = Vec::new();
    let challenges = head.headers.iter().filter(|line| line.name.eq_ignore_ascii_case("proxy-authenticate"));
    for challenge in challenges {
        let text = String::from_utf8_lossy(challenge.value);
        let scheme = plain(text.split_whitespace().next().unwrap_or_default(), 20);
        if is_token(&scheme) && !asks_for.contains(&scheme) {
            asks_for.push(scheme);
        }
    }
    Ok(head.code.map(|status| Told { status, asks_for }))
}

/// RFC 9110, section 5.6.2, without the rarer punctuation.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_its_head_is_complete() {
        let whole = b"HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: Basic realm=\"x\"\r\n\r\n";
        assert!(read(&whole[..30]).unwrap().is_none());
        let told = read(whole).unwrap().unwrap();
        assert_eq!((told.status, told.asks_for), (407, vec!["Negotiate".to_owned(), "Basic".to_owned()]));
        let hostile = b"HTTP/1.1 407 No\r\nProxy-Authenticate: <b>\r\n\r\n";
        assert!(read(hostile).unwrap().unwrap().asks_for.is_empty());
        assert!(read(b"220 mail.example ESMTP\r\n").is_err());
    }
}
