// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

/// What a running service holds of the system's, read from outside.
extension RunningService {
    /// How many sockets are open; the store may open and close files as it needs them.
    func openSockets() throws -> Int {
        let folder = "/proc/\(process.identifier)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).count { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
            return target?.hasPrefix("socket:") ?? false
        }
    }

    func residentKibibytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.identifier)/status", encoding: .utf8)
        return try #require(status.firstMatch(of: #/VmRSS:\s+(\d+)/#).flatMap { Int($0.1) })
    }

    /// How much the process has read since its start, in bytes.
    func readByteCount() throws -> Int {
        let counters = try String(contentsOfFile: "/proc/\(process.identifier)/io", encoding: .utf8)
        return try #require(counters.firstMatch(of: #/rchar: (\d+)/#).flatMap { Int($0.1) })
    }

    /// Waits until no more sockets are open than `count`.
    func wait(forSockets count: Int) async throws {
        var open = 0
        try await ServiceTesting.wait(for: "sockets back at \(count); they are \(open)") {
            open = try openSockets()
            return open <= count
        }
    }

    /// The lines of the access log whose path is `path`.
    func accessLines(of path: String) -> [[String: Any]] {
        process.logLines.filter { $0["logger"] as? String == "access" && $0["url.path"] as? String == path }
    }
}
