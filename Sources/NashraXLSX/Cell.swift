// SPDX-License-Identifier: Apache-2.0
//
// One cell of a sheet: what its elements say, and the text that a person sees for it.
// Pure, but for shared strings that lie on disk. Rules: ECMA-376 part 1, 18.3.1.4 (c) and 18.18.11 (types).
import NashraCSV
import NashraCore

/// What a sheet's cells are read with.
struct CellContext {
    var strings = SharedStrings()
    var styles = CellStyles()
    var countsFrom1904 = false
}

/// A cell that is being read.
struct Cell {
    /// Its column, from 1.
    let column: Int

    private let type: CellType
    private let style: Int
    private var value: [UInt8] = []
    private var rich = RichText()
    private var isInValue = false
    private var isCut = false

    /// What a cell comes to.
    enum Outcome {
        case text(ArraySlice<UInt8>)
        case fault(CSVFault.Problem)
    }

    /// The cell whose element begins; `next` is its column when it does not say.
    init(_ scanner: borrowing XMLScanner, next: Int) {
        column = scanner.attribute("r").flatMap(CellReference.column) ?? next
        type = CellType(scanner.attribute("t"))
        style = scanner.attribute("s").flatMap(CellReference.number) ?? 0
    }

    mutating func begin(_ scanner: borrowing XMLScanner) {
        if scanner.isNamed("v") { isInValue = true } else { rich.begin(scanner) }
    }

    mutating func end(_ scanner: borrowing XMLScanner) {
        if scanner.isNamed("v") { isInValue = false } else { rich.end(scanner) }
    }

    mutating func add(_ scanner: borrowing XMLScanner) {
        guard isInValue else { return rich.add(scanner) }
        isCut = isCut || scanner.textIsCut || value.count + scanner.text.count > RichText.limit
        if !isCut { value += scanner.text }
    }

    /// What the cell holds; a formula's cell holds what it came to when it was saved.
    func outcome(_ context: CellContext, limit: Int) throws(UserError) -> Outcome {
        let text = try text(context)
        guard let text else { return .fault(.unreadableCell(column: column)) }
        if type == .error {
            return .fault(
                .cellError(
                    column: column,
                    code: Printable.text(String(decoding: text, as: UTF8.self), limit: 20)
                )
            )
        }
        guard !isCut, !rich.isCut, text.count <= limit else {
            return .fault(.fieldTooLong(column: column, limit: limit))
        }
        let isASCII = text.allSatisfy { $0 < 0x80 }
        guard isASCII || String(validating: text, as: UTF8.self) != nil else {
            return .fault(.unreadableCell(column: column))
        }
        return .text(text)
    }

    private func text(_ context: CellContext) throws(UserError) -> ArraySlice<UInt8>? {
        switch type {
        case .shared:
            guard !value.isEmpty else { return [] }
            return try CellReference.number(trimmed).flatMap { (index) throws(UserError) in
                try context.strings.string(index)
            }
        case .inline: return rich.bytes[...]
        case .text: return RichText.unescaped(value)[...]
        case .bool: return trimmed.isEmpty ? [] : Array((trimmed == [0x31] ? "true" : "false").utf8)[...]
        case .error, .date: return trimmed
        case .number: return number(context).map { Array($0.utf8)[...] } ?? trimmed
        }
    }

    private var trimmed: ArraySlice<UInt8> {
        let start = value.firstIndex { !XMLScanner.isSpace($0) } ?? value.endIndex
        let end = value.lastIndex { !XMLScanner.isSpace($0) }.map { $0 + 1 } ?? start
        return value[start..<end]
    }

    private func number(_ context: CellContext) -> String? {
        guard let number = CellNumber(trimmed) else { return nil }
        switch context.styles.kind(of: style) {
        case .plain: return number.text
        case .padded(let width): return number.text(padded: width)
        case .date:
            return number.days.flatMap { CellDate.text(days: $0, from1904: context.countsFrom1904) }
                ?? number.text
        case .time: return number.days.map { CellDate.time(days: $0) } ?? number.text
        }
    }
}

/// How a cell's value is written.
private enum CellType {
    case number, shared, inline, text, bool, error, date

    init(_ attribute: ArraySlice<UInt8>?) {
        guard let attribute, let first = attribute.first else {
            self = .number
            return
        }
        switch (first, attribute.count) {
        case (UInt8(ascii: "s"), 1): self = .shared
        case (UInt8(ascii: "b"), 1): self = .bool
        case (UInt8(ascii: "e"), 1): self = .error
        case (UInt8(ascii: "d"), 1): self = .date
        case (UInt8(ascii: "s"), 3): self = .text
        case (UInt8(ascii: "i"), 9): self = .inline
        default: self = .number
        }
    }
}
