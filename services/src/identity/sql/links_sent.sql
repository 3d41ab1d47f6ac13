SELECT count(*) FROM account_links WHERE user_id = :user AND purpose = :purpose AND created_at > :since
