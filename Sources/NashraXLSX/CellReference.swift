// SPDX-License-Identifier: Apache-2.0
//
// Where a cell stands: `AB12` is column 28 of row 12.
// Pure. Rules: ECMA-376 part 1, 18.18.62; a sheet has 16,384 columns and 1,048,576 rows.

enum CellReference {
    static let mostColumns = 16_384
    static let mostRows = 1_048_576

    /// The column of a reference, from 1.
    static func column(_ reference: ArraySlice<UInt8>) -> Int? {
        var column = 0
        for byte in reference {
            let letter = byte | 0x20
            guard letter >= 0x61, letter <= 0x7A else { break }
            column = column * 26 + Int(letter - 0x60)
            guard column <= mostColumns else { return nil }
        }
        return column > 0 ? column : nil
    }

    /// A whole number of ASCII digits, below a thousand million.
    static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count <= 9 else { return nil }
        var number = 0
        for byte in digits {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }
}
