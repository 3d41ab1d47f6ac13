DELETE FROM stream_events WHERE seq <= 2
