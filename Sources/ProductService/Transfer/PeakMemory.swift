// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The most memory this process has held so far.
enum PeakMemory {
    /// In words: `38 MiB`.
    static var description: String {
        #if os(Linux)
        // Not getrusage: what that tells includes the memory of the process that this one was forked from.
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
            return "unknown"
        }
        return "\(kibibytes / 1024) MiB"
        #else
        var usage = rusage()
        getrusage(RUSAGE_SELF, &usage)
        return "\(usage.ru_maxrss / 1024 / 1024) MiB"
        #endif
    }
}
