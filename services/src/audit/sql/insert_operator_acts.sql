INSERT INTO operator_acts (id, at, user_id, organization_id, action, target_type, target_id, changes, operation, request_id, address,
  user_agent)
SELECT r.id, :now, :user, :organization, r.action, r.target_type, r.target_id, r.changes, :operation, :request, :address, :agent
FROM :rows(r: id uuid, action text, target_type text, target_id uuid, changes text)
