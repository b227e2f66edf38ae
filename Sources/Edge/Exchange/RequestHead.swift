// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes
import NIOHTTP1

/// A request's line and header fields, as they came.
///
/// Looking a field up copies and allocates nothing but the value's reference.
public struct RequestHead: Sendable {
    public let method: HTTPRequest.Method
    /// The request target without a scheme and an authority: the path, with the query behind it if there is one.
    public internal(set) var target: String
    /// The minor version of HTTP/1: 0 or 1.
    public let minorVersion: Int

    let fields: HTTPHeaders
    let isKeepAlive: Bool

    /// - Parameter head: As NIO's decoder gives it. Nil when its method is no token.
    init?(_ head: HTTPRequestHead) {
        guard let method = HTTPRequest.Method(nio: head.method) else { return nil }
        self.method = method
        target = head.uri
        minorVersion = head.version.minor
        fields = head.headers
        // No upgrade is made here, and NIO's decoder looks at nothing behind a request for one.
        isKeepAlive = head.isKeepAlive && !head.headers.contains(name: "upgrade")
    }

    /// The path of the target, without the query.
    public var path: Substring { target.prefix { $0 != "?" } }

    /// The first value of a field; nil when it does not stand in the request.
    public subscript(name: HTTPField.Name) -> String? { fields.first(name: name.canonicalName) }

    /// Every value of a field, each line by itself, in order.
    public func values(of name: HTTPField.Name) -> [String] {
        fields.lazy.filter { Self.isEqual($0.name, toLowercased: name.canonicalName) }.map(\.value)
    }

    /// The first `Host`, which HTTP's newer versions know under another name.
    var host: String? { fields.first(name: "host") }

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

    /// The length the request announces for its body; nil when it announces none, or the body comes in chunks.
    var contentLength: Int? { self[.contentLength].flatMap { Int($0) } }

    var isChunked: Bool { fields.contains(name: "transfer-encoding") }
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
