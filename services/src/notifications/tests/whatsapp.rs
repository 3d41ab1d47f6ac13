use super::twilio_fake::{Answer, PUBLIC_URL, TEMPLATE, TwilioFake, sign};
use super::*;
use crate::notifications::{deliver, twilio_status};
use crate::work::Running;
use crate::{Error, Result};
use chrono::TimeDelta;
use entities::notifications::{Content, DeliveryState};
use entities::work::job;
use sea_orm::ColumnTrait;

const PHONE: &str = "+221771234567";

struct Case {
    fixture: Fixture,
    fake: TwilioFake,
}

/// An owner who can be written to, and a message for them.
async fn case() -> Case {
    case_at(PUBLIC_URL).await
}

/// The same where the API says it is reached at this address.
async fn case_at(public_url: &str) -> Case {
    let fake = TwilioFake::start().await;
    let mut settings = fake.settings();
    settings.push(("PUBLIC_URL", public_url.to_owned()));
    let vars: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let fixture = Fixture::with(&vars).await;
    on_whatsapp(&fixture, PHONE).await;
    tell(&fixture, telling(&fixture.scope, &[Channel::Whatsapp])).await;
    Case { fixture, fake }
}

impl Case {
    async fn deliver(&self) -> Result<()> {
        run_deliver(&self.fixture).await
    }

    async fn delivery(&self, channel: Channel) -> delivery::Model {
        deliveries(&self.fixture.scope).await.into_iter().find(|row| row.channel == channel).expect("there is one")
    }

    async fn callback(&self, fields: &[(&str, &str)]) -> Result<()> {
        let url = format!("{PUBLIC_URL}/webhooks/twilio");
        let params: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        twilio_status(&self.fixture.app, &url, &sign(&url, &params), params).await
    }

    async fn status(&self, sid: &str, status: &str, code: &str) -> Result<()> {
        self.callback(&[("MessageSid", sid), ("MessageStatus", status), ("ErrorCode", code), ("To", "x"), ("NewField", "y")]).await
    }

    async fn inbound(&self, sid: &str, body: &str) {
        let from = format!("whatsapp:{PHONE}");
        self.callback(&[("MessageSid", sid), ("SmsStatus", "received"), ("From", &from), ("Body", body)]).await.unwrap();
    }
}

/// Runs the oldest waiting delivery as its job would.
async fn run_deliver(fixture: &Fixture) -> Result<()> {
    let scope = Scope::system(&fixture.app, fixture.scope.tenant(), crate::locale::Locale::Fr);
    let waiting = deliveries(&scope).await.into_iter().find(|row| row.state == DeliveryState::Queued).expect("one waits");
    deliver(&scope, &Running::detached(scope.tenant()), crate::notifications::Deliver { delivery: waiting.id }).await
}

async fn consent(fixture: &Fixture) -> (bool, Option<String>) {
    let tx = crate::Doorway::new(&fixture.app, crate::locale::Locale::Fr).read().await.unwrap();
    let user = tx.find::<user::Entity>(fixture.caller.user).await.unwrap().unwrap();
    (user.whatsapp_consent_at.is_some(), user.whatsapp_consent_source)
}

#[tokio::test]
async fn asks_for_no_callback_to_where_twilio_cannot_reach() {
    let case = case_at("http://127.0.0.1:8000").await;
    case.deliver().await.unwrap();
    let (_, fields) = case.fake.taken().remove(0);
    assert_eq!((fields.get("StatusCallback"), fields["ContentSid"].as_str()), (None, TEMPLATE));
}

#[tokio::test]
async fn sends_the_template_outside_the_window_and_words_inside() {
    let case = case().await;
    case.deliver().await.unwrap();
    let (sid, fields) = case.fake.taken().remove(0);
    assert_eq!((fields["To"].as_str(), fields["From"].as_str()), ("whatsapp:+221771234567", "whatsapp:+221338000000"));
    assert_eq!((fields["ContentSid"].as_str(), fields.get("Body")), (TEMPLATE, None));
    assert_eq!(fields["StatusCallback"], format!("{PUBLIC_URL}/webhooks/twilio"));
    let variables: serde_json::Value = serde_json::from_str(&fields["ContentVariables"]).unwrap();
    assert_eq!(variables["1"], "[Test] Alerte d'essai");
    let sent = case.delivery(Channel::Whatsapp).await;
    assert_eq!((sent.state, sent.provider.as_deref(), sent.attempts), (DeliveryState::Sent, Some("twilio"), 1));
    assert_eq!((sent.provider_message_id, sent.content), (Some(sid), Some(Content::Template)));

    case.inbound("SMin1", "Bonjour").await;
    tell(&case.fixture, telling(&case.fixture.scope, &[Channel::Whatsapp])).await;
    case.deliver().await.unwrap();
    let (_, fields) = case.fake.taken().remove(1);
    assert!(fields["Body"].starts_with("*[Test] Alerte d'essai*\n") && !fields.contains_key("ContentSid"));

    case.fixture.app.clock().advance(TimeDelta::hours(24));
    tell(&case.fixture, telling(&case.fixture.scope, &[Channel::Whatsapp])).await;
    case.deliver().await.unwrap();
    assert!(case.fake.taken()[2].1.contains_key("ContentSid"), "the window has closed");
}

#[tokio::test]
async fn takes_statuses_in_any_order_and_more_than_once() {
    for order in [["sent", "delivered", "read"], ["read", "sent", "delivered"], ["delivered", "read", "sent"], ["read", "read", "sent"]] {
        let case = case().await;
        case.deliver().await.unwrap();
        let sid = case.delivery(Channel::Whatsapp).await.provider_message_id.unwrap();
        for status in order {
            case.status(&sid, status, "").await.unwrap();
            case.status(&sid, "queued", "").await.unwrap();
        }
        let read = case.delivery(Channel::Whatsapp).await;
        assert_eq!(read.state, DeliveryState::Read, "{order:?}");
        case.fixture.app.clock().advance(TimeDelta::hours(1));
        case.status(&sid, "read", "").await.unwrap();
        case.status(&sid, "undelivered", "63024").await.unwrap();
        assert_eq!(case.delivery(Channel::Whatsapp).await, read, "nothing changes any more");
    }
}

#[tokio::test]
async fn refuses_forged_callbacks_and_ignores_unknown_messages() {
    let case = case().await;
    let params = vec![("MessageSid".to_owned(), "SM1".to_owned()), ("MessageStatus".to_owned(), "read".to_owned())];
    let url = format!("{PUBLIC_URL}/webhooks/twilio");
    let forged = twilio_status(&case.fixture.app, &url, &sign("https://elsewhere.example", &params), params.clone()).await;
    assert!(matches!(forged, Err(Error::Forbidden(_))));
    let with_port = "https://api.teranga.example:443/webhooks/twilio";
    twilio_status(&case.fixture.app, &url, &sign(with_port, &params), params).await.unwrap();
    assert_eq!(case.delivery(Channel::Whatsapp).await.state, DeliveryState::Queued);
}

#[tokio::test]
async fn keeps_a_status_that_is_quicker_than_the_answer() {
    let case = case().await;
    let sid = super::twilio_fake::sid(1);
    case.status(&sid, "delivered", "").await.unwrap();
    case.status(&sid, "sent", "").await.unwrap();
    case.deliver().await.unwrap();
    let arrived = case.delivery(Channel::Whatsapp).await;
    assert_eq!((arrived.state, arrived.provider_message_id), (DeliveryState::Delivered, Some(sid)));
}

#[tokio::test]
async fn asks_for_another_try_when_nothing_was_processed() {
    let case = case().await;
    case.fake.will([Answer::Refuse(429, 20429), Answer::Refuse(429, 20429)]);
    for attempt in 1..=2 {
        case.deliver().await.unwrap();
        let waiting = case.delivery(Channel::Whatsapp).await;
        assert_eq!((waiting.state, waiting.attempts, waiting.error_code), (DeliveryState::Queued, attempt, Some(20429)));
    }
    case.deliver().await.unwrap();
    let sent = case.delivery(Channel::Whatsapp).await;
    assert_eq!((sent.state, sent.attempts, sent.error), (DeliveryState::Sent, 3, None));
}

#[tokio::test]
async fn never_knowingly_sends_twice() {
    let case = case().await;
    // Taken, but the answer was an error: the next try finds the message and sends no other.
    case.fake.will([Answer::TakeAndFail]);
    case.deliver().await.unwrap();
    case.deliver().await.unwrap();
    let sent = case.delivery(Channel::Whatsapp).await;
    assert_eq!((sent.state, sent.provider_message_id), (DeliveryState::Sent, Some(case.fake.taken()[0].0.clone())));
    assert_eq!((case.fake.requests(), case.fake.taken().len()), (1, 1));
    // Not taken: the next try sends, and does not mistake the first message for this one.
    tell(&case.fixture, telling(&case.fixture.scope, &[Channel::Whatsapp])).await;
    case.fake.will([Answer::Refuse(503, 20503)]);
    case.deliver().await.unwrap();
    case.deliver().await.unwrap();
    assert_eq!((case.fake.requests(), case.fake.taken().len()), (3, 2));
}

#[tokio::test]
async fn finds_a_long_message_that_was_taken() {
    let case = case().await;
    let names: Vec<String> = (0..40).map(|n| format!("Café Touba moulu, paquet n° {n}")).collect();
    let params = serde_json::json!({ "names": names, "count": 40, "more": 0, "still": 0, "where": "" });
    tell(&case.fixture, NewNotification { key: "stock-alert-stock-out", params, ..telling(&case.fixture.scope, &[Channel::Whatsapp]) })
        .await;
    case.fake.will([Answer::TakeAndFail, Answer::TakeAndFail]);
    for _ in 0..4 {
        case.deliver().await.unwrap();
    }
    assert_eq!((case.fake.requests(), case.fake.taken().len()), (2, 2), "one request for each");
}

#[tokio::test]
async fn a_killed_worker_does_not_send_again_what_was_taken() {
    let case = case().await;
    case.fake.will([Answer::TakeAndHang]);
    // The process dies while Twilio keeps the answer.
    let cut = tokio::time::timeout(std::time::Duration::from_secs(2), case.deliver()).await;
    assert!(cut.is_err() && case.fake.taken().len() == 1);
    case.deliver().await.unwrap();
    let sent = case.delivery(Channel::Whatsapp).await;
    assert_eq!((sent.state, sent.attempts, case.fake.requests()), (DeliveryState::Sent, 2, 1));
}

#[tokio::test]
async fn a_permanent_error_is_final_and_goes_out_by_mail() {
    for code in [21211, 63003, 63024] {
        let case = case().await;
        case.fake.will([Answer::Refuse(400, code)]);
        case.deliver().await.unwrap();
        let failed = case.delivery(Channel::Whatsapp).await;
        assert_eq!((failed.state, failed.error_code), (DeliveryState::Failed, Some(code)));
        let shown = crate::notifications::trouble(&failed, crate::locale::Locale::Fr).unwrap();
        assert!(shown.ends_with(&format!(" ({code})")) && !shown.contains("request failed"), "{shown}");
        assert_eq!(case.delivery(Channel::Email).await.state, DeliveryState::Queued);
        case.deliver().await.unwrap();
        assert_eq!(case.delivery(Channel::Email).await.state, DeliveryState::Sent);
    }
}

#[tokio::test]
async fn does_not_mail_what_was_mailed_already() {
    let case = case().await;
    tell(&case.fixture, telling(&case.fixture.scope, &[Channel::Whatsapp, Channel::Email])).await;
    case.fake.will([Answer::Refuse(400, 63003), Answer::Refuse(400, 63003)]);
    while deliveries(&case.fixture.scope).await.iter().any(|row| row.state == DeliveryState::Queued) {
        case.deliver().await.unwrap();
    }
    let mails = deliveries(&case.fixture.scope).await.into_iter().filter(|row| row.channel == Channel::Email).count();
    assert_eq!(mails, 2, "one each, the second by choice");
}

#[tokio::test]
async fn words_that_are_refused_go_as_a_template() {
    let case = case().await;
    case.inbound("SMin1", "Bonjour").await;
    case.fake.will([Answer::Refuse(400, 63016)]);
    case.deliver().await.unwrap();
    let sent = case.delivery(Channel::Whatsapp).await;
    assert_eq!((sent.state, sent.content, case.fake.requests()), (DeliveryState::Sent, Some(Content::Template), 2));

    // The same news by callback.
    tell(&case.fixture, telling(&case.fixture.scope, &[Channel::Whatsapp])).await;
    case.deliver().await.unwrap();
    let sid = case.fake.taken()[1].0.clone();
    case.status(&sid, "undelivered", "63016").await.unwrap();
    case.deliver().await.unwrap();
    let last = case.fake.taken().pop().unwrap();
    assert!(last.1.contains_key("ContentSid"));
    case.status(&sid, "undelivered", "63016").await.unwrap();
    case.status(&last.0, "failed", "63016").await.unwrap();
    let mut states: Vec<DeliveryState> =
        deliveries(&case.fixture.scope).await.into_iter().filter(|row| row.channel == Channel::Whatsapp).map(|row| row.state).collect();
    states.sort_unstable();
    assert_eq!(states, [DeliveryState::Sent, DeliveryState::Failed], "a template that is refused is final");
}

#[tokio::test]
async fn holds_what_the_daily_limit_stops() {
    let case = case().await;
    case.fake.will([Answer::Refuse(400, 63018)]);
    let scope = case.fixture.again();
    let txn = scope.begin().await.unwrap();
    // As when its job ends: the job of the hold takes the place of the one that met the limit.
    for row in txn.select::<job::Entity>().all().await.unwrap() {
        txn.delete::<job::Entity>(row.id).await.unwrap();
    }
    txn.commit().await.unwrap();
    case.deliver().await.unwrap();
    let held = case.delivery(Channel::Whatsapp).await;
    assert_eq!((held.state, held.error_code), (DeliveryState::Queued, Some(63018)));
    let jobs = case.fixture.again().select::<job::Entity>().filter(job::Column::Kind.eq("notifications.deliver")).all().await.unwrap();
    let wait = jobs[0].run_at.since(scope.now());
    assert!(wait >= TimeDelta::minutes(50) && wait <= TimeDelta::minutes(70), "{wait}");
    case.fixture.app.clock().advance(TimeDelta::hours(49));
    case.fake.will([Answer::Refuse(400, 63018)]);
    case.deliver().await.unwrap();
    assert_eq!(case.delivery(Channel::Whatsapp).await.state, DeliveryState::Failed, "given up after two days");
}

#[tokio::test]
async fn stop_takes_the_consent_back_and_what_waits_is_not_sent() {
    for word in ["STOP", " arret ", "Arrêt"] {
        let case = case().await;
        assert_eq!(consent(&case.fixture).await, (true, Some("test".into())));
        case.inbound("SMin7", word).await;
        assert_eq!(consent(&case.fixture).await, (false, Some(format!("WHATSAPP:{}", word.trim().to_uppercase()))));
        case.deliver().await.unwrap();
        let kept = case.delivery(Channel::Whatsapp).await;
        assert_eq!((kept.state, kept.suppressed_because.as_deref()), (DeliveryState::Suppressed, Some("NO_CONSENT")));
        assert_eq!(case.fake.requests(), 0);
        // Given again, it is not taken back by the same message told twice.
        on_whatsapp(&case.fixture, PHONE).await;
        case.inbound("SMin7", word).await;
        assert!(consent(&case.fixture).await.0);
    }
}

#[tokio::test]
async fn writes_to_the_outbox_without_an_account() {
    let fixture = Fixture::new().await;
    on_whatsapp(&fixture, PHONE).await;
    tell(&fixture, telling(&fixture.scope, &[Channel::Whatsapp])).await;
    run_deliver(&fixture).await.unwrap();
    let sent = deliveries(&fixture.scope).await.remove(0);
    assert_eq!((sent.state, sent.provider.as_deref()), (DeliveryState::Sent, Some("outbox")));
    let file = fixture.data_dir().join(format!("outbox/whatsapp/{}.json", sent.id));
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(file["form"]["To"], "whatsapp:+221771234567");
    assert!(file["form"]["ContentVariables"].as_str().unwrap().contains("[Test]"));
    assert!(file["text"].as_str().unwrap().starts_with("*[Test]"));
}
