// SPDX-License-Identifier: Apache-2.0
//
// From facts to a meaning: reason, kind and status of one recipient.
// Pure. Rules: docs/bounce-rules.md, "The order of evidence" and "When evidence disagrees".
import NashraCore

/// Judges findings.
struct Judgement: Sendable {}
