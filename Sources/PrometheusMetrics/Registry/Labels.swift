// SPDX-License-Identifier: Apache-2.0

/// Puts label names and values into the form they have between the braces of a sample.
enum Labels {
    /// How much of a value is kept, in bytes.
    static let maximumValueByteCount = 256

    /// What stands for all the label sets that a metric has no room for.
    static let overflow = "otel_metric_overflow=\"true\""

    /// Pairs sorted by name, `a="1",b="2"`; those without a value left out, which means the same to Prometheus. Of pairs of one name the first counts; `le`, and names that begin with two
    /// underscores, have another one before them: they are Prometheus' own.
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

    private static func escaped(_ value: String) -> String {
        var value = value
        if value.utf8.count > maximumValueByteCount {
            while value.utf8.count > maximumValueByteCount { value.removeLast() }
        }
        guard value.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == 0x0a }) else {
            return value
        }
        return value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            // One character to Swift, two to Prometheus.
            case "\r\n": text += "\r\\n"
            default: text.append(character)
            }
        }
    }
}
