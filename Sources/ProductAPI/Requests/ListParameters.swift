// SPDX-License-Identifier: Apache-2.0

import Chassis
import Edge
import Products
import StrictJSON

/// The parameters of the list, read strictly: an unknown or repeated one is refused, as it would silently do nothing.
struct ListParameters: Sendable {
    private(set) var order = ProductOrder.newestFirst
    private(set) var filter = ProductFilter.all
    /// As sent, with numbers out of range brought into it; nil when not sent.
    private(set) var limit: Int?
    private(set) var offset: Int?
    private(set) var cursor: String?
    /// The parameters of sort and filter as they were sent, for a link to the next page.
    private(set) var sent: [(name: String, value: String)] = []

    private static let maximumProblemCount = 20
    private static let known = ["limit", "offset", "cursor", "sort", "name", "min_price", "max_price"]

    /// Throws ``ProductError/invalid(_:)`` with everything that is wrong with the parameters.
    init(query: String?) throws(ProductError) {
        let parameters: QueryParameters
        do {
            parameters = try QueryParameters(query)
        } catch {
            throw .invalid([FieldProblem(pointer: "", detail: "the query is not validly percent-encoded UTF-8")])
        }
        var problems: [FieldProblem] = []
        for name in parameters.names.sorted() where problems.count < Self.maximumProblemCount {
            if !Self.known.contains(name) {
                problems.append(FieldProblem(pointer: JSONPointer.toMember(name), detail: "is not a known parameter"))
            } else if parameters.all(name).count > 1 {
                problems.append(FieldProblem(pointer: "/\(name)", detail: "must stand once"))
            }
        }
        let value = { (name: String) in parameters.all(name).first }
        limit = Self.integer("limit", value("limit"), &problems)
        offset = Self.integer("offset", value("offset"), &problems)
        cursor = value("cursor")
        order = Self.order(value("sort"), &problems)
        let (minimum, maximum) = (
            Self.price("min_price", value("min_price"), &problems),
            Self.price("max_price", value("max_price"), &problems)
        )
        if cursor != nil, offset != nil {
            problems.append(FieldProblem(pointer: "/offset", detail: "cannot stand beside a cursor"))
        }
        if !problems.isEmpty { throw .invalid(problems) }
        filter = try ProductFilter(namePrefix: value("name"), minimumPrice: minimum, maximumPrice: maximum)
        for name in ["sort", "name", "min_price", "max_price"] {
            if let value = value(name) { sent.append((name, value)) }
        }
    }

    /// The query for the page. Throws a ``Problem`` when the cursor is not one that was given for this list.
    func query(for caller: Caller, cursors: CursorCodec) async throws -> ProductQuery {
        let limit = limit ?? ProductQuery.defaultLimit
        let first = ProductQuery(filter: filter, order: order, limit: limit, start: .offset(offset ?? 0))
        guard let cursor else { return first }
        let position = try await cursors.decode(cursor, for: CursorScope(first, caller: caller), in: order)
        return ProductQuery(filter: filter, order: order, limit: limit, start: .after(position))
    }

    /// Reads an integer of any size; one that no machine word holds becomes the nearest that one does.
    private static func integer(_ name: String, _ text: String?, _ problems: inout [FieldProblem]) -> Int? {
        guard let text else { return nil }
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            problems.append(FieldProblem(pointer: "/\(name)", detail: "must be an integer"))
            return nil
        }
        return Int(text) ?? (text.hasPrefix("-") ? .min : .max)
    }

    private static func price(_ name: String, _ text: String?, _ problems: inout [FieldProblem]) -> Money? {
        guard let text else { return nil }
        do {
            if text.utf8.count > 64 { throw Money.ParseError.notANumber }
            return try Money(decimal: text)
        } catch {
            problems.append(FieldProblem(pointer: "/\(name)", detail: "must be a decimal number such as 12.50"))
            return nil
        }
    }

    private static func order(_ text: String?, _ problems: inout [FieldProblem]) -> ProductOrder {
        guard let text else { return .newestFirst }
        let isDescending = text.hasPrefix("-")
        if let key = ProductOrder.Key(rawValue: isDescending ? String(text.dropFirst()) : text) {
            return ProductOrder(key: key, isDescending: isDescending)
        }
        let names = ProductOrder.Key.allCases.map(\.rawValue).joined(separator: ", ")
        problems.append(FieldProblem(pointer: "/sort", detail: "must be one of \(names), perhaps with - before it"))
        return .newestFirst
    }
}
