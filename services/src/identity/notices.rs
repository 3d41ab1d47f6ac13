//! What people are told about their own account.

use crate::notifications::{Category, Channel, NewNotification, Severity, notify};
use crate::scope::DoorwayTx;
use crate::{Doorway, Reads, Result, Scope};
use chrono::SecondsFormat;
use entities::Timestamp;
use entities::identity::{membership, session};
use sea_orm::ColumnTrait;

/// Commits the end of a session whose refresh token came back, together with the news of it.
pub(super) async fn commit_reuse(tx: DoorwayTx, doorway: &Doorway, session: &session::Model) -> Result<()> {
    // An account without an organisation has no list to read it in.
    let Some(tenant) = session.tenant_id else { return tx.commit().await };
    let scope = Scope::system(doorway.app(), tenant, doorway.locale());
    let txn = tx.enter(&scope).await?;
    let myself = txn.select::<membership::Entity>().filter(membership::Column::UserId.eq(session.user_id)).one().await?;
    let at = |at: Timestamp| at.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true);
    let new = NewNotification {
        to: myself.map(|member| member.id).into_iter().collect(),
        category: Category::Security,
        severity: Severity::Warning,
        key: "session-reuse",
        params: serde_json::json!({ "at": at(txn.now()), "since": at(session.created_at) }),
        subject: None,
        channels: vec![Channel::InApp, Channel::Email],
        dedup_key: Some(format!("session-reuse:{}", session.id)),
    };
    notify(&txn, new).await?;
    txn.commit().await
}

#[cfg(test)]
mod tests {
    use crate::identity::sessions::{refresh, sign_in};
    use crate::locale::Locale;
    use crate::notifications::{Category, words};
    use crate::testing::{Fixture, PASSWORD};
    use crate::{Code, Doorway, Error, Reads};
    use chrono::TimeDelta;
    use entities::notifications::notification;

    #[tokio::test]
    async fn a_person_is_told_once_that_a_token_came_back() {
        let fixture = Fixture::new().await;
        let doorway = || Doorway::new(&fixture.app, Locale::Fr);
        let session = sign_in(&doorway(), &fixture.email().await, PASSWORD.to_owned(), None, None).await.unwrap();
        refresh(&doorway(), &session.refresh_token).await.unwrap();
        fixture.app.clock().advance(TimeDelta::minutes(1));
        let reused = refresh(&doorway(), &session.refresh_token).await;
        assert!(matches!(reused, Err(Error::Refused(why)) if why[0].code == Code::TokenReused));
        assert!(refresh(&doorway(), &session.refresh_token).await.is_err());
        let told = fixture.again().select::<notification::Entity>().all().await.unwrap();
        assert_eq!(told.iter().map(|row| (row.category, row.user_id)).collect::<Vec<_>>(), [(Category::Security, fixture.caller.user)]);
        let body = words(&told[0], Locale::Fr, "Africa/Dakar").body;
        assert!(body.starts_with("Le 1er décembre 2026 à 09:01,") && body.contains("ouverte le 1er décembre 2026 à 09:00"), "{body}");
    }
}
