//! One view for each step.

mod access;
mod consent;
mod credential;
mod permissions;
mod prepare;
mod registration;
mod write;
