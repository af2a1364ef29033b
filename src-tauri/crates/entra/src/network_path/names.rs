//! Looking names up: addresses as the system does it for every program, and the chain of CNAMEs beside them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use hickory_resolver::Resolver;
use hickory_resolver::config::{ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::system_conf::read_system_conf;

use crate::redaction::plain;

/// The longest chain that is followed; Microsoft's have about four links.
const CHAIN_CAP: usize = 10;
/// How long one name server has for one answer; it is asked twice.
const ANSWER_DEADLINE: Duration = Duration::from_secs(1);

/// Who looks names up.
#[derive(Clone)]
pub(crate) enum Names {
    /// The operating system and its name servers.
    System,
    /// A test.
    #[cfg(test)]
    Told(std::sync::Arc<dyn TellNames>),
}

/// A test's names.
#[cfg(test)]
pub(crate) trait TellNames: Send + Sync {
    fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
    fn chain(&self, name: &str) -> Chain;
}

/// The names that one name leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chain {
    /// CNAMEs after the first name, in their order.
    pub(crate) further: Vec<String>,
    /// Why the last name has no address; none where it has one, or it could not be told.
    pub(crate) end: Option<DeadEnd>,
    /// The name servers that are asked.
    pub(crate) servers: Vec<IpAddr>,
}

/// Why a name has no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeadEnd {
    /// NXDOMAIN (RFC 1035, section 4.1.1).
    NoSuchName,
    /// The name exists and has no address.
    NoAddress,
    /// The name server refused or failed.
    ServerFailed,
    /// No name server answered.
    Silent,
}

/// The addresses of a host that need no lookup: those of an address, and of `localhost`.
pub(super) fn known(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]);
    }
    host.parse().ok().map(|address| vec![address])
}

impl Names {
    /// The addresses of a name, by the system's own rules (`getaddrinfo`): its `hosts` file, then its name servers.
    pub(super) async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match self {
            Names::System => {
                let mut addresses: Vec<IpAddr> = Vec::new();
                for found in tokio::net::lookup_host((name, 0)).await? {
                    if !addresses.contains(&found.ip()) {
                        addresses.push(found.ip());
                    }
                }
                Ok(addresses)
            }
            #[cfg(test)]
            Names::Told(told) => told.addresses(name),
        }
    }

    /// The chain of CNAMEs, asked of the system's name servers. Empty where their addresses cannot be found out.
    pub(super) async fn chain(&self, name: &str) -> Chain {
        match self {
            Names::System => match read_system_conf() {
                Ok((config, options)) => ask(config, options, name).await,
                Err(_) => Chain::default(),
            },
            #[cfg(test)]
            Names::Told(told) => told.chain(name),
        }
    }
}

async fn ask(config: ResolverConfig, options: ResolverOpts, name: &str) -> Chain {
    let mut chain = Chain { servers: servers(&config), ..Chain::default() };
    let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = options;
    builder.options_mut().timeout = ANSWER_DEADLINE;
    builder.options_mut().attempts = 1;
    let (Ok(resolver), Ok(mut at)) = (builder.build(), Name::from_utf8(format!("{name}."))) else {
        return chain;
    };
    let error = match resolver.lookup(at.clone(), RecordType::A).await {
        Ok(found) => {
            while let Some(next) = link(found.answers(), &at) {
                if !chain.follow(&next) {
                    break;
                }
                at = next;
            }
            return chain;
        }
        Err(error) => error,
    };
    chain.end = Some(dead_end(&error));
    if !matches!(chain.end, Some(DeadEnd::NoSuchName | DeadEnd::NoAddress)) {
        return chain;
    }
    // An answer without an address leaves out the names on the way to it; each is asked for by itself.
    loop {
        let found = resolver.lookup(at.clone(), RecordType::CNAME).await;
        match found.ok().and_then(|found| link(found.answers(), &at)) {
            Some(next) if chain.follow(&next) => at = next,
            _ => return chain,
        }
    }
}

fn link(answers: &[Record], from: &Name) -> Option<Name> {
    answers.iter().find_map(|record| match &record.data {
        RData::CNAME(next) if record.name == *from => Some(next.0.clone()),
        _ => None,
    })
}

fn servers(config: &ResolverConfig) -> Vec<IpAddr> {
    let mut servers: Vec<IpAddr> = Vec::new();
    for server in &config.name_servers {
        if !servers.contains(&server.ip) {
            servers.push(server.ip);
        }
    }
    servers
}

fn dead_end(error: &NetError) -> DeadEnd {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) if none.response_code == ResponseCode::NXDomain => {
            DeadEnd::NoSuchName
        }
        NetError::Dns(DnsError::NoRecordsFound(_)) => DeadEnd::NoAddress,
        NetError::Dns(_) => DeadEnd::ServerFailed,
        _ => DeadEnd::Silent,
    }
}

impl Chain {
    /// Adds a name; false where the chain repeats itself or grows too long.
    fn follow(&mut self, next: &Name) -> bool {
        let mut text = next.to_ascii();
        if text.ends_with('.') {
            text.pop();
        }
        let text = plain(&text, 253);
        if self.further.contains(&text) || self.further.len() >= CHAIN_CAP {
            return false;
        }
        self.further.push(text);
        true
    }
}

impl DeadEnd {
    /// The sentence for people; the name is the last of the chain.
    pub(super) fn sentence(self, name: &str) -> String {
        match self {
            DeadEnd::NoSuchName => format!("The name server knows no name {name}."),
            DeadEnd::NoAddress => format!("The name server knows {name}, and no address for it."),
            DeadEnd::ServerFailed => format!("The name server could not answer for {name}."),
            DeadEnd::Silent => "The name server did not answer.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts};
    use hickory_resolver::proto::op::Message;
    use hickory_resolver::proto::rr::rdata::{A, CNAME};
    use tokio::net::UdpSocket;

    use super::*;

    #[test]
    fn addresses_and_localhost_need_no_name_server() {
        assert_eq!(known("127.0.0.1").unwrap(), [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        assert_eq!(known("::1").unwrap(), [IpAddr::V6(Ipv6Addr::LOCALHOST)]);
        assert_eq!(known("LocalHost").unwrap().len(), 2);
        assert_eq!(known("login.microsoftonline.com"), None);
        assert_eq!(known("localhost.example"), None);
    }

    #[test]
    fn a_chain_ends_when_it_repeats_itself_or_grows_too_long() {
        let mut chain = Chain::default();
        assert!(chain.follow(&name("a.example")) && chain.follow(&name("b.example")));
        assert!(!chain.follow(&name("a.example")));
        assert_eq!(chain.further, ["a.example", "b.example"]);
        for number in 0..CHAIN_CAP {
            chain.follow(&name(&format!("n{number}.example")));
        }
        assert_eq!(chain.further.len(), CHAIN_CAP);
    }

    fn name(text: &str) -> Name {
        Name::from_utf8(format!("{text}.")).unwrap()
    }

    /// What a name server on loopback holds: CNAMEs, and names with an address. Every other name is unknown.
    struct Zone {
        aliases: &'static [(&'static str, &'static str)],
        hosts: &'static [&'static str],
        empty: &'static [&'static str],
    }

    impl Zone {
        fn answer(&self, question: &[u8]) -> Vec<u8> {
            let asked = Message::from_vec(question).unwrap();
            let query = asked.queries[0].clone();
            let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
            answer.metadata.recursion_available = true;
            let mut at = query.name().to_ascii().trim_end_matches('.').to_owned();
            while let Some((from, to)) = self.aliases.iter().find(|(from, _)| *from == at) {
                answer.add_answer(Record::from_rdata(name(from), 60, RData::CNAME(CNAME(name(to)))));
                at = (*to).to_owned();
                if query.query_type() == RecordType::CNAME {
                    break;
                }
            }
            if query.query_type() == RecordType::A && self.hosts.contains(&at.as_str()) {
                answer.add_answer(Record::from_rdata(name(&at), 60, RData::A(A::new(127, 0, 0, 1))));
            }
            let known = self.hosts.contains(&at.as_str())
                || self.empty.contains(&at.as_str())
                || self.aliases.iter().any(|(from, _)| *from == at);
            if !known {
                answer.metadata.response_code = ResponseCode::NXDomain;
            }
            answer.add_query(query);
            answer.to_vec().unwrap()
        }
    }

    /// Asks a name server that answers from the zone, or is silent without one.
    async fn asked(zone: Option<Zone>, host: &str) -> Chain {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut connection = ConnectionConfig::udp();
        connection.port = socket.local_addr().unwrap().port();
        let server = NameServerConfig::new(Ipv4Addr::LOCALHOST.into(), true, vec![connection]);
        let task = tokio::spawn(async move {
            let mut question = [0; 1_500];
            loop {
                let (length, from) = socket.recv_from(&mut question).await.unwrap();
                if let Some(zone) = &zone {
                    socket.send_to(&zone.answer(&question[..length]), from).await.unwrap();
                }
            }
        });
        let mut options = ResolverOpts::default();
        options.use_hosts_file = ResolveHosts::Never;
        let chain = ask(ResolverConfig::from_name_servers(vec![server]), options, host).await;
        task.abort();
        assert_eq!(chain.servers, [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        chain
    }

    const ALIASES: &[(&str, &str)] = &[
        ("login.test", "login.mso.test"),
        ("login.mso.test", "ak.private.test"),
        ("ak.private.test", "tm.test"),
    ];

    #[tokio::test]
    async fn the_chain_leads_to_the_last_name() {
        let zone = Zone { aliases: ALIASES, hosts: &["tm.test"], empty: &[] };
        let chain = asked(Some(zone), "login.test").await;
        assert_eq!(chain.further, ["login.mso.test", "ak.private.test", "tm.test"]);
        assert_eq!(chain.end, None);
        let zone = Zone { aliases: &[], hosts: &["tm.test"], empty: &[] };
        assert_eq!(asked(Some(zone), "tm.test").await.further, [] as [&str; 0]);
    }

    #[tokio::test]
    async fn a_chain_that_ends_in_nothing_says_where() {
        let chain = asked(Some(Zone { aliases: ALIASES, hosts: &[], empty: &[] }), "login.test").await;
        assert_eq!(chain.further, ["login.mso.test", "ak.private.test", "tm.test"]);
        assert_eq!(chain.end, Some(DeadEnd::NoSuchName));
        let chain = asked(Some(Zone { aliases: &[], hosts: &[], empty: &["mail.test"] }), "mail.test").await;
        assert_eq!((chain.further.len(), chain.end), (0, Some(DeadEnd::NoAddress)));
    }

    #[tokio::test]
    async fn a_silent_name_server_is_told() {
        let chain = asked(None, "login.test").await;
        assert_eq!((chain.further.len(), chain.end), (0, Some(DeadEnd::Silent)));
    }
}
