-- v0003_registry: where people came from, what they agreed to, what was changed, and what is forgotten.
--
-- Existing data   people, subscriptions and suppressions keep what they have: everybody is confirmed, at once, for
--                 always, and suppressed everywhere.
-- Cost            columns are added without rewriting; `outbox`, `suppression` and `suppression_history` are copied,
--                 because SQLite cannot change a CHECK. `delivery` is not touched.
-- Times           milliseconds since 1970-01-01T00:00:00Z, in columns that end in _at_ms, _from_ms and _until_ms.
-- Words           those of docs/decisions/0008-registry.md.

-- One import of one file. What it did can be told, gone on with, and undone.
CREATE TABLE import (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The file as the user named it.
    file           TEXT    NOT NULL,
    -- SHA-256 of what decides the result: the file's bytes and how they were to be read.
    digest         BLOB    NOT NULL CHECK (length(digest) = 32),
    -- csv, xlsx, listmonk, mailman, phplist or sympa.
    format         TEXT    NOT NULL,
    topic_id       INTEGER REFERENCES topic (id),
    -- 1: the topic was to become equal to the file.
    is_sync        INTEGER NOT NULL DEFAULT 0 CHECK (is_sync IN (0, 1)),
    -- One flat JSON object: encoding, delimiter, sheet, the meaning of each column.
    settings       TEXT    NOT NULL DEFAULT '{}',
    source         TEXT    NOT NULL,
    actor          TEXT    NOT NULL,
    state          TEXT    NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'finished', 'undone')),
    -- How many rows of its plan are committed, in the order in which they are applied.
    position       INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0),
    -- One flat JSON object: how many were added, updated, unchanged and so on.
    counts         TEXT    NOT NULL DEFAULT '{}',
    started_at_ms  INTEGER NOT NULL CHECK (started_at_ms > 0),
    finished_at_ms INTEGER CHECK (finished_at_ms > 0),
    undone_at_ms   INTEGER CHECK (undone_at_ms > 0),
    undone_by      TEXT,
    CHECK ((state = 'undone') = (undone_at_ms IS NOT NULL))
) STRICT;

-- Serves the look for an import of the same file that did not come to its end.
CREATE INDEX import_by_digest ON import (digest);

-- What an import changed of somebody who was known before: enough to tell it and to take it back. People whom it added
-- carry its number in `subscriber` and `subscription` instead: a row for each of a million would double the work.
CREATE TABLE import_change (
    import_id     INTEGER NOT NULL REFERENCES import (id),
    subscriber_id INTEGER NOT NULL REFERENCES subscriber (id),
    -- values: name, language or attributes. joined, left: the subscription. suppressed. state.
    what          TEXT    NOT NULL CHECK (what IN ('values', 'joined', 'left', 'suppressed', 'state')),
    topic_id      INTEGER NOT NULL DEFAULT 0,
    -- Flat JSON objects: the fields that changed, before and after; a field that was not there is missing.
    before        TEXT    NOT NULL DEFAULT '{}',
    after         TEXT    NOT NULL DEFAULT '{}',
    PRIMARY KEY (import_id, subscriber_id, what, topic_id)
) STRICT, WITHOUT ROWID;

-- Serves Store.history.
CREATE INDEX import_change_by_subscriber ON import_change (subscriber_id, import_id);

-- The import that registered the person; NULL: one by one.
ALTER TABLE subscriber ADD COLUMN import_id INTEGER;

-- The import that joined the person; NULL: one by one.
ALTER TABLE subscription ADD COLUMN import_id INTEGER;
-- The version of the text that the person agreed to (consent_text); NULL: none is known.
ALTER TABLE subscription ADD COLUMN consent_text TEXT;
-- 1: asked for, and not confirmed yet; no campaign reaches it.
ALTER TABLE subscription ADD COLUMN is_pending INTEGER NOT NULL DEFAULT 0 CHECK (is_pending IN (0, 1));
-- How often the person wants to hear of it; campaigns in the lane `digest` will ask.
ALTER TABLE subscription ADD COLUMN frequency TEXT NOT NULL DEFAULT 'immediate'
    CHECK (frequency = 'immediate' OR frequency = 'daily' OR frequency = 'weekly');
-- No campaign reaches it from … until; until NULL with a from: until it is resumed.
ALTER TABLE subscription ADD COLUMN paused_from_ms INTEGER CHECK (paused_from_ms > 0);
ALTER TABLE subscription ADD COLUMN paused_until_ms INTEGER CHECK (paused_until_ms > 0);

-- What happened to one person, one thing at a time. Rows are only added, until the person is erased.
CREATE TABLE subscriber_event (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL REFERENCES subscriber (id),
    topic_id      INTEGER REFERENCES topic (id),
    event         TEXT    NOT NULL
                  CHECK (event IN ('registered', 'edited', 'asked', 'confirmed', 'joined', 'left', 'paused', 'resumed',
                                   'frequency', 'exported', 'erased', 'undone')),
    -- Where it came from, in words: a form, an operator, a mail.
    source        TEXT    NOT NULL,
    actor         TEXT    NOT NULL,
    consent_text  TEXT,
    -- One flat JSON object.
    detail        TEXT    NOT NULL DEFAULT '{}',
    at_ms         INTEGER NOT NULL CHECK (at_ms > 0)
) STRICT;

-- Serves Store.history.
CREATE INDEX subscriber_event_by_subscriber ON subscriber_event (subscriber_id, id);

-- The very words that people agreed to. A version never changes; another text is another version.
CREATE TABLE consent_text (
    version       TEXT    NOT NULL,
    language      TEXT    NOT NULL,
    text          TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms > 0),
    PRIMARY KEY (version, language)
) STRICT, WITHOUT ROWID;

-- A question to one person: do you really want this topic? Answered by the token that only that mailbox has.
CREATE TABLE confirmation (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id   INTEGER NOT NULL REFERENCES subscriber (id),
    topic_id        INTEGER NOT NULL REFERENCES topic (id),
    language        TEXT    NOT NULL,
    consent_text    TEXT,
    source          TEXT    NOT NULL,
    actor           TEXT    NOT NULL,
    asked_at_ms     INTEGER NOT NULL CHECK (asked_at_ms > 0),
    expires_at_ms   INTEGER NOT NULL CHECK (expires_at_ms > asked_at_ms),
    confirmed_at_ms INTEGER CHECK (confirmed_at_ms > 0),
    -- The row of `erased` that a yes takes away: somebody who was erased asked to come back. NULL for everybody else.
    erased_hash     BLOB    CHECK (length(erased_hash) = 32)
) STRICT;

-- Serves the limits per address, and Store.history.
CREATE INDEX confirmation_by_subscriber ON confirmation (subscriber_id, asked_at_ms);

-- The outbox with one kind of work more.
CREATE TABLE outbox_new (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    work            TEXT    NOT NULL CHECK (work IN ('probe', 'forward', 'confirmation')),
    probe_id        INTEGER REFERENCES probe (id),
    returned_id     INTEGER REFERENCES returned (id),
    confirmation_id INTEGER REFERENCES confirmation (id),
    recipient       TEXT    NOT NULL,
    state           TEXT    NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed')),
    attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at_ms      INTEGER NOT NULL,
    created_at_ms   INTEGER NOT NULL CHECK (created_at_ms > 0),
    ended_at_ms     INTEGER CHECK (ended_at_ms > 0),
    -- The relay's words or ours, of the last try.
    words           TEXT,
    CHECK ((work = 'probe') = (probe_id IS NOT NULL) AND (work = 'forward') = (returned_id IS NOT NULL)
           AND (work = 'confirmation') = (confirmation_id IS NOT NULL)),
    CHECK ((state = 'queued') = (ended_at_ms IS NULL))
) STRICT;

INSERT INTO outbox_new (id, work, probe_id, returned_id, recipient, state, attempts, next_at_ms, created_at_ms,
    ended_at_ms, words)
SELECT id, work, probe_id, returned_id, recipient, state, attempts, next_at_ms, created_at_ms, ended_at_ms, words
FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;

-- Serves Store.takeOutbox.
CREATE INDEX outbox_due ON outbox (next_at_ms, id) WHERE state = 'queued';
-- Serve what became of a probe, of a reply, of a question.
CREATE UNIQUE INDEX outbox_by_probe ON outbox (probe_id) WHERE probe_id IS NOT NULL;
CREATE UNIQUE INDEX outbox_by_returned ON outbox (returned_id) WHERE returned_id IS NOT NULL;
CREATE UNIQUE INDEX outbox_by_confirmation ON outbox (confirmation_id) WHERE confirmation_id IS NOT NULL;

-- Suppressions, each for all campaigns or for one topic, for ever or until a time.
CREATE TABLE suppression_new (
    -- EmailAddress.key. Wider than RFC 5321 on purpose: when in doubt, we stay silent.
    address_key   TEXT    NOT NULL,
    -- 0: every campaign. Else campaigns that reach the person through this topic.
    topic_id      INTEGER NOT NULL DEFAULT 0,
    reason        TEXT    NOT NULL
                  CHECK (reason IN ('hard_bounce', 'soft_bounce', 'complaint', 'unsubscribe', 'operator')),
    -- Who or what asked for it, in words.
    origin        TEXT    NOT NULL,
    note          TEXT    NOT NULL DEFAULT '',
    created_by    TEXT    NOT NULL DEFAULT '',
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms > 0),
    -- From then on it counts no more; NULL: for ever.
    expires_at_ms INTEGER CHECK (expires_at_ms > created_at_ms),
    PRIMARY KEY (address_key, topic_id)
) STRICT, WITHOUT ROWID;

INSERT INTO suppression_new (address_key, reason, origin, note, created_by, created_at_ms)
SELECT address_key, reason, origin, note,
    coalesce((SELECT h.created_by FROM suppression_history h
              WHERE h.address_key = suppression.address_key AND h.ended_at_ms IS NULL), origin),
    created_at_ms
FROM suppression;
DROP TABLE suppression;
ALTER TABLE suppression_new RENAME TO suppression;

-- Serves the end of those whose time is over.
CREATE INDEX suppression_by_expiry ON suppression (expires_at_ms) WHERE expires_at_ms IS NOT NULL;

-- Each time that an address was suppressed, and how that ended, with the same scope.
CREATE TABLE suppression_history_new (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    address_key   TEXT    NOT NULL,
    topic_id      INTEGER NOT NULL DEFAULT 0,
    reason        TEXT    NOT NULL
                  CHECK (reason IN ('hard_bounce', 'soft_bounce', 'complaint', 'unsubscribe', 'operator')),
    origin        TEXT    NOT NULL,
    note          TEXT    NOT NULL,
    -- Whose delivery it came from; NULL when somebody said so.
    delivery_id   INTEGER,
    campaign_id   INTEGER,
    domain        TEXT,
    returned_id   INTEGER REFERENCES returned (id),
    -- The import it came with.
    import_id     INTEGER REFERENCES import (id),
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms > 0),
    created_by    TEXT    NOT NULL,
    expires_at_ms INTEGER,
    ended_at_ms   INTEGER CHECK (ended_at_ms > 0),
    ended_by      TEXT,
    -- lifted: by a person. alarm: taken back by an alarm. replaced: by a reason that weighs more. expired: its time was
    -- over. undone: with its import.
    ended_how     TEXT    CHECK (ended_how IN ('lifted', 'alarm', 'replaced', 'expired', 'undone')),
    ended_why     TEXT,
    CHECK ((ended_at_ms IS NULL) = (ended_how IS NULL))
) STRICT;

INSERT INTO suppression_history_new (id, address_key, reason, origin, note, delivery_id, campaign_id, domain,
    returned_id, created_at_ms, created_by, ended_at_ms, ended_by, ended_how, ended_why)
SELECT id, address_key, reason, origin, note, delivery_id, campaign_id, domain, returned_id, created_at_ms, created_by,
    ended_at_ms, ended_by, ended_how, ended_why
FROM suppression_history;
DROP TABLE suppression_history;
ALTER TABLE suppression_history_new RENAME TO suppression_history;

-- Serves the history of a person, and when somebody last lifted a suppression.
CREATE INDEX suppression_history_by_address ON suppression_history (address_key, id);
-- Serves an alarm that takes suppressions back.
CREATE INDEX suppression_history_by_domain ON suppression_history (campaign_id, domain, created_at_ms)
    WHERE campaign_id IS NOT NULL AND ended_at_ms IS NULL;
-- Serves the end of those whose time is over, and the list of them.
CREATE INDEX suppression_history_by_expiry ON suppression_history (expires_at_ms) WHERE expires_at_ms IS NOT NULL;

-- Who was erased: nothing but a keyed hash of the address's key, so that the person is not mailed when a new file
-- brings the address back, and nobody who has only the store can tell who it was.
CREATE TABLE erased (
    hash         BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    erased_at_ms INTEGER NOT NULL CHECK (erased_at_ms > 0)
) STRICT, WITHOUT ROWID;

-- An erasure may take a person out of the audit, from the object or from the detail, and nothing else may change there.
DROP TRIGGER audit_is_append_only_update;
CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit
WHEN NOT ((new.object = old.object OR new.object LIKE 'erased-%') AND new.id = old.id AND new.at_ms = old.at_ms
          AND new.actor = old.actor AND new.action = old.action AND (new.detail = old.detail OR new.detail = '{}'))
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
