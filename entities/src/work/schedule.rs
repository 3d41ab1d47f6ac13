use crate::Timestamp;
use sea_orm::entity::prelude::*;

/// What this installation remembers of a schedule; its timetable is code.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "schedules")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub paused: bool,
    /// The latest instant it was due and dealt with.
    pub last_fire_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
