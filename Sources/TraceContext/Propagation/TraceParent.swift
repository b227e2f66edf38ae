// SPDX-License-Identifier: Apache-2.0

/// The `traceparent` header: `00-TRACE_ID-PARENT_ID-FLAGS` (Trace Context level 2, section 3.2).
public enum TraceParent {
    /// The name of the header.
    public static let headerName = "traceparent"

    /// How long it is in version 00, in bytes.
    public static let byteCount = 55

    /// Reads a header's value; nil when it is malformed, and a new trace is to be started (section 4.3).
    ///
    /// Digits in upper case, version `ff`, ids of zeros and anything behind version 00 are refused. Of a higher version
    /// the four parts that are known are read, when a dash follows them or nothing does. Allocates nothing.
    public static func parse(_ text: some StringProtocol) -> SpanContext? {
        text.utf8.withContiguousStorageIfAvailable(parse) ?? Array(text.utf8).withUnsafeBufferPointer(parse)
    }

    /// Reads a header's value from its bytes, as ``parse(_:)-(StringProtocol)`` does.
    public static func parse(_ text: UnsafeBufferPointer<UInt8>) -> SpanContext? {
        let dash = UInt8(ascii: "-")
        guard text.count >= byteCount, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = Hexadecimal.parse(text[0..<2]), version != 0xff,
            text.count == byteCount || (version > 0 && text[byteCount] == dash),
            let high = Hexadecimal.parse(text[3..<19]), let low = Hexadecimal.parse(text[19..<35]),
            let traceID = TraceID(high: high, low: low),
            let span = Hexadecimal.parse(text[36..<52]), let spanID = SpanID(span),
            let flags = Hexadecimal.parse(text[53..<55])
        else { return nil }
        return SpanContext(
            traceID: traceID, spanID: spanID, flags: TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags)))
    }

    /// Returns the header's value, in version 00.
    public static func serialise(_ context: SpanContext) -> String {
        String(unsafeUninitializedCapacity: byteCount) { bytes in
            let dash = UInt8(ascii: "-")
            (bytes[0], bytes[1], bytes[2], bytes[35], bytes[52], bytes[53]) = (0x30, 0x30, dash, dash, dash, 0x30)
            Hexadecimal.write(context.traceID.high, to: bytes, at: 3)
            Hexadecimal.write(context.traceID.low, to: bytes, at: 19)
            Hexadecimal.write(context.spanID.value, to: bytes, at: 36)
            bytes[54] = 0x30 + context.flags.rawValue
            return byteCount
        }
    }

    /// Appends the header's value, in version 00, without an allocation of its own.
    public static func append(_ context: SpanContext, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: [0x30, 0x30, UInt8(ascii: "-")])
        Hexadecimal.append(context.traceID.high, digitCount: 16, to: &bytes)
        Hexadecimal.append(context.traceID.low, digitCount: 16, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Hexadecimal.append(context.spanID.value, digitCount: 16, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Hexadecimal.append(UInt64(context.flags.rawValue), digitCount: 2, to: &bytes)
    }
}
