use jsonwebtoken::Algorithm;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Identity, Room, SCOPE};

/// What a client sees on one walk through the tenant, each step in a few words.
pub(crate) type Observed = Vec<(&'static str, String)>;

/// What differs from a healthy tenant, one line.
pub(crate) fn difference(healthy: &Observed, seen: &Observed) -> String {
    let differs = |(step, words): &&(&'static str, String)| {
        !healthy.iter().any(|(other, same)| other == step && same == words)
    };
    let lines: Vec<String> =
        seen.iter().filter(differs).map(|(step, words)| format!("{step}: {words}")).collect();
    lines.join("; ")
}

/// Walks from discovery to the members of groups with what the facts show.
pub(crate) async fn observe(room: &Room, identity: &Identity) -> Observed {
    let facts = room.practice.facts().clone();
    let discovery = format!("/{}/v2.0/.well-known/openid-configuration", facts.tenant_id);
    let mut seen: Observed = vec![("proxy", proxy(room).await)];
    let answer = match room.http.get(room.authority(&discovery)).send().await {
        Ok(answer) => answer,
        Err(error) => {
            seen.push(("discovery", unreachable(&error)));
            return seen;
        }
    };
    let ahead = skew(room, &answer);
    seen.push((
        "clock",
        if ahead > 300 { format!("{} minutes ahead", minutes(ahead)) } else { "right".to_owned() },
    ));
    seen.push(("discovery", words(answer).await.0));

    let (said, _) =
        post(room, &[("client_assertion", &identity.assertion(room, Algorithm::PS256, &json!({})))]).await;
    seen.push(("certificate", said));
    seen.push(("probe", probe(room).await));
    seen.push(("password", password(room).await));
    let (said, body) = post(room, &[("client_secret", &facts.client_secret)]).await;
    seen.push(("token", said));
    let Some(token) = body["access_token"].as_str() else { return seen };
    seen.push(("claims", claims(room, token)));
    for (step, path) in [
        ("users", "users?$select=id&$top=999"),
        ("groups", "groups?$select=id,visibility&$top=999"),
        ("members", "groups/$first/members?$select=id&$top=999"),
        (
            "registration",
            &format!("applications(appId='{}')?$select=passwordCredentials,keyCredentials", facts.client_id),
        ),
        ("assignments", &format!("servicePrincipals(appId='{}')/appRoleAssignments", facts.client_id)),
    ] {
        seen.push((step, list(room, token, path).await));
    }
    seen.push(("changes", changes(room, token).await));
    seen
}

async fn proxy(room: &Room) -> String {
    let facts = room.practice.facts();
    let proxy = facts.proxy.trim_start_matches("http://").to_owned();
    let target = facts.graph.trim_start_matches("https://");
    let mut stream = TcpStream::connect(proxy.replace("localhost", "127.0.0.1")).await.unwrap();
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    String::from_utf8(head.to_vec()).unwrap().split_off(9)
}

fn unreachable(error: &reqwest::Error) -> String {
    let text = format!("{error:?}");
    let known = ["UnknownIssuer", "NotValidForName", "Expired", "ProtocolVersion", "refused"];
    known.iter().find(|name| text.contains(**name)).map_or(text.clone(), |name| (*name).to_owned())
}

fn skew(room: &Room, answer: &Response) -> i64 {
    let date = answer.headers()["date"].to_str().unwrap();
    let date = jiff::Timestamp::strptime("%a, %d %b %Y %H:%M:%S %z", date.replace("GMT", "+0000")).unwrap();
    date.as_second() - practice::Clock::now(room.clock.as_ref()).as_second()
}

/// Status and number of an answer, and its JSON.
async fn words(answer: Response) -> (String, Value) {
    let status = answer.status();
    let retry = answer.headers().get("retry-after").map(|wait| wait.to_str().unwrap().to_owned());
    assert_eq!(answer.headers()["x-gatehouse-practice"], "1");
    let text = answer.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    let what = match (&body["error_codes"][0], &body["error"]["code"]) {
        (Value::Number(code), _) => format!(" {} {code}", body["error"].as_str().unwrap()),
        (_, Value::String(code)) => format!(" {code}"),
        _ if status == StatusCode::OK && body.is_null() => " HTML".to_owned(),
        _ => String::new(),
    };
    let retry = retry.map(|wait| format!(" retry after {wait}")).unwrap_or_default();
    (format!("{}{what}{retry}", status.as_u16()), body)
}

async fn post(room: &Room, credential: &[(&str, &str)]) -> (String, Value) {
    let facts = room.practice.facts();
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", &facts.client_id),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("scope", SCOPE),
    ];
    form.extend_from_slice(credential);
    words(room.http.post(room.token_url()).form(&form).send().await.unwrap()).await
}

/// The probe of the public client flag: an invented device code.
async fn probe(room: &Room) -> String {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", &room.practice.facts().client_id),
        ("device_code", "invented"),
    ];
    words(room.http.post(room.token_url()).form(&form).send().await.unwrap()).await.0
}

/// Sign-in of the gateway's account with its password and the app's secret, then with its refresh token.
async fn password(room: &Room) -> String {
    let facts = room.practice.facts();
    let mut form = vec![
        ("grant_type", "password"),
        ("client_id", facts.client_id.as_str()),
        ("scope", "User.Read offline_access"),
        ("username", &facts.account.username),
        ("password", &facts.account.password),
    ];
    if room.practice.scenario().id() != "public-client-breaks-certificate" {
        form.push(("client_secret", &facts.client_secret));
    }
    let (said, body) = words(room.http.post(room.token_url()).form(&form).send().await.unwrap()).await;
    let Some(token) = body["refresh_token"].as_str() else { return said };
    let mut form: Vec<(&str, &str)> =
        form.into_iter().filter(|(name, _)| !["username", "password"].contains(name)).collect();
    form[0] = ("grant_type", "refresh_token");
    form.push(("refresh_token", token));
    let (refreshed, _) = words(room.http.post(room.token_url()).form(&form).send().await.unwrap()).await;
    format!("{said} then {refreshed}")
}

/// What of the token is not as it is with everybody.
fn claims(room: &Room, token: &str) -> String {
    let Ok(read) = jsonwebtoken::dangerous::insecure_decode::<Value>(token) else {
        return "no JWT".to_owned();
    };
    let claims = read.claims;
    let tenant = &room.practice.facts().tenant_id;
    let now = practice::Clock::now(room.clock.as_ref()).as_second();
    let age = now - claims["iat"].as_i64().unwrap();
    let mut odd = Vec::new();
    let mut note = |is: bool, words: String| {
        if is {
            odd.push(words);
        }
    };
    note(claims["tid"] != *tenant, "other tid".to_owned());
    note(claims["aud"] != "https://graph.microsoft.com", format!("aud {}", claims["aud"]));
    note(claims["iss"] != format!("https://sts.windows.net/{tenant}/"), "other iss".to_owned());
    note(claims["exp"].as_i64().unwrap() < now, "ended".to_owned());
    note(age > 600, format!("{} minutes old", minutes(age)));
    note(age < 0, format!("from {} minutes in the future", minutes(-age)));
    note(claims["idtyp"] != "app", format!("idtyp {}", claims["idtyp"].as_str().unwrap()));
    let names = |value: &Value| -> Vec<String> {
        match value {
            Value::Array(roles) => roles.iter().map(|role| role.as_str().unwrap().to_owned()).collect(),
            Value::String(scopes) => scopes.split(' ').map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    };
    odd.push(format!("roles {}", names(&claims["roles"]).join(" ")));
    let scopes = names(&claims["scp"]);
    if !scopes.is_empty() {
        odd.push(format!("scp {}", scopes.join(" ")));
    }
    odd.join(", ")
}

/// A delta link, and what it gives.
async fn changes(room: &Room, token: &str) -> String {
    let latest = room.http.get(room.graph("users/delta?$select=id&$deltatoken=latest")).bearer_auth(token);
    let (said, body) = words(latest.send().await.unwrap()).await;
    let Some(link) = body["@odata.deltaLink"].as_str() else { return said };
    words(room.http.get(link).bearer_auth(token).send().await.unwrap()).await.0
}

/// Follows a list to its end, or reads one object.
async fn list(room: &Room, token: &str, path: &str) -> String {
    let mut path = path.to_owned();
    if path.contains("$first") {
        let groups =
            room.http.get(room.graph("groups?$select=id&$top=999")).bearer_auth(token).send().await.unwrap();
        let groups: Value = groups.json().await.unwrap_or(Value::Null);
        let id = |number: usize| groups["value"][number]["id"].as_str().unwrap_or("none").to_owned();
        let hidden = room.graph(&path.replace("$first", &id(6)));
        let hidden = room.http.get(hidden).bearer_auth(token).send().await.unwrap();
        let (said, body) = words(hidden).await;
        if said == "200" && body["value"] == json!([]) {
            return "of one group none".to_owned();
        }
        path = path.replace("$first", &id(0));
    }
    let (mut count, mut next) = (0, Some(room.graph(&path)));
    while let Some(url) = next {
        let (said, body) = words(room.http.get(&url).bearer_auth(token).send().await.unwrap()).await;
        if said != "200" {
            return if count > 0 { format!("{count} read, then {said}") } else { said };
        }
        if path.contains("passwordCredentials") {
            return registration(room, &body);
        }
        let items = body["value"].as_array().unwrap();
        if items.iter().any(|item| item["visibility"] == "HiddenMembership") {
            return "one with HiddenMembership".to_owned();
        }
        count += items.len();
        next = body["@odata.nextLink"].as_str().map(str::to_owned);
    }
    format!("{count} read")
}

fn registration(room: &Room, body: &Value) -> String {
    let end: jiff::Timestamp =
        body["passwordCredentials"][0]["endDateTime"].as_str().unwrap().parse().unwrap();
    let hours = end.duration_since(practice::Clock::now(room.clock.as_ref())).as_hours();
    let days = (hours + 12) / 24;
    format!("readable, secret for {days} days")
}

/// The nearest whole minutes: a request takes its own seconds.
fn minutes(seconds: i64) -> i64 {
    (seconds + 30).div_euclid(60)
}
