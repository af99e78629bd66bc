-- What the warehouse keeps beside the records themselves. The tables of records are made from
-- the contracts of `schemas`, the tables of `core` and `indicator` from their own files.

CREATE SCHEMA IF NOT EXISTS ledger;
CREATE SCHEMA IF NOT EXISTS record;
CREATE SCHEMA IF NOT EXISTS registry;
CREATE SCHEMA IF NOT EXISTS core;
CREATE SCHEMA IF NOT EXISTS indicator;

-- one row per layout of these tables that this file has had; the highest is the one it has now
CREATE TABLE IF NOT EXISTS ledger.schema_version (
    version BIGINT,
    reached_at TIMESTAMPTZ
);

-- one row per place: the fingerprint of the key that made its pseudonyms
CREATE TABLE IF NOT EXISTS ledger.place_key (
    place_id VARCHAR,
    key_fingerprint VARCHAR,
    first_used_at TIMESTAMPTZ
);

-- one row per batch received: place, source, window and content; its day is one of Paris. Of its
-- name only what may be shown stands here, the name itself beside the bytes in landing
CREATE TABLE IF NOT EXISTS ledger.batch (
    batch_id VARCHAR,
    place_id VARCHAR,
    feed VARCHAR,
    source_id VARCHAR,
    connector VARCHAR,
    file_name VARCHAR,
    content_sha256 VARCHAR,
    size_bytes BIGINT,
    window_from DATE,
    window_to DATE,
    received_at TIMESTAMPTZ,
    received_on DATE
);

-- one row per attempt to load a batch; an accepted one must balance:
-- rows_in = loaded + unchanged + superseded + duplicates + tombstoned + quarantined + ignored;
-- of the ignored, `not_records` are totals, headings and lines without content, `not_asked` rows of
-- other days than those asked for; the others are blank, or of another place;
-- `removed` counts records of earlier deliveries that a replacing one no longer holds.
-- an erasure is an attempt without a batch: its rows are the tombstones, `reason` says what it was
CREATE TABLE IF NOT EXISTS ledger.attempt (
    attempt_id UUID,
    batch_id VARCHAR,
    attempted_at TIMESTAMPTZ,
    as_of TIMESTAMPTZ,
    outcome VARCHAR,
    reason VARCHAR,
    rows_in BIGINT,
    loaded BIGINT,
    unchanged BIGINT,
    superseded BIGINT,
    duplicates BIGINT,
    tombstoned BIGINT,
    quarantined BIGINT,
    ignored BIGINT,
    removed BIGINT,
    not_records BIGINT,
    not_asked BIGINT
);

-- one row per batch of which somebody said that it may remove as many records as it does
CREATE TABLE IF NOT EXISTS ledger.accepted_removal (
    batch_id VARCHAR,
    accepted_at TIMESTAMPTZ
);

-- one row per day that a batch proves: recorded, or known to have taken place without a record
CREATE TABLE IF NOT EXISTS ledger.proof (
    batch_id VARCHAR,
    place_id VARCHAR,
    feed VARCHAR,
    source_id VARCHAR,
    day DATE,
    is_recorded BOOLEAN
);

-- one row per reason why a row was refused; `mask` is the shape of the value, never the value.
-- `record_id` is there where it is the source's own and keeps its contract; `closed_by` is the later
-- attempt in which the record came again, and which now speaks for it. `day` and `until_day` are
-- those of the record where they can be read, `digest` a keyed hash of its cells: the same row in
-- another delivery has the same. A total or a heading is no record. Of the names of file and sheet
-- only what may be shown stands here; `name_digest` is a keyed hash of the file's
CREATE TABLE IF NOT EXISTS ledger.quarantine (
    attempt_id UUID,
    batch_id VARCHAR,
    place_id VARCHAR,
    feed VARCHAR,
    source_id VARCHAR,
    file_name VARCHAR,
    sheet VARCHAR,
    row_number BIGINT,
    header VARCHAR,
    field VARCHAR,
    rule VARCHAR,
    sentence_fr VARCHAR,
    sentence_en VARCHAR,
    mask VARCHAR,
    record_id VARCHAR,
    closed_by UUID,
    day DATE,
    until_day DATE,
    digest VARCHAR,
    is_record BOOLEAN,
    name_digest VARCHAR
);

-- one row per batch, and first and last day of rows that it has: how many; only where a row of it
-- was refused whose day cannot be read. A contract without an end has no last day
CREATE TABLE IF NOT EXISTS ledger.dated (
    batch_id VARCHAR,
    day DATE,
    until_day DATE,
    row_count BIGINT
);

-- one row per record that a batch holds which has open rejects without a number of their own: the
-- later delivery that holds them all speaks for those too
CREATE TABLE IF NOT EXISTS ledger.held (
    batch_id VARCHAR,
    record_id VARCHAR
);

-- one row per batch, column and sign: in how many of its cells it was seen. A sign says how a column
-- is written (`M`: a date that can only be month first), never what stands in a cell
CREATE TABLE IF NOT EXISTS ledger.column_sign (
    batch_id VARCHAR,
    place_id VARCHAR,
    source_id VARCHAR,
    field VARCHAR,
    header VARCHAR,
    sign VARCHAR,
    cells BIGINT
);

-- one row per batch whose refused rows somebody set aside: who, when and why
CREATE TABLE IF NOT EXISTS ledger.set_aside (
    batch_id VARCHAR,
    set_aside_at TIMESTAMPTZ,
    said_by VARCHAR,
    reason VARCHAR
);

-- one row per batch, column and reason: cells in doubt that were left out of rows that went on
CREATE TABLE IF NOT EXISTS ledger.doubt (
    attempt_id UUID,
    batch_id VARCHAR,
    place_id VARCHAR,
    feed VARCHAR,
    source_id VARCHAR,
    header VARCHAR,
    field VARCHAR,
    rule VARCHAR,
    sentence_fr VARCHAR,
    sentence_en VARCHAR,
    cells BIGINT
);

-- one row per address that several people of a place share: its pseudonym, never the address, and
-- the first day on which a delivery showed it; no row may be known by it any more
CREATE TABLE IF NOT EXISTS ledger.shared_address (
    place_id VARCHAR,
    person_key VARCHAR,
    from_day DATE,
    batch_id VARCHAR
);

-- one row per promise judged after a build
CREATE TABLE IF NOT EXISTS ledger.promise (
    release_id VARCHAR,
    promise_id VARCHAR,
    sentence_fr VARCHAR,
    sentence_en VARCHAR,
    severity VARCHAR,
    is_kept BOOLEAN,
    exceptions BIGINT
);

-- one row per build: what the figures were computed from, and as if it were when
CREATE TABLE IF NOT EXISTS ledger.build (
    release_id VARCHAR,
    fingerprint VARCHAR,
    as_of TIMESTAMPTZ,
    built_at TIMESTAMPTZ,
    outcome VARCHAR
);

-- one row per value that was published, as readers see it: the release shows these rows from then
-- on. A table of an indicator, a territory and a period is published once for each version of its
-- definition; `revision` counts how often it was since: the last one stands, and `reason` says why
CREATE TABLE IF NOT EXISTS ledger.published_value (
    indicateur_id VARCHAR,
    niveau VARCHAR,
    territoire_id VARCHAR,
    periode VARCHAR,
    granularite VARCHAR,
    debut DATE,
    fin DATE,
    ventilation VARCHAR,
    modalite VARCHAR,
    valeur DOUBLE,
    valeur_min DOUBLE,
    valeur_max DOUBLE,
    affichage VARCHAR,
    diffusion VARCHAR,
    etat VARCHAR,
    statut VARCHAR,
    completude DECIMAL(18, 4),
    rupture_de_serie DATE,
    part_observee DECIMAL(5, 2),
    comptage_personnes VARCHAR,
    part_refusee DECIMAL(5, 2),
    part_identifiee DECIMAL(5, 2),
    lieux_contributeurs BIGINT,
    lieux_attendus BIGINT,
    motif VARCHAR,
    version BIGINT,
    regle VARCHAR,
    publication_id VARCHAR,
    publiee_le DATE,
    revision BIGINT,
    lot_id VARCHAR,
    secret_fingerprint VARCHAR,
    reason VARCHAR,
    is_forced BOOLEAN
);

-- one row per rerun that somebody asked for: what, why, and what became of it
CREATE TABLE IF NOT EXISTS ledger.rerun (
    run_id VARCHAR,
    asked_at TIMESTAMPTZ,
    request VARCHAR,
    reason VARCHAR,
    release_id VARCHAR,
    outcome VARCHAR
);

-- the last attempt of each batch: what the rejects and the status speak of
CREATE VIEW IF NOT EXISTS ledger.last_attempt AS
SELECT a.*
FROM ledger.attempt AS a
QUALIFY row_number() OVER (PARTITION BY a.batch_id ORDER BY a.attempted_at DESC) = 1;

-- one row per reason why a row is lost: refused, not corrected since, not set aside, and a record
CREATE VIEW IF NOT EXISTS ledger.open_reject AS
SELECT q.*
FROM ledger.quarantine AS q
INNER JOIN ledger.last_attempt AS a ON a.attempt_id = q.attempt_id
LEFT JOIN ledger.set_aside AS s ON s.batch_id = q.batch_id
WHERE q.closed_by IS NULL AND q.is_record AND s.batch_id IS NULL;
