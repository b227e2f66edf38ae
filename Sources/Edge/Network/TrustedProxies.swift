// SPDX-License-Identifier: Apache-2.0

/// The proxies in front of the service, who are believed when they say where a request comes from.
///
/// Only one header is looked at, the one that the proxies write: a client may send the other, and a proxy that does not
/// know it passes it on as it came.
public struct TrustedProxies: Sendable, Hashable {
    /// The header that the proxies write.
    public enum Header: String, Sendable, Hashable, CaseIterable {
        /// `X-Forwarded-For`, addresses separated by commas.
        case xForwardedFor = "x-forwarded-for"
        /// `Forwarded` (RFC 7239).
        case forwarded
    }

    private let ranges: [AddressRange]
    private let header: Header

    /// How many proxies are looked past.
    private static let maximumHopCount = 32

    public init(_ ranges: [AddressRange] = [], header: Header = .xForwardedFor) {
        self.ranges = ranges
        self.header = header
    }

    var isEmpty: Bool { ranges.isEmpty }

    func contains(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// The address of the client: the last that is no trusted proxy, on the way back from `peer`.
    ///
    /// Where a proxy has written what is no address (`unknown`, `_hidden`), it ends at that proxy: what stands before
    /// may be anyone's. What is left of the way when all of it is trusted is the client. At most 32 elements are looked
    /// at.
    func client(behind peer: IPAddress, in request: RequestHead) -> IPAddress {
        guard contains(peer) else { return peer }
        var client = peer
        var hopCount = 0
        for value in request.values(ofLowercased: header.rawValue).reversed() {
            var rest = value.utf8[...]
            while hopCount < Self.maximumHopCount {
                hopCount += 1
                // By bytes: a comma that a client puts a combining character behind is a comma all the same.
                let comma = rest.lastIndex(of: UInt8(ascii: ","))
                let element = comma.map { rest[rest.index(after: $0)...] } ?? rest
                guard let address = address(in: element) else { return client }
                client = address
                guard contains(address) else { return client }
                guard let comma else { break }
                rest = rest[..<comma]
            }
        }
        return client
    }

    private func address(in element: Substring.UTF8View) -> IPAddress? {
        switch header {
        case .xForwardedFor: return Self.address(ofNode: Self.trimmed(element))
        case .forwarded:
            for pair in element.split(separator: UInt8(ascii: ";")) {
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")), Self.isFor(Self.trimmed(pair[..<equals]))
                else {
                    continue
                }
                var node = Self.trimmed(pair[pair.index(after: equals)...])
                let quote = UInt8(ascii: "\"")
                if node.count >= 2, node.first == quote, node.last == quote { node = node.dropFirst().dropLast() }
                return Self.address(ofNode: node)
            }
            return nil
        }
    }

    private static func isFor(_ name: Substring.UTF8View) -> Bool {
        name.count == 3 && zip(name, "for".utf8).allSatisfy { $0 | 0x20 == $1 }
    }

    /// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80` (RFC 7239 section 6).
    private static func address(ofNode node: Substring.UTF8View) -> IPAddress? {
        if node.first == UInt8(ascii: "[") {
            guard let end = node.firstIndex(of: UInt8(ascii: "]")), isPort(node[node.index(after: end)...]) else {
                return nil
            }
            return IPAddress(String(Substring(node[..<end].dropFirst())))
        }
        let colon = UInt8(ascii: ":")
        if let first = node.firstIndex(of: colon), node[node.index(after: first)...].firstIndex(of: colon) == nil {
            return isPort(node[first...]) ? IPAddress(String(Substring(node[..<first]))) : nil
        }
        return IPAddress(String(Substring(node)))
    }

    private static func isPort(_ text: Substring.UTF8View) -> Bool {
        text.isEmpty
            || (text.first == UInt8(ascii: ":") && (2...6).contains(text.count)
                && text.dropFirst().allSatisfy(\.isDigit))
    }

    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var text = text.drop { $0 == 0x20 || $0 == 0x09 }
        while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return text
    }
}
