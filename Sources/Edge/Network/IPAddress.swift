// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An IPv4 or IPv6 address. One of IPv4 equals the same address in IPv6's notation for it (`::ffff:192.0.2.1`).
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address as IPv6 has it, those of IPv4 mapped (RFC 4291 section 2.5.5.2).
    let value: UInt128

    private static let mappedPrefix: UInt128 = 0xffff_0000_0000

    /// Reads the usual notations, without a port, brackets or a zone; nil for anything else.
    public init?(_ text: String) {
        var bytes = (UInt64(0), UInt64(0))
        let isIPv6 = text.utf8.contains(UInt8(ascii: ":"))
        guard text.utf8.count <= 45, !text.utf8.contains(0),
            inet_pton(isIPv6 ? AF_INET6 : AF_INET, text, &bytes) == 1
        else { return nil }
        if isIPv6 {
            value = UInt128(bytes.0.bigEndian) << 64 | UInt128(bytes.1.bigEndian)
        } else {
            value = Self.mappedPrefix | UInt128(bytes.0.bigEndian >> 32)
        }
    }

    var isIPv4: Bool { value >> 32 == Self.mappedPrefix >> 32 }

    /// What is limited as one: an address of IPv4, and of IPv6 the 64 bits that a network gives its smallest part, as
    /// whoever has one address there has all of them (RFC 4291 section 2.5.4).
    public var network: UInt128 { isIPv4 ? value : (value >> 64) << 64 }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        if isIPv4 {
            var address = UInt32(truncatingIfNeeded: value).bigEndian
            inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        } else {
            var address = value.bigEndian
            inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
