-- Sets are as large as they are today, and may well be read whole.
SELECT set_config('plan_cache_mode', 'auto', true), set_config('enable_seqscan', 'on', true)
