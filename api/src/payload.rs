//! Mutation payloads: what came of it, or why not.

use crate::error::{Result, UserError};
use services::{Code, Error};

/// A payload of one nullable field and `userErrors`.
pub trait Payload {
    type Of;
    fn new(of: Option<Self::Of>, user_errors: Vec<UserError>) -> Self;
}

/// The payload of a change that names a version: after STALE_VERSION the present object comes along, so that a client can
/// merge.
pub async fn or_present<P: Payload>(
    changed: services::Result<P::Of>,
    present: impl Future<Output = services::Result<Option<P::Of>>>,
) -> Result<Option<P>> {
    let refusals = match changed {
        Ok(of) => return Ok(Some(P::new(Some(of), Vec::new()))),
        Err(Error::Refused(refusals)) => refusals,
        Err(error) => return Err(error.into()),
    };
    let stale = refusals.iter().any(|refusal| refusal.code == Code::StaleVersion);
    let present = if stale { present.await? } else { None };
    Ok(Some(P::new(present, refusals.into_iter().map(Into::into).collect())))
}

/// Declares a payload of one nullable field and `userErrors`, made from a service's result.
#[macro_export]
macro_rules! payload {
    ($($name:ident { $(#[doc = $doc:literal])* $field:ident: $type:ty }),* $(,)?) => {$(
        #[doc = concat!("What came of the mutation: `", stringify!($field), "`, or why not.")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(#[doc = $doc])*
            pub $field: Option<$type>,
            /// Every rule that refused the input; empty when all went well.
            pub user_errors: Vec<$crate::error::UserError>,
        }

        impl $crate::payload::Payload for $name {
            type Of = $type;
            fn new($field: Option<$type>, user_errors: Vec<$crate::error::UserError>) -> Self {
                Self { $field, user_errors }
            }
        }

        impl $name {
            /// Refusals become data; every other error stays one.
            pub fn of(result: services::Result<$type>) -> $crate::error::Result<Self> {
                match result {
                    Ok(value) => Ok(Self { $field: Some(value), user_errors: Vec::new() }),
                    Err(services::Error::Refused(refusals)) => {
                        Ok(Self { $field: None, user_errors: refusals.into_iter().map(Into::into).collect() })
                    }
                    Err(error) => Err(error.into()),
                }
            }
        }
    )*};
}
