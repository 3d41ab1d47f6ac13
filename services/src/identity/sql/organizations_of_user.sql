-- How many organisations a person belongs to.
SELECT count(*) FROM memberships m WHERE m.user_id = :user AND m.status IN ('ACTIVE', 'SUSPENDED')
