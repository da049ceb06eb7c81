// SPDX-License-Identifier: Apache-2.0
//
// Which Nashra this is.
import NashraStore

/// The program's version and what it was built for.
struct Version: Encodable {
    let schema = "nashra.version.v1"
    let version: String
    let storeSchema: Int

    private enum CodingKeys: String, CodingKey {
        case schema, version
        case storeSchema = "store_schema"
    }

    /// This program's.
    static let current = Version(version: "0.1.0", storeSchema: Store.latestSchemaVersion)

    /// One line for people.
    var text: String { "nashra \(version) (store schema \(storeSchema))" }
}
