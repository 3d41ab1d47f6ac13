INSERT INTO users (id, version, email, display_name, locale, time_zone, skills, links, created_at, updated_at)
SELECT :user, 1, :email, :name, o.locale, o.time_zone, '[]', '[]', :now, :now FROM organizations o WHERE o.id = :tenant
