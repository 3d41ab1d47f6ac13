DELETE FROM ev_judged
