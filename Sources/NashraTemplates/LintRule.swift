// SPDX-License-Identifier: Apache-2.0
//
// The rules that a bulletin is checked by, each with its code and its severity.
// Pure. docs/lint.md explains every one; a test compares the two.
public import NashraCore

/// A rule for bulletins.
///
/// A code, once shipped, keeps its meaning.
public enum LintRule: String, Sendable, Hashable, CaseIterable {
    case unknownField = "NSH001"
    case missingFallback = "NSH002"
    case malformedField = "NSH003"
    case privateUseCharacter = "NSH004"
    case missingVariant = "NSH010"
    case uncoveredVariant = "NSH011"
    case missingSubjectOrTitle = "NSH012"
    case longSubject = "NSH013"
    case subjectStartsLeftToRight = "NSH014"
    case bidiOverride = "NSH020"
    case unpairedIsolate = "NSH021"
    case rawHTML = "NSH030"
    case linkScheme = "NSH031"
    case linkDomain = "NSH032"
    case missingAlt = "NSH033"
    case markdownLimit = "NSH034"
    case largeMail = "NSH040"
    case oversizeMail = "NSH041"
    case expired = "NSH050"
    case expiresBeforeDate = "NSH051"
    case metadata = "NSH060"
    case unreadableFile = "NSH061"
    case unknownFile = "NSH062"
    case folderName = "NSH063"
    case layout = "NSH070"
    case localeString = "NSH071"
    case theme = "NSH072"

    /// Whether it stops a send.
    public var severity: Diagnostic.Severity {
        switch self {
        case .missingVariant, .longSubject, .subjectStartsLeftToRight, .largeMail, .unknownFile, .folderName:
            .warning
        default: .error
        }
    }

    /// A finding by this rule.
    public func diagnostic(
        file: String,
        line: Int? = nil,
        column: Int? = nil,
        _ message: String,
        remedy: String = ""
    ) -> Diagnostic {
        Diagnostic(
            severity,
            code: rawValue,
            file: file,
            line: line,
            column: column,
            message,
            remedy: remedy
        )
    }
}
