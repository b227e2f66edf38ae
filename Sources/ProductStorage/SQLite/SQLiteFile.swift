// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Which file a path leads to, so that a store notices when its file is moved, removed or replaced under it.
struct SQLiteFile: Equatable {
    private let device: UInt64
    private let number: UInt64

    /// The file that `path` leads to now; nil when there is none.
    init?(at path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }
}
