use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::digest;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use practice::{Clock, Options, Practice, Scenario, SystemClock};
use rcgen::{CertificateParams, DnType, KeyPair, SignatureAlgorithm};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;

pub(crate) const SCOPE: &str = "https://graph.microsoft.com/.default";

/// A running tenant with a client that trusts it, and only it.
pub(crate) struct Room {
    pub(crate) practice: Practice,
    pub(crate) http: Client,
    pub(crate) clock: Arc<ShiftedClock>,
}

/// The computer's clock, moved by a test. Certificates stay valid because it starts at the present.
#[derive(Default)]
pub(crate) struct ShiftedClock(AtomicI64);

impl ShiftedClock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + jiff::SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) async fn room(scenario: Scenario) -> Room {
    room_with(Options { scenario, ..Options::default() }).await
}

/// With these permissions requested and granted.
pub(crate) async fn room_asking(requested: &[&str]) -> Room {
    let requested = requested.iter().map(|name| (*name).to_owned()).collect();
    room_with(Options { requested, ..Options::default() }).await
}

pub(crate) async fn room_with(options: Options) -> Room {
    let clock = Arc::new(ShiftedClock::default());
    let practice = practice::start(Options { clock: clock.clone(), ..options }).await.unwrap();
    let ca = reqwest::Certificate::from_pem(practice.ca_pem().as_bytes()).unwrap();
    let http = Client::builder()
        .tls_certs_only([ca])
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    Room { practice, http, clock }
}

impl Room {
    pub(crate) fn authority(&self, path: &str) -> String {
        format!("{}{path}", self.practice.facts().authority)
    }

    pub(crate) fn token_url(&self) -> String {
        self.authority(&format!("/{}/oauth2/v2.0/token", self.practice.facts().tenant_id))
    }

    pub(crate) fn graph(&self, path: &str) -> String {
        format!("{}/v1.0/{path}", self.practice.facts().graph)
    }

    /// The fields of a good client credentials request.
    pub(crate) fn form(&self) -> Vec<(&'static str, String)> {
        let facts = self.practice.facts();
        vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", facts.client_id.clone()),
            ("client_secret", facts.client_secret.clone()),
            ("scope", SCOPE.to_owned()),
        ]
    }

    /// The same with one field changed, or left out when the value is empty.
    pub(crate) fn form_with(&self, name: &str, value: &str) -> Vec<(&'static str, String)> {
        let mut form = self.form();
        form.retain_mut(|(field, content)| {
            if *field == name {
                value.clone_into(content);
            }
            !content.is_empty()
        });
        form
    }

    pub(crate) async fn token(&self) -> String {
        let answer = self.http.post(self.token_url()).form(&self.form()).send().await.unwrap();
        let body = json_of(answer, StatusCode::OK).await;
        body["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn roles(&self) -> Vec<String> {
        let claims: Value =
            jsonwebtoken::dangerous::insecure_decode::<Value>(self.token().await).unwrap().claims;
        claims.get("roles").map_or(Vec::new(), |roles| serde_json::from_value(roles.clone()).unwrap())
    }

    /// GET on Graph with a fresh token.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.ask(self.http.get(self.graph(path))).await
    }

    pub(crate) async fn get_json(&self, path: &str) -> Value {
        json_of(self.get(path).await, StatusCode::OK).await
    }

    pub(crate) async fn ask(&self, request: RequestBuilder) -> Response {
        request.bearer_auth(self.token().await).send().await.unwrap()
    }

    /// Follows next-links to the end; gives all items and the number of pages.
    pub(crate) async fn all(&self, path: &str) -> (Vec<Value>, usize) {
        let token = self.token().await;
        let (mut items, mut pages, mut next) = (Vec::new(), 0, Some(self.graph(path)));
        while let Some(url) = next {
            let answer = self.http.get(&url).bearer_auth(&token).send().await.unwrap();
            let body = json_of(answer, StatusCode::OK).await;
            items.extend(body["value"].as_array().unwrap().iter().cloned());
            pages += 1;
            next = body["@odata.nextLink"].as_str().map(str::to_owned);
        }
        (items, pages)
    }
}

pub(crate) async fn json_of(answer: Response, status: StatusCode) -> Value {
    let got = answer.status();
    assert_eq!(answer.headers()["x-gatehouse-practice"], "1");
    let text = answer.text().await.unwrap();
    assert_eq!(got, status, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// Checks a Graph refusal and gives its message.
pub(crate) async fn refusal(answer: Response, status: u16, code: &str) -> String {
    let request_id = answer.headers()["request-id"].to_str().unwrap().to_owned();
    let body = json_of(answer, StatusCode::from_u16(status).unwrap()).await;
    assert_eq!(body["error"]["code"], code, "{body}");
    assert_eq!(body["error"]["innerError"]["request-id"], request_id);
    assert_eq!(body["error"]["innerError"]["date"].as_str().unwrap().len(), 19);
    body["error"]["message"].as_str().unwrap().to_owned()
}

/// A gateway's certificate with its private key, made for one test.
pub(crate) struct Identity {
    pub(crate) pem: String,
    pub(crate) sha1: Vec<u8>,
    pub(crate) sha256: Vec<u8>,
    key: EncodingKey,
}

impl Identity {
    pub(crate) fn new(kind: &'static SignatureAlgorithm) -> Self {
        let key = KeyPair::generate_for(kind).unwrap();
        let mut params = CertificateParams::default();
        params.not_after = rcgen::date_time_ymd(2040, 1, 1);
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "gateway");
        let certificate = params.self_signed(&key).unwrap();
        let pem = key.serialize_pem();
        let encoding = EncodingKey::from_rsa_pem(pem.as_bytes())
            .unwrap_or_else(|_| EncodingKey::from_ec_pem(pem.as_bytes()).unwrap());
        let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate.der());
        let sha256 = digest::digest(&digest::SHA256, certificate.der());
        Self {
            pem: certificate.pem(),
            sha1: sha1.as_ref().to_vec(),
            sha256: sha256.as_ref().to_vec(),
            key: encoding,
        }
    }

    pub(crate) fn thumbprint(&self) -> String {
        self.sha1.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    pub(crate) fn sha1_base64(&self) -> String {
        STANDARD.encode(&self.sha1)
    }

    pub(crate) fn header(algorithm: Algorithm, sha1: Option<&[u8]>, sha256: Option<&[u8]>) -> Header {
        let mut header = Header::new(algorithm);
        header.x5t = sha1.map(|hash| URL_SAFE_NO_PAD.encode(hash));
        header.x5t_s256 = sha256.map(|hash| URL_SAFE_NO_PAD.encode(hash));
        header
    }

    /// A good assertion with some claims changed.
    pub(crate) fn assertion(&self, room: &Room, algorithm: Algorithm, changed: &Value) -> String {
        self.assertion_with(room, &Self::header(algorithm, Some(&self.sha1), None), changed)
    }

    pub(crate) fn assertion_with(&self, room: &Room, header: &Header, changed: &Value) -> String {
        let now = room.clock.now().as_second();
        let client = &room.practice.facts().client_id;
        let mut claims = serde_json::json!({
            "aud": room.token_url(), "iss": client, "sub": client, "jti": "1", "nbf": now - 60, "exp": now + 600,
        });
        for (name, value) in changed.as_object().unwrap() {
            claims[name] = value.clone();
        }
        jsonwebtoken::encode(header, &claims, &self.key).unwrap()
    }
}
