use super::*;

fn of(vars: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
    Settings::from_map(vars.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
}

#[test]
fn needs_no_setting_at_all() {
    let settings = of(&[]).unwrap();
    assert_eq!(settings.database.url, "sqlite:./data/teranga.db");
    assert_eq!((settings.worker, settings.public_url.as_str()), (WorkerMode::Embedded, "http://127.0.0.1:8000"));
}

#[test]
fn tells_all_faults_at_once() {
    let faults = of(&[
        ("ENVIRONMENT", "production"),
        ("PUBLIC_URL", "http://teranga.example"),
        ("CORS_ORIGINS", "*"),
        ("BIND", "here"),
        ("DATABASE_URL", "mysql://x"),
        ("TWILIO_ACCOUNT_SID", "AC1"),
        ("SENTRY_DSN", "there"),
        ("WORKER_BIND", "8001"),
        ("METRICS_TOKEN", "short"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, the-proxy"),
        ("SMTP_URL", "mail"),
        ("MAIL_FROM", "nobody"),
        ("TWILIO_BASE_URL", "twilio"),
        ("RUST_LOG", "info,sqlx=loud"),
        ("IMPORT_MAX_BYTES", "0"),
        ("IMPORT_MAX_ROWS", "0"),
        ("FILES_QUOTA_BYTES", "0"),
    ])
    .unwrap_err();
    for name in ["SECRET_KEY", "PUBLIC_URL", "CORS_ORIGINS", "BIND is", "DATABASE_URL", "TWILIO_AUTH_TOKEN"] {
        assert!(faults.iter().any(|fault| fault.contains(name)), "{name} is not told: {faults:?}");
    }
    for name in ["SENTRY_DSN", "WORKER_BIND", "METRICS_TOKEN", "`the-proxy`", "SMTP_URL", "MAIL_FROM", "TWILIO_BASE_URL"] {
        assert!(faults.iter().any(|fault| fault.contains(name)), "{name} is not told: {faults:?}");
    }
    for name in ["RUST_LOG is", "IMPORT_MAX_BYTES is 0", "IMPORT_MAX_ROWS is 0", "FILES_QUOTA_BYTES is 0"] {
        assert!(faults.iter().any(|fault| fault.contains(name)), "{name} is not told: {faults:?}");
    }
}

#[test]
fn logs_by_default_where_nothing_is_said() {
    let default = of(&[]).unwrap().log_filter;
    assert_eq!(of(&[("RUST_LOG", "")]).unwrap().log_filter, default);
    assert!(default.starts_with("info,"));
    assert_eq!(of(&[("RUST_LOG", "debug,sqlx=off")]).unwrap().log_filter, "debug,sqlx=off");
}

#[test]
fn what_only_the_caller_can_read_is_told_with_the_rest() {
    let vars = [("BIND".to_owned(), "here".to_owned()), ("PERSISTED_DOCUMENTS".to_owned(), "/there".to_owned())];
    let faults = Settings::read(vars.into(), |settings| vec![format!("{:?} is bad", settings.persisted_documents)]).unwrap_err();
    assert_eq!(faults.len(), 2, "{faults:?}");
}

#[test]
fn tells_which_addresses_are_none() {
    let bad: &[(&str, &str)] = &[
        ("PUBLIC_URL", "teranga.example"),
        ("PUBLIC_URL", "ftp://teranga.example"),
        ("PUBLIC_URL", "https://teranga.example/?from=here"),
        ("ACCOUNT_URL", "compte.teranga.example"),
        ("CORS_ORIGINS", "app.teranga.example"),
        ("CORS_ORIGINS", "https://app.teranga.example/page"),
        ("SMTP_URL", "mail.teranga.example:587"),
        ("SMTP_URL", "http://mail.teranga.example"),
        ("MAIL_FROM", "Teranga ne-pas-repondre at teranga"),
        ("TWILIO_BASE_URL", "api.twilio.com"),
    ];
    for (name, value) in bad {
        let all = [("TWILIO_ACCOUNT_SID", "AC1"), ("TWILIO_AUTH_TOKEN", "t"), ("TWILIO_WHATSAPP_FROM", "+1415"), (*name, *value)];
        let faults = of(&all).expect_err(value);
        assert!(faults.len() == 1 && faults[0].starts_with(name), "{name}={value}: {faults:?}");
    }
    let secret = of(&[("SMTP_URL", "smtp:geheim")]).unwrap_err();
    assert!(!secret[0].contains("geheim"), "{secret:?}");
    let good = of(&[
        ("PUBLIC_URL", "https://teranga.example/shop/"),
        ("CORS_ORIGINS", "https://app.teranga.example, http://localhost:5173/"),
        ("SMTP_URL", "smtps://awa:pass@mail.teranga.example:465"),
        ("MAIL_FROM", "bonjour@teranga.example"),
    ]);
    let good = good.unwrap();
    assert_eq!(
        (good.public_url.as_str(), good.account_url.as_str()),
        ("https://teranga.example/shop", "https://teranga.example/shop/account")
    );
    let elsewhere = of(&[("ACCOUNT_URL", "https://app.teranga.example/compte/")]).unwrap();
    assert_eq!(elsewhere.account_url, "https://app.teranga.example/compte");
}

#[test]
fn warns_of_whatsapp_without_a_template_and_of_callbacks_that_cannot_come() {
    let twilio = [("TWILIO_ACCOUNT_SID", "AC1"), ("TWILIO_AUTH_TOKEN", "t"), ("TWILIO_WHATSAPP_FROM", "+1415")];
    let (template, public) = (("TWILIO_ALERT_CONTENT_SID", "HX1"), ("PUBLIC_URL", "https://teranga.example"));
    let warned = |more: &[(&str, &str)]| of(&[&twilio[..], more].concat()).unwrap().warnings();
    let without_template = warned(&[public]);
    assert!(without_template.len() == 1 && without_template[0].contains("TWILIO_ALERT_CONTENT_SID"), "{without_template:?}");
    let only_here = warned(&[template]);
    assert!(only_here.len() == 1 && only_here[0].contains("PUBLIC_URL"), "{only_here:?}");
    assert!(warned(&[template, public]).is_empty() && of(&[]).unwrap().warnings().is_empty());
}

#[test]
fn bounds_of_none_are_told() {
    for (name, value) in [("DATABASE_MAX_CONNECTIONS", "0"), ("DATABASE_MAX_CONNECTIONS", "1"), ("UPLOAD_IDLE_SECONDS", "0")] {
        let faults = of(&[(name, value)]).unwrap_err();
        assert!(faults.len() == 1 && faults[0].starts_with(&format!("{name} is {value}")), "{faults:?}");
    }
    assert_eq!(of(&[("DATABASE_MAX_CONNECTIONS", "2")]).unwrap().database.max_connections, 2);
    let server = ("DATABASE_URL", "postgres://teranga@db/teranga");
    assert!(of(&[("DATABASE_MAX_CONNECTIONS", "2"), server]).unwrap_err()[0].starts_with("DATABASE_MAX_CONNECTIONS is 2; 3 at least"));
}

#[test]
fn an_empty_file_is_no_secret() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), " \n").unwrap();
    for name in ["SECRET_KEY", "METRICS_TOKEN", "TWILIO_AUTH_TOKEN", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "SENTRY_DSN"] {
        let variable = format!("{name}_FILE");
        let faults = of(&[(&variable, file.path().to_str().unwrap()), ("TWILIO_WHATSAPP_FROM", "+1415")]).unwrap_err();
        assert!(faults.len() == 1 && faults[0].starts_with(&variable) && faults[0].contains("is empty"), "{faults:?}");
    }
    std::fs::write(file.path(), "redis://127.0.0.1\n").unwrap();
    let good = of(&[("REDIS_URL_FILE", file.path().to_str().unwrap())]).unwrap();
    assert_eq!(good.redis_url.as_deref(), Some("redis://127.0.0.1"));
}

#[test]
fn only_this_machine_may_be_spoken_to_without_tls_in_production() {
    let with = |url| of(&[("ENVIRONMENT", "production"), ("SECRET_KEY", &"k".repeat(32)), ("PUBLIC_URL", url)]);
    for own in ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000", "https://teranga.example"] {
        assert!(with(own).is_ok(), "{own}");
    }
    for elsewhere in ["http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://127.evil.example", "http://10.0.0.1"] {
        assert!(with(elsewhere).is_err(), "{elsewhere}");
    }
}

#[test]
fn reads_the_ranges_of_trusted_proxies() {
    let settings = of(&[("TRUSTED_PROXIES", "10.0.0.0/8, ::1")]).unwrap();
    assert_eq!(settings.trusted_proxies, ["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]);
}

#[test]
fn leaves_the_worker_out_of_an_api_with_redis() {
    assert_eq!(of(&[("REDIS_URL", "redis://127.0.0.1")]).unwrap().worker, WorkerMode::Off);
}
