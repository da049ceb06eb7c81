// SPDX-License-Identifier: Apache-2.0
//
// Starts one process after another for the pieces of a fuzz run, and finds the input that ended one before
// its time. Only the number of that run is needed: the input is made again from it.
import Foundation

/// What happened in one piece, or in all.
struct Tally {
    var runs = 0
    var crashes: [Int] = []
    var hangs: [Int] = []
    var overgrown: [Int] = []
    var faults: [(run: Int, what: String)] = []
    var slowest = (run: 0, microseconds: 0)
    var peakMemory = 0
    var words: [String: Int] = [:]

    var isClean: Bool { crashes.isEmpty && hangs.isEmpty && overgrown.isEmpty && faults.isEmpty }
    /// Runs that ended their process.
    var deaths: Int { crashes.count + hangs.count + overgrown.count }
    var troubles: Int { deaths + faults.count }
}

struct Supervisor {
    let target: Target
    let arguments: [String]
    let report: (String) -> Void
    /// Where inputs are kept that made trouble.
    let folder: String

    /// Makes the runs in pieces, one process each; stops early after twenty that ended their process.
    func run(_ runs: Range<Int>, piece: Int) throws -> Tally {
        var tally = Tally()
        var next = runs.lowerBound
        while next < runs.upperBound, tally.deaths < 20 {
            let piece = next..<min(runs.upperBound, next + piece)
            let start = ContinuousClock.now
            let troubles = tally.troubles
            try work(piece, &tally)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let rate = Int(Double(piece.count) / max(seconds, 0.001))
            let slowest = "slowest run \(tally.slowest.run) with \(tally.slowest.microseconds) µs"
            report(
                "\(target.kind.rawValue) seed \(target.seed): runs \(piece), \(rate)/s, peak memory "
                    + "\(tally.peakMemory / 1_024) MiB, \(slowest), troubles \(tally.troubles - troubles)"
            )
            next = piece.upperBound
        }
        return tally
    }

    private func work(_ piece: Range<Int>, _ tally: inout Tally) throws {
        var next = piece.lowerBound
        var stepwise = false
        while next < piece.upperBound, tally.deaths < 20 {
            // Stepwise only over the stretch in which the last process died.
            let end = stepwise ? min(piece.upperBound, next + Worker.stride) : piece.upperBound
            let outcome = try child(next..<end, stepwise: stepwise, &tally)
            switch outcome {
            case .done:
                tally.runs += end - next
                next = end
                stepwise = false
            case .stopped(let run):
                tally.runs += run + 1 - next
                next = run + 1
            case .died(let last) where stepwise:
                tally.crashes.append(last)
                keep(last, "crash")
                tally.runs += last + 1 - next
                next = last + 1
            case .died(let last):
                tally.runs += last - next
                next = last
                stepwise = true
            }
        }
    }

    private enum Outcome {
        case done
        /// The watch ended it at this run.
        case stopped(Int)
        /// It died at this run or, unless it went step by step, within the stride behind it.
        case died(Int)
    }

    private func child(_ runs: Range<Int>, stepwise: Bool, _ tally: inout Tally) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            arguments + ["--from", "\(runs.lowerBound)", "--runs", "\(runs.count)", "--worker"]
            + (stepwise ? ["--stepwise"] : [])
        // Only the one run that is known by then is worth a trace of where it ended.
        let backtrace = ["SWIFT_BACKTRACE": stepwise && target.kind != .planted ? "enable=tty" : "enable=no"]
        process.environment = ProcessInfo.processInfo.environment.merging(backtrace) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var last = runs.lowerBound
        var outcome: Outcome?
        var rest = Data()
        while true {
            let chunk = output.fileHandleForReading.availableData
            if chunk.isEmpty { break }
            rest += chunk
            while let end = rest.firstIndex(of: 0x0A) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest = Data(rest[(end + 1)...])
                if let ended = note(line, &last, &tally) { outcome = ended }
            }
        }
        process.waitUntilExit()
        return outcome ?? .died(last)
    }

    /// Takes a line of the worker's; returns how it ended, if the line says so.
    private func note(_ line: String, _ last: inout Int, _ tally: inout Tally) -> Outcome? {
        let words = line.split(separator: " ", maxSplits: 4).map(String.init)
        guard words.count > 1, let run = Int(words[1]) else { return nil }
        switch words[0] {
        case "at": last = run
        case "fault":
            tally.faults.append((run, words.dropFirst(2).joined(separator: " ")))
            if tally.faults.count <= 20 { keep(run, "fault") }
        case "hang":
            tally.hangs.append(run)
            keep(run, "hang")
            return .stopped(run)
        case "memory":
            tally.overgrown.append(run)
            keep(run, "memory")
            return .stopped(run)
        case "done" where words.count >= 4:
            let time = Int(words[2]) ?? 0
            if time > tally.slowest.microseconds { tally.slowest = (run, time) }
            let memory = Int(words[3]) ?? 0
            tally.peakMemory = max(tally.peakMemory, memory)
            // A last run that grew too large may have ended before the watch looked.
            if memory > Worker.largestMemory { tally.overgrown.append(last) }
            for pair in (words.count > 4 ? words[4] : "").split(separator: ",") {
                let parts = pair.split(separator: "=")
                guard let name = parts.first, let count = parts.last.flatMap({ Int($0) }) else { continue }
                tally.words[String(name), default: 0] += count
            }
            return .done
        default: break
        }
        return nil
    }

    private func keep(_ run: Int, _ what: String) {
        guard target.kind != .planted else { return report("\(what): run \(run), planted") }
        let name = "fuzz-\(what)-\(target.kind.rawValue)-\(target.seed)-\(run)"
        let file = URL(filePath: folder).appending(path: name)
        try? Data(target.input(run)).write(to: file)
        report("\(what): \(target.kind.rawValue) seed \(target.seed) run \(run), kept as \(file.path)")
    }
}
