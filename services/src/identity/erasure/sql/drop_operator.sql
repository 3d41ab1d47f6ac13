DELETE FROM operators WHERE user_id = :user
