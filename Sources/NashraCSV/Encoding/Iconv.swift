// SPDX-License-Identifier: Apache-2.0
//
// One conversion of iconv to UTF-8. The only file here that hands pointers to C for encodings.
// Rules: iconv(3) of glibc; nothing is transliterated and nothing left out.
import Glibc

/// A conversion that is under way.
///
/// Not `Sendable`: iconv keeps a state between calls.
final class Iconv {
    private let handle: iconv_t
    /// Bytes that a broken character costs.
    private let unit: Int
    /// The beginning of a character whose rest has not come.
    private var held: [UInt8] = []
    /// Where iconv writes; kept, because a broken text needs a call for each of its bytes.
    private var room = [CChar](repeating: 0, count: 16 << 10)

    /// Whether iconv can read an encoding.
    static func knows(_ name: String) -> Bool { Iconv(name) != nil }

    /// Begins a conversion from the encoding called `name`; `nil` when it is not known.
    init?(_ name: String) {
        guard let opened = iconv_open("UTF-8", name), opened != iconv_t(bitPattern: -1) else { return nil }
        handle = opened
        let capitals = name.uppercased()
        unit = capitals.contains("32") || capitals.contains("UCS-4") ? 4 : capitals.contains("UCS-2") ? 2 : 1
    }

    deinit { iconv_close(handle) }

    /// Converts bytes.
    ///
    /// - Parameters:
    ///   - bytes: What comes next.
    ///   - isLast: Nothing comes after them.
    ///   - output: Receives UTF-8, with U+FFFD for what means nothing.
    /// - Returns: How many times that was.
    func convert(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, into output: inout [UInt8]) -> Int {
        var input = held + bytes
        held = []
        var broken = 0
        var start = 0
        while start < input.count {
            let (used, fault) = step(&input, from: start, into: &output)
            start += used
            guard let fault else { continue }
            if fault == EINVAL, !isLast {
                held = Array(input[start...])
                return broken
            }
            broken += 1
            output += TextDecoder.replacement
            start += unit
        }
        if isLast { flush(into: &output) }
        return broken
    }

    /// What iconv still holds: some encodings join a letter and the mark that may follow it.
    private func flush(into output: inout [UInt8]) {
        let handle = handle
        room.withUnsafeMutableBufferPointer { target in
            guard let into = target.baseAddress else { return }
            var end: UnsafeMutablePointer<CChar>? = into
            var free = target.count
            _ = iconv(handle, nil, nil, &end, &free)
            output.append(contentsOf: UnsafeRawBufferPointer(start: into, count: target.count - free))
        }
    }

    /// One call of iconv; says how far it came, and the error unless it is only that the room was too small.
    private func step(
        _ input: inout [UInt8],
        from start: Int,
        into output: inout [UInt8]
    ) -> (used: Int, fault: Int32?) {
        let handle = handle
        return input.withUnsafeMutableBytes { source in
            room.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let into = target.baseAddress else {
                    return (source.count, nil)
                }
                var next: UnsafeMutablePointer<CChar>? = (from + start).assumingMemoryBound(to: CChar.self)
                var left = source.count - start
                var end: UnsafeMutablePointer<CChar>? = into
                var free = target.count
                let before = left
                let result = iconv(handle, &next, &left, &end, &free)
                let fault = result == Int(bitPattern: UInt.max) ? errno : 0
                output.append(
                    contentsOf: UnsafeRawBufferPointer(start: into, count: target.count - free)
                )
                return (before - left, fault == 0 || fault == E2BIG ? nil : fault)
            }
        }
    }
}
