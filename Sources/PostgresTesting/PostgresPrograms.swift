// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The programs of a PostgreSQL that is installed here, and the user they run as.
package enum PostgresPrograms {
    package struct Missing: Error, CustomStringConvertible {
        package var description: String {
            "PostgreSQL's initdb is neither on the path nor in /usr/lib/postgresql: run scripts/install-packages test"
        }
    }

    /// The full path of a program.
    package static func path(of program: String) throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let newestFirst = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(root)/\($0)/bin" }
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for folder in newestFirst + path where FileManager.default.isExecutableFile(atPath: "\(folder)/\(program)") {
            return "\(folder)/\(program)"
        }
        throw Missing()
    }

    /// What a command is started with so that it does not run as root, which PostgreSQL refuses.
    package static var launcher: [String] { geteuid() == 0 ? ordinaryUser : [] }

    /// As a user who has a name, which PostgreSQL asks for; the files of whoever runs the tests are its own.
    static let ordinaryUser = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
}
