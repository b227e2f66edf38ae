// SPDX-License-Identifier: Apache-2.0

/// The commands that metrics and spans tell apart: a closed set.
enum RedisOperation: Int, Sendable, CaseIterable {
    case auth, client, del, evalsha, get, info, mget, ping, publish, script, select, set, subscribe
    case other

    /// The command's name; `other` for all that are not told apart.
    var name: String { Self.names[rawValue] }

    private static let names = allCases.map { operation in
        operation == .other ? "other" : "\(operation)".uppercased()
    }

    init(named name: String) {
        let name = name.uppercased()
        self = Self.allCases.first { $0 != .other && $0.name == name } ?? .other
    }
}
