use crate::Timestamp;
use sea_orm::entity::prelude::*;

/// A queue an operator has paused or limited; one without a row runs with the defaults.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "queues")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub paused: bool,
    /// The most jobs of one organisation running at once; none: no cap.
    pub tenant_limit: Option<i32>,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
