// SPDX-License-Identifier: Apache-2.0

import Edge
package import Hummingbird
import NIOCore

extension Problem {
    /// The document as a responder's answer.
    ///
    /// - Parameter path: The path of the request, which tells this occurrence from others.
    func response(toRequestFor path: String) -> Response {
        var fields = headers
        fields[.contentType] = Self.mediaType
        return Response(
            status: status, headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: document(forRequestTo: path))))
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
