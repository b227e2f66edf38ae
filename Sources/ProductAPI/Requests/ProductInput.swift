// SPDX-License-Identifier: Apache-2.0

package import Products
package import StrictJSON

/// Reads what clients send about a product. Every problem with it is reported at once, by JSON pointer.
package struct ProductInput {
    private let object: JSONObject
    private var problems: [FieldProblem] = []

    private static let maximumProblemCount = 20
    /// What JSON readers that know only binary floating point still tell apart (RFC 8259 section 6).
    private static let maximumVersion: Int64 = 1 << 53 - 1
    private static let writable = ["name", "description", "price"]
    private static let readOnly = ["id", "created_at", "updated_at", "version"]

    /// Returns the draft a JSON object describes: `name`, `price` and perhaps `description`, and no other member.
    ///
    /// Throws ``ProductError/invalid(_:)``.
    package static func draft(from json: JSONValue) throws(ProductError) -> ProductDraft {
        var input = try ProductInput(json)
        input.refuseMembers(otherThan: writable)
        let name = input.string("name")
        let description = input.string("description")
        let price = input.price()
        for required in ["name", "price"] where input.object[required] == nil {
            input.note("/\(required)", "is required")
        }
        guard input.problems.isEmpty, let name, let price else { throw .invalid(input.problems) }
        return try ProductDraft(name: name, description: description ?? "", price: price)
    }

    /// Returns the changes a JSON object describes: any of `name`, `description` and `price`, and no other member.
    ///
    /// In a merge patch (RFC 7396) a `null` removes a member: it empties the description; the others cannot go.
    /// Throws ``ProductError/invalid(_:)``.
    package static func changes(from json: JSONValue, isMergePatch: Bool) throws(ProductError) -> ProductChanges {
        var input = try ProductInput(json)
        input.refuseMembers(otherThan: writable)
        let name = input.string("name")
        let removesDescription = isMergePatch && input.object["description"] == .null
        let description = removesDescription ? "" : input.string("description")
        let price = input.price()
        if !input.problems.isEmpty { throw .invalid(input.problems) }
        return try ProductChanges(name: name, description: description, price: price)
    }

    /// Returns the product that a line of an export describes, all members required.
    ///
    /// Throws ``ProductError/invalid(_:)``.
    package static func product(from json: JSONValue) throws(ProductError) -> Product {
        var input = try ProductInput(json)
        input.refuseMembers(otherThan: writable + readOnly)
        for required in writable + readOnly where input.object[required] == nil {
            input.note("/\(required)", "is required in a line that has an id")
        }
        let (name, description, price) = (input.string("name"), input.string("description"), input.price())
        let id = input.string("id").flatMap { ProductID($0) }
        if id == nil, input.object["id"] != nil { input.note("/id", "must be a UUID") }
        let latest = Timestamp.maximum.secondsSinceEpoch
        let createdAt = input.integer("created_at", in: 0...latest)
        let updatedAt = input.integer("updated_at", in: (createdAt ?? 0)...latest)
        let version = input.integer("version", in: 1...maximumVersion)
        guard input.problems.isEmpty, let name, let description, let price, let id, let createdAt, let updatedAt,
            let version
        else { throw .invalid(input.problems) }
        let draft = try ProductDraft(name: name, description: description, price: price)
        return Product(
            id: id, name: draft.name, description: draft.description, price: draft.price,
            createdAt: Timestamp(secondsSinceEpoch: createdAt), updatedAt: Timestamp(secondsSinceEpoch: updatedAt),
            version: version)
    }

    private init(_ json: JSONValue) throws(ProductError) {
        guard case .object(let object) = json else {
            throw .invalid([FieldProblem(pointer: "", detail: "must be an object, not \(json.kind)")])
        }
        self.object = object
    }

    private mutating func note(_ pointer: String, _ detail: String) {
        if problems.count < Self.maximumProblemCount { problems.append(FieldProblem(pointer: pointer, detail: detail)) }
    }

    private mutating func refuseMembers(otherThan known: [String]) {
        for member in object.members where !known.contains(member.name) {
            let isReadOnly = Self.readOnly.contains(member.name)
            note(
                JSONPointer.toMember(member.name),
                isReadOnly ? "is set by the service and cannot be sent" : "is not a known member")
        }
    }

    private mutating func string(_ name: String) -> String? {
        guard let value = object[name] else { return nil }
        if case .string(let string) = value { return string }
        note("/\(name)", "must be a string, not \(value.kind)")
        return nil
    }

    private mutating func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let value = object[name] else { return nil }
        if case .number(let number) = value, let integer = Int64(number.text), range.contains(integer) {
            return integer
        }
        note("/\(name)", "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        return nil
    }

    private mutating func price() -> Money? {
        guard let value = object["price"] else { return nil }
        guard case .number(let number) = value else {
            note("/price", "must be a number, not \(value.kind)")
            return nil
        }
        do {
            return try Money(decimal: number.text)
        } catch {
            note("/price", error.requirement)
            return nil
        }
    }
}

extension Money.ParseError {
    /// What the number must be, in words that are safe to send back.
    var requirement: String {
        switch self {
        case .notANumber: "must be a decimal number such as 12.50"
        case .negative, .tooLarge: "must be from 0.01 to \(Money.maximum)"
        case .tooManyDecimals: "must have at most two decimals"
        }
    }
}
