// SPDX-License-Identifier: Apache-2.0

import Edge
import HTTPTypes
import Products

/// The conditions of a request, evaluated in the order of RFC 9110 section 13.2.2.
struct Preconditions: Sendable {
    private let ifMatch: EntityTagCondition?
    private let ifNoneMatch: EntityTagCondition?
    private let ifModifiedSince: Timestamp?
    private let ifUnmodifiedSince: Timestamp?

    /// What becomes of a conditional read.
    enum Outcome: Sendable, Hashable {
        case answer
        case notModified
        case failed
    }

    /// Throws a ``Problem`` of status 400 when a list of entity tags is malformed. A malformed date is ignored, as the
    /// RFC says, and so is a date beside the condition on tags that outranks it.
    init(_ headers: HTTPFields) throws { try self.init { headers[$0] } }

    /// - Parameter value: The value of a field, its lines joined with commas; nil when it does not stand in the
    ///   request.
    init(_ value: (HTTPField.Name) -> String?) throws {
        ifMatch = try Self.tags(value(.ifMatch), .ifMatch)
        ifNoneMatch = try Self.tags(value(.ifNoneMatch), .ifNoneMatch)
        ifUnmodifiedSince = ifMatch == nil ? value(.ifUnmodifiedSince).flatMap(Self.timestamp) : nil
        ifModifiedSince = ifNoneMatch == nil ? value(.ifModifiedSince).flatMap(Self.timestamp) : nil
    }

    private static func timestamp(_ date: String) -> Timestamp? {
        HTTPDate.parse(date).map { Timestamp(secondsSinceEpoch: $0) }
    }

    private static func tags(_ field: String?, _ name: HTTPField.Name) throws -> EntityTagCondition? {
        guard let field else { return nil }
        guard let condition = EntityTagCondition(field) else {
            let detail = "\(name.rawName) must be * or a list of entity tags such as \"3\"."
            throw Problem(
                status: .badRequest, type: "malformed-condition", title: "Malformed condition", detail: detail)
        }
        return condition
    }

    /// What to answer a `GET` or `HEAD` with.
    func forReading(_ product: Product) -> Outcome {
        forReading(version: product.version, updatedAt: product.updatedAt)
    }

    /// - Parameters:
    ///   - version: That of the product.
    ///   - updatedAt: When it was made.
    func forReading(version: Int64, updatedAt: Timestamp) -> Outcome {
        if ifMatch != nil || ifUnmodifiedSince != nil {
            let required = Self.all([ifMatch.map(Self.condition(requiring:)), unmodified])
            guard required.allows(version: version, updatedAt: updatedAt) else { return .failed }
        }
        switch ifNoneMatch {
        case .any: return .notModified
        case .oneOf(let tags):
            // Weak comparison (section 8.8.3.2): a weak tag matches, too.
            return tags.contains { $0.version == version } ? .notModified : .answer
        case nil:
            guard let ifModifiedSince else { return .answer }
            return updatedAt <= ifModifiedSince ? .notModified : .answer
        }
    }

    /// What must hold of the product for a `PUT`, `PATCH` or `DELETE` to be done.
    func forWriting() -> WriteCondition {
        Self.all([
            ifMatch.map(Self.condition(requiring:)), unmodified, ifNoneMatch.map(Self.condition(excluding:)),
        ])
    }

    private var unmodified: WriteCondition? { ifUnmodifiedSince.map { .unmodified(since: $0) } }

    private static func all(_ conditions: [WriteCondition?]) -> WriteCondition {
        let present = conditions.compactMap { $0 }
        return present.isEmpty ? .exists : .all(present)
    }

    /// Strong comparison (section 8.8.3.2): a weak tag never matches.
    private static func condition(requiring tags: EntityTagCondition) -> WriteCondition {
        switch tags {
        case .any: .exists
        case .oneOf(let tags): .version(in: Set(tags.lazy.filter { !$0.isWeak }.compactMap(\.version)))
        }
    }

    private static func condition(excluding tags: EntityTagCondition) -> WriteCondition {
        switch tags {
        case .any: .isAbsent
        case .oneOf(let tags): .otherVersion(than: Set(tags.compactMap(\.version)))
        }
    }
}
