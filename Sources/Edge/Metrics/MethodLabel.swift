// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// The methods that metrics and spans know by name (RFC 9110 section 9.3, RFC 5789); all others are `_OTHER`.
enum MethodLabel {
    static let other = "_OTHER"

    private static let known: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    ]

    /// How many numbers there are for methods.
    static let count = known.count + 1

    static func name(of method: HTTPRequest.Method) -> String { known.contains(method) ? method.rawValue : other }

    /// A number for the method, from 0; the last stands for all others.
    static func index(of method: HTTPRequest.Method?) -> Int {
        method.flatMap { method in known.firstIndex(of: method) } ?? known.count
    }

    static func name(at index: Int) -> String { index < known.count ? known[index].rawValue : other }
}
