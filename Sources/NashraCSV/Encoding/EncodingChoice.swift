// SPDX-License-Identifier: Apache-2.0
//
// Which encoding a file is read in: what the user says, unless the bytes say otherwise. Nothing becomes mojibake
// in silence: a contradiction is an error that shows both readings.
// Pure. docs/import-files.md, "Encodings".
public import NashraCore

/// Settles the encoding of a file.
public enum EncodingChoice {
    /// The encoding to read a file in.
    ///
    /// - Parameters:
    ///   - requested: What the user says; `nil` to find out.
    ///   - isForced: The user's word counts whatever the bytes say; what means nothing then costs its row.
    ///   - survey: What the bytes say.
    ///   - file: The file as the user named it.
    /// - Returns: The encoding, how sure it is, and why.
    /// - Throws: ``UserError`` with status `badData` when it cannot be told or the bytes contradict, `usage` when
    ///   nobody knows the name.
    public static func settle(
        _ requested: String?,
        isForced: Bool,
        survey: EncodingSurvey,
        file: String
    ) throws(UserError) -> EncodingFinding {
        let detected = EncodingDetector.detect(survey)
        guard let requested else {
            guard let detected else { throw unknown(survey, file) }
            if detected.encoding == .utf8, let place = survey.utf8.firstBreak {
                throw broken(file, place, survey)
            }
            return detected
        }
        let encoding = try encoding(requested, detected, survey)
        let sample = EncodingDetector.sample(survey, as: encoding)
        if isForced {
            return EncodingFinding(encoding, .certain, evidence: "--force-encoding says so", sample: sample)
        }
        if let reason = contradiction(encoding, detected, survey) {
            throw contradicts(encoding, detected, reason, survey, file)
        }
        let isSame = detected?.encoding == encoding
        return EncodingFinding(
            encoding,
            .certain,
            evidence: isSame ? "--encoding and the bytes say so" : "--encoding says so",
            warning: isSame ? detected?.warning ?? "" : "",
            sample: sample
        )
    }

    /// The error of a file that has bytes which mean nothing in its encoding.
    public static func broken(_ count: Int, in finding: EncodingFinding, file: String) -> UserError {
        UserError(
            .badData,
            "\(file): as \(finding.encoding) it has \(count) places that mean nothing; it may be damaged",
            remedy: "It reads: \(finding.sample)\nExport it again, name another --encoding, "
                + "or add --encoding \(finding.encoding) --force-encoding: the rows concerned are then rejected."
        )
    }

    private static func encoding(
        _ requested: String,
        _ detected: EncodingFinding?,
        _ survey: EncodingSurvey
    ) throws(UserError) -> TextEncoding {
        guard TextEncoding.isUTF16(requested) else { return try TextEncoding(named: requested) }
        return detected?.encoding == .utf16BigEndian ? .utf16BigEndian : .utf16LittleEndian
    }

    /// Why an encoding cannot be the file's; `nil` when it can.
    private static func contradiction(
        _ encoding: TextEncoding,
        _ detected: EncodingFinding?,
        _ survey: EncodingSurvey
    ) -> String? {
        if encoding == .utf8, let place = survey.utf8.firstBreak { return "byte \(place + 1) is not UTF-8" }
        if let upper = encoding.upperHalf {
            let lost = zip(upper, survey.upper).reduce(0) { $0 + ($1.0 == 0 ? $1.1 : 0) }
            if lost > 0 { return "\(lost) of its bytes mean nothing in \(encoding)" }
        }
        guard let detected, detected.encoding != encoding else { return nil }
        let isASCII = survey.upperCount == 0 && survey.nulls == (0, 0)
        if isWide(encoding) != isWide(detected.encoding) {
            return isWide(encoding)
                ? "its bytes do not come in \(encoding)'s units" : "the bytes look like \(detected.encoding)"
        }
        if isASCII { return nil }
        switch detected.encoding {
        case .utf8, .utf16LittleEndian, .utf16BigEndian: return "the bytes are \(detected.encoding)"
        default: break
        }
        guard detected.sureness != .guess, !EncodingDetector.agree(encoding, detected.encoding, survey) else {
            return nil
        }
        let asked = EncodingDetector.plausibility(survey, as: encoding).score
        let found = EncodingDetector.plausibility(survey, as: detected.encoding).score
        return asked + 10 < found ? "its letters look like \(detected.encoding)" : nil
    }

    /// Whether a character takes two bytes or four, whatever it is.
    private static func isWide(_ encoding: TextEncoding) -> Bool {
        ["UTF-16", "UTF-32", "UTF16", "UTF32", "UCS"].contains { encoding.name.hasPrefix($0) }
    }

    private static func contradicts(
        _ encoding: TextEncoding,
        _ detected: EncodingFinding?,
        _ reason: String,
        _ survey: EncodingSurvey,
        _ file: String
    ) -> UserError {
        let asked = "As \(encoding) it reads: \(EncodingDetector.sample(survey, as: encoding))"
        let found = detected.flatMap { finding in
            finding.encoding == encoding ? nil : "As \(finding.encoding) it reads: \(finding.sample)"
        }
        let way = "Leave --encoding out, or add --force-encoding to read it as \(encoding) all the same."
        return UserError(
            .badData,
            "\(file): --encoding \(encoding) contradicts the bytes: \(reason)",
            remedy: ([asked, found, way] as [String?]).compactMap(\.self).joined(separator: "\n")
        )
    }

    private static func broken(_ file: String, _ place: Int, _ survey: EncodingSurvey) -> UserError {
        UserError(
            .badData,
            "\(file): it begins with the byte order mark of UTF-8, but byte \(place + 1) is not UTF-8",
            remedy: "Two files in different encodings may have been joined. Export it again, "
                + "or add --encoding UTF-8 --force-encoding: the rows concerned are then rejected."
        )
    }

    private static func unknown(_ survey: EncodingSurvey, _ file: String) -> UserError {
        let readings = [TextEncoding.windows1256, .windows1252, .iso8859Part6].map { encoding in
            "As \(encoding) it reads: \(EncodingDetector.sample(survey, as: encoding))"
        }
        return UserError(
            .badData,
            "\(file): its encoding cannot be told; it is neither UTF-8 nor UTF-16, and reads as nothing that is "
                + "known here",
            remedy: (readings + ["Name it with --encoding, or export the file as UTF-8."]).joined(
                separator: "\n"
            )
        )
    }
}
