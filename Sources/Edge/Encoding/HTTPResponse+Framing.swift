// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

extension HTTPResponse.Status {
    /// Whether an answer of this status never has a body (RFC 9112 section 6.3).
    var isBodiless: Bool { kind == .informational || self == .noContent || self == .notModified }
}

extension HTTPResponse {
    /// Whether the responder asks for the end of the connection.
    var closesConnection: Bool { headerFields[.connection]?.lowercased() == "close" }
}
