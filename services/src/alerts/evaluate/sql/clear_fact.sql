DELETE FROM ev_fact
