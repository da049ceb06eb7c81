-- v0002_bounces: what comes back, what it counts as, and what was done about it.
--
-- Existing data   suppressions are copied into the table that knows one reason more, and each begins a history.
--                 Campaigns that have finished already are counted row by row, as before.
-- Cost            creates, one copy of `suppression`, one index over `audit`; `delivery` and `attempt` are not touched,
--                 and get no further index: freezing 1,000,000 people must not become slower.
-- Times           milliseconds since 1970-01-01T00:00:00Z, in columns that end in _at_ms.
-- Words           those of docs/decisions/0007-bounces.md.
--
-- References to delivery and campaign are not declared, as in v0001: rows are never deleted there, and the code that
-- inserts here has just read the row. Words are compared with OR, not IN (…), in tables that get a row per message.

-- One message that came back. The same bytes are one row.
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

-- Serve ReturnedQueries.page for each filter, newest first; BouncesQueryTests asserts the plans.
CREATE INDEX returned_by_kind ON returned (kind, id);
CREATE INDEX returned_by_standing ON returned (standing, id);
CREATE INDEX returned_by_campaign ON returned (campaign_id, id) WHERE campaign_id IS NOT NULL;
CREATE INDEX returned_by_time ON returned (recorded_at_ms);

-- Serves Store.story: what came back for one delivery.
CREATE INDEX returned_by_delivery ON returned (delivery_id, id) WHERE delivery_id IS NOT NULL;

-- The bytes that are kept: of replies, of what was not understood, of strangers up to a number. A table of its own,
-- so that lists do not walk over them.
CREATE TABLE returned_bytes (
    returned_id INTEGER PRIMARY KEY REFERENCES returned (id),
    -- Forged or untied: anybody can send these, so their number is limited.
    of_stranger INTEGER NOT NULL CHECK (of_stranger IN (0, 1)),
    bytes       BLOB    NOT NULL
) STRICT;

-- Serves the count of what is kept of strangers, at most BouncePolicy.keptOfStrangers rows.
CREATE INDEX returned_bytes_of_strangers ON returned_bytes (returned_id) WHERE of_stranger = 1;

-- How many messages came, by what they were; kept with them, so that a summary reads a handful of rows.
CREATE TABLE returned_count (
    kind     TEXT    NOT NULL,
    standing TEXT    NOT NULL,
    -- Rows of `returned`.
    messages INTEGER NOT NULL DEFAULT 0,
    -- Times that one of them came again.
    again    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, standing)
) STRICT, WITHOUT ROWID;

-- What is known about one delivery after it was handed over or refused: each event once. This key is what makes a
-- replay harmless.
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

-- Serves Store.settleAlarm.
CREATE INDEX bounce_by_alarm ON bounce (alarm_id) WHERE alarm_id IS NOT NULL;

-- What came back for a campaign, counted as it is recorded: a report reads one row.
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

-- The delivery part of a finished campaign's report, as JSON: nothing changes any more, so nobody has to go through a
-- million rows again. Written when a campaign finishes, removed when its deliveries are touched again.
CREATE TABLE campaign_count (
    campaign_id INTEGER PRIMARY KEY,
    counts      BLOB    NOT NULL
) STRICT;

-- The same as campaign_return for one domain of a campaign.
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

-- Trouble that condemns too many people at once to be theirs: nobody is suppressed by it until somebody says so.
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

-- What a person wrote back; its bytes are in returned_bytes.
CREATE TABLE reply (
    returned_id INTEGER PRIMARY KEY REFERENCES returned (id),
    campaign_id INTEGER NOT NULL,
    delivery_id INTEGER NOT NULL,
    -- The issuer's address, or NULL when there is nobody to forward to.
    forward_to  TEXT
) STRICT;

-- Serves Store.replies of one campaign, newest first.
CREATE INDEX reply_by_campaign ON reply (campaign_id, returned_id);

-- A short message to one person, to learn whether the address works before soft bounces suppress it.
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

-- At most one at a time for one person; serves the look before a new one, and the history of a person.
CREATE UNIQUE INDEX probe_under_way ON probe (address_key) WHERE state IN ('queued', 'sent');
CREATE INDEX probe_by_address ON probe (address_key, id);

-- Serves Store.settleProbes: which probes have waited long enough.
CREATE INDEX probe_waiting ON probe (sent_at_ms) WHERE state = 'sent';

-- Messages that we owe somebody, and that are no campaign's: written with what asked for them, so that a crash loses
-- none. The message itself is composed from what the row refers to: the same bytes every time.
CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    work          TEXT    NOT NULL CHECK (work IN ('probe', 'forward')),
    probe_id      INTEGER REFERENCES probe (id),
    returned_id   INTEGER REFERENCES returned (id),
    recipient     TEXT    NOT NULL,
    state         TEXT    NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed')),
    attempts      INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at_ms    INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms > 0),
    ended_at_ms   INTEGER CHECK (ended_at_ms > 0),
    -- The relay's words or ours, of the last try.
    words         TEXT,
    CHECK ((work = 'probe') = (probe_id IS NOT NULL) AND (work = 'forward') = (returned_id IS NOT NULL)),
    CHECK ((state = 'queued') = (ended_at_ms IS NULL))
) STRICT;

-- Serves Store.takeOutbox.
CREATE INDEX outbox_due ON outbox (next_at_ms, id) WHERE state = 'queued';
-- Serve what became of a probe or of a reply.
CREATE UNIQUE INDEX outbox_by_probe ON outbox (probe_id) WHERE probe_id IS NOT NULL;
CREATE UNIQUE INDEX outbox_by_returned ON outbox (returned_id) WHERE returned_id IS NOT NULL;

-- Suppressions, with one reason more. The table is written anew, because SQLite cannot change a CHECK.
CREATE TABLE suppression_new (
    -- EmailAddress.key. Wider than RFC 5321 on purpose: when in doubt, we stay silent.
    address_key   TEXT    NOT NULL PRIMARY KEY,
    scope         TEXT    NOT NULL DEFAULT 'all' CHECK (scope IN ('all')),
    reason        TEXT    NOT NULL
                  CHECK (reason IN ('hard_bounce', 'soft_bounce', 'complaint', 'unsubscribe', 'operator')),
    -- Who or what asked for it, in words.
    origin        TEXT    NOT NULL,
    note          TEXT    NOT NULL DEFAULT '',
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms > 0)
) STRICT, WITHOUT ROWID;

INSERT INTO suppression_new SELECT address_key, scope, reason, origin, note, created_at_ms FROM suppression;
DROP TABLE suppression;
ALTER TABLE suppression_new RENAME TO suppression;

-- Each time that an address was suppressed, and how that ended: `suppression` says what holds now, this says how it came.
CREATE TABLE suppression_history (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    address_key   TEXT    NOT NULL,
    reason        TEXT    NOT NULL
                  CHECK (reason IN ('hard_bounce', 'soft_bounce', 'complaint', 'unsubscribe', 'operator')),
    origin        TEXT    NOT NULL,
    note          TEXT    NOT NULL,
    -- Whose delivery it came from; NULL when somebody said so.
    delivery_id   INTEGER,
    campaign_id   INTEGER,
    domain        TEXT,
    returned_id   INTEGER REFERENCES returned (id),
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms > 0),
    created_by    TEXT    NOT NULL,
    ended_at_ms   INTEGER CHECK (ended_at_ms > 0),
    ended_by      TEXT,
    -- lifted: by a person. alarm: taken back by an alarm. replaced: by a reason that weighs more.
    ended_how     TEXT    CHECK (ended_how IN ('lifted', 'alarm', 'replaced')),
    ended_why     TEXT,
    CHECK ((ended_at_ms IS NULL) = (ended_how IS NULL))
) STRICT;

INSERT INTO suppression_history (address_key, reason, origin, note, created_at_ms, created_by)
SELECT address_key, reason, origin, note, created_at_ms, origin FROM suppression;

-- Serves the history of a person, and when somebody last lifted a suppression.
CREATE INDEX suppression_history_by_address ON suppression_history (address_key, id);
-- Serves an alarm that takes suppressions back.
CREATE INDEX suppression_history_by_domain ON suppression_history (campaign_id, domain, created_at_ms)
    WHERE campaign_id IS NOT NULL AND ended_at_ms IS NULL;

-- Serves Store.story, and whether the storm guard held a campaign.
CREATE INDEX audit_by_object ON audit (object, id);
