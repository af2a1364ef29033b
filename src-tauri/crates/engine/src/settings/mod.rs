//! Where Gatehouse keeps its data, and every environment variable it reads.

mod environment;
mod home;

pub use environment::{Environment, NoEnvironment, ProcessEnvironment, VARIABLES, Variable, names};
pub use home::{documents_folder, home_folder};
