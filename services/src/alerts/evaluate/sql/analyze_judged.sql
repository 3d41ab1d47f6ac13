ANALYZE ev_judged
