// SPDX-License-Identifier: Apache-2.0

/// The five characters in which a server says what kind of error it met.
///
/// Source: the SQL standard; PostgreSQL documentation, appendix A.
public struct SQLState: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// Takes five digits or capital letters; anything else becomes `XX000`, an internal error.
    public init(_ code: String) {
        let isValid =
            code.utf8.count == 5
            && code.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
            }
        description = isValid ? code : "XX000"
    }

    /// The first two characters: the class of the error, of which there are some forty.
    public var errorClass: String { String(description.prefix(2)) }

    public static let featureNotSupported = SQLState("0A000")
    public static let foreignKeyViolation = SQLState("23503")
    public static let uniqueViolation = SQLState("23505")
    public static let checkViolation = SQLState("23514")
    public static let readOnlyTransaction = SQLState("25006")
    public static let invalidStatementName = SQLState("26000")
    public static let serializationFailure = SQLState("40001")
    public static let deadlockDetected = SQLState("40P01")
    public static let diskFull = SQLState("53100")
    public static let tooManyConnections = SQLState("53300")
    public static let lockNotAvailable = SQLState("55P03")
    public static let queryCanceled = SQLState("57014")
    public static let adminShutdown = SQLState("57P01")

    /// Whether another try of a whole transaction may succeed where this one met others.
    var isConflict: Bool { self == .serializationFailure || self == .deadlockDetected }

    /// Whether the connection is of no more use: it is about to end (class 57P), it is out of step (08), or it leads to
    /// a server that takes no writes (25006).
    var retiresConnection: Bool {
        description.hasPrefix("57P") || errorClass == "08" || self == .readOnlyTransaction
    }

    /// Whether a statement prepared before no longer fits: the schema has changed since, or a proxy has lost it.
    var invalidatesPreparedStatement: Bool { self == .featureNotSupported || self == .invalidStatementName }
}
