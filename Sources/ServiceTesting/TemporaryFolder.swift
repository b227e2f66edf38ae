// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A folder of a test's own, removed with the value.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        let name = "products-\(UUID().uuidString.prefix(8))"
        path = FileManager.default.temporaryDirectory.appending(path: name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// The path of something in the folder.
    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
