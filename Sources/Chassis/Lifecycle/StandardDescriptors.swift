// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Standard input, output and error.
package enum StandardDescriptors {
    /// Opens those of the three that are closed, on nothing. To be called before anything else is opened: a database
    /// that were opened as descriptor 1 would have the log written into it.
    package static func ensureOpen() {
        for descriptor in 0...2 as ClosedRange<Int32> where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest free number is taken, which is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }
}
