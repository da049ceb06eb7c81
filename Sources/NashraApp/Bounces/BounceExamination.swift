// SPDX-License-Identifier: Apache-2.0
//
// One returned mail looked at from all sides: verdict, tie, policy. What `bounces explain` tells.
// Reads the workspace's keys and policy when there is one; changes nothing.
import NashraBounce
import NashraConfig
public import NashraCore
import NashraEngine

/// What is known about one returned mail.
public struct BounceExamination: Sendable {
    /// What it says.
    public let verdict: BounceVerdict
    /// Whose it is; `nil` without a workspace, whose keys would say so.
    public let tie: ReturnTie?
    /// The rules by which it would act: the workspace's, or the standard ones.
    public let policy: BouncePolicy

    /// Examines a mail.
    ///
    /// - Parameters:
    ///   - mail: The mail.
    ///   - directory: What --workspace said, or `nil`: then no workspace is no error.
    ///   - environment: The process's.
    /// - Returns: What is known.
    /// - Throws: What is wrong with the workspace, when there is one.
    public static func examine(
        _ mail: [UInt8],
        directory: String?,
        environment: [String: String]
    ) throws(UserError) -> BounceExamination {
        let application: Application
        do throws(UserError) {
            application = try Application.open(
                directory: directory,
                environment: environment,
                clock: SystemClock()
            )
        } catch {
            guard error.status == .noInput, directory == nil else { throw error }
            return BounceExamination(
                verdict: BounceClassifier().verdict(on: mail),
                tie: nil,
                policy: .standard
            )
        }
        let policy = try BouncePolicyFile.require(application.workspace)
        // A clone without keys can explain everything but whose mail it is.
        guard let keyring = try? application.keyring() else {
            return BounceExamination(
                verdict: BounceClassifier().verdict(on: mail),
                tie: nil,
                policy: policy
            )
        }
        let read = ReturnReader(
            classifier: BounceClassifier(),
            keyring: keyring,
            unsubscribeMailbox: application.configuration.unsubscribe.mailbox,
            confirmationMailbox: application.configuration.subscribe.mailbox
        ).read(ReturnedMail(id: "", bytes: mail), source: "", receivedAt: application.clock.now())
        return BounceExamination(verdict: read.entry.verdict, tie: read.entry.tie, policy: policy)
    }
}
