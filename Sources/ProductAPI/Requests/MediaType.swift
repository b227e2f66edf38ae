// SPDX-License-Identifier: Apache-2.0

import Edge
import HTTPTypes
import Hummingbird

/// A media type this API reads or writes (RFC 9110 section 8.3.1).
enum MediaType: Sendable {
    case json
    /// RFC 7396.
    case mergePatch

    var name: String {
        switch self {
        case .json: "application/json"
        case .mergePatch: "application/merge-patch+json"
        }
    }

    /// The type that the `Content-Type` names, with no charset but UTF-8; nil when it is none of `accepted`.
    init?(contentTypeOf headers: HTTPFields, among accepted: [MediaType]) {
        guard let field = headers[.contentType] else { return nil }
        let parts = Self.parts(of: field)
        guard let name = parts.first, let type = accepted.first(where: { $0.name == name }) else { return nil }
        for parameter in parts.dropFirst() where parameter.hasPrefix("charset=") {
            guard ["charset=utf-8", "charset=\"utf-8\""].contains(parameter) else { return nil }
        }
        self = type
    }

    /// Throws a ``Problem`` of status 406 when the `Accept` header rules this type out (RFC 9110 section 12.5.1).
    func requireAcceptable(for request: Request) throws {
        guard let accept = request.headers[.accept] else { return }
        var best: (specificity: Int, isWanted: Bool)?
        for element in accept.split(separator: ",") {
            let parts = Self.parts(of: String(element))
            guard let range = parts.first, let specificity = ["*/*", "application/*", name].firstIndex(of: range),
                specificity >= best?.specificity ?? 0
            else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
            best = (specificity, quality ?? 1 > 0)
        }
        if best?.isWanted != true {
            throw Problem(status: .notAcceptable, detail: "The answer is \(name), which the Accept header rules out.")
        }
    }

    /// The parts between semicolons, in lower case, without white space around them.
    private static func parts(of field: String) -> [String] {
        field.lowercased().split(separator: ";", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }
    }
}
