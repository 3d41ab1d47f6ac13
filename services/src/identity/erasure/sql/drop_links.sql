DELETE FROM account_links WHERE user_id = :user
