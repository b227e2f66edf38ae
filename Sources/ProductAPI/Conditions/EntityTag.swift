// SPDX-License-Identifier: Apache-2.0

/// An entity tag (RFC 9110 section 8.8.3). A product's is its version, and strong.
struct EntityTag: Sendable, Hashable, CustomStringConvertible {
    let isWeak: Bool
    /// What stands between the quotation marks.
    let opaque: String

    init(isWeak: Bool, opaque: String) {
        self.isWeak = isWeak
        self.opaque = opaque
    }

    init(version: Int64) { self.init(isWeak: false, opaque: String(version)) }

    var description: String { "\(isWeak ? "W/" : "")\"\(opaque)\"" }

    /// The version of which this is the tag; nil when it is no tag of ours.
    var version: Int64? {
        guard let version = Int64(opaque), String(version) == opaque else { return nil }
        return version
    }
}
