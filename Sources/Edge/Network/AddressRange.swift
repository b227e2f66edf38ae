// SPDX-License-Identifier: Apache-2.0

/// The addresses that begin with the same bits: `10.0.0.0/8`, `2001:db8::/32`, or a single one (RFC 4632 section 3.1).
public struct AddressRange: Sendable, Hashable {
    private let first: UInt128
    private let mask: UInt128

    /// Reads `ADDRESS` or `ADDRESS/BITS`; nil for anything else, and when a bit behind the prefix is set.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = IPAddress(String(parts[0])) else { return nil }
        let isWrittenAsIPv4 = !parts[0].utf8.contains(UInt8(ascii: ":"))
        let most = isWrittenAsIPv4 ? 32 : 128
        var bits = most
        if parts.count == 2 {
            guard let number = Int(parts[1]), (0...most).contains(number), "\(number)" == parts[1] else { return nil }
            bits = number
        }
        let fixedBits = 128 - most + bits
        mask = fixedBits == 0 ? 0 : UInt128.max << UInt128(128 - fixedBits)
        first = address.value
        if first & ~mask != 0 { return nil }
    }

    /// Whether an address is in the range.
    public func contains(_ address: IPAddress) -> Bool { address.value & mask == first }
}
