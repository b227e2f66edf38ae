// SPDX-License-Identifier: Apache-2.0

/// The members of a JSON object in the order of the text; no name stands twice.
package struct JSONObject: Sendable, Equatable {
    package struct Member: Sendable, Equatable {
        package let name: String
        package let value: JSONValue
    }

    package private(set) var members: [Member] = []
    private var names: Set<String> = []

    package init() {}

    package subscript(name: String) -> JSONValue? { members.first { $0.name == name }?.value }

    /// Adds a member; returns false, and changes nothing, when the name is taken.
    mutating func insert(_ value: JSONValue, named name: String) -> Bool {
        guard names.insert(name).inserted else { return false }
        members.append(Member(name: name, value: value))
        return true
    }
}
