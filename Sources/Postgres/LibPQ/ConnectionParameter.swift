// SPDX-License-Identifier: Apache-2.0

import CPostgres

/// One of libpq's settings of a connection.
struct ConnectionParameter: Sendable {
    let keyword: String
    let value: String

    /// Reads a connection URI (libpq documentation, section 34.1.1.2). Returns nil when it is none.
    static func parse(uri: String) -> [ConnectionParameter]? {
        guard uri.hasPrefix("postgres://") || uri.hasPrefix("postgresql://") else { return nil }
        // libpq's words about what is wrong may quote the password: they are not passed on.
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(uri, &message)
        PQfreemem(message)
        guard let options else { return nil }
        defer { PQconninfoFree(options) }
        var parameters: [ConnectionParameter] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                parameters.append(
                    ConnectionParameter(keyword: String(cString: keyword), value: String(cString: value)))
            }
            option += 1
        }
        return parameters
    }

    /// What the value must be and is not, where libpq would only notice with the first connection; nil when it is in
    /// order.
    var requirement: String? {
        switch keyword {
        case "host":
            return value.contains("@") ? "a name or an address: write an @ in the password as %40" : nil
        case "port":
            let ports = value.split(separator: ",", omittingEmptySubsequences: false)
            let areNumbers = ports.allSatisfy { $0.isEmpty || Int($0).map { (1...65_535).contains($0) } ?? false }
            return areNumbers ? nil : "a number from 1 to 65535 for each host"
        case "sslmode":
            let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
            return modes.contains(value) ? nil : "one of \(modes.joined(separator: ", "))"
        case "target_session_attrs":
            let kinds = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"]
            return kinds.contains(value) ? nil : "one of \(kinds.joined(separator: ", "))"
        default: return nil
        }
    }
}
