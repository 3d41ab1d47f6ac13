use super::smtp_fake::SmtpFake;
use super::*;
use crate::Result;
use crate::notifications::{Deliver, deliver, test_send};
use crate::work::Running;
use entities::notifications::DeliveryState;

async fn carry(fixture: &Fixture) -> Result<()> {
    let scope = Scope::system(&fixture.app, fixture.scope.tenant(), crate::locale::Locale::Fr);
    let waiting = deliveries(&scope).await.into_iter().find(|row| row.state == DeliveryState::Queued).expect("one waits");
    deliver(&scope, &Running::detached(scope.tenant()), Deliver { delivery: waiting.id }).await
}

#[tokio::test]
async fn sends_over_smtp_in_text_and_html() {
    let server = SmtpFake::start().await;
    let fixture = Fixture::with(&[("SMTP_URL", &server.url), ("PUBLIC_URL", "https://api.teranga.example")]).await;
    test_send(&fixture.again(), Channel::Email).await.unwrap();
    carry(&fixture).await.unwrap();
    let sent = deliveries(&fixture.scope).await.remove(0);
    assert_eq!((sent.state, sent.provider.as_deref()), (DeliveryState::Sent, Some("smtp")));
    let mail = server.post.lock().unwrap().mails.remove(0);
    for part in ["multipart/alternative", "text/plain", "text/html", "Auto-Submitted: auto-generated", "Content-Language: fr"] {
        assert!(mail.contains(part), "{part} in {mail}");
    }
    assert!(mail.contains(&format!("Message-ID: <{}@api.teranga.example>", sent.id)));
}

#[tokio::test]
async fn a_mailbox_that_refuses_bounces_and_a_busy_server_is_tried_again() {
    let server = SmtpFake::start().await;
    let fixture = Fixture::with(&[("SMTP_URL", &server.url)]).await;
    tell(&fixture, telling(&fixture.scope, &[Channel::Email])).await;
    server.post.lock().unwrap().answers = vec!["550 no such mailbox", "451 come back later"];
    carry(&fixture).await.unwrap();
    let waiting = deliveries(&fixture.scope).await.remove(0);
    assert_eq!((waiting.state, waiting.error_code), (DeliveryState::Queued, Some(451)));
    carry(&fixture).await.unwrap();
    let bounced = deliveries(&fixture.scope).await.remove(0);
    assert_eq!((bounced.state, bounced.error_code), (DeliveryState::Bounced, Some(550)));
    assert!(server.post.lock().unwrap().mails.is_empty());
}

#[tokio::test]
async fn writes_eml_files_without_a_server() {
    let fixture = Fixture::new().await;
    test_send(&fixture.again(), Channel::Email).await.unwrap();
    carry(&fixture).await.unwrap();
    let sent = deliveries(&fixture.scope).await.remove(0);
    let file = fixture.data_dir().join(format!("outbox/mail/{}.eml", sent.id));
    let mail = std::fs::read(file).unwrap();
    let mail = String::from_utf8(mail).unwrap();
    assert!(mail.starts_with("From: ") && mail.contains("Subject: [Test] Alerte d'essai\r\n"), "{mail}");
}

#[tokio::test]
async fn what_we_cannot_write_waits_until_we_can() {
    let fixture = Fixture::new().await;
    let in_the_way = fixture.data_dir().join("outbox");
    std::fs::write(&in_the_way, "a file where the folder goes").unwrap();
    test_send(&fixture.again(), Channel::Email).await.unwrap();
    carry(&fixture).await.unwrap();
    let waiting = deliveries(&fixture.scope).await.remove(0);
    assert_eq!((waiting.state, waiting.error.as_deref()), (DeliveryState::Queued, Some("a fault on our side")));
    std::fs::remove_file(in_the_way).unwrap();
    carry(&fixture).await.unwrap();
    assert_eq!(deliveries(&fixture.scope).await[0].state, DeliveryState::Sent);
}

#[tokio::test]
async fn an_address_that_is_none_is_nobodys_to_wait_for() {
    let server = SmtpFake::start().await;
    for vars in [vec![("SMTP_URL", server.url.as_str())], vec![]] {
        let fixture = Fixture::with(&vars).await;
        // Taken in before addresses were looked at as closely as now.
        let old = format!("UPDATE users SET email = 'a..b@x.sn' WHERE email = '{}'", fixture.email().await);
        crate::testing::change_database(&fixture.app, &old).await;
        test_send(&fixture.again(), Channel::Email).await.unwrap();
        carry(&fixture).await.unwrap();
        let gone = deliveries(&fixture.scope).await.remove(0);
        assert_eq!((gone.state, gone.error.as_deref()), (DeliveryState::Failed, Some("no mail can go to this address")));
    }
}
