// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The time of day.
public enum WallTime {
    /// Seconds since 1970.
    public static func now() -> Int64 { Int64(time(nil)) }
}
