//! Whom a rule tells, and over what.

use super::Checked;
use crate::alerts::rules::joined;
use crate::locale::Locale;
use crate::notifications::{self, Channel};
use crate::scope::TenantTx;
use crate::{Code, Reads, Refusals, Result};
use entities::identity::membership::{self, MembershipKind};
use entities::identity::{MembershipId, RoleId, role};

/// Most members, and most roles, a rule tells.
const MOST_PEOPLE: usize = 100;

impl Checked {
    pub(super) fn change_channels(&mut self, channels: &[Channel], locale: Locale, refusals: &mut Refusals) {
        match unfit(channels) {
            Some(key) => refusals.add(Code::Invalid, "channels", locale.say(key, &[])),
            None => self.is.channels = joined(&once_each(channels.to_vec())),
        }
    }

    pub(super) fn change_recipients(
        &mut self,
        members: Option<Vec<MembershipId>>,
        roles: Option<Vec<RoleId>>,
        locale: Locale,
        refusals: &mut Refusals,
    ) {
        for (list, path) in [(members.as_ref().map(Vec::len), "recipientIds"), (roles.as_ref().map(Vec::len), "recipientRoleIds")] {
            if list.is_some_and(|people| people > MOST_PEOPLE) {
                refusals.add(Code::LimitReached, path, locale.say("rule-recipients-too-many", &[]));
            }
        }
        let few = |people: usize| people <= MOST_PEOPLE;
        self.recipients = members.filter(|people| few(people.len())).map(once_each);
        self.roles = roles.filter(|roles| few(roles.len())).map(once_each);
    }

    pub(super) async fn check_recipients(&self, txn: &TenantTx<'_>, refusals: &mut Refusals) -> Result<()> {
        let mut missing = |path: &str, key: &str| refusals.add(Code::NotFound, path, txn.locale().say(key, &[]));
        let members = txn.by_ids::<membership::Entity>(self.recipients.as_deref().unwrap_or(&[])).await?;
        for (place, id) in self.recipients.iter().flatten().enumerate() {
            if members.get(id).is_none_or(|member| member.kind != MembershipKind::Person) {
                missing(&format!("recipientIds.{place}"), "member-unknown");
            }
        }
        let roles = txn.by_ids::<role::Entity>(self.roles.as_deref().unwrap_or(&[])).await?;
        for (place, id) in self.roles.iter().flatten().enumerate() {
            if !roles.contains_key(id) {
                missing(&format!("recipientRoleIds.{place}"), "role-unknown");
            }
        }
        Ok(())
    }
}

/// Why these channels can tell nobody.
fn unfit(channels: &[Channel]) -> Option<&'static str> {
    if channels.is_empty() {
        return Some("rule-channels-none");
    }
    let all = channels.iter().all(|channel| notifications::is_available(*channel));
    (!all).then_some("notification-channel-unavailable")
}

fn once_each<I: Ord>(mut ids: Vec<I>) -> Vec<I> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
