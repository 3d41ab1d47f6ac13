DELETE FROM external_identities WHERE id = :id
