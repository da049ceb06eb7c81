// SPDX-License-Identifier: Apache-2.0
//
// The policy file of a new workspace: every key with its meaning and its default.
// Pure. config/bounce-policy.yaml of the repository is this text; a test holds them together.

extension BouncePolicyFile {
    /// The file that `nashra init` writes; it says what counts without it.
    public static let template = """
        # What is done about bounces, complaints and probes in this workspace. What is empty or missing has its default.
        #
        # A mistake here can silence people, or mail those who do not exist. Nothing acts without proof: a message
        # changes somebody's state only when it carries a token of ours. Everything can be undone with
        # `nashra suppressions remove`, and says why it happened: `nashra trace ADDRESS`.
        # Durations carry their unit (30s, 5m, 6h, 14d), shares a percent sign.

        # A hard bounce suppresses at once: the address does not work, and will not.
        hard:
          # Reasons that are hard when the failure is permanent. DANGER: a full mailbox, refused content or a bad
          # reputation is not the person's end; add them here and people are lost for faults of ours.
          # The words: `nashra bounces explain FILE` names them, docs/bounce-rules.md explains them.
          # Default: [unknown-user, domain-unknown, moved]
          reasons: [unknown-user, domain-unknown, moved]
          # Statuses that are hard whatever the reason, such as 5.1.1 or 5.1.*; asked after `never`.
          # Default: []
          statuses: []
          # Statuses that are never hard, such as 5.2.*.
          # Default: []
          never: []

        # A soft bounce is about one message. Only many of them in a row suppress.
        soft:
          # In so many campaigns in a row.
          # Default: 4
          campaigns: 4
          # And over at least so long, from the first to the last. DANGER: with 0s a bad week loses people.
          # Default: 14d
          span: 14d
          # A message that the relay took so long ago, and of which nothing came back, was a success: the row ends.
          # Default: 3d
          settled_after: 3d
          # Reasons that tell of us and not of the person; they are recorded and count for nothing.
          # Default: [content-refused, reputation, policy, not-authenticated, relaying-denied, security, syntax,
          # message-too-big]
          about_us: [content-refused, reputation, policy, not-authenticated, relaying-denied, security, syntax, message-too-big]

        # One short message before soft bounces suppress; only if it bounces too, the address is given up.
        probe:
          # Default: no
          enabled: no
          # A probe that did not come back for so long was a success.
          # Default: 7d
          wait: 7d

        # Trouble that condemns too many people at once to be theirs: a domain that is down, a list of ours that is
        # wrong. Their suppressions are withheld, and taken back, until somebody says otherwise (nashra bounces alarms).
        alarm:
          # So many people of one domain, condemned by one campaign …
          # Default: 20
          domain_minimum: 20
          # … when they are at least this share of the campaign's deliveries to the domain.
          # Default: 30%
          domain_share: 30%
          # More than so many of one domain, all because it is said not to exist, whatever their share.
          # Default: 5
          domain_unknown_maximum: 5
          # So many people condemned by one campaign …
          # Default: 100
          campaign_minimum: 100
          # … when they are at least this share of what the relay took.
          # Default: 30%
          campaign_share: 30%
          # How far back an alarm takes back what its domain and campaign caused.
          # Default: 7d
          window: 7d

        # A campaign that is still being sent is held when its hard bounces look like a list that is not what it should be.
        hold:
          # So many hard bounces …
          # Default: 20
          minimum: 20
          # … when they are more than this share of what the relay took.
          # Default: 5%
          share: 5%

        # What is kept of messages that prove nothing.
        keep:
          # How many of them with all their bytes, the newest.
          # Default: 1000
          of_strangers: 1000

        """
}
