//! Teams, who belongs to them, and for each team those above it: `team_paths` has a row a pair, itself at distance 0, so
//! that what stands below a team is read by its key.

crate::step!(
    "m20261126_100000_identity_teams",
    tables: ["teams", "team_paths", "team_members"],
    append_only: [],
    r#"
CREATE TABLE teams (
  {key},
  parent_id {id},
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL CHECK (name_key <> ''), -- postgres
  name_key text NOT NULL CHECK (name_key <> ''), -- sqlite
  version bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CHECK (parent_id IS NULL OR parent_id <> id),
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, parent_id) REFERENCES teams (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX teams_name_below ON teams (tenant_id, parent_id, name_key) WHERE parent_id IS NOT NULL
;
CREATE UNIQUE INDEX teams_name_at_top ON teams (tenant_id, name_key) WHERE parent_id IS NULL
;
CREATE INDEX teams_name_key ON teams (tenant_id, name_key, id)
;
CREATE TABLE team_paths (
  tenant_id {id} NOT NULL,
  ancestor_id {id} NOT NULL,
  team_id {id} NOT NULL,
  distance bigint NOT NULL CHECK (distance BETWEEN 0 AND 7),
  PRIMARY KEY (tenant_id, ancestor_id, team_id),
  CHECK ((distance = 0) = (ancestor_id = team_id)),
  FOREIGN KEY (tenant_id, ancestor_id) REFERENCES teams (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id) ON DELETE CASCADE)
;
CREATE INDEX team_paths_upwards ON team_paths (tenant_id, team_id, ancestor_id)
;
CREATE TABLE team_members (
  {key},
  team_id {id} NOT NULL,
  membership_id {id} NOT NULL,
  FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE CASCADE)
;
CREATE UNIQUE INDEX team_members_member ON team_members (tenant_id, team_id, membership_id)
;
CREATE INDEX team_members_of ON team_members (tenant_id, membership_id, team_id)
;
CREATE INDEX team_members_in_order ON team_members (tenant_id, team_id, id)
"#
);
