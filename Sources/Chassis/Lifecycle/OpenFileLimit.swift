// SPDX-License-Identifier: Apache-2.0

package import Logging

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How many files, connections among them, the system lets the process have open.
package enum OpenFileLimit {
    /// What the process needs beside its connections.
    private static let reserve = 64

    /// Raises the soft limit as far as `connectionCount` connections ask for, within the hard limit; says so when that
    /// is not enough.
    package static func raise(forConnections connectionCount: Int, logger: Logger) {
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        let wanted = rlim_t(connectionCount + reserve)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        if setrlimit(resource, &limit) != 0 || limit.rlim_cur < wanted {
            logger.warning(
                "fewer connections can be open than HTTP_MAX_CONNECTIONS says: raise the hard limit of open files",
                metadata: ["limit": "\(limit.rlim_cur)", "wanted": "\(wanted)"])
        }
    }
}
