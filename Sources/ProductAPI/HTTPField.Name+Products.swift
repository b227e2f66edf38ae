// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

extension HTTPField.Name {
    /// RFC 5789 section 3.1.
    static let acceptPatch = known("Accept-Patch")
    /// Linked Data Platform 1.0, section 7.1.
    static let acceptPost = known("Accept-Post")
    /// RFC 9211.
    static let cacheStatus = known("Cache-Status")
    /// draft-ietf-httpapi-idempotency-key-header.
    static let idempotencyKey = known("Idempotency-Key")
    /// RFC 8288 section 3.
    static let link = known("Link")

    private static func known(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(name)") else { preconditionFailure("\(name) is no field name") }
        return name
    }
}
