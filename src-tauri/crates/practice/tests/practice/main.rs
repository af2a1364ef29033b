//! The practice tenant from outside: every endpoint and every refusal over real TLS, with another HTTP client.

#[cfg(test)]
mod authority;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod certificate;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod consent;
#[cfg(test)]
mod delta;
#[cfg(test)]
mod delta_members;
#[cfg(test)]
mod graph;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod network;
#[cfg(test)]
mod observed;
#[cfg(test)]
mod people;
#[cfg(test)]
mod registration;
#[cfg(test)]
mod running;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod storms;
#[cfg(test)]
mod support;
