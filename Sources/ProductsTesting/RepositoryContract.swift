// SPDX-License-Identifier: Apache-2.0

package import Products

/// What every repository promises: one suite, run on each.
///
/// A clause gets an empty repository, and throws when a promise does not hold.
package struct RepositoryContract: Sendable, CustomStringConvertible {
    package typealias Repository = ProductRepository & ProductImporting & CursorKeyStore

    package let description: String
    package let check: @Sendable (any Repository) async throws -> Void

    init(_ description: String, _ check: @escaping @Sendable (any Repository) async throws -> Void) {
        self.description = description
        self.check = check
    }

    package static let clauses = oneProduct + concurrency + idempotency + pages + importing
}

/// A promise that does not hold.
package struct ContractViolation: Error, CustomStringConvertible {
    package let description: String
}

/// Throws a ``ContractViolation`` unless `condition` holds.
func require(
    _ condition: Bool, _ message: @autoclosure () -> String = "", file: StaticString = #fileID, line: UInt = #line
) throws {
    if !condition { throw ContractViolation(description: "\(file):\(line): does not hold: \(message())") }
}

/// Throws a ``ContractViolation`` unless `body` throws `expected`.
func requireError(
    _ expected: ProductError, file: StaticString = #fileID, line: UInt = #line,
    _ body: () async throws(ProductError) -> some Any
) async throws {
    do {
        let value = try await body()
        throw ContractViolation(description: "\(file):\(line): \(value) came where \(expected) was expected")
    } catch let error as ProductError {
        try require(error == expected, "\(error) was thrown where \(expected) was expected", file: file, line: line)
    }
}
