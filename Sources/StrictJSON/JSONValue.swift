// SPDX-License-Identifier: Apache-2.0

/// A JSON value as it stood in the text (RFC 8259): numbers keep their spelling, members their order.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// What the value is, in words for an error message: "a string", "a number", …
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// A JSON number in the spelling of the text, so that no value passes through floating point.
package struct JSONNumber: Sendable, Equatable {
    /// The number's spelling: at most ``JSONParser/Limits/numberLength`` ASCII characters of RFC 8259's grammar.
    package let text: String

    package init(text: String) { self.text = text }
}

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
