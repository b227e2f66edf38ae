// SPDX-License-Identifier: Apache-2.0

/// Why a set of keys is not one that tokens are signed and verified with. Never holds anything of a key.
public struct KeySetError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, from a set that may grow.
    public struct Code: Sendable, Hashable, RawRepresentable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The file cannot be read.
        public static let unreadable = Code(rawValue: "unreadable")
        /// Others than the file's owner and group may read it.
        public static let exposed = Code(rawValue: "exposed")
        /// The text is no JSON Web Key Set.
        public static let malformed = Code(rawValue: "malformed")
        /// A key is shorter than 32 bytes, or no secret at all.
        public static let weakKey = Code(rawValue: "weak_key")
        /// Two keys have one id, or a key among several has none.
        public static let ambiguousKey = Code(rawValue: "ambiguous_key")
        /// There is no key of the type `oct`, or none of the id that was asked for.
        public static let noKey = Code(rawValue: "no_key")
    }

    /// What is wrong.
    public let code: Code
    /// What is wrong, and what to do, in words. Safe to log.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
