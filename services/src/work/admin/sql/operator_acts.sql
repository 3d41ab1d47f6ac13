SELECT a.*, u.display_name FROM operator_acts a LEFT JOIN users u ON u.id = a.user_id ORDER BY a.id DESC LIMIT :most
