// SPDX-License-Identifier: Apache-2.0

/// Puts label names and values into the form they have between the braces of a sample.
enum Labels {
    /// How much of a value is kept, in bytes.
    static let maximumValueByteCount = 256

    /// What stands for all the label sets that a metric has no room for.
    static let overflow = "otel_metric_overflow=\"true\""

    /// Pairs sorted by name, `a="1",b="2"`; those without a value left out, which means the same to Prometheus.
    ///
    /// Of pairs of one name the first counts. `le`, and names that begin with two underscores, have `label_` before
    /// them: they are Prometheus' own.
    static func text(of pairs: some Sequence<(String, String)>) -> String {
        var values: [String: String] = [:]
        for (name, value) in pairs where !value.isEmpty {
            let name = self.name(name)
            if values[name] == nil { values[name] = value }
        }
        return values.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }

    static func name(_ name: String) -> String {
        let name = MetricName.sanitised(name)
        return name == "le" || name.hasPrefix("__") ? "label_\(name)" : name
    }

    /// Escaped and cut byte by byte: what looks like one character may hold a quotation mark all the same.
    private static func escaped(_ value: String) -> String {
        var bytes: [UInt8] = []
        for (position, byte) in value.utf8.enumerated() {
            // Cut before a character, not in its midst.
            if position >= maximumValueByteCount - 3, byte & 0xc0 != 0x80 { break }
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0a: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
