// SPDX-License-Identifier: Apache-2.0
//
// Troubles of every sort at known places, so that the tool can show that it finds them.
// `make fuzz` begins with it: a watch that sees nothing would report nothing.
import Foundation

enum Planted {
    static let crash = 1_500
    static let hang = 2_500
    static let growth = 3_500
    static let fault = 4_500

    /// Does harm when the input is one of the planted ones.
    static func read(_ bytes: [UInt8]) throws(Fault) -> String {
        let run = Int(String(decoding: bytes, as: UTF8.self)) ?? 0
        precondition(run != crash, "planted")
        if run == growth {
            let ballast = [UInt8](repeating: 1, count: 300 << 20)
            Thread.sleep(forTimeInterval: 0.5)
            try Fault.unless(ballast.last == 1, "memory that forgets")
        }
        let start = ContinuousClock.now
        while run == hang, ContinuousClock.now - start < .seconds(60) {}
        try Fault.unless(run != fault, "planted")
        return "harmless"
    }

    /// Whether exactly what was planted was found.
    static func isFound(by tally: Tally) -> Bool {
        tally.crashes == [crash] && tally.hangs == [hang] && tally.overgrown == [growth]
            && tally.faults.map(\.run) == [fault]
    }
}
