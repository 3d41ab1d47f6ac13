SELECT count(*) FROM recovery_codes WHERE user_id = :user AND used_at IS NULL
