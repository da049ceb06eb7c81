// SPDX-License-Identifier: Apache-2.0
//
// Base64 in lines of 76 characters. The hot loop works on unsafe pointers into buffers whose size is computed first.
// Pure. Rules: RFC 2045 section 6.8.

/// Writes base64.
public enum Base64Lines {
    private static let lineBytes = 57  // 76 characters

    /// Encodes bytes in lines of 76 characters with CR LF between them, none after the last.
    public static func encode(_ input: [UInt8]) -> [UInt8] {
        guard !input.isEmpty else { return [] }
        let breaks = (input.count - 1) / lineBytes
        let size = (input.count + 2) / 3 * 4 + 2 * breaks
        return [UInt8](unsafeUninitializedCapacity: size) { output, count in
            guard var next = output.baseAddress else { return }
            input.withUnsafeBufferPointer { input in
                guard let start = input.baseAddress else { return }
                var done = 0
                pairs.withUnsafeBufferPointer { pairs in
                    while done < input.count {
                        let take = min(lineBytes, input.count - done)
                        next = write(start + done, take, pairs, to: next)
                        done += take
                        if done < input.count {
                            next[0] = 0x0D
                            next[1] = 0x0A
                            next += 2
                        }
                    }
                }
            }
            count = size
        }
    }

    /// Appends base64 without any line break, for encoded words.
    static func appendUnbroken(_ input: ArraySlice<UInt8>, to output: inout [UInt8]) {
        var window: UInt32 = 0
        var held = 0
        for byte in input {
            window = window << 8 | UInt32(byte)
            held += 1
            if held == 3 {
                for shift: UInt32 in [18, 12, 6, 0] { output.append(character(window >> shift & 63)) }
                (window, held) = (0, 0)
            }
        }
        guard held > 0 else { return }
        window <<= UInt32(8 * (3 - held))
        for place in 0..<4 {
            let shift = UInt32(18 - 6 * place)
            output.append(place <= held ? character(window >> shift & 63) : UInt8(ascii: "="))
        }
    }

    /// Encodes `count` bytes from `input` and gives the place after the last character.
    @inline(__always)
    private static func write(
        _ input: UnsafePointer<UInt8>,
        _ count: Int,
        _ pairs: UnsafeBufferPointer<UInt16>,
        to output: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var next = UnsafeMutableRawPointer(output)
        var index = 0
        while index + 3 <= count {
            let group = Int(input[index]) << 16 | Int(input[index + 1]) << 8 | Int(input[index + 2])
            next.storeBytes(of: pairs[group >> 12], as: UInt16.self)
            next.storeBytes(of: pairs[group & 0xFFF], toByteOffset: 2, as: UInt16.self)
            next += 4
            index += 3
        }
        let last = next.assumingMemoryBound(to: UInt8.self)
        let left = count - index
        guard left > 0 else { return last }
        let group = UInt32(input[index]) << 16 | (left == 2 ? UInt32(input[index + 1]) << 8 : 0)
        last[0] = character(group >> 18)
        last[1] = character(group >> 12 & 63)
        last[2] = left == 2 ? character(group >> 6 & 63) : UInt8(ascii: "=")
        last[3] = UInt8(ascii: "=")
        return last + 4
    }

    /// The two characters for each twelve bits, in memory order.
    private static let pairs: [UInt16] = (0..<4096).map { (value: UInt32) in
        let (first, second) = (UInt16(character(value >> 6)), UInt16(character(value & 63)))
        return UInt16(littleEndian: first | second << 8)
    }

    private static func character(_ value: UInt32) -> UInt8 {
        switch value {
        case 0..<26: UInt8(0x41 + value)
        case 26..<52: UInt8(0x61 + value - 26)
        case 52..<62: UInt8(0x30 + value - 52)
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}
