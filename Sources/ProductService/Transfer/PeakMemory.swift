// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The most memory this process has held so far.
enum PeakMemory {
    /// In words: `38 MiB`.
    static var description: String {
        var usage = rusage()
        #if os(Linux)
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return "\(usage.ru_maxrss / 1024) MiB"
        #else
        getrusage(RUSAGE_SELF, &usage)
        return "\(usage.ru_maxrss / 1024 / 1024) MiB"
        #endif
    }
}
