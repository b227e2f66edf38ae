// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How many descriptors the tests themselves may have open.
package enum DescriptorLimit {
    package struct TooLow: Error, CustomStringConvertible {
        let needed: Int
        let allowed: Int

        package var description: String {
            "the tests need \(needed) open files and may have \(allowed): raise the hard limit (ulimit -Hn)"
        }
    }

    /// Raises the limit to what the system allows. Throws ``TooLow`` when that is not enough.
    package static func raise(to needed: Int) throws {
        #if os(Linux)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        getrlimit(resource, &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
        if limit.rlim_max < needed { throw TooLow(needed: needed, allowed: Int(limit.rlim_max)) }
    }
}
