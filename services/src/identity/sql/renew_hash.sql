UPDATE users SET password_hash = :hash WHERE id = :user AND password_hash = :outdated
