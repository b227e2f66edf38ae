// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes
import NIOCore
package import StrictJSON

/// A problem document: the body of every answer that is an error (RFC 9457).
public struct Problem: Sendable, Error {
    /// The media type of problem documents.
    public static let mediaType = "application/problem+json"

    /// What sort of problem it is: a URI reference that never changes its meaning.
    public var type: String
    /// The sort in words.
    public var title: String
    /// The status of the answer, which the document repeats.
    public var status: HTTPResponse.Status
    /// This occurrence in words; never holds anything of the service's insides.
    public var detail: String
    /// What the client should know beside the document.
    public var headers: HTTPFields

    /// How a sort of problem is named.
    public enum Kind: Sendable, Hashable, ExpressibleByStringLiteral {
        /// By its status alone.
        case status
        /// By a name of this service's own: the last part of its URI.
        case own(String)
        /// By a name in IANA's registry of problem types (RFC 9457 section 4.2).
        case registered(String)

        public init(stringLiteral name: String) { self = .own(name) }

        var uri: String {
            switch self {
            case .status: "about:blank"
            case .own(let name): "/problems/\(name)"
            case .registered(let name): "https://iana.org/assignments/http-problem-types#\(name)"
            }
        }
    }

    private static let maximumInstanceLength = 2048

    private var extensions: [(name: StaticString, write: @Sendable (inout JSONWriter) -> Void)] = []

    /// - Parameters:
    ///   - type: What sort of problem it is; a literal is a name of this service's own.
    ///   - title: The sort in words; the status' own when nil.
    ///   - status: The status, from 400 to 599.
    ///   - detail: This occurrence in words, for whoever called.
    ///   - headers: What the client should know beside the document.
    public init(
        status: HTTPResponse.Status, type: Kind = .status, title: String? = nil, detail: String,
        headers: HTTPFields = [:]
    ) {
        self.type = type.uri
        self.title = title ?? status.reasonPhrase
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    /// The answer to a path of no route.
    package static var nothingHere: Problem { Problem(status: .notFound, detail: "There is nothing at this path.") }

    /// Adds a member of its own to the document (RFC 9457 section 3.2).
    package mutating func extend(_ name: StaticString, write: @escaping @Sendable (inout JSONWriter) -> Void) {
        extensions.append((name, write))
    }

    /// The document.
    ///
    /// - Parameter path: The path of the request, which tells this occurrence from others; nil to leave it out.
    package func document(forRequestTo path: (some StringProtocol)?) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.name("type")
            json.string(type)
            json.name("title")
            json.string(title)
            json.name("status")
            json.integer(status.code)
            json.name("detail")
            json.string(detail)
            if let path {
                json.name("instance")
                json.string(String(path.prefix(Self.maximumInstanceLength)))
            }
            for member in extensions {
                json.name(member.name)
                member.write(&json)
            }
        }
        return json.bytes
    }

    /// The document as an answer at the edge.
    public func reply(to request: RequestHead?, closesConnection: Bool = false) -> Reply {
        reply(document(forRequestTo: request?.path ?? "/"), closesConnection: closesConnection)
    }

    /// The document as an answer at the edge to any request: made once, it is given again and again.
    func reply() -> Reply { reply(document(forRequestTo: String?.none), closesConnection: false) }

    private func reply(_ document: [UInt8], closesConnection: Bool) -> Reply {
        var fields = headers
        fields[.contentType] = Self.mediaType
        return Reply(
            status: status, fields: fields, body: ByteBuffer(bytes: document), closesConnection: closesConnection)
    }
}
