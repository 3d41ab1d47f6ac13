-- Letters to an address, those that wait and those that are kept; one under way ends with its job.
DELETE FROM jobs WHERE kind IN ('notifications.letter', 'identity.send_reset') AND state <> 'RUNNING'
AND payload::json ->> 'address' = :address -- postgres
AND payload ->> 'address' = :address -- sqlite
