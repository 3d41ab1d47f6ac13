-- What inviters were told of the person who accepted: their name and their address.
DELETE FROM notifications WHERE notifications.tenant_id = :tenant AND key = 'invitation-accepted' AND EXISTS (
  SELECT 1 FROM invitations i JOIN memberships w ON w.tenant_id = i.tenant_id AND w.id = i.invited_by
  WHERE i.tenant_id = :tenant AND i.accepted_by = :member AND w.user_id = notifications.user_id
  AND i.email = notifications.params::json ->> 'email') -- postgres
  AND i.email = notifications.params ->> 'email') -- sqlite
