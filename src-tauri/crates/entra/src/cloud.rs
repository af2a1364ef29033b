//! Microsoft's clouds: where each one signs in, where its Graph is, and what its tokens say.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of Microsoft's clouds. Serialised by its id, such as `usgov-l4`.
/// Source: <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// The commercial cloud; Microsoft 365 GCC lives here too.
    Global,
    /// US Government, Microsoft 365 GCC High.
    UsgovL4,
    /// US Government, Department of Defense.
    UsgovL5,
    /// China, run by 21Vianet.
    China,
}

impl Cloud {
    /// Every cloud, the commercial one first.
    pub const ALL: [Cloud; 4] = [Cloud::Global, Cloud::UsgovL4, Cloud::UsgovL5, Cloud::China];

    /// The id used in files and on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Cloud::Global => "global",
            Cloud::UsgovL4 => "usgov-l4",
            Cloud::UsgovL5 => "usgov-l5",
            Cloud::China => "china",
        }
    }

    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Cloud::Global => "Global",
            Cloud::UsgovL4 => "US Government GCC High",
            Cloud::UsgovL5 => "US Government DoD",
            Cloud::China => "China, 21Vianet",
        }
    }

    /// The origin that signs in and gives tokens. Both US Government clouds share one.
    pub fn authority(self) -> &'static str {
        match self {
            Cloud::Global => "https://login.microsoftonline.com",
            Cloud::UsgovL4 | Cloud::UsgovL5 => "https://login.microsoftonline.us",
            Cloud::China => "https://login.partner.microsoftonline.cn",
        }
    }

    /// Other hosts that name the same authority.
    pub fn authority_aliases(self) -> &'static [&'static str] {
        match self {
            Cloud::Global => &["login.windows.net", "login.microsoft.com", "sts.windows.net"],
            Cloud::UsgovL4 | Cloud::UsgovL5 => &["login.usgovcloudapi.net"],
            Cloud::China => &["login.chinacloudapi.cn"],
        }
    }

    /// The origin of Microsoft Graph.
    /// Source: <https://learn.microsoft.com/graph/deployments>.
    pub fn graph(self) -> &'static str {
        match self {
            Cloud::Global => "https://graph.microsoft.com",
            Cloud::UsgovL4 => "https://graph.microsoft.us",
            Cloud::UsgovL5 => "https://dod-graph.microsoft.us",
            Cloud::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }

    /// The origin of the Entra admin center.
    pub fn portal(self) -> &'static str {
        match self {
            Cloud::Global => "https://entra.microsoft.com",
            Cloud::UsgovL4 | Cloud::UsgovL5 => "https://entra.microsoft.us",
            Cloud::China => "https://entra.microsoftonline.cn",
        }
    }

    /// What the `aud` claim of a Graph token may say in this cloud.
    pub fn audiences(self) -> &'static [&'static str] {
        match self {
            Cloud::Global => &[
                "https://graph.microsoft.com",
                "https://graph.microsoft.com/",
                "00000003-0000-0000-c000-000000000000",
            ],
            Cloud::UsgovL4 => &[
                "https://graph.microsoft.us",
                "https://graph.microsoft.us/",
                "00000003-0000-0000-c000-000000000000",
            ],
            Cloud::UsgovL5 => &[
                "https://dod-graph.microsoft.us",
                "https://dod-graph.microsoft.us/",
                "00000003-0000-0000-c000-000000000000",
            ],
            Cloud::China => &[
                "https://microsoftgraph.chinacloudapi.cn",
                "https://microsoftgraph.chinacloudapi.cn/",
                "00000003-0000-0000-c000-000000000000",
            ],
        }
    }

    /// Hosts that the `iss` claim may name: the v1.0 issuer first, then the v2.0 one and its alias.
    pub fn issuer_hosts(self) -> &'static [&'static str] {
        match self {
            Cloud::Global => &["sts.windows.net", "login.microsoftonline.com"],
            Cloud::UsgovL4 | Cloud::UsgovL5 => &["sts.windows.net", "login.microsoftonline.us"],
            Cloud::China => {
                &["sts.chinacloudapi.cn", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn"]
            }
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Cloud {
    type Err = UnknownCloud;

    fn from_str(text: &str) -> Result<Self, UnknownCloud> {
        let wanted = text.trim();
        Cloud::ALL.into_iter().find(|cloud| cloud.id().eq_ignore_ascii_case(wanted)).ok_or(UnknownCloud)
    }
}

/// The text names no cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a known cloud; use global, usgov-l4, usgov-l5 or china")]
pub struct UnknownCloud;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_text_and_json() {
        for cloud in Cloud::ALL {
            assert_eq!(cloud.id().parse(), Ok(cloud));
            assert_eq!(serde_json::to_string(&cloud).unwrap(), format!("\"{cloud}\""));
        }
        assert_eq!(" Global ".parse(), Ok(Cloud::Global));
        assert_eq!("germany".parse::<Cloud>(), Err(UnknownCloud));
    }

    #[test]
    fn every_cloud_accepts_its_own_graph_as_audience() {
        for cloud in Cloud::ALL {
            assert!(cloud.audiences().contains(&cloud.graph()), "{cloud}");
            assert!(cloud.audiences().contains(&crate::GRAPH_APP_ID), "{cloud}");
        }
    }

    #[test]
    fn every_cloud_issues_from_its_own_authority() {
        for cloud in Cloud::ALL {
            let host = cloud.authority().trim_start_matches("https://");
            assert!(cloud.issuer_hosts().contains(&host), "{cloud}");
        }
    }
}
