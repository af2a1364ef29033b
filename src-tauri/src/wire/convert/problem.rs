use engine::{Fault, FaultCode};

use crate::wire::{Problem, ProblemCode};

impl Problem {
    pub(crate) fn field(field: &'static str, what: String, fix: &str) -> Self {
        Self { code: ProblemCode::InvalidInput, field: Some(field.to_owned()), what, fix: fix.to_owned() }
    }

    pub(crate) fn not_ready(what: &str, fix: &str) -> Self {
        Self { code: ProblemCode::NotReady, field: None, what: what.to_owned(), fix: fix.to_owned() }
    }

    pub(crate) fn internal(what: &str) -> Self {
        let fix = "This is a fault of Gatehouse. Close it and start it again.".to_owned();
        Self { code: ProblemCode::Internal, field: None, what: what.to_owned(), fix }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let code = match fault.code {
            FaultCode::InvalidInput => ProblemCode::InvalidInput,
            FaultCode::UnknownConnection => ProblemCode::UnknownConnection,
            FaultCode::NotReady | FaultCode::SecretGone => ProblemCode::NotReady,
            FaultCode::Busy => ProblemCode::Busy,
            FaultCode::Cancelled => ProblemCode::Cancelled,
            FaultCode::KeychainMissing => ProblemCode::KeychainMissing,
            FaultCode::KeychainLocked => ProblemCode::KeychainLocked,
            FaultCode::StoreDamaged => ProblemCode::StoreDamaged,
            FaultCode::StorageFailed | FaultCode::StorageFull => ProblemCode::StorageFailed,
            FaultCode::AlreadyThere => ProblemCode::AlreadyThere,
            FaultCode::Network => ProblemCode::Network,
            FaultCode::Quarantined => ProblemCode::Quarantined,
            FaultCode::Internal => ProblemCode::Internal,
        };
        Self { code, field: fault.field.map(str::to_owned), what: fault.what, fix: fault.fix }
    }
}
