use crate::error::{OPERATOR, ORGANIZATION, Result};
use async_graphql::Context;
use services::audit::Asked;
use services::identity::Caller;
use services::locale::Locale;
use services::{App, Doorway, Error, Scope};
use std::sync::Arc;

/// Who sent this operation, put into the request by the engine.
pub struct Asking {
    pub app: App,
    pub caller: Option<Caller>,
    /// The language of this answer: the header's when it names one we speak, else the caller's own.
    pub locale: Locale,
    /// The request, as the audit log tells of it.
    pub asked: Arc<Asked>,
    /// The active organisation; none when signed out, or for an account alone.
    pub scope: Option<Scope>,
}

impl Asking {
    pub fn new(app: &App, caller: Option<Caller>, header: Option<Locale>, asked: Arc<Asked>) -> Self {
        let locale = Self::language(caller.as_ref(), header);
        let scope = caller.as_ref().and_then(|caller| caller.scope(app, locale));
        if let Some(scope) = &scope {
            scope.asked_in(asked.clone());
        }
        Self { app: app.clone(), caller, locale, asked, scope }
    }

    pub fn language(caller: Option<&Caller>, header: Option<Locale>) -> Locale {
        header.or_else(|| caller.map(|caller| caller.locale)).unwrap_or_default()
    }
}

/// What a resolver asks of its context.
pub trait Ask {
    fn asking(&self) -> &Asking;

    /// The caller in their active organisation; nobody signed in is refused, and so is an account without one.
    fn scope(&self) -> Result<&Scope> {
        let asking = self.asking();
        match (&asking.scope, &asking.caller) {
            (Some(scope), _) => Ok(scope),
            (None, Some(_)) => Err(Error::Forbidden(ORGANIZATION).into()),
            (None, None) => Err(Error::Unauthenticated.into()),
        }
    }

    fn caller(&self) -> Result<&Caller> {
        Ok(self.asking().caller.as_ref().ok_or(Error::Unauthenticated)?)
    }

    /// The caller, who is a person and signed in. Every mutation that is marked as theirs (`signed_in`) begins with this, so that
    /// no program touches an account; a test holds it against the schema.
    fn person(&self) -> Result<&Caller> {
        let caller = self.caller()?;
        caller.session()?;
        Ok(caller)
    }

    fn doorway(&self) -> Doorway {
        Doorway::new(&self.asking().app, self.asking().locale)
            .called_by(self.asking().scope.as_ref())
            .asked_in(Some(self.asking().asked.clone()))
    }

    fn locale(&self) -> Locale {
        self.asking().locale
    }

    /// Refuses everybody who does not run this installation.
    fn operator(&self) -> Result<&Caller> {
        let caller = self.caller()?;
        if caller.operator { Ok(caller) } else { Err(Error::Forbidden(OPERATOR).into()) }
    }
}

impl Ask for Context<'_> {
    fn asking(&self) -> &Asking {
        self.data_unchecked::<Asking>()
    }
}
