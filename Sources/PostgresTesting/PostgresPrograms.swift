// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting

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
    package static var launcher: [String] {
        geteuid() == 0 ? ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"] : []
    }

    /// Gives a folder to the user that the server runs as.
    package static func giveAway(_ path: String) {
        if geteuid() == 0 { chown(path, user, user) }
    }

    /// Nobody, when root starts the tests: a user that is on every machine.
    private static let user: UInt32 = 65534
}
