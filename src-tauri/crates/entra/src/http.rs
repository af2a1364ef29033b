//! Preparing the one HTTP client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Once;
use std::time::Duration;

use reqwest::{Certificate, Client, redirect};

use crate::endpoint::Endpoints;

/// How to speak HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// Extra trust anchors, as PEM. With loopback endpoints only these are trusted; elsewhere they are added to the
    /// system's.
    pub ca_pem: Option<Vec<u8>>,
    /// For name resolution, TCP and TLS together.
    pub connect_deadline: Duration,
    /// From sending the request to the last byte of the answer.
    pub answer_deadline: Duration,
    /// The longest answer that is read, in bytes after decompression.
    pub max_body: usize,
    /// How long Graph requests go on without any success.
    pub patience: Duration,
    /// What is sent as `User-Agent`.
    pub user_agent: String,
    /// An HTTP proxy for everything, in place of those of the environment and the system. Loopback endpoints only.
    pub proxy: Option<String>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            ca_pem: None,
            connect_deadline: Duration::from_secs(5),
            answer_deadline: Duration::from_secs(30),
            max_body: 32 * 1024 * 1024,
            patience: Duration::from_secs(120),
            user_agent: concat!("Gatehouse/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: None,
        }
    }
}

/// Where proxies come from.
#[derive(Clone, Debug)]
pub(crate) enum Proxies {
    /// `HTTPS_PROXY`, `NO_PROXY`, or the system's settings.
    System,
    /// None, whatever the environment says.
    #[cfg(test)]
    None,
    /// This one, for everything.
    Only(String),
}

/// Builds the client: HTTPS only, no redirects, `aws-lc-rs`, the system's trust store.
pub(crate) fn client(
    endpoints: &Endpoints,
    options: &HttpOptions,
    proxies: &Proxies,
) -> Result<Client, String> {
    install_crypto_provider();
    let mut builder = Client::builder()
        .https_only(true)
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(options.connect_deadline)
        .user_agent(&options.user_agent);
    if let Some(pem) = &options.ca_pem {
        let anchors = Certificate::from_pem_bundle(pem)
            .map_err(|_| "The file with trust anchors holds no readable certificate.".to_owned())?;
        if anchors.is_empty() {
            return Err("The file with trust anchors holds no certificate.".to_owned());
        }
        builder = if endpoints.is_loopback() {
            builder.tls_certs_only(anchors)
        } else {
            builder.tls_certs_merge(anchors)
        };
    }
    if endpoints.is_loopback() {
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        builder = builder.resolve_to_addrs("localhost", &loopback.map(|address| SocketAddr::new(address, 0)));
    }
    builder = match proxies {
        Proxies::System => builder,
        #[cfg(test)]
        Proxies::None => builder.no_proxy(),
        Proxies::Only(address) => {
            let proxy =
                reqwest::Proxy::all(address).map_err(|_| "The proxy's address cannot be used.".to_owned())?;
            builder.no_proxy().proxy(proxy)
        }
    };
    builder.build().map_err(|_| "The system's trust store or proxy settings could not be loaded.".to_owned())
}

fn install_crypto_provider() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // An error means that the program has chosen one already, which is as good.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
}
