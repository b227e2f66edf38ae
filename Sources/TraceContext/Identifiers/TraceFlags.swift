// SPDX-License-Identifier: Apache-2.0

/// What is said of a whole trace (Trace Context level 2, section 3.2.2.5). Bits without a meaning are not passed on.
public struct TraceFlags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue & 0x03 }

    /// Whoever called may have recorded it.
    public static let sampled = TraceFlags(rawValue: 0x01)
    /// The last seven bytes of the trace id are random.
    public static let random = TraceFlags(rawValue: 0x02)
}
