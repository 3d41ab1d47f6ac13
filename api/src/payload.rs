//! Mutation payloads: what came of it, or why not.

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
