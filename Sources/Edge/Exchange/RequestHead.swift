// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes
import NIOHTTP1

/// A request's line and header fields, as they came.
///
/// Looking a field up copies and allocates nothing but the value's reference.
public struct RequestHead: Sendable {
    /// The method, as it came: methods are case-sensitive.
    public let method: HTTPRequest.Method
    /// The request target without a scheme and an authority: the path, with the query behind it if there is one. As it
    /// came when ``hasValidTarget`` is false.
    public let target: String
    /// Whether the target is one that is served (RFC 9112 section 3.2).
    public let hasValidTarget: Bool
    /// The minor version of HTTP/1: 0 or 1.
    public let minorVersion: Int

    let fields: HTTPHeaders
    let isKeepAlive: Bool

    /// - Parameter head: As NIO's decoder gives it. Nil when its method is no token.
    init?(_ head: HTTPRequestHead) {
        guard let method = HTTPRequest.Method(nio: head.method) else { return nil }
        self.method = method
        let target = RequestTarget(head.uri, allowsAsterisk: method == .options)
        self.target = target?.originForm ?? head.uri
        hasValidTarget = target != nil
        minorVersion = head.version.minor
        fields = head.headers
        // No upgrade is made here, and NIO's decoder looks at nothing behind a request for one.
        isKeepAlive = head.isKeepAlive && !head.headers.contains(name: "upgrade")
    }

    /// The path of the target, without the query.
    public var path: Substring {
        let end = target.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        return end.map { target[..<$0] } ?? target[...]
    }

    /// The first value of a field, without white space around it; nil when it does not stand in the request.
    public subscript(name: HTTPField.Name) -> String? { value(ofLowercased: name.canonicalName) }

    /// Whether there is a line of a field.
    func contains(lowercased name: String) -> Bool { fields.contains(name: name) }

    /// The value of a field that stands once; nil when it does not, or several times.
    func only(ofLowercased name: String) -> String? {
        guard let value = value(ofLowercased: name), count(ofLowercased: name) == 1 else { return nil }
        return value
    }

    /// The values of a field, in order.
    func values(ofLowercased name: String) -> [String] {
        fields.compactMap { field, value in Self.isEqual(field, toLowercased: name) ? Self.trimmed(value) : nil }
    }

    /// The values of a field, joined with commas (RFC 9110 section 5.3); nil when it does not stand in the request.
    func joined(ofLowercased name: String) -> String? {
        guard let first = value(ofLowercased: name) else { return nil }
        return count(ofLowercased: name) == 1 ? first : values(ofLowercased: name).joined(separator: ",")
    }

    /// The first `Host`, which HTTP's newer versions know under another name.
    var host: String? { value(ofLowercased: "host") }

    private func value(ofLowercased name: String) -> String? { fields.first(name: name).map(Self.trimmed) }

    /// A value without the white space behind it, which the decoder leaves there (RFC 9112 section 5.1).
    static func trimmed(_ value: String) -> String {
        guard let last = value.utf8.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") else { return value }
        var rest = value[...]
        while let character = rest.last, character == " " || character == "\t" { rest.removeLast() }
        return String(rest)
    }

    var hostCount: Int { count(ofLowercased: "host") }

    var expectsContinue: Bool { minorVersion > 0 && fields.contains(name: "expect") }

    /// How many lines of a field there are.
    func count(of name: HTTPField.Name) -> Int { count(ofLowercased: name.canonicalName) }

    private func count(ofLowercased name: String) -> Int {
        var count = 0
        for (field, _) in fields where Self.isEqual(field, toLowercased: name) { count += 1 }
        return count
    }

    private static func isEqual(_ field: String, toLowercased name: String) -> Bool {
        field.utf8.count == name.utf8.count
            && zip(field.utf8, name.utf8).allSatisfy { byte, lowercased in
                byte == lowercased || (byte | 0x20 == lowercased && (0x41...0x5a).contains(byte))
            }
    }

    /// How the end of the request's body is told (RFC 9112 section 6.3).
    enum BodyLength {
        case told(Int)
        /// By the last chunk.
        case chunked
        /// In a way that cannot be counted with.
        case invalid
    }

    var bodyLength: BodyLength {
        if fields.contains(name: "transfer-encoding") { return .chunked }
        guard let length = self[.contentLength] else { return .told(0) }
        return Int(length).flatMap { $0 < 0 ? nil : .told($0) } ?? .invalid
    }
}

extension HTTPRequest.Method {
    fileprivate init?(nio method: HTTPMethod) {
        switch method {
        case .GET: self = .get
        case .HEAD: self = .head
        case .POST: self = .post
        case .PUT: self = .put
        case .PATCH: self = .patch
        case .DELETE: self = .delete
        case .OPTIONS: self = .options
        default: self.init(method.rawValue)
        }
    }
}
