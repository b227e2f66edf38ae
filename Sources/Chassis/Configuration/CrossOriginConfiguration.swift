// SPDX-License-Identifier: Apache-2.0

package import Edge

/// Whose web pages may call the service.
package struct CrossOriginConfiguration: Sendable {
    package var origins: CrossOrigin.Origins

    package init(reading reader: inout ConfigurationReader) {
        origins = reader.optional(Self.originsKey, as: Self.originsKind) ?? .none
    }

    package static let keys = [originsKey]

    private static let originsKey = ConfigurationKey(
        "cors.allowed.origins", default: nil,
        "The origins whose web pages may call, comma-separated, or * for any (then without credentials).")

    private static var originsKind: ConfigurationValueKind<CrossOrigin.Origins> {
        ConfigurationValueKind(
            requirement: "*, or origins such as https://shop.example, comma-separated, each without a path"
        ) { text in
            if text == "*" { return .any }
            let origins = text.split(separator: ",").map { $0.trimmingPrefix { $0 == " " } }.map { origin in
                String(origin.prefix { $0 != " " })
            }
            return !origins.isEmpty && origins.allSatisfy(isOrigin) ? .listed(Set(origins)) : nil
        }
    }

    /// RFC 6454 section 6.2, as browsers send it: in lower case.
    private static func isOrigin(_ text: String) -> Bool {
        guard let scheme = text.firstRange(of: "://"), ["http", "https"].contains(text[..<scheme.lowerBound]) else {
            return false
        }
        let authority = text[scheme.upperBound...]
        return !authority.isEmpty && authority == authority.lowercased()
            && authority.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-.:[]".contains($0)) }
    }
}
