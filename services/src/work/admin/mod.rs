//! What people see of jobs and queues, and what they may do about them.
//!
//! Each sits at a [`Desk`], which says whose jobs they see: an operator all, a member their organisation's. Queues and
//! schedules are for operators only.

mod acts;
mod interventions;
mod jobs;
mod queues;
mod schedules;

pub use acts::{OperatorAct, acts};
pub use entities::work::job;
pub use interventions::{discard, retry};
pub use jobs::{JobFilter, Standing, find, page, why};
pub use queues::{MOST_PER_ORGANIZATION, QueueDepth, limit_queue, pause_queue, queues, queues_for};
pub use schedules::{pause_schedule, schedules_for};

use crate::identity::{Caller, Permission};
use crate::locale::Locale;
use crate::scope::SystemScope;
use crate::{Error, Result, Scope, sql};
use entities::TenantId;
use entities::work::JobId;
use uuid::Uuid;

/// Who looks at the jobs: an operator at all, a member at their organisation's.
pub enum Desk {
    Operator(SystemScope, Locale),
    Organization(Scope),
}

impl Desk {
    /// The desk of a signed-in person; an operator's wherever they are an operator.
    pub fn of(caller: &Caller, system: SystemScope, locale: Locale) -> Result<Self> {
        if caller.operator {
            return Ok(Self::Operator(system, locale));
        }
        let scope = caller.scope(system.app(), locale).ok_or(Error::Forbidden(Permission::WorkJobRead.code()))?;
        Ok(Self::Organization(scope))
    }

    /// The system, for what only operators may do.
    fn operator(&self) -> Result<(&SystemScope, Locale)> {
        match self {
            Self::Operator(system, locale) => Ok((system, *locale)),
            Self::Organization(_) => Err(Error::Forbidden("operator")),
        }
    }

    /// A scope that may write the job, if there is such a job for this desk.
    async fn scope_of(&self, id: JobId) -> Result<Scope> {
        match self {
            Self::Organization(scope) => {
                scope.require(Permission::WorkJobManage)?;
                Ok(scope.clone())
            }
            Self::Operator(system, locale) => {
                let tx = system.read().await?;
                let tenant: Option<TenantId> = tx.statement(sql!("job_tenant.sql")).bind("id", id).value::<Uuid>().await?.map(TenantId);
                let scope = Scope::system(system.app(), tenant.ok_or(Error::NotFound)?, *locale);
                if let Some(caller) = system.caller() {
                    scope.called_by(caller.clone());
                }
                if let Some(operator) = system.operating() {
                    scope.operated_by(operator.clone());
                }
                Ok(scope)
            }
        }
    }
}
