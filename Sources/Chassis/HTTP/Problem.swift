// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes
package import Hummingbird
package import StrictJSON

/// A problem document: the body of every answer that is an error (RFC 9457).
package struct Problem: Sendable, Error {
    /// The media type of problem documents.
    package static let mediaType = "application/problem+json"

    /// What sort of problem it is: a URI reference that never changes its meaning.
    package var type: String
    /// The sort in words.
    package var title: String
    package var status: HTTPResponse.Status
    /// This occurrence in words; never holds anything of the service's insides.
    package var detail: String
    /// What the client should know beside the document.
    package var headers: HTTPFields

    private static let maximumInstanceLength = 2048

    private var extensions: [(name: StaticString, write: @Sendable (inout JSONWriter) -> Void)] = []

    /// - Parameters:
    ///   - type: The last part of the type's URI; nil when the status says it all.
    ///   - title: The sort in words; the status' own when nil.
    package init(
        status: HTTPResponse.Status, type: String? = nil, title: String? = nil, detail: String,
        headers: HTTPFields = [:]
    ) {
        self.type = type.map { "/problems/\($0)" } ?? "about:blank"
        self.title = title ?? status.reasonPhrase
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    /// Adds a member of its own to the document (RFC 9457 section 3.2).
    package mutating func extend(_ name: StaticString, write: @escaping @Sendable (inout JSONWriter) -> Void) {
        extensions.append((name, write))
    }

    /// The document as an answer.
    ///
    /// - Parameter path: The path of the request, which tells this occurrence from others.
    func response(toRequestFor path: String) -> Response {
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
            json.name("instance")
            json.string(String(path.prefix(Self.maximumInstanceLength)))
            for member in extensions {
                json.name(member.name)
                member.write(&json)
            }
        }
        var headers = headers
        headers[.contentType] = Self.mediaType
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}

extension Response {
    /// An answer of plain text.
    package static func plainText(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
