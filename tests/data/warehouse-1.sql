-- A warehouse of schema version 1, with invented rows: codes and attempts are VARCHAR, and nothing
-- says which version it is.
CREATE SCHEMA ledger;
CREATE SCHEMA record;
CREATE SCHEMA core;

CREATE TABLE ledger.place_key (place_id VARCHAR, key_fingerprint VARCHAR, first_used_at TIMESTAMPTZ);
CREATE TABLE ledger.batch (
    batch_id VARCHAR, place_id VARCHAR, feed VARCHAR, source_id VARCHAR, connector VARCHAR,
    file_name VARCHAR, content_sha256 VARCHAR, size_bytes BIGINT, window_from DATE, window_to DATE,
    received_at TIMESTAMPTZ
);
CREATE TABLE ledger.attempt (
    attempt_id VARCHAR, batch_id VARCHAR, attempted_at TIMESTAMPTZ, as_of TIMESTAMPTZ,
    outcome VARCHAR, reason VARCHAR, rows_in BIGINT, loaded BIGINT, unchanged BIGINT,
    superseded BIGINT, duplicates BIGINT, tombstoned BIGINT, quarantined BIGINT, ignored BIGINT
);
CREATE TABLE ledger.quarantine (
    attempt_id VARCHAR, batch_id VARCHAR, place_id VARCHAR, feed VARCHAR, source_id VARCHAR,
    file_name VARCHAR, sheet VARCHAR, row_number BIGINT, header VARCHAR, field VARCHAR,
    rule VARCHAR, sentence_fr VARCHAR, sentence_en VARCHAR, mask VARCHAR
);
CREATE VIEW ledger.last_attempt AS
SELECT a.* FROM ledger.attempt AS a
QUALIFY row_number() OVER (PARTITION BY a.batch_id ORDER BY a.attempted_at DESC) = 1;

CREATE TABLE record.attendance (
    place_id VARCHAR, source_id VARCHAR, record_id VARCHAR, person_key VARCHAR,
    identity_kind VARCHAR, age_band VARCHAR, gender VARCHAR, social_status VARCHAR,
    home_commune VARCHAR, updated_at TIMESTAMPTZ, deleted BOOLEAN, checked_in_at TIMESTAMPTZ,
    checked_out_at TIMESTAMPTZ, is_time_ambiguous BOOLEAN, headcount BIGINT, space_code VARCHAR,
    activity_id VARCHAR, role VARCHAR, attendance_status VARCHAR, evidence VARCHAR,
    usual_work_commune VARCHAR, version_at TIMESTAMPTZ, attempt_id VARCHAR
);
CREATE VIEW core.attendance AS SELECT place_id, role FROM record.attendance WHERE NOT deleted;

INSERT INTO ledger.batch VALUES (
    'b1', 'le-lieu', 'attendance', 'registre', 'file', 'export.csv', 'c0ffee', 100, NULL, NULL,
    '2026-10-05 03:30:00+02'
);
INSERT INTO ledger.attempt VALUES (
    '0123456789abcdef0123456789abcdef', 'b1', '2026-10-05 03:30:00+02', '2026-10-05 03:30:00+02',
    'accepted', '', 4, 3, 0, 0, 0, 0, 1, 0
);
INSERT INTO ledger.quarantine VALUES (
    '0123456789abcdef0123456789abcdef', 'b1', 'le-lieu', 'attendance', 'registre', 'export.csv',
    NULL, 4, 'Arrivée', 'checked_in_at', 'instant', 'Illisible.', 'Unreadable.', '99/99/9999'
);
INSERT INTO record.attendance
SELECT
    'le-lieu', 'registre', CAST(n AS VARCHAR), NULL, NULL, NULL, 'feminin', NULL, '80021', NULL,
    false, TIMESTAMPTZ '2026-10-01 09:00:00+02', NULL, false, n, 'coworking', NULL, 'usager',
    'present', 'seen', NULL, TIMESTAMPTZ '2026-10-05 03:30:00+02', '0123456789abcdef0123456789abcdef'
FROM range(1, 4) AS numbers (n);
