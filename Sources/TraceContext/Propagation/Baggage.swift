// SPDX-License-Identifier: Apache-2.0

/// The `baggage` header, passed on as it came (W3C Baggage, section 3.3).
///
/// Nothing here acts on it: it comes from whoever calls.
public struct Baggage: Sendable, Hashable {
    /// The name of the header.
    public static let headerName = "baggage"
    /// The longest header that is passed on, in bytes.
    public static let maximumByteCount = 8192
    /// How many members are passed on.
    public static let maximumMemberCount = 64

    /// The members, as the header has them.
    public let text: String

    /// Nil when the text is empty or over a limit, or holds anything but visible ASCII, spaces and tabs: then none of
    /// it is passed on.
    public init?(_ text: String) {
        guard (1...Self.maximumByteCount).contains(text.utf8.count) else { return nil }
        var commaCount = 0
        for byte in text.utf8 {
            guard (0x20...0x7e).contains(byte) || byte == 0x09 else { return nil }
            if byte == UInt8(ascii: ",") { commaCount += 1 }
        }
        guard commaCount < Self.maximumMemberCount else { return nil }
        self.text = text
    }
}
