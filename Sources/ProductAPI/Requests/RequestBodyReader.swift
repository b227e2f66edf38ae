// SPDX-License-Identifier: Apache-2.0

import Edge
import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON

/// Reads the bodies of requests, within a limit.
struct RequestBodyReader: Sendable {
    /// The longest body, in bytes.
    let maximumByteCount: Int

    /// Returns the body's JSON, and which of `mediaTypes` it is labelled with.
    ///
    /// Throws ``Problem``: 415 for another type or a content coding, 413 for a body over the limit, before it is read
    /// when its length is announced, and 400 for one that is not strict JSON.
    func json(of request: Request, as mediaTypes: [MediaType]) async throws -> (value: JSONValue, mediaType: MediaType)
    {
        guard let mediaType = MediaType(contentTypeOf: request.headers, among: mediaTypes) else {
            throw Self.unsupported(mediaTypes, for: request.method)
        }
        if let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" {
            let detail = "Send the body as it is, without a Content-Encoding."
            throw Problem(status: .unsupportedMediaType, detail: detail, headers: [.acceptEncoding: "identity"])
        }
        let bytes = try await bytes(of: request)
        do {
            return (try JSONParser.parse(bytes), mediaType)
        } catch {
            throw Problem(
                status: .badRequest, type: "malformed-json", title: "Malformed JSON",
                detail: "The body is not JSON that is accepted here: \(error).")
        }
    }

    private func bytes(of request: Request) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maximumByteCount {
            throw NIOTooManyBytesError(maxBytes: maximumByteCount)
        }
        do {
            let buffer = try await request.body.collect(upTo: maximumByteCount)
            return Array(buffer.readableBytesView)
        } catch let error as NIOTooManyBytesError {
            throw error
        } catch {
            throw Problem(
                status: .badRequest, detail: "The body ended before it was complete, or is not framed as HTTP says.",
                headers: [.connection: "close"])
        }
    }

    private static func unsupported(_ mediaTypes: [MediaType], for method: HTTPRequest.Method) -> Problem {
        let names = mediaTypes.map(\.name).joined(separator: ", ")
        var headers = HTTPFields()
        if method == .post { headers[.acceptPost] = names }
        if method == .patch { headers[.acceptPatch] = names }
        let detail = "The Content-Type must be \(mediaTypes.map(\.name).joined(separator: " or ")), in UTF-8."
        return Problem(status: .unsupportedMediaType, detail: detail, headers: headers)
    }
}
