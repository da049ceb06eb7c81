CREATE TABLE alarm (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign_id   INTEGER NOT NULL,
    -- Empty: the whole campaign.
    domain        TEXT    NOT NULL,
    cause         TEXT    NOT NULL CHECK (cause IN ('share', 'domain-unknown')),
    state         TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'dismissed')),
    -- When it was raised: how many were condemned, of how many.
    condemned     INTEGER NOT NULL,
    deliveries    INTEGER NOT NULL,
    -- Suppressions that were taken back when it was raised.
    lifted        INTEGER NOT NULL DEFAULT 0,
    raised_at_ms  INTEGER NOT NULL CHECK (raised_at_ms > 0),
    settled_at_ms INTEGER CHECK (settled_at_ms > 0),
    settled_by    TEXT,
    UNIQUE (campaign_id, domain),
    CHECK ((state = 'open') = (settled_at_ms IS NULL))
) STRICT;

CREATE TABLE attempt (
    delivery_id    INTEGER NOT NULL REFERENCES delivery (id),
    -- The delivery's count of tries, from 1.
    number         INTEGER NOT NULL CHECK (number > 0),
    -- The process that tried.
    epoch          INTEGER NOT NULL,
    outcome        TEXT    NOT NULL
                   CHECK (outcome = 'accepted' OR outcome = 'rejected' OR outcome = 'deferred'
                          OR outcome = 'ambiguous'),
    relay          TEXT    NOT NULL,
    stage          TEXT,
    scope          TEXT,
    code           INTEGER,
    status         TEXT,
    reason         TEXT,
    -- The server's words or ours, at most 1 KiB.
    reply          TEXT,
    started_at_ms  INTEGER NOT NULL,
    finished_at_ms INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;

CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit
WHEN NOT ((new.object = old.object OR new.object LIKE 'erased-%') AND new.id = old.id AND new.at_ms = old.at_ms
          AND new.actor = old.actor AND new.action = old.action AND (new.detail = old.detail OR new.detail = '{}'))
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;

CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms  INTEGER NOT NULL CHECK (at_ms > 0),
    actor  TEXT    NOT NULL,
    -- noun.verb, such as topic.add.
    action TEXT    NOT NULL,
    -- What it was done to: a topic's name, a campaign's name, an address.
    object TEXT    NOT NULL,
    detail TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE INDEX audit_by_object ON audit (object, id);

CREATE TABLE bounce (
    delivery_id INTEGER NOT NULL,
    event       TEXT    NOT NULL
                CHECK (event = 'hard' OR event = 'soft' OR event = 'delayed' OR event = 'complaint'
                       OR event = 'unsubscribe' OR event = 'auto-reply' OR event = 'delivered'),
    campaign_id INTEGER NOT NULL,
    -- NULL: the relay refused the recipient itself, nothing came back.
    returned_id INTEGER REFERENCES returned (id),
    status      TEXT,
    reason      TEXT,
    -- Campaigns in a row that ended in a bounce, with this one; NULL where nothing is counted.
    in_a_row    INTEGER,
    -- The alarm that withholds what would follow, or withheld it until it was accepted.
    alarm_id    INTEGER REFERENCES alarm (id),
    at_ms       INTEGER NOT NULL CHECK (at_ms > 0),
    PRIMARY KEY (delivery_id, event)
) STRICT, WITHOUT ROWID;

CREATE INDEX bounce_by_alarm ON bounce (alarm_id) WHERE alarm_id IS NOT NULL;

CREATE TABLE bulletin (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    number        TEXT    NOT NULL UNIQUE CHECK (length(number) BETWEEN 1 AND 64),
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms > 0)
) STRICT;

CREATE TABLE bulletin_revision (
    bulletin_id   INTEGER NOT NULL REFERENCES bulletin (id),
    revision      INTEGER NOT NULL CHECK (revision > 0),
    -- Of the bulletin's sources, as hexadecimal; the guard against sending the same thing twice asks for it.
    content_hash  TEXT    NOT NULL,
    -- JSON of the rendered variants with their merge slots.
    rendered      BLOB    NOT NULL,
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms > 0),
    PRIMARY KEY (bulletin_id, revision)
) STRICT;

CREATE TABLE campaign (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    -- c-YYYY-NNNN, numbered within the year.
    name              TEXT    NOT NULL UNIQUE,
    year              INTEGER NOT NULL,
    number            INTEGER NOT NULL CHECK (number > 0),
    bulletin_id       INTEGER NOT NULL,
    revision          INTEGER NOT NULL,
    -- JSON of what the messages carry that does not depend on the recipient.
    settings          TEXT    NOT NULL,
    -- The audience as it was asked for, in one line.
    audience_text     TEXT    NOT NULL,
    -- How many deliveries were frozen; their states always add up to it.
    audience_count    INTEGER NOT NULL CHECK (audience_count > 0),
    -- Its deliveries are the rows from first to last: one freeze is one transaction, so nobody else's lie between.
    first_delivery_id INTEGER NOT NULL,
    last_delivery_id  INTEGER NOT NULL,
    state             TEXT    NOT NULL DEFAULT 'sending'
                      CHECK (state IN ('sending', 'paused', 'finished', 'cancelled')),
    pause_reason      TEXT,
    -- The process that sends it now: a random number per start.
    epoch             INTEGER,
    created_at_ms     INTEGER NOT NULL CHECK (created_at_ms > 0),
    started_at_ms     INTEGER CHECK (started_at_ms > 0),
    finished_at_ms    INTEGER CHECK (finished_at_ms > 0),
    FOREIGN KEY (bulletin_id, revision) REFERENCES bulletin_revision (bulletin_id, revision),
    UNIQUE (year, number),
    CHECK (last_delivery_id - first_delivery_id + 1 = audience_count)
) STRICT;

CREATE TABLE campaign_count (
    campaign_id INTEGER PRIMARY KEY,
    counts      BLOB    NOT NULL
) STRICT;

CREATE TABLE campaign_return (
    campaign_id   INTEGER PRIMARY KEY,
    -- Deliveries by the gravest thing that came back; refusals by the relay are not among them.
    hard          INTEGER NOT NULL DEFAULT 0,
    soft          INTEGER NOT NULL DEFAULT 0,
    delayed       INTEGER NOT NULL DEFAULT 0,
    complaints    INTEGER NOT NULL DEFAULT 0,
    unsubscribed  INTEGER NOT NULL DEFAULT 0,
    replies       INTEGER NOT NULL DEFAULT 0,
    auto_replies  INTEGER NOT NULL DEFAULT 0,
    delivered     INTEGER NOT NULL DEFAULT 0,
    -- People whom the policy condemned because of it, whether or not that was withheld.
    condemned     INTEGER NOT NULL DEFAULT 0,
    -- How many deliveries the relay had accepted when somebody last counted: no more than it has now.
    accepted_seen INTEGER NOT NULL DEFAULT 0,
    -- Hard bounces when it was last held; it is held again when they have doubled. 0: never.
    held_at_hard  INTEGER NOT NULL DEFAULT 0,
    -- Whether the deliveries per domain are in domain_return.
    has_domains   INTEGER NOT NULL DEFAULT 0 CHECK (has_domains IN (0, 1))
) STRICT;

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

CREATE INDEX confirmation_by_subscriber ON confirmation (subscriber_id, asked_at_ms);

CREATE TABLE consent_text (
    version       TEXT    NOT NULL,
    language      TEXT    NOT NULL,
    text          TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms > 0),
    PRIMARY KEY (version, language)
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign_id     INTEGER NOT NULL,
    -- NULL for an address that is not in the register.
    subscriber_id   INTEGER,
    -- The topic through which the person is reached, or NULL for a single address.
    topic_id        INTEGER,
    address         TEXT    NOT NULL,
    address_key     TEXT    NOT NULL,
    domain          TEXT    NOT NULL,
    -- The language of the variant.
    language        TEXT    NOT NULL,
    -- One flat JSON object: the values of the merge fields that the bulletin uses, frozen.
    merge           TEXT    NOT NULL,
    state           TEXT    NOT NULL DEFAULT 'queued'
                    -- Not IN (…): SQLite would build a table of the words for each row that is written.
                    CHECK (state = 'accepted' OR state = 'in_flight' OR state = 'queued' OR state = 'deferred'
                           OR state = 'rejected' OR state = 'suppressed' OR state = 'expired'
                           OR state = 'cancelled' OR state = 'ambiguous'),
    -- Tries that were charged.
    attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- Automatic resends after an unknown fate: never more than one.
    ambiguous_count INTEGER NOT NULL DEFAULT 0 CHECK (ambiguous_count IN (0, 1)),
    next_at_ms      INTEGER NOT NULL,
    -- The process that wrote the last intent.
    epoch           INTEGER,
    -- Of the last try: reply code, enhanced status, reason (RefusalReason, or why it was suppressed), text, stage, relay.
    code            INTEGER,
    status          TEXT,
    reason          TEXT,
    reply           TEXT,
    stage           TEXT,
    relay           TEXT,
    changed_at_ms   INTEGER NOT NULL CHECK (changed_at_ms > 0),
    accepted_at_ms  INTEGER CHECK (accepted_at_ms > 0),
    UNIQUE (campaign_id, address_key),
    CHECK ((state = 'accepted') = (accepted_at_ms IS NOT NULL))
) STRICT;

CREATE INDEX delivery_due ON delivery (campaign_id, id, next_at_ms) WHERE state IN ('queued', 'deferred');

CREATE INDEX delivery_in_flight ON delivery (campaign_id, id) WHERE state = 'in_flight';

CREATE TABLE domain_return (
    campaign_id    INTEGER NOT NULL,
    domain         TEXT    NOT NULL,
    -- Deliveries of the campaign to the domain; 0: not counted, because there are few.
    deliveries     INTEGER NOT NULL DEFAULT 0,
    condemned      INTEGER NOT NULL DEFAULT 0,
    -- Of these, because the domain is said not to exist.
    domain_unknown INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, domain)
) STRICT, WITHOUT ROWID;

CREATE TABLE erased (
    hash         BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    erased_at_ms INTEGER NOT NULL CHECK (erased_at_ms > 0)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX import_by_digest ON import (digest);

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

CREATE INDEX import_change_by_subscriber ON import_change (subscriber_id, import_id);

CREATE TABLE "outbox" (
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

CREATE UNIQUE INDEX outbox_by_confirmation ON outbox (confirmation_id) WHERE confirmation_id IS NOT NULL;

CREATE UNIQUE INDEX outbox_by_probe ON outbox (probe_id) WHERE probe_id IS NOT NULL;

CREATE UNIQUE INDEX outbox_by_returned ON outbox (returned_id) WHERE returned_id IS NOT NULL;

CREATE INDEX outbox_due ON outbox (next_at_ms, id) WHERE state = 'queued';

CREATE TABLE probe (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The delivery whose bounce asked for it.
    delivery_id INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
    address_key TEXT    NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'queued'
                CHECK (state IN ('queued', 'sent', 'bounced', 'passed', 'cancelled')),
    asked_at_ms INTEGER NOT NULL CHECK (asked_at_ms > 0),
    sent_at_ms  INTEGER CHECK (sent_at_ms > 0),
    ended_at_ms INTEGER CHECK (ended_at_ms > 0),
    -- The message that came back, when it bounced that way.
    returned_id INTEGER REFERENCES returned (id)
) STRICT;

CREATE INDEX probe_by_address ON probe (address_key, id);

CREATE UNIQUE INDEX probe_under_way ON probe (address_key) WHERE state IN ('queued', 'sent');

CREATE INDEX probe_waiting ON probe (sent_at_ms) WHERE state = 'sent';

CREATE TABLE reply (
    returned_id INTEGER PRIMARY KEY REFERENCES returned (id),
    campaign_id INTEGER NOT NULL,
    delivery_id INTEGER NOT NULL,
    -- The issuer's address, or NULL when there is nobody to forward to.
    forward_to  TEXT
) STRICT;

CREATE INDEX reply_by_campaign ON reply (campaign_id, returned_id);

CREATE TABLE returned (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    -- SHA-256 of the bytes, or of the provider's event id.
    digest         BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
    -- How often it came.
    times          INTEGER NOT NULL DEFAULT 1 CHECK (times > 0),
    -- Where it was found, in words.
    source         TEXT    NOT NULL,
    received_at_ms INTEGER NOT NULL,
    recorded_at_ms INTEGER NOT NULL CHECK (recorded_at_ms > 0),
    -- BounceVerdict, as `bounces classify` prints it.
    kind           TEXT    NOT NULL
                   CHECK (kind = 'hard' OR kind = 'soft' OR kind = 'complaint' OR kind = 'auto-reply'
                          OR kind = 'delivered' OR kind = 'none' OR kind = 'unknown'),
    action         TEXT,
    status         TEXT,
    reason         TEXT,
    evidence       TEXT    NOT NULL,
    rule           TEXT    NOT NULL,
    -- The server's words about the recipient that decided.
    diagnostic     TEXT,
    sender         TEXT,
    subject        TEXT    NOT NULL,
    -- JSON array of the addresses that the report names, the first hundred. Nobody is touched because he is named here.
    recipients     TEXT    NOT NULL DEFAULT '[]',
    purpose        TEXT    NOT NULL
                   CHECK (purpose = 'report' OR purpose = 'unsubscribe' OR purpose = 'reply'),
    -- RecordedReturn.Standing; only `counted` can have changed anybody.
    standing       TEXT    NOT NULL
                   CHECK (standing = 'counted' OR standing = 'repeated' OR standing = 'forged'
                          OR standing = 'odd' OR standing = 'untied'),
    -- ReturnTie.Proof, or NULL: tied to a probe, or to nothing.
    proof          TEXT,
    -- What it counts as for its delivery, BounceEvent; NULL for nothing.
    event          TEXT,
    delivery_id    INTEGER,
    campaign_id    INTEGER,
    probe_id       INTEGER,
    CHECK ((delivery_id IS NULL) = (campaign_id IS NULL))
) STRICT;

CREATE INDEX returned_by_campaign ON returned (campaign_id, id) WHERE campaign_id IS NOT NULL;

CREATE INDEX returned_by_delivery ON returned (delivery_id, id) WHERE delivery_id IS NOT NULL;

CREATE INDEX returned_by_kind ON returned (kind, id);

CREATE INDEX returned_by_standing ON returned (standing, id);

CREATE INDEX returned_by_time ON returned (recorded_at_ms);

CREATE TABLE returned_bytes (
    returned_id INTEGER PRIMARY KEY REFERENCES returned (id),
    -- Forged or untied: anybody can send these, so their number is limited.
    of_stranger INTEGER NOT NULL CHECK (of_stranger IN (0, 1)),
    bytes       BLOB    NOT NULL
) STRICT;

CREATE INDEX returned_bytes_of_strangers ON returned_bytes (returned_id) WHERE of_stranger = 1;

CREATE TABLE returned_count (
    kind     TEXT    NOT NULL,
    standing TEXT    NOT NULL,
    -- Rows of `returned`.
    messages INTEGER NOT NULL DEFAULT 0,
    -- Times that one of them came again.
    again    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, standing)
) STRICT, WITHOUT ROWID;

CREATE TABLE schema_migration (
    version       INTEGER NOT NULL PRIMARY KEY,
    name          TEXT    NOT NULL,
    checksum      TEXT    NOT NULL,
    applied_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE subscriber (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The address as given.
    address       TEXT    NOT NULL,
    -- EmailAddress.key: what makes two addresses the same person.
    address_key   TEXT    NOT NULL UNIQUE,
    -- The domain as A-labels in lower case.
    domain        TEXT    NOT NULL,
    -- The name, or NULL when none was given.
    name          TEXT,
    -- The primary subtag of the language, or NULL: then the workspace's chain decides.
    language      TEXT,
    -- One flat JSON object of texts: the other columns of the imported files.
    attributes    TEXT    NOT NULL DEFAULT '{}',
    state         TEXT    NOT NULL DEFAULT 'active'
                  CHECK (state = 'active' OR state = 'pending' OR state = 'unsubscribed' OR state = 'erased'),
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms > 0),
    updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms > 0)
, import_id INTEGER) STRICT;

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

CREATE INDEX subscriber_event_by_subscriber ON subscriber_event (subscriber_id, id);

CREATE TABLE subscription (
    subscriber_id INTEGER NOT NULL REFERENCES subscriber (id),
    topic_id      INTEGER NOT NULL REFERENCES topic (id),
    -- Where it came from, in words: a file, a form, an operator.
    source        TEXT    NOT NULL,
    consent_at_ms INTEGER NOT NULL CHECK (consent_at_ms > 0),
    ended_at_ms   INTEGER CHECK (ended_at_ms > 0),
    ended_reason  TEXT, import_id INTEGER, consent_text TEXT, is_pending INTEGER NOT NULL DEFAULT 0 CHECK (is_pending IN (0, 1)), frequency TEXT NOT NULL DEFAULT 'immediate'
    CHECK (frequency = 'immediate' OR frequency = 'daily' OR frequency = 'weekly'), paused_from_ms INTEGER CHECK (paused_from_ms > 0), paused_until_ms INTEGER CHECK (paused_until_ms > 0),
    PRIMARY KEY (subscriber_id, topic_id),
    CHECK ((ended_at_ms IS NULL) = (ended_reason IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX subscription_by_topic ON subscription (topic_id, subscriber_id);

CREATE TABLE "suppression" (
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

CREATE INDEX suppression_by_expiry ON suppression (expires_at_ms) WHERE expires_at_ms IS NOT NULL;

CREATE TABLE "suppression_history" (
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

CREATE INDEX suppression_history_by_address ON suppression_history (address_key, id);

CREATE INDEX suppression_history_by_domain ON suppression_history (campaign_id, domain, created_at_ms)
    WHERE campaign_id IS NOT NULL AND ended_at_ms IS NULL;

CREATE INDEX suppression_history_by_expiry ON suppression_history (expires_at_ms) WHERE expires_at_ms IS NOT NULL;

CREATE TABLE topic (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    -- One flat JSON object: title by language tag.
    title          TEXT    NOT NULL DEFAULT '{}',
    -- mandatory: staff, no unsubscribing.
    visibility     TEXT    NOT NULL DEFAULT 'public'
                   CHECK (visibility IN ('public', 'private', 'mandatory')),
    archived_at_ms INTEGER CHECK (archived_at_ms > 0),
    created_at_ms  INTEGER NOT NULL CHECK (created_at_ms > 0)
) STRICT;
