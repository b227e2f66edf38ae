// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

/// What a running service holds of the system's, read from outside.
extension RunningService {
    func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.identifier)/fd").count
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

    /// Waits until no more descriptors are open than `count`.
    func wait(forDescriptors count: Int) async throws {
        try await ServiceTesting.wait(for: "descriptors back at \(count)") { try openDescriptors() <= count }
    }

    /// The lines of the access log whose path is `path`.
    func accessLines(of path: String) -> [[String: Any]] {
        process.logLines.filter { $0["logger"] as? String == "access" && $0["url.path"] as? String == path }
    }
}
