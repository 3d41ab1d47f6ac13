DELETE FROM ev_open
