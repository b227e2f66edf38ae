// SPDX-License-Identifier: Apache-2.0

/// A key, a value or a word of a command: bytes without any escaping.
public struct RedisArgument: Sendable, Hashable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

    /// A number in decimal digits.
    public init(_ number: some BinaryInteger) { bytes = Array(String(number).utf8) }
}

extension RedisArgument: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral text: String) { self.init(text) }
    public init(integerLiteral number: Int64) { self.init(number) }
}
