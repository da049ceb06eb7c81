// SPDX-License-Identifier: Apache-2.0
//
// A folder for a test's files, removed when the test lets go of it.
import Foundation
import NashraTestKit

final class Folder {
    let url: URL

    init() throws { url = try Python.folder() }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }
}
