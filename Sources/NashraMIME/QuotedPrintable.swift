// SPDX-License-Identifier: Apache-2.0
//
// Quoted-printable for text. The hot loop works on unsafe pointers into a buffer sized for the worst case.
// Pure. Rules: RFC 2045 section 6.7; RFC 2049 section 3 for what gateways disturb.

/// Writes quoted-printable.
public enum QuotedPrintable {
    /// Encodes text in lines of at most 76 characters.
    ///
    /// CR LF, a lone LF and a lone CR are line ends and become CR LF. Encoded are: what is not printable ASCII, `=`,
    /// a space or tab before a line end, a dot at the start of a line (so that it never looks like the end of the
    /// message), and the F of a line that starts with `From ` (which mbox files would change).
    public static func encode(_ text: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: text.count * 3 + (text.count * 3 / 73 + 1) * 3) {
            buffer,
            count in
            guard let start = buffer.baseAddress else { return }
            text.withUnsafeBufferPointer { input in
                isLiteral.withUnsafeBufferPointer { literal in
                    var writer = Writer(input: input, literal: literal, next: start)
                    writer.run()
                    count = writer.next - start
                }
            }
        }
    }

    /// How many bytes of `text` become three.
    static func escapes(in text: [UInt8]) -> Int {
        isLiteral.withUnsafeBufferPointer { literal in
            text.reduce(0) { $0 + (literal[Int($1)] || $1 == 0x0A || $1 == 0x0D ? 0 : 1) }
        }
    }

    /// Printable ASCII but `=`, space and tab.
    private static let isLiteral: [Bool] = (0..<256).map {
        (0x20...0x7E).contains($0) && $0 != 0x3D || $0 == 0x09
    }
}

/// The encoder's place in its two buffers.
private struct Writer {
    let input: UnsafeBufferPointer<UInt8>
    let literal: UnsafeBufferPointer<Bool>
    var next: UnsafeMutablePointer<UInt8>
    private var index = 0
    private var column = 0

    /// One column is kept for the `=` of a soft break.
    private static let width = 75

    init(
        input: UnsafeBufferPointer<UInt8>,
        literal: UnsafeBufferPointer<Bool>,
        next: UnsafeMutablePointer<UInt8>
    ) {
        self.input = input
        self.literal = literal
        self.next = next
    }

    mutating func run() {
        while index < input.count {
            if column == 0, needsGuard() {
                escape(input[index])
                index += 1
            }
            copyLiterals()
            guard index < input.count else { return }
            let byte = input[index]
            if byte == 0x0A || byte == 0x0D {
                if byte == 0x0D, index + 1 < input.count, input[index + 1] == 0x0A { index += 1 }
                breakLine()
                index += 1
            } else if column >= Self.width {
                put(0x3D)
                breakLine()
            } else {
                escape(byte)
                index += 1
            }
        }
    }

    /// Copies as many literal bytes as the line has room for, but no space that would end it.
    private mutating func copyLiterals() {
        let limit = min(input.count, index + Self.width - column)
        let start = index
        while index < limit, literal[Int(input[index])] { index += 1 }
        guard index > start, let base = input.baseAddress else { return }
        let last = input[index - 1]
        let endsLine = index == input.count || input[index] == 0x0A || input[index] == 0x0D
        let isBlank = endsLine && (last == 0x20 || last == 0x09)
        let count = index - start - (isBlank ? 1 : 0)
        next.update(from: base + start, count: count)
        next += count
        column += count
        if isBlank { escape(last) }
    }

    /// Whether the line about to start would look like something else.
    private func needsGuard() -> Bool {
        let byte = input[index]
        if byte == UInt8(ascii: ".") { return true }
        return byte == UInt8(ascii: "F") && index + 4 < input.count && input[index + 1] == UInt8(ascii: "r")
            && input[index + 2] == UInt8(ascii: "o") && input[index + 3] == UInt8(ascii: "m")
            && input[index + 4] == 0x20
    }

    @inline(__always)
    private mutating func put(_ byte: UInt8) {
        next[0] = byte
        next += 1
        column += 1
    }

    private mutating func escape(_ byte: UInt8) {
        if column > Self.width - 3 {
            put(0x3D)
            breakLine()
        }
        put(0x3D)
        put(Hexadecimal.digit(byte >> 4))
        put(Hexadecimal.digit(byte & 15))
    }

    private mutating func breakLine() {
        put(0x0D)
        put(0x0A)
        column = 0
    }
}
