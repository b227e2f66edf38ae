// SPDX-License-Identifier: Apache-2.0

/// The proxies in front of the service, who are believed when they say where a request comes from.
///
/// Only one header is looked at, the one that the proxies write: a client may send the other, and a proxy that does not know it
/// passes it on as it came.
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
    /// Where a proxy has written what is no address (`unknown`, `_hidden`), it ends at that proxy: what stands before may be
    /// anyone's. What is left of the way when all of it is trusted is the client.
    func client(behind peer: IPAddress, in request: RequestHead) -> IPAddress {
        guard contains(peer) else { return peer }
        var client = peer
        var hopCount = 0
        for element in elements(of: request) {
            guard hopCount < Self.maximumHopCount, let address = address(in: element) else { break }
            client = address
            guard contains(address) else { break }
            hopCount += 1
        }
        return client
    }

    /// What the proxies have written, the last first.
    private func elements(of request: RequestHead) -> [Substring] {
        let values = request.values(ofLowercased: header.rawValue)
        return values.reversed().flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).reversed() }
    }

    private func address(in element: Substring) -> IPAddress? {
        switch header {
        case .xForwardedFor: return Self.address(ofNode: Self.trimmed(element))
        case .forwarded:
            for pair in element.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, Self.trimmed(parts[0]).lowercased() == "for" else { continue }
                var node = Self.trimmed(parts[1])
                if node.count >= 2, node.first == "\"", node.last == "\"" { node = node.dropFirst().dropLast() }
                return Self.address(ofNode: node)
            }
            return nil
        }
    }

    /// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80` (RFC 7239 section 6).
    private static func address(ofNode node: Substring) -> IPAddress? {
        if node.first == "[" {
            guard let end = node.firstIndex(of: "]"), isPort(node[node.index(after: end)...]) else { return nil }
            return IPAddress(String(node[node.index(after: node.startIndex)..<end]))
        }
        if node.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1, let colon = node.firstIndex(of: ":") {
            return isPort(node[colon...]) ? IPAddress(String(node[..<colon])) : nil
        }
        return IPAddress(String(node))
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty
            || (text.first == ":" && (2...6).contains(text.utf8.count) && text.utf8.dropFirst().allSatisfy(\.isDigit))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
