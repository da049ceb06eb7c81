// SPDX-License-Identifier: Apache-2.0
//
// What a workbook consists of: its sheets in order, and where strings and styles lie.
// Reads the small parts of a package. Rules: ECMA-376 part 1, 18.2 (workbook) and part 2, 9.3 (relationships); both the
// transitional and the strict form.
import NashraCSV
import NashraCore

/// A workbook's table of contents.
struct Workbook {
    /// One sheet of cells.
    struct Sheet: Equatable {
        var name: String
        /// Its part in the package.
        var part: String
        /// Whether the program that shows the workbook hides it.
        var isHidden: Bool
    }

    /// The sheets of cells, in the order of their tabs.
    private(set) var sheets: [Sheet] = []
    /// Whether days are counted from 1904 on.
    private(set) var countsFrom1904 = false
    /// The part with the strings that cells share, if there is one.
    private(set) var strings: String?
    /// The part with the styles, if there is one.
    private(set) var styles: String?

    static let mostSheets = 1_000

    /// Reads the contents of a package.
    ///
    /// - Throws: ``UserError`` with status `badData` when it is no workbook.
    init(_ parts: any PackageParts) throws(UserError) {
        let roots = try Relationships(parts, of: "")
        guard let main = roots.first(ofType: "/officeDocument") ?? Self.usual(parts) else {
            throw Self.isNone(parts.name)
        }
        let relationships = try Relationships(parts, of: main)
        strings = relationships.first(ofType: "/sharedStrings").flatMap { parts.contains($0) ? $0 : nil }
        styles = relationships.first(ofType: "/styles").flatMap { parts.contains($0) ? $0 : nil }
        var listed: [(name: String, id: String, isHidden: Bool)] = []
        var is1904 = false
        try PartReader.read(main, of: parts) { scanner in
            if scanner.isNamed("workbookPr"), let flag = scanner.attributeText("date1904") {
                is1904 = flag == "1" || flag == "true"
            }
            if scanner.isNamed("sheet"), listed.count < Self.mostSheets {
                let state = scanner.attributeText("state") ?? "visible"
                // The identifier's prefix is the file's own choice; attribute(_:) wants it as it is written.
                let id = scanner.prefixedAttribute("id") ?? ""
                listed.append((scanner.attributeText("name") ?? "", id, state != "visible"))
            }
        }
        countsFrom1904 = is1904
        for sheet in listed {
            guard let part = relationships.part(id: sheet.id, type: "/worksheet"), parts.contains(part) else {
                continue
            }
            sheets.append(Sheet(name: sheet.name, part: part, isHidden: sheet.isHidden))
        }
        guard !sheets.isEmpty else { throw Self.isNone(parts.name) }
    }

    /// The sheet that a user names: by its name, or by its number from 1; without a name the first that is shown.
    ///
    /// - Throws: ``UserError`` with status `badData` that lists the sheets when there is no such.
    func sheet(_ wanted: String?, file: String) throws(UserError) -> Sheet {
        guard let wanted else {
            if let first = sheets.first(where: { !$0.isHidden }) ?? sheets.first { return first }
            throw Self.isNone(file)
        }
        if let exact = sheets.first(where: { $0.name == wanted }) { return exact }
        if let folded = sheets.first(where: { $0.name.lowercased() == wanted.lowercased() }) { return folded }
        if let number = Int(wanted), sheets.indices.contains(number - 1) { return sheets[number - 1] }
        throw UserError(
            .badData,
            "\(file): has no sheet \(Printable.text(wanted, limit: 40))",
            remedy: "Its sheets are: \(list). Name one with --sheet, or its number from 1."
        )
    }

    /// The sheets' names for a message.
    var list: String {
        sheets.map { Printable.text($0.name, limit: 40) + ($0.isHidden ? " (hidden)" : "") }.joined(
            separator: ", "
        )
    }

    private static func usual(_ parts: any PackageParts) -> String? {
        parts.contains("xl/workbook.xml") ? "xl/workbook.xml" : nil
    }

    private static func isNone(_ file: String) -> UserError {
        UserError(
            .badData,
            "\(file): is a zip file, but no workbook with a sheet of cells",
            remedy: "Save the table as .xlsx or as CSV UTF-8; unpack archives before."
        )
    }
}

/// Where the parts that a part names lie.
private struct Relationships {
    private var all: [(id: String, type: String, part: String)] = []

    /// Reads the relationships of a part; of the package itself when its name is empty.
    init(_ parts: any PackageParts, of part: String) throws(UserError) {
        let slash = part.lastIndex(of: "/")
        let folder = slash.map { String(part[..<$0]) } ?? ""
        let file = slash.map { String(part[part.index(after: $0)...]) } ?? part
        let name = (folder.isEmpty ? "" : "\(folder)/") + "_rels/\(file).rels"
        guard parts.contains(name) else { return }
        var found: [(id: String, type: String, part: String)] = []
        try PartReader.read(name, of: parts) { scanner in
            guard scanner.isNamed("Relationship"), found.count < 10_000,
                scanner.attributeText("TargetMode") != "External",
                let target = scanner.attributeText("Target")
            else { return }
            let type = scanner.attributeText("Type") ?? ""
            found.append((scanner.attributeText("Id") ?? "", type, Self.resolve(target, from: folder)))
        }
        all = found
    }

    func first(ofType suffix: String) -> String? { all.first { $0.type.hasSuffix(suffix) }?.part }

    func part(id: String, type: String) -> String? {
        all.first { $0.id == id && $0.type.hasSuffix(type) }?.part
    }

    /// A target's name from the package's root.
    private static func resolve(_ target: String, from folder: String) -> String {
        let whole = target.hasPrefix("/") ? target : "\(folder)/\(target)"
        var steps: [Substring] = []
        for step in whole.split(separator: "/") where step != "." {
            if step == ".." {
                _ = steps.popLast()
            } else {
                steps.append(step)
            }
        }
        return steps.joined(separator: "/")
    }
}
