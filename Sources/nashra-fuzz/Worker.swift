// SPDX-License-Identifier: Apache-2.0
//
// The process that reads the inputs. It tells the one that started it how far it is, and is allowed to die. A
// thread beside it watches the time of the run at hand and the memory of the process.
import Foundation
import Glibc
import Synchronization

/// What both threads know.
private final class Progress: Sendable {
    /// The run at hand.
    let run = Atomic<Int>(-1)
}

enum Worker {
    /// How often the run's number is told; after a crash these are done again, one by one.
    static let stride = 1_000
    /// The longest that one run may take, in milliseconds of the processor's time.
    static let longestMilliseconds = 1_000
    /// The most memory that the process may have resident, in KiB.
    static let largestMemory = 256 << 10

    /// Makes runs, and writes lines that ``Supervisor`` reads.
    static func work(_ target: Target, runs: Range<Int>, stepwise: Bool) {
        // Beyond this an allocation fails, and the process dies of it; the watch should speak first.
        var limit = rlimit(rlim_cur: 2 << 30, rlim_max: 2 << 30)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        let progress = Progress()
        Thread.detachNewThread { watch(progress) }
        var words: [String: Int] = [:]
        var slowest = (run: runs.lowerBound, nanoseconds: 0)
        for run in runs {
            if stepwise || run % stride == 0 { tell("at \(run)") }
            let input = target.input(run)
            let start = processorNanoseconds(CLOCK_THREAD_CPUTIME_ID)
            progress.run.store(run, ordering: .relaxed)
            do throws(Fault) {
                words[try target.read(input), default: 0] += 1
            } catch {
                tell("fault \(run) \(error)")
            }
            let time = processorNanoseconds(CLOCK_THREAD_CPUTIME_ID) - start
            if time > slowest.nanoseconds { slowest = (run, time) }
        }
        let counts = words.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        tell("done \(slowest.run) \(slowest.nanoseconds / 1_000) \(peakMemory()) \(counts)")
    }

    private static func tell(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    /// Ends the process when a run takes too long or the process grows too large.
    private static func watch(_ progress: Progress) {
        var seen = -1
        var since = 0
        while true {
            usleep(50_000)
            let run = progress.run.load(ordering: .relaxed)
            // The process's time and not the clock's: other programs may want the processor too.
            let now = processorNanoseconds(CLOCK_PROCESS_CPUTIME_ID)
            if run != seen { (seen, since) = (run, now) }
            if run >= 0, now - since > longestMilliseconds * 1_000_000 {
                tell("hang \(run)")
                _exit(3)
            }
            if peakMemory() > largestMemory {
                tell("memory \(run) \(peakMemory())")
                _exit(4)
            }
        }
    }

    private static func processorNanoseconds(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// The most that was ever resident, in KiB.
    private static func peakMemory() -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return 0 }
        return Int(line.filter(\.isNumber)) ?? 0
    }
}
