//! Providers and links that are away for hours, over real connections, with the clock moved and the ledger's own jobs.

use super::smtp_fake::SmtpFake;
use super::twilio_fake::{Answer, TwilioFake};
use super::*;
use crate::SystemScope;
use crate::locale::Locale;
use crate::notifications::deliver;
use crate::work::{Claimer, Outcome, settle};
use chrono::TimeDelta;
use entities::Timestamp;
use entities::notifications::DeliveryState;
use entities::work::job::{self, JobState};
use sea_orm::ColumnTrait;

const PHONE: &str = "+221771234567";

/// Works off what is due, as a worker would.
async fn work(fixture: &Fixture) {
    let system = SystemScope::new(&fixture.app);
    for job in Claimer::new(&fixture.app, "notifications").claim(10).await.unwrap() {
        let scope = Scope::system(&fixture.app, job.tenant, Locale::Fr);
        let done = deliver(&scope, &job, serde_json::from_str(&job.payload).unwrap()).await;
        let end = match done {
            Ok(()) if job.is_completed() => continue,
            Ok(()) => Outcome::Completed,
            Err(error) => Outcome::of_error(&fixture.app, &job, &error),
        };
        settle(&system, &[((job.id, job.lease_token.unwrap()), end)]).await.unwrap();
    }
}

async fn waiting_jobs(fixture: &Fixture) -> Vec<job::Model> {
    let scope = fixture.again();
    let waiting = scope.select::<job::Entity>().filter(job::Column::State.eq(JobState::Queued));
    waiting.filter(job::Column::Queue.eq("notifications")).all().await.unwrap()
}

/// Lets so many hours pass, from one due job to the next; answers the longest pause between two of them.
async fn pass(fixture: &Fixture, hours: i64) -> TimeDelta {
    let now = || fixture.app.now();
    let until = now().plus(TimeDelta::hours(hours));
    let mut longest = TimeDelta::zero();
    while now() < until {
        work(fixture).await;
        let next = waiting_jobs(fixture).await.iter().map(|job| job.run_at).min().unwrap_or(until);
        let pause = next.min(until).since(now()).max(TimeDelta::microseconds(1));
        longest = longest.max(pause);
        fixture.app.clock().advance(pause);
    }
    work(fixture).await;
    longest
}

async fn tell_of(fixture: &Fixture, category: Category, channels: &[Channel]) {
    let mut new = telling(&fixture.scope, channels);
    new.category = category;
    tell(fixture, new).await;
}

async fn with(settings: &[(&'static str, String)]) -> Fixture {
    let vars: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let fixture = Fixture::with(&vars).await;
    on_whatsapp(&fixture, PHONE).await;
    fixture
}

/// A port where nobody listens.
fn quiet_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn states(fixture: &Fixture) -> Vec<(Channel, DeliveryState)> {
    deliveries(&fixture.scope).await.iter().map(|row| (row.channel, row.state)).collect()
}

#[tokio::test]
async fn a_provider_that_is_away_or_does_not_know_us_for_most_of_a_day_loses_nothing() {
    for (status, code) in [(503, 20503), (429, 20429), (401, 20003), (403, 20003), (404, 20404)] {
        let fake = TwilioFake::start().await;
        let fixture = with(&fake.settings()).await;
        fake.will_always(Some(Answer::Refuse(status, code)));
        tell_of(&fixture, Category::StockAlert, &[Channel::Whatsapp]).await;
        let longest = pass(&fixture, 20).await;
        let waiting = deliveries(&fixture.scope).await.remove(0);
        assert_eq!((waiting.state, waiting.error_code, waiting.unanswered), (DeliveryState::Queued, Some(code), 0), "{status}");
        let shown = crate::notifications::trouble(&waiting, Locale::Fr).unwrap();
        assert!(shown.starts_with("Pas encore parti") && shown.contains(&code.to_string()), "what is wrong can be seen meanwhile: {shown}");
        assert!((20..=60).contains(&fake.requests()), "{} attempts", fake.requests());
        assert!(longest <= TimeDelta::hours(1), "{longest}");
        fake.will_always(None);
        pass(&fixture, 1).await;
        assert_eq!(states(&fixture).await, [(Channel::Whatsapp, DeliveryState::Sent)]);
        assert_eq!((fake.taken().len(), waiting_jobs(&fixture).await.len()), (1, 0));
    }
}

#[tokio::test]
async fn a_link_that_is_down_for_most_of_a_day_loses_nothing() {
    let (http, smtp) = (quiet_port(), quiet_port());
    let mut settings = TwilioFake::settings_of(&format!("http://127.0.0.1:{http}"));
    settings.push(("SMTP_URL", format!("smtp://127.0.0.1:{smtp}")));
    let fixture = with(&settings).await;
    tell_of(&fixture, Category::StockAlert, &[Channel::Email, Channel::Whatsapp]).await;
    pass(&fixture, 20).await;
    for waiting in deliveries(&fixture.scope).await {
        assert_eq!((waiting.state, waiting.unanswered), (DeliveryState::Queued, 0), "{waiting:?}");
        assert!(waiting.error.is_some() && waiting.unsure_since.is_none(), "{waiting:?}");
    }
    let (twilio, mail) = (TwilioFake::start_at(http).await, SmtpFake::start_at(smtp).await);
    pass(&fixture, 1).await;
    assert_eq!(states(&fixture).await, [(Channel::Email, DeliveryState::Sent), (Channel::Whatsapp, DeliveryState::Sent)]);
    assert_eq!((twilio.taken().len(), mail.post.lock().unwrap().mails.len()), (1, 1));
}

#[tokio::test]
async fn a_short_outage_costs_about_as_long_again() {
    let fake = TwilioFake::start().await;
    let fixture = with(&fake.settings()).await;
    fake.will_always(Some(Answer::Refuse(503, 20503)));
    tell_of(&fixture, Category::StockAlert, &[Channel::Whatsapp]).await;
    let told_at = fixture.app.now();
    work(&fixture).await;
    for _ in 0..6 {
        let next: Timestamp = waiting_jobs(&fixture).await[0].run_at;
        let age = fixture.app.now().since(told_at);
        let wait = next.since(fixture.app.now());
        let bound = age.max(TimeDelta::seconds(20));
        assert!(wait >= bound / 2 && wait <= bound, "{wait} at {age}");
        fixture.app.clock().advance(wait);
        work(&fixture).await;
    }
}

#[tokio::test]
async fn an_alert_is_given_up_after_a_day_and_the_rest_after_two() {
    let fake = TwilioFake::start().await;
    let fixture = with(&fake.settings()).await;
    fake.will_always(Some(Answer::Refuse(503, 20503)));
    tell_of(&fixture, Category::StockAlert, &[Channel::Whatsapp]).await;
    pass(&fixture, 23).await;
    assert_eq!(states(&fixture).await, [(Channel::Whatsapp, DeliveryState::Queued)]);
    pass(&fixture, 3).await;
    let given_up = [(Channel::Email, DeliveryState::Sent), (Channel::Whatsapp, DeliveryState::Failed)];
    assert_eq!(states(&fixture).await, given_up, "by e-mail, then");
    tell_of(&fixture, Category::System, &[Channel::Whatsapp]).await;
    pass(&fixture, 47).await;
    assert_eq!(states(&fixture).await.iter().filter(|row| row.1 == DeliveryState::Queued).count(), 1);
    pass(&fixture, 3).await;
    assert!(states(&fixture).await.iter().all(|row| row.1 != DeliveryState::Queued));
}

#[tokio::test]
async fn what_is_handed_over_ten_times_without_an_answer_is_given_up() {
    let fake = TwilioFake::start().await;
    let fixture = with(&fake.settings()).await;
    fake.will_always(Some(Answer::Portal));
    tell_of(&fixture, Category::StockAlert, &[Channel::Whatsapp, Channel::InApp]).await;
    pass(&fixture, 1).await;
    let waiting = deliveries(&fixture.scope).await.pop().unwrap();
    assert!(waiting.state == DeliveryState::Queued && (1..10).contains(&waiting.unanswered), "an hour is survived: {waiting:?}");
    pass(&fixture, 9).await;
    let failed = deliveries(&fixture.scope).await.pop().unwrap();
    assert_eq!((failed.state, failed.attempts, fake.requests()), (DeliveryState::Failed, 10, 10));
}
