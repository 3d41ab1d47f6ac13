INSERT INTO second_factors (user_id, secret, last_step, created_at) VALUES (:user, :secret, 0, :now)
ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at
WHERE second_factors.confirmed_at IS NULL
